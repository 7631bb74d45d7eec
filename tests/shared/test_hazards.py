"""The ways in which reading a log loses or turns facts around, kept as tests for good.

Each was reproduced with a naive reader: a cursor that goes past what has not committed yet, an
order by transaction id, a wait for every open transaction of the cluster.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest

from deploy.embedded.launcher import Stack
from shared.journal import Journal, Writing
from shared.postgres import Connection
from shared.relay import Relay
from tests.conftest import NewDatabase
from tests.shared.broker import new_topic, positions, reach, read_all, relaying, until
from tests.shared.ledger import Put, put
from tests.shared.writing import surrounded

_GATE = 4242


@pytest.fixture(autouse=True)
def _without_giving_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An append that is held back here waits in the middle of its call for as long as it takes."""
    monkeypatch.setattr("shared.journal.appending.PATIENCE_MS", 0)


@asynccontextmanager
async def holding_back(
    owner: asyncpg.Connection, pool: asyncpg.Pool, stream: str, table: str
) -> AsyncIterator[None]:
    """Make an append to one stream wait where it inserts into ``table``, after its turn is set."""
    await owner.execute(
        f"create function public.wait_at_gate() returns trigger language plpgsql as $$ begin "
        f"if new.stream = '{stream}' then perform pg_advisory_xact_lock({_GATE}); end if; "
        f"return new; end $$;"
        f"create trigger gate before insert on {table} "
        f"for each row execute function public.wait_at_gate()"
    )
    async with pool.acquire() as gatekeeper:
        await gatekeeper.execute("select pg_advisory_lock($1)", _GATE)
        try:
            yield
        finally:
            await gatekeeper.execute("select pg_advisory_unlock($1)", _GATE)


async def told(pool: asyncpg.Pool) -> list[tuple[str, int]]:
    rows = await pool.fetch("select stream, version from journal.told order by position")
    return [(row["stream"], row["version"]) for row in rows]


async def waits_at_gate(pool: asyncpg.Pool) -> bool:
    return bool(
        await pool.fetchval(
            "select count(*) from pg_locks where locktype = 'advisory' and objid = $1 "
            "and not granted",
            _GATE,
        )
    )


@pytest.mark.parametrize("table", ["journal.untold", "journal.events"])
async def test_a_fact_that_commits_late_is_never_lost(
    servers: Stack, journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection, table: str
) -> None:
    journal = Journal(journal_pool, "test")
    topic = await new_topic(servers)
    database = await journal_pool.fetchval("select current_database()")
    role = await journal_pool.fetchval("select current_user")
    url = servers.admin_database_url()
    place = url.rpartition("@")[2].rpartition("/")[0]
    relay = Relay(
        f"postgresql://{role}:test@{place}/{database}",
        reach(servers),
        "test",
        lambda _: topic,
        [topic],
    )

    async def acknowledged(count: int) -> bool:
        return bool(
            await journal_pool.fetchval("select acknowledged = $1 from journal.relay", count)
        )

    async with relaying(relay):
        async with holding_back(owner_of_journal, journal_pool, "slow", table):
            slow = asyncio.create_task(put(journal, "slow", 1))
            await until(lambda: waits_at_gate(journal_pool), what="the slow append has its turn")
            for n in range(5):
                await put(journal, "quick", n + 1)
            await until(lambda: acknowledged(5), what="the later facts are told meanwhile")
            assert await told(journal_pool) == [("quick", n + 1) for n in range(5)]
            assert not slow.done()
        await slow
        await until(lambda: acknowledged(6), what="the late fact is told too")
    assert (await told(journal_pool))[-1] == ("slow", 1)
    assert sorted(positions(await read_all(servers, topic))) == [1, 2, 3, 4, 5, 6]


