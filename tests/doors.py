"""One service's doors on a real database, in a demonstration home, without its other processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from shared.clock import open_home
from shared.migrating import migrate, trees_of
from shared.service import Service, web_app
from shared.settings import Settings
from tests.intake.doors.office import KnownTokens
from tests.shared.told_units import hear_what_it_stands_on


@asynccontextmanager
async def opened(
    service: Service, servers: Stack, home: Path, database: str
) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """Open the doors on a database of their own; user names are tokens, the units were heard."""
    admin = await asyncpg.connect(servers.admin_database_url())
    await admin.execute(f"create database {database}")
    await admin.close()
    owner = await asyncpg.connect(servers.place.database_url(servers.place.admin, database))
    await migrate(owner, trees_of(service.name), role_of(service.name))
    await owner.close()
    open_home(home, real=False)
    address = SecretStr(servers.place.database_url(role_of(service.name), database))
    # One account stands for many here: it may ask as often as it likes.
    settings = Settings(home=home, database_url=address, reads_a_minute=0, writes_a_minute=0)
    app = web_app(service, settings)
    app.state.runtime.tokens = KnownTokens()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url=f"http://{service.name.replace('_', '-')}",
        ) as http,
    ):
        await hear_what_it_stands_on(app.state.runtime.pool, service.stands_on)
        yield app, http
