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
