"""Proves the state of the system: journal, topics and views tell the same story.

What is checked, in this order: each stream's chain over envelope and payload; the journal chain
over everything told; nothing left untold or unacknowledged; the topics equal the journal once
repeats are dropped; every view stands at the end of its topics, has recorded each stream's
version, and has set nothing aside.
"""

import asyncio
import hashlib
import importlib
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.envelope import MARKER_KIND
from shared.journal import canonical, digest
from shared.service import Service
from shared.settings import Settings
from shared.viewing import View

PAGE = 2_000
PATIENCE = 20.0
SET_ASIDE = 3
"""Exit code when all is well but facts are set aside."""


class Difference(Exception):
    """The first thing that is not as it must be."""


@dataclass(frozen=True)
class Checked:
    """A service and its database, as somebody who may read everything sees it."""

    service: Service
    database_url: str


@dataclass
class Report:
    """What was checked: one line per check with what was counted, and facts set aside."""

    lines: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    repeats: int = 0
    facts: int = 0
    tell: Callable[[str], None] = lambda _: None

    def add(self, line: str) -> None:
        """Note a check that held."""
        self.lines.append(line)
        self.tell(f"✓ {line}")


@dataclass(frozen=True)
class _Told:
    position: int
    stream: str
    version: int
    chain: str
    envelope: bytes
    payload: bytes
    topic: str


async def verify(
    services: Sequence[Checked],
    client: dict[str, Any],
    tell: Callable[[str], None] = lambda _: None,
    patience: float = PATIENCE,
) -> Report:
    """Check everything and give the report.

    ``client`` reaches Kafka as a principal that may read every topic. What is still on its way
    gets ``patience`` seconds to arrive.

    Raises:
        Difference: the first check that does not hold.
    """
    report = Report(tell=tell)
    versions: dict[str, dict[str, int]] = {}
    for checked in services:
        if checked.service.writes:
            async with _reading(checked.database_url) as connection:
                name = checked.service.name
                await _until_told(connection, name, patience)
                await _streams(connection, name, report)
                told = await _journal_chain(connection, checked.service, report)
                await _kafka(client, checked.service, told, report)
                for fact in told.values():
                    of_topic = versions.setdefault(fact.topic, {})
                    of_topic[fact.stream] = max(fact.version, of_topic.get(fact.stream, 0))
    for checked in services:
        if checked.service.views:
            async with _reading(checked.database_url) as connection:
                for view in checked.service.views:
                    await _view(connection, client, view, versions, report, patience)
    return report


@asynccontextmanager
async def _reading(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url, timeout=5)
    try:
        yield connection
    finally:
        await connection.close()


async def _until(check: Callable[[], Awaitable[str]], patience: float) -> None:
    """Give what is on its way time to arrive, then say what is missing."""
    deadline = time.monotonic() + patience
    while missing := await check():
        if time.monotonic() > deadline:
            raise Difference(missing)
        await asyncio.sleep(0.2)


async def _until_told(connection: asyncpg.Connection, name: str, patience: float) -> None:
    async def check() -> str:
        row = await connection.fetchrow(
            "select (select count(*) from journal.untold) as untold, "
            "(select acknowledged from journal.relay) as acknowledged, "
            "coalesce((select max(position) from journal.told), 0) as told"
        )
        if row is None or row["untold"] or row["acknowledged"] != row["told"]:
            return f"{name}: 还有事实没有送达 Kafka：{dict(row or {})}"
        return ""

    await _until(check, patience)


async def _streams(connection: asyncpg.Connection, name: str, report: Report) -> None:
    heads = {
        row["stream"]: (row["version"], row["chain"])
        for row in await connection.fetch("select stream, version, chain from journal.streams")
    }
    stream, version, link, count = "", 0, b"", 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(
            "select stream, version, event_id, kind, envelope, payload, chain "
            "from journal.events order by stream, version",
            prefetch=PAGE,
        ):
            if row["stream"] != stream:
                _same_head(name, heads, stream, version, link)
                stream, version, link = row["stream"], 0, b""
            version += 1
            where = f"{name}: {stream}@{row['version']}"
            if row["version"] != version:
                raise Difference(f"{where}: 缺第 {version} 号事实")
            link = digest(link + digest(row["envelope"]) + digest(row["payload"]))
            if link != row["chain"]:
                raise Difference(f"{where}: 流链不符，内容被改过")
            _same_identity(where, row)
            count += 1
    _same_head(name, heads, stream, version, link)
    with_facts = sum(1 for head in heads.values() if head[0] > 0)
    report.facts += count
    report.add(f"{name}: {with_facts} 条流、{count} 件事实，流链完好")


