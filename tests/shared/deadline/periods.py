"""Short names for the periods of the stories, on the calendar of the reference data."""

from datetime import date

from contracts.reference import calendar_years
from shared.deadline import Calendar, Pause, Period, Policy, Term, Unit

CALENDAR = Calendar(calendar_years())
LIGHTS = Policy(yellow_percent=50, yellow_working_days=3)
PLAIN = Policy()


def day(text: str) -> date:
    return date.fromisoformat(text)


def working(start: str, length: int, *pauses: Pause, policy: Policy = LIGHTS) -> Period:
    return Period(day(start), Term(length, Unit.WORKING_DAYS), policy, pauses)


def calendar(start: str, length: int, *pauses: Pause, policy: Policy = LIGHTS) -> Period:
    return Period(day(start), Term(length, Unit.CALENDAR_DAYS), policy, pauses)


def months(start: str, length: int, policy: Policy = PLAIN) -> Period:
    return Period(day(start), Term(length, Unit.MONTHS), policy)


def paused(first: str, last: str | None) -> Pause:
    return Pause(day(first), None if last is None else day(last), "专家评审", "行政许可法 45")
