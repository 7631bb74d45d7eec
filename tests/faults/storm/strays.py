"""Records that no relay of ours has sent: broken ones, strange ones, and old ones once more.

Each carries a header ``stray`` that says what it is, so that they can be told from facts later
without knowing where they came to lie.
"""

import asyncio
import random
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from contracts import examples, intake
from contracts.intake import ProjectDrafted
from deploy.embedded.launcher import Stack
from deploy.stack import principal_of
from tests.shared.broker import is_marker, reach

HEADER = "stray"
Headers = list[tuple[str, Any]]

# What becomes of a stray in a view that reads its topic.
ASIDE = ("broken body", "bad header", "no body")
# A view that folds no such fact does not look into its body.
BODILESS = ("broken body", "no body")
NAMELESS = ("null header", "no headers")
PASSES = ("unknown kind",)
AHEAD = ("ahead of its stream",)
AHEAD_AT = 3
AGAIN = "an old record again"


_DRAFTED = ProjectDrafted(
    project_id=uuid.UUID(int=0),
    owner_org="JC-ZZ",
    owner_name="泽州县",
    revision=1,
    facts=examples.DRAFT,
)
_BODY = _DRAFTED.model_dump_json().encode()


FEIGNED = _DRAFTED.kind
"""The kind that strays pretend to be."""


def kind_of(record: Any) -> str | None:
    """Say what a stray is; None for a record that is none."""
    value = dict(record.headers).get(HEADER)
    return value.decode().partition(":")[0] if value is not None else None


def name_of(record: Any) -> str:
    """Give the stream that a stray names, if it names one."""
    return f"stray-{dict(record.headers)[HEADER].decode().rpartition(':')[2]}"


def _envelope(stream: str, kind: str, version: int = 1) -> Headers:
    names = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "type": kind,
        "source": "/somewhere/else",
        "subject": stream,
        "time": "2019-04-22T01:00:00.000000Z",
        "partitionkey": stream,
        "streamversion": str(version),
        "occurred": "2019-04-22",
        "actoraccount": "nobody",
        "actorrole": "nobody",
        "actororg": "nobody",
        "correlationid": "stray",
        "causationid": "stray",
    }
    return [*((f"ce_{name}", value.encode()) for name, value in names.items()), ("position", b"1")]


def _stray(what: str, number: int) -> tuple[Headers, bytes | None]:
    """Give headers and body of a stray that is not an old record."""
    stream = f"stray-{number}"
    headers, body = _envelope(stream, _DRAFTED.kind), b"{}"
    match what:
        case "broken body":
            body = b"{\xff not json"
        case "bad header":
            headers = [(n, b"\xff\xfe" if n == "ce_occurred" else v) for n, v in headers]
        case "no body":
            return headers, None
        case "null header":
            headers = [(n, None if n == "ce_subject" else v) for n, v in headers]
        case "no headers":
            headers = []
        case "unknown kind":
            headers = _envelope(stream, "intake.project.dreamt.v1")
        case "ahead of its stream":
            headers, body = _envelope(stream, _DRAFTED.kind, AHEAD_AT), _BODY
    return headers, body


@dataclass
class Strays:
    """Sends a few strays now and then, as the principal that may write."""

    stack: Stack
    dice: random.Random
    sent: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    async def go_astray(self, closed: asyncio.Event) -> None:
        """Send until the storm is over; Kafka's own troubles are waited out."""
        while not closed.is_set():
            await asyncio.sleep(self.dice.uniform(1.0, 4.0))
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(self._send_some(), 20)

    async def _send_some(self) -> None:
        client = reach(self.stack, principal_of("intake"))
        producer = AIOKafkaProducer(**client, request_timeout_ms=8_000)
        try:
            await producer.start()
            for _ in range(self.dice.randint(1, 3)):
                what = self.dice.choice((*ASIDE, *NAMELESS, *PASSES, *AHEAD))
                self._number += 1
                headers, body = _stray(what, self._number)
                headers.append((HEADER, f"{what}:{self._number}".encode()))
                await producer.send_and_wait(
                    intake.TOPIC, body, key=f"stray-{self._number}".encode(), headers=headers
                )
                self._count(what)
            for old in await self._some_old_ones():
                headers = [*old.headers, (HEADER, f"{AGAIN}:0".encode())]
                await producer.send_and_wait(
                    old.topic, old.value, key=old.key, headers=headers, partition=old.partition
                )
                self._count(AGAIN)
        finally:
            await producer.stop()

    async def _some_old_ones(self) -> Sequence[Any]:
        """Read a few facts in a row from somewhere in the middle of a partition."""
        consumer = AIOKafkaConsumer(**reach(self.stack), group_id=None, request_timeout_ms=8_000)
        try:
            await consumer.start()
            partition = TopicPartition(intake.TOPIC, self.dice.randrange(12))
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            if end < 10:
                return []
            consumer.seek(partition, self.dice.randrange(1, end - 5))
            records = await consumer.getmany(partition, timeout_ms=2_000, max_records=5)
            found = records.get(partition, [])
            return [r for r in found if not is_marker(r) and kind_of(r) is None]
        finally:
            await consumer.stop()

    def _count(self, what: str) -> None:
        self.sent[what] = self.sent.get(what, 0) + 1
