"""When a project has entered 前期库, the plan of its approvals is drawn up."""

from collections.abc import AsyncIterator, Sequence

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command, DrawUpPlan
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.surroundings import drawing, suggested_by
from services.approval_tracking.sweeps._asking import (
    Known,
    PlanPage,
    of_streams,
    policy,
    those_waiting,
)
from services.approval_tracking.views.planned_projects import TO_DRAW, Planned
from shared.sweeping import Moment, Sweep


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the projects in 前期库 that have no plan."""
    async for page in those_waiting(TO_DRAW, ask, moment):
        yield page


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    return await of_streams(TO_DRAW, ask, moment, streams)


def ask(found: Planned, known: Known) -> Command:
    """Ask for the plan that the project's columns suggest."""
    project = found.project
    return DrawUpPlan(
        project_id=found.project_id,
        on=known.today,
        owner_org=project.owner_org or "",
        project_revision=project.revision or 0,
        circumstances=suggested_by(project, known.today),
        draw=drawing(project, known.units, known.today),
        days=known.days,
    )


SWEEP: Sweep[Command, PlanState, PlanEvent] = Sweep(
    name="draw_up_plans",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
    prompt=True,
)
