"""The workbooks as clerks keep them: mostly on the template, some in their own fashion.

Every fashion is legal: other titles and another order, money in 亿元, numbers and months as
text in full width, county and address in one column, lines above the table, a running number
beside it and a sum below.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from contracts.reference import Organisation, planning_bodies
from examples.plans import Layout, bodies
from examples.projects import HUNDRED_MILLION, ON, Example, projects
from services.intake.doors.forms import ProjectForm
from services.intake.workbook.columns import (
    BY_KEY,
    COLUMNS,
    HIDDEN_SHEET,
    PLACE,
    TEMPLATE_SHEET,
    TEMPLATE_VERSION,
)

Cell = str | float | date | None
Write = Callable[[str, Cell], Cell]

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
    layouts = {body.id: body.layout for body in bodies()}
    paths = []
    for number, unit in enumerate(planning_bodies(ON), start=1):
        own = [example for example in projects() if example.owner == unit.id]
        path = folder / f"{number:02d}-{unit.id}-{unit.short_name}-附件1.xlsx"
        path.write_bytes(workbook(unit, own, layouts[unit.id]))
        paths.append(path)
    return paths


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
        sheet.set_column(place, place, BY_KEY[key].width if key in BY_KEY else 30)
    for number, example in enumerate(own, start=1):
        cells = _cells(example.form)
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
        total = float(sum(example.form.total_investment or 0 for example in own))
        sheet.write_string(last, 0, fashion.below)
        sheet.write_number(last, begin + list(fashion.titles).index("total_investment"), total)
    sheet.freeze_panes(header + 1, 0)


def _cells(form: ProjectForm) -> dict[str, Cell]:
    """Give a form's cells as the template has them."""
    contact = form.contact_as_typed()
    cells: dict[str, Cell] = {
        "name": form.name,
        "project_code": form.project_code,
        "content": form.content,
        "location.region": _label("location.region", form.location.region),
        "location.address": form.location.address,
        PLACE: form.location.address,
        "location.zone_id": _label("location.zone_id", form.location.zone_id),
        "builder.name": form.builder.name,
        "builder.uscc": form.builder.uscc,
        "total_investment": _number(form.total_investment),
        "planned_start": form.planned_start,
        "contact.name": contact.name if contact else None,
        "contact.phone": contact.phone if contact else None,
        "category": _label("category", form.category),
        "track": _label("track", form.track),
        "lead_side": _label("lead_side", form.lead_side),
        "industry": form.industry,
        "preparation": form.preparation,
        "build_from": form.build_from,
        "build_until": form.build_until,
        "annual_plan": form.annual_plan,
        "needs": form.needs,
        "remarks": form.remarks,
    }
    return cells | {f"funding.{part.source}": _number(part.amount) for part in form.funding}


def _label(key: str, code: str | None) -> str | None:
    return next((label for label, known in BY_KEY[key].choices.items() if known == code), None)


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _fashion(unit: Organisation, layout: Layout) -> Fashion:
    usual = {column.key: column.title for column in COLUMNS}
    title = "附件1  谋划项目基本情况表"
    match layout:
        case "template":
            line = f"报送单位：{unit.name}　　金额单位：万元"
            return Fashion(TEMPLATE_SHEET, (title, line), usual, of_template=True)
        case "hundred_millions":
            titles = _without_owner(usual)
            for key in titles:
                if _kind(key) == "money":
                    titles[key] = titles[key].replace("万元", "亿元")
            return Fashion("汇总", (f"{unit.short_name}谋划项目汇总表",), titles, _hundred_millions)
        case "titled":
            above = (f"{unit.name}文件", title, "填报日期：2019年4月22日", "单位：万元")
            titles = {
                PLACE if key == "location.region" else key: title
                for key, title in _without_owner(usual).items()
                if key != "location.address"
            } | {PLACE: "建设地点"}
            return Fashion("Sheet1", above, titles, _spoken_months, "序号", "合计")
        case "typed":
            titles = _without_owner(usual) | _renamed(
                "content", "建设内容及规模", "builder.name", "建设单位", "contact.name", "联系人"
            )
            return Fashion("项目表", (title,), titles, _full_width)
        case "reordered":
            titles = dict(reversed(_without_owner(usual).items())) | _renamed(
                "name", "谋划项目名称", "planned_start", "拟开工时间", "industry", "所属行业"
            )
            # No column of ours: the reader leaves it out.
            titles["office"] = "科室意见"
            return Fashion("2019年谋划", (), titles, _real_days, "编号")


def _without_owner(titles: Mapping[str, str]) -> dict[str, str]:
    return {key: title for key, title in titles.items() if key != "owner"}


def _renamed(*pairs: str) -> dict[str, str]:
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _kind(key: str) -> str:
    return BY_KEY[key].kind if key in BY_KEY else "text"


def _hundred_millions(key: str, value: Cell) -> Cell:
    if _kind(key) == "money" and isinstance(value, float):
        return value / HUNDRED_MILLION
    return value


def _spoken_months(key: str, value: Cell) -> Cell:
    if _kind(key) == "month" and isinstance(value, str):
        year, month = value.split("-")
        return f"{year}年{int(month)}月"
    return value


def _full_width(key: str, value: Cell) -> Cell:
    if _kind(key) == "money" and isinstance(value, float):
        return f"{value:,.0f}".translate(_WIDE)
    if _kind(key) == "month" and isinstance(value, str):
        return value.replace("-", ".")
    if key == "contact.phone" and isinstance(value, str):
        return value.translate(_WIDE)
    return value


def _real_days(key: str, value: Cell) -> Cell:
    if _kind(key) == "month" and isinstance(value, str):
        return date.fromisoformat(f"{value}-01")
    return value
