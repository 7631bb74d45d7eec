"""Files of a service: kept once by their SHA-256 under the home, described in its database.

A fact holds a file's hash, name, size and type, never its content. What is read is checked
against its hash; originals expire by policy and are then gone for good.
"""

import asyncio
import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from shared.refusals import NotFound


@dataclass(frozen=True)
class KeptFile:
    """What is known about a kept file."""

    sha256: str
    name: str
    size: int
    media_type: str


class FileDamaged(Exception):
    """The bytes on the disk are not those that were kept."""


class Files:
    """The files of one service."""

    def __init__(self, home: Path, service: str) -> None:
        """Bind to ``<home>/files/<service>``."""
        self._folder = home / "files" / service

    async def keep(self, data: bytes) -> str:
        """Keep the bytes and give their SHA-256; keeping them again changes nothing."""
        return await asyncio.to_thread(self._keep, data)

    async def read(self, sha256: str) -> bytes:
        """Give the bytes.

        Raises:
            NotFound: the file has expired or was never kept.
            FileDamaged: what lies there is something else.
        """
        return await asyncio.to_thread(self._read, sha256)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _keep(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        # Half a file must never be seen under a whole file's name.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".keeping")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)
        return sha256

    def _read(self, sha256: str) -> bytes:
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("文件已按规定到期删除，或从未上传。") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise FileDamaged(sha256)
        return data


async def describe(
    pool: asyncpg.Pool, kept: KeptFile, org: str, expires_at: datetime | None
) -> None:
    """Note a kept file with the organisation that it belongs to."""
    await pool.execute(
        "insert into files.files (sha256, org, name, size, media_type, expires_at) "
        "values ($1, $2, $3, $4, $5, $6) on conflict (sha256, org) do nothing",
        kept.sha256,
        org,
        kept.name,
        kept.size,
        kept.media_type,
        expires_at,
    )
