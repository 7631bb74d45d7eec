"""Topics of their own for tests on the real broker, and what lies in them."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka.admin import NewTopic

from contracts.envelope import MARKER_KIND
from deploy.embedded.launcher import Stack
from deploy.kafka_rights import connect
from shared.relay import Relay

_numbers = itertools.count(1)


def reach(servers: Stack, principal: str = "admin") -> dict[str, Any]:
    """Give aiokafka's arguments for a principal; the administrator may do everything."""
    user, password = servers.kafka_login(principal)
    return {
        "bootstrap_servers": servers.kafka,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


async def new_topic(servers: Stack, partitions: int = 12) -> str:
    """Make a topic that no other test knows."""
    name = f"siku.test{next(_numbers)}.v1"

    def make() -> None:
        admin = connect(servers.kafka, servers.kafka_login()[1])
        config = {"retention.ms": "-1", "cleanup.policy": "delete"}
        topic = NewTopic(name, partitions, replication_factor=1, config=config)
        admin.create_topics([topic])[name].result(20)

    await asyncio.to_thread(make)
    return name


async def read_all(servers: Stack, *topics: str) -> list[Any]:
    """Read topics from the beginning to their present end, partition after partition."""
    consumer = AIOKafkaConsumer(
        *topics, **reach(servers), group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        records: list[Any] = []
        while [p for p in partitions if await consumer.position(p) < ends[p]]:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records += batch
        return sorted(records, key=lambda record: (record.topic, record.partition, record.offset))
    finally:
        await consumer.stop()


def is_marker(record: Any) -> bool:
    """Tell whether a record names the incarnation of its partition."""
    return ("ce_type", MARKER_KIND.encode()) in record.headers


def positions(records: Sequence[Any]) -> list[int]:
    """Give the positions of the facts among the records."""
    return [int(dict(record.headers)["position"]) for record in records if not is_marker(record)]


@asynccontextmanager
async def producing(servers: Stack) -> AsyncIterator[AIOKafkaProducer]:
    """Send as the administrator."""
    producer = AIOKafkaProducer(**reach(servers), acks="all", enable_idempotence=True)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator["asyncio.Task[None]"]:
    """Run a relay beside the test."""
    task = asyncio.create_task(relay.run())
    try:
        yield task
    except AssertionError as error:
        if task.done() and not task.cancelled():
            raise AssertionError(f"the relay ended: {task.exception()!r}") from error
        raise
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


async def until(
    holds: Callable[[], Awaitable[object]], *, seconds: float = 20.0, what: str = ""
) -> None:
    """Wait until something holds; fails by name when it does not in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await holds():
        if loop.time() > deadline:
            raise AssertionError(f"did not come about in {seconds:g} s: {what or holds}")
        await asyncio.sleep(0.02)
