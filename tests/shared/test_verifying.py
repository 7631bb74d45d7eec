"""`siku verify` says yes to a sound system, and names the first thing that is not as it must be."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from deploy.embedded.launcher import Stack
from shared.deciding import new_id
from shared.journal import Journal, open_pool
from shared.relay import Relay
from shared.service import Runtime, Service
from shared.verifying import Checked, Difference, Report, verify
from shared.viewing import Owner, Record, Told, View, ViewStore
from tests.conftest import JOURNAL, VIEWING, NewDatabase
from tests.shared.broker import is_marker, new_topic, producing, reach, read_all, relaying, until
from tests.shared.ledger import Put, put


@dataclass(frozen=True)
class Total:
    """What a stream has come to."""

    total: int


def fold(row: Total | None, told: Told) -> Total:
    """Add up."""
    assert isinstance(told.fact, Put)
    return Total((row.total if row else 0) + told.fact.amount)


def no_doors(_: FastAPI, __: Runtime) -> None:
    """Answer nothing."""


@dataclass
class System:
    """One service that writes, tells and reads itself."""

    servers: Stack
    service: Service
    url: str
    owner: asyncpg.Connection
    topic: str

    async def verified(self, service: Service | None = None) -> Report:
        checked = [Checked(service or self.service, self.url)]
        return await verify(checked, reach(self.servers), patience=0.5)

    async def tamper(self, statement: str) -> None:
        """Change what nobody may change, as somebody with the whole machine in his hands."""
        async with self.owner.transaction():
            await self.owner.execute("set local session_replication_role = replica")
            await self.owner.execute(statement)

    async def retold(self, change: Callable[[Any], Sequence[Any]]) -> Service:
        """Tell the same facts on another topic, each record as ``change`` makes it."""
        topic = await new_topic(self.servers)
        async with producing(self.servers) as producer:
            for record in await read_all(self.servers, self.topic):
                if is_marker(record):
                    continue
                for key, value, headers in change(record):
                    await producer.send_and_wait(topic, value, key=key, headers=headers)
        return replace(self.service, tells={"ledger": topic}, views=())


def as_it_is(record: Any) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Give what a record is sent again with."""
    return record.key, record.value, list(record.headers)


@pytest.fixture(scope="module")
async def sound(servers: Stack, new_database: NewDatabase) -> tuple[Service, str]:
    """A sound system with six facts, and the address of its database, which nobody is using."""
    url = await new_database(JOURNAL, VIEWING)
    topic = await new_topic(servers)
    view = View("totals", 1, (Owner("test", topic, Total, {"test.ledger.put.v1": Put}, fold),))
    service = Service("test", "试", no_doors, tells={"ledger": topic}, views=(view,))
    pool = await open_pool(url)
    journal = Journal(pool, "test")
    for amount in (1, 2, 3):
        await put(journal, "a", amount)
        await put(journal, "b", amount)
    async with relaying(Relay(url, reach(servers), "test", service.topic_of, service.topics)):

        async def told() -> bool:
            return bool(await pool.fetchval("select acknowledged = 6 from journal.relay"))

        await until(told, what="everything acknowledged")
    store = ViewStore(pool, view)
    await store.open()
    by_partition: dict[int, list[Record]] = {}
    for r in await read_all(servers, topic):
        record = Record(r.topic, r.partition, r.offset, r.key, r.headers, r.value)
        by_partition.setdefault(r.partition, []).append(record)
    await store.offsets([(topic, partition) for partition in by_partition])
    for partition, records in by_partition.items():
        await store.apply([(topic, partition, 0, records[-1].offset + 1)], records)
    await pool.close()
    return service, url


@pytest.fixture
async def system(servers: Stack, sound: tuple[Service, str]) -> AsyncIterator[System]:
    """A copy of the sound system for one test to spoil."""
    service, url = sound
    template = urlsplit(url).path.strip("/")
    copy = f"{template}_{uuid4().hex[:8]}"
    admin = await asyncpg.connect(servers.admin_database_url())
    await admin.execute(f"create database {copy} template {template}")
    await admin.close()
    own_url = urlunsplit(urlsplit(servers.admin_database_url())._replace(path=f"/{copy}"))
    owner = await asyncpg.connect(own_url)
    yield System(servers, service, own_url, owner, service.topics[0])
    await owner.close()


