"""What a rebuild promises: the same rows again, beside the live ones, in nobody's way."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from aiokafka.partitioner import DefaultPartitioner

from shared.rebuilding import (
    Aborted,
    Busy,
    Progress,
    RebuildRefused,
    Rebuilt,
    RowsDiffer,
    ask_to_stop,
    prune,
    rebuild,
    rebuild_key,
    rebuilds,
    swapping,
)
from shared.rebuilding.rebuild import lock_of
from shared.viewing import Told, View, ViewStore, tables
from shared.viewing.parking import discard
from tests.shared.broker import new_topic
from tests.shared.ledger import Put
from tests.shared.reader import Reader, working
from tests.shared.reading import (
    Balance,
    Looked,
    contents,
    fold,
    ledger_view,
    record,
    shared_out,
    two_owners,
)

BEGAN = datetime(2019, 4, 22, 1, tzinfo=UTC)


def board(reader: Reader, **changes: Any) -> View:
    return replace(ledger_view(reader.topic, history=True), **changes)


def partition_of(key: str) -> int:
    """Give the partition that Kafka's producers choose for a key."""
    return int(DefaultPartitioner()(key.encode(), [0, 1, 2], [0, 1, 2]))


async def tell(reader: Reader, facts: Sequence[tuple[str, int, Put | Looked]]) -> None:
    """Put facts into the topic, each stream into the partition of its key."""
    placed = [
        record(
            stream,
            version,
            fact,
            topic=reader.topic,
            partition=partition_of(stream),
            recorded=BEGAN + timedelta(hours=10 * version),
        )
        for stream, version, fact in facts
    ]
    await reader.tell(*placed)


async def some_history(reader: Reader) -> None:
    """Tell of twenty streams what a topic may hold: repeats, other kinds, rows that vanish."""
    facts: list[tuple[str, int, Put | Looked]] = []
    for number in range(20):
        stream = f"s{number}"
        facts += [(stream, 1, Put(amount=number + 20)), (stream, 2, Put(amount=2, label="two"))]
        facts += [(stream, 2, Put(amount=2, label="two")), (stream, 3, Looked())]
        facts.append((stream, 4, Put(amount=0 if number % 5 == 0 else 40)))
    await tell(reader, facts)


async def read_live(reader: Reader, view: View) -> list[list[dict[str, Any]]]:
    async with working(reader.workers(ViewStore(reader.pool, view))):
        await reader.read_to_the_end()
    return await contents(reader.pool, view)


def run(reader: Reader, view: View, said: list[Any] | None = None, **how: Any) -> Any:
    tell_it = (said if said is not None else []).append
    settings = reader.settings()
    return rebuild(view, reader.url, settings.client(), tell_it, **{"processes": 1, **how})


async def oid(pool: asyncpg.Pool, table: str) -> int:
    return int(await pool.fetchval("select $1::regclass::oid", table))


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_rebuilt_view_equals_the_live_one_and_takes_its_place(
    reader: Reader, processes: int
) -> None:
    view = board(reader)
    await some_history(reader)
    before = await read_live(reader, view)
    rows, versions, states = before
    assert (len(rows), len(versions), len(states)) == (16, 20, 60)
    was = await oid(reader.pool, view.table)
    said: list[Any] = []
    done: Rebuilt = await run(reader, view, said, verify=True, processes=processes)
    assert done.compared
    assert await contents(reader.pool, view) == before
    assert await oid(reader.pool, view.table) != was
    phases = [key for key, _ in itertools.groupby(one.phase for one in said)]
    assert phases == ["reading", "indexing", "catching_up", "comparing", "swapped"]
    assert said[-1].events == said[-1].of_events == 100
    await tell(reader, [("s1", 5, Put(amount=5))])
    await read_live(reader, view)
    assert await reader.applied_of(view, "s1") == (4, 5)


async def test_two_owners_are_put_together_again(reader: Reader) -> None:
    other = await new_topic(reader.servers, 3)
    view = replace(two_owners(reader.topic, other), history=True)
    for topic, side in ((reader.topic, "l"), (other, "r")):
        await reader.tell(
            *(
                record(
                    f"{side}/{key}",
                    version,
                    Put(amount=version),
                    topic=topic,
                    partition=partition_of(key),
                )
                for key in ("a", "b", *(("c",) if side == "l" else ("d",)))
                for version in (1, 2)
            )
        )
    store = ViewStore(reader.pool, view)
    async with working(reader.workers(store)):
        async with asyncio.timeout(20):
            while sum((await store.offsets(await places(store))).values()) < 12:
                await asyncio.sleep(0.1)
    before = await contents(reader.pool, view)
    assert len(before[0]) == 4
    done: Rebuilt = await run(reader, view, verify=True)
    assert done.compared
    assert await contents(reader.pool, view) == before


