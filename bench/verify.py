"""How many facts a second are proved: stream chains, journal chain, journal = Kafka?

The bound reads the same rows and the same records, in as many processes, and hashes them; it
compares nothing and links nothing. ``SIKU_BENCH_PROJECTS`` makes the 100,000 projects with
ten facts each fewer.
"""

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_OID as NAMES
from uuid import UUID, uuid5

import asyncpg
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

from bench import telling
from bench.rounds import compare
from deploy.embedded.launcher import Stack
from shared.journal import canonical
from shared.migrating import migrate
from shared.relay import headers_of, mark_partitions
from shared.service import Runtime, Service
from shared.topics import reading
from shared.verifying import Checked, examine
from shared.verifying.kafka import PROCESSES
from tests.shared.broker import new_topic, reach

PROJECTS = int(os.environ.get("SIKU_BENCH_PROJECTS", "100000"))
EVENTS, CHUNK = PROJECTS * telling.EACH, 20_000
ROOT = Path(__file__).parent.parent


class Made(NamedTuple):
    """A fact with its chains, as journal and topic hold it."""

    position: int
    stream: str
    version: int
    event_id: UUID
    kind: str
    envelope: Mapping[str, str]
    payload: bytes
    chain: bytes
    link: bytes


def facts() -> Iterator[Made]:
    """Give the facts of all projects, each with its own id and linked to the one before."""
    chains: dict[str, bytes] = {}
    link = b""
    for position, (_, headers, payload) in enumerate(telling.records(PROJECTS), start=1):
        names = dict(headers)
        event_id = uuid5(NAMES, str(position))
        envelope = {
            **{name[3:]: value.decode() for name, value in names.items() if name[:3] == "ce_"},
            "datacontenttype": "application/json",
            "id": str(event_id),
        }
        stream = envelope["subject"]
        said = sha256(canonical(envelope)).digest() + sha256(payload).digest()
        chain = sha256(chains.get(stream, b"") + said).digest()
        chains[stream] = chain
        link = sha256(link + chain).digest()
        yield Made(
            position,
            stream,
            int(envelope["streamversion"]),
            event_id,
            envelope["type"],
            dict(sorted(envelope.items())),
            payload,
            chain,
            link,
        )


async def fill(stack: Stack, owner: asyncpg.Connection, topic: str) -> None:
    """Write the facts to the journal by COPY, and tell them."""
    now = datetime.now(UTC)
    heads: dict[str, tuple[int, bytes]] = {}
    source = facts()
    while made := list(islice(source, CHUNK)):
        await owner.copy_records_to_table(
            "events",
            schema_name="journal",
            records=[
                (*one[1:5], now, canonical(one.envelope), one.payload, one.chain) for one in made
            ],
        )
        await owner.copy_records_to_table(
            "told",
            schema_name="journal",
            records=[(one.position, one.event_id, *one[1:3], one.link) for one in made],
        )
        heads |= {one.stream: (one.version, one.chain) for one in made}
        records = (
            (
                one.envelope["partitionkey"].encode(),
                headers_of(dict(one.envelope), one.position, one.link),
                one.payload,
            )
            for one in made
        )
        await asyncio.to_thread(telling.tell_records, stack, records, topic)
    await owner.copy_records_to_table(
        "streams",
        schema_name="journal",
        records=[(stream, stream[8:], *head, now) for stream, head in heads.items()],
    )
    await owner.execute("update journal.relay set acknowledged = $1", EVENTS)
    await owner.execute("vacuum analyze")


async def hash_rows(url: str) -> None:
    """Read and hash every stored fact."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    await connection.execute("set max_parallel_workers_per_gather = 0")
    await connection.fetchval(
        "select count(*) from journal.events where sha256(envelope) = sha256(payload)"
    )
    await connection.close()


def hash_records(client: dict[str, Any], topic: str, turn: int) -> None:
    """Read and hash a share of the records; what a process of its own does."""

    async def read() -> None:
        async with reading(client, [topic]) as topics:
            begins, ends = await topics.begins(), await topics.ends()
            share = {place: ends[place] for place in topics.places[turn::PROCESSES]}
            async for batches in topics.read(begins, share):
                for records in batches.values():
                    for record in records:
                        sha256(record.value)

    asyncio.run(read())


async def main() -> None:
    """Measure on a durable PostgreSQL and a Kafka with one topic of twelve partitions."""
    async with Stack(services=(), durable=True, migrate=False) as stack:
        url, client = stack.admin_database_url("intake"), reach(stack)
        topic = await new_topic(stack)
        owner = await asyncpg.connect(url)
        trees = [("journal", ROOT / "shared/journal/migrations")]
        await migrate(owner, trees, urlsplit(url).username or "")
        producer = AIOKafkaProducer(**client, acks="all", enable_idempotence=True)
        await producer.start()
        await mark_partitions(producer, owner, client, [topic])
        await producer.stop()
        await fill(stack, owner, topic)
        await owner.close()
        service = Service("intake", "申报", no_doors, tells={"project": topic, "review": topic})

        async def ours() -> float:
            began = time.monotonic()
            report = await examine([Checked(service, url)], client)
            assert (report.differences, report.facts) == ([], EVENTS), report
            return EVENTS / (time.monotonic() - began)

        async def bound() -> float:
            began = time.monotonic()
            loop = asyncio.get_running_loop()
            with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
                shares = [
                    loop.run_in_executor(pool, hash_records, client, topic, turn)
                    for turn in range(PROCESSES)
                ]
                await asyncio.gather(hash_rows(url), *shares)
            return EVENTS / (time.monotonic() - began)

        await compare("verify", "facts/s", ours, bound)


def no_doors(_: FastAPI, __: Runtime) -> None:
    """Answer nothing."""


if __name__ == "__main__":
    asyncio.run(main())
