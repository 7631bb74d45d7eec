"""Fills the tables of a new generation.

Each partition is read from its beginning, folded in memory and copied out; several processes
share the partitions, and each has one of them in memory.
"""

import asyncio
import multiprocessing
import os
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import asyncpg

from shared.collecting import collect_seldom
from shared.rebuilding.refusing import RebuildRefused
from shared.topics import Offsets, Topics, reading
from shared.viewing import tables
from shared.viewing.folding import Folding, SetAside
from shared.viewing.hearing import Record, hear
from shared.viewing.store import keep_aside
from shared.viewing.view import View

FLUSH = 20_000
"""So many past states are kept in memory before they are copied out."""

Count = Callable[[int, int], None]
"""Told the partition and how many records of it have been read."""


@dataclass(frozen=True)
class Plan:
    """What every process must know.

    ``ends`` is up to where; ``aside`` is what the live view has parked, with what queues behind
    it: a rebuild takes these over as they are.
    """

    view: View
    database_url: str
    client: Mapping[str, Any]
    ends: Offsets
    aside: Sequence[SetAside] = ()
    discarded: frozenset[tuple[str, int]] = frozenset()

    @property
    def partitions(self) -> list[int]:
        """The numbers of the partitions, over all topics."""
        return sorted({partition for _, partition in self.ends})


async def fill(
    plan: Plan,
    processes: int,
    watch: Callable[[int], Awaitable[None]],
) -> None:
    """Fill the bare tables of ``plan.view`` up to ``plan.ends``.

    ``watch`` is called about twice a second with the number of records read; whatever it raises
    ends the work.

    Raises:
        RebuildRefused: a fact cannot be applied that the live view has applied.
    """
    numbers = plan.partitions
    counts = multiprocessing.get_context("spawn").Array("q", max(numbers, default=0) + 1)
    if processes == 1:
        tasks = [asyncio.create_task(_in_turn(plan, numbers, counts))]
        await _watched(tasks, counts, watch)
        return
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), _begin_process, (counts, os.getpid())
    )
    try:
        loop = asyncio.get_running_loop()
        await _watched(
            [loop.run_in_executor(pool, _fill_partition, plan, number) for number in numbers],
            counts,
            watch,
        )
    finally:
        for process in list(pool._processes.values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)


async def _watched(
    tasks: "Sequence[asyncio.Future[None]]", counts: Any, watch: Callable[[int], Awaitable[None]]
) -> None:
    left: set[asyncio.Future[None]] = set(tasks)
    try:
        while left:
            done, left = await asyncio.wait(left, timeout=0.5, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
            await watch(sum(counts))
    finally:
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _in_turn(plan: Plan, numbers: Sequence[int], counts: Any) -> None:
    def count(partition: int, records: int) -> None:
        counts[partition] = records

    for number in numbers:
        await fold_partition(plan, number, count)


_counts: Any = None


def _begin_process(counts: Any, parent: int) -> None:
    """Keep the counters, and end with the process that began us, however it ends."""
    global _counts  # noqa: PLW0603
    _counts = counts
    collect_seldom()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def _fill_partition(plan: Plan, number: int) -> None:
    def count(partition: int, records: int) -> None:
        _counts[partition] = records

    asyncio.run(fold_partition(plan, number, count))


async def fold_partition(plan: Plan, number: int, count: Count) -> None:
    """Fold one partition of every topic and copy what it comes to."""
    view = plan.view
    ours = {place: end for place, end in plan.ends.items() if place[1] == number}
    folding = Folding(view, waiting=plan.aside, discarded=plan.discarded)
    connection = await asyncpg.connect(plan.database_url, timeout=5)
    try:
        async with reading(plan.client, view.topics, number) as topics:
            await _fold(folding, topics, ours, connection, lambda n: count(number, n))
        await _copy(connection, folding)
        await connection.executemany(
            "insert into viewing.offsets (view, topic, partition, next_offset, marker) "
            "values ($1, $2, $3, $4, $5)",
            [(view.name, *place, end, folding.markers.get(place)) for place, end in ours.items()],
        )
    finally:
        await connection.close(timeout=5)


async def _fold(
    folding: Folding,
    topics: Topics,
    ends: Offsets,
    connection: asyncpg.Connection,
    count: Callable[[int], None],
) -> None:
    view, read = folding.view, 0
    kept = {owner.name: 0 for owner in view.owners}
    async for batches in topics.read(dict.fromkeys(ends, 0), ends):
        for (topic, partition), records in batches.items():
            owner = view.owner_of(topic)
            for r in records:
                record = Record(topic, partition, r.offset, r.key, r.headers, r.value)
                folding.take(record, hear(record, owner))
            read += len(records)
            kept[owner.name] += len(records)
            if view.history and kept[owner.name] >= FLUSH:
                kept[owner.name] = 0
                await _copy_past(connection, folding, closing=False)
        refuse_new_failures(folding)
        count(read)


def refuse_new_failures(folding: Folding) -> None:
    """Stop at a fact that fails now and did not before.

    Raises:
        RebuildRefused: there is one; it is named with its error.
    """
    for one in folding.newly_aside.values():
        if one.reason == "failed":
            raise RebuildRefused(
                f"{one.stream} 的第 {one.version} 号事实无法计入新视图：{one.error}。"
                "请先更正程序，或搁置、放弃这件事实后再重建。"
            )


async def _copy(connection: asyncpg.Connection, folding: Folding) -> None:
    view = folding.view
    for owner, table in tables.parts(view):
        rows = folding.rows[owner.name].items()
        await _copy_to(
            connection,
            table,
            ["key", *owner.columns],
            [(key, *row) for key, row in rows if row is not None],
        )
    await _copy_to(connection, view.streams, ["stream", "version"], list(folding.versions.items()))
    await _copy_past(connection, folding, closing=True)
    await keep_aside(connection, view, folding.newly_aside.values())
    folding.count()


async def _copy_past(connection: asyncpg.Connection, folding: Folding, *, closing: bool) -> None:
    for table, owner in folding.view.histories.items():
        states = folding.past_of(owner, closing=closing)
        columns = ["key", "recorded_from", "present", *owner.columns]
        await _copy_to(connection, table, columns, tables.flat(owner, states))


async def _copy_to(
    connection: asyncpg.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    if rows:
        schema, _, name = table.partition(".")
        await connection.copy_records_to_table(
            name, schema_name=schema, columns=columns, records=rows
        )
