"""What the tests of the shared parts stand on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.launcher import Stack
from shared.journal import open_pool
from tests.conftest import VIEWING, NewDatabase
from tests.shared.broker import new_topic
from tests.shared.reader import Reader


@pytest.fixture
async def reader(
    servers: Stack, new_database: NewDatabase, tmp_path: Path
) -> AsyncIterator[Reader]:
    """A service that only reads, with a topic of three partitions."""
    url = await new_database(VIEWING)
    pool = await open_pool(url)
    yield Reader(servers, url, pool, await new_topic(servers, 3), tmp_path)
    await pool.close()
