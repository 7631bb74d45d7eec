"""What the relay promises: everything, in order, at least once, by one leader, never past a gap."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import orjson
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError
from aiokafka.structs import RecordMetadata

import shared.relay
from deploy.embedded.launcher import Stack
from shared.journal import Journal, open_pool
from shared.refusals import BusyStream
from shared.relay import Relay, Telling, Window, send_window
from tests.conftest import JOURNAL, NewDatabase
from tests.shared.broker import is_marker, new_topic, positions, reach, read_all, relaying, until
from tests.shared.ledger import put

# However asyncpg words it that the server ended the connection.
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


@dataclass
class Office:
    """A service that only writes: its journal, its topic, its relay."""

    servers: Stack
    url: str
    pool: asyncpg.Pool
    owner: asyncpg.Connection
    topic: str

    @property
    def journal(self) -> Journal:
        return Journal(self.pool, "test")

    def relay(self, principal: str = "admin") -> Relay:
        return Relay(
            self.url, reach(self.servers, principal), "test", lambda _: self.topic, [self.topic]
        )

    async def all_told(self) -> None:
        """Wait until Kafka has acknowledged everything that is in the journal."""

        async def told() -> bool:
            return bool(
                await self.pool.fetchval(
                    "select acknowledged = (select count(*) from journal.events) from journal.relay"
                )
            )

        await until(told, what="everything acknowledged")

    async def records(self) -> list[Any]:
        return await read_all(self.servers, self.topic)

    @asynccontextmanager
    async def without(self, function: str) -> AsyncIterator[None]:
        """Take a function of the journal away, so that whoever calls it crashes at that point."""
        signature = f"journal.{function}"
        await self.owner.execute(f"alter function {signature} rename to taken_away")
        yield
        await self.owner.execute(
            f"alter function journal.taken_away rename to {function.partition('(')[0]}"
        )


@pytest.fixture
async def office(servers: Stack, new_database: NewDatabase) -> AsyncIterator[Office]:
    url = await new_database(JOURNAL)
    pool = await open_pool(url, most=20)
    parts = urlsplit(servers.admin_database_url())
    owner = await asyncpg.connect(urlunsplit(parts._replace(path=urlsplit(url).path)))
    yield Office(servers, url, pool, owner, await new_topic(servers))
    await owner.close()
    await pool.close()


def first_occurrences(records: Sequence[Any]) -> dict[str, list[int]]:
    """Give each stream's versions in the order in which the topic first says them."""
    versions: dict[str, list[int]] = {}
    for record in records:
        if not is_marker(record):
            names = dict(record.headers)
            seen = versions.setdefault(names["ce_subject"].decode(), [])
            version = int(names["ce_streamversion"])
            if version not in seen:
                seen.append(version)
    return versions


async def test_facts_arrive_as_they_are_stored(office: Office) -> None:
    for amount in (1, 2, 3):
        await put(office.journal, "s", amount)
    async with relaying(office.relay()):
        await office.all_told()
    facts = [record for record in await office.records() if not is_marker(record)]
    stored = await office.pool.fetch(
        "select e.envelope, e.payload, t.position, t.chain from journal.told t "
        "join journal.events e using (stream, version) order by t.position"
    )
    assert len(facts) == len(stored) == 3
    for record, row in zip(facts, stored, strict=True):
        names = {name: value.decode() for name, value in record.headers}
        envelope = {name[3:]: value for name, value in names.items() if name.startswith("ce_")}
        assert envelope | {"datacontenttype": names["content-type"]} == orjson.loads(
            row["envelope"]
        )
        assert record.key == envelope["partitionkey"].encode()
        assert record.value == row["payload"]
        assert names["position"] == str(row["position"])
        assert names["chain"] == row["chain"].hex()


async def test_positions_are_dense_and_chained(office: Office) -> None:
    await asyncio.gather(*(put(office.journal, f"s{n}", n + 1) for n in range(20)))
    async with relaying(office.relay()):
        await office.all_told()
    rows = await office.pool.fetch(
        "select t.position, t.chain, e.chain as own from journal.told t "
        "join journal.events e using (stream, version) order by t.position"
    )
    link = b""
    for number, row in enumerate(rows, start=1):
        link = hashlib.sha256(link + row["own"]).digest()
        assert (row["position"], row["chain"]) == (number, link)


