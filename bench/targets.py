"""How long does the server take for the targets page of 100,000 projects, now and as of?

The whole application answers, on a real PostgreSQL. ``SIKU_BENCH_PROJECTS`` makes it smaller. The
number that is aimed at: 100 ms at the 95th percentile for what is there now.
"""

import asyncio
import os
import random
import statistics
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.board import times
from bench.rounds import note
from contracts import reference
from contracts.intake import Pool
from contracts.reference import organisations
from deploy.embedded.launcher import Stack
from services.console.views import construction, counted
from services.console.views.counted import CountedRow
from services.console.views.units import UNITS
from services.console.wiring import VIEWS
from shared.journal import open_pool
from shared.postgres import Connection
from shared.viewing import View, ViewStore, tables
from tests.console.builders import Dossier, keep, read_to_the_end
from tests.console.city import City, sit_down, stand
from tests.shared.told_units import SEEDS, hear_units

PROJECTS = int(os.environ.get("SIKU_BENCH_PROJECTS", "100000"))
ASKED, ASKED_AS_OF = 100, 5
NOW = datetime(2019, 6, 25, 4, tzinfo=UTC)
TOLD = datetime(2019, 4, 22, 1, tzinfo=UTC)
COPIED = 20_000


def projects() -> Iterator[tuple[str, CountedRow, date | None]]:
    """Give each project: its key, how it counts, and when building began, if it did."""
    dice = random.Random(2019)  # noqa: S311
    units = organisations.planning_bodies(NOW.date())
    regions = [row.code for row in reference.regions(NOW.date()) if row.level == "county"]
    zones = [row.id for row in reference.zones(NOW.date())]
    pools = [pool.value for pool in Pool]
    for number in range(PROJECTS):
        unit = dice.choice(units)
        new = dice.random() < 0.3
        entered = date(2019 if new else 2018, 1, 1) + timedelta(dice.randrange(170))
        start = None if new else dice.choice(pools)
        pool = dice.choice(pools)
        money = dice.randint(500, 500_000) * 10_000
        row = CountedRow(
            owner_org=unit.id,
            owner_name=unit.short_name,
            name=f"{unit.short_name}示例项目 {number} 号",
            project_code=None,
            region=unit.region if unit.region in regions else dice.choice(regions),
            zone_id=dice.choice(zones) if dice.random() < 0.2 else None,
            total_investment=money,
            report_month=f"{entered:%Y-%m}",
            reported=True,
            pool=pool,
            standing=dice.choice(("ACTIVE",) * 17 + ("HELD", "ENDED", "OUT")),
            source=dice.choice(("PLANNED",) * 8 + ("DIRECT", "OPENING")),
            entered_on=entered,
            year=2019,
            start_pool=start,
            start_investment=money,
            converted_investment=money if pool in {"BUILD", "PROD"} else None,
            absorbed_investment=0,
            left_on=None,
            merged_into=None,
            duplicate=False,
            tags=" IND41 " if number % 2000 == 0 else " ",
        )
        began = date(2018, 7, 1) + timedelta(dice.randrange(350))
        yield str(UUID(int=dice.getrandbits(128))), row, began if pool == "BUILD" else None


async def fill(connection: Connection) -> None:
    """Fill the views' tables as a rebuild would."""
    rows: list[tuple[object, ...]] = []
    works: list[tuple[object, ...]] = []
    for view in (counted.VIEW, construction.VIEW):
        await tables.drop(connection, view)
        await tables.create_bare(connection, view)

    async def copy(view: View, records: list[tuple[object, ...]]) -> None:
        (owner,), (history,) = view.owners, view.histories
        for table, columns, of in (
            (view.table, ["key", *owner.columns], records),
            (
                history,
                ["key", "recorded_from", "present", *owner.columns],
                [(key, TOLD, True, *row) for key, *row in records],
            ),
        ):
            await connection.copy_records_to_table(
                table.partition(".")[2], schema_name="views", columns=columns, records=of
            )
        records.clear()

    for key, row, began in projects():
        rows.append((key, *row))
        if began:
            works.append((key, began))
        if len(rows) >= COPIED:
            await copy(counted.VIEW, rows)
    await copy(counted.VIEW, rows)
    await copy(construction.VIEW, works)
    for view in (counted.VIEW, construction.VIEW):
        await tables.index(connection, view)
        # What autovacuum does within a minute: indexes alone can answer only after it.
        await connection.execute(f"vacuum analyze {', '.join(view.tables)}")


async def ask(city: City) -> None:
    """Ask for the pages as offices and units do."""
    pages = (
        ("lead", "targets", "/targets", ASKED),
        ("lead", "targets of units", "/targets?level=units", ASKED),
        ("lead", "one target", "/targets/K02", ASKED),
        ("zezhou", "targets of a county", "/targets", ASKED),
        ("lead", "targets as of", "/targets?as_of=2019-05-20", ASKED_AS_OF),
    )
    for user, name, path, number in pages:
        async with city.browser(user) as browser:
            taken = await times(browser, path, number)
        note(f"{name} p50", statistics.median(taken), "ms", None, None)
        note(f"{name} p95", taken[int(0.95 * len(taken))], "ms", None, None)


async def main() -> None:
    """Measure."""
    async with Stack(services=("console",), processes=(), durable=True) as stack:
        pool = await open_pool(stack.database_url("console"))
        for view in VIEWS:
            await ViewStore(pool, view).open()
        # Filling takes longer than what a page's connection waits for.
        connection = await asyncpg.connect(stack.database_url("console"))
        await fill(connection)
        await connection.close()
        print(f"{PROJECTS} projects")
        await keep(pool, [Dossier().drafted()])
        await hear_units(pool, UNITS.view, *SEEDS, after=())
        await read_to_the_end(pool)
        await sit_down(pool)
        with tempfile.TemporaryDirectory() as home:
            await ask(stand(pool, Path(home), NOW))
        await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
