"""The rows before an instant are those of a view that was told only what was recorded by then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import examples, intake
from services.console.views import four_pools
from shared.clock import SHANGHAI
from shared.journal import canonical, open_pool
from shared.relay import headers_of
from shared.viewing import Record, View, rows_before
from tests.conftest import VIEWING, NewDatabase
from tests.shared.ledger import Put
from tests.shared.reading import (
    OTHER_TOPIC,
    TOPIC,
    Looked,
    contents,
    ledger_view,
    opened,
    record,
    two_owners,
)
from tests.shared.test_rebuilding import BEGAN, board, read_live, run, some_history, tell
from tests.shared.reader import Reader

FIRST = datetime(2019, 4, 22, tzinfo=SHANGHAI)
DAYS = [FIRST + timedelta(days=number) for number in range(5)]
# Whole days, and what lies on both sides of midnight.
INSTANTS = [
    day + timedelta(microseconds=shift) for day in DAYS[:4] for shift in (-1, 0, 1, 43_200_000_000)
]


class Appended(NamedTuple):
    """Facts of one stream that were recorded together, at one instant."""

    topic: str
    stream: str
    facts: tuple[Put | Looked, ...]
    recorded: datetime


amounts = st.sampled_from([1, 2, 5, 0, 0, 13])
facts = st.one_of(st.builds(Put, amount=amounts), st.builds(Looked))


@st.composite
def tellings(draw: st.DrawFn, topics: Sequence[str]) -> list[tuple[Record, datetime]]:
    """Give facts of several streams in the order of their recording; each stream has no gap."""
    appended = draw(
        st.lists(
            st.builds(
                Appended,
                st.sampled_from(topics),
                st.sampled_from(["a", "b", "c"]),
                st.lists(facts, min_size=1, max_size=3).map(tuple),
                st.sampled_from(INSTANTS),
            ),
            min_size=1,
            max_size=12,
        )
    )
    appended.sort(key=lambda one: one.recorded)
    versions: dict[str, int] = {}
    told = []
    for one in appended:
        side = f"{one.topic}/" if len(topics) > 1 else ""
        stream = f"{side}{one.stream}"
        for fact in one.facts:
            version = versions[stream] = versions.get(stream, 0) + 1
            made = record(stream, version, fact, topic=one.topic, recorded=one.recorded)
            told.append((made, one.recorded))
    return told


async def forgotten(pool: asyncpg.Pool, view: View) -> None:
    await pool.execute(f"drop table if exists {', '.join(view.tables)}")
    await pool.execute("delete from viewing.offsets; delete from viewing.waiting")


async def before(pool: asyncpg.Pool, view: View, until: datetime) -> list[dict[str, Any]]:
    async with rows_before(pool, view, until) as (connection, rows):
        return [dict(row) for row in await connection.fetch(f"select * from {rows} order by key")]


async def told_only(
    pool: asyncpg.Pool, view: View, records: Sequence[Record]
) -> list[dict[str, Any]]:
    """Give the rows of a fresh view that hears these facts and no others."""
    await forgotten(pool, view)
    reading = await opened(pool, view)
    for one in records:
        await reading.take(one)
    return [dict(row) for row in await pool.fetch(f"select * from {view.table} order by key")]


async def every_day(pool: asyncpg.Pool, view: View) -> list[list[dict[str, Any]]]:
    return [await before(pool, view, day) for day in DAYS]


@pytest.mark.parametrize(
    "view", [ledger_view(), two_owners()], ids=["one owner", "two owners"]
)
async def test_a_day_of_the_past_equals_a_view_that_was_told_only_what_was_recorded_by_then(
    new_database: NewDatabase, view: View
) -> None:
    pool = await open_pool(await new_database(VIEWING))
    kept = replace(view, history=True)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    async def holds(data: st.DataObject) -> None:
        pass

    await pool.close()
