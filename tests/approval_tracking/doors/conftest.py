"""The HTTP doors of approvals."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.launcher import Stack
from services.approval_tracking.main import SERVICE
from tests.approval_tracking.doors.approvals import Approvals, approvals_of
from tests.doors import opened
from tests.intake.doors.office import Office


@pytest.fixture(scope="session")
async def office(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The running door; tests keep apart by using years and projects of their own."""
    home = tmp_path_factory.mktemp("home")
    async with opened(SERVICE, servers, home, "test_approval_doors") as (app, http):
        yield Office(app, http, app.state.runtime.pool)


@pytest.fixture(scope="session")
async def approvals(office: Office) -> Approvals:
    """The doors of plans and items, with projects to be planned."""
    return await approvals_of(office)