def _same_head(
    name: str, heads: dict[str, tuple[int, bytes]], stream: str, version: int, link: bytes
) -> None:
    if stream and heads.get(stream) != (version, link):
        raise Difference(f"{name}: {stream}: 流头记为 {heads.get(stream)}，事实到第 {version} 号")


def _same_identity(where: str, row: asyncpg.Record) -> None:
    envelope = orjson.loads(row["envelope"])
    said = (envelope["id"], envelope["type"], envelope["subject"], envelope["streamversion"])
    if said != (str(row["event_id"]), row["kind"], row["stream"], str(row["version"])):
        raise Difference(f"{where}: 信封与行不符：{said}")


async def _journal_chain(
    connection: asyncpg.Connection, service: Service, report: Report
) -> dict[UUID, _Told]:
    told: dict[UUID, _Told] = {}
    link, position = b"", 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(
            "select t.position, t.event_id, t.stream, t.version, t.chain, e.event_id as own_id, "
            "e.kind, e.chain as stream_chain, e.envelope, e.payload from journal.told t "
            "left join journal.events e on e.stream = t.stream and e.version = t.version "
            "order by t.position",
            prefetch=PAGE,
        ):
            position += 1
            where = f"{service.name}: 第 {row['position']} 位"
            if row["position"] != position:
                raise Difference(f"{where}: 缺第 {position} 位")
            if row["own_id"] != row["event_id"]:
                raise Difference(f"{where}: 指向的事实不在日志中")
            link = hashlib.sha256(link + row["stream_chain"]).digest()
            if link != row["chain"]:
                raise Difference(f"{where}: 总链不符")
            told[row["event_id"]] = _Told(
                position,
                row["stream"],
                row["version"],
                link.hex(),
                digest(row["envelope"]),
                digest(row["payload"]),
                service.topic_of(row["kind"]),
            )
        facts = await connection.fetchval("select count(*) from journal.events")
    if facts != position:
        raise Difference(f"{service.name}: 日志有 {facts} 件事实，编了位的有 {position} 件")
    report.add(f"{service.name}: 总链完好，到第 {position} 位")
    return told


async def _kafka(
    client: dict[str, Any], service: Service, told: dict[UUID, _Told], report: Report
) -> None:
    seen: set[UUID] = set()
    stands: dict[str, int] = {}
    repeats = 0
    async for record in _records(client, service.topics):
        names = dict(record.headers)
        if names.get("ce_type") == MARKER_KIND.encode():
            continue
        where = f"{record.topic}/{record.partition}@{record.offset}"
        try:
            event_id = UUID(names["ce_id"].decode())
        except (KeyError, ValueError, UnicodeDecodeError) as error:
            raise Difference(f"{where}: 记录没有可读的编号") from error
        fact = told.get(event_id)
        if fact is None:
            raise Difference(f"{where}: 事实 {event_id} 不在日志中")
        if event_id in seen:
            repeats += 1
            continue
        seen.add(event_id)
        if stands.get(fact.stream, 0) + 1 != fact.version:
            raise Difference(f"{where}: {fact.stream} 的第 {fact.version} 号先于前一号送达")
        stands[fact.stream] = fact.version
        envelope = {name[3:]: v.decode() for name, v in names.items() if name.startswith("ce_")}
        envelope["datacontenttype"] = "application/json"
        if record.topic != fact.topic or record.key != envelope["partitionkey"].encode():
            raise Difference(f"{where}: 事实 {event_id} 送错了主题或分区键")
        if (digest(canonical(envelope)), digest(record.value)) != (fact.envelope, fact.payload):
            raise Difference(f"{where}: 事实 {event_id} 与日志的字节不同")
        if (names.get("position"), names.get("chain")) != (
            str(fact.position).encode(),
            fact.chain.encode(),
        ):
            raise Difference(f"{where}: 事实 {event_id} 的位次或总链与日志不同")
    if missing := told.keys() - seen:
        first = min(missing, key=lambda event_id: told[event_id].position)
        raise Difference(
            f"{service.name}: {len(missing)} 件事实不在 Kafka，最早是第 {told[first].position} 位"
        )
    report.repeats += repeats
    report.add(f"{service.name}: Kafka 与日志一致，{len(seen)} 件，另有重复 {repeats} 件")


