"""How every sweep asks the plans that it found."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple
from uuid import UUID

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command
from services.approval_tracking.approval_plan.decider import project_of, stream_of
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.policies import policy_of
from services.approval_tracking.views import planned_projects
from services.approval_tracking.views.planned_projects import Planned
from services.approval_tracking.views.units import UNITS
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.deciding import Ask
from shared.journal import MOST_STREAMS
from shared.sweeping import Due, Moment, Page
from shared.units import Units
from shared.working_days import InForce

Asking = Ask[Command, PlanState, PlanEvent]
PlanPage = Page[Command, PlanState, PlanEvent]


class Known(NamedTuple):
    """What every command may need: the day, the calendar, the units."""

    today: date
    days: InForce
    units: Units


Asks = Callable[[Planned, Known], Command]


def due(project_id: UUID, command: Callable[[], Command]) -> Due[Command, PlanState, PlanEvent]:
    """Name the plan of a project as one to be asked; the command is made when its turn comes."""
    return Due(stream_of(project_id), partial(_ask, project_id, command))


def _ask(project_id: UUID, command: Callable[[], Command]) -> Asking:
    return Ask(
        stream_of(project_id), str(project_id), command(), lambda wrote: wrote.token.encode()
    )


async def those_waiting(
    which: str, ask: Asks, moment: Moment, *more: object
) -> AsyncIterator[PlanPage]:
    """Find the projects for whose plan something is to be done."""
    async for found in planned_projects.waiting(moment.pool, which, MOST_STREAMS, *more):
        yield await _page(found, ask, moment)


async def of_streams(
    which: str, ask: Asks, moment: Moment, streams: Sequence[str], *more: object
) -> PlanPage:
    """Find those whose turn failed and for whose plan it is still to be done."""
    projects = [project_of(stream) for stream in streams]
    found = await planned_projects.of_projects(moment.pool, which, projects, *more)
    return await _page(found, ask, moment)


async def _page(found: Sequence[Planned], ask: Asks, moment: Moment) -> PlanPage:
    known = Known(
        moment.today,
        await WORKING_DAYS.in_force(moment.pool),
        await UNITS.in_force(moment.pool),
    )
    return Page([due(one.project_id, partial(ask, one, known)) for one in found])


def policy(today: date) -> str:
    """Name the rules by which plans are drawn and counted on a day."""
    return policy_of("approval_plan", today).sha256
