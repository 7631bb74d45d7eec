"""Counts a period on a calendar: what is used, what is left, and on which days it turns."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from shared.deadline.calendars import (
    EVERY_DAY,
    Calendar,
    Counting,
    OutsideTheCalendar,
    day_of,
    index_of,
)
from shared.deadline.terms import Pause, Period, Policy, Unit, months_after

Stops = Sequence[tuple[int, int]]
"""Paused days from one to another, both included: in order, apart, after the start."""


class Deadline(NamedTuple):
    """How a period stands on a day. Counts are days of its own unit; months count as days.

    Attributes:
        total: the whole term, extensions and rolling over included.
        elapsed: what is used; the day itself counts if it is a day that counts.
        remaining: ``total - elapsed``; frozen while paused.
        overdue: days that would have counted after the due day; a later pause takes none away.
        due: the last day, until 24:00; None while a pause without an end stops the term.
        yellow_from: the first yellow day; None while such a pause keeps it from coming.
        red_from: the day after the due day, worked or not (“超” excludes its number).
        paused: the day is a paused one, and the term was not over before it.
        provisional: the answer rests on a year that was not published yet and may still move.
    """

    total: int
    elapsed: int
    remaining: int
    overdue: int
    due: date | None
    yellow_from: date | None
    red_from: date | None
    paused: bool
    provisional: bool


def deadline(period: Period, calendar: Calendar, as_of: date) -> Deadline:
    """Count a period as it stands at the end of ``as_of``.

    A pause after the due day changes nothing: what is overdue stays so. A term in calendar days
    or months is provisional only where its policy looks at working days.

    Raises:
        OutsideTheCalendar: a day that is needed lies before 1990 or after 2100.
    """
    try:
        return _count(period, calendar, index_of(as_of))
    except IndexError:
        raise OutsideTheCalendar("the term ends after 2100") from None


def _count(period: Period, calendar: Calendar, today: int) -> Deadline:
    working, policy = calendar.working, period.policy
    by_work = period.term.unit is Unit.WORKING_DAYS
    counting = working if by_work else EVERY_DAY
    start = index_of(period.start)
    stops, open_from = _stops(period.pauses, start)
    total, original = _lengths(period)
    due = _reach(counting, start, total, stops)
    if policy.roll_over:
        due = _rolled(working, due, stops)
        total = _used(counting, start, due, stops)
    yellow = min(due + 1, _reach(counting, start, _yellow_after(policy, total), stops))
    if policy.yellow_working_days is not None:
        whole = _used(working, start, _reach(counting, start, original, stops), stops)
        if whole <= policy.yellow_working_days:
            yellow = due
        else:
            left = _used(working, start, due, stops) - policy.yellow_working_days
            yellow = min(yellow, _reach(working, start, left, stops))
    stopped = open_from is not None and open_from <= due
    # The first day that belongs to the term no longer, or not yet.
    end = open_from if open_from is not None and stopped else due + 1
    elapsed = _used(counting, start, min(today, end - 1), stops)
    rests_on_work = by_work or policy.roll_over or policy.yellow_working_days is not None
    last = max(today, start if stopped else due)
    return Deadline(
        total=total,
        elapsed=elapsed,
        remaining=total - elapsed,
        overdue=0 if stopped or today <= due else counting.up_to[today] - counting.up_to[due],
        due=None if stopped else day_of(due),
        yellow_from=None if stopped and yellow >= end else day_of(yellow),
        red_from=None if stopped else day_of(end),
        paused=stopped if today >= end else _is_within(stops, today),
        provisional=rests_on_work and calendar.unpublished[last] > calendar.unpublished[start],
    )


def _lengths(period: Period) -> tuple[int, int]:
    """Give the extended and the original length in days."""
    length = period.term.length
    extended = length + sum(extension.length for extension in period.extensions)
    if period.term.unit is not Unit.MONTHS:
        return extended, length
    start = period.start
    return (
        (months_after(start, extended) - start).days,
        (months_after(start, length) - start).days,
    )


def _yellow_after(policy: Policy, total: int) -> int:
    """Give after how many days of the term's own unit it is yellow; beyond the term: never."""
    after = total + 1
    if policy.yellow_percent is not None:
        after = total - total * policy.yellow_percent // 100
    if policy.yellow_days is not None:
        after = min(after, total - policy.yellow_days)
    return after


def _stops(pauses: Sequence[Pause], start: int) -> tuple[Stops, int | None]:
    """Unite the pauses that ended; give the first day of those that did not."""
    open_from: int | None = None
    closed: list[tuple[int, int]] = []
    for pause in pauses:
        first = max(index_of(pause.first), start + 1)
        if pause.last is None:
            open_from = first if open_from is None else min(open_from, first)
        elif (last := index_of(pause.last)) > start:
            closed.append((first, last))
    if len(closed) < 2:
        return closed, open_from
    closed.sort()
    united = [closed[0]]
    for first, last in closed[1:]:
        if first <= united[-1][1]:
            united[-1] = (united[-1][0], max(last, united[-1][1]))
        else:
            united.append((first, last))
    return united, open_from


def _reach(counting: Counting, start: int, number: int, stops: Stops) -> int:
    """Give the ``number``-th day after the start that counts; the start itself for none."""
    if number <= 0:
        return start
    up_to, nth = counting
    number += up_to[start]
    for first, last in stops:
        if nth[number] < first:
            break
        number += up_to[last] - up_to[first - 1]
    return nth[number]


def _used(counting: Counting, start: int, until: int, stops: Stops) -> int:
    """Count the days after the start and up to another that count."""
    if until <= start:
        return 0
    up_to = counting.up_to
    days = up_to[until] - up_to[start]
    for first, last in stops:
        if first > until:
            break
        days -= up_to[min(last, until)] - up_to[first - 1]
    return days


def _rolled(working: Counting, due: int, stops: Stops) -> int:
    """Move a last day to the next that is worked and not paused."""
    up_to, nth = working
    due = nth[up_to[due - 1] + 1]
    for first, last in stops:
        if first <= due <= last:
            due = nth[up_to[last] + 1]
    return due


def _is_within(stops: Stops, day: int) -> bool:
    """Tell whether a day is a paused one."""
    return any(first <= day <= last for first, last in stops)
