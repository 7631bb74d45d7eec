"""A service that only reads: its own database, topic and workers, on a real broker."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from deploy.embedded.launcher import Stack
from shared.settings import Settings
from shared.viewing import Record, View, ViewStore
from shared.viewing.worker import ViewWorkers
from tests.shared.broker import producing, read_all, until
from tests.shared.ledger import Put
from tests.shared.reading import ledger_view, record

_names = itertools.count(1)


@dataclass
class Reader:
    """A service that only reads: its topic, its database, its workers."""

    servers: Stack
    url: str
    pool: asyncpg.Pool
    topic: str
    home: Path
    service: str = field(default_factory=lambda: f"reader{next(_names)}")

    def settings(self, instance: str = "1") -> Settings:
        user, password = self.servers.kafka_login()
        return Settings.model_validate(
            {
                "home": self.home,
                "kafka": self.servers.kafka,
                "kafka_user": user,
                "kafka_password": password,
                "database_url": self.url,
                "instance": instance,
            }
        )

    def workers(
        self,
        store: ViewStore | None = None,
        instance: str = "1",
        beside: Sequence[ViewStore] = (),
    ) -> ViewWorkers:
        stores = [store or self.store(), *beside]
        return ViewWorkers(self.settings(instance), self.service, stores)

    def store(self) -> ViewStore:
        return ViewStore(self.pool, ledger_view(self.topic))

    async def tell(self, *records: Record) -> None:
        """Put records into the topic as they are."""
        async with producing(self.servers) as producer:
            for one in records:
                await producer.send(
                    one.topic,
                    value=one.value,
                    key=one.key,
                    partition=one.partition,
                    headers=list(one.headers),
                )
            await producer.flush()

    def facts(self, stream: str, versions: Iterable[int], partition: int = 0) -> list[Record]:
        one = Put(amount=1)
        return [record(stream, n, one, topic=self.topic, partition=partition) for n in versions]

    async def applied(self) -> dict[str, tuple[int, int]]:
        """Give per stream how often something was applied, and the last version."""
        rows = await self.pool.fetch("select key, applied, version from views.balances")
        return {row["key"]: (row["applied"], row["version"]) for row in rows}

    async def applied_of(self, view: View, key: str) -> tuple[int, int] | None:
        """Give how often something was applied to a row, and the last version."""
        row = await self.pool.fetchrow(
            f"select applied, version from {view.table} where key = $1", key
        )
        return (row["applied"], row["version"]) if row else None

    async def aside(self) -> list[tuple[str, int, str]]:
        """Give what is set aside."""
        rows = await self.pool.fetch(
            "select stream, version, reason from viewing.waiting order by stream, version"
        )
        return [(row["stream"], row["version"], row["reason"]) for row in rows]

    async def at_the_end(self) -> bool:
        """Tell whether the stored offsets are the ends of the topic."""
        ends: dict[int, int] = {}
        for one in await read_all(self.servers, self.topic):
            ends[one.partition] = one.offset + 1
        rows = await self.pool.fetch("select partition, next_offset from viewing.offsets")
        stored = {row["partition"]: row["next_offset"] for row in rows if row["next_offset"]}
        return stored == ends

    async def read_to_the_end(self, seconds: float = 20) -> None:
        await until(self.at_the_end, seconds=seconds, what="the end of the topic")


@asynccontextmanager
async def working(workers: ViewWorkers) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(workers.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
