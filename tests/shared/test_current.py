"""A page is as old as the moment at which nothing was left to read."""

import asyncpg

from shared.journal import open_pool
from shared.viewing import View, ViewStore, current_at
from tests.conftest import VIEWING, NewDatabase


async def test_a_view_is_current_only_when_every_partition_was_read_to_its_end(
    new_database: NewDatabase,
) -> None:
    pool: asyncpg.Pool = await open_pool(await new_database(VIEWING))
    view = View("nothing", 1, ())
    store = ViewStore(pool, view)
    await store.offsets([("t", 0), ("t", 1)])
    assert await current_at(pool, view) is None
    await store.note_current([("t", 0)])
    assert await current_at(pool, view) is None
    await store.note_current([("t", 1)])
    first = await current_at(pool, view)
    await store.note_current([("t", 0)])
    assert first is not None
    stored = await pool.fetchval("select current_at from viewing.offsets where partition = 0")
    assert first < stored
    behind = await pool.fetchval("select current_at from viewing.offsets where partition = 1")
    assert await current_at(pool, view) == behind
    await pool.close()