@asynccontextmanager
async def _whole(
    client: dict[str, Any], topics: Sequence[str]
) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
    """Read whole topics without a group: every partition is ours."""
    consumer = AIOKafkaConsumer(*topics, **client, group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        if missing := set(topics) - {partition.topic for partition in partitions}:
            raise Difference(f"主题 {min(missing)} 不存在或没有读取权限")
        yield consumer, partitions
    finally:
        await consumer.stop()


async def _records(client: dict[str, Any], topics: Sequence[str]) -> AsyncIterator[Any]:
    async with _whole(client, topics) as (consumer, partitions):
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, begins[partition])
        left = {p for p in partitions if ends[p] > begins[p]}
        while left:
            batches = await consumer.getmany(*left, timeout_ms=500, max_records=PAGE)
            for records in batches.values():
                for record in records:
                    yield record
            left = {p for p in left if await consumer.position(p) < ends[p]}


async def _view(
    connection: asyncpg.Connection,
    client: dict[str, Any],
    view: View,
    versions: dict[str, dict[str, int]],
    report: Report,
    patience: float,
) -> None:
    ends = await _ends(client, view.topics)

    async def at_the_end() -> str:
        stored = {
            (row["topic"], row["partition"]): row["next_offset"]
            for row in await connection.fetch(
                "select topic, partition, next_offset from viewing.offsets where view = $1",
                view.name,
            )
        }
        behind = {
            tp: (stored.get(tp, 0), end) for tp, end in ends.items() if stored.get(tp, 0) != end
        }
        return f"视图 {view.name}: 没有读到主题末尾：{behind}" if behind else ""

    await _until(at_the_end, patience)
    waiting = await connection.fetch(
        "select stream, version, reason, error from viewing.waiting where view = $1 "
        "order by since, stream, version",
        view.name,
    )
    aside = {row["stream"] for row in waiting}
    report.set_aside += [
        f"{view.name}: {row['stream']}@{row['version']} {row['reason']} {row['error']}"
        for row in waiting
    ]
    expected = {s: v for topic in view.topics for s, v in versions.get(topic, {}).items()}
    recorded = {
        row["stream"]: row["version"]
        for row in await connection.fetch(f"select stream, version from {view.streams}")
    }
    for stream, version in sorted(expected.items()):
        if stream not in aside and recorded.get(stream) != version:
            raise Difference(
                f"视图 {view.name}: {stream} 记到第 {recorded.get(stream, 0)} 号，"
                f"日志到第 {version} 号"
            )
    if unknown := recorded.keys() - expected.keys():
        raise Difference(f"视图 {view.name}: 有日志中没有的流 {min(unknown)}")
    report.add(f"视图 {view.name}: 读到末尾，{len(recorded)} 条流的版本与日志一致")


async def _ends(client: dict[str, Any], topics: Sequence[str]) -> dict[tuple[str, int], int]:
    async with _whole(client, topics) as (consumer, partitions):
        ends = await consumer.end_offsets(partitions)
        return {(tp.topic, tp.partition): end for tp, end in ends.items()}


def verify_command() -> int:
    """Verify the stack that the environment names; give the exit code.

    0 = all is well, 1 = a difference (printed), 3 = well, but facts are set aside.
    """
    suffix = "_DATABASE_URL"
    services = [
        Checked(
            importlib.import_module(f"services.{name[5 : -len(suffix)].lower()}.main").SERVICE, url
        )
        for name, url in sorted(os.environ.items())
        if name.startswith("SIKU_") and name.endswith(suffix) and name not in _NOT_SERVICES
    ]
    began = time.monotonic()
    try:
        report = asyncio.run(verify(services, Settings().client(), _say))
    except Difference as difference:
        _say(f"✗ {difference}")
        return 1
    for line in report.set_aside:
        _say(f"! 搁置 {line}")
    _say(f"核对完毕：{report.facts} 件事实，用时 {time.monotonic() - began:.1f} 秒。")
    return SET_ASIDE if report.set_aside else 0


_NOT_SERVICES = {"SIKU_DATABASE_URL", "SIKU_ADMIN_DATABASE_URL"}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
