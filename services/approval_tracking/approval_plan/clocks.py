"""The two clocks of an item, and the shorter ones: counted from what happened to the item."""

from collections.abc import Iterable, Sequence
from datetime import date

from contracts.approval_tracking import Clock, ClockSort, ItemTerm, Unit
from services.approval_tracking.approval_plan.catalogue import Terms
from services.approval_tracking.approval_plan.rules import Edition
from services.approval_tracking.approval_plan.states import Attempt, Item
from shared import deadline as counting
from shared.deadline import Extension, Pause, Period, Policy, deadline
from shared.working_days import InForce

STOPPED_BY_PAUSES = frozenset({ClockSort.STATUTORY, ClockSort.PROMISED})


def receipt_clock(start: date, rules: Edition, days: InForce) -> Clock:
    """Count the days within which an office accepts what it was handed on a day."""
    return _working(ClockSort.RECEIPT, rules.receipt_days, start, rules, days)


def commitment_clock(start: date, rules: Edition, days: InForce) -> Clock:
    """Count the days within which a commitment is checked."""
    return _working(ClockSort.COMMITMENT, rules.commitment_days, start, rules, days)


def follow_up_clock(start: date, rules: Edition, days: InForce) -> Clock:
    """Count the days within which what was missing at a grant is there."""
    return _working(ClockSort.FOLLOW_UP, rules.follow_up_days, start, rules, days)


def item_clocks(
    start: date, terms: Terms, rules: Edition, days: InForce, as_of: date
) -> tuple[Clock, ...]:
    """Count both terms of an item that was accepted on a day; one that it does not have is none."""
    pairs = ((ClockSort.STATUTORY, terms.statutory), (ClockSort.PROMISED, terms.promised))
    return tuple(
        _count(sort, Period(start, _term(term), rules.yellow), days, as_of)
        for sort, term in pairs
        if term is not None
    )


def period_of(clock: Clock, attempt: Attempt, yellow: Policy) -> Period:
    """Give what a clock counts, with all that happened to it.

    What the law lets an office take longer is no part of what it promised.
    """
    extended = attempt.extended_by if clock.sort is ClockSort.STATUTORY else 0
    return Period(
        clock.start,
        counting.Term(clock.total - extended, counting.Unit(clock.unit.value)),
        yellow,
        attempt.pauses if clock.sort in STOPPED_BY_PAUSES else (),
        (Extension(extended, ""),) if extended else (),
    )


def recounted(
    item: Item,
    rules: Edition,
    days: InForce,
    as_of: date,
    *,
    pauses: Sequence[Pause] | None = None,
) -> tuple[Clock, ...]:
    """Count the running clocks of an item as they stand on a day, with other pauses if given."""
    attempt = item.attempt
    counted = []
    for clock in item.running:
        period = period_of(clock, attempt, rules.yellow)
        if pauses is not None and clock.sort in STOPPED_BY_PAUSES:
            period = Period(period.start, period.term, period.policy, pauses, period.extensions)
        counted.append(_count(clock.sort, period, days, as_of))
    return tuple(counted)


def extended(item: Item, more: int, rules: Edition, days: InForce, as_of: date) -> Clock:
    """Count the statutory clock of an item with so many days more."""
    clock = item.attempt.clocks[ClockSort.STATUTORY]
    period = period_of(clock, item.attempt, rules.yellow)
    longer = Period(period.start, period.term, period.policy, period.pauses, (Extension(more, ""),))
    return _count(clock.sort, longer, days, as_of)


def late(clocks: Iterable[Clock], day: date) -> tuple[ClockSort, ...]:
    """Give the clocks that were over on a day."""
    return tuple(one.sort for one in clocks if one.red_from is not None and one.red_from <= day)


def _working(sort: ClockSort, length: int, start: date, rules: Edition, days: InForce) -> Clock:
    term = _term(ItemTerm(length=length, unit=Unit.WORKING_DAYS))
    return _count(sort, Period(start, term, rules.yellow), days, start)


def _term(term: ItemTerm) -> counting.Term:
    return counting.Term(term.length, counting.Unit(term.unit.value))


def _count(sort: ClockSort, period: Period, days: InForce, as_of: date) -> Clock:
    found = deadline(period, days.calendar, as_of)
    return Clock(
        sort=sort,
        unit=Unit(period.term.unit.value),
        start=period.start,
        total=found.total,
        elapsed=found.elapsed,
        due=found.due,
        yellow_from=found.yellow_from,
        red_from=found.red_from,
        provisional=found.provisional,
        calendar=days.edition,
    )
