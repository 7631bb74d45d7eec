"""A year day by day: what each day is, and which days another edition of the year changes."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from shared.deadline.calendars import Year
from shared.deadline.explaining import DayKind


class YearDay(NamedTuple):
    """A day of a year: COUNTED, MAKE_UP, HOLIDAY or WEEKEND, and the name of its holiday."""

    day: date
    kind: DayKind
    holiday: str | None

    @property
    def is_worked(self) -> bool:
        """Tell whether it is a working day."""
        return self.kind in {DayKind.COUNTED, DayKind.MAKE_UP}


class Change(NamedTuple):
    """A day that another edition of its year makes something else."""

    was: YearDay
    becomes: YearDay


def days_of(number: int, year: Year | None) -> tuple[YearDay, ...]:
    """Lay out every day of a year; one that nobody has entered runs Monday to Friday."""
    names: dict[date, str] = {}
    for holiday in year.holidays if year else ():
        for day in _from_to(holiday.first, holiday.last):
            names[day] = holiday.name
    make_up = set(year.make_up_days) if year else set()
    return tuple(
        YearDay(day, _kind(day, names, make_up), names.get(day))
        for day in _from_to(date(number, 1, 1), date(number, 12, 31))
    )


def changes(number: int, before: Year | None, after: Year | None) -> tuple[Change, ...]:
    """Give the days that differ between two editions of a year, in order: in kind or in name."""
    return tuple(
        Change(was, becomes)
        for was, becomes in zip(days_of(number, before), days_of(number, after), strict=True)
        if was != becomes
    )


def _kind(day: date, names: dict[date, str], make_up: set[date]) -> DayKind:
    if day in make_up:
        return DayKind.MAKE_UP
    if day in names:
        return DayKind.HOLIDAY
    return DayKind.COUNTED if day.weekday() < 5 else DayKind.WEEKEND


def _from_to(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(number)
