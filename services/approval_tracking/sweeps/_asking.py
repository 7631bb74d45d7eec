"""How every sweep asks the plans that it found."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from contracts.approval_tracking import Circumstances, PlanEvent
from services.approval_tracking.approval_plan.circumstances import Traits, suggested
from services.approval_tracking.approval_plan.commands import Command
from services.approval_tracking.approval_plan.decider import project_of, stream_of
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.policies import catalogue_of, policy_of
from services.approval_tracking.views import planned_projects
from services.approval_tracking.views.planned_projects import Planned, ProjectRow
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.deciding import Ask
from shared.journal import MOST_STREAMS
from shared.sweeping import Due, Moment, Page
from shared.working_days import InForce

Asking = Ask[Command, PlanState, PlanEvent]
PlanPage = Page[Command, PlanState, PlanEvent]
Asks = Callable[[Planned, date, InForce], Command]


def due(project_id: UUID, command: Callable[[], Command]) -> Due[Command, PlanState, PlanEvent]:
    """Name the plan of a project as one to be asked; the command is made when its turn comes."""
    return Due(stream_of(project_id), partial(_ask, project_id, command))


def _ask(project_id: UUID, command: Callable[[], Command]) -> Asking:
    return Ask(
        stream_of(project_id), str(project_id), command(), lambda wrote: wrote.token.encode()
    )


async def those_waiting(which: str, ask: Asks, moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the projects for whose plan something is to be done."""
    days = await WORKING_DAYS.in_force(moment.pool)
    async for found in planned_projects.waiting(moment.pool, which, MOST_STREAMS):
        yield _page(found, ask, moment.today, days)


async def of_streams(which: str, ask: Asks, moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed and for whose plan it is still to be done."""
    days = await WORKING_DAYS.in_force(moment.pool)
    projects = [project_of(stream) for stream in streams]
    found = await planned_projects.of_projects(moment.pool, which, projects)
    return _page(found, ask, moment.today, days)


def _page(found: Sequence[Planned], ask: Asks, today: date, days: InForce) -> PlanPage:
    return Page([due(one.project_id, partial(ask, one, today, days)) for one in found])


def suggested_by(project: ProjectRow, on: date) -> Circumstances:
    """Give what the columns of a project suggest on a day."""
    traits = Traits(
        lead_side=project.lead_side,
        category=project.category,
        industry=project.industry,
        zone_id=project.zone_id,
        total_investment=project.total_investment,
    )
    return suggested(traits, catalogue_of(on))


def policy(today: date) -> str:
    """Name the rules by which plans are drawn and counted on a day."""
    return policy_of("approval_plan", today).sha256
