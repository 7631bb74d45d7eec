"""What the workers promise on a real broker: every record once, none below where we stand."""

import asyncio
import functools
import itertools
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError
from faststream.kafka.annotations import KafkaMessage
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.incarnations import look
from shared.viewing import Record, ViewStore
from shared.viewing.parked import REASONS
from shared.viewing.parking import discard, replay
from shared.viewing.store import Span
from shared.viewing.worker import Owning, ViewWorker
from tests.shared.broker import until
from tests.shared.ledger import Put
from tests.shared.reader import Reader, working
from tests.shared.reading import Reading, ledger_view, marker, record, repaired_by


class Handed:
    """Notes every record that a worker's handler is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offsets: list[tuple[int, int]] = []
        original = ViewWorker.handle

        @functools.wraps(original)
        async def noting(worker: ViewWorker, message: KafkaMessage) -> None:
            raw: Any = message.raw_message
            self.offsets += [(one.partition, one.offset) for one in raw]
            await original(worker, message)

        monkeypatch.setattr(ViewWorker, "handle", noting)


class Slow(ViewStore):
    """A database that takes a second over the stored offsets."""

    async def offsets(self, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        await asyncio.sleep(1)
        return await super().offsets(partitions)


async def test_nothing_below_the_stored_offset_is_handled(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records arrive while the offsets are still being loaded; they must not be let through."""
    facts = reader.facts("s", range(1, 21))
    await reader.tell(*facts)
    before = Reading(reader.store())
    await before.store.open()
    await before.take(*facts[:10])
    handed = Handed(monkeypatch)
    async with working(reader.workers(Slow(reader.pool, ledger_view(reader.topic)))):
        await reader.read_to_the_end()
    assert handed.offsets == [(0, offset) for offset in range(10, 20)]
    assert await reader.applied() == {"s": (20, 20)}


