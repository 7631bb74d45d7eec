"""A year day by day, and what another edition of it changes."""

from datetime import date

import pytest

from contracts.reference import CalendarYear, Holiday, calendar_years
from shared.deadline import Calendar, DayKind, changes, days_of

YEARS = {year.year: year for year in calendar_years()}


def year(*holidays: Holiday, make_up_days: tuple[date, ...] = ()) -> CalendarYear:
    return CalendarYear(
        year=2019, notices=("x",), source="x", holidays=holidays, make_up_days=make_up_days
    )


def off(first: int, last: int, name: str = "劳动节") -> Holiday:
    return Holiday(name=name, first=date(2019, 5, first), last=date(2019, 5, last))


@pytest.mark.parametrize("number", [2004, 2019, 2020, 2027])
def test_a_year_has_the_working_days_that_terms_are_counted_on(number: int) -> None:
    calendar = Calendar([YEARS[number]])
    for day in days_of(number, YEARS[number]):
        assert day.is_worked == calendar.is_working_day(day.day), day
        assert day.holiday == calendar.holiday(day.day)


def test_a_year_that_nobody_entered_runs_monday_to_friday() -> None:
    kinds = {day.kind for day in days_of(2040, None)}
    assert kinds == {DayKind.COUNTED, DayKind.WEEKEND}
    assert len(days_of(2040, None)) == 366
    assert all(day.is_worked == (day.day.weekday() < 5) for day in days_of(2040, None))


def test_what_a_notice_changes_is_named_day_by_day() -> None:
    found = changes(2019, year(off(1, 1)), year(off(1, 4), make_up_days=(date(2019, 5, 5),)))
    assert [(one.becomes.day.day, one.was.kind, one.becomes.kind) for one in found] == [
        (2, DayKind.COUNTED, DayKind.HOLIDAY),
        (3, DayKind.COUNTED, DayKind.HOLIDAY),
        (4, DayKind.WEEKEND, DayKind.HOLIDAY),
        (5, DayKind.WEEKEND, DayKind.MAKE_UP),
    ]


def test_another_name_for_the_same_day_off_is_a_change() -> None:
    (one,) = changes(2019, year(off(1, 1)), year(off(1, 1, name="五一节")))
    assert (one.was.holiday, one.becomes.holiday) == ("劳动节", "五一节")


def test_the_same_days_change_nothing() -> None:
    assert changes(2019, year(off(1, 4)), year(off(1, 4))) == ()
    # In two rows or in one: the days are the same.
    assert changes(2019, year(off(1, 2), off(3, 4)), year(off(1, 4))) == ()
