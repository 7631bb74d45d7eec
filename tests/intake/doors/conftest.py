"""Intake's HTTP door on a real database, in a demonstration home."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from services.intake.main import SERVICE
from services.intake.views.units import UNITS
from shared.clock import open_home
from shared.migrating import migrate, trees_of
from shared.service import web_app
from shared.settings import Settings
from tests.intake.doors.office import KnownTokens, Office
from tests.shared.told_units import SEEDS, hear_units

DATABASE = "test_intake_doors"


@pytest.fixture(scope="session")
async def office(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The running door; tests keep apart by using names and keys of their own."""
    admin = await asyncpg.connect(servers.admin_database_url())
    await admin.execute(f"create database {DATABASE}")
    await admin.close()
    owner = await asyncpg.connect(servers.place.database_url(servers.place.admin, DATABASE))
    await migrate(owner, trees_of("intake"), role_of("intake"))
    await owner.close()
    home = tmp_path_factory.mktemp("home")
    open_home(home, real=False)
    address = SecretStr(servers.place.database_url(role_of("intake"), DATABASE))
    # One account stands for many here: it may ask as often as it likes.
    settings = Settings(home=home, database_url=address, reads_a_minute=0, writes_a_minute=0)
    app = web_app(SERVICE, settings)
    app.state.runtime.tokens = KnownTokens()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://intake",
        ) as http,
    ):
        await hear_units(app.state.runtime.pool, UNITS.view, *SEEDS, after=())
        yield Office(app, http, app.state.runtime.pool)
