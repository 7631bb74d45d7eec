"""Brings a new generation up to the live view and lets it take the live view's place.

The stored offsets of the live view are what its workers move first in every batch, so whoever
holds these rows locked stands where the workers stand. Under that lock the new generation takes
in what is left and the tables change names: no reader sees a row missing, and no worker has to
stop. Where a batch was applied before, the row it moved says so and the batch is fenced.
"""

import asyncpg
import structlog

from shared.postgres import Connection
from shared.rebuilding.comparing import compare
from shared.rebuilding.refusing import RebuildRefused, RowsDiffer
from shared.topics import Offsets, Place, Topics
from shared.viewing import tables
from shared.viewing.hearing import Record
from shared.viewing.parking import follow
from shared.viewing.store import ViewStore
from shared.viewing.view import View

log = structlog.get_logger()

NEAR = 500
"""So few records are left to the last, locked step."""
LOCK_TIMEOUT = "3s"


class Successor:
    """A new generation on its way to the live view's place."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        pool: asyncpg.Pool,
        topics: Topics,
        live: View,
        number: int,
    ) -> None:
        """Bind the filled generation ``number`` of a view."""
        self._connection = connection
        self._topics = topics
        self.live = live
        self.number = number
        self.new = live.generation(number)
        self._store = ViewStore(pool, self.new)
        self._touched: set[str] = set()

    async def catch_up(self) -> int:
        """Take in what the live view has taken in meanwhile; give how many records."""
        count = 0
        while (missing := await self._missing()) > NEAR:
            log.info("rebuild_catches_up", view=self.live.name, records=missing)
            count += await self._read_to(await offsets_of(self._connection, self.live))
        return count

    async def suspects(self) -> set[str] | None:
        """Compare every row with the live view's while both move.

        Returns:
            the keys that differed, to be looked at again when nothing moves; None when the live
            view is behind the new one, so that nothing can be said yet.
        """
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            live = await offsets_of(self._connection, self.live)
            new = await offsets_of(self._connection, self.new)
            if any(new[place] > offset for place, offset in live.items()):
                return None
            # Whatever the live view has moved since is touched here later on.
            self._touched.clear()
            return {one.key for one in await compare(self._connection, self.live, self.new)}

    async def swap(self, *, verify: bool, suspects: set[str] | None) -> None:
        """Take the live view's place in one transaction.

        With ``verify`` the suspects and all that moved since they were found are compared in it;
        everything is where nothing was compared before.

        Raises:
            RowsDiffer: rows are not equal; nothing changed.
            RebuildRefused: a fact failed here that the live view has applied; nothing changed.
            asyncpg.LockNotAvailableError: readers hold a table; nothing changed, try again.
        """
        async with self._connection.transaction():
            await self._connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            await self._read_to(await offsets_of(self._connection, self.live, lock=True))
            self._touched |= await follow(self._connection, self._store, self.live)
            await _no_new_failures(self._connection, self.live, self.new)
            if verify:
                await self._same(None if suspects is None else suspects | self._touched)
            await _take_place(self._connection, self.live, self.new, self.number)

    async def _same(self, keys: set[str] | None) -> None:
        if found := await compare(self._connection, self.live, self.new, keys):
            raise RowsDiffer(f"{len(found)} 行不同，例如 {found[0]}")

    async def _missing(self) -> int:
        live = await offsets_of(self._connection, self.live)
        new = await offsets_of(self._connection, self.new)
        return sum(max(0, offset - new[place]) for place, offset in live.items())

    async def _read_to(self, until: Offsets) -> int:
        stands = await offsets_of(self._connection, self.new)
        count = 0
        async for batches in self._topics.read(stands, until):
            spans, records = [], []
            for place, found in sorted(batches.items()):
                spans.append((*place, stands[place], found[-1].offset + 1))
                stands[place] = found[-1].offset + 1
                records += [
                    Record(r.topic, r.partition, r.offset, r.key, r.headers, r.value) for r in found
                ]
            self._touched |= await self._store.apply_on(self._connection, spans, records)
            count += len(records)
        return count


async def offsets_of(connection: Connection, view: View, *, lock: bool = False) -> dict[Place, int]:
    """Give the stored next offsets of a view; with ``lock`` its workers wait for our end."""
    rows = await connection.fetch(
        "select topic, partition, next_offset from viewing.offsets where view = $1 "
        "order by topic, partition" + (" for update" if lock else ""),
        view.name,
    )
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def _no_new_failures(connection: Connection, live: View, new: View) -> None:
    row = await connection.fetchrow(
        "select stream, version, error from viewing.waiting n where view = $1 "
        "and reason = 'failed' and not exists (select from viewing.waiting l "
        "where l.view = $2 and l.stream = n.stream and l.version = n.version)",
        new.name,
        live.name,
    )
    if row is not None:
        raise RebuildRefused(
            f"{row['stream']} 的第 {row['version']} 号事实无法计入新视图：{row['error']}。"
        )


async def _take_place(connection: Connection, live: View, new: View, number: int) -> None:
    await tables.rename(connection, live, live.replaced_by(number))
    await tables.rename(connection, new, live)
    # Where the new generation has read further, the workers are fenced and go on from there.
    await connection.execute(
        "update viewing.offsets l set next_offset = n.next_offset, "
        "marker = coalesce(l.marker, n.marker) from viewing.offsets n where l.view = $1 "
        "and n.view = $2 and l.topic = n.topic and l.partition = n.partition",
        live.name,
        new.name,
    )
    # What both have set aside keeps its row, which says since when.
    await connection.execute(
        "delete from viewing.waiting l where view = $1 and not exists (select from "
        "viewing.waiting n where n.view = $2 and n.stream = l.stream and n.version = l.version)",
        live.name,
        new.name,
    )
    await connection.execute(
        "delete from viewing.waiting n where view = $2 and exists (select from "
        "viewing.waiting l where l.view = $1 and l.stream = n.stream and l.version = n.version)",
        live.name,
        new.name,
    )
    await connection.execute(
        "update viewing.waiting set view = $1 where view = $2", live.name, new.name
    )
    await connection.execute("delete from viewing.offsets where view = $1", new.name)