async def test_a_marker_is_the_first_record_of_every_partition(office: Office) -> None:
    await put(office.journal, "s", 1)
    async with relaying(office.relay()):
        await office.all_told()
    records = await office.records()
    assert [(r.partition, r.offset) for r in records if is_marker(r)] == [(n, 0) for n in range(12)]


async def test_a_marker_chosen_before_a_crash_is_the_one_that_is_sent(office: Office) -> None:
    chosen = await office.pool.fetchval(
        "select journal.choose_marker($1, 5, $2)", office.topic, uuid4()
    )
    await put(office.journal, "s", 1)
    async with relaying(office.relay()):
        await office.all_told()
    markers = {
        r.partition: dict(r.headers)["marker"].decode()
        for r in await office.records()
        if is_marker(r)
    }
    assert markers[5] == str(chosen)
    assert len(set(markers.values())) == 12


async def test_a_crash_after_sending_a_marker_repeats_the_same_one(office: Office) -> None:
    await put(office.journal, "s", 1)
    async with (
        office.without("marker_sent(text, integer, bigint)"),
        relaying(office.relay()) as crashing,
    ):
        with pytest.raises(asyncpg.UndefinedFunctionError):
            await crashing
    async with relaying(office.relay()):
        await office.all_told()
    first = [r for r in await office.records() if r.partition == 0 and is_marker(r)]
    assert len(first) == 2
    assert first[0].offset == 0
    assert len({dict(r.headers)["marker"] for r in first}) == 1


async def test_a_crash_before_acknowledging_repeats_a_tail_at_the_same_positions(
    office: Office,
) -> None:
    for amount in (1, 2):
        await put(office.journal, "s", amount)
    async with relaying(office.relay()):
        await office.all_told()
    for amount in (3, 4, 5):
        await put(office.journal, "s", amount)
    async with (
        office.without("acknowledge(bigint, bigint, text[], integer[], bigint[])"),
        relaying(office.relay()) as crashing,
    ):
        with pytest.raises(asyncpg.UndefinedFunctionError):
            await crashing
    async with relaying(office.relay()):
        await office.all_told()
    records = await office.records()
    assert positions(records) == [1, 2, 3, 4, 5, 3, 4, 5]
    said = {(dict(r.headers)["position"], r.value) for r in records if not is_marker(r)}
    assert len(said) == 5


async def test_a_crash_before_sending_loses_nothing(office: Office) -> None:
    """Sequencing and sending are two transactions; what only has a position is sent later."""
    for amount in (1, 2, 3):
        await put(office.journal, "s", amount)
    assert await office.pool.fetchval("select journal.sequence(2)") == 2
    async with relaying(office.relay()):
        await office.all_told()
    assert positions(await office.records()) == [1, 2, 3]


class Stumbling(AIOKafkaProducer):  # type: ignore[misc]
    """Loses the third fact that it is ever given; everything else arrives."""

    given = 0

    async def send(self, *given: Any, **more: Any) -> "asyncio.Future[object]":
        if more.get("key") is not None:
            Stumbling.given += 1
            if Stumbling.given == 3:
                lost: asyncio.Future[object] = asyncio.get_running_loop().create_future()
                lost.set_exception(KafkaTimeoutError())
                return lost
        sent: asyncio.Future[object] = await super().send(*given, **more)
        return sent


async def test_only_the_contiguous_prefix_counts_as_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.relay, "AIOKafkaProducer", Stumbling)
    Stumbling.given = 0
    for n in range(5):
        await put(office.journal, f"s{n}", 1)
    async with relaying(office.relay()):
        await office.all_told()
    assert Stumbling.given == 5 + 3
    assert sorted(positions(await office.records())) == [1, 2, 3, 4, 4, 5, 5]


class Answering:
    """A producer whose acknowledgements come as the test says, in the order of sending."""

    def __init__(self, answers: Sequence[object]) -> None:
        self.answers = list(answers)

    async def send(self, _: str, **__: Any) -> "asyncio.Future[object]":
        answer = self.answers.pop(0)
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if isinstance(answer, Exception):
            future.set_exception(answer)
        elif isinstance(answer, int):
            place = TopicPartition("t", 0)
            future.set_result(RecordMetadata("t", 0, place, answer, None, 0, None))
        return future


