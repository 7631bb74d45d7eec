"""Spans of topics are read to their end, whatever else is assigned and however empty."""

import asyncio

from deploy.embedded.launcher import Stack
from shared.topics import Place, reading
from tests.shared.broker import new_topic, reach
from tests.shared.reader import Reader


async def test_an_empty_partition_beside_it_keeps_nobody_waiting(
    reader: Reader, servers: Stack
) -> None:
    empty = await new_topic(servers, 3)
    await reader.tell(*reader.facts("s", range(1, 31)), *reader.facts("t", range(1, 11), 2))
    for partition in (None, 0, 0, 2, 0, 2, 0, 0):
        found: dict[Place, int] = {}
        async with (
            asyncio.timeout(10),
            reading(reach(servers), [reader.topic, empty], partition) as topics,
        ):
            ends = await topics.ends()
            async for batches in topics.read(dict.fromkeys(ends, 0), ends):
                for place, records in batches.items():
                    found[place] = found.get(place, 0) + len(records)
        every = {(reader.topic, 0): 30, (reader.topic, 2): 10}
        assert found == {p: n for p, n in every.items() if partition in {None, p[1]}}


async def test_a_span_is_read_again_from_where_it_is_asked_for(
    reader: Reader, servers: Stack
) -> None:
    await reader.tell(*reader.facts("s", range(1, 31)))
    place = (reader.topic, 0)
    async with reading(reach(servers), [reader.topic]) as topics:
        for since, until in ((0, 30), (5, 7), (0, 1), (29, 30), (3, 3)):
            offsets = [
                record.offset
                async for batches in topics.read({place: since}, {place: until})
                for record in batches[place]
            ]
            assert offsets == list(range(since, until))


async def test_topics_of_which_nothing_is_wanted_are_closed_again(
    reader: Reader, servers: Stack
) -> None:
    """Whoever finds nothing to read is through at once, and must not wait for ever to be so."""
    empty = await new_topic(servers, 3)
    for partition in (0, 1, 2, None):
        for _ in range(3):
            async with (
                asyncio.timeout(10),
                reading(reach(servers), [reader.topic, empty], partition) as topics,
            ):
                async for _ in topics.read({}, {}):
                    raise AssertionError
