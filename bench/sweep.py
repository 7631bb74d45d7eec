"""How many seconds until everything is told that a new day or a revised calendar brings?

100,000 terms of review are open, each dossier with four facts. ``sweep``: a day comes on which
2,000 of them are overdue. ``recount``: the calendar is revised and 20,000 of them move; the seconds
that a revision must stand are counted in, and a second run tells nothing. The bound appends as
many ready-made facts, 500 streams a bare SQL call, without looking, loading or deciding; the ratio
is the bound's time by ours. ``SIKU_BENCH_TERMS`` makes the open terms fewer (a fiftieth overdue, a
fifth moved).
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import structlog

from bench.rounds import note
from contracts.intake import Holder, Level, ReviewOverdue, ReviewTermMoved, Term
from deploy.embedded.launcher import Stack
from services.intake.dossier import DossierEvent, stream_of
from services.intake.policies import terms_on
from services.intake.sweeps import recount_terms_when_calendar_revised, tell_overdue_reviews
from shared.clock import Clock, advance, open_home
from shared.journal import MOST_STREAMS, canonical, open_pool
from shared.migrating import migrate, trees_of
from shared.sweeping import Sweeping
from tests.intake.dossiers import DAYS, drafted, passed_first, returned, submitted
from tests.intake.sweeps.own_facts import own_facts
from tests.shared.writing import surrounded

TERMS = int(os.environ.get("SIKU_BENCH_TERMS", "100000"))
OVERDUE, MOVED = TERMS // 50, TERMS // 5
CHUNK = 5_000
# 2019: Sunday the 5th of May was worked, the four days before it were not.
TODAY, TAKEN_OFF = date(2019, 5, 6), date(2019, 5, 8)


class Made(NamedTuple):
    """A dossier that lies with the city once more, and its open term."""

    project_id: UUID
    term: Term


def dossiers() -> Iterator[Made]:
    """Give first the overdue, then those that the revision moves, then all others."""
    for number in range(TERMS):
        red = TODAY if number < OVERDUE else TODAY + timedelta(days=1)
        if OVERDUE <= number < OVERDUE + MOVED:
            red = TAKEN_OFF + timedelta(days=1)
        yield Made(uuid4(), _term(red))


def _term(red_from: date) -> Term:
    """Give the city's term that is over on a day."""
    day = red_from
    while terms_on(day, DAYS).city.red_from != red_from:
        day -= timedelta(days=1)
    return terms_on(day, DAYS).city


def facts_of(made: Made) -> list[DossierEvent]:
    """Give the facts of a dossier."""
    told = (
        drafted(),
        submitted(),
        passed_first(),
        returned(returned_by="PROVINCE", to=Level.CITY, term=made.term),
    )
    return [fact.model_copy(update={"project_id": made.project_id}) for fact in told]


async def fill(owner: asyncpg.Connection, all_made: Sequence[Made]) -> None:
    """Write the facts by COPY, and the rows of the view as it folds them."""
    now, source, position = datetime.now(UTC), iter(all_made), 0
    while chunk := list(islice(source, CHUNK)):
        events, streams, rows = [], [], []
        for made in chunk:
            stream = stream_of(made.project_id)
            told = surrounded(stream, 1, *facts_of(made))
            position += len(told)
            streams.append((stream, str(made.project_id), len(told), b"chain", now))
            days = made.term.model_dump()
            rows.append((str(made.project_id), "CITY", *days.values(), False, position, len(told)))
            events += [
                (
                    *(stream, envelope.version, UUID(envelope.id), fact.kind, now),
                    canonical(envelope.model_dump()),
                    canonical(fact.model_dump(mode="json")),
                    b"chain",
                )
                for envelope, fact in told
            ]
        for schema, table, records in (
            ("journal", "events", events),
            ("journal", "streams", streams),
            ("views", "open_terms", rows),
        ):
            await owner.copy_records_to_table(table, schema_name=schema, records=records)
    await owner.execute("update journal.relay set acknowledged = $1", position)
    await owner.execute("vacuum analyze")


async def bound(pool: asyncpg.Pool, projects: Sequence[UUID], fact: DossierEvent) -> float:
    """Append a ready-made fact to each stream by bare calls; give the seconds."""
    streams = sorted(stream_of(project_id) for project_id in projects)
    stand = dict(
        await pool.fetch(
            "select stream, version from journal.streams where stream = any($1)", streams
        )
    )
    calls = []
    for begin in range(0, len(streams), MOST_STREAMS):
        some = streams[begin : begin + MOST_STREAMS]
        told = [surrounded(one, stand[one] + 1, fact)[0] for one in some]
        now, each = datetime.now(UTC), range(1, len(some) + 1)
        calls.append(
            [
                *(some, some, [stand[one] for one in some], [now for _ in some], list(each)),
                [UUID(envelope.id) for envelope, _ in told],
                [fact.kind for _ in some],
                [canonical(envelope.model_dump()) for envelope, _ in told],
                [canonical(fact.model_dump(mode="json")) for _ in some],
                *([] for _ in range(10)),
            ]
        )
    parameters = ", ".join(f"${n}" for n in range(1, 20))
    began = time.monotonic()
    for arguments in calls:
        await pool.execute(f"select journal.append({parameters})", *arguments)
    return time.monotonic() - began


async def main() -> None:
    """Measure on a durable PostgreSQL."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        open_home(home, real=False)
        clock = Clock(home)
        advance(home, timedelta(days=(TODAY - clock.today()).days))
        async with Stack(services=(), durable=True, migrate=False) as stack:
            url = stack.admin_database_url("intake")
            owner = await asyncpg.connect(url)
            await migrate(owner, trees_of("intake"), urlsplit(url).username or "")
            pool = await open_pool(url)
            intake, all_made = await own_facts(pool), list(dossiers())
            await fill(owner, all_made)
            sweeping = Sweeping("intake", (), pool, clock)

            began = time.monotonic()
            swept = await sweeping.sweep(tell_overdue_reviews.SWEEP)
            seconds = time.monotonic() - began
            assert (swept.told, swept.errors) == (OVERDUE, {}), swept
            late = [made.project_id for made in all_made[:OVERDUE]]
            overdue = ReviewOverdue(project_id=late[0], level=Holder.CITY, due=TODAY, told_on=TODAY)
            least = await bound(pool, late, overdue)
            note("sweep", seconds, "s", least, least / seconds)

            await intake.revise(TAKEN_OFF)
            began = time.monotonic()
            swept = await sweeping.sweep(recount_terms_when_calendar_revised.SWEEP)
            seconds = time.monotonic() - began
            assert (swept.told, swept.errors) == (MOVED, {}), swept
            again = await sweeping.sweep(recount_terms_when_calendar_revised.SWEEP)
            assert (again.found, again.told) == (0, 0), again
            moved = [made.project_id for made in all_made[OVERDUE : OVERDUE + MOVED]]
            term = all_made[OVERDUE].term
            least = await bound(
                pool,
                moved,
                ReviewTermMoved(project_id=moved[0], level=Holder.CITY, old=term, new=term),
            )
            note("recount", seconds, "s", least, least / seconds)
            await pool.close()
            await owner.close()


if __name__ == "__main__":
    asyncio.run(main())
