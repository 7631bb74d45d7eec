"""The empty 附件1: drop-downs, a hint at every column, units in the header, its version inside."""

from datetime import datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from services.intake.project.rules import Form
from services.intake.workbook.columns import (
    COLUMNS,
    HIDDEN_SHEET,
    TEMPLATE_SHEET,
    TEMPLATE_VERSION,
    Column,
)

HEADER_ROW = 2
"""Counted from 0: a title and a line for the unit stand above."""
_PREPARED_ROWS = 2_000
_FONT = "宋体"


def write_template(form: Form, unit_name: str) -> bytes:
    """Write the empty sheet for a unit, with the regions and zones of the form's day."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as workbook:
        # The same day gives the same bytes.
        workbook.set_properties(
            {"title": "附件1 谋划项目基本情况表", "created": datetime.combine(form.on, time())}
        )
        styles = _styles(workbook)
        sheet = workbook.add_worksheet(TEMPLATE_SHEET)
        lists = workbook.add_worksheet(HIDDEN_SHEET)
        lists.hide()
        lists.write_row(0, 0, ["template", TEMPLATE_VERSION])
        last = len(COLUMNS) - 1
        sheet.merge_range(0, 0, 0, last, "附件1  谋划项目基本情况表", styles["title"])
        line = f"报送单位：{unit_name}　　金额单位：万元"
        sheet.merge_range(1, 0, 1, last, line, styles["line"])
        for place, column in enumerate(COLUMNS):
            _write_column(sheet, lists, place, column, labels_of(column, form), styles)
        sheet.set_row(HEADER_ROW, 36)
        name = next(i for i, column in enumerate(COLUMNS) if column.key == "name")
        sheet.freeze_panes(HEADER_ROW + 1, name + 1)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.repeat_rows(HEADER_ROW)
        sheet.fit_to_pages(1, 0)
    return buffer.getvalue()


def labels_of(column: Column, form: Form) -> tuple[str, ...]:
    """Give the labels that a column's drop-down offers on the form's day."""
    in_force: dict[str, frozenset[str]] = {
        "location.region": frozenset(form.regions),
        "location.zone_id": frozenset(form.zones),
        "industry": frozenset(form.industries),
    }
    codes = in_force.get(column.key)
    return tuple(label for label, code in column.choices.items() if codes is None or code in codes)


def _styles(workbook: xlsxwriter.Workbook) -> dict[str, Format]:
    header = {
        "font_name": _FONT,
        "bold": True,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
        "border": 1,
        "bg_color": "#DCE6F1",
    }
    cell = {"font_name": _FONT, "valign": "vcenter", "text_wrap": True}
    return {
        "title": workbook.add_format(
            {"font_name": _FONT, "bold": True, "font_size": 16, "align": "center"}
        ),
        "line": workbook.add_format({"font_name": _FONT}),
        "header": workbook.add_format(header),
        "required": workbook.add_format(header | {"font_color": "#C00000"}),
        "text": workbook.add_format(cell | {"num_format": "@"}),
        "money": workbook.add_format(cell | {"num_format": "#,##0.00"}),
    }


def _write_column(
    sheet: Worksheet,
    lists: Worksheet,
    place: int,
    column: Column,
    labels: tuple[str, ...],
    styles: dict[str, Format],
) -> None:
    style = "required" if column.required else "header"
    sheet.write_string(HEADER_ROW, place, column.title, styles[style])
    must = "必填。" if column.required else "可不填。"
    sheet.write_comment(HEADER_ROW, place, must + column.hint, {"x_scale": 2})
    # Months, codes and telephones stay as typed: a number format would turn them into something.
    sheet.set_column(
        place, place, column.width, styles["money" if column.kind == "money" else "text"]
    )
    first, last = HEADER_ROW + 1, HEADER_ROW + _PREPARED_ROWS
    told = {"input_title": column.title[:32], "input_message": (must + column.hint)[:255]}
    if not labels:
        sheet.data_validation(first, place, last, place, {"validate": "any"} | told)
        return
    lists.write_column(1, place, labels)
    letter = xl_col_to_name(place)
    source = f"={HIDDEN_SHEET}!${letter}$2:${letter}${1 + len(labels)}"
    rule: dict[str, Any] = {"validate": "list", "source": source}
    if column.kind == "choice":
        rule |= {"error_title": column.title[:32], "error_message": "请从下拉中选。"}
    else:
        # The list is only an offer: finer codes may be typed.
        rule |= {"show_error": False}
    sheet.data_validation(first, place, last, place, rule | told)
