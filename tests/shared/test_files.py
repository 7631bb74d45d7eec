"""Files: kept once, read by their own organisation only, gone when nobody's term runs any more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from shared.clock import Clock, advance, open_home
from shared.files import FileDamaged, FileExpired, Files, hand_on
from shared.files.sweeping import files_expired, sweep_for_ever
from shared.journal import open_pool
from tests.conftest import SHARED, NewDatabase

TREE = ("files", SHARED / "files" / "migrations")
NOW = datetime(2019, 4, 22, 1, tzinfo=UTC)
TERM = timedelta(days=180)
DATA = b"content"


@pytest.fixture
async def pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    """A database that describes files."""
    pool = await open_pool(await new_database(TREE))
    yield pool
    await pool.close()


@pytest.fixture
def files(pool: asyncpg.Pool, tmp_path: Path) -> Files:
    """The files of a service."""
    return Files(tmp_path, "office", pool)


def lying(home: Path) -> list[Path]:
    """Every file on the disk, whole or half."""
    return [path for path in (home / "files").rglob("*") if path.is_file()]


async def keep(files: Files, org: str = "A", until: datetime | None = NOW + TERM) -> str:
    return (await files.keep(DATA, "a.txt", "text/plain", org, until)).sha256


async def test_the_same_bytes_are_kept_once_for_everybody(files: Files, tmp_path: Path) -> None:
    assert await keep(files, "A") == await keep(files, "B")
    assert len(lying(tmp_path)) == 1


async def test_only_an_organisation_that_kept_a_file_reads_it(files: Files) -> None:
    sha256 = await keep(files, "A")
    assert await files.read(sha256, "A", NOW) == DATA
    with pytest.raises(FileExpired):
        await files.read(sha256, "B", NOW)


async def test_what_was_changed_on_the_disk_is_not_given(files: Files, tmp_path: Path) -> None:
    sha256 = await keep(files)
    (path,) = lying(tmp_path)
    path.write_bytes(b"other")
    with pytest.raises(FileDamaged):
        await files.read(sha256, "A", NOW)


async def test_a_file_is_refused_at_the_end_of_its_term_swept_or_not(
    files: Files, tmp_path: Path
) -> None:
    sha256 = await keep(files)
    end = NOW + TERM
    assert await files.read(sha256, "A", end - timedelta(seconds=1)) == DATA
    assert await files.sweep(end - timedelta(seconds=1)) == 0
    with pytest.raises(FileExpired):
        await files.read(sha256, "A", end)
    assert await files.sweep(end) == 1
    assert lying(tmp_path) == []
    assert await files.sweep(end) == 0


async def test_a_file_stays_as_long_as_anybody_needs_it(files: Files, tmp_path: Path) -> None:
    sha256 = await keep(files, "A", NOW + TERM)
    await keep(files, "B", NOW + 2 * TERM)
    await keep(files, "C", None)
    assert await files.sweep(NOW + TERM) == 0
    with pytest.raises(FileExpired):
        await files.read(sha256, "A", NOW)
    assert await files.sweep(NOW + 2 * TERM) == 0
    assert await files.read(sha256, "C", NOW + 9 * TERM) == DATA
    assert len(lying(tmp_path)) == 1


async def test_keeping_again_makes_the_term_longer_and_never_shorter(files: Files) -> None:
    sha256 = await keep(files, until=NOW + TERM)
    await keep(files, until=NOW + 2 * TERM)
    await keep(files, until=NOW + TERM)
    assert await files.terms([sha256], "A", NOW) == {sha256: NOW + 2 * TERM}
    await keep(files, until=None)
    await keep(files, until=NOW + TERM)
    assert await files.terms([sha256], "A", NOW) == {sha256: None}


async def test_what_is_kept_and_swept_at_once_is_there_or_gone_and_never_half(
    files: Files, tmp_path: Path
) -> None:
    """Several processes sweep while the file is sent in again, a hundred times."""
    for _ in range(100):
        sha256 = await keep(files, until=NOW)
        await asyncio.gather(files.sweep(NOW), keep(files, until=NOW + TERM), files.sweep(NOW))
        assert await files.read(sha256, "A", NOW) == DATA
        assert await files.sweep(NOW + TERM) == 1
        assert lying(tmp_path) == []


async def test_a_sweep_that_was_cut_off_is_finished_by_the_next(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = await keep(files, until=NOW)
    remove = files._remove

    def cut_off(sha256: str) -> None:
        remove(sha256)
        raise OSError("cut off before the commit")

    monkeypatch.setattr(files, "_remove", cut_off)
    with pytest.raises(OSError, match="cut off"):
        await files.sweep(NOW)
    monkeypatch.undo()
    with pytest.raises(FileExpired):
        await files.read(sha256, "A", NOW)
    assert await files.sweep(NOW) == 1


async def test_half_a_file_goes_with_the_whole(files: Files, tmp_path: Path) -> None:
    sha256 = await keep(files, until=NOW)
    (path,) = lying(tmp_path)
    (path.parent / f".{sha256}.abc").write_bytes(b"con")
    assert await files.sweep(NOW) == 1
    assert lying(tmp_path) == []


async def test_the_round_follows_business_time_and_counts(
    files: Files, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    open_home(tmp_path, real=False)
    clock = Clock(tmp_path)
    await keep(files, until=clock.now() + TERM)
    before = files_expired._value.get()
    rounds = [
        asyncio.create_task(sweep_for_ever(Files(tmp_path, "office", pool), clock, every=0.02))
        for _ in range(2)
    ]
    try:
        await asyncio.sleep(0.2)
        assert len(lying(tmp_path)) == 1
        advance(tmp_path, TERM + timedelta(minutes=1))
        for _ in range(200):
            if not lying(tmp_path):
                break
            await asyncio.sleep(0.02)
        assert lying(tmp_path) == []
        await asyncio.sleep(0.1)
        assert files_expired._value.get() == before + 1
    finally:
        for one in rounds:
            one.cancel()


async def test_what_is_handed_on_stays_when_the_first_owners_term_is_over(
    files: Files, pool: asyncpg.Pool
) -> None:
    sha256 = await keep(files, "A")
    async with pool.acquire() as connection, connection.transaction():
        await hand_on(connection, [sha256], "A", "fact", NOW)
    await files.sweep(NOW + TERM)
    assert await files.read(sha256, "fact", NOW + TERM) == DATA
    with pytest.raises(FileExpired):
        await files.read(sha256, "A", NOW + TERM)


async def test_what_is_gone_is_not_handed_on(files: Files, pool: asyncpg.Pool) -> None:
    sha256 = await keep(files, "A")
    async with pool.acquire() as connection, connection.transaction():
        for org, now in (("A", NOW + TERM), ("B", NOW)):
            with pytest.raises(FileExpired):
                await hand_on(connection, [sha256], org, "fact", now)
