"""A topic that is not what it was is told by its first record, its beginning and its end."""

import asyncio
from uuid import UUID, uuid4

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.embedded.launcher import Stack
from deploy.kafka_rights import connect
from shared.incarnations import Known, TopicLost, look
from tests.shared.broker import new_topic, producing, reach
from tests.shared.reading import marker

MARKER = uuid4()


async def filled(servers: Stack, mark: UUID | None = MARKER, records: int = 3) -> str:
    """Make a topic of one partition: a marker, then so many records."""
    topic = await new_topic(servers, 1)
    async with producing(servers) as producer:
        if mark is not None:
            first = marker(str(mark), topic=topic)
            await producer.send_and_wait(topic, first.value, headers=list(first.headers))
        for n in range(records):
            await producer.send_and_wait(topic, str(n).encode())
    return topic


def cut(servers: Stack, topic: str, before: int) -> None:
    admin: AdminClient = connect(servers.kafka, servers.kafka_login()[1])
    for future in admin.delete_records([TopicPartition(topic, 0, before)]).values():
        future.result(20)


async def test_a_topic_that_only_grew_is_the_same(servers: Stack) -> None:
    topic = await filled(servers)
    for known in (Known(4, MARKER), Known(2, MARKER), Known(0, None), Known(4, None)):
        await look(reach(servers), {(topic, 0): known})


async def test_nothing_known_is_nothing_lost(servers: Stack) -> None:
    await look(reach(servers), {})


async def test_another_marker_is_another_topic(servers: Stack) -> None:
    topic = await filled(servers, uuid4(), records=9)
    with pytest.raises(TopicLost, match="已不是原来的主题"):
        await look(reach(servers), {(topic, 0): Known(4, MARKER)})


async def test_a_first_record_that_is_no_marker_is_another_topic(servers: Stack) -> None:
    topic = await filled(servers, None, records=9)
    with pytest.raises(TopicLost, match="已不是原来的主题"):
        await look(reach(servers), {(topic, 0): Known(4, MARKER)})


async def test_a_topic_that_ends_earlier_has_lost_records(servers: Stack) -> None:
    topic = await filled(servers)
    with pytest.raises(TopicLost, match="曾有 5 条，现在只有 4 条"):
        await look(reach(servers), {(topic, 0): Known(5, MARKER)})


@pytest.mark.parametrize("before", [1, 3, 4])
async def test_a_topic_that_begins_later_was_cut(servers: Stack, before: int) -> None:
    topic = await filled(servers)
    await asyncio.to_thread(cut, servers, topic, before)
    with pytest.raises(TopicLost, match=f"开头被截去，只剩第 {before} 条以后"):
        await look(reach(servers), {(topic, 0): Known(4, MARKER)})


async def test_every_lost_topic_is_named(servers: Stack) -> None:
    there, other = await filled(servers), await filled(servers, uuid4())
    known = {
        (there, 0): Known(4, MARKER),
        (other, 0): Known(4, MARKER),
        (other, 7): Known(1, MARKER),
        ("siku.nowhere.v1", 0): Known(1, MARKER),
    }
    async with asyncio.timeout(15):
        with pytest.raises(TopicLost) as lost:
            await look(reach(servers), known)
    assert lost.value.topics.keys() == {other, "siku.nowhere.v1"}
