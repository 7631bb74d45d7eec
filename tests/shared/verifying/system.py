"""One service that writes, tells and reads itself, and somebody who can spoil all of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from fastapi import FastAPI

from deploy.embedded.launcher import Stack
from shared.journal import Journal, open_pool
from shared.relay import Relay
from shared.service import Runtime, Service
from shared.verifying import Asking, Checked, Report, examine
from shared.viewing import Owner, Record, Told, View, ViewStore
from tests.conftest import JOURNAL, VIEWING, NewDatabase
from tests.shared.broker import is_marker, new_topic, producing, reach, read_all, relaying, until
from tests.shared.ledger import Put, put


class Total(NamedTuple):
    """What a stream has come to, and when it last moved."""

    total: int
    label: str


class Often(NamedTuple):
    """How often an amount was put in, by whomever."""

    times: int


def _amount(told: Told) -> int:
    assert isinstance(told.fact, Put)
    return told.fact.amount


def add_up(row: Total | None, told: Told) -> Total:
    """Add up."""
    total = (row.total if row else 0) + _amount(told)
    return Total(total, f"=SUM({total}) “甲”")


def count(row: Often | None, _: Told) -> Often:
    """Count."""
    return Often((row.times if row else 0) + 1)


def by_amount(told: Told) -> str:
    """One row for an amount, whichever streams it was put into."""
    return f"{_amount(told)} 元"


def no_doors(_: FastAPI, __: Runtime) -> None:
    """Answer nothing."""


def service_on(topic: str) -> Service:
    """A service with a view keyed by stream and one whose keys lie across streams."""
    kinds = {"test.ledger.put.v1": Put}
    views = (
        View("totals", 1, (Owner("test", topic, Total, kinds, add_up),)),
        View("amounts", 1, (Owner("test", topic, Often, kinds, count, by_amount),)),
    )
    return Service("test", "试", no_doors, tells={"ledger": topic}, views=views)


@dataclass
class System:
    """The service, its database and its topic."""

    servers: Stack
    service: Service
    url: str
    owner: asyncpg.Connection

    @property
    def topic(self) -> str:
        """The one topic."""
        return self.service.topics[0]

    async def verified(
        self, service: Service | None = None, asking: Asking | None = None
    ) -> Report:
        """Verify without waiting long for what will not come."""
        wanted = replace(asking or Asking(rows=True), patience=0.4)
        return await examine(
            [Checked(service or self.service, self.url)], reach(self.servers), wanted
        )

    async def found(self, service: Service | None = None) -> list[str]:
        """Give what a verification finds, each in words."""
        report = await self.verified(service)
        assert report.exit_code == (1 if report.differences else 3 if report.set_aside else 0)
        return [f"{one.code} {one}" for one in report.differences]

    async def tamper(self, *statements: str) -> None:
        """Change what nobody may change, as somebody with the whole machine in his hands."""
        async with self.owner.transaction():
            await self.owner.execute("set local session_replication_role = replica")
            for statement in statements:
                await self.owner.execute(statement)

    async def put(self, **amounts: int) -> None:
        """Put amounts into streams, tell them and read them."""
        pool = await open_pool(self.url)
        for stream, amount in amounts.items():
            await put(Journal(pool, "test"), stream, amount)
        relay = Relay(
            self.url, reach(self.servers), "test", self.service.topic_of, self.service.topics
        )

        async def told() -> bool:
            return bool(
                await pool.fetchval(
                    "select acknowledged = (select count(*) from journal.events) from journal.relay"
                )
            )

        async with relaying(relay):
            await until(told, what="everything acknowledged")
        for view in self.service.views:
            await self._read(ViewStore(pool, view))
        await pool.close()

    async def _read(self, store: ViewStore) -> None:
        await store.open()
        by_partition: dict[int, list[Record]] = {}
        for r in await read_all(self.servers, self.topic):
            record = Record(r.topic, r.partition, r.offset, r.key, r.headers, r.value)
            by_partition.setdefault(r.partition, []).append(record)
        offsets = await store.offsets([(self.topic, partition) for partition in by_partition])
        for partition, records in by_partition.items():
            stands = offsets[self.topic, partition]
            new = records[stands:]
            if new:
                await store.apply([(self.topic, partition, stands, stands + len(new))], new)

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


async def new_system(servers: Stack, new_database: NewDatabase) -> System:
    """A sound system: three facts in each of two streams."""
    url = await new_database(JOURNAL, VIEWING)
    system = System(
        servers, service_on(await new_topic(servers)), url, await owner_of(servers, url)
    )
    for amount in (1, 2, 3):
        await system.put(a=amount, b=amount)
    return system


async def owner_of(servers: Stack, url: str) -> asyncpg.Connection:
    """The owner of a database, who could write around every rule."""
    return await asyncpg.connect(admin_url(servers, url))


def admin_url(servers: Stack, url: str) -> str:
    """The same database as its owner reaches it."""
    return urlunsplit(urlsplit(servers.admin_database_url())._replace(path=urlsplit(url).path))
