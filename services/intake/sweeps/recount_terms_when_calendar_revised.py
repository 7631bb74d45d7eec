"""When the calendar is revised, the terms that run are counted anew; those that move are told."""

from asyncio import sleep
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from functools import partial

import asyncpg

from contracts.intake import Holder
from services.intake.adapters import recounts
from services.intake.dossier import (
    DOSSIER,
    Dossier,
    DossierCommand,
    DossierEvent,
    project_of,
    stream_of,
)
from services.intake.policies import policy_of, terms_on
from services.intake.review.commands import RecountTerm
from services.intake.views import open_terms
from services.intake.views.open_terms import OpenTerm
from services.intake.views.working_days import WORKING_DAYS
from shared.clock import SHANGHAI
from shared.deciding import Ask
from shared.journal import MOST_STREAMS
from shared.sweeping import Due, Moment, Page, Sweep
from shared.viewing import recorded_up_to
from shared.working_days import FILE, InForce

SETTLES = 3.0
"""Seconds in which no further edition may come: years entered in a row are one revision."""

_READ = 5_000
_ANY = 2**62

Command = Sequence[DossierCommand]


async def find(moment: Moment) -> AsyncIterator[Page[Command, Dossier, DossierEvent]]:
    """Find the terms that ran when the calendar was revised and have other days on it.

    Each is looked at once an edition: behind the position up to which a recount has come lies
    only what the view has heard since. While the view is behind, or has set a fact aside, what
    it knows is looked at all the same and nothing is noted: more may come to lie before it.
    """
    pool, days = moment.pool, await _settled(moment.pool)
    if days.edition == FILE:
        return
    revised_on = await WORKING_DAYS.told_on(pool, days.edition)
    upto = await recounts.begin(pool, days.edition, moment.clock.now())
    heard = await recorded_up_to(pool, open_terms.VIEW)
    until = _ANY if heard is None else heard
    moving: list[OpenTerm] = []
    while found := await open_terms.counted_before(
        pool, days.edition, revised_on, upto, until, _READ
    ):
        for one in found:
            if moves(one, days, revised_on):
                moving.append(one)
            if len(moving) == MOST_STREAMS:
                yield _page(moving, days, revised_on)
                if heard is not None:
                    await recounts.reach(pool, days.edition, one.row.position)
                moving = []
        upto = found[-1].row.position
    if moving:
        yield _page(moving, days, revised_on)
    if heard is not None:
        await recounts.finish(pool, days.edition, heard, moment.clock.now())


async def again(moment: Moment, streams: Sequence[str]) -> Page[Command, Dossier, DossierEvent]:
    """Find the terms of projects whose turn failed."""
    projects = [project_of(stream) for stream in streams]
    found = await open_terms.of_projects(moment.pool, projects)
    days = await WORKING_DAYS.in_force(moment.pool)
    return _page(found, days, await WORKING_DAYS.told_on(moment.pool, days.edition))


async def standing(pool: asyncpg.Pool) -> Sequence[str]:
    """Say how far the last recount is."""
    return [
        f"第 {one.edition} 版日历：在办期限 {one.open} 件，已重算 {one.done} 件，"
        f"改期 {one.moved} 件，{_shown(one.begun)} 起，"
        + (f"{_shown(one.finished)} 完（业务时间）" if one.finished else "尚未算完")
        for one in await recounts.recounts(pool, most=1)
    ]


def _shown(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


async def _settled(pool: asyncpg.Pool) -> InForce:
    """Give the calendar in force; one that nobody has counted on yet must stand for a while."""
    days = await WORKING_DAYS.in_force(pool)
    while days.edition != FILE and not await recounts.known(pool, days.edition):
        before = days
        await sleep(SETTLES)
        days = await WORKING_DAYS.in_force(pool)
        if days.edition == before.edition:
            break
    return days


def moves(found: OpenTerm, days: InForce, revised_on: date) -> bool:
    """Tell whether a term that ran on that day has other days on the calendar revised then.

    What cannot be told is asked, and says by itself what is wrong.
    """
    row = found.row
    if row.calendar is None or row.calendar >= days.edition:
        return False
    if row.red_from is None or row.red_from <= revised_on:
        return False
    try:
        new = terms_on(row.start, days).of(Holder(row.level))
    except ValueError:
        return True
    old = row.due, row.yellow_from, row.red_from, row.provisional
    return old != (new.due, new.yellow_from, new.red_from, new.provisional)


def _page(
    found: Sequence[OpenTerm], days: InForce, revised_on: date
) -> Page[Command, Dossier, DossierEvent]:
    return Page(
        [Due(stream_of(one.project_id), partial(_ask, one, days, revised_on)) for one in found],
        beside=partial(recounts.add_moved, days.edition),
    )


def _ask(found: OpenTerm, days: InForce, revised_on: date) -> Ask[Command, Dossier, DossierEvent]:
    project_id, row = found
    level = Holder(row.level)
    new = terms_on(row.start, days).of(level)
    return Ask(
        stream_of(project_id),
        str(project_id),
        (
            RecountTerm(
                project_id=project_id,
                level=level,
                # A clock that jumps must not make a term over before it was counted anew.
                on=revised_on,
                counted=row.term or new,
                new=new,
            ),
        ),
        lambda wrote: wrote.token.encode(),
    )


SWEEP: Sweep[Command, Dossier, DossierEvent] = Sweep(
    name="recount_terms_when_calendar_revised",
    decider=DOSSIER,
    find=find,
    again=again,
    policy=lambda today: policy_of("review", today).sha256,
    standing=standing,
)
