"""When a project whose plan was closed goes on in 前期库 or 建设库, so does its plan."""

from collections.abc import AsyncIterator, Sequence

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command, ReopenPlan
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.sweeps._asking import (
    Known,
    PlanPage,
    of_streams,
    policy,
    those_waiting,
)
from services.approval_tracking.views.planned_projects import TO_REOPEN, Planned
from shared.sweeping import Moment, Sweep


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the closed plans of projects that are to be approved."""
    async for page in those_waiting(TO_REOPEN, ask, moment):
        yield page


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    return await of_streams(TO_REOPEN, ask, moment, streams)


def ask(found: Planned, known: Known) -> Command:
    """Ask to go on with the plan."""
    return ReopenPlan(project_id=found.project_id, on=known.today)


SWEEP: Sweep[Command, PlanState, PlanEvent] = Sweep(
    name="reopen_plans",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
    prompt=True,
)
