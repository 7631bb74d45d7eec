"""The workbooks as clerks keep them: mostly on the template, some in their own fashion.

Every fashion is legal: other titles and another order, money in 亿元, numbers and months as
text in full width, several columns in one (county and address, the years of building, the sources
of money in words), lines above the table, a running number beside it and a sum below.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from contracts.intake import ProjectFacts
from contracts.reference import regions, zones
from contracts.reference.organisations import Organisation, planning_bodies
from examples.columns import (
    CATEGORIES,
    HIDDEN_SHEET,
    LEAD_SIDES,
    MONTHS,
    SHEET,
    SOURCES,
    TEMPLATE_VERSION,
    TITLES,
    TRACKS,
    is_money,
)
from examples.plans import Layout, bodies
from examples.projects import HUNDRED_MILLION, ON, TEN_THOUSAND, Example, projects

Cell = str | float | date | None
Write = Callable[[str, Cell], Cell]

PLACE, YEARS, FUNDING = "place", "years", "funding"
"""What some clerks keep in one column."""

_WIDE = str.maketrans("0123456789-,.", "０１２３４５６７８９－，．")


@dataclass(frozen=True)
class Fashion:
    """How a sheet looks: its lines above the header, its columns with their titles, its cells."""

    sheet: str
    above: tuple[str, ...]
    titles: Mapping[str, str]
    write: Write = field(default=lambda _, value: value)
    beside: str | None = None
    below: str | None = None
    of_template: bool = False


def generate(folder: Path) -> list[Path]:
    """Write one workbook for every planning body and give their paths in the order of the plan."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for unit in planning_bodies(ON):
        path = folder / name_of(unit)
        path.write_bytes(workbook_of(unit))
        paths.append(path)
    return paths


def name_of(unit: Organisation) -> str:
    """Give the name of a body's file."""
    number = planning_bodies(ON).index(unit) + 1
    return f"{number:02d}-{unit.id}-{unit.short_name}-附件1.xlsx"


def workbook_of(unit: Organisation) -> bytes:
    """Write the workbook of one body in the fashion of its clerks."""
    own = [example for example in projects() if example.owner == unit.id]
    layout = next(body.layout for body in bodies() if body.id == unit.id)
    return workbook(unit, own, layout)


def workbook(unit: Organisation, own: Sequence[Example], layout: Layout) -> bytes:
    """Write the workbook of one body."""
    fashion = _fashion(unit, layout)
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(
            {
                "title": "附件1 谋划项目基本情况表（演示数据）",
                "author": "示例",
                # The day of the writing would make every file another one.
                "created": datetime.combine(ON, time()),
            }
        )
        _write_table(book, book.add_worksheet(fashion.sheet), fashion, own)
        if fashion.of_template:
            hidden = book.add_worksheet(HIDDEN_SHEET)
            hidden.hide()
            hidden.write_row(0, 0, ["template", TEMPLATE_VERSION])
    return buffer.getvalue()


def _write_table(
    book: xlsxwriter.Workbook, sheet: Worksheet, fashion: Fashion, own: Sequence[Example]
) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "align": "center"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for row, line in enumerate(fashion.above):
        sheet.write_string(row, 0, line)
    header = len(fashion.above)
    begin = 1 if fashion.beside else 0
    if fashion.beside:
        sheet.write_string(header, 0, fashion.beside, bold)
    for place, (key, title) in enumerate(fashion.titles.items(), start=begin):
        sheet.write_string(header, place, title, bold)
        sheet.set_column(place, place, _WIDTHS.get(key, 16))
    for number, example in enumerate(own, start=1):
        cells = _cells(example)
        if fashion.beside:
            sheet.write_number(header + number, 0, number)
        for place, key in enumerate(fashion.titles, start=begin):
            value = fashion.write(key, cells.get(key))
            if isinstance(value, date):
                sheet.write_datetime(header + number, place, datetime.combine(value, time()), day)
            elif isinstance(value, str):
                sheet.write_string(header + number, place, value)
            elif value is not None:
                sheet.write_number(header + number, place, value)
    if fashion.below:
        last = header + len(own) + 1
        total = sum(example.facts.total_investment or 0 for example in own) / TEN_THOUSAND
        sheet.write_string(last, 0, fashion.below)
        sheet.write_number(last, begin + list(fashion.titles).index("total_investment"), total)
    sheet.freeze_panes(header + 1, 0)


_WIDTHS = {"name": 32, "content": 44, "location.address": 26, PLACE: 34, FUNDING: 36}