async def test_a_sound_system_is_verified_with_what_was_counted(system: System) -> None:
    report = await system.verified()
    assert (report.facts, report.repeats, report.set_aside) == (6, 0, [])
    assert len(report.lines) == 4


async def test_repeats_in_the_topic_are_counted_and_harmless(system: System) -> None:
    service = await system.retold(lambda record: [as_it_is(record), as_it_is(record)])
    assert (await system.verified(service)).repeats == 6


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update journal.events set payload = '{}' where stream = 'a' and version = 2", "a@2"),
        ("update journal.events set chain = 'x' where stream = 'b' and version = 3", "b@3"),
        ("delete from journal.events where stream = 'a' and version = 2", "a@3"),
        ("delete from journal.events where stream = 'b' and version = 3", "b: 流头"),
        ("delete from journal.told where position = 3", "第 4 位"),
        ("update journal.told set chain = 'x' where position = 5", "第 5 位"),
        ("update journal.told set stream = 'zz' where position = 6", "第 6 位"),
        ("update journal.relay set acknowledged = 5", "没有送达"),
        ("insert into journal.untold (stream, version) values ('a', 1)", "没有送达"),
        ("update views.totals_streams set version = 2 where stream = 'a'", "a 记到第 2 号"),
        ("delete from views.totals_streams where stream = 'b'", "b 记到第 0 号"),
        ("insert into views.totals_streams values ('ghost', 1)", "ghost"),
        ("update viewing.offsets set next_offset = 0", "没有读到主题末尾"),
    ],
)
async def test_whatever_is_changed_is_found_and_named(
    system: System, statement: str, named: str
) -> None:
    await system.tamper(statement)
    with pytest.raises(Difference, match=named):
        await system.verified()


async def test_a_fact_that_never_reached_kafka_is_found(system: System) -> None:
    pool = await open_pool(system.url)
    await put(Journal(pool, "test"), "a", 9)
    await pool.close()
    await system.owner.execute("select journal.sequence(10)")
    await system.owner.execute("update journal.relay set acknowledged = 7")
    with pytest.raises(Difference, match="1 件事实不在 Kafka，最早是第 7 位"):
        await system.verified()


def foreign(record: Any) -> list[Any]:
    key, value, headers = as_it_is(record)
    return [(key, value, [(n, str(new_id()).encode() if n == "ce_id" else v) for n, v in headers])]


def altered(record: Any) -> list[Any]:
    key, value, headers = as_it_is(record)
    return [(key, value.replace(b'"amount":2', b'"amount":7'), headers)]


def moved(record: Any) -> list[Any]:
    _, value, headers = as_it_is(record)
    return [(b"other", value, headers)]


def misplaced(record: Any) -> list[Any]:
    key, value, headers = as_it_is(record)
    return [(key, value, [(n, b"99" if n == "position" else v) for n, v in headers])]


def without_second(record: Any) -> list[Any]:
    return [] if dict(record.headers)["ce_streamversion"] == b"2" else [as_it_is(record)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (foreign, "不在日志中"),
        (altered, "字节不同"),
        (moved, "分区键"),
        (misplaced, "位次或总链"),
        (without_second, "第 3 号先于前一号"),
    ],
)
async def test_a_topic_that_differs_from_the_journal_is_found(
    system: System, change: Callable[[Any], Sequence[Any]], named: str
) -> None:
    with pytest.raises(Difference, match=named):
        await system.verified(await system.retold(change))


async def test_facts_set_aside_are_listed(system: System) -> None:
    await system.tamper(
        "insert into viewing.waiting (view, stream, version, reason, error, topic, partition, "
        "\"offset\", headers, body) values ('totals', 'a', 4, 'failed', '读不懂', 't', 0, 9, "
        "'', '')"
    )
    report = await system.verified()
    assert report.set_aside == ["totals: a@4 failed 读不懂"]
