"""How far the open terms are counted anew on each edition of the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.postgres import Connection


@dataclass(frozen=True)
class Recount:
    """The open terms of a moment, counted anew on an edition of the calendar.

    ``open`` were to be looked at when it began, of which ``left`` are still; ``moved`` have other
    days now. ``upto`` is the position of the last fact whose term was dealt with.
    """

    edition: int
    upto: int
    open: int
    left: int
    moved: int
    begun: datetime
    finished: datetime | None

    @property
    def done(self) -> int:
        """How many were looked at."""
        return max(self.open - self.left, 0)


async def known(pool: asyncpg.Pool, edition: int) -> bool:
    """Tell whether a recount on this edition has begun."""
    found: bool = await pool.fetchval(
        "select exists(select from terms.recounts where edition = $1)", edition
    )
    return found


async def begin(pool: asyncpg.Pool, edition: int, now: datetime) -> int:
    """Begin a recount, or go on with it; give the position up to which it has come."""
    upto: int = await pool.fetchval(
        "insert into terms.recounts as r (edition, open, begun) "
        "select $1, count(*), $2 from views.open_terms where not overdue_told and calendar < $1 "
        "on conflict (edition) do update set edition = r.edition returning upto",
        edition,
        now,
    )
    return upto


async def add_moved(edition: int, moved: int, connection: Connection) -> None:
    """Count moved terms in the transaction that moves them."""
    await connection.execute(
        "update terms.recounts set moved = moved + $2 where edition = $1", edition, moved
    )


async def reach(pool: asyncpg.Pool, edition: int, upto: int) -> None:
    """Note that every term is dealt with that a fact up to a position has set."""
    await pool.execute(
        "update terms.recounts set upto = greatest(upto, $2) where edition = $1", edition, upto
    )


async def finish(pool: asyncpg.Pool, edition: int, upto: int, now: datetime) -> None:
    """Note that nothing is left up to a position; what comes behind it later is still looked at."""
    await pool.execute(
        "update terms.recounts set upto = greatest(upto, $2), finished = coalesce(finished, $3) "
        "where edition = $1",
        edition,
        upto,
        now,
    )


async def recounts(pool: asyncpg.Pool, most: int = 20) -> Sequence[Recount]:
    """Give the recounts, the latest first."""
    try:
        rows = await pool.fetch(
            "select r.*, case when finished is null then (select count(*) from views.open_terms t "
            "where not t.overdue_told and t.calendar < r.edition and t.position > r.upto) "
            "else 0 end as left from terms.recounts r order by edition desc limit $1",
            most,
        )
    except asyncpg.UndefinedTableError:
        # The views part has not begun yet, and neither has any recount.
        return []
    return [Recount(**row) for row in rows]
