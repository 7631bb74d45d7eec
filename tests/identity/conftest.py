"""An identity service on a real database, in a home that begins anew with each test."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from services.identity.main import SERVICE
from shared import clock
from shared.migrating import migrate, trees_of
from shared.service import web_app
from shared.settings import Settings


@dataclass(frozen=True)
class Office:
    """A running identity service: its doors, its database as it sees it, its home."""

    http: httpx.AsyncClient
    pool: asyncpg.Pool
    home: Path

    async def sign_in(self, username: str, password: str, **other: str) -> httpx.Response:
        asked = {"grant_type": "password", "username": username, "password": password}
        return await self.http.post("/token", json={**asked, "audience": "intake", **other})

    async def go_on(self, session: str, **other: str) -> httpx.Response:
        asked = {"grant_type": "session", "session": session, "audience": "intake"}
        return await self.http.post("/token", json={**asked, **other})


OpenOffice = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture(scope="session")
async def identity_database(servers: Stack) -> tuple[str, str]:
    """Give the addresses of identity's database, as its owner and as the service."""
    owners = servers.admin_database_url("identity")
    owner = await asyncpg.connect(owners)
    await migrate(owner, trees_of("identity"), role_of("identity"))
    await owner.close()
    return owners, servers.database_url("identity")


@pytest.fixture
async def open_office(identity_database: tuple[str, str], tmp_path: Path) -> OpenOffice:
    """Give a way to start the service; starting it again in a test keeps accounts and home."""
    owners, services = identity_database
    owner = await asyncpg.connect(owners)
    await owner.execute(
        "truncate identity.accounts, identity.sessions, identity.tries, identity.signing_keys"
    )
    await owner.close()

    @asynccontextmanager
    async def opened(*, real: bool = False) -> AsyncIterator[Office]:
        clock.open_home(tmp_path, real=real)
        app = web_app(SERVICE, Settings(home=tmp_path, database_url=SecretStr(services)))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://identity",
            ) as http,
        ):
            yield Office(http, app.state.runtime.pool, tmp_path)

    return opened


@pytest.fixture(scope="session")
async def example_accounts() -> list[tuple[object, ...]]:
    """Hold the example accounts once made: hashing their passwords is the slow part."""
    return []


@pytest.fixture
async def office(
    open_office: OpenOffice,
    identity_database: tuple[str, str],
    example_accounts: list[tuple[object, ...]],
) -> AsyncIterator[Office]:
    """Give the service in a demonstration home."""
    owner = await asyncpg.connect(identity_database[0])
    await owner.copy_records_to_table("accounts", schema_name="identity", records=example_accounts)
    await owner.close()
    async with open_office() as opened:
        if not example_accounts:
            rows = await opened.pool.fetch("select * from identity.accounts")
            example_accounts += [tuple(row) for row in rows]
        yield opened
