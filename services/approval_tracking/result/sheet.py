"""The sheet of results: its template, and each row of a filled one by the names of columns."""

from collections.abc import Mapping
from datetime import date, datetime, time
from io import BytesIO

import xlsxwriter

from services.approval_tracking.result.rules import LABELS, STEPS

CODE_TITLE = LABELS["project_code"]
"""The title by which the table is found in a file."""
_HINTS: Mapping[str, str] = {
    "platform": "必填。如：山西省投资项目在线审批监管平台。",
    "project_code": "必填。国家统一的投资项目代码，按它找到项目。",
    "project_name": "可不填。按代码找不到项目时供人工匹配。",
    "item": "必填。事项编号（见“事项”工作表）或事项名称。",
    "step": "必填。从下拉中选。",
    "happened_on": "必填。这一步发生的日期，如 2019-04-19；复表填停表的最后一日。",
    "document_number": "办结的填批复、许可的文号；停表的填告知书文号。",
    "valid_until": "可不填。",
    "reason": "补正告知填一次告知的全部内容，用分号隔开；停表、不予许可、撤回申请、撤销填原因。",
    "basis": "不予许可、撤销必填。",
    "procedure": "停表必填。如：专家评审、听证。",
    "expected_days": "停表必填。预计停表的天数。",
}
_WIDTHS: Mapping[str, int] = {"platform": 24, "project_code": 28, "project_name": 28, "reason": 36}
_PREPARED_ROWS = 2_000


def write_template(items: Mapping[str, str], on: date) -> bytes:
    """Write the empty sheet as of a day, with the catalogue's items by number on a second one."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        # The same day gives the same bytes.
        made = datetime.combine(on, time())
        workbook.set_properties({"title": "审批办理结果", "created": made})
        header = workbook.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"}
        )
        text = workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet("办理结果")
        for place, (name, title) in enumerate(LABELS.items()):
            sheet.set_column(place, place, _WIDTHS.get(name, 16), text)
            sheet.write_string(0, place, title, header)
            sheet.write_comment(0, place, _HINTS[name], {"x_scale": 2})
        step = list(LABELS).index("step")
        choices = {"validate": "list", "source": list(STEPS), "error_message": "请从下拉中选。"}
        sheet.data_validation(1, step, _PREPARED_ROWS, step, choices)
        sheet.freeze_panes(1, 2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        known = workbook.add_worksheet("事项")
        known.write_row(0, 0, ["编号", "事项名称"], header)
        known.set_column(1, 1, 48)
        for row, (code, name) in enumerate(items.items(), start=1):
            known.write_row(row, 0, [code, name])
    return buffer.getvalue()


def said_in(cells: Mapping[str, str]) -> dict[str, str]:
    """Give a row's cells by the names of their columns."""
    return {name: cells[title] for name, title in LABELS.items() if title in cells}
