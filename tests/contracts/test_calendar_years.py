"""The working days of the reference data are those that were published."""

import re
from datetime import date, timedelta

import pytest

from contracts.reference import CalendarYear, calendar_years, earlier_calendar_years
from shared.deadline import changes
from tests.contracts import gazetted

YEARS = {year.year: year for year in calendar_years()}


@pytest.mark.parametrize("year", gazetted.YEARS)
def test_every_published_year_is_as_the_package_has_it(year: int) -> None:
    ours = YEARS[year]
    assert [(one.name, one.first, one.last) for one in ours.holidays] == list(
        gazetted.days_off(year)
    )
    assert list(ours.make_up_days) == gazetted.make_up_days(year)
    assert not ours.provisional


def test_a_year_is_written_as_the_file_has_it() -> None:
    file = (gazetted.FILE).read_text("utf-8")
    for year in (2004, 2007):
        assert gazetted.rows(year) in file


def test_years_follow_one_another_and_those_without_a_notice_come_last() -> None:
    assert list(YEARS) == list(range(2004, 2029))
    assert [year for year, row in YEARS.items() if row.provisional] == [2027, 2028]


def test_every_published_year_since_2008_names_its_notices() -> None:
    for year, row in YEARS.items():
        assert bool(row.notices) == (2008 <= year <= 2026), year
        for notice in row.notices:
            number = re.fullmatch(r"国(?:办)?发明电〔(\d{4})〕\d+号", notice)
            assert number, notice
            assert int(number[1]) in {year - 1, year}, notice


@pytest.mark.parametrize(("year", "days"), [(2019, 250), (2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_notice_leaves(year: int, days: int) -> None:
    row = YEARS[year]
    off = days_off(row)
    all_days = (date(year, 1, 1) + timedelta(n) for n in range(366))
    weekdays = {day for day in all_days if day.year == year and day.weekday() < 5}
    assert len((weekdays - off) | set(row.make_up_days)) == days


CHANGED = {
    2015: {"09-03", "09-04", "09-06"},
    2019: {"04-28", "05-02", "05-03", "05-04", "05-05"},
    2020: {"01-31", "02-01", "02-02"},
}


def test_a_year_that_a_notice_changed_while_it_ran_is_also_as_it_stood_before() -> None:
    earlier = {row.year: row for row in earlier_calendar_years()}
    assert set(earlier) == set(CHANGED) == {year for year, row in YEARS.items() if row.reason}
    for year, before in earlier.items():
        assert before.notices == YEARS[year].notices[:-1]
        found = changes(year, before, YEARS[year])
        assert {f"{one.becomes.day:%m-%d}" for one in found} == CHANGED[year], year


@pytest.mark.parametrize("row", YEARS.values(), ids=str)
def test_only_weekend_days_that_are_no_holiday_make_up(row: CalendarYear) -> None:
    assert all(day.weekday() >= 5 for day in row.make_up_days)
    assert not days_off(row) & set(row.make_up_days)
    assert {day.year for day in days_off(row) | set(row.make_up_days)} == {row.year}


def days_off(row: CalendarYear) -> set[date]:
    return {
        one.first + timedelta(n)
        for one in row.holidays
        for n in range((one.last - one.first).days + 1)
    }
