"""The sheet of opening stock: 附件1 as far as it is known, then how each project stood on a day."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter
from pydantic import JsonValue
from python_calamine import CalamineError, CalamineWorkbook

from contracts.intake import Pool
from services.intake.workbook import cells
from services.intake.workbook.cells import Unreadable
from services.intake.workbook.columns import COLUMNS, Column
from shared.workbook.cells import Value, half_width, shown

SHEET = "期初项目"
_SEARCHED_ROWS = 10
_LEFT_OUT = {"contact.name", "contact.phone", "annual_plan", "needs"}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_POOLS = {"谋划库": Pool.PLAN, "前期库": Pool.PREP, "建设库": Pool.BUILD, "投产库": Pool.PROD}
_PERMITS = {
    "project_approval": "立项文件文号",
    "land_permit": "用地批准文号",
    "planning_permit": "规划许可证号",
    "environment_approval": "环评批复文号",
    "construction_permit": "施工许可证号",
}
_DAYS = {
    "entered_on": "入库日期",
    "pool_since": "进入现库日期",
    "started_on": "开工日期",
    "finished_on": "竣工日期",
}
_REQUIRED = {
    *("owner", "name", "location.region", "builder.name", "total_investment"),
    *("pool", "entered_on", "evidence.source_document"),
}


def _of_stock(key: str, title: str, hint: str, choices: Mapping[str, str] | None = None) -> Column:
    return Column(key, title, "choice" if choices else "text", hint, choices=choices or {})


STOCK_COLUMNS: tuple[Column, ...] = tuple(
    replace(column, required=column.key in _REQUIRED)
    for column in (
        *(column for column in COLUMNS if column.key not in _LEFT_OUT),
        _of_stock("pool", "所在库", "期初日所在的库。", _POOLS),
        _of_stock("entered_on", _DAYS["entered_on"], "最早进入四库的日期，如 2018-03-20。"),
        _of_stock("pool_since", _DAYS["pool_since"], "调过库的填进入现库的日期，没有调过留空。"),
        replace(
            _of_stock("invested_in_all", "自开工累计完成投资（万元）", "到期初日。"), kind="money"
        ),
        replace(
            _of_stock("invested_this_year", "本年完成投资（万元）", "期初日所在年，到期初日。"),
            kind="money",
        ),
        _of_stock("started_on", _DAYS["started_on"], "已开工的填，如 2018-04-02。"),
        _of_stock("finished_on", _DAYS["finished_on"], "已竣工的填。"),
        _of_stock("evidence.source_document", "来源文件文号", "原来列入该库的文件或名单的文号。"),
        *(
            _of_stock(f"evidence.{sort}", title, "已取得的填文号，没有留空。")
            for sort, title in _PERMITS.items()
        ),
    )
)


class UnfitSheet(Exception):
    """The file is no sheet of stock; the message says why and what to do."""


@dataclass(frozen=True)
class Line:
    """One project of the sheet: its row, the body for the door, or what is wrong in its cells."""

    number: int
    body: Mapping[str, JsonValue]
    wrong: tuple[str, ...] = ()


def write_template(path: Path) -> None:
    """Write the empty sheet."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        title = {"bold": True, "border": 1, "bg_color": "#DCE6F1", "text_wrap": True}
        head, must = book.add_format(title), book.add_format({**title, "color": "#C00000"})
        text = book.add_format({"num_format": "@"})
        money = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet(SHEET)
        for place, column in enumerate(STOCK_COLUMNS):
            sheet.write_string(0, place, column.title, must if column.required else head)
            word = "必填。" if column.required else "可不填。"
            sheet.write_comment(0, place, word + column.hint, {"x_scale": 2})
            look = money if column.kind == "money" else text
            sheet.set_column(place, place, column.width, look)
            if column.kind == "choice":
                labels = list(column.choices)
                sheet.data_validation(1, place, 2000, place, {"validate": "list", "source": labels})
        sheet.freeze_panes(1, 2)
    path.write_bytes(buffer.getvalue())


