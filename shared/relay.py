"""Tells Kafka what the journal holds: in order, at least once, one leader per service.

Two steps, each safe to be cut off anywhere. *Sequencing* moves untold facts to ``told``, where
each gets a dense position and a link of the journal chain for good. *Sending* sends what lies
behind the acknowledged position, one awaited ``send()`` after another, and then moves that
position over the contiguous acknowledged prefix, never past a gap. A crash between the two
repeats a tail with the same positions; nothing else can happen.

A topic that is not what it was any more is told nothing: the relay says so and waits until the
journal is told anew (``siku relay --republish``), for which it makes room.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)
from aiokafka.structs import RecordMetadata
from prometheus_client import Counter, Gauge

from contracts.envelope import MARKER_KIND
from shared.deciding import new_id
from shared.incarnations import Known, TopicLost, look

WINDOW = 500
LOOK_EVERY = 60.0
_LOOK_AGAIN = 2.0
_IDLE_LEAST, _IDLE_MOST = 0.004, 0.05
_SEND_TIMEOUT = 10.0
_STOP_TIMEOUT = 5.0
_FATAL = (
    ClusterAuthorizationFailedError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)

log = structlog.get_logger()

told_total = Counter("siku_relay_told_total", "Facts acknowledged by Kafka")
failures = Counter("siku_relay_failures_total", "Windows that had to be sent again")
untold_facts = Gauge("siku_relay_untold", "Facts waiting to be told")
leading = Gauge("siku_relay_leading", "1 while this process is the leader")
topic_lost = Gauge("siku_relay_topic_lost", "1 while a topic is not the one that was told on")


class NoLongerLeader(Exception):
    """Another relay moved the acknowledged position: this one must stop."""


@dataclass(frozen=True)
class Telling:
    """One fact as it goes to Kafka."""

    position: int
    kind: str
    envelope: bytes
    payload: bytes
    chain: bytes


@dataclass(frozen=True)
class Window:
    """What is told next, and the position behind which it begins.

    ``kept`` gives the topics that hold everything up to a position already, while the journal is
    told anew to others.
    """

    acknowledged: int
    tellings: Sequence[Telling]
    kept: Mapping[str, int]


@dataclass
class Sent:
    """What became of a window: its acknowledged prefix, what went wrong, how far Kafka reaches."""

    prefix: int = 0
    error: KafkaError | None = None
    reached: dict[TopicPartition, int] = field(default_factory=dict)


class Relay:
    """Drains one service's journal into its topics."""

    def __init__(
        self,
        database_url: str,
        client: dict[str, Any],
        service: str,
        topic_of: Callable[[str], str],
        topics: Sequence[str],
    ) -> None:
        """Bind to the journal's database and the topics; ``topic_of`` maps a kind to its topic."""
        self._database_url = database_url
        self._client = client
        self._service = service
        self._topic_of = topic_of
        self._topics = topics
        self.failed: str | None = None
        self.lost: str | None = None
        self.trouble: str | None = None
        self.leads = False
        self._look_at = 0.0
        self._producer: AIOKafkaProducer | None = None

    @property
    def wrong(self) -> str | None:
        """Say what keeps the relay from telling: for good, until told anew, until Kafka is back."""
        return self.failed or self.lost or self.trouble

    async def run(self) -> None:
        """Lead or stand by until cancelled.

        The lock and all work share one connection: when it is lost, so is the right to write,
        and the process ends to be started anew.

        Raises:
            NoLongerLeader: another leader wrote; OSError, asyncpg.PostgresError: database lost.
        """
        while True:
            connection = await asyncpg.connect(self._database_url, timeout=5, command_timeout=15)
            try:
                while not await connection.fetchval(
                    "select pg_try_advisory_lock(hashtext($1))", f"relay:{self._service}"
                ):
                    await asyncio.sleep(0.5)
                self.leads = True
                leading.set(1)
                log.info("relay_leads", service=self._service)
                await self._lead(connection)
            finally:
                self.leads = False
                leading.set(0)
                await self._drop_producer()
                await connection.close(timeout=2)

    async def _lead(self, connection: asyncpg.Connection) -> None:
        """Tell until somebody asks for room; every window ends before that."""
        pause = _IDLE_LEAST
        self._look_at = 0.0
        while not await _room_is_wanted(connection, self._service):
            try:
                await self._look_when_due(connection)
                moved = await self._step(connection)
            except TopicLost as error:
                self._note_lost(str(error))
                await self._drop_producer()
                await asyncio.sleep(_LOOK_AGAIN)
                continue
            except KafkaError as error:
                failures.inc()
                self.trouble = repr(error)
                self._look_at = 0.0
                await self._drop_producer()
                if not _curable(error):
                    self.failed = repr(error)
                    log.exception("relay_stopped")
                    await asyncio.Event().wait()
                log.warning("relay_sends_again", error=repr(error))
                await asyncio.sleep(0.5)
                continue
            self.trouble = None
            pause = _IDLE_LEAST if moved else min(pause * 1.5, _IDLE_MOST)
            if not moved:
                await asyncio.sleep(pause)
        log.info("relay_makes_room", service=self._service)

    async def _look_when_due(self, connection: asyncpg.Connection) -> None:
        """Compare the topics with what was told on them: at first, after an error, every minute."""
        if time.monotonic() < self._look_at:
            return
        await look(self._client, await told_on(connection, self._topics))
        self._look_at = time.monotonic() + LOOK_EVERY
        if self.lost is not None:
            log.info("topic_is_back", service=self._service)
        self.lost = None
        topic_lost.set(0)

    def _note_lost(self, what: str) -> None:
        if self.lost != what:
            log.error("topic_lost", service=self._service, error=what)
        self.lost = what
        self._look_at = 0.0
        topic_lost.set(1)

    async def _step(self, connection: asyncpg.Connection) -> bool:
        await connection.fetchval("select journal.sequence($1)", WINDOW)
        window = await next_window(connection)
        if not window.tellings:
            untold_facts.set(0)
            return False
        producer = await self._ready_producer(connection)
        sent = await send_window(producer, window, self._topic_of)
        if sent.prefix:
            acknowledged = window.acknowledged
            if not await connection.fetchval(
                "select journal.acknowledge($1, $2, $3, $4, $5)",
                acknowledged,
                acknowledged + sent.prefix,
                [tp.topic for tp in sent.reached],
                [tp.partition for tp in sent.reached],
                list(sent.reached.values()),
            ):
                raise NoLongerLeader
            told_total.inc(sent.prefix)
            untold_facts.set(len(window.tellings) - sent.prefix)
        if sent.error is not None:
            raise sent.error
        return True

    async def _ready_producer(self, connection: asyncpg.Connection) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **self._client,
                acks="all",
                enable_idempotence=True,
                linger_ms=1,
                max_batch_size=262144,
                max_request_size=1_000_000,
                # Longer than we wait: a batch that the client itself gave up, while a later one
                # of the same partition goes through, would turn a stream's facts around.
                request_timeout_ms=int(_SEND_TIMEOUT * 1000) + 10_000,
            )
            self._producer = producer
            try:
                await asyncio.wait_for(producer.start(), _SEND_TIMEOUT)
            except TimeoutError as error:
                raise KafkaTimeoutError("the broker does not let a producer begin") from error
            await mark_partitions(producer, connection, self._client, self._topics)
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await asyncio.wait_for(producer.stop(), _STOP_TIMEOUT)
            except (KafkaError, TimeoutError, OSError) as error:
                log.warning("producer_not_stopped", error=repr(error))
                await _cut_off(producer)


