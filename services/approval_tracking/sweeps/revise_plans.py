"""When a project's columns or the catalogue change, its plan is laid out anew around what began."""

from collections.abc import AsyncIterator, Sequence

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command, RevisePlan
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.surroundings import drawing, suggested_by
from services.approval_tracking.sweeps._asking import (
    Known,
    PlanPage,
    of_streams,
    policy,
    those_waiting,
)
from services.approval_tracking.views.planned_projects import TO_REVISE, Planned
from shared.sweeping import Moment, Sweep


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the plans that rest on an older edition of their project, or of the catalogue."""
    edition = catalogue_of(moment.today).valid_from
    async for page in those_waiting(TO_REVISE, ask, moment, edition):
        yield page


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    edition = catalogue_of(moment.today).valid_from
    return await of_streams(TO_REVISE, ask, moment, streams, edition)


def ask(found: Planned, known: Known) -> Command:
    """Ask for the plan that the project's columns suggest now."""
    project = found.project
    return RevisePlan(
        project_id=found.project_id,
        on=known.today,
        owner_org=project.owner_org or "",
        project_revision=project.revision or 0,
        suggested=suggested_by(project, known.today),
        draw=drawing(project, known.units, known.today),
        days=known.days,
        reason="审批事项目录有新版" if _columns_hold(found) else "项目要素有变化",
    )


def _columns_hold(found: Planned) -> bool:
    return found.plan is not None and found.plan.project_revision >= (found.project.revision or 0)


SWEEP: Sweep[Command, PlanState, PlanEvent] = Sweep(
    name="revise_plans",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
    prompt=True,
)
