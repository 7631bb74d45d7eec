"""A view has read what was told: it stands at the end of its topics, and says what it set aside."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import asyncpg

from shared.service import Service
from shared.topics import Place
from shared.verifying.report import Report, SetAside
from shared.viewing import View

_PAGE = 2_000

_STREAMS = """
select s.stream, coalesce(later.version, s.version) as version, e.kind
from journal.streams s
left join (
    select stream, min(version) - 1 as version
    from (select stream, version from journal.told where position > $1
          union all select stream, version from journal.untold) as beyond
    group by stream
) as later on later.stream = s.stream
left join journal.events e on e.stream = s.stream and e.version = 1
where coalesce(later.version, s.version) > 0
"""


class ViewCheck:
    """One view in the database of the service that owns it."""

    def __init__(self, connection: asyncpg.Connection, view: View, report: Report) -> None:
        """Bind to the view; what is found goes to the report."""
        self._connection = connection
        self.view = view
        self._report = report
        self._known = 0

    async def made(self) -> bool:
        """Tell whether the view has its tables, of the version that the code has."""
        made = await self._connection.fetchval(
            "select obj_description(to_regclass($1))", self.view.table
        )
        if made != str(self.view.version):
            self._report.differs("view_missing", self.view.name, self.view.version, made or "无")
        return bool(made == str(self.view.version))

    async def reaches(self, ends: Mapping[Place, int], patience: float) -> None:
        """Wait until the view has read up to ``ends``; what it misses then is a difference."""
        wanted = {place: end for place, end in ends.items() if place[0] in self.view.topics}
        deadline = time.monotonic() + patience
        stored = await self.stored()
        while (
            any(stored.get(place, 0) < end for place, end in wanted.items())
            and time.monotonic() < deadline
        ):
            await asyncio.sleep(0.2)
            stored = await self.stored()
        for place, end in wanted.items():
            if stored.get(place, 0) < end:
                where = f"{self.view.name}: {place[0]}/{place[1]}"
                self._report.differs("view_behind", where, end, stored.get(place, 0))

    def not_beyond(self, stored: Mapping[Place, int], ends: Mapping[Place, int]) -> None:
        """See that no stored offset lies beyond the topic's end of a moment after."""
        for place, offset in stored.items():
            if place in ends and offset > ends[place]:
                where = f"{self.view.name}: {place[0]}/{place[1]}"
                self._report.differs("view_beyond", where, ends[place], offset)

    async def stored(self) -> dict[Place, int]:
        """Give the offsets that the view stands at."""
        return {
            (row["topic"], row["partition"]): row["next_offset"]
            for row in await self._connection.fetch(
                "select topic, partition, next_offset from viewing.offsets where view = $1",
                self.view.name,
            )
        }

    async def list_aside(self) -> set[str]:
        """Report the facts that are parked or discarded, and give their streams."""
        rows = await self._connection.fetch(
            "select stream, version, reason, error from viewing.waiting where view = $1 "
            "order by since, stream, version",
            self.view.name,
        )
        aside = [
            SetAside(
                view=self.view.name,
                stream=row["stream"],
                version=row["version"],
                reason=row["reason"],
                error=row["error"],
            )
            for row in rows
        ]
        for (stream, version), reason in sorted(
            (await discarded(self._connection, self.view)).items()
        ):
            aside.append(
                SetAside(
                    view=self.view.name,
                    stream=stream,
                    version=version,
                    reason="discarded",
                    error=reason,
                )
            )
        self._report.set_aside += aside
        return {one.stream for one in aside}

    async def versions(
        self,
        connection: asyncpg.Connection,
        service: Service,
        position: int,
        aside: set[str],
    ) -> int:
        """Compare the recorded versions of a service's streams with the journal's; give how many.

        A version must have been told by ``position`` or later, and must exist.
        """
        count = 0
        streams: dict[str, int] = {}
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            async for row in connection.cursor(_STREAMS, position, prefetch=_PAGE):
                if topic_of(service, row["kind"]) in self.view.topics:
                    streams[row["stream"]] = row["version"]
                if len(streams) == _PAGE:
                    count += await self._page(connection, streams, aside)
                    streams = {}
        return count + await self._page(connection, streams, aside)

    async def _page(
        self, connection: asyncpg.Connection, streams: dict[str, int], aside: set[str]
    ) -> int:
        recorded = {
            row["stream"]: row["version"]
            for row in await self._connection.fetch(
                f"select stream, version from {self.view.streams} where stream = any($1)",
                list(streams),
            )
        }
        ahead = {stream: said for stream, said in recorded.items() if said > streams[stream]}
        for stream, version in streams.items():
            if stream not in aside and recorded.get(stream, 0) < version:
                self._wrong_version(stream, version, recorded.get(stream, 0))
        self._known += len(recorded)
        if ahead:
            await self._newer(connection, ahead)
        return len(streams)

    async def _newer(self, connection: asyncpg.Connection, ahead: Mapping[str, int]) -> None:
        """What was told since may have been heard; what does not exist may not."""
        heads = await _heads(connection, list(ahead))
        for stream, version in ahead.items():
            if version > heads.get(stream, 0):
                self._wrong_version(stream, heads.get(stream, 0), version)

    def _wrong_version(self, stream: str, expected: int, found: int) -> None:
        where = f"{self.view.name}: {stream}"
        self._report.differs("view_version", where, f"第 {expected} 号", f"第 {found} 号")

    async def unknown(self, journals: Sequence[asyncpg.Connection]) -> None:
        """Name recorded streams that no journal holds."""
        count = await self._connection.fetchval(f"select count(*) from {self.view.streams}")
        if count == self._known:
            return
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            cursor = await self._connection.cursor(
                f"select stream, version from {self.view.streams}"
            )
            while page := await cursor.fetch(_PAGE):
                said = {row["stream"]: row["version"] for row in page}
                heads: dict[str, int] = {}
                for journal in journals:
                    heads |= await _heads(journal, list(said))
                for stream in sorted(said.keys() - heads.keys()):
                    where = f"{self.view.name}: {stream}"
                    self._report.differs("view_stream_unknown", where, "", f"第 {said[stream]} 号")


def topic_of(service: Service, kind: str | None) -> str | None:
    """Give the topic of a stored kind; None for what was never told like this."""
    return service.tells.get((kind or "").split(".")[1] if "." in (kind or "") else "")


async def discarded(connection: asyncpg.Connection, view: View) -> dict[tuple[str, int], str]:
    """Give the facts that an operator decided never to fold into a view, with the reason."""
    rows = await connection.fetch(
        "select stream, version, reason from viewing.discarded where view = $1", view.name
    )
    return {(row["stream"], row["version"]): row["reason"] for row in rows}


async def _heads(connection: asyncpg.Connection, streams: list[str]) -> dict[str, int]:
    rows = await connection.fetch(
        "select stream, version from journal.streams where stream = any($1)", streams
    )
    return {row["stream"]: row["version"] for row in rows}
