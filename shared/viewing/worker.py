"""Reads topics into one view: offsets in PostgreSQL, fenced, in the transaction of the rows.

The recipe matters: FastStream's defaults lose messages. A failed batch is read again
(``NACK_ON_ERROR``); bodies and headers are decoded per record inside the handler, never by the
library; partitions pause before the first ``await`` of an assignment and resume only after the
seek; whoever stands at another offset than the database is fenced.
"""

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import KafkaAckableMessage
from faststream.security import BaseSecurity, SASLScram512
from prometheus_client import Gauge

from shared.incarnations import TopicLost, look
from shared.rebuilding import Busy, rebuild
from shared.settings import Settings
from shared.viewing.hearing import Record
from shared.viewing.parked import REASONS, standing
from shared.viewing.store import Fenced, TopicMadeAnew, ViewStore

BATCH = 500
BATCH_TIMEOUT_MS = 10
GATHER_MS, GATHER_BYTES = 500, 1 << 20
"""The broker holds an answer back for so long, or until so much is in it."""

NEWS_MS = 10_000
"""A group learns this often that a topic is gone, or there again."""

STUCK_AFTER = 60.0
ALARM_AFTER = 60.0
ALARM_EVERY = 60.0
SILENT_AFTER = 15.0
_LOOK_ASIDE = 10
_NOTE_CURRENT = 2
LOOK_EVERY = 30
_LOOK_AGAIN = 3
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)

log = structlog.get_logger()

lag_records = Gauge("siku_view_lag", "Records behind the end of the topic", ["view"])
set_aside = Gauge("siku_view_set_aside", "Facts set aside", ["view", "reason"])
oldest_aside = Gauge(
    "siku_view_set_aside_seconds", "Age of the fact set aside longest", ["view", "reason"]
)

topic_lost = Gauge("siku_view_topic_lost", "1 while a topic is not the one it read", ["view"])


class Owning(ConsumerRebalanceListener):
    """Which partitions this worker stands on, and at which offsets."""

    def __init__(self, store: ViewStore, client: dict[str, Any]) -> None:
        """Own nothing yet; ``client`` reaches the broker beside the consumer."""
        self.store = store
        self._client = client
        self.lock = asyncio.Lock()
        self.stands: dict[TopicPartition, int] = {}
        self.failed: str | None = None
        self.find_consumer: Callable[[], AIOKafkaConsumer | None] = lambda: None

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The consumer of the moment; FastStream makes a new one at each start."""
        return self.find_consumer()

    async def on_partitions_revoked(self, _: Iterable[TopicPartition]) -> None:
        """Let the batch in flight end before the partitions go."""
        async with self.lock:
            self.stands.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin where the database says; nothing is handed over before."""
        partitions = list(assigned)
        consumer = self.consumer
        if not partitions or consumer is None:
            return
        consumer.pause(*partitions)
        while True:
            try:
                await self.seek(partitions)
                break
            # Whatever got out of here would only be logged, and all would stay paused for good.
            except _AWAY as error:
                log.warning("offsets_not_loaded", view=self.store.view.name, error=repr(error))
                await asyncio.sleep(0.5)
        if self.failed is None:
            consumer.resume(*partitions)

    async def seek(self, partitions: Sequence[TopicPartition]) -> None:
        """Stand at the stored offsets; a topic that is not the one we read stops the worker."""
        consumer = self.consumer
        if consumer is None:
            return
        stored = await self.store.offsets([(tp.topic, tp.partition) for tp in partitions])
        if not await self._topics_are_there(consumer):
            return
        for tp in partitions:
            offset = stored[tp.topic, tp.partition]
            self.stands[tp] = offset
            consumer.seek(tp, offset)

    async def _topics_are_there(self, consumer: AIOKafkaConsumer) -> bool:
        """Tell whether the topics are those that the view knows; when not, stop."""
        try:
            await look(self._client, await self.store.known())
        except TopicLost as error:
            self._stop(consumer, str(error))
            return False
        self.failed = None
        topic_lost.labels(self.store.view.name).set(0)
        return True

    def _stop(self, consumer: AIOKafkaConsumer, what: str) -> None:
        consumer.pause(*consumer.assignment())
        if self.failed != what:
            log.error("topic_lost", view=self.store.view.name, error=what)
        self.failed = what
        topic_lost.labels(self.store.view.name).set(1)

    async def look_again(self) -> None:
        """See whether the topics are still the ones we read; go on when all is well again.

        A view goes on after a topic was lost when the operator had the journal told anew and its
        offsets adopted that (``viewing.adopt``); only then the stored markers are the new ones.
        """
        consumer = self.consumer
        if consumer is None:
            return
        was_lost = self.failed is not None
        if not await self._topics_are_there(consumer) or not was_lost:
            return
        log.info("topic_is_back", view=self.store.view.name)
        async with self.lock:
            ours = sorted(consumer.assignment())
            await self.seek(ours)
            if self.failed is None:
                consumer.resume(*ours)


