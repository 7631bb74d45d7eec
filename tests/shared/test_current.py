"""A page is as old as the moment at which nothing was left to read."""

from pathlib import Path

import asyncpg
import httpx
from fastapi import FastAPI

from shared.journal import open_pool
from shared.service import Runtime, Service, web_app
from shared.settings import Settings
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


def no_doors(_: FastAPI, __: Runtime) -> None:
    """Answer nothing else."""


async def test_who_stands_on_a_view_is_not_ready_before_it_has_read_all_that_there_was(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    url = await new_database(VIEWING)
    view = View("nothing", 1, ())
    settings = Settings.model_validate({"home": tmp_path, "database_url": url})
    app = web_app(Service("test", "试", no_doors, views=(view,), stands_on=(view,)), settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
    ):
        store = ViewStore(app.state.runtime.pool, view)
        await store.offsets([("t", 0)])
        early = await http.get("/readyz")
        await store.note_current([("t", 0)])
        then = await http.get("/readyz")
    assert (early.status_code, then.status_code) == (503, 200)
    assert "nothing has not read its topics" in early.json()["why"]
