"""How many facts a second does a rebuild of the four-pool board take in?

The bound reads the same topics in the same number of processes with getmany, decodes each body
with orjson, and copies the same number of the same rows, history included; then both without the
history. ``PROJECTS`` (100,000 with ten facts each) can be made smaller by ``SIKU_BENCH_PROJECTS``.
"""

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import asyncpg
import orjson

from bench import telling
from bench.rounds import compare, note
from deploy.embedded.launcher import Stack
from services.console.views import four_pools
from shared.rebuilding import rebuild
from shared.topics import reading
from shared.viewing import View, tables

PROJECTS = int(os.environ.get("SIKU_BENCH_PROJECTS", "100000"))
PROCESSES = 2
COPIED = 20_000


def client_of(stack: Stack) -> dict[str, Any]:
    """Give aiokafka's arguments for reaching the stack's Kafka."""
    user, password = stack.kafka_login()
    return {
        "bootstrap_servers": stack.kafka,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


async def ours(stack: Stack, view: View) -> float:
    """Rebuild; give facts a second from the first record to the swap."""
    done = await rebuild(
        view, stack.database_url("console"), client_of(stack), lambda _: None, processes=PROCESSES
    )
    return done.events / done.seconds


async def bound(stack: Stack, view: View) -> float:
    """Read, decode and copy as many of the same rows; give facts a second."""
    url, client = stack.database_url("console"), client_of(stack)
    target = replace(view, name="bound")
    connection = await asyncpg.connect(url)
    await tables.drop(connection, target)
    await tables.create_bare(connection, target)
    row = await connection.fetchrow(f"select * from {view.table} limit 1")  # noqa: S608
    assert row is not None
    columns = list(row.keys())
    began = time.monotonic()
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        counts = await asyncio.gather(
            *(
                loop.run_in_executor(
                    pool, _bound_partition, url, client, target, number, columns, tuple(row)
                )
                for number in range(12)
            )
        )
    await tables.index(connection, target)
    await tables.analyze(connection, target)
    seconds = time.monotonic() - began
    await tables.drop(connection, target)
    await connection.close()
    return sum(counts) / seconds


def _bound_partition(
    url: str,
    client: Mapping[str, Any],
    view: View,
    number: int,
    columns: list[str],
    row: tuple[Any, ...],
) -> int:
    return asyncio.run(_read_and_copy(url, client, view, number, columns, row))


async def _read_and_copy(
    url: str,
    client: Mapping[str, Any],
    view: View,
    number: int,
    columns: list[str],
    row: tuple[Any, ...],
) -> int:
    connection = await asyncpg.connect(url)
    keys: dict[str, int] = {}
    history: list[tuple[Any, ...]] = []
    count = 0

    async def copy(table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
        await connection.copy_records_to_table(
            table.partition(".")[2], schema_name="views", columns=names, records=rows
        )

    async def flush() -> None:
        for table in view.histories:
            names = ["key", "recorded_from", "present", *columns[1:]]
            await copy(table, names, history)
        history.clear()

    async with reading(client, view.topics, number) as topics:
        ends = await topics.ends()
        async for batches in topics.read(dict.fromkeys(ends, 0), ends):
            for records in batches.values():
                count += len(records)
                for record in records:
                    key = orjson.loads(record.value)["project_id"]
                    version = keys[key] = keys.get(key, 0) + 1
                    if view.history:
                        at = telling.BEGAN.replace(day=1 + version % 28)
                        history.append((key, at, True, *row[1:]))
            if len(history) >= COPIED:
                await flush()
    await flush()
    await copy(view.table, columns, [(key, *row[1:]) for key in keys])
    await copy(view.streams, ["stream", "version"], list(keys.items()))
    await connection.close()
    return count


async def main() -> None:
    """Measure with and without the history."""
    async with Stack(services=("console", "intake"), processes=(), durable=True) as stack:
        began = time.monotonic()
        count = await asyncio.to_thread(telling.tell, stack, PROJECTS)
        print(f"{count} facts told in {time.monotonic() - began:.0f} s")
        view = four_pools.VIEW
        without = replace(view, name="board_only", history=False)
        await ours(stack, view), await ours(stack, without)
        for name, of in (("rebuild", view), ("rebuild without history", without)):
            await compare(
                name,
                "facts/s",
                lambda of=of: ours(stack, of),  # type: ignore[misc]
                lambda of=of: bound(stack, of),  # type: ignore[misc]
            )
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        note("rebuild memory of a process", most, "MB", None, None)


if __name__ == "__main__":
    asyncio.run(main())
