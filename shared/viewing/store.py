"""The tables of a view, and the one transaction that applies a batch to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter

from shared.postgres import Connection
from shared.viewing.hearing import (
    Broken,
    Heard,
    Marked,
    Record,
    headers_from,
    hear,
    is_nameless,
    said,
)
from shared.viewing.view import Owner, Told, View

log = structlog.get_logger()

applied_total = Counter("siku_view_applied_total", "Facts folded", ["view"])
repeated_total = Counter("siku_view_repeated_total", "Facts heard again and dropped", ["view"])
ignored_total = Counter("siku_view_ignored_total", "Facts of other kinds", ["view"])
waiting_total = Counter("siku_view_waiting_total", "Facts set aside", ["view", "reason"])


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


@dataclass
class _Batch:
    """What a batch comes to, in memory."""

    versions: dict[str, int]
    waiting: dict[str, dict[int, Mapping[str, Any]]]
    discarded: set[tuple[str, int]]
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)
    touched: set[tuple[str, str]] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    set_aside: list[tuple[str, int, str, str, Record]] = field(default_factory=list)
    taken_up: list[tuple[str, int]] = field(default_factory=list)
    markers: dict[tuple[str, int], Any] = field(default_factory=dict)


class ViewStore:
    """One view in one database."""

    def __init__(self, pool: asyncpg.Pool, view: View) -> None:
        """Bind a view to the database of the service that owns it."""
        self.pool = pool
        self.view = view

    async def open(self) -> None:
        """Make the tables; a raised version starts over from the topics, in one transaction."""
        view = self.view
        columns = ", ".join(
            f"{name} {kind}" for owner in view.owners for name, kind in owner.columns.items()
        )
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext($1))", view.table)
            made = await connection.fetchval("select obj_description(to_regclass($1))", view.table)
            if made == str(view.version):
                return
            await connection.execute(
                f"drop table if exists {view.table}, {view.streams};"
                f"create table {view.table} (key text primary key, {columns});"
                f"comment on table {view.table} is '{view.version}';"
                f"create table {view.streams} (stream text primary key, version integer not null);"
                + "".join(f"create index on {view.table} {index};" for index in view.indexes)
            )
            await connection.execute("delete from viewing.offsets where view = $1", view.name)
            await connection.execute("delete from viewing.waiting where view = $1", view.name)

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

    async def markers(self, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], UUID]:
        """Give the markers of those partitions of which something has been read."""
        wanted = set(partitions)
        rows = await self.pool.fetch(
            "select topic, partition, marker from viewing.offsets "
            "where view = $1 and next_offset > 0 and marker is not null",
            self.view.name,
        )
        markers = {(row["topic"], row["partition"]): row["marker"] for row in rows}
        return {tp: marker for tp, marker in markers.items() if tp in wanted}

    async def apply(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Apply a batch and move its offsets, in one transaction.

        What cannot be read, folded or stored is set aside with all that follows in its stream;
        the rest of the batch is applied.

        Raises:
            Fenced: a span does not begin where the stored offset stands; nothing was written.
            TopicMadeAnew: a partition shows another marker than before; nothing was written.
        """
        heard = [(record, hear(record, self.view.owner_of(record.topic))) for record in records]
        try:
            async with self.pool.acquire() as connection, connection.transaction():
                await self._move_offsets(connection, spans)
                await self._apply(connection, heard)
        except _UNSTORABLE as error:
            log.warning("view_batch_taken_apart", view=self.view.name, error=repr(error))
            async with self.pool.acquire() as connection, connection.transaction():
                await self._move_offsets(connection, spans)
                for record, what in heard:
                    await self.apply_alone(connection, record, what)

    async def _apply(
        self,
        connection: Connection,
        heard: Sequence[tuple[Record, Heard | Marked | Broken]],
    ) -> None:
        batch = await self._load(connection, heard)
        for record, what in heard:
            self._take(batch, record, what)
            if not isinstance(what, Marked):
                self._take_up(batch, what.stream)
        await self._write(connection, batch)

    async def apply_alone(
        self, connection: Connection, record: Record, what: Heard | Marked | Broken
    ) -> None:
        """Apply one record, then what it lets go on, each so that it fails for itself."""
        await self._take_guarded(connection, record, what)
        if not isinstance(what, Marked):
            await self.go_on(connection, what.stream)

    async def go_on(self, connection: Connection, stream: str) -> None:
        """Apply what waits of a stream, in order, until nothing is next or the next one fails.

        The caller's transaction holds the offsets of the stream's partition, as a batch does.
        """
        at_once = True
        while (kept := await self._next_waiting(connection, stream)) is not None:
            record, what = record_of(kept), self.hear_again(kept)
            if not at_once:
                await self._take_guarded(connection, record, what)
                continue
            try:
                async with connection.transaction():
                    batch = await self._load(connection, [(record, what)])
                    self._take_up(batch, stream)
                    await self._write(connection, batch)
            except _UNSTORABLE:
                at_once = False

    async def _next_waiting(self, connection: Connection, stream: str) -> Mapping[str, Any] | None:
        row = await connection.fetchrow(
            "select w.* from viewing.waiting w "
            f"left join {self.view.streams} s on s.stream = w.stream "
            "where w.view = $1 and w.stream = $2 and w.version = coalesce(s.version, 0) + 1 "
            "and not exists (select 1 from viewing.waiting f "
            "where f.view = w.view and f.stream = w.stream and f.reason = 'failed')",
            self.view.name,
            stream,
        )
        return dict(row) if row is not None else None

    async def _take_guarded(
        self, connection: Connection, record: Record, what: Heard | Marked | Broken
    ) -> None:
        try:
            async with connection.transaction():
                await self._take_alone(connection, record, what)
        except _UNSTORABLE as error:
            if isinstance(what, Marked):
                raise
            async with connection.transaction():
                await self._take_alone(
                    connection, record, Broken(what.stream, what.version, said(error))
                )

    async def _take_alone(
        self, connection: Connection, record: Record, what: Heard | Marked | Broken
    ) -> None:
        batch = await self._load(connection, [(record, what)])
        if not isinstance(what, Marked):
            queue = batch.waiting.get(what.stream, {})
            next_one = what.version == batch.versions.get(what.stream, 0) + 1
            if next_one and queue.get(what.version, {}).get("reason", "failed") != "failed":
                self._release(batch, what.stream, what.version)
        self._take(batch, record, what)
        await self._write(connection, batch)

    async def _move_offsets(self, connection: Connection, spans: Sequence[Span]) -> None:
        moved = await connection.fetch(
            "update viewing.offsets o set next_offset = s.becomes "
            "from unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) "
            "as s(topic, partition, stands, becomes) "
            "where o.view = $1 and o.topic = s.topic and o.partition = s.partition "
            "and o.next_offset = s.stands returning 1",
            self.view.name,
            [span[0] for span in spans],
            [span[1] for span in spans],
            [span[2] for span in spans],
            [span[3] for span in spans],
        )
        if len(moved) != len(spans):
            raise Fenced

    async def _load(
        self,
        connection: Connection,
        heard: Sequence[tuple[Record, Heard | Marked | Broken]],
    ) -> _Batch:
        streams = sorted({what.stream for _, what in heard if not isinstance(what, Marked)})
        versions = {
            row["stream"]: row["version"]
            for row in await connection.fetch(
                f"select stream, version from {self.view.streams} where stream = any($1) "
                "order by stream for update",
                streams,
            )
        }
        waiting: dict[str, dict[int, Mapping[str, Any]]] = {}
        for row in await connection.fetch(
            "select * from viewing.waiting where view = $1 and stream = any($2)",
            self.view.name,
            streams,
        ):
            waiting.setdefault(row["stream"], {})[row["version"]] = dict(row)
        discarded = {
            (row["stream"], row["version"])
            for row in await connection.fetch(
                "select stream, version from viewing.discarded "
                "where view = $1 and stream = any($2)",
                self.view.name,
                streams,
            )
        }
        batch = _Batch(versions, waiting, discarded)
        told = [(r.topic, w.told) for r, w in heard if isinstance(w, Heard) and w.told is not None]
        held = [
            (row["topic"], again.told)
            for of_stream in waiting.values()
            for row in of_stream.values()
            if isinstance(again := self.hear_again(row), Heard) and again.told is not None
        ]
        for owner in self.view.owners:
            of_owner = [t for topic, t in told + held if topic == owner.topic]
            keys = sorted({key for t in of_owner if (key := _key_of(owner, t)) is not None})
            if not keys:
                continue
            names = ", ".join(owner.columns)
            # Locked in the order of their keys, or two workers could wait for each other.
            for row in await connection.fetch(
                f"select key, {names} from {self.view.table} where key = any($1) "
                "order by key for update",
                keys,
            ):
                values = {name: row[name] for name in owner.columns}
                if any(value is not None for value in values.values()):
                    batch.rows[owner.name, row["key"]] = owner.row(**values)
        return batch

    def _take(self, batch: _Batch, record: Record, what: Heard | Marked | Broken) -> None:
        if isinstance(what, Marked):
            batch.markers[record.topic, record.partition] = what.marker
            return
        stands = batch.versions.get(what.stream, 0)
        queue = batch.waiting.get(what.stream, {})
        nameless = is_nameless(what.stream)
        if _came_otherwise(queue.get(what.version), record):
            # Told again, and not as it was: the copy that we kept had been damaged on its way.
            self._release(batch, what.stream, what.version)
        if what.version in queue or (what.version <= stands and not nameless):
            repeated_total.labels(self.view.name).inc()
        elif not nameless and any(row["reason"] == "failed" for row in queue.values()):
            self._set_aside(batch, what.stream, what.version, "queued", "", record)
        elif what.version > stands + 1 and not nameless:
            self._set_aside(
                batch, what.stream, what.version, "ahead", f"stands at {stands}", record
            )
        else:
            self._fold(batch, record, what)

    def _take_up(self, batch: _Batch, stream: str) -> None:
        queue = batch.waiting.get(stream, {})
        if any(row["reason"] == "failed" for row in queue.values()):
            return
        while (row := queue.get(batch.versions.get(stream, 0) + 1)) is not None:
            self._release(batch, stream, row["version"])
            again = self.hear_again(row)
            if isinstance(again, Marked) or not self._fold(batch, record_of(row), again):
                return

    def _release(self, batch: _Batch, stream: str, version: int) -> None:
        """Take a fact out of the queue; whoever folds it puts it back when it fails."""
        del batch.waiting[stream][version]
        batch.taken_up.append((stream, version))
        batch.set_aside = [s for s in batch.set_aside if (s[0], s[1]) != (stream, version)]

    def hear_again(self, row: Mapping[str, Any]) -> Heard | Marked | Broken:
        """Read a record that waits as the code reads it today."""
        return hear(record_of(row), self.view.owner_of(row["topic"]))

    def _fold(self, batch: _Batch, record: Record, what: Heard | Broken) -> bool:
        if (what.stream, what.version) in batch.discarded:
            # An operator has decided: the stream goes on without it, also when it comes again.
            if is_nameless(what.stream):
                return True
        elif isinstance(what, Broken):
            self._set_aside(batch, what.stream, what.version, "failed", what.error, record)
            return False
        elif what.told is None:
            ignored_total.labels(self.view.name).inc()
        else:
            owner = self.view.owner_of(record.topic)
            try:
                key = owner.key(what.told)
                batch.rows[owner.name, key] = owner.fold(
                    batch.rows.get((owner.name, key)), what.told
                )
            # A fold that fails on one stream must not stop the others, whatever it raised.
            except Exception as error:  # noqa: BLE001
                self._set_aside(batch, what.stream, what.version, "failed", said(error), record)
                return False
            batch.touched.add((owner.name, key))
            applied_total.labels(self.view.name).inc()
        batch.versions[what.stream] = what.version
        batch.moved.add(what.stream)
        return True

    def _set_aside(
        self,
        batch: _Batch,
        stream: str,
        version: int,
        reason: str,
        error: str,
        record: Record,
    ) -> None:
        waiting_total.labels(self.view.name, reason).inc()
        log.warning(
            "fact_set_aside",
            view=self.view.name,
            stream=stream,
            version=version,
            reason=reason,
            error=error,
        )
        batch.set_aside.append((stream, version, reason, error, record))
        batch.waiting.setdefault(stream, {})[version] = {
            "stream": stream,
            "version": version,
            "reason": reason,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
            "headers": record.headers_text(),
            "body": record.value or b"",
        }

    async def _write(self, connection: Connection, batch: _Batch) -> None:
        for owner in self.view.owners:
            keys = sorted(key for name, key in batch.touched if name == owner.name)
            kept = [key for key in keys if batch.rows[owner.name, key] is not None]
            gone = [key for key in keys if batch.rows[owner.name, key] is None]
            await self._upsert(connection, owner, kept, [batch.rows[owner.name, k] for k in kept])
            await self._clear(connection, owner, gone)
        await connection.execute(
            f"insert into {self.view.streams} (stream, version) "
            "select * from unnest($1::text[], $2::int[]) "
            "on conflict (stream) do update set version = excluded.version",
            sorted(batch.moved),
            [batch.versions[stream] for stream in sorted(batch.moved)],
        )
        if batch.taken_up:
            await connection.executemany(
                "delete from viewing.waiting where view = $1 and stream = $2 and version = $3",
                [(self.view.name, stream, version) for stream, version in batch.taken_up],
            )
        if batch.set_aside:
            await connection.executemany(
                "insert into viewing.waiting (view, stream, version, reason, error, topic, "
                'partition, "offset", key, headers, body) '
                "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
                [
                    (self.view.name, stream, version, reason, error, *_columns_of(record))
                    for stream, version, reason, error, record in batch.set_aside
                ],
            )
        for (topic, partition), marker in batch.markers.items():
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

    async def _upsert(
        self,
        connection: Connection,
        owner: Owner[Any],
        keys: Sequence[str],
        rows: Sequence[Any],
    ) -> None:
        if not keys:
            return
        columns = owner.columns
        names = list(columns)
        sent = ["$1::text[]"] + [
            f"${n}::{'text' if kind == 'jsonb' else kind}[]"
            for n, kind in enumerate(columns.values(), start=2)
        ]
        taken = [f"s.{name}::jsonb" if columns[name] == "jsonb" else f"s.{name}" for name in names]
        await connection.execute(
            f"insert into {self.view.table} (key, {', '.join(names)}) "
            f"select s.key, {', '.join(taken)} from unnest({', '.join(sent)}) "
            f"as s(key, {', '.join(names)}) on conflict (key) do update set "
            + ", ".join(f"{name} = excluded.{name}" for name in names),
            keys,
            *([getattr(row, f.name) for row in rows] for f in fields(owner.row)),
        )

    async def _clear(self, connection: Connection, owner: Owner[Any], keys: Sequence[str]) -> None:
        if not keys:
            return
        cleared = ", ".join(f"{name} = null" for name in owner.columns)
        await connection.execute(
            f"update {self.view.table} set {cleared} where key = any($1)", keys
        )
        empty = " and ".join(f"{name} is null" for o in self.view.owners for name in o.columns)
        await connection.execute(
            f"delete from {self.view.table} where key = any($1) and {empty}", keys
        )


def _key_of(owner: Owner[Any], told: Told) -> str | None:
    try:
        return owner.key(told)
    # Whoever folds it meets the same error and parks it.
    except Exception:  # noqa: BLE001
        return None


def _columns_of(record: Record) -> tuple[object, ...]:
    return (
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.headers_text(),
        record.value or b"",
    )


def _came_otherwise(kept: Mapping[str, Any] | None, record: Record) -> bool:
    return (
        kept is not None
        and kept["reason"] == "failed"
        and (kept["headers"], kept["body"]) != (record.headers_text(), record.value or b"")
    )


def record_of(row: Mapping[str, Any]) -> Record:
    """Give back a record that waits."""
    return Record(
        row["topic"],
        row["partition"],
        row["offset"],
        row["key"],
        headers_from(row["headers"]),
        row["body"],
    )


__all__ = ["Fenced", "Told", "TopicMadeAnew", "ViewStore"]
