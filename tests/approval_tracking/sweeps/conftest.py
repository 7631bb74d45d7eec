"""What the sweeps of approvals stand on: journal, views, a demonstration's clock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.clock import Clock, open_home
from shared.journal import open_pool
from shared.migrating import trees_of
from shared.sweeping import Sweeping
from tests.approval_tracking.sweeps.home import Home, home_on
from tests.conftest import NewDatabase


@pytest.fixture
async def home(new_database: NewDatabase) -> AsyncIterator[Home]:
    pool = await open_pool(await new_database(*trees_of("approval_tracking")))
    yield await home_on(pool)
    await pool.close()


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    open_home(tmp_path, real=False)
    return Clock(tmp_path)


@pytest.fixture
def sweeper(home: Home, clock: Clock) -> Sweeping:
    return Sweeping("approval_tracking", (), home.pool, clock)
