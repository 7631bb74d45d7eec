"""Makes a view anew beside the live one and lets it take the live one's place."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg

from shared.rebuilding.filling import Plan, fill
from shared.rebuilding.refusing import RebuildRefused, RowsDiffer
from shared.rebuilding.swapping import Successor, offsets_of
from shared.topics import reading
from shared.viewing import tables
from shared.viewing.store import ViewStore, discarded, keep_aside, parked
from shared.viewing.view import View

Phase = Literal["reading", "indexing", "catching_up", "comparing", "swapped", "kept"]
TRIES = 20
WORKING = ("reading", "indexing", "catching_up", "comparing")


@dataclass(frozen=True)
class Progress:
    """How far a rebuild is: in which phase, how many of how many records, for how long."""

    phase: Phase
    events: int
    of_events: int
    seconds: float


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild came to."""

    generation: int
    events: int
    seconds: float
    reading_seconds: float
    compared: bool


Tell = Callable[[Progress | str], None]


class Busy(RebuildRefused):
    """The view is being rebuilt by another process."""


class Aborted(RebuildRefused):
    """Somebody asked to stop."""


async def rebuild(
    view: View,
    database_url: str,
    client: Mapping[str, Any],
    tell: Tell,
    *,
    verify: bool = False,
    keep: bool = False,
    processes: int = 0,
) -> Rebuilt:
    """Read a view's topics from their beginning into new tables and swap them in.

    Readers see the live rows until the swap and the new ones after it; workers go on throughout.
    A process that is killed leaves the live view as it was, and the next rebuild clears what it
    left. With ``verify`` every row is compared before the swap. The replaced tables stay until
    the next rebuild, with ``keep`` until they are pruned. Nothing is told to anybody.

    Raises:
        RebuildRefused: it cannot begin or go on; the reason is for an operator.
    """
    began = time.monotonic()
    async with alone(view, database_url) as connection:
        rebuilding = _Rebuilding(connection, view, database_url, client, tell)
        number = await rebuilding.begin(keep=keep)
        try:
            reading_seconds = await rebuilding.fill(number, processes or os.cpu_count() or 1)
            await rebuilding.take_place(number, verify=verify)
        except RowsDiffer as differ:
            await rebuilding.note(number, "kept", str(differ))
            raise
        except BaseException as error:
            await rebuilding.give_up(number, error)
            raise
        return Rebuilt(
            number,
            rebuilding.of_events,
            time.monotonic() - began,
            reading_seconds,
            rebuilding.compared,
        )


