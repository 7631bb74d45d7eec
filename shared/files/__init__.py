"""Files of a service: kept once by their SHA-256 under the home, described in its database.

A fact holds a file's hash, name, size and type, never its content. Whoever reads names the
owner that the file belongs to, an organisation or what a fact is about; what is read is checked
against its hash. When its term is over a file is refused at once and soon gone for good.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from shared.postgres import Connection
from shared.refusals import Refusal


@dataclass(frozen=True)
class KeptFile:
    """What is known about a kept file."""

    sha256: str
    name: str
    size: int
    media_type: str


class FileExpired(Refusal):
    """The term of a file is over: it is gone, or about to be."""

    code = "file_expired"
    status = 410
    title = "文件已到期"


class FileDamaged(Exception):
    """The bytes on the disk are not those that were kept."""


class Files:
    """The files of one service."""

    def __init__(self, home: Path, service: str, pool: asyncpg.Pool) -> None:
        """Bind to ``<home>/files/<service>`` and to the service's database."""
        self._folder = home / "files" / service
        self._pool = pool

    async def keep(
        self, data: bytes, name: str, media_type: str, org: str, expires_at: datetime | None
    ) -> KeptFile:
        """Keep the bytes for an organisation until their term is over; ``None`` is for ever.

        Keeping the same bytes again only makes the term longer. A file without a description is
        never left behind, wherever this is cut off.
        """
        kept = KeptFile(hashlib.sha256(data).hexdigest(), name, len(data), media_type)
        async with self._pool.acquire() as connection, connection.transaction():
            await _alone(connection, kept.sha256)
            await connection.execute(
                "insert into files.files (sha256, org, name, size, media_type, expires_at) "
                "values ($1, $2, $3, $4, $5, $6) on conflict (sha256, org) "
                "do update set expires_at = excluded.expires_at "
                "where excluded.expires_at is null or files.expires_at < excluded.expires_at",
                kept.sha256,
                org,
                kept.name,
                kept.size,
                kept.media_type,
                expires_at,
            )
        await asyncio.to_thread(self._write, kept.sha256, data)
        return kept

    async def read(self, sha256: str, org: str, now: datetime) -> bytes:
        """Give the bytes of a file that belongs to the organisation.

        Raises:
            FileExpired: its term is over, or the organisation never had it.
            FileDamaged: what lies there is something else, or nothing.
        """
        if sha256 not in await self.terms([sha256], org, now):
            raise FileExpired("文件已按规定到期删除。还需要的，请重新上传。")
        return await asyncio.to_thread(self._read, sha256)

    async def terms(
        self, hashes: Sequence[str], org: str, now: datetime
    ) -> dict[str, datetime | None]:
        """Give until when those of the files are kept that the organisation still has."""
        rows = await self._pool.fetch(
            "select sha256, expires_at from files.files where org = $1 and sha256 = any($2) "
            "and (expires_at is null or expires_at > $3)",
            org,
            hashes,
            now,
        )
        return {row["sha256"]: row["expires_at"] for row in rows}

    async def described(
        self, hashes: Sequence[str], owners: Sequence[str], now: datetime
    ) -> dict[str, KeptFile]:
        """Describe those of the files that one of the owners still has."""
        rows = await self._pool.fetch(
            "select distinct on (sha256) sha256, name, size, media_type from files.files "
            "where sha256 = any($1) and org = any($2) and (expires_at is null or expires_at > $3) "
            "order by sha256, array_position($2, org)",
            hashes,
            owners,
            now,
        )
        return {row["sha256"]: KeptFile(**row) for row in rows}

    async def sweep(self, now: datetime) -> int:
        """Delete what has expired and give the number of files that are gone for good.

        A file stays as long as any organisation's term for it runs. Several processes may sweep
        at once, and one that is cut off leaves the rest to the next.
        """
        hashes = await self._pool.fetch(
            "select distinct sha256 from files.files where expires_at <= $1", now
        )
        return sum([await self._let_go(row["sha256"], now) for row in hashes])

    async def erase(self, sha256: str) -> None:
        """Delete a file whatever its terms, for every organisation, bytes and description.

        Whatever is cut off here is done by calling again: the bytes go also where no description
        is left, and where they came back from a backup.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _alone(connection, sha256)
            await connection.execute("delete from files.files where sha256 = $1", sha256)
            await asyncio.to_thread(self._remove, sha256)

    async def _let_go(self, sha256: str, now: datetime) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            await _alone(connection, sha256)
            let_go = await connection.fetch(
                "delete from files.files where sha256 = $1 and expires_at <= $2 returning org",
                sha256,
                now,
            )
            needed = await connection.fetchval(
                "select exists (select from files.files where sha256 = $1)", sha256
            )
            if needed or not let_go:
                return False
            # Before the commit: what is cut off here is found again by its description.
            await asyncio.to_thread(self._remove, sha256)
        return True

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _write(self, sha256: str, data: bytes) -> None:
        path = self._path(sha256)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # Half a file must never be seen under a whole file's name.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{sha256}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)

    def _read(self, sha256: str) -> bytes:
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise FileDamaged(sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise FileDamaged(sha256)
        return data

    def _remove(self, sha256: str) -> None:
        path = self._path(sha256)
        path.unlink(missing_ok=True)
        for half in path.parent.glob(f".{sha256}.*"):
            half.unlink(missing_ok=True)


async def hand_on(
    connection: Connection, hashes: Sequence[str], org: str, to: str, now: datetime
) -> None:
    """Let files of an organisation belong to another owner as well, for ever.

    It holds once the transaction of the connection does, so a fact that names a file and the
    file that it names stay together. What the other owner has already needs no organisation.

    Raises:
        FileExpired: neither has all of them any more.
    """
    for sha256 in sorted(hashes):
        await _alone(connection, sha256)
    handed = await connection.fetch(
        "insert into files.files (sha256, org, name, size, media_type) "
        "select distinct on (sha256) sha256, $3, name, size, media_type from files.files "
        "where sha256 = any($1) and org in ($2, $3) and (expires_at is null or expires_at > $4) "
        "on conflict (sha256, org) do update set expires_at = null returning sha256",
        hashes,
        org,
        to,
        now,
    )
    if len(handed) < len(set(hashes)):
        raise FileExpired("有附件已按规定到期删除，请重新上传后再提交。")


async def _alone(connection: Connection, sha256: str) -> None:
    """Let nobody keep a file while it is being let go of, nor the other way round."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", sha256)
