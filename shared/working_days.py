"""Which days are worked, as it was told so far? One view for every service that counts terms.

A row is one edition of a year, and none is ever written over: the calendar in force takes each
year's last, an old answer is explained on those that were known when it was counted. An edition's
number is its fact's position in the journal of the service that tells it; all years share a
partition, so whoever has heard an edition has heard every one before it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from contracts.envelope import Fact
from shared.clock import SHANGHAI
from shared.deadline import Calendar, Year
from shared.viewing import Owner, Told, View

NAME, VERSION = "working_days", 1
FILE = 0
"""The edition before anything was heard: the years of the reference data alone."""
_LAST = 2**62
# The one in force, and those that old answers are explained on; each takes some 4 MB.
_KEPT = 4
# What a calendar is remembered by: every edition that it rests on, and what each says. Should one
# be set aside and heard later, the highest number alone would name two calendars.
_RestsOn = tuple[tuple[int, str], ...]


class EditionRow(NamedTuple):
    """One edition of a year; ``text`` is the fact as it was told."""

    year: int
    edition: int
    kind: str
    provisional: bool
    told_at: datetime
    told_by: str
    text: str


def fold(_: EditionRow | None, told: Told) -> EditionRow:
    """Write the edition down."""
    if not isinstance(told.fact, Year):
        raise TypeError(told.fact.kind)
    return EditionRow(
        year=told.fact.year,
        edition=told.position,
        kind=told.fact.kind,
        provisional=told.fact.provisional,
        told_at=told.envelope.recorded,
        told_by=told.envelope.actorrole,
        text=told.payload.decode(),
    )


def _one_row_an_edition(told: Told) -> str:
    return f"{told.envelope.subject}@{told.envelope.version}"


class InForce(NamedTuple):
    """A calendar and its edition: ``FILE``, or the position of the last fact that it rests on."""

    calendar: Calendar
    edition: int


class WorkingDays:
    """The working days as a service has heard them, over the years that are known beforehand."""

    def __init__(
        self, owner: str, topic: str, kinds: Mapping[str, type[Fact]], known: Sequence[Year]
    ) -> None:
        """Read the facts ``kinds`` of a topic; ``known`` are the years of the reference data."""
        self.view = View(
            name=NAME,
            version=VERSION,
            owners=(Owner(owner, topic, EditionRow, kinds, fold, key=_one_row_an_edition),),
            indexes=("(edition)",),
        )
        self._kinds = kinds
        self._known = tuple(known)
        self._calendars: dict[_RestsOn, Calendar] = {}

    async def in_force(self, pool: asyncpg.Pool) -> InForce:
        """Give the calendar of now; one round trip, laid out once for each edition.

        What was told and not heard yet is not in it.
        """
        return await self.as_of(pool, _LAST)

    async def as_of(self, pool: asyncpg.Pool, edition: int) -> InForce:
        """Give the calendar that rested on no later edition than this one."""
        try:
            rows = await pool.fetch(
                "select distinct on (year) edition, md5(text) as digest from views.working_days "
                "where edition <= $1 order by year, edition desc",
                edition,
            )
        except asyncpg.UndefinedTableError:
            # The views part has not begun yet: nothing was heard.
            rows = []
        return await self._laid_out(pool, tuple((row["edition"], row["digest"]) for row in rows))

    async def told_on(self, pool: asyncpg.Pool, edition: int) -> date:
        """Give the business day on which an edition was told; the file was there before any."""
        told_at: datetime | None = await pool.fetchval(
            "select told_at from views.working_days where edition = $1", edition
        )
        return told_at.astimezone(SHANGHAI).date() if told_at is not None else date.min

    async def recorded_before(self, pool: asyncpg.Pool, until: datetime) -> InForce:
        """Give the calendar as the system had recorded it before an instant."""
        last = await pool.fetchval(
            "select max(edition) from views.working_days where told_at < $1", until
        )
        return await self.as_of(pool, last or FILE)

    async def _laid_out(self, pool: asyncpg.Pool, rests_on: _RestsOn) -> InForce:
        editions = [edition for edition, _ in rests_on]
        calendar = self._calendars.pop(rests_on, None)
        if calendar is None:
            rows = []
            if editions:
                rows = await pool.fetch(
                    "select kind, text from views.working_days where edition = any($1)", editions
                )
            heard = [self._kinds[row["kind"]].model_validate_json(row["text"]) for row in rows]
            calendar = Calendar([*self._known, *(fact for fact in heard if isinstance(fact, Year))])
        self._calendars[rests_on] = calendar
        while len(self._calendars) > _KEPT:
            del self._calendars[next(iter(self._calendars))]
        return InForce(calendar, max(editions, default=FILE))
