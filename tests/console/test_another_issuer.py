"""Another OpenID provider takes identity's place by settings alone: console and intake as they are.

The provider is Authlib's, signs with RS256, and calls role, unit and names by other words.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from services.console.main import SERVICE as CONSOLE
from services.console.views.units import UNITS as CONSOLE_UNITS
from services.console.wiring import VIEWS
from services.intake.main import SERVICE as INTAKE
from services.intake.views.units import UNITS as INTAKE_UNITS
from shared import clock
from shared.journal import open_pool
from shared.migrating import trees_of
from shared.service import web_app
from shared.settings import Settings
from shared.viewing import ViewStore
from tests.another_issuer import Client, Provider, app_of
from tests.conftest import NewDatabase
from tests.shared.told_units import SEEDS, hear_units
from tests.signing_in import onward

WORDS = {
    "issuer_algorithms": "RS256",
    "claim_role": "post",
    "claim_org": "unit",
    "claim_org_name": "unit_name",
    "claim_name": "display",
}


@dataclass(frozen=True)
class Town:
    """The console, intake, and a provider that neither of them knows by more than its settings."""

    provider: Provider
    console: str
    second_console: str
    intake: str
    database: asyncpg.Pool

    @asynccontextmanager
    async def browser(self, user: str) -> AsyncIterator[httpx.AsyncClient]:
        """Open a browser in which somebody has signed in at the provider."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(base_url=self.console, headers=headers, timeout=20) as http:
            # A browser keeps the cookie of the provider for the provider.
            http.headers["X-City-Person"] = user
            yield http


@asynccontextmanager
async def served(make: Callable[[str], FastAPI]) -> AsyncIterator[str]:
    """Serve an application at an address that it is told before."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{place.getsockname()[1]}"
        config = uvicorn.Config(make(address), log_level="warning")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[place]))
        while not server.started:
            await asyncio.sleep(0.02)
        yield address
        server.should_exit = True
        await serving


@pytest.fixture
async def town(
    new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Everything on ports of its own."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    clock.open_home(tmp_path, real=False)
    console_database = await new_database(*trees_of("console"))
    pool = await open_pool(console_database)
    for view in VIEWS:
        await ViewStore(pool, view).open()
    await hear_units(pool, CONSOLE_UNITS.view, *SEEDS, after=())
    intake_database = await new_database(*trees_of("intake"))
    intake_pool = await open_pool(intake_database)
    await hear_units(intake_pool, INTAKE_UNITS.view, *SEEDS, after=())
    await intake_pool.close()
    client = Client("four-pools", "b1946ac92492d2347c6235b4d2611184", "", "")
    provider = Provider("", client)
    settings: dict[str, Any] = {"home": tmp_path, **WORDS}

    def issuer(address: str) -> FastAPI:
        # Another site than the console's.
        address = address.replace("127.0.0.1", "localhost")
        provider.url = client.issuer = settings["issuer"] = address
        return app_of(provider)

    def intake(_: str) -> FastAPI:
        database = SecretStr(intake_database)
        return web_app(INTAKE, Settings(**settings, database_url=database))

    def console(address: str) -> FastAPI:
        # Browsers know both consoles by the name of the first.
        home = settings.setdefault("public_url", address)
        client.redirect_uri = f"{home}/signed-in"
        told: dict[str, Any] = {"client_id": client.client_id, "client_secret": client.secret}
        return web_app(
            CONSOLE,
            Settings(
                **settings,
                **told,
                database_url=SecretStr(console_database),
                intake_url=at_intake,
            ),
        )

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(served(issuer))
        at_intake = await stack.enter_async_context(served(intake))
        at_console = await stack.enter_async_context(served(console))
        second = await stack.enter_async_context(served(console))
        yield Town(provider, at_console, second, at_intake, pool)
    await pool.close()


async def come_in(browser: httpx.AsyncClient) -> httpx.Response:
    """Sign in at the provider, which asks nothing of whoever it knows."""
    back = await browser.get(onward(await browser.get("/sign-in?next=/import")))
    return await browser.get(back.headers["location"])


async def test_whoever_the_provider_knows_sees_pages_and_what_intake_says(town: Town) -> None:
    async with town.browser("liu") as browser:
        assert onward(await come_in(browser)) == "/import"
        board = await browser.get("/board")
        assert board.status_code == 200
        assert "liu（别处的账号）" in board.text
        uploads = await browser.get("/import")
        assert uploads.status_code == 200, uploads.text
    assert town.provider.exchanged == ["intake"]


async def test_a_role_is_what_the_configured_claim_says_and_no_other(town: Town) -> None:
    async with town.browser("liu") as clerk, town.browser("wang") as reviewer:
        await come_in(clerk)
        await come_in(reviewer)
        assert (await clerk.get("/desk")).status_code != 200
        assert (await reviewer.get("/desk")).status_code == 200
        assert (await clerk.get("/accounts")).status_code == 404


async def test_its_sessions_are_renewed_with_its_refresh_tokens(town: Town) -> None:
    async with town.browser("liu") as browser:
        await come_in(browser)
        (first,) = town.provider.refresh_tokens
        await town.database.execute("update console.sessions set stale = true")
        page = await browser.get(f"{town.second_console}/board")
        assert page.status_code == 200
        (second,) = town.provider.refresh_tokens
        assert second != first


async def test_a_token_of_its_own_kind_opens_no_other_service(town: Town) -> None:
    own = town.provider.signed("at+jwt", "liu", "console", 300)
    right = town.provider.signed("at+jwt", "liu", "intake", 60)
    id_like = town.provider.signed("JWT", "liu", "intake", 60)
    async with httpx.AsyncClient(base_url=town.intake) as http:
        statuses = [
            (await http.get("/workbooks", headers={"Authorization": f"Bearer {token}"})).status_code
            for token in (own, id_like, right)
        ]
    assert statuses == [401, 401, 200]


async def test_without_a_way_out_at_the_provider_the_session_ends_here(town: Town) -> None:
    async with town.browser("liu") as browser:
        await come_in(browser)
        answer = await browser.post("/sign-out")
        assert onward(answer) == f"{town.console}/signed-out"
        assert (await browser.get("/board")).status_code == 303


async def test_whoever_the_provider_does_not_know_is_told_so(town: Town) -> None:
    async with town.browser("") as browser:
        back = await browser.get(onward(await browser.get("/sign-in")))
        said = dict(parse_qsl(urlsplit(back.headers["location"]).query))
        assert said["error"] == "access_denied"
        answer = await browser.get(back.headers["location"])
        assert (answer.status_code, "没有让你进来" in answer.text) == (400, True)
