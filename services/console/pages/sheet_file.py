"""A list written into a file: one sheet of rows as Excel opens it, or text with commas."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Generic, TypeVar

import xlsxwriter
from xlsxwriter.format import Format as Look
from xlsxwriter.worksheet import Worksheet

from shared.clock import SHANGHAI
from shared.spreadsheets import XLSX

RowT = TypeVar("RowT")
Cell = str | int | Decimal | date | datetime | None
MEDIA = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}

# A spreadsheet takes a text that begins so for a formula, wide signs included.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_WIDEST, _NARROWEST = 48, 8


@dataclass(frozen=True)
class Column(Generic[RowT]):
    """One column of a list: its title with the unit of its figures, and what a row has there."""

    title: str
    of: Callable[[RowT], Cell]


@dataclass(frozen=True)
class Table:
    """A list as it goes into a file; ``about`` says what it is, which filter, up to when."""

    name: str
    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    about: Mapping[str, str]


def table(
    name: str,
    columns: Sequence[Column[RowT]],
    rows: Iterable[RowT],
    about: Mapping[str, str] | None = None,
) -> Table:
    """Lay rows out under their columns."""
    return Table(
        name,
        tuple(column.title for column in columns),
        tuple(tuple(column.of(row) for column in columns) for row in rows),
        about or {},
    )


def written(given: Table, form: str) -> bytes:
    """Write a table as ``xlsx`` or ``csv``."""
    return _xlsx(given) if form == "xlsx" else _csv(given)


def _csv(given: Table) -> bytes:
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow(map(_safe, given.titles))
    lines.writerows([_safe(cell) for cell in row] for row in given.rows)
    # Without the mark in front Excel reads Chinese as something else.
    return text.getvalue().encode("utf-8-sig")


def _safe(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case str() if cell.lstrip(" ")[:1] in _FORMULA:
            return f"'{cell}"
        case _:
            return str(cell)


def _xlsx(given: Table) -> bytes:
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties({"title": given.name})
        head = workbook.add_format(
            {"bold": True, "border": 1, "bg_color": "#DCE6F1", "text_wrap": True, "valign": "top"}
        )
        looks = {
            "whole": workbook.add_format({"num_format": "#,##0"}),
            "money": workbook.add_format({"num_format": "#,##0.00##"}),
            "day": workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "instant": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
            "text": workbook.add_format({"num_format": "@"}),
        }
        sheet = workbook.add_worksheet("清单")
        for place, title in enumerate(given.titles):
            sheet.write_string(0, place, title, head)
            widest = max((_width(row[place]) for row in given.rows), default=0)
            wide = min(_WIDEST, max(_NARROWEST, _width(title), widest))
            sheet.set_column(place, place, wide + 2)
        for number, row in enumerate(given.rows, start=1):
            for place, cell in enumerate(row):
                _put(sheet, number, place, cell, looks)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(given.rows), max(0, len(given.titles) - 1))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        about = workbook.add_worksheet("说明")
        about.set_column(0, 0, 12)
        about.set_column(1, 1, 80)
        for number, (word, text) in enumerate(given.about.items()):
            about.write_string(number, 0, word)
            about.write_string(number, 1, text)
    return buffer.getvalue()


def _put(sheet: Worksheet, row: int, place: int, cell: Cell, looks: Mapping[str, Look]) -> None:
    match cell:
        case None | "":
            return
        case str():
            sheet.write_string(row, place, cell, looks["text"])
        case Decimal():
            sheet.write_number(row, place, cell, looks["money"])
        case int():
            sheet.write_number(row, place, cell, looks["whole"])
        case datetime():
            local = cell.astimezone(SHANGHAI).replace(tzinfo=None)
            sheet.write_datetime(row, place, local, looks["instant"])
        case date():
            sheet.write_datetime(row, place, cell, looks["day"])


def _width(cell: Cell) -> int:
    text = _safe(cell)
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text[:_WIDEST])
