"""One view in one database, and the one transaction that applies a batch to it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import asyncpg
import structlog

from shared.incarnations import Known
from shared.postgres import Connection
from shared.viewing import tables
from shared.viewing.folding import Folding, SetAside
from shared.viewing.hearing import Broken, Heard, Marked, Record, headers_from, hear, said
from shared.viewing.view import View

log = structlog.get_logger()


class Fenced(Exception):
    """Another worker has moved the offsets: this batch is not ours any more."""


class TopicMadeAnew(Exception):
    """A partition begins with another marker than the one this view has read from."""


# What a fact can do to the database: the fault lies in a value, and trying again does not help.
_UNSTORABLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
)

Span = tuple[str, int, int, int]
"""Topic, partition, the offset that this worker stands at, and the one after the batch."""

What = Heard | Marked | Broken


class ViewStore:
    """One view in one database."""

    def __init__(self, pool: asyncpg.Pool, view: View) -> None:
        """Bind a view to the database of the service that owns it."""
        self.pool = pool
        self.view = view

    async def open(self) -> bool:
        """Make the tables if there are none; False when those there are of another version.

        Tables of another version are left as they are: a rebuild makes new ones beside them.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext($1))", self.view.table)
            made = await tables.made_version(connection, self.view)
            if made is None:
                await tables.drop(connection, self.view)
                await tables.create(connection, self.view)
            return made in {None, self.view.version}

    async def offsets(self, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Give the stored next offsets of partitions, 0 for one never read."""
        wanted = list(partitions)
        await self.pool.executemany(
            "insert into viewing.offsets (view, topic, partition) values ($1, $2, $3) "
            "on conflict do nothing",
            [(self.view.name, topic, partition) for topic, partition in wanted],
        )
        rows = await self.pool.fetch(
            "select topic, partition, next_offset from viewing.offsets where view = $1",
            self.view.name,
        )
        stored = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        return {tp: stored[tp] for tp in wanted}

    async def note_current(self, partitions: Iterable[tuple[str, int]]) -> None:
        """Note that nothing is left to read of these partitions at this moment."""
        current = list(partitions)
        await self.pool.execute(
            "update viewing.offsets o set current_at = now() "
            "from unnest($2::text[], $3::int[]) as p(topic, partition) "
            "where o.view = $1 and o.topic = p.topic and o.partition = p.partition",
            self.view.name,
            [topic for topic, _ in current],
            [partition for _, partition in current],
        )

    async def known(self) -> dict[tuple[str, int], Known]:
        """Give what the view remembers of its partitions: where it stands, the first marker."""
        rows = await self.pool.fetch(
            "select topic, partition, next_offset, marker from viewing.offsets where view = $1",
            self.view.name,
        )
        return {
            (row["topic"], row["partition"]): Known(
                row["next_offset"], row["marker"] if row["next_offset"] else None
            )
            for row in rows
        }

    async def apply(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Apply a batch and move its offsets, in one transaction.

        What cannot be read, folded or stored is set aside with all that follows in its stream;
        the rest of the batch is applied.

        Raises:
            Fenced: a span does not begin where the stored offset stands; nothing was written.
            TopicMadeAnew: a partition shows another marker than before; nothing was written.
        """
        async with self.pool.acquire() as connection:
            await self.apply_on(connection, spans, records)

    async def apply_on(
        self, connection: Connection, spans: Sequence[Span], records: Sequence[Record]
    ) -> set[str]:
        """Apply a batch as ``apply`` does, within whatever transaction is open.

        Returns:
            the keys of the rows that it touched and the streams that it moved.
        """
        heard = self._hear(records)
        try:
            async with connection.transaction():
                await _move_offsets(connection, [(self.view, span) for span in spans])
                return await self._apply(connection, heard)
        except _UNSTORABLE as error:
            log.warning("view_batch_taken_apart", view=self.view.name, error=said(error))
            async with connection.transaction():
                await _move_offsets(connection, [(self.view, span) for span in spans])
                touched: set[str] = set()
                for record, what in heard:
                    touched |= await self.apply_alone(connection, record, what)
                return touched

    def _hear(self, records: Sequence[Record]) -> list[tuple[Record, What]]:
        return [(record, hear(record, self.view.owner_of(record.topic))) for record in records]

    async def apply_moved(
        self, connection: Connection, records: Sequence[Record], *, quiet: bool
    ) -> None:
        """Apply records whose offsets the open transaction has moved.

        ``quiet`` says that nothing of this view is set aside or given up.
        """
        await self._apply(connection, self._hear(records), quiet=quiet)

    async def _apply(
        self,
        connection: Connection,
        heard: Sequence[tuple[Record, What]],
        *,
        quiet: bool | None = None,
    ) -> set[str]:
        folding = await self._load(connection, heard, quiet=quiet)
        for record, what in heard:
            folding.take(record, what)
        return await self._write(connection, folding)

    async def apply_alone(self, connection: Connection, record: Record, what: What) -> set[str]:
        """Apply one record, then what it lets go on, each so that it fails for itself."""
        touched = await self._take_guarded(connection, record, what)
        if not isinstance(what, Marked):
            touched |= await self.go_on(connection, what.stream)
        return touched

    async def go_on(self, connection: Connection, stream: str) -> set[str]:
        """Apply what waits of a stream, in order, until nothing is next or the next one fails.

        The caller's transaction holds the offsets of the stream's partition, as a batch does.
        """
        touched: set[str] = set()
        at_once = True
        while (one := await self._next_waiting(connection, stream)) is not None:
            what = hear(one.record, self.view.owner_of(one.record.topic))
            if not at_once:
                touched |= await self._take_guarded(connection, one.record, what)
                continue
            try:
                async with connection.transaction():
                    folding = await self._load(connection, [(one.record, what)])
                    folding.take_up(stream)
                    touched |= await self._write(connection, folding)
            except _UNSTORABLE:
                at_once = False
        return touched

    async def _next_waiting(self, connection: Connection, stream: str) -> SetAside | None:
        row = await connection.fetchrow(
            "select w.* from viewing.waiting w "
            f"left join {self.view.streams} s on s.stream = w.stream "
            "where w.view = $1 and w.stream = $2 and w.version = coalesce(s.version, 0) + 1 "
            "and w.reason <> 'failed'",
            self.view.name,
            stream,
        )
        return aside_of(row) if row is not None else None

    async def _take_guarded(self, connection: Connection, record: Record, what: What) -> set[str]:
        try:
            async with connection.transaction():
                return await self._take_alone(connection, record, what)
        except _UNSTORABLE as error:
            if isinstance(what, Marked):
                raise
            broken = Broken(what.stream, what.version, said(error))
            async with connection.transaction():
                return await self._take_alone(connection, record, broken)

    async def _take_alone(self, connection: Connection, record: Record, what: What) -> set[str]:
        folding = await self._load(connection, [(record, what)])
        if isinstance(what, Marked):
            folding.take(record, what)
        else:
            folding.take_alone(record, what)
        return await self._write(connection, folding)

    async def _load(
        self,
        connection: Connection,
        heard: Sequence[tuple[Record, What]],
        *,
        quiet: bool | None = None,
    ) -> Folding:
        streams = sorted({what.stream for _, what in heard if not isinstance(what, Marked)})
        versions = {
            row["stream"]: row["version"]
            for row in await connection.fetch(
                f"select stream, version from {self.view.streams} where stream = any($1) "
                "order by stream for update",
                streams,
            )
        }
        # On most days nothing waits and nothing was given up: one question settles both.
        if quiet is None:
            quiet = self.view.name in await _quiet(connection, [self.view])
        waiting = [] if quiet else await self._waiting(connection, streams)
        given_up = frozenset() if quiet else await discarded(connection, self.view, streams)
        folding = Folding(self.view, versions, waiting, given_up)
        held = [
            (one.record, hear(one.record, self.view.owner_of(one.record.topic))) for one in waiting
        ]
        told = [
            (record.topic, what.told)
            for record, what in (*heard, *held)
            if isinstance(what, Heard) and what.told is not None
        ]
        for owner in self.view.owners:
            wanted = sorted(
                {
                    key
                    for topic, one in told
                    if topic == owner.topic
                    for key in owner.keys_or_none(one)
                }
            )
            if not wanted:
                continue
            # Locked in the order of their keys, or two workers could wait for each other.
            for row in await connection.fetch(
                f"select key, {', '.join(owner.columns)} from {self.view.table} "
                "where key = any($1) order by key for update",
                wanted,
            ):
                values = row[1:]
                if any(value is not None for value in values):
                    folding.rows[owner.name][row["key"]] = owner.made(values)
        return folding

    async def _waiting(self, connection: Connection, streams: Sequence[str]) -> list[SetAside]:
        rows = await connection.fetch(
            "select * from viewing.waiting where view = $1 and stream = any($2)",
            self.view.name,
            streams,
        )
        return [aside_of(row) for row in rows]

    async def _write(self, connection: Connection, folding: Folding) -> set[str]:
        for owner in self.view.owners:
            rows, touched = folding.rows[owner.name], sorted(folding.touched[owner.name])
            kept = [key for key in touched if rows[key] is not None]
            gone = [key for key in touched if rows[key] is None]
            await tables.upsert(connection, self.view, owner, kept, [rows[key] for key in kept])
            await tables.clear(connection, self.view, owner, gone)
            states = folding.past_of(owner, closing=True)
            await tables.remember(connection, self.view, owner, states)
        versions = [(stream, folding.versions[stream]) for stream in sorted(folding.moved)]
        await tables.record_versions(connection, self.view, versions)
        await self._write_aside(connection, folding)
        for (topic, partition), marker in folding.markers.items():
            known = await connection.fetchval(
                "update viewing.offsets set marker = coalesce(marker, $4) "
                "where view = $1 and topic = $2 and partition = $3 returning marker",
                self.view.name,
                topic,
                partition,
                marker,
            )
            if known != marker:
                raise TopicMadeAnew(f"{topic}/{partition}: {known} -> {marker}")
        folding.count()
        return folding.moved.union(*folding.touched.values())

    async def _write_aside(self, connection: Connection, folding: Folding) -> None:
        if folding.taken_up:
            await connection.executemany(
                "delete from viewing.waiting where view = $1 and stream = $2 and version = $3",
                [(self.view.name, stream, version) for stream, version in folding.taken_up],
            )
        await keep_aside(connection, self.view, folding.newly_aside.values())


class Batch(NamedTuple):
    """What one view has yet to apply of what was read."""

    store: ViewStore
    spans: Sequence[Span]
    records: Sequence[Record]


async def apply_together(batches: Sequence[Batch]) -> None:
    """Apply the batches of several views of one database in one transaction, or none of them.

    Each view costs two statements and what it has to write, in place of a transaction. Whatever
    is wrong with one of them is for it alone to meet in ``ViewStore.apply``.

    Raises:
        Exception: a batch cannot be applied as it is; nothing was written.
    """
    async with batches[0].store.pool.acquire() as connection, connection.transaction():
        views = [batch.store.view for batch in batches]
        await _move_offsets(connection, [(b.store.view, span) for b in batches for span in b.spans])
        quiet = await _quiet(connection, views)
        for batch in batches:
            await batch.store.apply_moved(
                connection, batch.records, quiet=batch.store.view.name in quiet
            )


async def _move_offsets(connection: Connection, moves: Sequence[tuple[View, Span]]) -> None:
    moved = await connection.fetch(
        "update viewing.offsets o set next_offset = s.becomes "
        "from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[]) "
        "as s(view, topic, partition, stands, becomes) "
        "where o.view = s.view and o.topic = s.topic and o.partition = s.partition "
        "and o.next_offset = s.stands returning 1",
        [view.name for view, _ in moves],
        [span[0] for _, span in moves],
        [span[1] for _, span in moves],
        [span[2] for _, span in moves],
        [span[3] for _, span in moves],
    )
    if len(moved) != len(moves):
        raise Fenced


async def _quiet(connection: Connection, views: Sequence[View]) -> set[str]:
    """Give the names of the views of which nothing waits and nothing was given up.

    To be asked when the offsets are held: until then operators may still change it.
    """
    rows = await connection.fetch(
        "select view from unnest($1::text[], $2::text[]) as v(view, live) "
        "where not exists (select from viewing.waiting w where w.view = v.view) "
        "and not exists (select from viewing.discarded d where d.view = v.live)",
        [view.name for view in views],
        [view.live_name for view in views],
    )
    return {row["view"] for row in rows}


async def parked(connection: Connection, view: View) -> list[SetAside]:
    """Give the facts that failed in a view and those that queue behind them."""
    rows = await connection.fetch(
        "select * from viewing.waiting where view = $1 and reason in ('failed', 'queued')",
        view.name,
    )
    return [aside_of(row) for row in rows]


async def discarded(
    connection: Connection, view: View, streams: Sequence[str] | None = None
) -> frozenset[tuple[str, int]]:
    """Give every (stream, version) that operators decided never to fold, of all or some streams.

    A decision about a view holds for every generation of it.
    """
    rows = await connection.fetch(
        "select stream, version from viewing.discarded "
        "where view = $1 and ($2::text[] is null or stream = any($2))",
        view.live_name,
        streams,
    )
    return frozenset((row["stream"], row["version"]) for row in rows)


async def keep_aside(connection: Connection, view: View, facts: Iterable[SetAside]) -> None:
    """Keep facts that cannot be applied, as they came."""
    rows = [
        (
            view.name,
            *one[:4],
            r.topic,
            r.partition,
            r.offset,
            r.key,
            r.headers_text(),
            r.value or b"",
        )
        for one in facts
        for r in (one.record,)
    ]
    if rows:
        await connection.executemany(
            "insert into viewing.waiting (view, stream, version, reason, error, topic, "
            'partition, "offset", key, headers, body) '
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
            rows,
        )


def aside_of(row: asyncpg.Record) -> SetAside:
    """Give back a fact that waits, with its record as it came."""
    record = Record(
        row["topic"],
        row["partition"],
        row["offset"],
        row["key"],
        headers_from(row["headers"]),
        row["body"],
    )
    return SetAside(row["stream"], row["version"], row["reason"], row["error"], record)
