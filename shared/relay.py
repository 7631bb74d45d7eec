"""Tells Kafka what the journal holds: in order, at least once, one leader per service.

Two steps, each safe to be cut off anywhere. *Sequencing* moves untold facts to ``told``, where
each gets a dense position and a link of the journal chain for good. *Sending* sends what lies
behind the acknowledged position, one awaited ``send()`` after another, and then moves that
position over the contiguous acknowledged prefix, never past a gap. A crash between the two
repeats a tail with the same positions; nothing else can happen.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)
from prometheus_client import Counter, Gauge

from contracts.envelope import MARKER_KIND
from shared.deciding import new_id

WINDOW = 500
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
        self.trouble: str | None = None
        self.leads = False
        self._producer: AIOKafkaProducer | None = None

    @property
    def wrong(self) -> str | None:
        """Say what keeps the relay from telling: for good, or until Kafka is back."""
        return self.failed or self.trouble

    async def run(self) -> None:
        """Lead or stand by until cancelled.

        The lock and all work share one connection: when it is lost, so is the right to write,
        and the process ends to be started anew.

        Raises:
            NoLongerLeader: another leader wrote; OSError, asyncpg.PostgresError: database lost.
        """
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
        pause = _IDLE_LEAST
        while True:
            try:
                moved = await self._step(connection)
            except KafkaError as error:
                failures.inc()
                self.trouble = repr(error)
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

    async def _step(self, connection: asyncpg.Connection) -> bool:
        await connection.fetchval("select journal.sequence($1)", WINDOW)
        acknowledged, window = await next_window(connection)
        if not window:
            untold_facts.set(0)
            return False
        producer = await self._ready_producer(connection)
        prefix, error = await send_window(producer, window, self._topic_of)
        if prefix:
            if not await connection.fetchval(
                "select journal.acknowledge($1, $2)", acknowledged, acknowledged + prefix
            ):
                raise NoLongerLeader
            told_total.inc(prefix)
            untold_facts.set(len(window) - prefix)
        if error is not None:
            raise error
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
            await mark_partitions(producer, connection, self._topics)
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


async def next_window(connection: asyncpg.Connection) -> tuple[int, list[Telling]]:
    """Give the acknowledged position and the facts told next, in order and without a gap."""
    acknowledged = await connection.fetchval("select acknowledged from journal.relay")
    rows = await connection.fetch(
        "select t.position, t.chain, e.kind, e.envelope, e.payload from journal.told t "
        "join journal.events e on e.stream = t.stream and e.version = t.version "
        "where t.position > $1 order by t.position limit $2",
        acknowledged,
        WINDOW,
    )
    return acknowledged, [
        Telling(row["position"], row["kind"], row["envelope"], row["payload"], row["chain"])
        for row in rows
    ]


async def send_window(
    producer: AIOKafkaProducer, window: Sequence[Telling], topic_of: Callable[[str], str]
) -> tuple[int, KafkaError | None]:
    """Send a window in order and give the length of its acknowledged prefix, and what went wrong.

    Sends are awaited one after another, never started as tasks: waiters on a full buffer wake in
    any order, and a stream's facts would change places without an error.
    """
    sent: list[asyncio.Future[object]] = []
    error: KafkaError | None = None
    try:
        for telling in window:
            envelope: dict[str, str] = orjson.loads(telling.envelope)
            sent.append(
                await producer.send(
                    topic_of(telling.kind),
                    value=telling.payload,
                    key=envelope["partitionkey"].encode(),
                    headers=headers_of(envelope, telling.position, telling.chain),
                )
            )
    except KafkaError as raised:
        error = raised
    if not sent:
        return 0, error
    done, _ = await asyncio.wait(sent, timeout=_SEND_TIMEOUT)
    prefix = 0
    for future in sent:
        if future not in done:
            return prefix, error or KafkaTimeoutError("no acknowledgement in time")
        if (raised_later := future.exception()) is not None:
            return prefix, raised_later if isinstance(raised_later, KafkaError) else KafkaError(
                repr(raised_later)
            )
        prefix += 1
    return prefix, error


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
    producer: AIOKafkaProducer, connection: asyncpg.Connection, topics: Sequence[str]
) -> None:
    """Make a marker the first record of every partition.

    A new marker tells consumers that the topic was made anew. The marker is chosen in the journal
    before it is sent, so a crash between the two repeats the same one, which says nothing new.
    """
    for topic in topics:
        marked = {
            row["partition"]
            for row in await connection.fetch(
                "select partition from journal.markers where topic = $1 and sent", topic
            )
        }
        for partition in sorted(await producer.partitions_for(topic) - marked):
            marker = await connection.fetchval(
                "select journal.choose_marker($1, $2, $3)", topic, partition, new_id()
            )
            await producer.send_and_wait(
                topic,
                value=orjson.dumps({"kind": MARKER_KIND, "marker": str(marker)}),
                partition=partition,
                headers=[("ce_type", MARKER_KIND.encode()), ("marker", str(marker).encode())],
            )
            await connection.execute("select journal.marker_sent($1, $2)", topic, partition)


def _curable(error: KafkaError) -> bool:
    """Tell whether sending the same again, through a new producer, can succeed."""
    return not isinstance(error, _FATAL)
