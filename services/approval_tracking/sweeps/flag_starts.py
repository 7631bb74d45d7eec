"""When building was told to have started, it is held against what must be there before."""

from collections.abc import AsyncIterator, Sequence

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command, FlagStart
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.sweeps._asking import (
    Known,
    PlanPage,
    of_streams,
    policy,
    those_waiting,
)
from services.approval_tracking.views.planned_projects import TO_FLAG, Planned
from shared.sweeping import Moment, Sweep


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the plans of which another start is flagged than is told."""
    async for page in those_waiting(TO_FLAG, ask, moment):
        yield page


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    return await of_streams(TO_FLAG, ask, moment, streams)


def ask(found: Planned, known: Known) -> Command:
    """Ask to hold the start that is told now, or none, against the gate."""
    return FlagStart(
        project_id=found.project_id, on=known.today, started_on=found.project.started_on
    )


SWEEP: Sweep[Command, PlanState, PlanEvent] = Sweep(
    name="flag_starts",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
    prompt=True,
)
