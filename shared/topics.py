"""Reads spans of topics without a group: every partition is ours, from one offset to another."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

PAGE = 2_000
_PATIENCE = 20.0
Place = tuple[str, int]
"""A topic and one of its partitions."""
Offsets = Mapping[Place, int]


class TopicMissing(Exception):
    """A topic is not there, or may not be read."""


class Topics:
    """Topics open for reading."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        """Read with a started consumer that is assigned to all their partitions."""
        self._consumer = consumer

    @property
    def places(self) -> tuple[Place, ...]:
        """Every partition, in order."""
        return tuple(sorted((tp.topic, tp.partition) for tp in self._consumer.assignment()))

    async def begins(self) -> dict[Place, int]:
        """Give the first offset of each partition: 0 unless it was cut."""
        return _by_place(await self._consumer.beginning_offsets(self._consumer.assignment()))

    async def ends(self) -> dict[Place, int]:
        """Give the offset after the last record of each partition."""
        return _by_place(await self._consumer.end_offsets(self._consumer.assignment()))

    async def read(
        self, since: Offsets, until: Offsets
    ) -> AsyncIterator[dict[Place, list[ConsumerRecord[bytes, bytes]]]]:
        """Give the records of the named partitions from one offset up to another, in order."""
        left = {TopicPartition(*place) for place, end in until.items() if since[place] < end}
        for tp in left:
            self._consumer.seek(tp, since[tp.topic, tp.partition])
        self._consumer.resume(*left)
        while left:
            batches = await self._consumer.getmany(*left, timeout_ms=500, max_records=PAGE)
            found = {
                (tp.topic, tp.partition): [r for r in records if r.offset < until[tp]]
                for tp, records in batches.items()
            }
            if found := {place: records for place, records in found.items() if records}:
                yield found
            through = {tp for tp in left if await self._consumer.position(tp) >= until[tp]}
            self._consumer.pause(*through)
            left -= through


@asynccontextmanager
async def reading(
    client: Mapping[str, Any], topics: Sequence[str], partition: int | None = None
) -> AsyncIterator[Topics]:
    """Open topics, or one partition of each, for as long as the block lasts.

    Raises:
        TopicMissing: a topic does not exist or may not be read.
    """
    # Started with its topics, a consumer waits 40 s for one that does not exist.
    consumer = AIOKafkaConsumer(**client, group_id=None, fetch_max_bytes=8 << 20)
    await consumer.start()
    try:
        if missing := set(topics) - await consumer.topics():
            raise TopicMissing(min(missing))
        # Assigned once and for all: a consumer that is stopped right after a change of its
        # assignment may miss that it was stopped, and nobody would ever get it back.
        if partition is None:
            await _subscribed(consumer, topics)
        else:
            consumer.assign([TopicPartition(topic, partition) for topic in topics])
        # A partition without a position has the consumer ask for one, and while that goes
        # unanswered nothing else is fetched from its broker either.
        for tp in consumer.assignment():
            consumer.seek(tp, 0)
        consumer.pause(*consumer.assignment())
        yield Topics(consumer)
    finally:
        await consumer.stop()


async def _subscribed(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> None:
    consumer.subscribe(topics)
    missing = set(topics)
    try:
        async with asyncio.timeout(_PATIENCE):
            while missing := missing - {tp.topic for tp in consumer.assignment()}:
                await asyncio.sleep(0.01)
    except TimeoutError as error:
        raise TopicMissing(min(missing)) from error


def _by_place(offsets: Mapping[TopicPartition, int]) -> dict[Place, int]:
    return {(tp.topic, tp.partition): offset for tp, offset in offsets.items()}
