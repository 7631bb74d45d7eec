"""Reads topics into views: offsets in PostgreSQL, fenced, in the transaction of the rows.

Views that stand on the same topics share a consumer, and as long as all goes well one
transaction for each batch; each has offsets of its own, and meets its own troubles alone.

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

from shared.incarnations import Known, TopicLost, look
from shared.rebuilding import Busy, rebuild
from shared.settings import Settings
from shared.viewing.keeping import Kept, Read
from shared.viewing.store import Batch, Fenced, TopicMadeAnew, ViewStore, apply_together
from shared.viewing.view import View

BATCH = 500
BATCH_TIMEOUT_MS = 10
GATHER_MS, GATHER_BYTES = 500, 1 << 20
"""The broker holds an answer back for so long, or until so much is in it."""

NEWS_MS = 10_000
"""A group learns this often that a topic is gone, or there again."""

SILENT_AFTER = 15.0
_LOOK_ASIDE = 10
_NOTE_CURRENT = 2
LOOK_EVERY = 30
_LOOK_AGAIN = 3
_OF_ONE = (Fenced, TopicMadeAnew, ValueError, asyncpg.PostgresError)
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)

log = structlog.get_logger()

lag_records = Gauge("siku_view_lag", "Records behind the end of the topic", ["view"])
topic_lost = Gauge("siku_view_topic_lost", "1 while a topic is not the one it read", ["view"])


class Owning(ConsumerRebalanceListener):
    """Which partitions this worker stands on, and at which offsets of each view."""

    def __init__(self, stores: Iterable[ViewStore], client: dict[str, Any]) -> None:
        """Own nothing yet; ``client`` reaches the broker beside the consumer."""
        self.kept = [Kept(store) for store in stores]
        self._client = client
        self.lock = asyncio.Lock()
        self.failed: str | None = None
        self.find_consumer: Callable[[], AIOKafkaConsumer | None] = lambda: None

    @property
    def names(self) -> list[str]:
        """The names of the views."""
        return [kept.name for kept in self.kept]

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The consumer of the moment; FastStream makes a new one at each start."""
        return self.find_consumer()

    async def on_partitions_revoked(self, _: Iterable[TopicPartition]) -> None:
        """Let the batch in flight end before the partitions go."""
        async with self.lock:
            for kept in self.kept:
                kept.forget()

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
                log.warning("offsets_not_loaded", views=self.names, error=repr(error))
                await asyncio.sleep(0.5)
        if self.failed is None:
            consumer.resume(*partitions)

    async def seek(self, partitions: Sequence[TopicPartition]) -> None:
        """Stand at the stored offsets and read from the least of them.

        A topic that is not the one we read stops the worker.
        """
        consumer = self.consumer
        if consumer is None:
            return
        places = [(tp.topic, tp.partition) for tp in partitions]
        stored = [(kept, await kept.store.offsets(places)) for kept in self.kept]
        if not await self._topics_are_there(consumer):
            return
        for kept, offsets in stored:
            kept.stands.update((tp, offsets[tp.topic, tp.partition]) for tp in partitions)
        for tp in partitions:
            consumer.seek(tp, min(kept.stands[tp] for kept in self.kept))

    async def _topics_are_there(self, consumer: AIOKafkaConsumer) -> bool:
        """Tell whether the topics are those that the views know; when not, stop."""
        try:
            for known in await self._known():
                await look(self._client, known)
        except TopicLost as error:
            self._stop(consumer, str(error))
            return False
        self.failed = None
        for name in self.names:
            topic_lost.labels(name).set(0)
        return True

    async def _known(self) -> list[dict[tuple[str, int], Known]]:
        """Give what the views remember of the topics: mostly one thing, for they read together."""
        remembered: list[dict[tuple[str, int], Known]] = []
        for kept in self.kept:
            known = await kept.store.known()
            if known not in remembered:
                remembered.append(known)
        return remembered

    def _stop(self, consumer: AIOKafkaConsumer, what: str) -> None:
        consumer.pause(*consumer.assignment())
        if self.failed != what:
            log.error("topic_lost", views=self.names, error=what)
        self.failed = what
        for name in self.names:
            topic_lost.labels(name).set(1)

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
        log.info("topic_is_back", views=self.names)
        async with self.lock:
            ours = sorted(consumer.assignment())
            await self.seek(ours)
            if self.failed is None:
                consumer.resume(*ours)

    def read_missed(self) -> None:
        """Read again what a view could not apply; those who have it already pass it over."""
        consumer = self.consumer
        missed = [place for kept in self.kept for place in kept.missed.items()]
        if consumer is not None:
            # The least offset of a partition comes last and stays.
            for tp, offset in sorted(missed, reverse=True):
                if tp in consumer.assignment():
                    consumer.seek(tp, offset)