@pytest.mark.parametrize(
    ("answers", "prefix"),
    [
        ([0, 1, 2], 3),
        ([0, KafkaTimeoutError(), 2], 1),
        ([KafkaTimeoutError(), 1, 2], 0),
        ([0, None, 2], 1),
        ([0, 1, None], 2),
    ],
)
async def test_a_window_is_acknowledged_up_to_its_first_gap(
    monkeypatch: pytest.MonkeyPatch, answers: Sequence[object], prefix: int
) -> None:
    monkeypatch.setattr(shared.relay, "_SEND_TIMEOUT", 0.05)
    envelope = orjson.dumps({"partitionkey": "k"})
    tellings = [Telling(n, "test.ledger.put.v1", envelope, b"{}", b"") for n in (1, 2, 3)]
    window = Window(0, tellings, {})
    producer: Any = Answering(answers)
    sent = await send_window(producer, window, lambda _: "t")
    assert sent.prefix == prefix
    assert (sent.error is None) == (prefix == 3)
    assert list(sent.reached.values()) == ([prefix] if prefix else [])


class Crowded(AIOKafkaProducer):  # type: ignore[misc]
    """Takes a while over the first fact, as a full buffer does."""

    taken = 0

    async def send(self, *given: Any, **more: Any) -> "asyncio.Future[object]":
        if more.get("key") is not None:
            Crowded.taken += 1
            await asyncio.sleep(0.2 if Crowded.taken == 1 else 0)
        sent: asyncio.Future[object] = await super().send(*given, **more)
        return sent


async def test_sends_wait_for_one_another(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.relay, "AIOKafkaProducer", Crowded)
    Crowded.taken = 0
    for amount in range(1, 6):
        await put(office.journal, "s", amount)
    async with relaying(office.relay()):
        await office.all_told()
    assert positions(await office.records()) == [1, 2, 3, 4, 5]


async def test_another_relay_stands_by_and_takes_over(office: Office) -> None:
    await put(office.journal, "s", 1)
    first, second = office.relay(), office.relay()
    async with relaying(first) as leading:
        await office.all_told()
        async with relaying(second):
            await asyncio.sleep(0.7)
            assert (first.leads, second.leads) == (True, False)
            await office.owner.execute(
                "select pg_terminate_backend(pid) from pg_locks join pg_database d "
                "on d.oid = database where locktype = 'advisory' and granted "
                "and datname = current_database()"
            )
            await put(office.journal, "s", 2)
            with pytest.raises(LOST):
                await leading
            await office.all_told()
            assert (first.leads, second.leads) == (False, True)
    assert first_occurrences(await office.records()) == {"s": [1, 2]}


async def test_a_zombie_does_not_move_the_acknowledged_position(office: Office) -> None:
    for amount in (1, 2, 3):
        await put(office.journal, "s", amount)
    async with relaying(office.relay()):
        await office.all_told()
    acknowledge = "select journal.acknowledge($1, $2, array['t'], array[0], array[9::bigint])"
    assert not await office.pool.fetchval(acknowledge, 0, 2)
    assert not await office.pool.fetchval(acknowledge, 3, 1)
    assert await office.pool.fetchval("select acknowledged from journal.relay") == 3


async def test_without_the_right_to_write_it_stops_and_skips_nothing(office: Office) -> None:
    await put(office.journal, "s", 1)
    relay = office.relay("svc-console")
    async with relaying(relay) as task:

        async def failed() -> bool:
            return relay.failed is not None

        await until(failed, what="a fatal error")
        assert relay.wrong is not None
        assert "Authorization" in relay.wrong
        await put(office.journal, "s", 2)
        await asyncio.sleep(0.3)
        assert not task.done()
        assert await office.pool.fetchval("select acknowledged from journal.relay") == 0
    assert positions(await office.records()) == []
    async with relaying(office.relay()):
        await office.all_told()
    assert positions(await office.records()) == [1, 2]


