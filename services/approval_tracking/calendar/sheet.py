"""A year as a sheet 类型 | 名称 | 首日 | 末日 (.xlsx, .csv): read whole, or refused row by row."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from itertools import islice

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from contracts.approval_tracking import Holiday
from services.approval_tracking.calendar.commands import Days
from services.approval_tracking.calendar.rules import LONGEST_HOLIDAY
from shared.refusals import Problem, UnreadableInput
from shared.workbook.limits import scan
from shared.workbook.refusals import NotAWorkbook, WorkbookDamaged, WorkbookTooLarge

COLUMNS = ("类型", "名称", "首日", "末日")
OFF, WORKED = "放假", "调休上班"
LARGEST = 200 * 1024
"""A year is some dozen rows; more is no calendar, and is read by the process that answers."""
MOST_ROWS = 200
_SEARCHED_ROWS = 10
_KINDS = {OFF: OFF, "假日": OFF, WORKED: WORKED, "调休": WORKED, "上班": WORKED, "补班": WORKED}
_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)

Cell = object
Row = Sequence[Cell]


class NoDays(NotAWorkbook):
    """The file has no table of days off."""

    code = "no_days"
    title = "没有找到放假安排"


@dataclass
class _Found:
    holidays: list[Holiday] = field(default_factory=list)
    make_up_days: list[date] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_sheet(data: bytes, year: int) -> Days:
    """Read the days of a year; a day without a year is of this one.

    Raises:
        UnfitWorkbook: the file is none that can be read; one of its kinds says why.
        UnreadableInput: rows that cannot be understood, each with its number in the sheet.
    """
    if len(data) > LARGEST:
        raise WorkbookTooLarge(
            f"文件超过 {LARGEST // 1024} KB，一年的放假安排用不了这么大。请用模板另填一份。"
        )
    rows = _of_workbook(data) if data.startswith(b"PK") else _of_text(data)
    found = _Found()
    for number, row in _below_header(rows):
        _take(number, row, year, found)
    if found.problems:
        raise UnreadableInput(
            f"有 {len(found.problems)} 处读不懂，请按提示改好后再传。", errors=found.problems
        )
    return Days(
        tuple(sorted(found.holidays, key=lambda one: (one.first, one.last))),
        tuple(sorted(found.make_up_days)),
    )


def _of_workbook(data: bytes) -> list[Row]:
    scan(data)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            return list(sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS))
    except CalamineError as error:
        raise WorkbookDamaged(
            "文件已损坏，表格读不出来。请用 WPS 或 Excel 打开，另存为 .xlsx 后再传。"
        ) from error


def _of_text(data: bytes) -> list[Row]:
    # Excel in Chinese writes a .csv in the old encoding unless it is told otherwise.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return [*islice(csv.reader(StringIO(text, newline="")), MOST_ROWS)]
    raise NotAWorkbook("这不是 .xlsx 或 .csv 表格。请下载模板，填好后再传。")


def _below_header(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    numbered = enumerate(rows, start=1)
    for number, row in numbered:
        names = [_plain(cell) for cell in row]
        if set(COLUMNS[:3]) <= set(names):
            places = [names.index(name) if name in names else None for name in COLUMNS]
            break
        if number == _SEARCHED_ROWS:
            raise _no_days()
    else:
        raise _no_days()
    nothing = True
    for number, row in numbered:
        cells = ["" if p is None or p >= len(row) else row[p] for p in places]
        if any(_plain(cell) for cell in cells):
            nothing = False
            yield number, cells
    if nothing:
        raise NoDays("表头下面没有内容。请填好后再传，并核对传的是不是填好的那一份。")


def _no_days() -> NoDays:
    return NoDays(f"没有找到表头“{'、'.join(COLUMNS)}”。请下载模板，填好后再传。")


def _take(number: int, row: Row, year: int, found: _Found) -> None:
    kind = _KINDS.get(_plain(row[0]))
    if kind is None:
        found.problems.append(
            _problem(number, "类型", f"“{_plain(row[0])}”读不懂。", f"请填“{OFF}”或“{WORKED}”。")
        )
    first, last = _day(row[2], year), _day(row[3], year)
    last = first if last is None and not _plain(row[3]) else last
    for label, cell, day in (("首日", row[2], first), ("末日", row[3], last)):
        if day is None and (label == "首日" or _plain(cell)):
            found.problems.append(
                _problem(
                    number, label, f"“{_plain(cell)}”不是日期。", f"请填日期，如 {year}-05-01。"
                )
            )
    if kind is None or first is None or last is None:
        return
    if kind == OFF:
        found.holidays.append(Holiday(name=_plain(row[1]), first=first, last=last))
        return
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_HOLIDAY:
        found.problems.append(
            _problem(number, "末日", f"（{last}）与首日（{first}）不相称。", "请核对首日和末日。")
        )
        return
    found.make_up_days += [first + timedelta(n) for n in range(length)]


def _problem(number: int, label: str, message: str, remedy: str) -> Problem:
    return Problem(f"row.{number}", label, "unreadable", f"第 {number} 行{label}{message}", remedy)


def _day(cell: Cell, year: int) -> date | None:
    match cell:
        case datetime():
            return cell.date()
        case date():
            return cell
        case _:
            read = _DAY.fullmatch(_plain(cell))
    if read is None:
        return None
    try:
        return date(int(read[1] or year), int(read[2]), int(read[3]))
    except ValueError:
        return None


def _plain(cell: Cell) -> str:
    return "".join(unicodedata.normalize("NFKC", str(cell)).split())


def write_sheet(year: int, days: Days) -> bytes:
    """Write a year as the sheet that ``read_sheet`` reads: a template, or what is in force."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as workbook:
        # The same days give the same bytes.
        workbook.set_properties({"title": f"{year} 年工作日历", "created": datetime(year, 1, 1)})  # noqa: DTZ001
        head = workbook.add_format({"bold": True, "border": 1, "bg_color": "#DCE6F1"})
        day = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        sheet = workbook.add_worksheet(f"{year}")
        sheet.write_row(0, 0, COLUMNS, head)
        sheet.set_column(0, 3, 16)
        sheet.freeze_panes(1, 0)
        sheet.data_validation(1, 0, MOST_ROWS, 0, {"validate": "list", "source": [OFF, WORKED]})
        rows = [(OFF, one.name, one.first, one.last) for one in days.holidays]
        rows += [(WORKED, "", one, one) for one in days.make_up_days]
        for number, (kind, name, first, last) in enumerate(rows, start=1):
            sheet.write_row(number, 0, [kind, name])
            sheet.write_datetime(number, 2, first, day)
            sheet.write_datetime(number, 3, last, day)
    return buffer.getvalue()
