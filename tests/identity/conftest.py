"""An identity service on a real database, in a home that begins anew with each test."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest
from pydantic import SecretStr

from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.main import SERVICE
from shared import clock
from shared.migrating import migrate, trees_of
from shared.service import web_app
from shared.settings import Settings
from shared.tokens import Verifier

_numbers = itertools.count(1)


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

    async def ask(
        self,
        who: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        password: str = EXAMPLE_PASSWORD,
        key: str = "",
    ) -> httpx.Response:
        """Ask a door of the service with the token of an account."""
        signed_in = await self.sign_in(who, password, audience="identity")
        assert signed_in.status_code == 200, signed_in.text
        headers = {
            "Authorization": f"Bearer {signed_in.json()['access_token']}",
            "Idempotency-Key": key or str(uuid4()),
        }
        return await self.http.request(method, path, json=body, headers=headers)

    async def carry_out(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        """Carry out an act and give its reply."""
        answer = await self.ask(who, "POST", path, {} if body is None else body)
        assert answer.is_success, answer.text
        reply: dict[str, Any] = answer.json()
        return reply

    async def account(self, username: str) -> UUID:
        """Give the id of an account."""
        found = await self.pool.fetchval(
            "select account from identity.accounts where username = $1", username
        )
        assert isinstance(found, UUID), username
        return found

    async def facts(self, stream: str) -> list[tuple[dict[str, str], dict[str, Any]]]:
        """Give a stream's facts as stored, each with its envelope."""
        rows = await self.pool.fetch(
            "select envelope, payload from journal.events where stream = $1 order by version",
            stream,
        )
        return [(orjson.loads(row["envelope"]), orjson.loads(row["payload"])) for row in rows]


OpenOffice = Callable[..., AbstractAsyncContextManager[Office]]


@asynccontextmanager
async def running(home: Path, address: str, *, real: bool = False) -> AsyncIterator[Office]:
    """Run the service over a database and a home."""
    clock.open_home(home, real=real)
    app = web_app(SERVICE, Settings(home=home, database_url=SecretStr(address)))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://identity",
        ) as http,
    ):
        app.state.runtime.tokens = Verifier("http://identity/jwks", "identity", http=http)
        yield Office(http, app.state.runtime.pool, home)


class Databases:
    """Makes databases of identity: facts cannot be removed, so each test has one of its own."""

    def __init__(self, servers: Stack) -> None:
        self._servers = servers
        self.empty, self.begun = (f"test_identity_{next(_numbers)}" for _ in range(2))

    async def copy(self, of: str) -> str:
        """Copy a database and give the service's own address of the copy."""
        name = f"test_identity_{next(_numbers)}"
        await self._admin(f"create database {name} template {of}")
        return self.address(name)

    async def make(self, name: str) -> str:
        """Make an empty database with identity's schema."""
        await self._admin(f"create database {name}")
        place = self._servers.place
        owner = await asyncpg.connect(place.database_url(place.admin, name))
        await migrate(owner, trees_of("identity"), role_of("identity"))
        await owner.close()
        return self.address(name)

    def address(self, name: str) -> str:
        return self._servers.place.database_url(role_of("identity"), name)

    async def owner(self, office: Office) -> asyncpg.Connection:
        """Connect as the owner of an office's database."""
        name = await office.pool.fetchval("select current_database()")
        place = self._servers.place
        return await asyncpg.connect(place.database_url(place.admin, name))

    async def _admin(self, statement: str) -> None:
        admin = await asyncpg.connect(self._servers.admin_database_url())
        await admin.execute(statement)
        await admin.close()


@pytest.fixture(scope="session")
async def databases(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Give a way to databases; making one from the beginning is the slow part."""
    databases = Databases(servers)
    await databases.make(databases.empty)
    address = await databases.make(databases.begun)
    async with running(tmp_path_factory.mktemp("begun"), address):
        pass
    return databases


@pytest.fixture
async def open_office(databases: Databases, tmp_path: Path) -> OpenOffice:
    """Give a way to start the service; starting it again in a test keeps accounts and home."""
    address = await databases.copy(databases.empty)

    def opened(*, real: bool = False) -> AbstractAsyncContextManager[Office]:
        return running(tmp_path, address, real=real)

    return opened


@pytest.fixture
async def office(databases: Databases, tmp_path: Path) -> AsyncIterator[Office]:
    """Give the service in a demonstration home that has begun."""
    async with running(tmp_path, await databases.copy(databases.begun)) as opened:
        yield opened
