"""The list of what was erased: a file beside the databases, so that no backup brings it back.

What is to be erased is put on the list first and erased by it, on request as at every start. A
process that ends in between has erased nothing yet and does so when it starts; a database that
was restored from before the request loses the same rows again. The list holds ids, never a name.
"""

import asyncio
import fcntl
import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

FOLDER = "erasures"


class ErasuresDamaged(Exception):
    """A line of the list cannot be read: it must not be passed over in silence."""


class Thing(BaseModel):
    """One thing that is to be nowhere any more, in the service's own words for it.

    ``of`` is what it belongs to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    id: str
    of: str = ""


class Erasure(BaseModel):
    """One request: who had what erased, why, and under which document. A line of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    erasure_id: UUID
    at: datetime
    account: str
    role: str
    org: str
    reason: str
    document_number: str
    things: tuple[Thing, ...]

    def ids(self, what: str) -> list[str]:
        """Give the ids of one kind of thing."""
        return [thing.id for thing in self.things if thing.what == what]


class Erasures:
    """The list of one service."""

    def __init__(self, home: Path, service: str) -> None:
        """Bind to ``<home>/erasures/<service>.jsonl``, which need not be there."""
        self._path = home / FOLDER / f"{service}.jsonl"

    async def add(self, erasure: Erasure) -> None:
        """Put a request on the list, all or nothing; it is on the disk when this returns.

        Raises:
            OSError: it could not be written, and nothing may be erased yet.
        """
        await asyncio.to_thread(self._add, erasure)

    async def find(self, erasure_id: UUID) -> Erasure | None:
        """Give a request, or None where it is not on the list."""
        return next((one for one in await self.all() if one.erasure_id == erasure_id), None)

    async def all(self) -> list[Erasure]:
        """Give every request that was ever put on the list, in order.

        Raises:
            ErasuresDamaged: a line of it cannot be read.
        """
        return await asyncio.to_thread(self._all)

    def _add(self, erasure: Erasure) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # What a crash cut off in the middle of a line was never answered.
            file.truncate(_whole(file.read()))
            file.write(erasure.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _all(self) -> list[Erasure]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        found = []
        for number, line in enumerate(data[: _whole(data)].splitlines(), start=1):
            try:
                found.append(Erasure.model_validate_json(line))
            except ValidationError as error:
                raise ErasuresDamaged(f"{self._path}, line {number}") from error
        return found


def _whole(data: bytes) -> int:
    """Give the length up to the end of the last whole line."""
    return data.rfind(b"\n") + 1
