"""Is a topic still the one that was told on and read? Its first record, its beginning, its end.

A topic that was deleted and made anew, cut from the front or cut at the end looks healthy to a
client that only knows offsets. Each partition begins with a marker that names its incarnation, so
whoever remembers the marker and how far the partition reached can tell.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka.errors import KafkaTimeoutError

from contracts.envelope import MARKER_KIND
from shared.topics import Offsets, Place, TopicMissing, Topics, reading

_PATIENCE = 20.0
# The marker is a batch of its own, and Kafka gives a batch whole however little is asked for.
_SPARING = {"max_partition_fetch_bytes": 1024}


class Known(NamedTuple):
    """What somebody remembers of a partition: how far it reached, and the marker it began with."""

    reached: int
    marker: UUID | None


class TopicLost(Exception):
    """A topic is not what it was: nothing may be read from it or told on it until it is refilled.

    ``topics`` says what is wrong with each.
    """

    def __init__(self, topics: Mapping[str, str]) -> None:
        """Name the topics."""
        super().__init__("；".join(topics.values()))
        self.topics = dict(topics)


def marker_in(headers: Sequence[tuple[str, bytes | None]]) -> UUID | None:
    """Give the marker that a record's headers carry; None when it is no marker."""
    names = dict(headers)
    if names.get("ce_type") != MARKER_KIND.encode():
        return None
    try:
        return UUID((names.get("marker") or b"").decode())
    except ValueError:
        return None


async def look(client: Mapping[str, Any], known: Mapping[Place, Known]) -> None:
    """Compare partitions with what is remembered of them.

    Raises:
        TopicLost: a topic is gone, made anew, or cut from the front or at the end.
        KafkaError: the broker does not answer or refuses; nothing is known.
    """
    lost: dict[str, str] = {}
    found = await _survey(client, {topic for topic, _ in known}, lost)
    for place, remembered in sorted(known.items()):
        topic, partition = place
        if topic not in lost and (wrong := _wrong(remembered, found.get(place))) is not None:
            lost[topic] = f"主题 {topic} 分区 {partition} {wrong}"
    if lost:
        raise TopicLost(lost)


class _Found(NamedTuple):
    begin: int
    end: int
    marker: UUID | None


async def _survey(
    client: Mapping[str, Any], topics: set[str], lost: dict[str, str]
) -> dict[Place, _Found]:
    """Find how the partitions are; what is not there is noted in ``lost``."""
    while there := sorted(topics - lost.keys()):
        try:
            async with asyncio.timeout(_PATIENCE), reading({**client, **_SPARING}, there) as open_:
                begins, ends = await open_.begins(), await open_.ends()
                markers = await first_markers(open_, begins, ends)
                return {p: _Found(begins[p], ends[p], markers.get(p)) for p in open_.places}
        except TopicMissing as missing:
            lost[str(missing)] = f"主题 {missing} 不存在（或没有读取权限）"
        except TimeoutError as error:
            raise KafkaTimeoutError("the topics cannot be looked at in time") from error
    return {}


def _wrong(known: Known, found: _Found | None) -> str | None:
    if found is None:
        return "不存在"
    if found.begin > 0:
        return f"开头被截去，只剩第 {found.begin} 条以后"
    if found.end < known.reached:
        return f"曾有 {known.reached} 条，现在只有 {found.end} 条"
    if known.marker is not None and found.end > 0 and found.marker != known.marker:
        return f"已不是原来的主题（标记 {known.marker} → {found.marker or '无'}）"
    return None


async def first_markers(topics: Topics, begins: Offsets, ends: Offsets) -> dict[Place, UUID | None]:
    """Read the marker that each partition begins with; None for one that begins otherwise."""
    since = {place: begin for place, begin in begins.items() if begin < ends[place]}
    markers: dict[Place, UUID | None] = {}
    async for found in topics.read(since, {place: begin + 1 for place, begin in since.items()}):
        for place, records in found.items():
            markers[place] = marker_in(records[0].headers)
    return markers
