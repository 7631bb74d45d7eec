"""When the calendar is revised, the clocks of items that run are counted anew."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from uuid import UUID

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.adapters import recounted
from services.approval_tracking.approval_plan.commands import Command, RecountClocks
from services.approval_tracking.approval_plan.decider import PLAN, project_of
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.sweeps._asking import PlanPage, due, policy
from services.approval_tracking.views import open_items
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.journal import MOST_STREAMS
from shared.sweeping import Moment, Page, Sweep
from shared.viewing import recorded_up_to
from shared.working_days import FILE, InForce


async def find(moment: Moment) -> AsyncIterator[PlanPage]:
    """Find the plans with clocks that were counted on an earlier calendar, each once an edition.

    While the view is behind, what it knows is looked at and nothing is noted: more may come to
    lie before it.
    """
    pool = moment.pool
    days = await WORKING_DAYS.in_force(pool)
    if days.edition == FILE:
        return
    heard = await recorded_up_to(pool, open_items.VIEW)
    upto = await recounted.upto(pool, days.edition)
    until = heard if heard is not None else _ANY
    while found := await open_items.counted_before(pool, days.edition, upto, until, MOST_STREAMS):
        upto = found[-1][1]
        yield await _page(list(dict.fromkeys(one for one, _ in found)), moment, days)
        if heard is not None:
            await recounted.reach(pool, days.edition, upto)
    if heard is not None:
        await recounted.reach(pool, days.edition, heard)


_ANY = 2**62


async def again(moment: Moment, streams: Sequence[str]) -> PlanPage:
    """Find those whose turn failed."""
    days = await WORKING_DAYS.in_force(moment.pool)
    return await _page([project_of(stream) for stream in streams], moment, days)


async def _page(found: Sequence[UUID], moment: Moment, days: InForce) -> PlanPage:
    revised_on = await WORKING_DAYS.told_on(moment.pool, days.edition)
    return Page(
        [
            due(
                one,
                partial(
                    RecountClocks,
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
    name="recount_clocks",
    decider=PLAN,
    find=find,
    again=again,
    policy=policy,
)
