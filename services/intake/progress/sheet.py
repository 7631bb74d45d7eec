"""The sheet of a month: a row for each project of a unit, filled in and read back by its titles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from io import BytesIO

import xlsxwriter

from contracts.intake import FundingSource
from services.intake.progress.measures import ReportRules

PROJECT = "项目编号（勿改）"
_USES: Mapping[str, str] = {
    "construction": "建筑工程（万元）",
    "installation": "安装工程（万元）",
    "equipment": "设备工器具购置（万元）",
    "other": "其他费用（万元）",
}
_FUNDS: Mapping[FundingSource, str] = {
    FundingSource.BUDGET: "到位：预算内（万元）",
    FundingSource.SPECIAL_BOND: "到位：专项债券（万元）",
    FundingSource.LOAN: "到位：银行贷款（万元）",
    FundingSource.FOREIGN: "到位：利用外资（万元）",
    FundingSource.SELF_RAISED: "到位：企业自筹（万元）",
    FundingSource.OTHER: "到位：其他资金（万元）",
}
_TEXT, _PROBLEMS, _REASON, _CHECKED = "进展情况", "存在问题", "更正或冲减原因", "已核对提示"
_KNOWN = ("项目名称", "到上月本年（万元）", "到上月累计（万元）", "总投资（万元）")
_HINT_RULES = (
    "more_than_total",
    "large_month",
    "mostly_other",
    "not_started",
    "nothing_invested",
    "fell_back",
)


@dataclass(frozen=True)
class Line:
    """A project as the sheet shows it before anything is filled in; money in 万元 as text."""

    project_id: str
    name: str
    this_year: str
    in_all: str
    total: str
    reached: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Filled:
    """A row as it was filled in: the form that is meant, and the title behind each place in it."""

    project_id: str
    form: Mapping[str, object]
    titles: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in: of this project nothing is reported."""
        return not self.form


def write_sheet(month: str, unit: str, lines: Sequence[Line], rules: ReportRules) -> bytes:
    """Write the sheet of a month for a unit; milestones stand where they were left."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        made = datetime.combine(datetime.fromisoformat(f"{month}-01").date(), time())
        workbook.set_properties({"title": f"{month} 月报", "created": made})
        sheet = workbook.add_worksheet(f"{month} 月报")
        bold = workbook.add_format({"bold": True, "font_size": 14})
        known = workbook.add_format({"bg_color": "#EEF1F4", "border": 1, "text_wrap": True})
        asked = workbook.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"}
        )
        sheet.write_string(0, 0, f"{int(month[:4])}年{int(month[5:])}月 项目月报", bold)
        sheet.write_string(
            1,
            0,
            f"报送单位：{unit}　　金额单位：万元，只填本月的数，形象进度口径。"
            "没有填任何数和文字的行不报。里程碑填到本月末的比例；"
            "完成的写 100 和日期，如 100 2019-05-20。",
        )
        titles = [PROJECT, *_KNOWN, *_asked(rules)]
        for place, title in enumerate(titles):
            sheet.write_string(2, place, title, known if place <= len(_KNOWN) else asked)
            sheet.set_column(place, place, 24 if place == 1 else 14)
        for number, line in enumerate(lines, start=3):
            values = (line.project_id, line.name, line.this_year, line.in_all, line.total)
            for place, value in enumerate(values):
                sheet.write_string(number, place, value, known)
            for milestone in rules.milestones:
                if percent := line.reached.get(milestone.code):
                    place = titles.index(_milestone(milestone.name))
                    sheet.write_string(number, place, str(percent))
        sheet.set_row(2, 48)
        sheet.freeze_panes(3, 2)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
    return buffer.getvalue()


def filled_in(cells: Mapping[str, str], rules: ReportRules) -> Filled:
    """Read a row back as the form that is meant; what is no number is left to the form."""
    titles: dict[str, str] = {f"invested.{use}": title for use, title in _USES.items()}
    funds: list[dict[str, str]] = []
    for source, title in _FUNDS.items():
        if amount := cells.get(title, ""):
            titles[f"funds.{len(funds)}"] = title
            funds.append({"source": source.value, "amount": amount})
    milestones: list[dict[str, object]] = []
    for milestone in rules.milestones:
        title = _milestone(milestone.name)
        if typed := cells.get(title, "").replace("%", " ").split(maxsplit=1):
            titles[f"milestones.{len(milestones)}"] = title
            reached = typed[1].strip() if len(typed) > 1 else None
            milestones.append(
                {"milestone": milestone.code, "percent": typed[0], "reached_on": reached}
            )
    problems = list(_problems(cells.get(_PROBLEMS, "")))
    titles |= {f"problems.{n}": _PROBLEMS for n in range(len(problems))}
    titles |= {"text": _TEXT, "reason": _REASON, "problems": _PROBLEMS}
    invested = {use: cells.get(title, "") for use, title in _USES.items()}
    # Milestones stand in the sheet from the beginning: alone they report nothing.
    said = any((*invested.values(), funds, problems, cells.get(_TEXT), cells.get(_REASON)))
    form: dict[str, object] = {
        "invested": invested,
        "funds": funds,
        "milestones": milestones,
        "problems": problems,
        "text": cells.get(_TEXT, ""),
        "reason": cells.get(_REASON, ""),
        "accepted_hints": _HINT_RULES if cells.get(_CHECKED, "") == "是" else (),
    }
    return Filled(cells.get(PROJECT, ""), form if said else {}, titles)


def _problems(text: str) -> Iterator[dict[str, str]]:
    for one in text.replace("；", "\n").replace(";", "\n").splitlines():
        if one.strip():
            yield {"text": one.strip()}


def _asked(rules: ReportRules) -> list[str]:
    return [
        *_USES.values(),
        *_FUNDS.values(),
        *(_milestone(one.name) for one in rules.milestones),
        _TEXT,
        _PROBLEMS,
        _REASON,
        _CHECKED,
    ]


def _milestone(name: str) -> str:
    return f"形象：{name}（%）"
