"""A view made again from the beginning of its topics, in a database of its own."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

import shared
from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from shared.journal import open_pool
from shared.migrating import migrate
from shared.viewing import Record, View, ViewStore

DATABASE = "again"
BATCH = 500
_VIEWING = ("viewing", Path(shared.__file__).parent / "viewing" / "migrations")


async def replayed(stack: Stack, view: View, records: Sequence[Any]) -> dict[str, list[str]]:
    """Apply all records to an empty view; give its rows as text, by table.

    ``records`` come in the order of their partitions, as they were read from the topics.
    """
    url = await _empty_database(stack)
    pool = await open_pool(url)
    try:
        store = ViewStore(pool, view)
        await store.open()
        mine = [record for record in records if record.topic in view.topics]
        for place, of_place in groupby(mine, key=lambda record: (record.topic, record.partition)):
            await _apply(store, place, list(of_place))
        tables = (view.table, view.streams)
        return {
            table: [row["row"] for row in await pool.fetch(f"select t::text as row from {table} t")]
            for table in tables
        }
    finally:
        await pool.close()


async def _apply(store: ViewStore, place: tuple[str, int], records: list[Any]) -> None:
    stands = (await store.offsets([place]))[place]
    for first in range(0, len(records), BATCH):
        batch = records[first : first + BATCH]
        becomes = batch[-1].offset + 1
        await store.apply(
            [(*place, stands, becomes)],
            [Record(r.topic, r.partition, r.offset, r.key, r.headers, r.value) for r in batch],
        )
        stands = becomes


async def _empty_database(stack: Stack) -> str:
    """Make the database anew, with the schemas of a service that keeps views."""
    admin = await asyncpg.connect(stack.admin_database_url())
    try:
        await admin.execute(f"drop database if exists {DATABASE} with (force)")
        await admin.execute(f"create database {DATABASE}")
    finally:
        await admin.close()
    parts = urlsplit(stack.admin_database_url())
    owner = await asyncpg.connect(urlunsplit(parts._replace(path=f"/{DATABASE}")))
    try:
        await migrate(owner, (_VIEWING,), role_of("console"))
    finally:
        await owner.close()
    parts = urlsplit(stack.database_url("console"))
    return urlunsplit(parts._replace(path=f"/{DATABASE}"))