class Failing(ViewStore):
    """Fails as its turns say, before or after the batch was written."""

    fails_before: Sequence[int] = ()
    fails_after: Sequence[int] = ()
    turn = 0

    async def apply(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        self.turn += 1
        if self.turn in self.fails_before:
            raise RuntimeError("the handler fails")
        await super().apply(spans, records)
        if self.turn in self.fails_after:
            raise RuntimeError("the answer got lost")


@pytest.mark.parametrize(
    ("before", "after"), [((1,), ()), ((2, 3), ()), ((), (1,)), ((1, 4), (2,))]
)
async def test_a_failed_batch_is_not_lost(
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
    before: Sequence[int],
    after: Sequence[int],
) -> None:
    monkeypatch.setattr("shared.viewing.worker.BATCH", 5)
    store = Failing(reader.pool, ledger_view(reader.topic))
    store.fails_before, store.fails_after = before, after
    for partition, stream in enumerate("stu"):
        await reader.tell(*reader.facts(stream, range(1, 11), partition))
    async with working(reader.workers(store)):
        await reader.read_to_the_end()
    assert await reader.applied() == dict.fromkeys("stu", (10, 10))
    assert store.turn > max(*before, *after, 0)


async def test_a_bad_record_in_the_middle_costs_no_other(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.viewing.worker.BATCH", 4)
    good = reader.facts("s", range(1, 11))
    spoilt: dict[str, Any] = {
        "a": {"headers": {"ce_id": b"\xff\xfe"}},
        "b": {"headers": {"ce_time": None}},
        "c": {"body": b"\xff no JSON"},
        "d": {"body": None},
        "e": {"headers": {"content-type": b"\xff", "ce_type": None}},
    }
    bad = [record(stream, 1, topic=reader.topic, **how) for stream, how in spoilt.items()]
    mixed = [one for pair in itertools.zip_longest(good, bad) for one in pair if one is not None]
    await reader.tell(*mixed)
    async with working(reader.workers()):
        await reader.read_to_the_end()
    assert await reader.applied() == {"s": (10, 10)}
    rows = await reader.pool.fetch("select stream, reason from viewing.waiting order by stream")
    assert [(row["stream"], row["reason"]) for row in rows] == [(s, "failed") for s in "abcde"]


class Busy(ViewStore):
    """Takes its time over every batch, and says when it has one in hand."""

    def __init__(self, reader: Reader, seconds: float) -> None:
        super().__init__(reader.pool, ledger_view(reader.topic))
        self.seconds = seconds
        self.in_hand = asyncio.Event()
        self.busy = False

    async def apply(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        self.in_hand.set()
        self.busy = True
        try:
            await asyncio.sleep(self.seconds)
            await super().apply(spans, records)
        finally:
            self.busy = False


async def test_two_workers_that_change_places_double_nothing(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.viewing.worker.BATCH", 7)
    # So many that the first is still at work when the second has found its way in.
    for partition, stream in enumerate("stu"):
        await reader.tell(*reader.facts(stream, range(1, 301), partition))
    first = Busy(reader, 0.4)
    busy_when_revoked: list[bool] = []
    original = Owning.on_partitions_revoked

    async def noting(owning: Owning, partitions: Iterable[TopicPartition]) -> None:
        await original(owning, partitions)
        if owning.kept[0].store is first and partitions:
            busy_when_revoked.append(first.busy)
            first.seconds = 0.0

    monkeypatch.setattr(Owning, "on_partitions_revoked", noting)
    async with working(reader.workers(first, "1")):
        await first.in_hand.wait()
        second = Busy(reader, 0.02)
        async with working(reader.workers(second, "2")):
            async with asyncio.timeout(40):
                while not busy_when_revoked:
                    await asyncio.sleep(0.05)
            for partition, stream in enumerate("stu"):
                await reader.tell(*reader.facts(stream, range(301, 311), partition))
            await asyncio.wait_for(second.in_hand.wait(), 40)
            await reader.read_to_the_end(40)
    assert await reader.applied() == dict.fromkeys("stu", (310, 310))
    assert await reader.pool.fetchval("select count(*) from viewing.waiting") == 0
    # The batch in flight ended before its partitions went: nobody wrote in another's place.
    assert busy_when_revoked
    assert not any(busy_when_revoked)


class Stalling(ViewStore):
    """A process that stands still in the middle of a batch, longer than its session lasts."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.pool, ledger_view(reader.topic))
        self.stands_still = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.outcomes: list[str] = []

    async def apply(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        self.stands_still.set()
        await self.goes_on.wait()
        try:
            await super().apply(spans, records)
        except Exception as error:
            self.outcomes.append(type(error).__name__)
            raise
        self.outcomes.append("applied")


async def test_a_worker_that_stood_still_is_fenced_and_goes_on_where_the_other_is(
    reader: Reader,
) -> None:
    """As after SIGSTOP: another worker has done the work meanwhile."""
    await reader.tell(*reader.facts("s", range(1, 11)))
    zombie = Stalling(reader)
    async with working(reader.workers(zombie)):
        await asyncio.wait_for(zombie.stands_still.wait(), 20)
        other = Reading(reader.store())
        for fact in reader.facts("s", range(1, 8)):
            await other.take(fact)
        zombie.goes_on.set()
        await reader.read_to_the_end()
    assert zombie.outcomes[0] == "Fenced"
    assert await reader.applied() == {"s": (10, 10)}


async def test_a_stored_offset_beyond_the_end_stops_the_worker(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reader.tell(*reader.facts("s", range(1, 6)))
    before = Reading(reader.store())
    await before.store.open()
    await before.take(*reader.facts("s", range(1, 31)))
    handed = Handed(monkeypatch)
    workers = reader.workers()
    async with working(workers) as task:

        async def stopped() -> bool:
            return workers.workers[0].owning.failed is not None

        await until(stopped, what="the worker stops")
        await reader.tell(*reader.facts("t", range(1, 4)))
        await asyncio.sleep(1)
        assert not workers.healthy
        assert not task.done()
    assert handed.offsets == []
    assert await reader.applied() == {"s": (30, 30)}


async def test_a_topic_made_anew_and_filled_again_is_known_by_its_marker(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many records as before, so that the stored offset alone looks right."""
    ours, theirs = str(uuid4()), str(uuid4())
    facts = reader.facts("s", range(1, 6))
    await reader.tell(marker(ours, topic=reader.topic), *facts)
    await reader.tell(marker(ours, topic=reader.topic, partition=1))
    async with working(reader.workers()):
        await reader.read_to_the_end()
    async with working(reader.workers()) as task:
        await reader.tell(*reader.facts("s", [6]))
        await reader.read_to_the_end()
        assert not task.done()
    await reader.pool.execute("update viewing.offsets set marker = $1 where partition = 1", theirs)
    handed = Handed(monkeypatch)
    workers = reader.workers()
    async with working(workers):

        async def stopped() -> bool:
            return workers.workers[0].owning.failed is not None

        await until(stopped, what="the worker stops")
        await reader.tell(*reader.facts("s", [7]))
        await asyncio.sleep(0.5)
        assert not workers.healthy
    assert handed.offsets == []
    assert await reader.applied() == {"s": (6, 6)}


async def test_a_broker_that_does_not_answer_in_time_is_asked_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listener's exceptions are only logged: one that got out would leave all paused."""
    asked = itertools.count(1)

    async def moody(*known: Any) -> None:
        if next(asked) < 3:
            raise KafkaTimeoutError
        await look(*known)

    monkeypatch.setattr("shared.viewing.worker.look", moody)
    await reader.tell(*reader.facts("s", range(1, 6)))
    workers = reader.workers()
    async with working(workers):
        await reader.read_to_the_end()
        assert workers.healthy
    assert await reader.applied() == {"s": (5, 5)}


async def test_a_view_without_its_topic_begins_when_the_database_answers(reader: Reader) -> None:
    class Away(ViewStore):
        tries = 0

        async def offsets(
            self, partitions: Iterable[tuple[str, int]]
        ) -> dict[tuple[str, int], int]:
            self.tries += 1
            if self.tries < 3:
                raise ConnectionRefusedError
            return await super().offsets(partitions)

    await reader.tell(record("s", 1, Put(amount=5), topic=reader.topic))
    async with working(reader.workers(Away(reader.pool, ledger_view(reader.topic)))):
        await reader.read_to_the_end()
    assert await reader.applied() == {"s": (1, 1)}


async def test_a_parked_stream_is_replayed_while_the_worker_reads_on(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = reader.facts("s", range(1, 7))
    bad = list(good)
    bad[2] = bad[2]._replace(value=b"{amount")
    bad[3] = bad[3]._replace(
        headers=[(n, b"\xff" if n == "ce_id" else v) for n, v in bad[3].headers]
    )

    async with working(reader.workers()):
        await reader.tell(*bad[:5], *reader.facts("t", range(1, 4)))
        await reader.read_to_the_end()
        assert await reader.applied() == {"s": (2, 2), "t": (3, 3)}
        repaired_by(monkeypatch, lambda one: good[one.offset])
        _, outcome = await asyncio.gather(
            reader.tell(bad[5]), replay(reader.store(), "s", "operator")
        )
        assert outcome.left == 0
        await reader.tell(*reader.facts("s", [7], 0), *reader.facts("t", [4]))
        await reader.read_to_the_end()
    assert await reader.applied() == {"s": (7, 7), "t": (4, 4)}
    assert await reader.pool.fetchval("select count(*) from viewing.waiting") == 0


async def test_a_stream_goes_on_without_what_was_given_up_while_the_worker_reads_on(
    reader: Reader,
) -> None:
    facts = reader.facts("s", range(1, 6))
    facts[2] = facts[2]._replace(value=b"{amount")
    async with working(reader.workers()):
        await reader.tell(*facts[:4])
        await reader.read_to_the_end()
        await discard(reader.store(), "s", 3, "源数据有误。", "operator")
        await reader.tell(facts[4])
        await reader.read_to_the_end()
    assert await reader.applied() == {"s": (4, 5)}


async def test_the_alarm_for_facts_set_aside_sounds_once_a_minute(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = reader.store()
    await store.open()
    kept = reader.workers(store).workers[0].owning.kept[0]

    async def alarms() -> list[Any]:
        with capture_logs() as logs:
            for _ in range(3):
                await kept.look_aside()
        return [line["failed"] for line in logs if line["log_level"] == "error"]

    def shown(name: str, reason: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"view": store.view.name, "reason": reason})

    await Reading(store).take(*reader.facts("s", [1, 3]))
    assert await alarms() == []
    assert shown("siku_view_set_aside", "ahead") == 1
    await reader.pool.execute("update viewing.waiting set since = now() - interval '61 seconds'")
    assert await alarms() == [0]
    assert (shown("siku_view_set_aside_seconds", "ahead") or 0) > 60
    broken = reader.facts("t", [1])[0]._replace(value=b"{")
    await Reading(store).take(broken, *reader.facts("t", [2]))
    assert await alarms() == []
    await Reading(store).take(*reader.facts("s", [2]))
    monkeypatch.setattr("shared.viewing.keeping.ALARM_EVERY", 0.0)
    assert await alarms() == [1, 1, 1]
    assert [shown("siku_view_set_aside", reason) for reason in REASONS] == [1, 1, 0]
