"""未批先建: a start of building that was told is held against the gate. The start stays a fact."""

from collections.abc import Sequence

from contracts.approval_tracking import PlanEvent, StartedWithoutPermit, StartFlagLifted
from services.approval_tracking.approval_plan.commands import FlagStart
from services.approval_tracking.approval_plan.states import NotDrawn, PlanState


def flag_start(ask: FlagStart, plan: PlanState) -> Sequence[PlanEvent]:
    """Flag a start before everything was there, or lift the flag; asked again it is quiet."""
    if isinstance(plan, NotDrawn):
        return []
    started = ask.started_on
    missing = tuple(
        one.planned.item
        for one in plan.gate
        if started is not None and not one.was_done_on(started)
    )
    if started is not None and missing:
        if plan.flagged == started:
            return []
        return [
            StartedWithoutPermit(
                project_id=ask.project_id, started_on=started, missing=missing, told_on=ask.on
            )
        ]
    if plan.flagged is None:
        return []
    reason = "没有开工记录" if started is None else "开工日前手续已齐"
    return [
        StartFlagLifted(
            project_id=ask.project_id, started_on=plan.flagged, reason=reason, lifted_on=ask.on
        )
    ]
