"""One view as a worker keeps it: where it stands, how far it is behind, what it has set aside."""

import time
from collections.abc import Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from prometheus_client import Gauge

from shared.viewing.hearing import Record
from shared.viewing.parked import REASONS, standing
from shared.viewing.store import Batch, Fenced, Span, ViewStore

STUCK_AFTER = 60.0
ALARM_AFTER = 60.0
ALARM_EVERY = 60.0

log = structlog.get_logger()

set_aside = Gauge("siku_view_set_aside", "Facts set aside", ["view", "reason"])
oldest_aside = Gauge(
    "siku_view_set_aside_seconds", "Age of the fact set aside longest", ["view", "reason"]
)

Read = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]
"""What was read at once, partition by partition."""


class Kept:
    """One view of a worker, with offsets of its own.

    Where a batch failed for it alone the worker reads on without it: the view is given nothing
    of that partition before the record that it ``missed`` comes again.
    """

    def __init__(self, store: ViewStore) -> None:
        """Stand nowhere yet."""
        self.store = store
        self.stands: dict[TopicPartition, int] = {}
        self.missed: dict[TopicPartition, int] = {}
        self._moved = time.monotonic()
        self._alarmed = -ALARM_EVERY

    @property
    def name(self) -> str:
        """The view's name."""
        return self.store.view.name

    def batch_of(self, read: Read) -> Batch:
        """Give what of this the view has not applied yet and can apply without a gap.

        Raises:
            Fenced: the worker does not stand on a partition any more.
        """
        spans: list[Span] = []
        records: list[Record] = []
        for tp, found in sorted(read.items()):
            if tp not in self.stands:
                raise Fenced
            stands = self.stands[tp]
            leaves_a_gap = stands <= self.missed.get(tp, -1) < found[0].offset
            if leaves_a_gap or found[-1].offset < stands:
                continue
            spans.append((tp.topic, tp.partition, stands, found[-1].offset + 1))
            records += [
                Record(r.topic, r.partition, r.offset, r.key, r.headers, r.value)
                for r in found
                if r.offset >= stands
            ]
        return Batch(self.store, spans, records)

    def note_moved(self, batch: Batch) -> None:
        """Stand behind a batch that was applied."""
        for topic, partition, _, becomes in batch.spans:
            self.stands[TopicPartition(topic, partition)] = becomes
            self.missed.pop(TopicPartition(topic, partition), None)
        self._moved = time.monotonic()

    def note_missed(self, batch: Batch) -> None:
        """Note where a batch began that the view could not apply."""
        for record in reversed(batch.records):
            self.missed[TopicPartition(record.topic, record.partition)] = record.offset

    def forget(self) -> None:
        """Stand nowhere any more."""
        self.stands.clear()
        self.missed.clear()

    def lag(self, consumer: AIOKafkaConsumer | None) -> int:
        """Give how many records the view is behind, as far as the consumer knows."""
        if consumer is None:
            return 0
        behind = 0
        for tp, stands in list(self.stands.items()):
            end = consumer.highwater(tp) if tp in consumer.assignment() else None
            behind += max(0, (end or 0) - stands)
        return behind

    async def note_current(self, consumer: AIOKafkaConsumer) -> None:
        """Say since when the pages are as new as the topics."""
        ours = consumer.assignment()
        await self.store.note_current(
            (tp.topic, tp.partition)
            for tp, stands in list(self.stands.items())
            if tp in ours and (consumer.highwater(tp) or 0) <= stands
        )

    def is_stuck(self, *, excused: bool) -> bool:
        """Tell whether it has not moved for a minute without an excuse: only a restart helps."""
        if excused:
            self._moved = time.monotonic()
        return time.monotonic() - self._moved > STUCK_AFTER

    async def look_aside(self) -> None:
        """Show what is set aside, and raise the alarm for a failure or a gap that stays open."""
        found = await standing(self.store.pool, self.name)
        for reason in REASONS:
            count, seconds = found.get(reason, (0, 0.0))
            set_aside.labels(self.name, reason).set(count)
            oldest_aside.labels(self.name, reason).set(seconds)
        failed, _ = found.get("failed", (0, 0.0))
        _, missing_for = found.get("ahead", (0, 0.0))
        late = missing_for > ALARM_AFTER
        if (failed or late) and time.monotonic() - self._alarmed >= ALARM_EVERY:
            self._alarmed = time.monotonic()
            log.error(
                "view_has_facts_set_aside",
                view=self.name,
                failed=failed,
                missing_seconds=round(missing_for) if late else 0,
            )
