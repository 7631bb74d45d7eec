"""The tables of the views are looked at while the storm rages: every moment must be a true one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg

from tests.faults.storm.town import Town, reading

_PAUSE = 0.5
_MOMENT = """
    select count(*) filter (where t.applied <> t.version or s.version is distinct from t.version)
               as wrong,
           coalesce(sum(t.applied), 0)::bigint as facts
    from views.tally t left join views.tally_streams s on s.stream = 'project-' || t.key
"""


@dataclass
class Watch:
    """What was seen while the storm raged."""

    looks: int = 0
    violations: list[str] = field(default_factory=list)


@asynccontextmanager
async def watching(town: Town) -> AsyncIterator[Watch]:
    """Look again and again at the tables of the views: every moment must be a true one."""
    watch = Watch()
    looking = asyncio.create_task(_look(town, watch))
    try:
        yield watch
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look(town: Town, watch: Watch) -> None:
    before = 0
    while True:
        # PostgreSQL is stopped again and again: then there is nothing to see.
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            async with reading(town.stack, "console") as console:
                while (row := await console.fetchrow(_MOMENT)) is not None:
                    watch.looks += 1
                    if row["wrong"]:
                        watch.violations.append(f"I6: {row['wrong']} projects were miscounted")
                    if row["facts"] < before:
                        watch.violations.append(f"I5: {row['facts']} facts after {before}")
                    before = row["facts"]
                    await asyncio.sleep(_PAUSE)
        await asyncio.sleep(_PAUSE)
