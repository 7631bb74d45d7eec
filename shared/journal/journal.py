"""Append facts to streams, all or nothing, and read a stream back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.journal.appending import Appending, Claim, Remembered, Wanted, Writing, call
from shared.postgres import Connection


@dataclass(frozen=True)
class Reply:
    """What a command was answered, kept so that the same command gets the same answer."""

    body_hash: bytes
    reply: bytes


@dataclass(frozen=True)
class History:
    """A stream as stored: its version, when its last fact was recorded, its payloads in order."""

    version: int
    recorded: datetime | None
    payloads: Sequence[bytes]


async def open_pool(database_url: str, *, most: int = 8) -> asyncpg.Pool:
    """Open the connections of one process, with time-outs on everything that can hang."""
    return await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=most,
        timeout=5,
        command_timeout=15,
        reset=_as_it_is,
        server_settings={
            "timezone": "UTC",
            "statement_timeout": "15s",
            "idle_in_transaction_session_timeout": "15s",
            "jit": "off",
            # What is read again and again lies in memory; the default supposes a disk that seeks
            # and would rather read a whole table than an index that holds all that is asked.
            "random_page_cost": "1.1",
        },
    )


async def _as_it_is(_: Connection) -> None:
    """Save a round trip: nothing of ours changes a session, so nothing is to be reset."""


class Journal:
    """The streams of one service."""

    def __init__(self, pool: asyncpg.Pool, service: str) -> None:
        """Bind to the service's own database; ``service`` becomes the envelope's source."""
        self._pool = pool
        self._appending = Appending(pool)
        self.source = f"/siku/{service}"

    async def load(self, stream: str) -> History:
        """Read a stream from its beginning; an unknown one is version 0."""
        return (await self.load_many([stream]))[stream]

    async def load_many(self, streams: Sequence[str]) -> dict[str, History]:
        """Read several streams at once."""
        rows = await self._pool.fetch(
            "select stream, version, recorded, payload from journal.events "
            "where stream = any($1) order by stream, version",
            streams,
        )
        found: dict[str, list[asyncpg.Record]] = {stream: [] for stream in streams}
        for row in rows:
            found[row["stream"]].append(row)
        return {
            stream: History(of[-1]["version"], of[-1]["recorded"], [row["payload"] for row in of])
            if of
            else History(0, None, ())
            for stream, of in found.items()
        }

    async def replies_to(self, command_ids: Sequence[str]) -> dict[str, Reply]:
        """Give the kept replies to those commands that were carried out before."""
        rows = await self._pool.fetch(
            "select command_id, body_hash, reply from journal.commands where command_id = any($1)",
            command_ids,
        )
        return {row["command_id"]: Reply(row["body_hash"], row["reply"]) for row in rows}

    async def holders(self, claims: Sequence[Claim]) -> dict[Claim, str]:
        """Give the streams that hold those of the claims that are taken."""
        rows = await self._pool.fetch(
            "select c.scope, c.value, c.stream from journal.claims c "
            "join unnest($1::text[], $2::text[]) as w(scope, value) using (scope, value)",
            [claim.scope for claim in claims],
            [claim.value for claim in claims],
        )
        return {Claim(row["scope"], row["value"]): row["stream"] for row in rows}

    async def streams_holding(self, scope: str) -> list[str]:
        """Give the streams that hold claims of a scope, in the order of their names."""
        rows = await self._pool.fetch(
            "select distinct stream from journal.claims where scope = $1 order by stream", scope
        )
        return [row["stream"] for row in rows]

    async def append(
        self,
        writings: Sequence[Writing],
        recorded: datetime,
        remember: Sequence[Remembered] = (),
        also: Sequence[Callable[[Connection], Awaitable[None]]] = (),
    ) -> None:
        """Append to all the streams or to none, in one round trip.

        Facts, claims, the kept reply and the queue of untold facts are one transaction; ``also``
        runs in it first, for rows that must appear together with the facts. Without ``also`` the
        transaction may be shared with others who append at the same moment; what goes wrong with
        theirs is never seen here.

        Raises:
            StreamMoved: a stream is not at its expected version; nothing was written.
            ClaimTaken: another stream holds a claim; nothing was written.
            asyncpg.UniqueViolationError: the command was carried out meanwhile.
        """
        wanted = Wanted(writings, recorded, remember)
        if not also:
            await self._appending.append(wanted)
            return
        async with self._pool.acquire() as connection, connection.transaction():
            for write in also:
                await write(connection)
            await call(connection, [wanted])
