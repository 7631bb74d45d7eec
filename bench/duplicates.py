"""How long does it take to find what may be the same project, among 100,000?

On a real PostgreSQL, one project at a time as a reviewer opens it, and 500 at once as a bulk review
asks. ``SIKU_BENCH_PROJECTS`` makes the city smaller. The number that is aimed at: 50 ms at the 95th
percentile for one.
"""

import asyncio
import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import asyncpg

from bench.rounds import note
from contracts import reference
from contracts.intake import Likeness
from deploy.embedded.launcher import Stack
from examples.names import BRANDS
from examples.projects import projects
from services.intake.policies import alike_on
from services.intake.review.likeness import plain
from services.intake.views.comparable_projects import VIEW, ComparableRow, suspects
from shared.journal import open_pool
from shared.viewing import tables

PROJECTS = int(os.environ.get("SIKU_BENCH_PROJECTS", "100000"))
ASKED, TOGETHER = 300, 500
ON = date(2019, 4, 22)
WAN = 10_000


def rows() -> Iterator[tuple[str, ComparableRow]]:
    """Give invented projects: the themes of the example city, its counties, sums of every size."""
    dice = random.Random(2019)  # noqa: S311
    regions = [row.code for row in reference.regions(ON) if row.level == "county"]
    themes = [one.facts.name for one in projects()]
    for number in range(PROJECTS):
        name = f"{dice.choice(BRANDS)}{dice.choice(themes)}{number % 97}期"
        yield (
            str(UUID(int=dice.getrandbits(128))),
            ComparableRow(
                owner_org="JC-ZZ",
                owner_name="泽州县",
                name=name,
                plain_name=plain(name),
                region=dice.choice(regions),
                # Small ones are many: from 5 million to 5 billion yuan, evenly by their logarithm.
                total_investment=int(500 * 1000 ** dice.random()) * WAN,
                revision=1,
                stands=True,
                with_city=number % 200 == 0,
                pool=None,
            ),
        )


async def fill(connection: asyncpg.Connection) -> list[tuple[UUID, Likeness]]:
    """Fill the view as a rebuild would; give what is compared of each project."""
    await tables.drop(connection, VIEW)
    await tables.create_bare(connection, VIEW)
    (owner,) = VIEW.owners
    made = list(rows())
    await connection.copy_records_to_table(
        VIEW.name,
        schema_name="views",
        columns=["key", *owner.columns],
        records=[(key, *row) for key, row in made],
    )
    await tables.index(connection, VIEW)
    await connection.execute(f"vacuum analyze {', '.join(VIEW.tables)}")
    return [
        (
            UUID(key),
            Likeness(
                owner_name=row.owner_name,
                name=row.name,
                region=row.region or "",
                total_investment=row.total_investment or 0,
            ),
        )
        for key, row in made
    ]


async def main() -> None:
    """Measure."""
    async with Stack(services=("intake",), processes=(), durable=True) as stack:
        connection = await asyncpg.connect(stack.database_url("intake"))
        known = await fill(connection)
        await connection.close()
        pool = await open_pool(stack.database_url("intake"))
        rules, dice = alike_on(ON), random.Random(7)  # noqa: S311
        taken, found = [], 0
        for wanted in dice.sample(known, min(ASKED, len(known))):
            began = time.perf_counter()
            answer = await suspects(pool, dict([wanted]), rules)
            taken.append(1000 * (time.perf_counter() - began))
            found += len(answer[wanted[0]])
        taken.sort()
        began = time.perf_counter()
        await suspects(pool, dict(dice.sample(known, min(TOGETHER, len(known)))), rules)
        together = 1000 * (time.perf_counter() - began)
        await pool.close()
    print(f"{PROJECTS} projects, {found / len(taken):.1f} suspects each")
    note("duplicates p50", statistics.median(taken), "ms", None, None)
    note("duplicates p95", taken[int(0.95 * len(taken))], "ms", None, None)
    note(f"duplicates of {TOGETHER}", together, "ms", None, None)


if __name__ == "__main__":
    asyncio.run(main())
