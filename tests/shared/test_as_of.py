"""The rows before an instant are those of a view that was told only what was recorded by then."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import examples, intake
from contracts.envelope import instant
from services.console.views import four_pools
from shared.clock import SHANGHAI
from shared.journal import canonical, open_pool
from shared.relay import headers_of
from shared.viewing import Record, Told, View, ViewStore, rows_before
from shared.viewing.parking import replay
from tests.conftest import VIEWING, NewDatabase
from tests.shared.ledger import Put
from tests.shared.reader import Reader
from tests.shared.reading import (
    OTHER_TOPIC,
    TOPIC,
    Balance,
    Looked,
    fold,
    ledger_view,
    opened,
    record,
    two_owners,
)
from tests.shared.test_rebuilding import BEGAN, board, read_live, run, some_history

FIRST = datetime(2019, 4, 22, tzinfo=SHANGHAI)
ENDS = [FIRST + timedelta(days=number) for number in range(5)]
# What lies on both sides of midnight, and noon.
INSTANTS = [
    end + shift
    for end in ENDS[:4]
    for shift in (timedelta(microseconds=-1), timedelta(0), timedelta(hours=12))
]
ONE_OWNER = ledger_view(history=True)
TWO_OWNERS = replace(two_owners(), history=True)

Rows = list[dict[str, Any]]


class Appended(NamedTuple):
    """Facts of one stream that were recorded together, at one instant."""

    topic: str
    key: str
    facts: list[Put | Looked]
    recorded: datetime


class Heard(NamedTuple):
    """A record with the instant at which its fact was recorded."""

    record: Record
    recorded: datetime


# 0 lets a row vanish; 13 is more than the fold of one owner can bear, so the fact is parked.
_facts = st.one_of(st.builds(Put, amount=st.sampled_from([1, 2, 5, 0, 0, 13])), st.builds(Looked))


def _journal(*topics: str) -> st.SearchStrategy[list[Heard]]:
    """Give facts of several streams in the order of their recording."""
    appended = st.builds(
        Appended,
        st.sampled_from(topics),
        st.sampled_from("abc"),
        st.lists(_facts, min_size=1, max_size=3),
        st.sampled_from(INSTANTS),
    )
    return st.lists(appended, min_size=1, max_size=10).map(_numbered)


def _numbered(appended: list[Appended]) -> list[Heard]:
    versions: dict[str, int] = {}
    heard = []
    for one in sorted(appended, key=lambda one: one.recorded):
        stream = f"{one.topic}/{one.key}"
        for fact in one.facts:
            version = versions[stream] = versions.get(stream, 0) + 1
            made = record(stream, version, fact, topic=one.topic, recorded=one.recorded)
            heard.append(Heard(made, one.recorded))
    return heard


@pytest.fixture
async def pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(await new_database(VIEWING))
    yield pool
    await pool.close()


async def hear(
    pool: asyncpg.Pool, view: View, records: Sequence[Record], sizes: Sequence[int]
) -> None:
    """Let a view that has heard nothing hear records, in batches of these sizes."""
    reading = await opened(pool, view)
    await pool.execute(f"truncate {', '.join(view.tables)}, viewing.offsets, viewing.waiting")
    rest, turn = list(records), 0
    while rest:
        size = sizes[turn % len(sizes)]
        await reading.take(*rest[:size])
        rest, turn = rest[size:], turn + 1


async def rows_at_ends(pool: asyncpg.Pool, view: View) -> list[Rows]:
    return [await rows_of(pool, view, end) for end in ENDS]


async def rows_of(pool: asyncpg.Pool, view: View, until: datetime) -> Rows:
    async with rows_before(pool, view, until) as (connection, rows):
        return [dict(row) for row in await connection.fetch(f"select * from {rows} order by key")]


async def rows_when_told(pool: asyncpg.Pool, view: View, heard: Sequence[Heard]) -> list[Rows]:
    """Give for each day the rows of a fresh view that was told only what was recorded by then."""
    found = []
    for end in ENDS:
        known = [one.record for one in heard if one.recorded < end]
        await hear(pool, view, known, [max(1, len(known))])
        rows = await pool.fetch(f"select * from {view.table} order by key")
        found.append([dict(row) for row in rows])
    return found


_property: Callable[[Any], Any] = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_property
@given(
    heard=_journal(TOPIC),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    random=st.randoms(use_true_random=False),
)
async def test_a_day_of_the_past_is_what_was_recorded_by_then_in_whatever_batches_it_was_heard(
    pool: asyncpg.Pool, heard: list[Heard], sizes: list[int], random: Any
) -> None:
    expected = await rows_when_told(pool, ONE_OWNER, heard)
    await hear(pool, ONE_OWNER, out_of_order(random, [one.record for one in heard]), sizes)
    assert await rows_at_ends(pool, ONE_OWNER) == expected


@_property
@given(
    heard=_journal(TOPIC, OTHER_TOPIC),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    random=st.randoms(use_true_random=False),
)
async def test_a_day_of_the_past_does_not_depend_on_how_two_owners_were_heard(
    pool: asyncpg.Pool, heard: list[Heard], sizes: list[int], random: Any
) -> None:
    expected = await rows_when_told(pool, TWO_OWNERS, heard)
    await hear(pool, TWO_OWNERS, out_of_order(random, [one.record for one in heard]), sizes)
    assert await rows_at_ends(pool, TWO_OWNERS) == expected


def out_of_order(random: Any, records: list[Record]) -> list[Record]:
    """Let some records run ahead, come twice, and come late."""
    moved = list(records)
    for _ in range(random.randint(0, 3)):
        moved.insert(random.randint(0, len(moved)), moved.pop(random.randrange(len(moved))))
    for _ in range(random.randint(0, 2)):
        moved.insert(random.randint(0, len(moved)), random.choice(records))
    return moved


def lucky(row: Balance | None, told: Told) -> Balance | None:
    """Fold as always, now that the mistake with 13 is mended."""
    fact = told.fact
    assert isinstance(fact, Put)
    if fact.amount != 13:
        return fold(row, told)
    before = row or Balance(0, 0, "", 0)
    return Balance(before.total + 13, before.applied + 1, before.label, told.envelope.version)


async def test_what_was_parked_counts_from_its_recording_once_it_is_replayed(
    pool: asyncpg.Pool,
) -> None:
    amounts = [(1, 0), (13, 0), (2, 1), (5, 2)]
    heard = [
        Heard(record("s", n, Put(amount=amount), recorded=at), at)
        for n, (amount, day) in enumerate(amounts, start=1)
        for at in (FIRST + timedelta(days=day, hours=9),)
    ]
    mended = replace(ONE_OWNER, owners=(replace(ONE_OWNER.owners[0], fold=lucky),))
    expected = await rows_when_told(pool, mended, heard)
    assert [rows[0]["total"] for rows in expected[1:]] == [14, 16, 21, 21]
    await hear(pool, ONE_OWNER, [one.record for one in heard], [1])
    assert [rows[0]["total"] for rows in (await rows_at_ends(pool, ONE_OWNER))[1:]] == [1] * 4
    await replay(ViewStore(pool, mended), "s", "operator")
    assert await rows_at_ends(pool, mended) == expected


def golden() -> list[Heard]:
    """Give the story of one project, one fact every eight hours, as the relay would tell it."""
    heard = []
    story = [
        (envelope, fact)
        for envelope, fact in examples.examples()
        if envelope.type in intake.DOSSIER_KINDS
    ]
    for number, (envelope, fact) in enumerate(story, start=1):
        at = FIRST + timedelta(hours=8 * number)
        told = envelope.model_copy(update={"time": instant(at), "streamversion": str(number)})
        headers = headers_of(told.model_dump(), number, b"\1")
        body = canonical(fact.model_dump(mode="json"))
        key = envelope.partitionkey.encode()
        heard.append(Heard(Record(intake.TOPIC, 0, 0, key, [*headers], body), at))
    return heard


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_the_board_of_every_day_of_the_golden_story(pool: asyncpg.Pool, size: int) -> None:
    heard = golden()
    expected = await rows_when_told(pool, four_pools.VIEW, heard)
    assert [len(rows) for rows in expected] == [0, 1, 1, 1, 0], "discarded on the fourth day"
    assert len({str(rows) for rows in expected}) == len(expected) - 1
    await hear(pool, four_pools.VIEW, [one.record for one in heard], [size])
    assert await rows_at_ends(pool, four_pools.VIEW) == expected


async def test_a_rebuild_changes_nothing_about_the_past(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    await read_live(reader, view)
    instants = [BEGAN + timedelta(hours=10 * n) for n in (1, 2, 3, 5)]
    before = [await rows_of(reader.pool, view, at) for at in instants]
    assert len({str(rows) for rows in before}) == len(before)
    await run(reader, view)
    assert [await rows_of(reader.pool, view, at) for at in instants] == before
