"""What tests share: one pair of servers, one whole city, a fresh database for each test."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import settings

from deploy.embedded.launcher import Stack
from shared import reference
from shared.journal import open_pool
from shared.migrating import migrate

SHARED = Path(__file__).parent.parent / "shared"
JOURNAL = ("journal", SHARED / "journal" / "migrations")
VIEWING = ("viewing", SHARED / "viewing" / "migrations")
SWEEPING = ("sweeping", SHARED / "sweeping" / "migrations")

# How long an example takes says more about the machine than about us.
settings.register_profile("siku", deadline=None)
settings.load_profile("siku")

_numbers = itertools.count(1)

NewDatabase = Callable[..., Awaitable[str]]


@pytest.fixture(scope="session", autouse=True)
def nothing_is_kept_for_a_moment() -> Iterator[None]:
    """A test hears a fact and asks in the same moment, as no process of ours does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "FRESH", 0.0)
        yield


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A real PostgreSQL and a real Kafka, without any service."""
    home = tmp_path_factory.mktemp("servers")
    async with Stack(home=home, services=(), migrate=False) as stack:
        yield stack


@pytest.fixture(scope="session")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The whole system as an operator starts it, on free ports."""
    async with Stack(home=tmp_path_factory.mktemp("city")) as stack:
        yield stack


@pytest.fixture(scope="session")
async def new_database(servers: Stack) -> NewDatabase:
    """Makes a fresh database with the given migration trees and gives the service's own URL."""

    async def make(*trees: tuple[str, Path]) -> str:
        number = next(_numbers)
        database, role = f"test_{number}", f"svc_test_{number}"
        admin = await asyncpg.connect(servers.admin_database_url())
        try:
            await admin.execute(f"create role {role} login password 'test'")
            await admin.execute(f"create database {database}")
        finally:
            await admin.close()
        parts = urlsplit(servers.admin_database_url())
        owner_url = urlunsplit(parts._replace(path=f"/{database}"))
        owner = await asyncpg.connect(owner_url)
        try:
            await migrate(owner, trees, role)
        finally:
            await owner.close()
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(path=f"/{database}", netloc=f"{role}:test@{place}"))

    return make


@pytest.fixture
async def journal_pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    """A pool on a fresh database that holds a journal."""
    pool = await open_pool(await new_database(JOURNAL), most=40)
    yield pool
    await pool.close()


@pytest.fixture
async def owner_of_journal(
    servers: Stack, journal_pool: asyncpg.Pool
) -> AsyncIterator[asyncpg.Connection]:
    """The owner of the database that ``journal_pool`` reaches."""
    database = await journal_pool.fetchval("select current_database()")
    parts = urlsplit(servers.admin_database_url())
    connection = await asyncpg.connect(urlunsplit(parts._replace(path=f"/{database}")))
    yield connection
    await connection.close()
