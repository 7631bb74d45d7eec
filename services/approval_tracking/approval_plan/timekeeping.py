"""What the days bring to the items of a plan, each once: silence, soon over, over, too long paused.

Before anything else the clocks are counted anew where the calendar is a newer one: what a
revision moves must not be told over on its old days.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from contracts.approval_tracking import (
    Clock,
    ItemClocksMoved,
    ItemOverdue,
    ItemSoonOverdue,
    ItemState,
    PauseOverrun,
    PlanEvent,
)
from services.approval_tracking.approval_plan.clocks import recounted
from services.approval_tracking.approval_plan.commands import ClockCommand, RecountClocks, TellDue
from services.approval_tracking.approval_plan.evolving import OVERDUE, SOON, evolve
from services.approval_tracking.approval_plan.receiving import deemed_accepted
from services.approval_tracking.approval_plan.states import Item, NotDrawn, Plan, PlanState
from shared.deadline import Period, Policy, Term, Unit, deadline
from shared.working_days import InForce


def tell_due(ask: TellDue, plan: PlanState) -> Sequence[PlanEvent]:
    """Tell for each item what has become due; what was told stays quiet."""
    if isinstance(plan, NotDrawn) or plan.closed:
        return []
    told: list[PlanEvent] = []
    for name in plan.items:
        for step in (_moved, _silence, _due, _overrun):
            facts = step(ask, plan, name)
            for fact in facts:
                plan = _after(plan, fact)
            told += facts
    return told


def recount_clocks(ask: RecountClocks, plan: PlanState) -> Sequence[PlanEvent]:
    """Move the running clocks to a newer calendar; what is over stays over."""
    if isinstance(plan, NotDrawn) or plan.closed:
        return []
    return [fact for name in plan.items for fact in _moved(ask, plan, name)]


def _after(plan: Plan, fact: PlanEvent) -> Plan:
    after = evolve(plan, fact)
    return after if isinstance(after, Plan) else plan


def _moved(ask: ClockCommand, plan: Plan, name: str) -> Sequence[PlanEvent]:
    item = plan.items[name]
    old = [
        one
        for one in item.running
        # Who comes late with an older calendar would move it back.
        if one.calendar < ask.days.edition and not _is_over(one, ask.revised_on)
    ]
    if not old:
        return []
    rules = ask.catalogue_of(_began(item, ask.on))
    new = {one.sort: one for one in recounted(item, rules, ask.days, ask.on)}
    moved = tuple(new[one.sort] for one in old if not _same_days(one, new[one.sort]))
    if not moved:
        return []
    return [
        ItemClocksMoved(
            project_id=ask.project_id,
            item=name,
            attempt=item.attempt.number,
            clocks=moved,
            calendar=ask.days.edition,
            moved_on=ask.on,
        )
    ]


def _silence(ask: ClockCommand, plan: Plan, name: str) -> Sequence[PlanEvent]:
    """行政许可法 32: whoever says nothing within the days has accepted."""
    item = plan.items[name]
    if item.state is not ItemState.RECEIVED or not any(
        _is_over(clock, ask.on) for clock in item.running
    ):
        return []
    return [deemed_accepted(ask, plan, name, ask.on)]


def _due(ask: ClockCommand, plan: Plan, name: str) -> Sequence[PlanEvent]:
    item = plan.items[name]
    facts: list[PlanEvent] = []
    for clock in item.running:
        if clock.due is None:
            continue
        over = _is_over(clock, ask.on)
        what = OVERDUE if over else SOON
        if (clock.sort, what) in item.attempt.told or not (over or _is_yellow(clock, ask.on)):
            continue
        kind = ItemOverdue if over else ItemSoonOverdue
        facts.append(
            kind(
                project_id=ask.project_id,
                item=name,
                attempt=item.attempt.number,
                handling=item.planned.handling,
                clock=clock.sort,
                due=clock.due,
                told_on=ask.on,
            )
        )
    return facts


def _overrun(ask: ClockCommand, plan: Plan, name: str) -> Sequence[PlanEvent]:
    item = plan.items[name]
    attempt = item.attempt
    if item.state is not ItemState.PAUSED or attempt.overrun_told:
        return []
    first = attempt.pauses[-1].first
    until = expected_until(first, attempt.expected_days, ask.days)
    if ask.on <= until:
        return []
    return [
        PauseOverrun(
            project_id=ask.project_id,
            item=name,
            attempt=attempt.number,
            first=first,
            expected_until=until,
            told_on=ask.on,
        )
    ]


def expected_until(first: date, expected_days: int, days: InForce) -> date:
    """Give the last of the working days that a pause is expected to last, from its first day."""
    before = first - timedelta(days=1)
    period = Period(before, Term(expected_days, Unit.WORKING_DAYS), Policy())
    due = deadline(period, days.calendar, before).due
    if due is None:
        raise AssertionError("nothing stops this term")
    return due


def _began(item: Item, otherwise: date) -> date:
    starts: Iterable[date] = (one.start for one in item.running)
    return min(starts, default=otherwise)


def _is_over(clock: Clock, day: date) -> bool:
    return clock.red_from is not None and clock.red_from <= day


def _is_yellow(clock: Clock, day: date) -> bool:
    return clock.yellow_from is not None and clock.yellow_from <= day


def _same_days(old: Clock, new: Clock) -> bool:
    held = ("total", "due", "yellow_from", "red_from", "provisional")
    return all(getattr(old, name) == getattr(new, name) for name in held)
