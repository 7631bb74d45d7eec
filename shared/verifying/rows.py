"""Views = rebuild: the stored facts are folded again and compared with the live rows.

A view's own snapshot is taken first and the facts are read up to the versions that it had
recorded, so rows that people change meanwhile are compared as they were at one moment.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import asyncpg
import orjson

from shared.relay import headers_of
from shared.service import Service
from shared.verifying.report import Report
from shared.verifying.views import discarded, topic_of
from shared.viewing import Heard, Owner, Record, View, hear
from shared.viewing.folding import Folding

_PAGE = 2_000
_AGAIN = 20_000
"""So many rows that need another look get it in one reading of all facts."""

_GROUPS = """
select s.stream, s.partitionkey, s.version from journal.streams s
join journal.events e on e.stream = s.stream and e.version = 1
where split_part(e.kind, '.', 2) = any($1)
order by s.partitionkey collate "C"
"""

_SAMPLE = """
select s.stream from journal.streams s where s.partitionkey in (
    select s.partitionkey from journal.streams s
    join journal.events e on e.stream = s.stream and e.version = 1
    where split_part(e.kind, '.', 2) = any($1)
    group by s.partitionkey order by md5(s.partitionkey || $2) limit $3
)
"""

_FACTS = """
select t.position, t.chain, e.kind, e.envelope, e.payload
from unnest($1::text[], $2::integer[]) as n(stream, version)
join journal.events e on e.stream = n.stream and e.version <= n.version
join journal.told t on t.event_id = e.event_id
order by t.position
"""

_EVERY_FACT = """
select t.position, t.chain, e.kind, e.envelope, e.payload
from journal.told t join journal.events e on e.stream = t.stream and e.version = t.version
where split_part(e.kind, '.', 2) = any($1) order by t.position
"""


class Sampled(NamedTuple):
    """How many keys are looked at, chosen by which seed."""

    keys: int
    seed: str


Advance = Callable[[int], None]
_NO_KEYS: Mapping[str, Sequence[str]] = {}


class RowCheck:
    """The rows of one view that the facts of one service fill."""

    def __init__(
        self,
        journal: asyncpg.Connection,
        viewing: asyncpg.Connection,
        service: Service,
        view: View,
        report: Report,
    ) -> None:
        """Bind to the journal that owns the facts and to the database that holds the rows."""
        self._journal = journal
        self._viewing = viewing
        self._service = service
        self._whole_view = view
        self.view = replace(view, history=False)
        self._report = report
        self._owners = [owner for owner in view.owners if owner.topic in service.topics]
        self._topics = {owner.topic for owner in self._owners}
        self._rooms = [room for room, topic in service.tells.items() if topic in self._topics]
        self._discarded: frozenset[tuple[str, int]] = frozenset()
        self._seen = {owner.name: array("q") for owner in self._owners}
        self._doubtful: dict[str, set[str]] = {owner.name: set() for owner in self._owners}
        self._rows = 0

    async def full(self, advance: Advance) -> int:
        """Compare every row, and look for rows that no fact accounts for; give their number."""
        self._discarded = frozenset(await discarded(self._viewing, self._whole_view))
        async for streams in self._groups():
            await self._compare(streams)
            advance(len(streams))
        for owner in self._owners:
            unaccounted = [key async for key in self._unaccounted(owner)]
            await self._again(owner, sorted(self._doubtful[owner.name].union(unaccounted)))
        return self._rows

    async def sampled(self, sample: Sampled, advance: Advance) -> int:
        """Compare the rows of randomly chosen streams, and of randomly chosen keys."""
        self._discarded = frozenset(await discarded(self._viewing, self._whole_view))
        chosen = await self._journal.fetch(_SAMPLE, self._rooms, sample.seed, sample.keys)
        streams = [row["stream"] for row in chosen]
        for first in range(0, len(streams), _PAGE):
            await self._compare(streams[first : first + _PAGE])
            advance(len(streams[first : first + _PAGE]))
        for owner in self._owners:
            doubtful = sorted(self._doubtful[owner.name])
            if owner.keyed_by_partition:
                rows = await self._viewing.fetch(
                    f"select key from {self.view.table} where {_filled(owner)} "
                    "order by md5(key || $1) limit $2",
                    sample.seed,
                    sample.keys,
                )
                doubtful += [row["key"] for row in rows]
            await self._again(owner, doubtful)
        return self._rows

    async def _groups(self) -> AsyncIterator[list[str]]:
        """Give all streams, those of one partition key together."""
        streams: list[str] = []
        facts, group = 0, ""
        async with self._journal.transaction(readonly=True):
            async for row in self._journal.cursor(_GROUPS, self._rooms, prefetch=_PAGE):
                if facts >= _PAGE and row["partitionkey"] != group:
                    yield streams
                    streams, facts = [], 0
                group = row["partitionkey"]
                streams.append(row["stream"])
                facts += row["version"]
        if streams:
            yield streams

    async def _compare(
        self, streams: Sequence[str], keys: Mapping[str, Sequence[str]] = _NO_KEYS
    ) -> None:
        """Fold some streams and compare the rows they touch, and those that are asked for.

        A row whose key is not the partition key may need facts of other streams as well: one that
        does not fit is only remembered here.
        """
        async with self._viewing.transaction(isolation="repeatable_read", readonly=True):
            folding = await self._folded(streams)
            for owner in self._owners:
                folded = folding.rows[owner.name]
                asked = folding.touched[owner.name].union(keys.get(owner.name, ()))
                self._seen[owner.name].extend(map(hash, asked))
                self._rows += len(asked)
                differing = await self._differing(owner, {key: folded.get(key) for key in asked})
                if owner.keyed_by_partition:
                    self._name(owner, differing)
                else:
                    self._doubtful[owner.name].update(row["key"] for row in differing)

    async def _folded(self, streams: Sequence[str]) -> Folding:
        recorded = await self._viewing.fetch(
            f"select stream, version from {self.view.streams} where stream = any($1)", streams
        )
        folding = Folding(self.view, discarded=self._discarded)
        facts = await self._journal.fetch(
            _FACTS, [row["stream"] for row in recorded], [row["version"] for row in recorded]
        )
        for record in map(self._record, facts):
            if record.topic in self._topics:
                folding.take(record, hear(record, self.view.owner_of(record.topic)))
        for one in folding.newly_aside.values():
            if one.reason == "failed":
                where = f"{self.view.name}: {one.stream}@{one.version}"
                self._report.differs("view_fact_unfoldable", where, "", one.error)
        return folding

    def _record(self, fact: asyncpg.Record) -> Record:
        """Give a stored fact as it is told; one whose envelope was spoilt cannot be heard."""
        try:
            envelope = orjson.loads(fact["envelope"])
            headers = headers_of(envelope, fact["position"], fact["chain"])
        except (ValueError, AttributeError):
            headers = []
        topic = topic_of(self._service, fact["kind"]) or ""
        return Record(topic, 0, fact["position"], None, headers, fact["payload"])

    async def _differing(
        self, owner: Owner[Any], rows: Mapping[str, Any]
    ) -> Sequence[asyncpg.Record]:
        """Give the rows that the database would store otherwise than they stand there."""
        nothing = (None,) * len(owner.columns)
        values = [nothing if row is None else row for row in rows.values()]
        columns = zip(*values, strict=True) if values else [()] * len(owner.columns)
        return await self._viewing.fetch(_comparison(self.view, owner), list(rows), *columns)

    def _name(self, owner: Owner[Any], differing: Sequence[asyncpg.Record]) -> None:
        for row in differing:
            where = f"{self.view.name}: {row['key']}"
            expected, found = orjson.loads(row["expected"]), orjson.loads(row["found"])
            if all(found[name] is None for name in owner.columns):
                self._report.differs("view_row_missing", where)
            elif all(expected[name] is None for name in owner.columns):
                self._report.differs("view_row_extra", where)
            else:
                column = next(name for name in owner.columns if expected[name] != found[name])
                self._report.differs(
                    "view_row_changed",
                    f"{where}.{column}",
                    orjson.dumps(expected[column]).decode(),
                    orjson.dumps(found[column]).decode(),
                )

    async def _unaccounted(self, owner: Owner[Any]) -> AsyncIterator[str]:
        """Give the live keys that no page of facts has touched, or more than one.

        A row that took facts of several pages may look right to each of them and be wrong.
        """
        seen = array("q", sorted(self._seen[owner.name]))
        async with self._viewing.transaction(readonly=True):
            async for row in self._viewing.cursor(
                f"select key from {self.view.table} where {_filled(owner)}", prefetch=_PAGE
            ):
                mark = hash(row["key"])
                if bisect_right(seen, mark) - bisect_left(seen, mark) != 1:
                    yield row["key"]

    async def _again(self, owner: Owner[Any], keys: Sequence[str]) -> None:
        """Compare rows with all their facts, wherever these may lie."""
        for first in range(0, len(keys), _AGAIN):
            wanted = list(keys[first : first + _AGAIN])
            if owner.keyed_by_partition:
                streams = await self._journal.fetch(
                    "select stream from journal.streams where partitionkey = any($1)", wanted
                )
                await self._compare([row["stream"] for row in streams], {owner.name: wanted})
                continue
            async with self._viewing.transaction(isolation="repeatable_read", readonly=True):
                rows = await self._folded_from_all(owner, wanted)
                self._name(owner, await self._differing(owner, rows))

    async def _folded_from_all(self, owner: Owner[Any], keys: Sequence[str]) -> dict[str, Any]:
        rows: dict[str, Any] = dict.fromkeys(keys)
        async with self._journal.transaction(readonly=True):
            cursor = await self._journal.cursor(_EVERY_FACT, self._rooms)
            while page := await cursor.fetch(_PAGE):
                told = [
                    what.told
                    for record in map(self._record, page)
                    if record.topic == owner.topic
                    and isinstance(what := hear(record, owner), Heard)
                    and what.told is not None
                    and any(key in rows for key in owner.keys_or_none(what.told))
                ]
                recorded = {
                    row["stream"]: row["version"]
                    for row in await self._viewing.fetch(
                        f"select stream, version from {self.view.streams} where stream = any($1)",
                        [one.envelope.subject for one in told],
                    )
                }
                for one in told:
                    stream, version = one.envelope.subject, one.envelope.version
                    if version <= recorded.get(stream, 0) and (
                        (stream, version) not in self._discarded
                    ):
                        for key, told_of_it in owner.rows_of(one):
                            if key in rows:
                                rows[key] = owner.fold(rows[key], told_of_it)
        return rows


def _filled(owner: Owner[Any]) -> str:
    return "(" + " or ".join(f"{name} is not null" for name in owner.columns) + ")"


def _comparison(view: View, owner: Owner[Any]) -> str:
    names = list(owner.columns)
    arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(owner.columns.values(), start=2))
    ours, theirs = (", ".join(f"{side}.{name}" for name in names) for side in ("folded", "live"))
    return (
        f"select folded.key, to_jsonb(folded) as expected, "
        f"(select to_jsonb(one) from (select {theirs}) as one) as found "
        f"from unnest($1::text[], {arrays}) as folded(key, {', '.join(names)}) "
        f"left join {view.table} as live on live.key = folded.key "
        f"where ({ours}) is distinct from ({theirs}) order by folded.key"
    )
