"""How many facts a second are proved: stream chains, journal chain, journal = Kafka?

The bound reads the same rows and the same records and hashes them, with nothing else.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

from contracts.envelope import Envelope, instant
from contracts.intake import ProjectDrafted, ProjectFacts
from deploy.embedded.launcher import Stack
from shared.deciding import new_id
from shared.journal import canonical
from shared.migrating import migrate
from shared.relay import headers_of, mark_partitions
from shared.service import Runtime, Service

EVENTS, VERSIONS, CHUNK = 1_000_000, 10, 10_000
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Fact:
    """A fact with its chains, as journal and topic hold it."""

    position: int
    stream: str
    version: int
    event_id: UUID
    kind: str
    envelope: dict[str, str]
    envelope_text: bytes
    payload: bytes
    chain: bytes
    journal_chain: bytes


def facts(count: int) -> Iterator[Fact]:
    """Give facts as a city makes them: streams grow side by side, ten facts each."""
    chance = random.Random(5)
    now = datetime.now(UTC)
    open_streams: list[tuple[str, int, bytes]] = []
    link = b""
    for position in range(1, count + 1):
        if len(open_streams) < 1000:
            open_streams.append((f"project-{new_id()}", 0, b""))
        place = chance.randrange(len(open_streams))
        stream, version, chain = open_streams[place]
        version += 1
        event_id = new_id()
        fact = ProjectDrafted(
            project_id=event_id,
            owner_org="JC-ZZ",
            owner_name="泽州县",
            revision=version,
            facts=ProjectFacts(name=f"高性能陶瓷材料产业园 {position} 期", content="新建车间四座"),
        )
        envelope = Envelope(
            id=str(event_id),
            type=fact.kind,
            source="/siku/intake",
            subject=stream,
            time=instant(now),
            partitionkey=stream,
            streamversion=str(version),
            occurred="2019-04-22",
            actoraccount="018f0000-0000-7000-8000-000000000001",
            actorrole="county_reporter",
            actororg="JC-ZZ",
            correlationid=str(event_id),
            causationid=str(event_id),
            policy="0" * 64,
        ).model_dump()
        text, payload = canonical(envelope), canonical(fact.model_dump(mode="json"))
        chain = sha256(chain + sha256(text).digest() + sha256(payload).digest()).digest()
        link = sha256(link + chain).digest()
        yield Fact(
            position, stream, version, event_id, fact.kind, envelope, text, payload, chain, link
        )
        if version == VERSIONS:
            open_streams[place] = open_streams[-1]
            open_streams.pop()
        else:
            open_streams[place] = stream, version, chain


async def fill(
    owner: asyncpg.Connection, producer: AIOKafkaProducer, topic: str, count: int
) -> None:
    """Write facts to the journal by COPY, and tell them."""
    now = datetime.now(UTC)
    heads: dict[str, tuple[int, bytes]] = {}
    for chunk in (
        itertools.batched(facts(count), CHUNK) if hasattr(itertools, "batched") else _chunks(count)
    ):
        for fact in chunk:
            heads[fact.stream] = fact.version, fact.chain
        await owner.copy_records_to_table(
            "events",
            schema_name="journal",
            records=[
                (f.stream, f.version, f.event_id, f.kind, now, f.envelope_text, f.payload, f.chain)
                for f in chunk
            ],
        )
        await owner.copy_records_to_table(
            "told",
            schema_name="journal",
            records=[(f.position, f.event_id, f.stream, f.version, f.journal_chain) for f in chunk],
        )
        for f in chunk:
            await producer.send(
                topic,
                value=f.payload,
                key=f.envelope["partitionkey"].encode(),
                headers=headers_of(dict(sorted(f.envelope.items())), f.position, f.journal_chain),
            )
    await producer.flush()
    await owner.copy_records_to_table(
        "streams",
        schema_name="journal",
        records=[(s, s, v, c, now) for s, (v, c) in heads.items()],
    )
    await owner.execute("update journal.relay set acknowledged = $1", count)
    await owner.execute("vacuum analyze")


def _chunks(count):
    source = facts(count)
    while chunk := list(itertools.islice(source, CHUNK)):
        yield chunk