async def test_the_second_fact_of_a_stream_is_never_told_before_the_first(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    """The transaction of the second fact began and wrote first; its id is the lower one."""
    journal = Journal(journal_pool, "test")
    role = await journal_pool.fetchval("select current_user")
    await owner_of_journal.execute(
        f'create table public.notes (note text); grant insert on public.notes to "{role}"'
    )

    async def note_then_let_another_go_first(connection: Connection) -> None:
        await connection.execute("insert into public.notes values ('first of all')")
        await put(journal, "s", 1, now=now)

    now = datetime.now(UTC)
    await journal.append(
        [Writing("s", "s", 1, surrounded("s", 2, Put(amount=2)))],
        now,
        also=[note_then_let_another_go_first],
    )
    assert await journal_pool.fetchval("select journal.sequence(500)") == 2
    assert await told(journal_pool) == [("s", 1), ("s", 2)]


async def test_a_window_ends_in_the_middle_of_a_stream_and_goes_on_there(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    for amount in range(1, 6):
        await put(journal, "s", amount)
    moved = [await journal_pool.fetchval("select journal.sequence(2)") for _ in range(4)]
    assert moved == [2, 2, 1, 0]
    assert await told(journal_pool) == [("s", n) for n in range(1, 6)]


async def test_an_open_transaction_elsewhere_holds_nothing_up(
    servers: Stack, journal_pool: asyncpg.Pool, new_database: NewDatabase
) -> None:
    """Neither in another database of the cluster nor in our own."""
    journal = Journal(journal_pool, "test")
    elsewhere = await asyncpg.connect(await new_database())
    try:
        async with elsewhere.transaction():
            await elsewhere.fetchval("select pg_current_xact_id()")
            async with journal_pool.acquire() as own, own.transaction():
                await own.fetchval("select pg_current_xact_id()")
                await put(journal, "s", 1)
                assert await journal_pool.fetchval("select journal.sequence(500)") == 1
        assert await told(journal_pool) == [("s", 1)]
    finally:
        await elsewhere.close()


async def test_two_sequencers_give_no_position_twice(journal_pool: asyncpg.Pool) -> None:
    """The lock of the leader keeps them apart; were it lost, the key of the position would."""
    journal = Journal(journal_pool, "test")
    await put(journal, "s", 1)
    async with journal_pool.acquire() as first, journal_pool.acquire() as second:
        ours = first.transaction()
        await ours.start()
        assert await first.fetchval("select journal.sequence(500)") == 1
        theirs = asyncio.create_task(second.fetchval("select journal.sequence(500)"))
        await asyncio.sleep(0.1)
        await ours.commit()
        with pytest.raises(asyncpg.UniqueViolationError):
            await theirs
    assert await told(journal_pool) == [("s", 1)]
    assert await journal_pool.fetchval("select count(*) from journal.untold") == 0


async def test_an_append_over_a_taken_version_fails_loudly(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    """Whatever made the head of a stream wrong, a fact that is not stored is not acknowledged."""
    journal = Journal(journal_pool, "test")
    await put(journal, "s", 1)
    await owner_of_journal.execute("update journal.streams set version = 0, chain = ''")
    with pytest.raises(asyncpg.UniqueViolationError):
        await journal.append(
            [Writing("s", "s", 0, surrounded("s", 1, Put(amount=2)))], datetime.now(UTC)
        )
    assert await journal_pool.fetchval("select count(*) from journal.events") == 1
    assert await journal_pool.fetchval("select count(*) from journal.untold") == 1


async def test_writers_of_one_stream_wait_and_then_see_that_it_moved(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "s", 1)

    async def append(amount: int) -> None:
        await journal.append(
            [Writing("s", "s", 1, surrounded("s", 2, Put(amount=amount)))], datetime.now(UTC)
        )

    async with holding_back(owner_of_journal, journal_pool, "s", "journal.untold"):
        appends = [asyncio.create_task(append(1))]
        await until(lambda: waits_at_gate(journal_pool), what="the first is in the middle")
        appends += [asyncio.create_task(append(n)) for n in range(2, 6)]
        await asyncio.sleep(0.3)
    outcomes = await asyncio.gather(*appends, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["NoneType"] + ["StreamMoved"] * 4


async def test_bulk_appends_that_cross_do_not_wait_in_a_circle(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    journal = Journal(journal_pool, "test")

    async def append(*streams: str) -> None:
        await journal.append(
            [Writing(s, s, 0, surrounded(s, 1, Put(amount=1))) for s in streams], datetime.now(UTC)
        )

    async with holding_back(owner_of_journal, journal_pool, "middle", "journal.streams"):
        first = asyncio.create_task(append("all", "middle", "zenith"))
        await until(lambda: waits_at_gate(journal_pool), what="the first is in the middle")
        second = asyncio.create_task(append("zenith", "middle", "all"))
        await asyncio.sleep(0.3)
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["NoneType", "StreamMoved"]