async def _cut_off(producer: AIOKafkaProducer) -> None:
    """End a producer without its flush, or it would go on sending beside its successor."""
    # The library has no public way: stop() flushes for as long as the broker is silent.
    await producer.client.close()
    with contextlib.suppress(KafkaError, TimeoutError, OSError):
        await asyncio.wait_for(producer._sender.close(), _STOP_TIMEOUT)


async def _room_is_wanted(connection: asyncpg.Connection, service: str) -> bool:
    """Tell whether somebody else is to have the leadership; see ``room_for``."""
    return not await connection.fetchval(
        "select pg_try_advisory_xact_lock_shared(hashtext($1))", f"relay wanted:{service}"
    )


@contextlib.asynccontextmanager
async def room_for(
    connection: asyncpg.Connection, service: str, patience: float
) -> AsyncIterator[None]:
    """Have the leadership on this connection: whoever leads ends his window and makes room.

    Raises:
        TimeoutError: the leader does not answer.
    """
    async with asyncio.timeout(patience):
        await connection.execute("select pg_advisory_lock(hashtext($1))", f"relay wanted:{service}")
        await connection.execute("select pg_advisory_lock(hashtext($1))", f"relay:{service}")
    try:
        yield
    finally:
        await connection.execute(
            "select pg_advisory_unlock(hashtext($1)), pg_advisory_unlock(hashtext($2))",
            f"relay:{service}",
            f"relay wanted:{service}",
        )


async def told_on(
    connection: asyncpg.Connection, topics: Sequence[str]
) -> dict[tuple[str, int], Known]:
    """Give what the journal remembers of its partitions: how far told, and the marker."""
    return {
        (row["topic"], row["partition"]): Known(row["reached"], row["marker"])
        for row in await connection.fetch(
            "select topic, partition, marker, greatest(reached, sent::int) as reached "
            "from journal.markers where topic = any($1)",
            topics,
        )
    }


