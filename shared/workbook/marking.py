"""Gives the clerk's own file back with every wrong cell marked and the sentences beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from shared.workbook.limits import scan

ERRORS_TITLE = "错误信息"
_AUTHOR = "四库"
_WRONG, _HINT = "FFFFC7CE", "FFFFEB9C"
_FILLS = {
    color: PatternFill("solid", start_color=color, end_color=color) for color in (_WRONG, _HINT)
}
_LONGEST = 32_000
_COMMENT_WIDTH, _COMMENT_HEIGHT = 320, 110


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell; a hint does not bar the row."""

    key: str
    letter: str
    rule: str
    message: str
    remedy: str
    hint: bool = False


@dataclass(frozen=True)
class TablePlace:
    """Where a table stands in a file: its sheet, the row of its header, its columns' letters."""

    sheet: str
    header_row: int
    columns: Mapping[str, str]


def mark_workbook(
    data: bytes, table: TablePlace, problems: Mapping[int, Sequence[CellProblem]]
) -> bytes:
    """Mark the problems of each row, by its number in the file; what else is there stays.

    Raises:
        UnfitWorkbook: the file is not one that may be read.
    """
    scan(data)
    workbook = load_workbook(BytesIO(data), rich_text=True)
    sheet = workbook[table.sheet]
    _clear_old_marks(sheet, table.header_row)
    errors = _errors_column(sheet, table)
    for number, found in problems.items():
        if found:
            _mark_row(sheet, number, errors, found)
    workbook.active = workbook.index(sheet)
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _clear_old_marks(sheet: Worksheet, header_row: int) -> None:
    """Take away what an earlier marking left, so that what was corrected is no longer red."""
    for row in sheet.iter_rows(min_row=header_row + 1):
        for cell in row:
            if cell.comment is not None and cell.comment.author == _AUTHOR:
                cell.comment = None
                if isinstance(cell, Cell) and cell.fill.start_color.rgb in _FILLS:
                    cell.fill = PatternFill()


def _errors_column(sheet: Worksheet, table: TablePlace) -> int:
    """Give the column for the sentences: the one of an earlier marking, or one after the last."""
    last = max((column_index_from_string(letter) for letter in table.columns.values()), default=1)
    for row in sheet.iter_rows(min_row=table.header_row):
        for cell in row:
            if cell.value is None:
                continue
            if cell.row == table.header_row and cell.value == ERRORS_TITLE:
                for old in range(table.header_row + 1, sheet.max_row + 1):
                    sheet.cell(old, cell.column).value = None
                return int(cell.column)
            last = max(last, cell.column)
    column = last + 1
    title = _cell_at(sheet, f"{get_column_letter(column)}{table.header_row}")
    title.font, title.alignment = Font(bold=True), Alignment(horizontal="center", wrap_text=True)
    _write(title, ERRORS_TITLE)
    sheet.column_dimensions[get_column_letter(column)].width = 60
    return column


def _mark_row(sheet: Worksheet, number: int, errors: int, problems: Sequence[CellProblem]) -> None:
    by_letter: dict[str, list[CellProblem]] = {}
    for problem in problems:
        if problem.letter:
            by_letter.setdefault(problem.letter, []).append(problem)
    for letter, found in by_letter.items():
        _mark_cell(_cell_at(sheet, f"{letter}{number}"), found)
    told = _cell_at(sheet, f"{get_column_letter(errors)}{number}")
    _write(told, "\n".join(_sentence(problem, number) for problem in problems)[:_LONGEST])
    told.alignment = Alignment(wrap_text=True, vertical="center")
    told.font = Font(color="FF9C0006" if any(not p.hint for p in problems) else "FF7F6000")


def _cell_at(sheet: Worksheet, place: str) -> Cell:
    cell = sheet[place]
    if isinstance(cell, MergedCell):
        for merged in sheet.merged_cells.ranges:
            if place in merged:
                cell = sheet.cell(merged.min_row, merged.min_col)
    if not isinstance(cell, Cell):
        raise TypeError(place)
    return cell


def _mark_cell(cell: Cell, problems: Sequence[CellProblem]) -> None:
    cell.fill = _FILLS[_WRONG if any(not problem.hint for problem in problems) else _HINT]
    said = "\n".join(_said(problem) for problem in problems)
    if cell.comment is not None:
        said = f"{said}\n\n{cell.comment.text}"
    cell.comment = Comment(said[:_LONGEST], _AUTHOR, width=_COMMENT_WIDTH, height=_COMMENT_HEIGHT)


def _sentence(problem: CellProblem, number: int) -> str:
    place = f"{problem.letter}{number} " if problem.letter else ""
    return place + _said(problem)


def _said(problem: CellProblem) -> str:
    return f"{'提示：' if problem.hint else ''}{problem.message}{problem.remedy}"


def _write(cell: Cell, text: str) -> None:
    """Write text that stays text, whatever sign it begins with."""
    cell.value = _printable(text)
    cell.data_type = "s"


def _printable(text: str) -> str:
    return "".join(c for c in text if c >= " " or c in "\n\t")
