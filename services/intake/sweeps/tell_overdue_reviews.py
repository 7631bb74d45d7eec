"""When a term of review is over and its step is not done, it is overdue: said once a term."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from functools import partial

from contracts.intake import Holder
from services.intake.dossier import (
    DOSSIER,
    Dossier,
    DossierCommand,
    DossierEvent,
    project_of,
    stream_of,
)
from services.intake.policies import policy_of, terms_on
from services.intake.review.commands import TellOverdue
from services.intake.sweeps.recount_terms_when_calendar_revised import moves
from services.intake.views import open_terms
from services.intake.views.open_terms import OpenTerm
from services.intake.views.working_days import WORKING_DAYS
from shared.deciding import Ask
from shared.journal import MOST_STREAMS
from shared.sweeping import Due, Moment, Page, Sweep
from shared.working_days import InForce

Command = Sequence[DossierCommand]


async def find(moment: Moment) -> AsyncIterator[Page[Command, Dossier, DossierEvent]]:
    """Find the terms that are over; those that a recount has still to move are left to it."""
    async for found in open_terms.past_due(moment.pool, moment.today, MOST_STREAMS):
        yield await _page(found, moment)


async def again(moment: Moment, streams: Sequence[str]) -> Page[Command, Dossier, DossierEvent]:
    """Find the terms of projects whose turn failed."""
    projects = [project_of(stream) for stream in streams]
    found = await open_terms.of_projects(moment.pool, projects)
    return await _page(found, moment)


async def _page(found: Sequence[OpenTerm], moment: Moment) -> Page[Command, Dossier, DossierEvent]:
    days = await WORKING_DAYS.in_force(moment.pool)
    revised_on = await WORKING_DAYS.told_on(moment.pool, days.edition)
    return Page(
        [
            Due(stream_of(one.project_id), partial(_ask, one, moment.today, days))
            for one in found
            if not moves(one, days, revised_on)
        ]
    )


def _ask(found: OpenTerm, today: date, days: InForce) -> Ask[Command, Dossier, DossierEvent]:
    project_id, row = found
    level = Holder(row.level)
    return Ask(
        stream_of(project_id),
        str(project_id),
        (
            TellOverdue(
                project_id=project_id,
                level=level,
                on=today,
                counted=row.term or terms_on(row.start, days).of(level),
            ),
        ),
        lambda wrote: wrote.token.encode(),
        # What was counted here holds for the step that the row shows, and for no later one.
        if_match=None if row.term else row.version,
    )


SWEEP: Sweep[Command, Dossier, DossierEvent] = Sweep(
    name="tell_overdue_reviews",
    decider=DOSSIER,
    find=find,
    again=again,
    policy=lambda today: policy_of("review", today).sha256,
)
