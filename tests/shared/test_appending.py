"""What is promised when appends share a call: each is all or nothing, and sees only its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg

from shared.journal import Claim, Journal, Remembered, Writing
from shared.refusals import ClaimTaken, StreamMoved
from tests.shared.broker import until
from tests.shared.ledger import Put, put
from tests.shared.writing import surrounded

NOW = datetime(2049, 4, 22, 1, tzinfo=UTC)


async def append(
    journal: Journal,
    stream: str,
    *,
    expected: int = 0,
    claim: str = "",
    command: str = "",
    recorded: datetime = NOW,
) -> None:
    await journal.append(
        [
            Writing(
                stream,
                stream,
                expected,
                surrounded(stream, expected + 1, Put(amount=1)),
                takes=frozenset({Claim("label", claim)} if claim else ()),
            )
        ],
        recorded,
        [Remembered(command, b"body", b"reply")] if command else [],
    )


async def all_at_once(*appends: "asyncio.Future[None]") -> list[str]:
    outcomes = await asyncio.gather(*appends, return_exceptions=True)
    return [type(outcome).__name__ for outcome in outcomes]


async def transactions(pool: asyncpg.Pool) -> int:
    count = await pool.fetchval("select count(distinct xmin::text) from journal.untold")
    return int(count)


@asynccontextmanager
async def locked(owner: asyncpg.Connection, stream: str) -> AsyncIterator[None]:
    """Hold a stream as another process does in the middle of its transaction."""
    async with owner.transaction():
        await owner.execute("select 1 from journal.streams where stream = $1 for update", stream)
        yield


def asked(*appends: object) -> "list[asyncio.Future[None]]":
    return [asyncio.ensure_future(one) for one in appends]  # type: ignore[call-overload]


async def test_appends_that_come_together_share_a_transaction(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    assert set(await all_at_once(*asked(*(append(journal, f"s{n}") for n in range(50))))) == {
        "NoneType"
    }
    assert await journal_pool.fetchval("select count(*) from journal.events") == 50
    assert await transactions(journal_pool) < 10


async def test_a_stream_that_moved_is_refused_to_its_own_writer_only(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "moved", 1)
    outcomes = await all_at_once(
        *asked(*(append(journal, stream) for stream in ("a", "moved", "b", "c")))
    )
    assert outcomes == ["NoneType", StreamMoved.__name__, "NoneType", "NoneType"]
    assert (await journal.load("moved")).version == 1


async def test_a_taken_claim_is_refused_to_whoever_asks_for_it(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "holder", 1, label="x")
    outcomes = await all_at_once(
        *asked(append(journal, "a"), append(journal, "b", claim="x"), append(journal, "c"))
    )
    assert outcomes == ["NoneType", ClaimTaken.__name__, "NoneType"]
    assert (await journal.load("b")).version == 0


async def test_of_two_that_want_one_claim_in_one_call_one_gets_it(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    outcomes = await all_at_once(
        *asked(*(append(journal, stream, claim="x") for stream in ("a", "b", "c", "d")))
    )
    assert sorted(outcomes) == ["ClaimTaken"] * 3 + ["NoneType"]
    assert await journal_pool.fetchval("select count(*) from journal.events") == 1


async def test_a_command_sent_twice_in_one_call_is_written_once(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    outcomes = await all_at_once(
        *asked(
            *(append(journal, stream, command="k") for stream in ("a", "b")), append(journal, "c")
        )
    )
    assert sorted(outcomes) == ["NoneType", "NoneType", "UniqueViolationError"]
    assert await journal_pool.fetchval("select count(*) from journal.events") == 2


async def test_a_fact_that_cannot_be_stored_harms_no_other(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    outcomes = await all_at_once(
        *asked(append(journal, "a"), append(journal, "b\0"), append(journal, "c"))
    )
    assert outcomes == ["NoneType", "CharacterNotInRepertoireError", "NoneType"]


async def test_each_append_keeps_its_own_time_of_recording(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    times = {f"s{n}": NOW + timedelta(hours=n) for n in range(10)}
    await asyncio.gather(
        *(
            append(journal, stream, recorded=recorded, command=f"k-{stream}")
            for stream, recorded in times.items()
        )
    )
    rows = await journal_pool.fetch(
        "select e.stream, e.recorded, s.recorded as head, c.recorded as command "
        "from journal.events e join journal.streams s using (stream) "
        "join journal.commands c on c.command_id = 'k-' || e.stream"
    )
    for row in rows:
        assert row["recorded"] == row["head"] == row["command"] == times[row["stream"]]
    assert len(rows) == 10


async def test_writers_of_one_stream_do_not_share_a_call(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    outcomes = await all_at_once(*asked(*(append(journal, "s") for _ in range(5))))
    assert sorted(outcomes) == ["NoneType"] + ["StreamMoved"] * 4
    assert (await journal.load("s")).version == 1


async def test_a_stream_that_is_held_holds_up_nobody_else(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "held", 1)
    async with locked(owner_of_journal, "held"), asyncio.timeout(10):
        held = asked(*(append(journal, "held", expected=1) for _ in range(3)))
        others = asked(*(append(journal, f"s{n}") for n in range(20)))
        assert set(await all_at_once(*others)) == {"NoneType"}
        await append(journal, "late")
        assert not any(one.done() for one in held)
    assert sorted(await all_at_once(*held)) == ["NoneType", "StreamMoved", "StreamMoved"]


async def test_whoever_goes_away_takes_no_other_along(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    journal = Journal(journal_pool, "test")
    appends = asked(*(append(journal, f"s{n}") for n in range(20)))
    await asyncio.sleep(0)
    for gone in appends[::4]:
        gone.cancel()
    outcomes = await all_at_once(*appends)
    assert outcomes.count("CancelledError") == 5
    assert outcomes.count("NoneType") == 15
    for n in range(20):
        if n % 4:
            assert (await journal.load(f"s{n}")).version == 1


async def test_when_the_connection_is_lost_nothing_is_tried_twice(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    """Nobody knows whether it was written: the asker decides, who knows his command's id."""
    journal = Journal(journal_pool, "test")
    await put(journal, "held", 1)
    async with locked(owner_of_journal, "held"):
        appends = asked(append(journal, "a"), append(journal, "held", expected=1))

        async def cut() -> bool:
            return bool(
                await owner_of_journal.fetchval(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                    "where datname = current_database() and wait_event_type = 'Lock'"
                )
            )

        await until(cut, what="a backend waits and is ended")
        outcomes = await all_at_once(*appends)
    assert set(outcomes) <= {"AdminShutdownError", "ConnectionDoesNotExistError"}
    assert (await journal.load("a")).version == 0
