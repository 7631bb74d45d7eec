"""What rebuilds there were, how far one is, and clearing up after them."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from shared.rebuilding.rebuild import WORKING, alone, lock_of, prune_generation
from shared.viewing.view import View


@dataclass(frozen=True)
class Rebuilding:
    """One rebuild as it was written down; ``works`` says that its process lives."""

    view: str
    generation: int
    phase: str
    events: int
    of_events: int
    keep: bool
    note: str
    works: bool

    @property
    def unfinished(self) -> bool:
        """True when it had not come to an end."""
        return self.phase in WORKING


async def rebuilds(database_url: str) -> Sequence[Rebuilding]:
    """Give the rebuilds of all views in a database, the oldest first."""
    connection = await asyncpg.connect(database_url, timeout=5)
    try:
        rows = await connection.fetch(
            "select view, generation, phase, events, of_events, keep, note "
            "from viewing.rebuilds order by view, generation"
        )
        return [
            Rebuilding(
                **row, works=row["phase"] in WORKING and await _held(connection, row["view"])
            )
            for row in rows
        ]
    finally:
        await connection.close(timeout=5)


async def _held(connection: asyncpg.Connection, name: str) -> bool:
    free = await connection.fetchval("select pg_try_advisory_lock(hashtext($1))", lock_of(name))
    if free:
        await connection.execute("select pg_advisory_unlock(hashtext($1))", lock_of(name))
    return not free


async def ask_to_stop(database_url: str, view: View) -> bool:
    """Ask the rebuild that works on a view to stop; False when there is none."""
    connection = await asyncpg.connect(database_url, timeout=5)
    try:
        if not await _held(connection, view.name):
            return False
        asked = await connection.execute(
            "update viewing.rebuilds set stop = true where view = $1 and phase = any($2)",
            view.name,
            WORKING,
        )
        return bool(asked != "UPDATE 0")
    finally:
        await connection.close(timeout=5)


async def prune(database_url: str, view: View) -> int:
    """Drop all tables that rebuilds of a view have left; give of how many generations.

    Raises:
        Busy: a rebuild works on the view at this moment.
    """
    async with alone(view, database_url) as connection:
        rows = await connection.fetch(
            "select generation, phase from viewing.rebuilds where view = $1", view.name
        )
        for row in rows:
            await prune_generation(connection, view, row["generation"], row["phase"])
        return len(rows)
