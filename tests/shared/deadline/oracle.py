"""The same answers by walking from day to day, with the package instead of our calendar data."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import chinese_calendar

from shared.deadline import Deadline, Period
from shared.deadline.terms import Unit

# What the law alone gives for 2027 and 2028; any later year is Monday to Friday.
STATUTORY = {
    date(year, int(days[:2]), int(number))
    for year, months in (
        (2027, ("01: 1", "02: 5 6 7 8 9 10", "04: 5", "05: 1 2 3 4", "06: 9", "09: 15")),
        (2027, ("10: 1 2 3 4 5",)),
        (2028, ("01: 1 3 25 26 27 28", "04: 4", "05: 1 2 28 29", "10: 1 2 3 4")),
    )
    for days in months
    for number in days[3:].split()
}


def published(day: date) -> bool:
    return 2004 <= day.year <= 2026


@cache
def worked(day: date) -> bool:
    if published(day):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and day not in STATUTORY


def days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(1)


def month_end(start: date, months: int) -> date:
    """Find the same day of the month, or the last that there is."""
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    for number in (start.day, 30, 29, 28):
        try:
            if number <= start.day:
                return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError


def walked(period: Period, as_of: date) -> Deadline:
    """Count day by day."""
    start, unit, policy = period.start, period.term.unit, period.policy
    closed = {
        day
        for pause in period.pauses
        if pause.last is not None
        for day in days_between(pause.first, pause.last)
        if day > start
    }
    never_ended = [pause.first for pause in period.pauses if pause.last is None]

    def counts(day: date) -> bool:
        return worked(day) if unit is Unit.WORKING_DAYS else True

    def last_day(length: int) -> date:
        wanted = (month_end(start, length) - start).days if unit is Unit.MONTHS else length
        for day in days_from(start):
            wanted -= day > start and counts(day) and day not in closed
            if wanted <= 0:
                return day
        raise AssertionError

    extended = period.term.length + sum(extension.length for extension in period.extensions)
    due = last_day(extended)
    if policy.roll_over:
        due = next(day for day in days_from(due) if worked(day) and day not in closed)
    term = [day for day in days_between(start, due) if day > start and day not in closed]
    counted = [day for day in term if counts(day)]
    total = len(counted)

    originally = last_day(period.term.length)
    short = policy.yellow_working_days is not None and (
        sum(worked(day) for day in term if day <= originally) <= policy.yellow_working_days
    )

    def is_yellow(left: int, work: int) -> bool:
        limits = [(policy.yellow_days, left), (policy.yellow_working_days, work)]
        if any(limit is not None and number <= limit for limit, number in limits):
            return True
        return policy.yellow_percent is not None and left * 100 <= total * policy.yellow_percent

    # Walking back from the last day: what is left only grows.
    yellow, left, work = due + timedelta(1), 0, 0
    for day in reversed([start, *days_between(start + timedelta(1), due)]):
        if not (day == due if short else is_yellow(left, work)):
            break
        yellow = day
        if day > start and day not in closed:
            left, work = left + counts(day), work + worked(day)
    stopped_on = min((max(day, start + timedelta(1)) for day in never_ended), default=None)
    if stopped_on is not None and stopped_on > due:
        stopped_on = None
    elapsed = sum(day <= as_of and (stopped_on is None or day < stopped_on) for day in counted)
    open_ended = stopped_on is not None
    looks = unit is Unit.WORKING_DAYS or policy.roll_over or policy.yellow_working_days is not None
    rests_on = days_between(start + timedelta(1), max(as_of, start if open_ended else due))
    return Deadline(
        total=total,
        elapsed=elapsed,
        remaining=total - elapsed,
        overdue=0 if open_ended else sum(map(counts, days_between(due + timedelta(1), as_of))),
        due=None if open_ended else due,
        yellow_from=None if stopped_on is not None and yellow >= stopped_on else yellow,
        red_from=None if open_ended else due + timedelta(1),
        paused=(start < as_of <= due and as_of in closed)
        or (stopped_on is not None and as_of >= stopped_on),
        provisional=looks and not all(map(published, rests_on)),
    )


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]