class ViewWorker:
    """Keeps views up with the topics that they share."""

    def __init__(
        self,
        broker: KafkaBroker,
        stores: Sequence[ViewStore],
        client: dict[str, Any],
        group: str,
        instance: str,
    ) -> None:
        """Subscribe the views; ``instance`` keeps their partitions over a quick restart."""
        self.owning = Owning(stores, client)
        view = stores[0].view
        self._subscriber = broker.subscriber(
            *view.topics,
            group_id=group,
            group_instance_id=instance,
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=BATCH_TIMEOUT_MS,
            fetch_max_wait_ms=GATHER_MS,
            fetch_min_bytes=GATHER_BYTES if view.gathers else 1,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=10_000,
            listener=self.owning,
            parser=self._parse,
            decoder=_undecoded,
            title=group,
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
            consumer=_Uncommitted(self.owning.consumer),
        )

    async def handle(self, message: KafkaMessage) -> None:
        """Apply one batch; on any trouble but a fence it comes again."""
        raw = cast("tuple[ConsumerRecord[bytes, bytes], ...]", message.raw_message)
        async with self.owning.lock:
            read: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]] = {}
            for record in raw:
                read.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
            try:
                await self._apply(read)
            except Fenced:
                log.warning("view_fenced", views=self.owning.names)
                await self._seek_again(read)
            except TopicMadeAnew:
                # Nothing was written; what is read from now on is not given to us.
                await self._seek_again(read)
            except Exception as error:
                log.warning("view_batch_failed", views=self.owning.names, error=repr(error))
                await asyncio.sleep(0.2 + random.random() * 0.3)  # noqa: S311
                raise

    async def _apply(self, read: Read) -> None:
        due = [(kept, batch) for kept in self.owning.kept if (batch := kept.batch_of(read)).spans]
        if len(due) > 1 and await _went_together([batch for _, batch in due]):
            for kept, batch in due:
                kept.note_moved(batch)
            return
        failed: list[tuple[Kept, Batch, Exception]] = []
        for kept, batch in due:
            try:
                await kept.store.apply(batch.spans, batch.records)
            # What is wrong with one view must not keep the others from their facts.
            except Exception as error:  # noqa: BLE001
                failed.append((kept, batch, error))
            else:
                kept.note_moved(batch)
        for kept, batch, trouble in failed:
            if len(failed) == len(due) or isinstance(trouble, Fenced | TopicMadeAnew):
                raise trouble
            kept.note_missed(batch)
            log.warning("view_missed_batch", view=kept.name, error=repr(trouble))

    async def _seek_again(self, partitions: Iterable[TopicPartition]) -> None:
        consumer = self.owning.consumer
        if consumer is not None:
            ours = consumer.assignment()
            await self.owning.seek([tp for tp in partitions if tp in ours])

    async def note_current(self) -> None:
        """Say since when the pages are as new as the topics."""
        consumer = self.owning.consumer
        if consumer is not None and self.healthy:
            for kept in self.owning.kept:
                await kept.note_current(consumer)

    @property
    def healthy(self) -> bool:
        """True while it owns partitions, hears from the broker and is not stopped by its topic."""
        consumer = self.owning.consumer
        stands = list(self.owning.kept[0].stands)
        if consumer is None or not stands or self.owning.failed is not None:
            return False
        ours = consumer.assignment()
        polled = [consumer.last_poll_timestamp(tp) or 0 for tp in stands if tp in ours]
        return time.time() - max(polled, default=0) / 1000 < SILENT_AFTER

    @property
    def stuck(self) -> str | None:
        """Name a view that is behind and has not moved for a minute: only a restart helps.

        A lost topic is no reason: whoever starts anew meets it again.
        """
        consumer, lost = self.owning.consumer, self.owning.failed is not None
        for kept in self.owning.kept:
            # Given partitions, it must also know where to begin.
            begun = consumer is None or consumer.assignment() <= kept.stands.keys()
            if kept.is_stuck(excused=lost or (begun and kept.lag(consumer) == 0)):
                return kept.name
        return None


