"""Views of the same topics share a consumer and a transaction, and meet their troubles alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from asyncpg import UndefinedTableError

from shared.viewing import ViewStore
from shared.viewing.keeping import Kept, Read
from shared.viewing.store import Batch, Fenced, apply_together
from tests.shared.broker import until
from tests.shared.ledger import Put
from tests.shared.reader import Reader, working
from tests.shared.reading import Reading, ledger_view, record


def another(reader: Reader, **changed: Any) -> ViewStore:
    """Keep a second view, of the same topic unless something is changed."""
    return ViewStore(reader.pool, replace(ledger_view(reader.topic), name="others", **changed))


@pytest.fixture
def beside(reader: Reader) -> ViewStore:
    """Keep a second view of the same topic."""
    return another(reader)


async def both_have(reader: Reader, key: str, times: int) -> None:
    """Wait until each of the views has applied so many facts of a key, and no more."""
    views = (ledger_view(reader.topic), another(reader).view)

    async def done() -> bool:
        try:
            return [await reader.applied_of(view, key) for view in views] == [(times, times)] * 2
        except UndefinedTableError:
            # A worker that has just begun has not made its tables yet.
            return False

    await until(done, what=f"{key} in both views {times} times")


async def test_views_of_the_same_topics_are_written_in_one_transaction(
    reader: Reader, beside: ViewStore
) -> None:
    workers = reader.workers(beside=[beside])
    assert len(workers.workers) == 1
    async with working(workers):
        await reader.tell(*reader.facts("s", range(1, 11)))
        await both_have(reader, "s", 10)
    written = await reader.pool.fetch(
        "select a.xmin::text = b.xmin::text as together from views.balances a "
        "join views.others b using (key)"
    )
    assert [row["together"] for row in written] == [True]


async def test_whoever_gathers_or_reads_other_topics_reads_alone(reader: Reader) -> None:
    gathers, elsewhere = another(reader, gathers=True), ledger_view("siku.elsewhere.v1")
    workers = reader.workers(
        beside=[gathers, ViewStore(reader.pool, replace(elsewhere, name="elsewhere"))]
    )
    assert [worker.owning.names for worker in workers.workers] == [
        ["balances"],
        ["others"],
        ["elsewhere"],
    ]


async def test_a_view_that_is_new_catches_up_and_nothing_is_doubled_in_the_one_that_was_there(
    reader: Reader, beside: ViewStore
) -> None:
    await reader.tell(*reader.facts("s", range(1, 11)))
    async with working(reader.workers()):
        await reader.read_to_the_end()
    async with working(reader.workers(beside=[beside])):
        await reader.tell(*reader.facts("s", [11]))
        await both_have(reader, "s", 11)


async def test_a_view_whose_tables_are_away_holds_no_other_up_and_misses_nothing(
    reader: Reader, beside: ViewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.viewing.worker.BATCH", 3)
    async with working(reader.workers(beside=[beside])) as task:
        await reader.tell(*reader.facts("s", range(1, 6)))
        await both_have(reader, "s", 5)
        await reader.pool.execute("alter table views.others rename to away")
        await reader.tell(*reader.facts("s", range(6, 31)))

        async def goes_on() -> bool:
            return (await reader.applied())["s"] == (30, 30)

        await until(goes_on, what="the other view goes on")
        await reader.pool.execute("alter table views.away rename to others")
        await reader.tell(*reader.facts("s", range(31, 41)))
        await both_have(reader, "s", 40)
        assert not task.done()
    assert await reader.aside() == []


async def test_a_fact_that_one_view_cannot_store_is_parked_in_that_view_alone(
    reader: Reader, beside: ViewStore
) -> None:
    # The other view would not mind: it is this table that refuses the amount.
    await reader.store().open()
    await beside.open()
    await reader.pool.execute("alter table views.others add check (total <> 15)")
    async with working(reader.workers(beside=[beside])):
        await reader.tell(*reader.facts("s", range(1, 21)), *reader.facts("t", range(1, 4), 1))
        await until(lambda: _applied(reader, {"s": (20, 20), "t": (3, 3)}), what="the first view")

        async def parked() -> bool:
            return len(await reader.aside()) == 1

        await reader.tell(record("u", 1, Put(amount=15), topic=reader.topic))
        await until(parked, what="the fact is set aside")
    assert await reader.aside() == [("u", 1, "failed")]
    assert (await reader.applied())["u"] == (1, 1)
    assert await reader.applied_of(beside.view, "s") == (20, 20)
    assert await reader.applied_of(beside.view, "u") is None


async def _applied(reader: Reader, wanted: dict[str, tuple[int, int]]) -> bool:
    return await reader.applied() == wanted


async def test_a_view_that_another_worker_has_moved_is_fenced_and_the_other_goes_on(
    reader: Reader, beside: ViewStore
) -> None:
    async with working(reader.workers(beside=[beside])):
        await reader.tell(*reader.facts("s", range(1, 4)))
        await both_have(reader, "s", 3)
        await Reading(beside).take(*reader.facts("s", range(4, 7)))
        await reader.tell(*reader.facts("s", range(4, 10)))
        await both_have(reader, "s", 9)


async def test_what_cannot_be_applied_together_leaves_nothing_written(
    reader: Reader, beside: ViewStore
) -> None:
    first = reader.store()
    for store in (first, beside):
        await store.open()
        await store.offsets([(reader.topic, 0)])
    fact = reader.facts("s", [1])
    stale = [
        Batch(first, [(reader.topic, 0, 0, 1)], fact),
        Batch(beside, [(reader.topic, 0, 3, 4)], fact),
    ]
    with pytest.raises(Fenced):
        await apply_together(stale)
    assert await reader.applied() == {}
    await reader.pool.execute("drop table views.others")
    with pytest.raises(UndefinedTableError):
        await apply_together([batch._replace(spans=stale[0].spans) for batch in stale])
    assert await reader.applied() == {}


def read(*offsets: int, partition: int = 0) -> Read:
    """Read records at offsets of a partition."""
    tp = TopicPartition("t", partition)
    return {
        tp: [ConsumerRecord("t", partition, one, 0, 0, b"", b"", None, 0, 0, ()) for one in offsets]
    }


def given(kept: Kept, what: Read) -> Sequence[int]:
    """Give the offsets of what a view is given of what was read."""
    return [one.offset for one in kept.batch_of(what).records]


async def test_a_view_that_missed_a_batch_is_given_nothing_behind_it(reader: Reader) -> None:
    kept = Kept(reader.store())
    kept.stands = {TopicPartition("t", 0): 3, TopicPartition("t", 1): 0}
    assert given(kept, read(2, 3, 4)) == [3, 4]
    # Offsets are sparse: what came first need not be where the view stands.
    kept.note_missed(kept.batch_of(read(5, 6)))
    assert given(kept, read(7, 8)) == []
    assert given(kept, read(0, 1, partition=1)) == [0, 1]
    again = kept.batch_of(read(5, 6, 7))
    assert [one.offset for one in again.records] == [5, 6, 7]
    kept.note_moved(again)
    assert given(kept, read(8)) == [8]
    # What another worker has applied meanwhile is not missed any more.
    kept.note_missed(kept.batch_of(read(8, 9)))
    kept.stands = {TopicPartition("t", 0): 10}
    assert given(kept, read(10)) == [10]


async def test_a_view_without_a_place_to_stand_is_fenced(reader: Reader) -> None:
    with pytest.raises(Fenced):
        Kept(reader.store()).batch_of(read(0))
