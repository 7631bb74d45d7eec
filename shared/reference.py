"""Facts without a project, kept whole: each as it was told, and what they come to together.

A row is one fact, called an edition, and none is ever written over: what is in force rests on all
of them, an old answer is explained on those that were known when it was given. An edition's number
is its position in the journal of the service that tells it; facts that depend on one another share
a partition, so whoever has heard one has heard every one before it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

import asyncpg

from contracts.envelope import Fact
from shared.clock import SHANGHAI
from shared.viewing import Owner, Told, View

LaidT = TypeVar("LaidT")

NOTHING_HEARD = 0
"""The edition before anything was heard."""
_LAST = 2**62
# What is in force, and what old answers are explained on; a calendar takes some 4 MB.
_KEPT = 4
FRESH = 0.2
"""For so many seconds what is in force is not asked for again: every command needs it."""


class EditionRow(NamedTuple):
    """One fact; ``text`` is the fact as it was told."""

    edition: int
    kind: str
    told_at: datetime
    told_by: str
    text: str


class Edition(NamedTuple):
    """One fact, when it was told and by whom (a role)."""

    number: int
    told_at: datetime
    told_by: str
    fact: Fact


class _RestsOn(NamedTuple):
    """Which facts something was laid out of: the last one's number, the sum of what each says."""

    last: int
    said: int


def row_of(told: Told) -> EditionRow:
    """Write a fact down as it was told."""
    return EditionRow(
        edition=told.position,
        kind=told.fact.kind,
        told_at=told.envelope.recorded,
        told_by=told.envelope.actorrole,
        text=told.payload.decode(),
    )


def _one_row_a_fact(told: Told) -> str:
    return f"{told.envelope.subject}@{told.envelope.version}"


class Reference(Generic[LaidT]):
    """What a service has heard on a reference topic, and what it comes to on any edition."""

    def __init__(
        self,
        name: str,
        version: int,
        *,
        owner: str,
        topic: str,
        kinds: Mapping[str, type[Fact]],
        fold: Callable[[EditionRow | None, Told], EditionRow],
        lay_out: Callable[[Sequence[Fact], int], LaidT],
        ignored: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the facts ``kinds`` of a topic; ``lay_out`` makes of them what is asked for.

        It is given the facts of an edition and all before it, in the order in which they were
        told, and the edition's number; what it makes must not change.
        """
        self.view = View(
            name=name,
            version=version,
            owners=(Owner(owner, topic, EditionRow, kinds, fold, _one_row_a_fact, ignored or {}),),
            indexes=("(edition)",),
        )
        self._kinds = kinds
        self._lay_out = lay_out
        self._last: tuple[asyncpg.Pool, float, LaidT] | None = None
        self._laid_out: dict[_RestsOn, LaidT] = {}

    async def in_force(self, pool: asyncpg.Pool) -> LaidT:
        """Give what holds now; at most one round trip, laid out once for each edition.

        What was told and not heard yet is not in it, nor what was heard this moment (``FRESH``).
        """
        now = time.monotonic()
        if self._last is not None:
            asked, at, laid = self._last
            if asked is pool and now - at < FRESH:
                return laid
        laid = await self.as_of(pool, _LAST)
        self._last = pool, now, laid
        return laid

    async def as_of(self, pool: asyncpg.Pool, edition: int) -> LaidT:
        """Give what rested on no later edition than this one."""
        # Should a fact be set aside and heard later, the highest number alone would name two
        # states; what each fact says counts, because another database has other facts.
        try:
            row = await pool.fetchrow(
                "select coalesce(max(edition), 0),"  # noqa: S608
                " coalesce(sum(hashtextextended(text, edition)), 0)"
                f" from {self.view.table} where edition <= $1",
                edition,
            )
        except asyncpg.UndefinedTableError:
            # The views part has not begun yet: nothing was heard.
            row = None
        rests_on = _RestsOn(*row) if row else _RestsOn(NOTHING_HEARD, 0)
        # Taken out and put back: what was asked for longest ago is forgotten first.
        laid = self._laid_out.pop(rests_on, None)
        if laid is None:
            rows = await self._rows(pool, edition) if rests_on.last else []
            # More may have been heard since it was asked.
            rests_on = _RestsOn(
                rows[-1]["edition"] if rows else NOTHING_HEARD, sum(row["said"] for row in rows)
            )
            laid = self._lay_out([self._fact(row) for row in rows], rests_on.last)
        self._laid_out[rests_on] = laid
        while len(self._laid_out) > _KEPT:
            del self._laid_out[next(iter(self._laid_out))]
        return laid

    async def recorded_before(self, pool: asyncpg.Pool, until: datetime) -> LaidT:
        """Give what the system had recorded before an instant."""
        last = await pool.fetchval(
            f"select max(edition) from {self.view.table} where told_at < $1",  # noqa: S608
            until,
        )
        return await self.as_of(pool, last or NOTHING_HEARD)

    async def told(self, pool: asyncpg.Pool, upto: int = _LAST) -> tuple[Edition, ...]:
        """Give every edition up to one, oldest first."""
        return tuple(
            Edition(row["edition"], row["told_at"], row["told_by"], self._fact(row))
            for row in await self._rows(pool, upto)
        )

    async def _rows(self, pool: asyncpg.Pool, upto: int) -> Sequence[asyncpg.Record]:
        rows: Sequence[asyncpg.Record] = await pool.fetch(
            "select edition, kind, told_at, told_by, text,"  # noqa: S608
            " hashtextextended(text, edition) as said"
            f" from {self.view.table} where edition <= $1 order by edition",
            upto,
        )
        return rows

    def _fact(self, row: asyncpg.Record) -> Fact:
        return self._kinds[row["kind"]].model_validate_json(row["text"])

    async def told_on(self, pool: asyncpg.Pool, edition: int) -> date:
        """Give the business day on which an edition was told; before any, the first of days."""
        told_at: datetime | None = await pool.fetchval(
            f"select told_at from {self.view.table} where edition = $1",  # noqa: S608
            edition,
        )
        return told_at.astimezone(SHANGHAI).date() if told_at is not None else date.min
