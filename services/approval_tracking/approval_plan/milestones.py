"""What a plan as a whole has reached: told whenever it is otherwise than it was told last."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from contracts.approval_tracking import (
    AcceptanceCompleted,
    NoLongerReady,
    PlanEvent,
    ReadyToStart,
    Stage,
    StageCompleted,
    StageReopened,
    Track,
)
from services.approval_tracking.approval_plan.states import Item, Plan
from shared.deadline import Calendar
from shared.working_days import InForce


def reached(project_id: UUID, plan: Plan, on: date, days: InForce) -> Sequence[PlanEvent]:
    """Give the milestones that are so now and were not told, or were and are not any more."""
    return [
        *_stages(project_id, plan, on, days),
        *_gate(project_id, plan, on),
        *_acceptance(project_id, plan),
    ]


def _stages(project_id: UUID, plan: Plan, on: date, days: InForce) -> Sequence[PlanEvent]:
    facts: list[PlanEvent] = []
    for stage in Stage:
        items = main_track(plan, stage)
        last = _last_day(items)
        is_complete = last is not None and all(one.done for one in items)
        if is_complete and last is not None and stage not in plan.completed:
            facts.append(
                StageCompleted(
                    project_id=project_id,
                    stage=stage,
                    completed_on=last,
                    used=days_used(items, days.calendar, last),
                    limit=plan.limit_of(stage),
                )
            )
        elif stage in plan.completed and not is_complete:
            facts.append(StageReopened(project_id=project_id, stage=stage, reopened_on=on))
    return facts


def main_track(plan: Plan, stage: Stage) -> Sequence[Item]:
    """Give the items that count within the limit of a stage."""
    return [
        one
        for one in plan.items.values()
        if one.planned.stage is stage and one.planned.track is Track.MAIN
    ]


def days_used(items: Sequence[Item], calendar: Calendar, until: date) -> int:
    """Count the working days on which at least one item was with its office and not paused.

    What runs beside another is counted once; what lies with the applicant is not counted.
    """
    spans = []
    for item in items:
        first, pauses = item.attempt.accepted_on, item.attempt.pauses
        if first is None:
            continue
        last = min(item.attempt.done_on or until, until)
        for pause in sorted(pauses, key=lambda one: one.first):
            spans.append((first, min(pause.first - timedelta(days=1), last)))
            first = pause.last if pause.last is not None else last
        spans.append((first, last))
    used, counted_until = 0, date.min
    for first, last in sorted(spans):
        begin = max(first, counted_until)
        if last > begin:
            used += calendar.working_days_between(begin, last)
            counted_until = last
    return used


def _gate(project_id: UUID, plan: Plan, on: date) -> Sequence[PlanEvent]:
    gate = plan.gate
    missing = tuple(one.planned.item for one in gate if not one.done)
    if gate and not missing and not plan.ready:
        return [
            ReadyToStart(
                project_id=project_id,
                items=tuple(one.planned.item for one in gate),
                ready_on=_last_day(gate) or on,
            )
        ]
    if plan.ready and (missing or not gate):
        return [NoLongerReady(project_id=project_id, missing=missing, since=on)]
    return []


def _acceptance(project_id: UUID, plan: Plan) -> Sequence[PlanEvent]:
    items = [one for one in plan.items.values() if one.planned.stage is Stage.ACCEPTANCE]
    last = _last_day(items)
    if plan.accepted or last is None or not all(one.done for one in items):
        return []
    return [AcceptanceCompleted(project_id=project_id, completed_on=last)]


def _last_day(items: Sequence[Item]) -> date | None:
    days = [one.attempt.done_on for one in items if one.done and one.attempt.done_on is not None]
    return max(days, default=None)
