"""An identity service on a real database, in a home that begins anew with each test."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.codes import challenge_of
from services.identity.main import SERVICE
from shared import clock
from shared.issuer import Issuer
from shared.migrating import migrate, trees_of
from shared.service import web_app
from shared.settings import Client, Settings
from shared.tokens import Actor, Verifier

_numbers = itertools.count(1)


CONSOLE = Client(
    client_id="siku-console",
    secret=SecretStr("geheim: 100 %"),
    audience="console",
    redirect_uris=("http://siku.test/signed-in",),
    signed_out_uris=("http://siku.test/signed-out",),
    exchanges=("identity", "approval_tracking", "intake", "console"),
)
OTHER = Client(
    client_id="another",
    secret=SecretStr("another secret"),
    audience="elsewhere",
    redirect_uris=("http://another.test/back",),
    exchanges=("elsewhere",),
)
VERIFIER = "v" * 43
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


def asked_by(client: Client = CONSOLE, /, **other: str) -> dict[str, str]:
    """Write what a client sends a browser with."""
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uris[0],
        "scope": "openid",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (fields | other).items() if value}


def told(answer: httpx.Response) -> dict[str, str]:
    """Read what a browser is sent back with."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@dataclass
class Window:
    """A browser in which somebody came in, and what the console got for it."""

    office: "Office"
    browser: httpx.AsyncClient
    tokens: dict[str, Any]

    async def refresh(self) -> httpx.Response:
        """Spend the refresh token; the next one is kept where one is given."""
        answer = await self.office.token(
            grant_type="refresh_token", refresh_token=self.tokens["refresh_token"]
        )
        if answer.is_success:
            self.tokens |= answer.json()
        return answer

    async def exchange(self, audience: str = "intake", **other: str) -> httpx.Response:
        """Ask for a token of one service."""
        return await self.office.token(
            grant_type=EXCHANGE,
            subject_token=self.tokens["access_token"],
            subject_token_type=ACCESS_TOKEN,
            audience=audience,
            **other,
        )


@dataclass(frozen=True)
class Office:
    """A running identity service: its doors, its database as it sees it, its home."""

    http: httpx.AsyncClient
    pool: asyncpg.Pool
    home: Path
    app: FastAPI

    async def sign_in(
        self, username: str, password: str, audience: str = "intake"
    ) -> httpx.Response:
        """Ask for a token with a password, as the loaders of a demonstration do."""
        asked = {"grant_type": "password", "username": username, "password": password}
        return await self.http.post("/token", data={**asked, "audience": audience})

    async def token(self, client: Client = CONSOLE, /, **form: str) -> httpx.Response:
        """Ask the token endpoint as a client."""
        secret = quote_plus(client.secret.get_secret_value())
        return await self.http.post("/token", data=form, auth=(client.client_id, secret))

    def browser(self) -> httpx.AsyncClient:
        """Give a browser that was here never before."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://identity",
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    async def type_in(
        self, browser: httpx.AsyncClient, username: str, password: str, **other: str
    ) -> httpx.Response:
        """Fill in the page at which somebody signs in."""
        asked = urlencode(asked_by())
        form = {"asked": asked, "username": username, "password": password, **other}
        return await browser.post("/sign-in", data=form)

    async def knock(self, username: str, password: str, **other: str) -> httpx.Response:
        """Try to come in through the page, in a browser that was here never before."""
        return await self.type_in(self.browser(), username, password, **other)

    async def redeem(self, code: str, client: Client = CONSOLE, /, **other: str) -> httpx.Response:
        """Bring a code back as the client that asked for it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CONSOLE.redirect_uris[0],
            "code_verifier": VERIFIER,
        }
        return await self.token(client, **(form | other))

    async def come_in(self, username: str, password: str = EXAMPLE_PASSWORD) -> Window:
        """Sign in through the page, and let the console get its tokens."""
        browser = self.browser()
        code = told(await self.type_in(browser, username, password))["code"]
        answer = await self.redeem(code)
        assert answer.status_code == 200, answer.text
        return Window(self, browser, answer.json())

    async def actor(self, username: str, password: str = EXAMPLE_PASSWORD) -> Actor:
        """Give who an account acts as today."""
        answer = await self.sign_in(username, password)
        assert answer.status_code == 200, answer.text
        return await self.verifier("intake").verify(answer.json()["access_token"])

    def verifier(self, audience: str) -> Verifier:
        """Give what a service checks tokens with."""
        return Verifier(Issuer("http://identity", http=self.http), audience)

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
        signed_in = await self.sign_in(who, password, "identity")
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
    settings = Settings(
        home=home,
        database_url=SecretStr(address),
        issuer="http://identity",
        clients=(CONSOLE, OTHER),
    )
    app = web_app(SERVICE, settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://identity",
        ) as http,
    ):
        opened = Office(http, app.state.runtime.pool, home, app)
        app.state.runtime.tokens = opened.verifier("identity")
        yield opened


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
