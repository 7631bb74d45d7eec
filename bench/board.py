"""How long does the server take for board, list and desk of 100,000 projects, now and as of?

The whole application answers, on a real PostgreSQL; ``PROJECTS`` (with ten states each) can be
made smaller by ``SIKU_BENCH_PROJECTS``. The numbers that are aimed at: 60 ms at the 95th
percentile for what is there now, about 2 s for a day in the past.
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from bench import telling
from bench.rounds import note
from contracts import reference
from contracts.envelope import Envelope, Fact, instant
from contracts.intake import Category, Pool
from contracts.reference import organisations
from deploy.embedded.launcher import Stack
from services.console.searching import initials
from services.console.views import four_pools
from services.console.views.four_pools import VIEW, PoolRow
from services.console.views.units import UNITS
from services.console.wiring import VIEWS
from shared.journal import open_pool
from shared.postgres import Connection
from shared.viewing import Told, ViewStore, tables
from tests.console.builders import Dossier, keep, read_to_the_end
from tests.console.city import City, sit_down, stand
from tests.shared.told_units import SEEDS, hear_units

PROJECTS = int(os.environ.get("SIKU_BENCH_PROJECTS", "100000"))
ASKED, ASKED_AS_OF = 100, 10
NOW = datetime(2019, 6, 25, 4, tzinfo=UTC)
COPIED = 20_000


def states() -> list[PoolRow]:
    """Fold the ten facts of one project; give the row after each."""
    found: list[PoolRow] = []
    for number, fact in enumerate(telling.story(UUID(int=1)), start=1):
        row = four_pools.fold(found[-1] if found else None, _told(number, fact))
        assert row is not None
        found.append(row)
    return found


def _told(number: int, fact: Fact) -> Told:
    envelope = Envelope(
        id=str(UUID(int=number)),
        type=fact.kind,
        source="/siku/intake",
        subject="project-1",
        time=instant(telling.BEGAN + timedelta(days=number)),
        partitionkey="1",
        streamversion=str(number),
        occurred="2019-04-22",
        actoraccount="account",
        actorrole="county_reporter",
        actororg="JC-ZZ",
        correlationid="1",
        causationid="1",
    )
    return Told(envelope, fact, number, "", b"")


def lives() -> Iterator[tuple[str, list[tuple[datetime, PoolRow]]]]:
    """Give the life of every project: its key, and since when it stood how."""
    dice = random.Random(2019)  # noqa: S311
    units = organisations.planning_bodies(NOW.date())
    regions = [row.code for row in reference.regions(NOW.date()) if row.level == "county"]
    begun = {unit.id: initials(unit.short_name) for unit in units}
    story = states()
    for number in range(PROJECTS):
        unit = dice.choice(units)
        own = {
            "owner_org": unit.id,
            "owner_name": unit.short_name,
            "name": f"{unit.short_name}示例项目 {number} 号",
            "region": unit.region if unit.region in regions else dice.choice(regions),
            "category": dice.choice([*Category]).value,
            "total_investment": dice.randint(500, 500_000) * 10_000,
            "found_by": f"{unit.short_name}示例项目{number}号\n{begun[unit.id]}slxm{number}h",
        }
        pool = dice.choice([*Pool]).value
        late = timedelta(minutes=dice.randrange(60 * 24 * 40))
        stays = dice.choice((2, 6, 10, 10, 10, 10, 10, 14, 14, 14))
        life = []
        # Whoever has more than ten states was changed again, a day each time.
        for number_of_state in range(stays):
            row = story[min(number_of_state, len(story) - 1)]
            at = row.updated_at + late + timedelta(days=max(0, number_of_state - len(story) + 1))
            life.append(
                (
                    at,
                    row._replace(
                        **own,
                        pool=pool if row.pool else None,
                        pooled_on=at.date() if row.pool else None,
                        pooled_at=at if row.pool else None,
                        created_at=story[0].created_at + late,
                        stage_since=row.stage_since + late,
                        version=number_of_state + 1,
                        updated_at=at,
                        **_term(row.stage, at.date()),
                    ),
                )
            )
        yield str(UUID(int=dice.getrandbits(128))), life


def _term(stage: str, start: date) -> dict[str, object]:
    """Give the days of a term that began on a day, about as long as a real one."""
    if stage not in {"SUBMITTED", "CITY_PASSED", "RETURNED"}:
        return {}
    due = start + timedelta(days=5)
    return {
        "term_from": start,
        "due": due,
        "yellow_from": due,
        "red_from": due + timedelta(days=1),
        "provisional": False,
        "calendar": 0,
    }


async def fill(connection: Connection) -> int:
    """Fill the view's tables as a rebuild would; give the number of states."""
    await tables.drop(connection, VIEW)
    await tables.create_bare(connection, VIEW)
    # Of approvals nothing was told here: those columns are empty.
    owner = VIEW.owners[0]
    history = VIEW.history_of(owner)
    count = 0
    past: list[tuple[object, ...]] = []
    rows: list[tuple[object, ...]] = []

    async def copy(table: str, columns: list[str], records: list[tuple[object, ...]]) -> None:
        await connection.copy_records_to_table(
            table.partition(".")[2], schema_name="views", columns=columns, records=records
        )
        records.clear()

    async def flush() -> None:
        await copy(VIEW.table, ["key", *owner.columns], rows)
        await copy(history, ["key", "recorded_from", "present", *owner.columns], past)

    for key, life in lives():
        count += len(life)
        past += [(key, at, True, *row) for at, row in life]
        rows.append((key, *life[-1][1]))
        if len(past) >= COPIED:
            await flush()
    await flush()
    await tables.index(connection, VIEW)
    # What autovacuum does within a minute: indexes alone can answer only after it.
    await connection.execute(f"vacuum analyze {', '.join(VIEW.tables)}")
    return count


async def times(browser: httpx.AsyncClient, path: str, number: int) -> list[float]:
    """Ask for a page again and again; give milliseconds, ascending."""
    taken = []
    for _ in range(number + 2):
        began = time.perf_counter()
        answer = await browser.get(path)
        taken.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.text
    return sorted(taken[2:])


async def ask(city: City) -> None:
    """Ask for the pages as the city's reviewer, who sees nearly everything, and as others."""
    pages = (
        ("city", "board", "/board", ASKED),
        ("city", "list", "/projects", ASKED),
        ("city", "search by name", "/projects?name=示例项目%20777", ASKED),
        ("city", "search by initials", "/projects?name=slxm777", ASKED),
        ("city", "search in vain", "/projects?name=没有这样的", ASKED),
        ("city", "desk", "/desk", ASKED),
        ("city", "board_as_of", "/board?as_of=2019-05-20", ASKED_AS_OF),
        ("city", "list_as_of", "/projects?as_of=2019-05-20", ASKED_AS_OF),
        ("zezhou", "board of a county", "/board", ASKED),
        ("zezhou", "list of a county", "/projects", ASKED),
        ("province", "board of the province", "/board", ASKED),
        ("province", "list of the province", "/projects", ASKED),
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
        count = await fill(connection)
        await connection.close()
        print(f"{PROJECTS} projects, {count} states")
        await keep(pool, [Dossier().drafted()])
        await hear_units(pool, UNITS.view, *SEEDS, after=())
        await read_to_the_end(pool)
        await sit_down(pool)
        with tempfile.TemporaryDirectory() as home:
            await ask(stand(pool, Path(home), NOW))
        await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