async def _went_together(batches: Sequence[Batch]) -> bool:
    try:
        await apply_together(batches)
    except _OF_ONE:
        return False
    return True


def _security(settings: Settings) -> BaseSecurity | None:
    if not settings.kafka_user:
        return None
    return SASLScram512(
        username=settings.kafka_user, password=settings.kafka_password.get_secret_value()
    )


class _Uncommitted:
    """What a batch needs of its consumer: to go back. How far it was read, the database knows."""

    def __init__(self, consumer: AIOKafkaConsumer | None) -> None:
        self._consumer = consumer

    async def commit(self) -> None:
        pass

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if self._consumer is not None:
            self._consumer.seek(partition, offset)


async def _undecoded(_: KafkaMessage) -> bytes:
    return b""


def _group_of(service: str, view: View) -> str:
    """Name those who read together: of the same topics, and in the same haste."""
    return ".".join((service, *view.topics, *(["gathered"] if view.gathers else [])))


class ViewWorkers:
    """All views of a service in one process."""

    def __init__(self, settings: Settings, service: str, stores: Sequence[ViewStore]) -> None:
        """Make one subscriber for views of the same topics, on one consumer-only broker.

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
        companions: dict[str, list[ViewStore]] = {}
        for store in stores:
            companions.setdefault(_group_of(service, store.view), []).append(store)
        self.workers = [
            ViewWorker(self._broker, kept, settings.client(), group, f"{group}.{settings.instance}")
            for group, kept in companions.items()
        ]
        self._kept = [kept for worker in self.workers for kept in worker.owning.kept]

    async def run(self) -> None:
        """Read until cancelled.

        Raises:
            RuntimeError: a view is stuck and the process must be started anew.
        """
        for kept in self._kept:
            await self._open(kept.store)
        self.opened.set()
        try:
            await self._broker.start()
            for turn in itertools.count():
                for worker in self.workers:
                    try:
                        await self._look_after(worker, turn)
                    except _AWAY as error:
                        log.warning("outside_away", error=repr(error))
                    for kept in worker.owning.kept:
                        lag_records.labels(kept.name).set(kept.lag(worker.owning.consumer))
                    if (name := worker.stuck) is not None:
                        raise RuntimeError(f"{name} does not move")
                await asyncio.sleep(1)
        finally:
            await self._broker.stop()

    async def _look_after(self, worker: ViewWorker, turn: int) -> None:
        if turn % _LOOK_ASIDE == 0:
            for kept in worker.owning.kept:
                await kept.look_aside()
        if turn % _NOTE_CURRENT == 0:
            await worker.note_current()
        lost = worker.owning.failed is not None
        if turn and turn % (_LOOK_AGAIN if lost else LOOK_EVERY) == 0:
            await worker.owning.look_again()
        worker.owning.read_missed()

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
                names = ", ".join(worker.owning.names)
                return f"{names}: {worker.owning.failed or 'no partitions yet'}"
        return None
