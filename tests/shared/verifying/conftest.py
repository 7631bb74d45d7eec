"""A sound system, and a copy of it for each test to spoil."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded.launcher import Stack
from tests.conftest import NewDatabase
from tests.shared.verifying.system import System, admin_url, new_system, owner_of


@pytest.fixture(scope="session")
async def sound(servers: Stack, new_database: NewDatabase) -> System:
    """A sound system that nobody is using."""
    system = await new_system(servers, new_database)
    await system.owner.close()
    return system


@pytest.fixture
async def system(servers: Stack, sound: System) -> AsyncIterator[System]:
    """A copy of the sound system's database, on the same topic."""
    template = urlsplit(sound.url).path.strip("/")
    copy = f"{template}_{uuid4().hex[:8]}"
    admin = await asyncpg.connect(servers.admin_database_url())
    await admin.execute(f"create database {copy} template {template}")
    await admin.close()
    url = admin_url(servers, f"/{copy}")
    spoilt = replace(sound, url=url, owner=await owner_of(servers, url))
    yield spoilt
    await spoilt.owner.close()


@pytest.fixture
async def own(servers: Stack, new_database: NewDatabase) -> AsyncIterator[System]:
    """A sound system with a topic of its own, which goes on working."""
    system = await new_system(servers, new_database)
    yield system
    await system.owner.close()
