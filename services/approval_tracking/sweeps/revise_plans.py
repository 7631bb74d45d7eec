"""When a project's columns were changed, its plan is laid out anew around what has begun."""

from collections.abc import AsyncIterator, Sequence
from datetime import date

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command, RevisePlan
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.policies import drawing
from services.approval_tracking.sweeps._asking import (
    PlanPage,
    of_streams,
    policy,
    suggested_by,
    those_waiting,
)
from services.approval_tracking.views.planned_projects import TO_REVISE, Planned
from shared.sweeping import Moment, Sweep
from shared.working_days import InForce


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the plans that rest on an older edition of their project."""
    async for page in those_waiting(TO_REVISE, ask, moment):
        yield page


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    return await of_streams(TO_REVISE, ask, moment, streams)


def ask(found: Planned, today: date, days: InForce) -> Command:
    """Ask for the plan that the project's columns suggest now."""
    project = found.project
    return RevisePlan(
        project_id=found.project_id,
        on=today,
        owner_org=project.owner_org or "",
        project_revision=project.revision or 0,
        suggested=suggested_by(project, today),
        draw=drawing(project.owner_org or "", project.region, project.zone_id, today),
        days=days,
        reason="项目要素有变化",
    )


SWEEP: Sweep[Command, PlanState, PlanEvent] = Sweep(
    name="revise_plans",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
    prompt=True,
)