@asynccontextmanager
async def alone(view: View, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold the view's lock for rebuilds; it ends with our session, however that ends.

    Raises:
        Busy: another process holds it.
    """
    connection = await asyncpg.connect(database_url, timeout=5)
    try:
        if not await connection.fetchval(
            "select pg_try_advisory_lock(hashtext($1))", lock_of(view.name)
        ):
            raise Busy(f"视图 {view.name} 正由另一个进程重建，可用 siku rebuild status 查看。")
        yield connection
    finally:
        await connection.close(timeout=5)


def lock_of(name: str) -> str:
    """Name the lock that a rebuild of a view holds while it lives."""
    return f"rebuild:{name}"


class _Rebuilding:
    def __init__(
        self,
        connection: asyncpg.Connection,
        view: View,
        database_url: str,
        client: Mapping[str, Any],
        tell: Tell,
    ) -> None:
        self._connection = connection
        self._view = view
        self._database_url = database_url
        self._client = client
        self._tell = tell
        self._began = time.monotonic()
        self.of_events = 0
        self.compared = False

    async def begin(self, *, keep: bool) -> int:
        """Clear what earlier rebuilds left, and write down that one begins."""
        view, connection = self._view, self._connection
        rows = await connection.fetch(
            "select generation, phase, keep from viewing.rebuilds where view = $1 "
            "order by generation",
            view.name,
        )
        for row in rows:
            number, phase = row["generation"], row["phase"]
            if phase == "swapped" and row["keep"]:
                continue
            if phase in WORKING:
                self._tell(f"上一次重建（第 {number} 代）中断在“{phase}”，清除后从头开始。")
            await prune_generation(connection, view, number, phase)
        number = max((row["generation"] for row in rows), default=0) + 1
        await connection.execute(
            "insert into viewing.rebuilds (view, generation, phase, keep) "
            "values ($1, $2, 'reading', $3)",
            view.name,
            number,
            keep,
        )
        return number

    async def fill(self, number: int, processes: int) -> float:
        """Read everything there is into the bare tables, then give them their indexes."""
        view, connection = self._view, self._connection
        new = view.generation(number)
        async with reading(self._client, view.topics) as topics:
            begins, ends = await topics.begins(), await topics.ends()
        if cut := [place for place, first in begins.items() if first > 0]:
            topic, partition = cut[0]
            raise RebuildRefused(
                f"{topic}/{partition} 的开头已被删去，不能从头重建。"
                "请先用 siku relay --republish 补发。"
            )
        aside = await parked(connection, view)
        async with connection.transaction():
            await tables.create_bare(connection, new)
            await tables.create_parts(connection, new)
            await keep_aside(connection, new, aside)
        self.of_events = sum(ends.values())
        begun = time.monotonic()

        async def watch(events: int) -> None:
            await self._move(number, "reading", events)

        await watch(0)
        given_up = await discarded(connection, view)
        plan = Plan(new, self._database_url, dict(self._client), ends, aside, given_up)
        await fill(plan, min(processes, len(plan.partitions)), watch)
        took = time.monotonic() - begun
        await self._move(number, "indexing", self.of_events)
        await tables.join_parts(connection, new)
        await tables.index(connection, new)
        await tables.analyze(connection, new)
        await self._same_incarnation(new)
        return took

    async def take_place(self, number: int, *, verify: bool) -> None:
        """Follow the live view, compare with it, swap."""
        view, connection = self._view, self._connection
        # Before the first start there is nothing to compare with and nothing to replace.
        async with asyncpg.create_pool(self._database_url, min_size=1, max_size=1) as pool:
            await ViewStore(pool, view).open()
            made = await tables.made_version(connection, view)
            places = await offsets_of(connection, view.generation(number))
            await ViewStore(pool, view).offsets(places)
            async with reading(self._client, view.topics) as topics:
                successor = Successor(connection, pool, topics, view, number)
                await self._move(number, "catching_up", self.of_events)
                await successor.catch_up()
                self.compared = verify and made == view.version
                suspects = None
                if self.compared:
                    await self._move(number, "comparing", self.of_events)
                    suspects = await successor.suspects()
                for left in reversed(range(TRIES)):
                    try:
                        await successor.catch_up()
                        await successor.swap(verify=self.compared, suspects=suspects)
                        break
                    except asyncpg.LockNotAvailableError:
                        if not left:
                            raise
                        await asyncio.sleep(0.2)
        await self.note(number, "swapped", "")
        self._tell(Progress("swapped", self.of_events, self.of_events, self._seconds))

    async def note(self, number: int, phase: str, note: str) -> None:
        """Write down in which phase the work is."""
        await self._connection.execute(
            "update viewing.rebuilds set phase = $3, note = $4, moved_at = now() "
            "where view = $1 and generation = $2",
            self._view.name,
            number,
            phase,
            note[:2000],
        )

    async def give_up(self, number: int, error: BaseException) -> None:
        """Throw the unfinished tables away and write down why."""
        if self._connection.is_closed():
            return
        await tables.drop(self._connection, self._view.generation(number))
        phase = "aborted" if isinstance(error, Aborted) else "failed"
        await self.note(number, phase, str(error) or repr(error))

    async def _move(self, number: int, phase: Phase, events: int) -> None:
        stop = await self._connection.fetchval(
            "update viewing.rebuilds set phase = $3, events = $4, of_events = $5, "
            "moved_at = now() where view = $1 and generation = $2 returning stop",
            self._view.name,
            number,
            phase,
            events,
            self.of_events,
        )
        self._tell(Progress(phase, events, self.of_events, self._seconds))
        if stop:
            raise Aborted(f"视图 {self._view.name} 的重建已按要求中止，现有视图没有变动。")

    async def _same_incarnation(self, new: View) -> None:
        """Refuse topics that are not those that the live view reads."""
        row = await self._connection.fetchrow(
            "select n.topic, n.partition from viewing.offsets n join viewing.offsets l "
            "on l.view = $2 and l.topic = n.topic and l.partition = n.partition "
            "where n.view = $1 and l.marker is distinct from n.marker and l.marker is not null",
            new.name,
            self._view.name,
        )
        if row is not None:
            raise RebuildRefused(
                f"{row['topic']}/{row['partition']} 已重建，与现有视图读的不是同一个主题。"
                "请先用 siku relay --republish 补发。"
            )

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began


async def prune_generation(
    connection: asyncpg.Connection, view: View, number: int, phase: str
) -> None:
    """Drop what a rebuild left: the tables it replaced, or its own where it replaced none."""
    left = view.replaced_by(number) if phase == "swapped" else view.generation(number)
    async with connection.transaction():
        await tables.drop(connection, left)
        await connection.execute(
            "delete from viewing.rebuilds where view = $1 and generation = $2", view.name, number
        )
