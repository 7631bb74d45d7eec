"""A table of our own making, filled in: found by one title, its cells read as they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from shared.workbook.cells import letter_of, shown
from shared.workbook.limits import scan
from shared.workbook.refusals import NoHeaderFound, WorkbookDamaged, WorkbookEncrypted
from shared.workbook.secrecy import refuse_marked

_SEARCHED_ROWS = 30


@dataclass(frozen=True)
class TableRow:
    """A row: its number in the file, and its cells by the title of their column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class TableRead:
    """A table: where it is, the letter of each titled column, and its rows that are not empty."""

    sheet: str
    header_row: int
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[TableRow, ...] = ()


def read_table(data: bytes, title: str) -> TableRead:
    """Read the first visible sheet that has a column of this title.

    Raises:
        UnfitWorkbook: one of its kinds says why the file is not read.
    """
    scan(data)
    refuse_marked(data)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            for about in workbook.sheets_metadata:
                seen = about.visible is SheetVisibleEnum.Visible
                if not seen or about.typ is not SheetTypeEnum.WorkSheet:
                    continue
                grid = workbook.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
                texts = [[shown(value) for value in row] for row in grid]
                if (table := _found(about.name, texts, title)) is not None:
                    return table
    except PasswordError as error:
        raise WorkbookEncrypted("文件设有密码，无法读取。请取消密码后再传。") from error
    except CalamineError as error:
        raise WorkbookDamaged(
            "文件已损坏，表格读不出来。请用 WPS 或 Excel 打开，另存为 .xlsx 后再传。"
        ) from error
    raise NoHeaderFound(
        f"没有找到“{title}”这一列（查看了各工作表的前 {_SEARCHED_ROWS} 行）。"
        "请下载模板，在里面填好再传。"
    )


def _found(sheet: str, grid: list[list[str]], title: str) -> TableRead | None:
    for n, row in enumerate(grid[:_SEARCHED_ROWS]):
        if title not in row:
            continue
        titles = {text: place for place, text in reversed(list(enumerate(row))) if text}
        rows = [
            TableRow(number, {text: cells[place] for text, place in titles.items()})
            for number, cells in enumerate(grid[n + 1 :], start=n + 2)
            if any(cells)
        ]
        letters = {text: letter_of(place) for text, place in titles.items()}
        return TableRead(sheet, n + 1, letters, tuple(rows))
    return None
