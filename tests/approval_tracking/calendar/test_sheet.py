"""A year comes and goes as a sheet that an office keeps: .xlsx or .csv, one row a holiday."""

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter

from contracts.approval_tracking import Holiday
from contracts.reference import calendar_years
from services.approval_tracking.calendar.commands import Days
from services.approval_tracking.calendar.sheet import LARGEST, NoDays, read_sheet, write_sheet
from shared.refusals import UnreadableInput
from shared.workbook.refusals import NotAWorkbook, UnfitWorkbook, WorkbookTooLarge
from tests.approval_tracking.years import AS_REVISED, days_of

HEADER = "类型,名称,首日,末日\n"


def read(rows: str, encoding: str = "utf-8") -> Days:
    return read_sheet((HEADER + rows).encode(encoding), 2019)


def wrong(rows: str) -> list[tuple[str, str]]:
    with pytest.raises(UnreadableInput) as caught:
        read(rows)
    assert all(one.remedy for one in caught.value.errors)
    return [(one.field, one.message) for one in caught.value.errors]


@pytest.mark.parametrize("row", calendar_years(), ids=lambda row: str(row.year))
def test_what_is_written_reads_the_same(row: object) -> None:
    days = days_of(row)  # type: ignore[arg-type]
    assert read_sheet(write_sheet(2019, days), 2019) == days


def test_an_empty_template_has_no_days_yet() -> None:
    with pytest.raises(NoDays, match="没有内容"):
        read_sheet(write_sheet(2027, Days((), ())), 2027)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_reads_in_either_encoding(encoding: str) -> None:
    days = read("放假,劳动节,2019-05-01,2019-05-04\n调休上班,,2019-04-28,\n", encoding)
    assert days == Days(
        (Holiday(name="劳动节", first=date(2019, 5, 1), last=date(2019, 5, 4)),),
        (date(2019, 4, 28),),
    )


@pytest.mark.parametrize(
    "day", ["2019-05-01", "2019/5/1", "2019年5月1日", "5月1日", "５月１日", "5.1"]
)
def test_a_day_is_read_as_people_write_it(day: str) -> None:
    assert read(f"放假,劳动节,{day},\n").holidays[0].first == date(2019, 5, 1)


def test_one_day_needs_no_last_day_and_days_in_a_row_may_share_a_row() -> None:
    days = read("上班,,2月2日,2月3日\n放假,清明节,4月5日,\n")
    assert days.make_up_days == (date(2019, 2, 2), date(2019, 2, 3))
    assert days.holidays[0].last == date(2019, 4, 5)


def test_a_title_above_the_header_and_other_columns_do_not_matter() -> None:
    sheet = "2019年放假安排,,,,\n\n备注,首日,类型,名称,末日\nx,2019-05-01,放假,劳动节,2019-05-04\n"
    assert read_sheet(sheet.encode(), 2019).holidays == (AS_REVISED.holidays[3],)


def test_each_wrong_cell_is_named_with_its_row() -> None:
    assert wrong(
        "放假,劳动节,五一,2019-05-04\n加班,,2019-04-28,\n放假,端午节,2019-06-07,月底\n"
    ) == [
        ("row.2", "第 2 行首日“五一”不是日期。"),
        ("row.3", "第 3 行类型“加班”读不懂。"),
        ("row.4", "第 4 行末日“月底”不是日期。"),
    ]


def test_a_day_that_does_not_exist_is_no_day() -> None:
    assert wrong("放假,春节,2019-02-29,\n") == [("row.2", "第 2 行首日“2019-02-29”不是日期。")]


def test_make_up_days_that_run_backwards_or_for_months_are_refused() -> None:
    for last in ("2019-04-01", "2019-08-01"):
        ((field, _),) = wrong(f"调休上班,,2019-04-28,{last}\n")
        assert field == "row.2"


def test_a_sheet_without_the_header_is_refused_with_a_way_out() -> None:
    with pytest.raises(NoDays, match="请下载模板"):
        read_sheet("节日,从,到\n劳动节,5.1,5.4\n".encode(), 2019)


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"PK\3\4 cut off", b"%PDF-1.4\n"])
def test_what_is_no_table_is_not_read(data: bytes) -> None:
    with pytest.raises(UnfitWorkbook):
        read_sheet(data, 2019)


def test_a_file_in_no_encoding_that_we_know_is_refused() -> None:
    with pytest.raises(NotAWorkbook, match="xlsx"):
        read_sheet(b"\xff\xff\xff\xff", 2019)


def test_a_file_larger_than_any_year_is_not_read() -> None:
    with pytest.raises(WorkbookTooLarge):
        read_sheet(b"PK" + b"0" * LARGEST, 2019)


def test_a_workbook_with_dates_as_text_reads_too() -> None:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet("放假安排")
        sheet.write_row(0, 0, ["类型", "名称", "首日", "末日"])
        sheet.write_row(1, 0, ["放假", "劳动节", "2019.5.1", "2019.5.4"])
    assert read_sheet(buffer.getvalue(), 2019).holidays == (AS_REVISED.holidays[3],)
