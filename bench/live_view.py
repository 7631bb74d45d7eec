"""How many facts a second does one worker take into the live four-pool board?

The bound consumes the same topic bare and, batch by batch in one transaction each, moves the
offsets by compare-and-set and writes as many of the same rows by UNNEST: view, streams, history.
"""

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench import telling
from bench.rebuild import client_of
from bench.rounds import compare
from deploy.embedded.launcher import Stack
from services.console.views import four_pools
from shared.collecting import collect_seldom
from shared.journal import open_pool
from shared.settings import Settings
from shared.viewing import View, ViewStore, tables
from shared.viewing.worker import BATCH, ViewWorkers

PROJECTS = int(os.environ.get("SIKU_BENCH_PROJECTS", "3000"))
_names = iter(range(1, 1000))


async def ours(stack: Stack, view: View) -> float:
    """Let one worker read the topic from its beginning."""
    view = replace(view, name=f"board{next(_names)}")
    user, password = stack.kafka_login()
    with TemporaryDirectory() as home:
        settings = Settings.model_validate(
            {
                "home": Path(home),
                "kafka": stack.kafka,
                "kafka_user": user,
                "kafka_password": password,
                "database_url": stack.database_url("console"),
            }
        )
        pool = await open_pool(stack.database_url("console"))
        working = asyncio.create_task(ViewWorkers(settings, "bench", [ViewStore(pool, view)]).run())
        try:
            return await _rate(stack, view)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await pool.close()


async def _rate(stack: Stack, view: View) -> float:
    """Measure from the first batch that is in to the last."""
    connection = await asyncpg.connect(stack.database_url("console"))
    first, began = 0, 0.0
    while True:
        done = await connection.fetchval(
            "select coalesce(sum(next_offset), 0)::bigint from viewing.offsets where view = $1",
            view.name,
        )
        if done and not first:
            first, began = done, time.perf_counter()
        if done >= PROJECTS * telling.EACH:
            seconds = time.perf_counter() - began
            await connection.close()
            return float((done - first) / seconds)
        # Seldom: whoever looks takes from what is measured.
        await asyncio.sleep(0.05)


async def bound(stack: Stack, view: View) -> float:
    """Consume and write the same rows with nothing in between."""
    target = replace(view, name=f"bound{next(_names)}")
    owner = target.owners[0]
    connection = await asyncpg.connect(stack.database_url("console"))
    await tables.create(connection, target)
    row = await _some_row(connection, view)
    consumer = AIOKafkaConsumer(
        *target.topics, **client_of(stack), group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    stands = dict.fromkeys(consumer.assignment(), 0)
    await connection.executemany(
        "insert into viewing.offsets (view, topic, partition) values ($1, $2, $3)",
        [(target.name, tp.topic, tp.partition) for tp in stands],
    )
    count, began = 0, 0.0
    while count < PROJECTS * telling.EACH:
        batches = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
        records = [record for of in batches.values() for record in of]
        if not records:
            continue
        began = began or time.perf_counter()
        versions = [(f"project-{record.key.decode()}", 1) for record in records]
        rows = {record.key.decode(): row for record in records}
        at = [telling.BEGAN.replace(microsecond=(count + n) % 10**6) for n in range(len(records))]
        states = [
            (record.key.decode(), instant, row) for record, instant in zip(records, at, strict=True)
        ]
        async with connection.transaction():
            for tp, of in batches.items():
                await _move(connection, target, tp, stands[tp], of[-1].offset + 1)
                stands[tp] = of[-1].offset + 1
            await tables.upsert(connection, target, owner, list(rows), list(rows.values()))
            await tables.record_versions(connection, target, sorted(dict(versions).items()))
            if target.history:
                await tables.remember(connection, target, owner, states)
        count += len(records)
    seconds = time.perf_counter() - began
    await consumer.stop()
    await tables.drop(connection, target)
    await connection.close()
    return count / seconds


async def _move(
    connection: asyncpg.Connection, view: View, tp: TopicPartition, stands: int, becomes: int
) -> None:
    await connection.execute(
        "update viewing.offsets set next_offset = $5 where view = $1 and topic = $2 "
        "and partition = $3 and next_offset = $4",
        view.name,
        tp.topic,
        tp.partition,
        stands,
        becomes,
    )


async def _some_row(connection: asyncpg.Connection, view: View) -> tuple[Any, ...]:
    """Take a row that the worker has made."""
    table = await connection.fetchval(
        "select format('%I.%I', schemaname, tablename) from pg_tables "
        "where schemaname = 'views' and tablename ~ '^board[0-9]+$' limit 1"
    )
    row = await connection.fetchrow(
        f"select {', '.join(view.owners[0].columns)} from {table} limit 1"  # noqa: S608
    )
    if row is None:
        raise RuntimeError("the worker has made no row")
    return tuple(row)


async def main() -> None:
    """Measure with and without the history, in a process set up as a service's is."""
    collect_seldom()
    async with Stack(services=("console", "intake"), processes=(), durable=True) as stack:
        await asyncio.to_thread(telling.tell, stack, PROJECTS)
        for name, history in (("live_view", True), ("live_view without history", False)):
            view = replace(four_pools.VIEW, history=history)
            await ours(stack, view)
            await compare(
                name,
                "facts/s",
                lambda view=view: ours(stack, view),  # type: ignore[misc]
                lambda view=view: bound(stack, view),  # type: ignore[misc]
            )


if __name__ == "__main__":
    asyncio.run(main())
