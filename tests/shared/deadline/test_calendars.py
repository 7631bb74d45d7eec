"""The calendar that terms are counted on: what was published, and what nobody has said yet."""

from dataclasses import replace
from datetime import date

import pytest

from contracts.reference import CalendarYear, Holiday, calendar_years
from shared.deadline import Calendar, OutsideTheCalendar, deadline
from tests.shared.deadline.periods import CALENDAR, day, working


def test_a_day_is_a_weekday_or_a_weekend_day_worked_in_place_of_one() -> None:
    assert CALENDAR.is_working_day(day("2019-04-30"))
    assert CALENDAR.is_working_day(day("2019-05-05"))
    assert not CALENDAR.is_working_day(day("2019-05-03"))
    assert not CALENDAR.is_working_day(day("2019-05-11"))


def test_a_calendar_knows_the_name_of_a_holiday_and_the_make_up_days() -> None:
    assert CALENDAR.holiday(day("2019-10-05")) == "国庆节"
    assert CALENDAR.holiday(day("2019-10-08")) is None
    assert CALENDAR.is_make_up_day(day("2019-10-12"))
    assert not CALENDAR.is_make_up_day(day("2019-10-11"))


@pytest.mark.parametrize(
    ("on", "provisional"),
    [("2003-12-31", True), ("2004-01-01", False), ("2026-12-31", False), ("2027-01-01", True)],
)
def test_what_was_not_published_is_provisional(on: str, provisional: bool) -> None:
    assert CALENDAR.is_provisional(day(on)) == provisional


def test_a_notice_that_changes_a_year_moves_what_is_still_open() -> None:
    # 2019 before 22 March: one day off for 劳动节, nothing worked for it.
    as_told = next(year for year in calendar_years() if year.year == 2019)
    first_told = replace(
        as_told,
        notices=as_told.notices[:1],
        holidays=tuple(
            replace(holiday, last=holiday.first) if holiday.name == "劳动节" else holiday
            for holiday in as_told.holidays
        ),
        make_up_days=tuple(
            one for one in as_told.make_up_days if one not in {date(2019, 4, 28), date(2019, 5, 5)}
        ),
    )
    term, on = working("2019-04-24", 6), day("2019-04-24")
    before, after = Calendar([first_told]), Calendar([first_told, as_told])
    assert deadline(term, before, on).due == day("2019-05-03")
    assert deadline(term, after, on).due == day("2019-05-05")
    assert deadline(term, after, on) == deadline(term, CALENDAR, on)


def test_working_days_are_counted_after_one_day_and_up_to_another_both_ways() -> None:
    for first, last, days in (
        ("2019-09-27", "2019-10-10", 5),
        ("2019-09-27", "2019-09-29", 1),
        ("2019-09-28", "2019-09-28", 0),
        ("2019-10-01", "2019-10-07", 0),
    ):
        assert CALENDAR.working_days_between(day(first), day(last)) == days
        assert CALENDAR.working_days_between(day(last), day(first)) == -days


def test_a_calendar_without_any_year_is_all_weekdays() -> None:
    empty = Calendar([])
    assert empty.is_working_day(day("2019-10-01"))
    assert not empty.is_working_day(day("2019-10-12"))
    assert deadline(working("2019-09-27", 5), empty, day("2019-09-27")).due == day("2019-10-04")


def test_a_year_that_nobody_counts_is_refused_by_name() -> None:
    nowhere = CalendarYear(
        year=1989,
        notices=(),
        source="—",
        holidays=(Holiday(name="元旦", first=date(1989, 1, 1), last=date(1989, 1, 1)),),
        make_up_days=(),
    )
    with pytest.raises(OutsideTheCalendar):
        Calendar([nowhere])
    with pytest.raises(OutsideTheCalendar):
        CALENDAR.is_working_day(date(2101, 1, 1))
