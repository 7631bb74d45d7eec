"""Intake's HTTP door."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.launcher import Stack
from services.intake.main import SERVICE
from tests.doors import opened
from tests.intake.doors.office import Office

DATABASE = "test_intake_doors"


@pytest.fixture(scope="session")
async def office(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The running door; tests keep apart by using names and keys of their own."""
    home = tmp_path_factory.mktemp("home")
    async with opened(SERVICE, servers, home, DATABASE) as (app, http):
        yield Office(app, http, app.state.runtime.pool)
