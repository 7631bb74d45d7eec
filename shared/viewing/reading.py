"""Ask a view: wait for one's own write, how new it is, and what it showed at an instant."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg

from shared.postgres import Connection
from shared.viewing.tables import rows_at
from shared.viewing.view import View

PATIENCE = 2.0
_POLL = 0.02


def parse_token(after: str | None) -> tuple[str, int] | None:
    """Read ``<stream>@<version>``; anything else is no token."""
    stream, _, version = (after or "").rpartition("@")
    if not stream or not version.isdecimal() or len(version) > 9:
        return None
    return stream, int(version)


async def current_at(pool: asyncpg.Pool, view: View) -> datetime | None:
    """Give the last instant (in real time) at which the view had read all that there was.

    None before it has read its topics to the end for the first time.
    """
    moment: datetime | None = await pool.fetchval(
        "select case when count(*) = count(current_at) then min(current_at) end "
        "from viewing.offsets where view = $1",
        view.name,
    )
    return moment


async def recorded_up_to(pool: asyncpg.Pool, view: View, patience: float = PATIENCE) -> int | None:
    """Give a position up to which the view has recorded its own service's journal.

    Whatever it records later lies behind that position. None when it has not caught up with
    what was told at this moment within ``patience`` seconds, or has set facts aside.
    """
    told = await pool.fetch(
        "select r.acknowledged, m.topic, m.partition, greatest(m.reached, m.sent::int) as reached "
        "from journal.relay r left join journal.markers m on m.topic = any($1)",
        list(view.topics),
    )
    deadline = asyncio.get_running_loop().time() + patience
    while await pool.fetchval(
        "select exists(select from unnest($2::text[], $3::int[], $4::bigint[]) "
        "as t(topic, partition, reached) left join viewing.offsets o "
        "on o.view = $1 and o.topic = t.topic and o.partition = t.partition "
        "where t.reached > coalesce(o.next_offset, 0)) "
        "or exists(select from viewing.waiting where view = $1)",
        view.name,
        [row["topic"] for row in told],
        [row["partition"] for row in told],
        [row["reached"] for row in told],
    ):
        if asyncio.get_running_loop().time() >= deadline:
            return None
        await asyncio.sleep(_POLL)
    position: int = told[0]["acknowledged"]
    return position


async def wait_for(
    pool: asyncpg.Pool, view: View, after: str | None, patience: float = PATIENCE
) -> bool:
    """Tell whether the view has recorded what ``after`` names, waiting for it a while.

    True also when nothing is asked for. False means: answer with the old state and say so.
    """
    token = parse_token(after)
    if token is None:
        return True
    stream, version = token
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        seen = await pool.fetchval(f"select version from {view.streams} where stream = $1", stream)
        if seen is not None and seen >= version:
            return True
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(_POLL)


@asynccontextmanager
async def rows_before(
    pool: asyncpg.Pool, view: View, until: datetime
) -> AsyncIterator[tuple[Connection, str]]:
    """Lay out the rows that the system had recorded before an instant.

    Gives a connection and the name of a table with the view's columns, which both end with the
    block: several questions about one moment are answered from the same rows.

    Raises:
        ValueError: the view keeps no history.
    """
    async with pool.acquire() as connection, connection.transaction():
        # A utility statement takes no parameters; the instant is ours, not the asker's text.
        rows = rows_at(view, f"'{until.isoformat()}'::timestamptz")
        await connection.execute(f"create temporary table rows_before on commit drop as {rows}")
        yield connection, "pg_temp.rows_before"