class ViewWorker:
    """Keeps one view up with its topics."""

    def __init__(
        self,
        broker: KafkaBroker,
        store: ViewStore,
        client: dict[str, Any],
        group: str,
        instance: str,
    ) -> None:
        """Subscribe the view; ``instance`` keeps its partitions over a quick restart."""
        self.store = store
        self.owning = Owning(store, client)
        self._moved = time.monotonic()
        self._alarmed = -ALARM_EVERY
        self._subscriber = broker.subscriber(
            *store.view.topics,
            group_id=group,
            group_instance_id=instance,
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=BATCH_TIMEOUT_MS,
            fetch_max_wait_ms=GATHER_MS,
            fetch_min_bytes=GATHER_BYTES if store.view.gathers else 1,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=10_000,
            listener=self.owning,
            parser=self._parse,
            decoder=_undecoded,
            title=f"{store.view.name}",
        )
        self._subscriber(self.handle)
        self.owning.find_consumer = lambda: self._subscriber.consumer

    async def _parse(self, records: tuple[ConsumerRecord[bytes, bytes], ...]) -> KafkaMessage:
        """Wrap the raw records without touching a header or a body."""
        return KafkaAckableMessage(
            body=b"",
            headers={},
            raw_message=records,
            message_id=f"{records[0].offset}-{records[-1].offset}",
            consumer=cast("Any", self.owning.consumer),
        )

    async def handle(self, message: KafkaMessage) -> None:
        """Apply one batch; on any trouble but a fence it comes again."""
        raw = cast("tuple[ConsumerRecord[bytes, bytes], ...]", message.raw_message)
        async with self.owning.lock:
            by_partition: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]] = {}
            for record in raw:
                by_partition.setdefault(TopicPartition(record.topic, record.partition), []).append(
                    record
                )
            try:
                await self._apply(by_partition)
            except Fenced:
                log.warning("view_fenced", view=self.store.view.name)
                await self._seek_again(by_partition)
                return
            except TopicMadeAnew:
                # Nothing was written; what is read from now on is not given to us.
                await self._seek_again(by_partition)
                return
            except Exception as error:
                log.warning("view_batch_failed", view=self.store.view.name, error=repr(error))
                await asyncio.sleep(0.2 + random.random() * 0.3)  # noqa: S311
                raise
            for tp, records in by_partition.items():
                self.owning.stands[tp] = records[-1].offset + 1
            self._moved = time.monotonic()

    async def _apply(
        self, by_partition: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]
    ) -> None:
        stands = self.owning.stands
        for tp, records in by_partition.items():
            if tp not in stands or records[0].offset < stands[tp]:
                raise Fenced
        await self.store.apply(
            [
                (tp.topic, tp.partition, stands[tp], records[-1].offset + 1)
                for tp, records in sorted(by_partition.items())
            ],
            [
                Record(r.topic, r.partition, r.offset, r.key, r.headers, r.value)
                for _, records in sorted(by_partition.items())
                for r in records
            ],
        )

    async def _seek_again(self, partitions: Iterable[TopicPartition]) -> None:
        consumer = self.owning.consumer
        if consumer is not None:
            ours = consumer.assignment()
            await self.owning.seek([tp for tp in partitions if tp in ours])

    def lag(self) -> int:
        """Give how many records the view is behind, as far as this worker knows."""
        consumer = self.owning.consumer
        if consumer is None:
            return 0
        behind = 0
        for tp, stands in list(self.owning.stands.items()):
            end = consumer.highwater(tp) if tp in consumer.assignment() else None
            behind += max(0, (end or 0) - stands)
        return behind

    async def note_current(self) -> None:
        """Say since when the pages are as new as the topics."""
        consumer = self.owning.consumer
        if consumer is None or not self.healthy:
            return
        ours = consumer.assignment()
        await self.store.note_current(
            (tp.topic, tp.partition)
            for tp, stands in list(self.owning.stands.items())
            if tp in ours and (consumer.highwater(tp) or 0) <= stands
        )

    async def look_aside(self) -> None:
        """Show what is set aside, and raise the alarm for a failure or a gap that stays open."""
        name = self.store.view.name
        found = await standing(self.store.pool, name)
        for reason in REASONS:
            count, seconds = found.get(reason, (0, 0.0))
            set_aside.labels(name, reason).set(count)
            oldest_aside.labels(name, reason).set(seconds)
        failed, _ = found.get("failed", (0, 0.0))
        _, missing_for = found.get("ahead", (0, 0.0))
        late = missing_for > ALARM_AFTER
        if (failed or late) and time.monotonic() - self._alarmed >= ALARM_EVERY:
            self._alarmed = time.monotonic()
            log.error(
                "view_has_facts_set_aside",
                view=name,
                failed=failed,
                missing_seconds=round(missing_for) if late else 0,
            )

    @property
    def healthy(self) -> bool:
        """True while it owns partitions, hears from the broker and is not stopped by its topic."""
        consumer = self.owning.consumer
        stands = list(self.owning.stands)
        if consumer is None or not stands or self.owning.failed is not None:
            return False
        ours = consumer.assignment()
        polled = [consumer.last_poll_timestamp(tp) or 0 for tp in stands if tp in ours]
        return time.time() - max(polled, default=0) / 1000 < SILENT_AFTER

    @property
    def stuck(self) -> bool:
        """True when it is behind and has not moved for a minute: only a restart helps.

        A lost topic is no reason: whoever starts anew meets it again.
        """
        if self.owning.failed is not None or (self.lag() == 0 and not self._stands_nowhere):
            self._moved = time.monotonic()
        return time.monotonic() - self._moved > STUCK_AFTER

    @property
    def _stands_nowhere(self) -> bool:
        """True while it has been given partitions and does not know where to begin."""
        consumer = self.owning.consumer
        return consumer is not None and bool(consumer.assignment() - self.owning.stands.keys())


