"""When a project has ended, left or gone back to 谋划库, its plan is closed."""

from collections.abc import AsyncIterator, Sequence

from contracts.approval_tracking import PlanEvent
from contracts.intake import Standing
from services.approval_tracking.approval_plan.commands import ClosePlan, Command
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.sweeps._asking import (
    Known,
    PlanPage,
    of_streams,
    policy,
    those_waiting,
)
from services.approval_tracking.views.planned_projects import TO_CLOSE, Planned
from shared.sweeping import Moment, Sweep


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the open plans of projects that are not to be approved any more."""
    async for page in those_waiting(TO_CLOSE, ask, moment):
        yield page


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    return await of_streams(TO_CLOSE, ask, moment, streams)


def ask(found: Planned, known: Known) -> Command:
    """Ask to close the plan, and say why."""
    return ClosePlan(project_id=found.project_id, on=known.today, reason=_WHY[_standing(found)])


def _standing(found: Planned) -> str | None:
    """Give how the project left; None where it goes on in 谋划库."""
    standing = found.project.standing
    return standing if standing in _WHY else None


_WHY = {
    None: "项目退回谋划库",
    Standing.ENDED.value: "项目已终止",
    Standing.OUT.value: "项目已调出",
    Standing.MERGED.value: "项目已并入另一项目",
    Standing.SPLIT.value: "项目已拆分",
}


SWEEP: Sweep[Command, PlanState, PlanEvent] = Sweep(
    name="close_plans",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
    prompt=True,
)
