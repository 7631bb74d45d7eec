"""What a deadline is made of: a term, what stopped it, what lengthened it, when it warns."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Unit(StrEnum):
    """What a term counts."""

    WORKING_DAYS = "WORKING_DAYS"
    """行政许可法 82: terms of ten days and the like are working days, without holidays."""
    CALENDAR_DAYS = "CALENDAR_DAYS"
    """民法总则 201: where a law says 日 and no more, every day counts."""
    MONTHS = "MONTHS"
    """民法总则 202: to the same day of a later month, or the last day of a shorter one."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long: a number of days or months. None of either ends on the day that starts it."""

    length: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse a term that runs backwards."""
        if self.length < 0:
            raise ValueError(f"a term cannot be {self.length} long")


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still (停表): 行政许可法 45, hearing, tender, inspection, expert review.

    Neither ``first`` nor ``last`` counts; counting goes on the day after ``last``, or is still
    stopped where there is none. The law asks for the ``reason`` in writing; ``basis`` is the
    article that it rests on.
    """

    first: date
    last: date | None
    reason: str
    basis: str

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it begins."""
        if self.last is not None and self.last < self.first:
            raise ValueError(f"a pause from {self.first} cannot end on {self.last}")


@dataclass(frozen=True, slots=True)
class Extension:
    """More of the same unit (延长), approved by whom the law names: 行政许可法 42."""

    length: int
    approver: str

    def __post_init__(self) -> None:
        """Refuse an extension that shortens."""
        if self.length < 1:
            raise ValueError(f"an extension cannot be {self.length} long")


@dataclass(frozen=True, slots=True)
class Policy:
    """What no law settles: when a term turns yellow, and whether its last day moves.

    Yellow is the earliest that any given threshold says; what is left is compared with <=
    (“以内” includes its number, 民法总则 205). A threshold that is None does not speak.

    Attributes:
        yellow_percent: this share of the term, extensions included, or less is left.
        yellow_days: this many of the term's own days or fewer are left.
        yellow_working_days: this many working days or fewer are left, whatever the unit. A term
            that had no more than these to begin with is yellow on its last day only.
        roll_over: a last day that is no working day, or is paused, moves to the next that is
            worked (民法总则 203); the days between belong to the term.
    """

    yellow_percent: int | None = None
    yellow_days: int | None = None
    yellow_working_days: int | None = None
    roll_over: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A term that runs: since which day, under which policy, with all that happened to it.

    The starting day itself does not count (民法总则 201; 受理次日起算). Pauses may come in any
    order and overlap: a day is paused once.
    """

    start: date
    term: Term
    policy: Policy
    pauses: Sequence[Pause] = ()
    extensions: Sequence[Extension] = ()


def until_day_of_month(first: date, day: int, policy: Policy) -> Period:
    """Give the period that ends on a day of the month which begins on ``first``.

    It starts on the last day of the month before, so that every day up to that one counts.
    """
    return Period(first - timedelta(days=1), Term(day, Unit.CALENDAR_DAYS), policy)


def months_after(day: date, months: int) -> date:
    """Give the same day of a later month, or the last day of one that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
