"""Why this date? The strip of days from the start of a period to its end, and what each one is."""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from shared.deadline.calendars import Calendar
from shared.deadline.counting import deadline
from shared.deadline.terms import Pause, Period, Unit


class DayKind(StrEnum):
    """What a day is to a period."""

    BEFORE = "BEFORE"
    """The starting day, which does not count."""
    PAUSED = "PAUSED"
    OVERDUE = "OVERDUE"
    """It would have counted, but the term was over."""
    MAKE_UP = "MAKE_UP"
    """A weekend day that is worked, so it counts."""
    COUNTED = "COUNTED"
    HOLIDAY = "HOLIDAY"
    WEEKEND = "WEEKEND"


class Day(NamedTuple):
    """One day of the strip.

    Attributes:
        day: the day.
        kind: what it is to the period.
        number: how many days have counted by its end; after the due day, how many are overdue.
        holiday: the name of the holiday that it belongs to, whether it counts or not.
        pause: what stopped the clock on it, with reason and basis; of several the earliest.
        provisional: its year was not published yet.
    """

    day: date
    kind: DayKind
    number: int
    holiday: str | None
    pause: Pause | None
    provisional: bool


def explain(period: Period, calendar: Calendar, as_of: date) -> tuple[Day, ...]:
    """Lay out every day from the start to the due day or ``as_of``, whichever is later.

    The numbers agree with ``deadline``: on the due day it is the whole term, on ``as_of`` what is
    used, or overdue.

    Raises:
        OutsideTheCalendar: a day that is needed lies before 1990 or after 2100.
    """
    due = deadline(period, calendar, as_of).due
    pauses = sorted(period.pauses, key=lambda pause: pause.first)
    strip = [_day(calendar, period.start, DayKind.BEFORE, 0)]
    used = overdue = 0
    for day in _days_after(period.start, max(as_of, due or as_of)):
        kind = _kind(period.term.unit, calendar, day)
        if due is not None and day > due:
            if kind in _COUNT:
                kind, overdue = DayKind.OVERDUE, overdue + 1
            strip.append(_day(calendar, day, kind, overdue))
        elif (pause := _pause_on(pauses, day)) is not None:
            strip.append(_day(calendar, day, DayKind.PAUSED, used, pause))
        else:
            used += kind in _COUNT
            strip.append(_day(calendar, day, kind, used))
    return tuple(strip)


_COUNT = {DayKind.COUNTED, DayKind.MAKE_UP}


def _kind(unit: Unit, calendar: Calendar, day: date) -> DayKind:
    if unit is not Unit.WORKING_DAYS:
        return DayKind.COUNTED
    if calendar.is_make_up_day(day):
        return DayKind.MAKE_UP
    if calendar.is_working_day(day):
        return DayKind.COUNTED
    return DayKind.WEEKEND if calendar.holiday(day) is None else DayKind.HOLIDAY


def _day(
    calendar: Calendar, day: date, kind: DayKind, number: int, pause: Pause | None = None
) -> Day:
    return Day(day, kind, number, calendar.holiday(day), pause, calendar.is_provisional(day))


def _pause_on(pauses: Iterable[Pause], day: date) -> Pause | None:
    for pause in pauses:
        if pause.first <= day and (pause.last is None or day <= pause.last):
            return pause
    return None


def _days_after(start: date, last: date) -> Iterator[date]:
    for ordinal in range(start.toordinal() + 1, last.toordinal() + 1):
        yield date.fromordinal(ordinal)