async def next_window(connection: asyncpg.Connection) -> Window:
    """Give the facts told next, in order and without a gap."""
    (stands,) = await connection.fetch(
        "select acknowledged, (select json_object_agg(topic, up_to) from journal.kept "
        "where up_to > acknowledged) as kept from journal.relay"
    )
    rows = await connection.fetch(
        "select t.position, t.chain, e.kind, e.envelope, e.payload from journal.told t "
        "join journal.events e on e.stream = t.stream and e.version = t.version "
        "where t.position > $1 order by t.position limit $2",
        stands["acknowledged"],
        WINDOW,
    )
    return Window(
        stands["acknowledged"],
        [
            Telling(row["position"], row["kind"], row["envelope"], row["payload"], row["chain"])
            for row in rows
        ],
        orjson.loads(stands["kept"] or "{}"),
    )


async def send_window(
    producer: AIOKafkaProducer, window: Window, topic_of: Callable[[str], str]
) -> Sent:
    """Send a window in order and say what became of it.

    Sends are awaited one after another, never started as tasks: waiters on a full buffer wake in
    any order, and a stream's facts would change places without an error.
    """
    sending: list[asyncio.Future[RecordMetadata] | None] = []
    sent = Sent()
    try:
        for telling in window.tellings:
            topic = topic_of(telling.kind)
            if telling.position <= window.kept.get(topic, 0):
                sending.append(None)
                continue
            envelope: dict[str, str] = orjson.loads(telling.envelope)
            sending.append(
                await producer.send(
                    topic,
                    value=telling.payload,
                    key=envelope["partitionkey"].encode(),
                    headers=headers_of(envelope, telling.position, telling.chain),
                )
            )
    except KafkaError as raised:
        sent.error = raised
    on_the_way = [future for future in sending if future is not None]
    if on_the_way:
        await asyncio.wait(on_the_way, timeout=_SEND_TIMEOUT)
    for future in sending:
        if future is not None:
            if not future.done():
                sent.error = sent.error or KafkaTimeoutError("no acknowledgement in time")
                return sent
            if (raised_later := future.exception()) is not None:
                known = isinstance(raised_later, KafkaError)
                sent.error = raised_later if known else KafkaError(repr(raised_later))
                return sent
            tp, offset = future.result().topic_partition, future.result().offset
            sent.reached[tp] = max(sent.reached.get(tp, 0), offset + 1)
        sent.prefix += 1
    return sent


def headers_of(envelope: dict[str, str], position: int, chain: bytes) -> list[tuple[str, bytes]]:
    """Give the Kafka headers of a fact: CloudEvents in binary mode, position and chain beside."""
    headers = [
        (f"ce_{name}", value.encode())
        for name, value in envelope.items()
        if name != "datacontenttype"
    ]
    return [
        *headers,
        ("content-type", b"application/json"),
        ("position", str(position).encode()),
        ("chain", chain.hex().encode()),
    ]


async def mark_partitions(
    producer: AIOKafkaProducer,
    connection: asyncpg.Connection,
    client: Mapping[str, Any],
    topics: Sequence[str],
) -> None:
    """Make a marker the first record of every partition.

    A new marker tells consumers that the topic was made anew. The marker is chosen in the journal
    before it is sent, so a crash between the two repeats the same one, which says nothing new.

    Raises:
        TopicLost: a partition that this journal has not marked yet holds something else.
    """
    for topic in topics:
        marked = {
            row["partition"]
            for row in await connection.fetch(
                "select partition from journal.markers where topic = $1 and sent", topic
            )
        }
        unmarked = {
            (topic, partition): await connection.fetchval(
                "select journal.choose_marker($1, $2, $3)", topic, partition, new_id()
            )
            for partition in sorted(await producer.partitions_for(topic) - marked)
        }
        if unmarked:
            await look(client, {tp: Known(0, marker) for tp, marker in unmarked.items()})
        for (_, partition), marker in unmarked.items():
            sent: RecordMetadata = await producer.send_and_wait(
                topic,
                value=orjson.dumps({"kind": MARKER_KIND, "marker": str(marker)}),
                partition=partition,
                headers=[("ce_type", MARKER_KIND.encode()), ("marker", str(marker).encode())],
            )
            await connection.execute(
                "select journal.marker_sent($1, $2, $3)", topic, partition, sent.offset + 1
            )


def _curable(error: KafkaError) -> bool:
    """Tell whether sending the same again, through a new producer, can succeed."""
    return not isinstance(error, _FATAL)