async def places(store: ViewStore) -> list[tuple[str, int]]:
    return [(topic, number) for topic in store.view.topics for number in range(3)]


async def test_what_is_parked_or_runs_ahead_is_taken_over(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    await tell(reader, [("bad", n, Put(amount=13 if n == 2 else n)) for n in (1, 2, 3, 4)])
    await tell(reader, [("gap", n, Put(amount=n)) for n in (1, 2, 4, 5)])
    await tell(reader, [("big", 1, Put(amount=2**80))])
    before = await read_live(reader, view)
    aside = await reader.aside()
    assert aside == [
        ("bad", 2, "failed"),
        ("bad", 3, "queued"),
        ("bad", 4, "queued"),
        ("big", 1, "failed"),
        ("gap", 4, "ahead"),
        ("gap", 5, "ahead"),
    ]
    since = await reader.pool.fetch("select stream, since from viewing.waiting order by 1, 2")
    await run(reader, view, verify=True)
    assert await contents(reader.pool, view) == before
    assert await reader.aside() == aside
    assert since == await reader.pool.fetch(
        "select stream, since from viewing.waiting order by 1, 2"
    )
    await tell(reader, [("gap", 3, Put(amount=3))])
    await read_live(reader, view)
    assert await reader.applied_of(view, "gap") == (5, 5)


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_what_an_operator_gives_up_before_or_during_a_rebuild_is_left_out(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, *, meanwhile: bool
) -> None:
    view = board(reader)
    await some_history(reader)
    await tell(reader, [("bad", n, Put(amount=13 if n == 2 else n)) for n in (1, 2, 3, 4)])
    await read_live(reader, view)

    async def give_up() -> None:
        if await reader.aside():
            await discard(ViewStore(reader.pool, view), "bad", 2, "源数据有误。", "operator")

    if not meanwhile:
        await give_up()
    swap = swapping.Successor.swap

    async def swap_after_the_operator(successor: swapping.Successor, **how: Any) -> None:
        await give_up()
        await swap(successor, **how)

    monkeypatch.setattr(swapping.Successor, "swap", swap_after_the_operator)
    await run(reader, view, verify=True)
    assert await reader.aside() == []
    assert await reader.applied_of(view, "bad") == (3, 4)


def stricter(row: Balance | None, told: Told) -> Balance | None:
    """Fold as always, but fail on a label that was good before."""
    fact = told.fact
    assert isinstance(fact, Put)
    if fact.label == "two":
        raise ValueError("no such label any more")
    return fold(row, told)


async def test_a_fact_that_fails_only_now_stops_the_rebuild(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    before = await read_live(reader, view)
    broken = replace(view, owners=(replace(view.owners[0], fold=stricter),))
    said: list[Any] = []
    with pytest.raises(RebuildRefused, match="no such label any more"):
        await run(reader, broken, said)
    assert {one.phase for one in said} == {"reading"}
    assert await contents(reader.pool, view) == before
    assert await leftovers(reader, view) == []
    phase = await reader.pool.fetchval("select phase from viewing.rebuilds")
    assert phase == "failed"


async def leftovers(reader: Reader, view: View) -> list[str]:
    rows = await reader.pool.fetch(
        "select tablename from pg_tables where schemaname = 'views' order by 1"
    )
    own = {table.partition(".")[2] for table in view.tables}
    return [row["tablename"] for row in rows if row["tablename"] not in own]


async def test_a_row_that_is_not_what_the_facts_say_is_found_and_nothing_is_swapped(
    reader: Reader,
) -> None:
    view = board(reader)
    await some_history(reader)
    await read_live(reader, view)
    await reader.pool.execute(f"update {view.table} set total = 999 where key = 's3'")
    tampered = await contents(reader.pool, view)
    with pytest.raises(RowsDiffer, match="s3") as raised:
        await run(reader, view, verify=True)
    assert "999" in str(raised.value)
    assert await contents(reader.pool, view) == tampered
    # What was made is kept to be looked at, until the next rebuild.
    assert "balances_g1" in await leftovers(reader, view)
    await run(reader, view)
    assert "balances_g1" not in await leftovers(reader, view)
    assert (await contents(reader.pool, view))[0] != tampered[0]


@pytest.mark.parametrize("what", ["row", "stream", "past"])
async def test_every_table_is_compared(reader: Reader, what: str) -> None:
    view = board(reader)
    await some_history(reader)
    await read_live(reader, view)
    done = {
        "row": f"delete from {view.table} where key = 's2'",
        "stream": f"update {view.streams} set version = 3 where stream = 's2'",
        "past": f"update {view.tables[2]} set total = 7 where key = 's2' and total = 22",
    }
    await reader.pool.execute(done[what])
    with pytest.raises(RowsDiffer, match="s2"):
        await run(reader, view, verify=True)


async def test_people_work_on_while_a_view_is_rebuilt(reader: Reader) -> None:
    """Facts come in all along; whoever reads sees every row at every moment, never going back."""
    view = board(reader)
    await some_history(reader)
    store = ViewStore(reader.pool, view)
    stop = asyncio.Event()
    sums: list[int] = []

    async def report() -> int:
        for version in itertools.count(1):
            if stop.is_set():
                return version - 1
            await tell(reader, [(f"n{n}", version, Put(amount=1)) for n in range(10)])
        raise AssertionError

    async def look() -> None:
        while not stop.is_set():
            total = await reader.pool.fetchval(f"select sum(version) from {view.streams}")
            rows = await reader.pool.fetchval(f"select count(*) from {view.table}")
            assert rows >= 16
            sums.append(total)
            await asyncio.sleep(0.01)

    async with working(reader.workers(store)):
        await reader.read_to_the_end()
        reporting, looking = asyncio.create_task(report()), asyncio.create_task(look())
        for _ in range(3):
            done: Rebuilt = await run(reader, view, verify=True)
            assert done.compared
        stop.set()
        count = await reporting
        await looking
        await reader.read_to_the_end()
    assert sums == sorted(sums)
    assert count > 10
    assert {await reader.applied_of(view, f"n{n}") for n in range(10)} == {(count, count)}
    after = await contents(reader.pool, view)
    await run(reader, view, verify=True)
    assert await contents(reader.pool, view) == after


async def test_what_a_killed_rebuild_left_is_cleared_and_said(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    before = await read_live(reader, view)

    await reader.pool.execute(
        "insert into viewing.rebuilds (view, generation, phase) values ('balances', 1, 'reading')"
    )
    async with reader.pool.acquire() as connection:
        await tables.create_bare(connection, view.generation(1))
    await reader.pool.execute(
        "insert into viewing.offsets (view, topic, partition, next_offset) "
        "values ('balances_g1', 'x', 0, 5)"
    )
    said: list[Any] = []
    await run(reader, view, said, verify=True)
    assert any("中断" in one for one in said if isinstance(one, str))
    assert await contents(reader.pool, view) == before
    assert await leftovers(reader, view) == [
        "balances_before_g2",
        "balances_before_g2_streams",
        "balances_before_g2_test_history",
    ]
    assert (
        await reader.pool.fetchval("select count(*) from viewing.offsets where view like '%_g1'")
        == 0
    )


async def test_the_replaced_tables_stay_until_the_next_rebuild_or_longer_when_kept(
    reader: Reader,
) -> None:
    view = board(reader)
    await some_history(reader)
    await read_live(reader, view)
    await run(reader, view, keep=True)
    await run(reader, view)
    await run(reader, view)
    left = {
        name.removesuffix("_streams").removesuffix("_test_history")
        for name in await leftovers(reader, view)
    }
    assert left == {"balances_before_g1", "balances_before_g3"}


async def test_a_second_rebuild_of_the_same_view_is_refused(reader: Reader) -> None:
    view = board(reader)
    other = await asyncpg.connect(reader.url)
    await other.execute("select pg_advisory_lock(hashtext($1))", lock_of(view.name))
    with pytest.raises(Busy, match="另一个进程"):
        await run(reader, view)
    await other.close()


async def test_a_rebuild_can_be_stopped_from_outside(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    before = await read_live(reader, view)
    stopping: list[asyncio.Future[Any]] = []

    def stop(said: Progress | str) -> None:
        if isinstance(said, Progress) and said.phase == "reading" and not stopping:
            asked = reader.pool.execute("update viewing.rebuilds set stop = true")
            stopping.append(asyncio.ensure_future(asked))

    with pytest.raises(Aborted):
        await rebuild(view, reader.url, reader.settings().client(), stop, processes=1)
    await asyncio.gather(*stopping)
    assert await contents(reader.pool, view) == before
    assert await leftovers(reader, view) == []


async def test_a_view_of_a_new_version_is_made_beside_the_old_one(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    await read_live(reader, view)
    newer = replace(view, version=2, indexes=("(label)",))
    assert not await ViewStore(reader.pool, newer).open()
    async with working(reader.workers(ViewStore(reader.pool, newer))):
        async with asyncio.timeout(20):
            while not await ViewStore(reader.pool, newer).open():
                assert len((await contents(reader.pool, view))[0]) == 16
        await tell(reader, [("s1", 5, Put(amount=5))])
        await reader.read_to_the_end()
    assert await reader.applied_of(newer, "s1") == (4, 5)
    assert not await ViewStore(reader.pool, view).open()


async def test_the_row_of_one_key_is_made_anew(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    before = await read_live(reader, view)
    client = reader.settings().client()
    assert await rebuild_key(view, reader.url, client, "s3") == (4, False)
    await reader.pool.execute(f"update {view.table} set total = 999 where key = 's3'")
    await reader.pool.execute(f"update {view.tables[2]} set total = 999 where key in ('s3', 's4')")
    assert await rebuild_key(view, reader.url, client, "s3") == (4, True)
    after = await contents(reader.pool, view)
    assert after[:2] == before[:2]
    assert [row for row in after[2] if row["key"] != "s4"] == [
        row for row in before[2] if row["key"] != "s4"
    ]
    assert {row["total"] for row in after[2] if row["key"] == "s4"} == {999}
    with pytest.raises(RebuildRefused, match="nobody"):
        await rebuild_key(view, reader.url, client, "nobody")


async def test_one_row_of_facts_about_several_is_made_anew_alone(reader: Reader) -> None:
    view = shared_out(reader.topic)
    labels = ("a+b", "b", "a+c", "c")
    await tell(
        reader, [("s", n, Put(amount=n, label=label)) for n, label in enumerate(labels, start=1)]
    )
    before = await read_live(reader, view)
    client = reader.settings().client()
    assert await rebuild_key(view, reader.url, client, "s|a") == (2, False)
    await reader.pool.execute(f"update {view.table} set right_total = 999")
    assert await rebuild_key(view, reader.url, client, "s|a") == (2, True)
    rows, versions, states = await contents(reader.pool, view)
    assert {row["key"]: row["right_total"] for row in rows} == {"s|a": 4, "s|b": 999, "s|c": 999}
    assert [versions, states] == before[1:]


async def test_a_batch_that_meets_the_swap_waits_for_it_and_is_not_lost(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = board(reader)
    await some_history(reader)
    await read_live(reader, view)
    store, late = ViewStore(reader.pool, view), record("late", 1, topic=reader.topic, partition=0)
    stands = (await store.offsets([(reader.topic, 0)]))[reader.topic, 0]
    applying: list[asyncio.Task[None]] = []
    original = swapping._take_place

    async def meets(connection: Any, live: View, new: View, number: int) -> None:
        batch = store.apply([(reader.topic, 0, stands, stands + 1)], [late])
        applying.append(asyncio.create_task(batch))
        await asyncio.sleep(0.5)
        await original(connection, live, new, number)

    monkeypatch.setattr(swapping, "_take_place", meets)
    await run(reader, view)
    await asyncio.gather(*applying)
    assert await reader.applied_of(view, "late") == (1, 1)


async def test_facts_of_one_instant_leave_one_state(reader: Reader) -> None:
    """Nobody ever saw what stood between two facts of one append."""
    view = board(reader)
    together = [
        record("s", n, Put(amount=n), topic=reader.topic, recorded=BEGAN) for n in (1, 2, 3)
    ]
    later = record("s", 4, topic=reader.topic, recorded=BEGAN + timedelta(days=1))
    await reader.tell(*together, later)
    before = await read_live(reader, view)
    assert [(row["recorded_from"], row["total"]) for row in before[2]] == [
        (BEGAN, 6),
        (BEGAN + timedelta(days=1), 10),
    ]
    await run(reader, view, verify=True)
    assert await contents(reader.pool, view) == before


async def test_what_rebuilds_there_were_can_be_looked_at_and_cleared_up(reader: Reader) -> None:
    view = board(reader)
    await some_history(reader)
    await read_live(reader, view)
    assert not await ask_to_stop(reader.url, view)
    await run(reader, view, keep=True)
    await reader.pool.execute(
        "insert into viewing.rebuilds (view, generation, phase) values ('balances', 2, 'indexing')"
    )
    kept, dead = await rebuilds(reader.url)
    assert (kept.phase, kept.keep, kept.events, kept.of_events) == ("swapped", True, 100, 100)
    assert (dead.unfinished, dead.works) == (True, False)
    assert not await ask_to_stop(reader.url, view)
    other = await asyncpg.connect(reader.url)
    await other.execute("select pg_advisory_lock(hashtext($1))", lock_of(view.name))
    assert [one.works for one in await rebuilds(reader.url)] == [False, True]
    assert await ask_to_stop(reader.url, view)
    with pytest.raises(Busy):
        await prune(reader.url, view)
    await other.close()
    assert await prune(reader.url, view) == 2
    assert await leftovers(reader, view) == []
    assert await rebuilds(reader.url) == []