class Away(AIOKafkaProducer):  # type: ignore[misc]
    """Cannot reach the broker at first, and then hangs once while it starts."""

    tries = 0

    async def start(self) -> None:
        Away.tries += 1
        if Away.tries == 1:
            raise KafkaConnectionError
        if Away.tries == 2:
            await asyncio.Event().wait()
        await super().start()


async def test_it_says_what_is_wrong_while_kafka_is_away_and_goes_on_afterwards(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.relay, "AIOKafkaProducer", Away)
    monkeypatch.setattr(shared.relay, "_SEND_TIMEOUT", 1.0)
    Away.tries = 0
    await put(office.journal, "s", 1)
    relay = office.relay()
    async with relaying(relay):

        async def troubled() -> bool:
            return relay.wrong is not None and relay.failed is None

        await until(troubled, what="trouble")
        await office.all_told()

        async def well() -> bool:
            return relay.wrong is None

        await until(well, what="no more trouble")
    assert positions(await office.records()) == [1]


class Flushing(AIOKafkaProducer):  # type: ignore[misc]
    """Never ends its flush, as with a broker that answers nothing."""

    dropped: "list[Flushing]" = []  # noqa: RUF012

    async def send(self, *given: Any, **more: Any) -> "asyncio.Future[object]":
        if more.get("key") is not None and not Flushing.dropped:
            Flushing.dropped.append(self)
            raise KafkaTimeoutError
        sent: asyncio.Future[object] = await super().send(*given, **more)
        return sent

    async def stop(self) -> None:
        if self in Flushing.dropped:
            await asyncio.Event().wait()
        await super().stop()


async def test_a_dropped_producer_sends_nothing_any_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.relay, "AIOKafkaProducer", Flushing)
    monkeypatch.setattr(shared.relay, "_STOP_TIMEOUT", 0.2)
    Flushing.dropped.clear()
    await put(office.journal, "s", 1)
    async with relaying(office.relay()):
        await office.all_told()
    (dropped,) = Flushing.dropped
    sender = dropped._sender.sender_task
    assert sender is not None
    assert sender.done()


async def test_sixteen_writers_and_a_leader_that_dies_in_between(office: Office) -> None:
    async def write(writer: int) -> None:
        for turn in range(15):
            while True:
                try:
                    await put(office.journal, f"s{(writer + turn) % 6}", 1, key=f"{writer}-{turn}")
                    break
                except BusyStream:
                    await asyncio.sleep(0.01)

    async with relaying(office.relay()), relaying(office.relay()):
        writing = asyncio.gather(*(write(n) for n in range(16)))
        while not writing.done():
            counts = await office.pool.fetchrow(
                "select (select count(*) from journal.events) as events, "
                "(select count(*) from journal.untold) as untold, "
                "(select count(*) from journal.told) as told, "
                "(select acknowledged from journal.relay) as acknowledged"
            )
            assert counts is not None
            assert counts["untold"] + counts["told"] == counts["events"]
            assert counts["acknowledged"] <= counts["told"]
            if counts["told"] > 80:
                await office.owner.execute(
                    "select pg_terminate_backend(min(pid)) from pg_locks join pg_database d "
                    "on d.oid = database where locktype = 'advisory' and granted "
                    "and datname = current_database()"
                )
                break
            await asyncio.sleep(0.01)
        await writing
        await office.all_told()
    assert await office.pool.fetchval("select count(*) from journal.untold") == 0
    assert await office.pool.fetchval("select count(*) from journal.told") == 240
    records = await office.records()
    assert set(positions(records)) == set(range(1, 241))
    heads = await office.pool.fetch("select stream, version from journal.streams")
    assert first_occurrences(records) == {
        row["stream"]: list(range(1, row["version"] + 1)) for row in heads
    }
    told = await office.pool.fetch("select stream, version from journal.told order by position")
    for stream in range(6):
        versions = [row["version"] for row in told if row["stream"] == f"s{stream}"]
        assert versions == sorted(versions)


def test_only_what_can_be_cured_is_sent_again() -> None:
    curable = shared.relay._curable
    assert curable(KafkaTimeoutError())
    assert curable(KafkaConnectionError())
    assert curable(KafkaError("anything"))
    assert not any(curable(kind()) for kind in shared.relay._FATAL)
