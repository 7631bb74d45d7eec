"""Reads a clerk's spreadsheet: finds the sheet with the table, remarks on what it leaves out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from services.intake.workbook.cells import Unit
from services.intake.workbook.columns import HIDDEN_SHEET, REQUIRED, TEMPLATE_VERSION
from services.intake.workbook.header import SEARCHED_ROWS, Header, find_header
from services.intake.workbook.row_reading import SHOWN_AT, RowRead, RowReader
from shared.workbook.cells import letter_of, shown
from shared.workbook.limits import MOST_ROWS, SheetMarks, scan
from shared.workbook.marking import TablePlace
from shared.workbook.refusals import (
    NoHeaderFound,
    TooManyRows,
    WorkbookDamaged,
    WorkbookEmpty,
    WorkbookEncrypted,
)
from shared.workbook.secrecy import refuse_marked


@dataclass(frozen=True)
class WorkbookRead:
    """A workbook: where its table is, in which unit, and its rows."""

    sheet: str
    header_row: int
    unit: Unit
    template_version: str | None
    rows: tuple[RowRead, ...]
    remarks: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> TablePlace:
        """Where problems are marked."""
        return TablePlace(self.sheet, self.header_row, self.columns)


def read_workbook(data: bytes, name: str) -> WorkbookRead:
    """Read a workbook whose file has this name.

    Raises:
        UnfitWorkbook: one of its kinds says why the file is not read.
    """
    scanned = scan(data)
    refuse_marked(data)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            return _read(workbook, scanned.sheets, name)
    except PasswordError as error:
        raise WorkbookEncrypted("文件设有密码，无法读取。请取消密码后再传。") from error
    except CalamineError as error:
        raise WorkbookDamaged(
            "文件已损坏，表格读不出来。请用 WPS 或 Excel 打开，另存为 .xlsx 后再传。"
        ) from error


def _read(
    workbook: CalamineWorkbook, marks: Mapping[str, SheetMarks], file_name: str
) -> WorkbookRead:
    version = _template_version(workbook)
    tables: list[tuple[CalamineSheet, Header]] = []
    nothing = True
    for about in workbook.sheets_metadata:
        if about.typ is not SheetTypeEnum.WorkSheet or about.name == HIDDEN_SHEET:
            continue
        sheet = workbook.get_sheet_by_name(about.name)
        top = sheet.to_python(skip_empty_area=False, nrows=SEARCHED_ROWS)
        nothing = nothing and not top
        header = find_header(top, sheet.merged_cell_ranges or ())
        if header is not None and about.visible is SheetVisibleEnum.Visible:
            tables.append((sheet, header))
    if not tables:
        raise _no_header(nothing, file_name)
    # The sheet that names most columns; among equals the first.
    sheet, header = max(tables, key=lambda table: len(table[1].columns))
    grid = sheet.to_python(skip_empty_area=False)
    reader = RowReader(header, marks.get(sheet.name, SheetMarks()))
    rows = reader.rows(grid)
    if not rows:
        raise WorkbookEmpty(
            f"“{sheet.name}”工作表的表头（第 {header.last + 1} 行）下面没有项目。"
            "请填好后再传，并核对传的是不是填好的那一份。"
        )
    if len(rows) > MOST_ROWS:
        raise TooManyRows(f"有 {len(rows):,} 个项目，一次最多 {MOST_ROWS:,} 行。请分成几份上传。")
    others = [other.name for other, _ in tables if other.name != sheet.name]
    return WorkbookRead(
        sheet=sheet.name,
        header_row=header.last + 1,
        unit=header.units.get("total_investment", "万元"),
        template_version=version,
        rows=tuple(rows),
        remarks=(*_remarks(header, version, others), *reader.remarks),
        columns={
            key: letter_of(place) for key, place in reader.places.items() if key not in SHOWN_AT
        },
    )


def _no_header(nothing: bool, file_name: str) -> WorkbookEmpty | NoHeaderFound:
    if nothing:
        return WorkbookEmpty(f"“{file_name}”里没有内容。请核对传的是不是填好的那一份。")
    titles = "、".join(column.title for column in REQUIRED)
    return NoHeaderFound(
        f"没有找到附件1的表头（查看了各工作表的前 {SEARCHED_ROWS} 行）。应有这些列：{titles}。"
        "请下载模板，把内容粘贴进去后再传。"
    )


def _template_version(workbook: CalamineWorkbook) -> str | None:
    if HIDDEN_SHEET not in workbook.sheet_names:
        return None
    rows = workbook.get_sheet_by_name(HIDDEN_SHEET).to_python(skip_empty_area=False, nrows=1)
    row = rows[0] if rows else []
    return shown(row[1]) if len(row) > 1 and row[0] == "template" else None


def _remarks(header: Header, version: str | None, others: Sequence[str]) -> list[str]:
    remarks = []
    if version is not None and version != TEMPLATE_VERSION:
        remarks.append(f"表格用的是旧版模板（{version}），已按列名读取；下次请下载新模板。")
    remarks += [f"另有工作表“{name}”也有附件1的表头，没有读入。" for name in others]
    if header.missing:
        remarks.append("表中没有这些必填的列：" + "、".join(header.missing) + "。")
    remarks += [
        f"第 {letter_of(place)} 列“{title[:30]}”与另一列意思相同，没有读入。"
        for place, title in header.twice
    ]
    if header.unknown:
        named = "、".join(f"{letter_of(place)}“{title[:30]}”" for place, title in header.unknown)
        remarks.append(f"这些列不属于附件1，没有读入：{named}。")
    return remarks