def read_sheet(path: Path) -> list[Line]:
    """Read a sheet of stock.

    Raises:
        UnfitSheet: it is no workbook, or has no row of titles with all that must be there.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
        rows: Sequence[Sequence[Value]] = book.get_sheet_by_index(0).to_python()
    except (CalamineError, OSError, IndexError) as error:
        raise UnfitSheet(f"{path.name} 打不开，请用 Excel 另存为 .xlsx 再装。") from error
    begin, places = _header(rows)
    found = []
    for number, row in enumerate(rows[begin + 1 :], start=begin + 2):
        if any(shown(cell) for cell in row):
            found.append(_line(number, row, places))
    if not found:
        raise UnfitSheet(f"{path.name} 里只有表头，没有项目。")
    return found


def _header(rows: Sequence[Sequence[Value]]) -> tuple[int, dict[int, Column]]:
    titles = {half_width(column.title): column for column in STOCK_COLUMNS}
    for number, row in enumerate(rows[:_SEARCHED_ROWS]):
        typed = [half_width(shown(cell)) for cell in row]
        places = {place: titles[title] for place, title in enumerate(typed) if title in titles}
        if len(places) < len(_REQUIRED):
            continue
        known = {column.key for column in places.values()}
        missing = [c.title for c in STOCK_COLUMNS if c.required and c.key not in known]
        unknown = [title for title in typed if title and title not in titles]
        if missing:
            raise UnfitSheet(f"表头缺 {'、'.join(missing)}。请用模板填写。")
        if unknown:
            raise UnfitSheet(f"表头有不认识的列：{'、'.join(unknown)}。请删去或改成模板里的列名。")
        return number, places
    raise UnfitSheet("前 10 行里没有期初表的表头。请用 siku import opening --template 写出的模板。")


def _line(number: int, row: Sequence[Value], places: Mapping[int, Column]) -> Line:
    filled: dict[str, str] = {}
    wrong: list[str] = []
    for place, column in places.items():
        cell = row[place] if place < len(row) else ""
        try:
            value = _read(column)(cell)
        except Unreadable as error:
            wrong.append(f"{error.message}{error.remedy}")
            continue
        if value:
            filled[column.key] = value
        elif column.required:
            wrong.append(f"{column.title}没有填。")
    return Line(number, _body(filled), tuple(wrong))


def _read(column: Column) -> Callable[[Value], str | None]:
    """Give what reads the cells of a column."""
    if column.key == "pool":
        return _pool
    if column.key in _DAYS:
        return lambda cell: _day(cell, column.title)
    match column.kind:
        case "money":
            return lambda cell: cells.amount(cell, "万元", column.title)
        case "month":
            return lambda cell: cells.month(cell, column.title)
        case "code":
            return lambda cell: cells.code(cell, column)
        case "choice":
            return lambda cell: cells.choice(cell, column)
        case _:
            return cells.free_text


def _pool(cell: Value) -> str | None:
    text = shown(cell).strip()
    if not text:
        return None
    if text not in _POOLS:
        raise Unreadable("choice", f"所在库“{text[:20]}”不在可选范围内。", "请从四个库中选。")
    return _POOLS[text].value


def _day(cell: Value, title: str) -> str | None:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = half_width(shown(cell))
    if not text:
        return None
    if read := _DAY.fullmatch(text):
        try:
            return date(int(read[1]), int(read[2]), int(read[3])).isoformat()
        except ValueError:
            pass
    raise Unreadable("day", f"{title}“{text[:20]}”不是日期。", "请按 2018-03-20 填写。")


def _body(cells_of: Mapping[str, str]) -> dict[str, JsonValue]:
    """Put cells where the door's body has them."""

    def of(group: str) -> dict[str, str]:
        begin = f"{group}."
        return {k.removeprefix(begin): v for k, v in cells_of.items() if k.startswith(begin)}

    body: dict[str, JsonValue] = {k: v for k, v in cells_of.items() if "." not in k}
    for group in ("location", "builder"):
        body[group] = {**of(group)}
    body["funding"] = [{"source": s, "amount": a} for s, a in of("funding").items()]
    body["evidence"] = [{"sort": s, "document_number": n} for s, n in of("evidence").items()]
    return body