def _security(settings: Settings) -> BaseSecurity | None:
    if not settings.kafka_user:
        return None
    return SASLScram512(
        username=settings.kafka_user, password=settings.kafka_password.get_secret_value()
    )


async def _undecoded(_: KafkaMessage) -> bytes:
    return b""


class ViewWorkers:
    """All views of a service in one process."""

    def __init__(self, settings: Settings, service: str, stores: Sequence[ViewStore]) -> None:
        """Make one subscriber per view on one consumer-only broker.

        ``opened`` says that every view has its tables.
        """
        self.opened = asyncio.Event()
        self._settings = settings
        self._broker = KafkaBroker(
            settings.kafka,
            security=_security(settings),
            consumer_only=True,
            metadata_max_age_ms=NEWS_MS,
            client_id=f"{service}.views",
            graceful_timeout=15,
            logger=logging.getLogger("siku.kafka"),
        )
        self.workers = [
            ViewWorker(
                self._broker,
                store,
                settings.client(),
                f"{service}.{store.view.name}",
                f"{service}.{store.view.name}.{settings.instance}",
            )
            for store in stores
        ]

    async def run(self) -> None:
        """Read until cancelled.

        Raises:
            RuntimeError: a view is stuck and the process must be started anew.
        """
        for worker in self.workers:
            await self._open(worker.store)
        self.opened.set()
        try:
            await self._broker.start()
            for turn in itertools.count():
                for worker in self.workers:
                    try:
                        if turn % _LOOK_ASIDE == 0:
                            await worker.look_aside()
                        if turn % _NOTE_CURRENT == 0:
                            await worker.note_current()
                        lost = worker.owning.failed is not None
                        if turn and turn % (_LOOK_AGAIN if lost else LOOK_EVERY) == 0:
                            await worker.owning.look_again()
                    except _AWAY as error:
                        log.warning("outside_away", error=repr(error))
                    lag_records.labels(worker.store.view.name).set(worker.lag())
                    if worker.stuck:
                        raise RuntimeError(f"{worker.store.view.name} does not move")
                await asyncio.sleep(1)
        finally:
            await self._broker.stop()

    async def _open(self, store: ViewStore) -> None:
        """Make the view's tables; those of another version are replaced by a rebuild.

        Until then readers see what the version before has left.
        """
        while not await store.open():
            log.info("view_is_made_anew", view=store.view.name, version=store.view.version)
            try:
                done = await rebuild(
                    store.view,
                    self._settings.database_url.get_secret_value(),
                    self._settings.client(),
                    lambda _: None,
                    processes=1,
                )
                log.info("view_made_anew", view=store.view.name, facts=done.events)
            except Busy:
                await asyncio.sleep(1)

    @property
    def healthy(self) -> bool:
        """True when every view reads."""
        return all(worker.healthy for worker in self.workers)

    @property
    def wrong(self) -> str | None:
        """Say what keeps a view from reading."""
        for worker in self.workers:
            if not worker.healthy:
                return f"{worker.store.view.name}: {worker.owning.failed or 'no partitions yet'}"
        return None
