"""When a day brings something to an item, it is told: accepted by silence, soon over, over."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from uuid import UUID

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command, TellDue
from services.approval_tracking.approval_plan.decider import PLAN, project_of
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.sweeps._asking import PlanPage, due, policy
from services.approval_tracking.views import open_items
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.journal import MOST_STREAMS
from shared.sweeping import Moment, Page, Sweep


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the plans with an item of which the next day has come."""
    async for found in open_items.due(moment.pool, moment.today, MOST_STREAMS):
        yield await _page(found, moment)


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    return await _page([project_of(stream) for stream in streams], moment)


async def _page(found: Sequence[UUID], moment: Moment) -> PlanPage:
    days = await WORKING_DAYS.in_force(moment.pool)
    # What was not over then was moved, though it would be over today on its old days.
    revised_on = await WORKING_DAYS.told_on(moment.pool, days.edition)
    return Page(
        [
            due(
                one,
                partial(
                    TellDue,
                    project_id=one,
                    on=moment.today,
                    days=days,
                    revised_on=revised_on,
                    catalogue_of=catalogue_of,
                ),
            )
            for one in found
        ]
    )


SWEEP: Sweep[Command, PlanState, PlanEvent] = Sweep(
    name="tell_due",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
)