def _cells(example: Example) -> dict[str, Cell]:
    """Give a project's cells as the template has them, and those of columns that hold several."""
    facts, contact = example.facts, example.contact
    cells: dict[str, Cell] = {
        "name": facts.name,
        "project_code": facts.project_code,
        "content": facts.content,
        "location.region": _region(facts.location.region),
        "location.address": facts.location.address,
        PLACE: facts.location.address,
        "location.zone_id": _zone(facts.location.zone_id),
        "builder.name": facts.builder.name,
        "builder.uscc": facts.builder.uscc,
        "total_investment": _number(facts.total_investment),
        FUNDING: "，".join(
            f"{SOURCES[part.source]} {part.amount // TEN_THOUSAND}万元" for part in facts.funding
        ),
        "planned_start": facts.planned_start,
        "contact.name": contact.name,
        "contact.phone": contact.phone,
        "category": facts.category and CATEGORIES[facts.category],
        "track": facts.track and TRACKS[facts.track],
        "lead_side": facts.lead_side and LEAD_SIDES[facts.lead_side],
        "industry": facts.industry,
        "preparation": facts.preparation,
        "build_from": facts.build_from,
        "build_until": facts.build_until,
        YEARS: _years(facts),
        "annual_plan": facts.annual_plan,
        "needs": facts.needs,
        "remarks": facts.remarks,
    }
    return cells | {f"funding.{part.source}": _number(part.amount) for part in facts.funding}


def _region(code: str | None) -> str | None:
    return next((row.name for row in regions(ON) if row.code == code), None)


def _zone(zone_id: str | None) -> str | None:
    return next((row.short_name for row in zones(ON) if row.id == zone_id), None)


def _number(yuan: int | None) -> float | None:
    return None if yuan is None else yuan / TEN_THOUSAND


def _years(facts: ProjectFacts) -> str:
    return "—".join(_spoken(month) for month in (facts.build_from, facts.build_until) if month)


def _spoken(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def _fashion(unit: Organisation, layout: Layout) -> Fashion:
    title = "附件1  谋划项目基本情况表"
    match layout:
        case "template":
            line = f"报送单位：{unit.name}　　金额单位：万元"
            return Fashion(SHEET, (title, line), TITLES, of_template=True)
        case "hundred_millions":
            titles = _without_owner(TITLES)
            for key in titles:
                if is_money(key):
                    titles[key] = titles[key].replace("万元", "亿元")
            return Fashion("汇总", (f"{unit.short_name}谋划项目汇总表",), titles, _hundred_millions)
        case "titled":
            above = (f"{unit.name}文件", title, "填报日期：2019年4月22日", "单位：万元")
            titles = _joined(TITLES)
            return Fashion("Sheet1", above, titles, _spoken_months, "序号", "合计")
        case "typed":
            titles = _without_owner(TITLES) | _renamed(
                "content", "建设内容及规模", "builder.name", "建设单位", "contact.name", "联系人"
            )
            return Fashion("项目表", (title,), titles, _full_width)
        case "reordered":
            titles = dict(reversed(_without_owner(TITLES).items())) | _renamed(
                "name", "谋划项目名称", "planned_start", "拟开工时间", "industry", "所属行业"
            )
            # No column of ours: the reader leaves it out.
            titles["office"] = "科室意见"
            return Fashion("2019年谋划", (), titles, _real_days, "编号")


def _without_owner(titles: Mapping[str, str]) -> dict[str, str]:
    return {key: title for key, title in titles.items() if key != "owner"}


def _joined(titles: Mapping[str, str]) -> dict[str, str]:
    """Put one column where the template has several that belong together."""
    ones = {"location": (PLACE, "建设地点"), "build": (YEARS, "建设起止年限")}
    ones["funding"] = (FUNDING, "资金来源")
    joined: dict[str, str] = {}
    for key, title in _without_owner(titles).items():
        group = "build" if key.startswith("build_") else key.partition(".")[0]
        one, name = (key, title) if key == "location.zone_id" else ones.get(group, (key, title))
        joined[one] = name
    return joined


def _renamed(*pairs: str) -> dict[str, str]:
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _hundred_millions(key: str, value: Cell) -> Cell:
    if is_money(key) and isinstance(value, float):
        return value / HUNDRED_MILLION
    return value


def _spoken_months(key: str, value: Cell) -> Cell:
    return _spoken(value) if key in MONTHS and isinstance(value, str) else value


def _full_width(key: str, value: Cell) -> Cell:
    if is_money(key) and isinstance(value, float):
        return f"{value:,.0f}".translate(_WIDE)
    if key in MONTHS and isinstance(value, str):
        return value.replace("-", ".")
    if key == "contact.phone" and isinstance(value, str):
        return value.translate(_WIDE)
    return value


def _real_days(key: str, value: Cell) -> Cell:
    if key in MONTHS and isinstance(value, str):
        return date.fromisoformat(f"{value}-01")
    return value
