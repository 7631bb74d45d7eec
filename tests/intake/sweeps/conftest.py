"""What the sweeps of intake stand on: its journal, its view, a demonstration's clock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.clock import Clock, open_home
from shared.journal import open_pool
from shared.migrating import trees_of
from tests.conftest import NewDatabase
from tests.intake.sweeps.own_facts import OwnFacts, own_facts


@pytest.fixture
async def facts_of_intake(new_database: NewDatabase) -> AsyncIterator[OwnFacts]:
    pool = await open_pool(await new_database(*trees_of("intake")))
    yield await own_facts(pool)
    await pool.close()


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    open_home(tmp_path, real=False)
    return Clock(tmp_path)
