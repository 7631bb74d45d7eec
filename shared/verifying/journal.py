"""The journal proves itself: stream chains, journal chain, nothing lost between the tables.

The database hashes its own rows; what comes over the wire is one fingerprint per fact. Each row is
checked against the row before it in its stream and the row before it in the journal chain, so the
rows may come in any order, page by page, while people work.
"""

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator, Callable

import asyncpg

from shared.verifying.ledger import NOTHING, Ledger
from shared.verifying.report import MOST, Report, Standing

PAGE = 10_000
_UNPACK = struct.Struct(">q32s").iter_unpack

Advance = Callable[[int], None]

_STATE = """
select (select count(*) from journal.events) as facts,
       (select coalesce(sum(version), 0) from journal.streams) as in_streams,
       (select count(*) from journal.untold) as untold,
       (select acknowledged from journal.relay) as acknowledged,
       (select count(*) from journal.told) as told,
       (select coalesce(max(position), 0) from journal.told) as last
"""

_ALL_STREAMS = "select stream, 0 as since, version as facts from journal.streams where $1 = 0"
_TOUCHED_STREAMS = """
select stream, min(version) - 1 as since, count(*) as facts
from journal.told where position > $1 group by stream
"""

# A plan that reads whole tables instead of the page's rows would be chosen for a page that looks
# large, and repeated for every page.
_PLANNING = {
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_memoize": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
}

_CHECK = """
with fact as (
    select n.turn, n.since, s.version as head, s.chain as head_chain, n.stream,
           e.version, e.event_id, e.kind, e.chain,
           sha256(e.envelope) as envelope, sha256(e.payload) as payload,
           t.position, t.chain as link, t.stream as told_stream, t.version as told_version
    from unnest($1::text[], $2::integer[]) with ordinality as n(stream, since, turn)
    left join journal.streams s on s.stream = n.stream
    left join journal.events e on e.stream = n.stream and e.version >= n.since
    left join journal.told t on t.event_id = e.event_id
), linked as (
    select fact.*,
           lag(version, 1, 0) over along as before, lag(chain, 1, '') over along as chain_before,
           lag(position) over along as position_before, lead(version) over along as after
    from fact window along as (partition by turn order by version)
), judged as (
    select l.*, case
        when l.version is null then case when l.head > 0 then 'stream_head' end
        when l.version <= l.since then case when l.after is null then 'stream_head' end
        when l.version <> l.before + 1 then 'fact_missing'
        when l.chain <> sha256(l.chain_before || l.envelope || l.payload) then 'stream_chain'
        when l.after is null and (l.version, l.chain) is distinct from (l.head, l.head_chain)
            then 'stream_head'
        when l.position is null then null
        when (l.told_stream, l.told_version) <> (l.stream, l.version) then 'told_elsewhere'
        when l.before > 0 and coalesce(l.position_before >= l.position, true)
            then 'told_out_of_order'
        when l.position > 1 and p.position is null then 'position_missing'
        when l.link <> sha256(coalesce(p.chain, '') || l.chain) then 'journal_chain'
    end as wrong
    from linked l left join journal.told p on p.position = l.position - 1
)
select count(*) filter (where version > since) as facts,
       coalesce(string_agg(int8send(position) || sha256(
           envelope || payload || link
           || convert_to(event_id || ' ' || kind || ' ' || version || ' ' || stream, 'UTF8')), '')
           filter (where position > $3 and position <= $4), '') as fingerprints,
       coalesce(array_agg(json_build_array(
           wrong, stream, version, before, head, position, position_before)::text)
           filter (where wrong is not null), '{}') as wrong
from judged
"""

_LOST = """
select e.stream, e.version from journal.events e
where not exists (select from journal.told t where t.event_id = e.event_id)
and (e.stream, e.version) not in (select stream, version from journal.untold)
limit $1
"""

_HEADS = """
select count(*) as streams, encode(sha256(coalesce(string_agg(
    sha256(convert_to(stream || ' ' || version, 'UTF8') || chain), '' order by stream collate "C"),
    '')), 'hex') as heads
from (
    select s.stream, coalesce(later.version, s.version) as version,
           coalesce(e.chain, s.chain) as chain
    from journal.streams s
    left join (
        select stream, min(version) - 1 as version
        from (select stream, version from journal.told where position > $1
              union all select stream, version from journal.untold) as beyond
        group by stream
    ) as later on later.stream = s.stream
    left join journal.events e on e.stream = later.stream and e.version = later.version
) as head where version > 0
"""


async def connect(database_url: str) -> asyncpg.Connection:
    """Open a connection whose plans follow the keys."""
    return await asyncpg.connect(database_url, timeout=5, server_settings=_PLANNING)


async def standing_at(connection: asyncpg.Connection, position: int) -> Standing:
    """Give the heads of the chains as they were at a position."""
    chain = await connection.fetchval(
        "select encode(chain, 'hex') from journal.told where position = $1", position
    )
    async with connection.transaction():
        # Every stream is looked at once: without a hash each would look through all that went on.
        await connection.execute("set local enable_hashjoin = on")
        [heads] = await connection.fetch(_HEADS, position)
    return Standing(
        position=position,
        chain=chain or "",
        streams=heads["streams"],
        heads=heads["heads"],
        topics={},
    )


class JournalCheck:
    """The journal of one service, read by somebody who may read all of it."""

    def __init__(self, database_url: str, name: str, report: Report) -> None:
        """Bind to the database; what is found goes to the report."""
        self._url = database_url
        self._name = name
        self._report = report

    async def cut(self, connection: asyncpg.Connection, patience: float) -> int:
        """Wait until all that is there now was told, and give the acknowledged position.

        What does not get there in time is a difference; so is what lies in no table or in two.
        """
        deadline = time.monotonic() + patience
        [state] = await connection.fetch(_STATE)
        wanted = state["last"] + state["untold"]
        while state["acknowledged"] < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            [state] = await connection.fetch(_STATE)
        if state["acknowledged"] < wanted:
            self._report.differs("not_told", self._name, wanted, state["acknowledged"])
        if state["acknowledged"] > state["last"]:
            self._report.differs(
                "acknowledged_beyond", self._name, state["last"], state["acknowledged"]
            )
        await self._count(connection, state)
        return int(min(state["acknowledged"], state["last"]))

    async def sequenced(self, connection: asyncpg.Connection) -> int:
        """Give the last position of the journal chain, whatever Kafka knows of it.

        What lies in no table or in two is a difference.
        """
        [state] = await connection.fetch(_STATE)
        await self._count(connection, state)
        return int(state["last"])

    async def _count(self, connection: asyncpg.Connection, state: asyncpg.Record) -> None:
        if state["in_streams"] != state["facts"]:
            self._report.differs("facts_counted", self._name, state["in_streams"], state["facts"])
        if state["told"] + state["untold"] != state["facts"]:
            await self._lost(connection, state["facts"], state["told"] + state["untold"])

    async def goes_on_from(self, connection: asyncpg.Connection, before: Standing) -> bool:
        """Tell whether the journal still holds what it held, by the heads of its chains."""
        last = await connection.fetchval("select coalesce(max(position), 0) from journal.told")
        if last < before.position:
            self._report.differs(
                "tail_cut", self._name, f"至少到第 {before.position} 位", f"到第 {last} 位"
            )
            return False
        held = await standing_at(connection, before.position)
        where = f"{self._name}: 第 {before.position} 位"
        if held.chain != before.chain:
            self._report.differs("head_changed", where, before.chain, held.chain or "无")
            return False
        if (held.streams, held.heads) != (before.streams, before.heads):
            self._report.differs(
                "stream_heads_changed",
                where,
                f"{before.streams} 条流 {before.heads}",
                f"{held.streams} 条流 {held.heads}",
            )
            return False
        return True

    async def check(self, ledger: Ledger, advance: Advance) -> int:
        """Check every fact of the ledger's positions, enter its fingerprint; give their number."""
        facts = entered = 0
        connection, listing = await connect(self._url), await connect(self._url)
        try:
            async for streams, since in _pages(listing, ledger.base):
                [page] = await connection.fetch(_CHECK, streams, since, ledger.base, ledger.last)
                for position, fingerprint in _UNPACK(page["fingerprints"]):
                    ledger.put(position, fingerprint)
                    entered += 1
                for said in page["wrong"]:
                    self._wrong(*json.loads(said))
                facts += page["facts"]
                advance(page["facts"])
            if entered != ledger.last - ledger.base:
                await self._holes(connection, ledger)
        finally:
            await connection.close()
            await listing.close()
        return facts

    def _wrong(
        self,
        code: str,
        stream: str,
        version: int | None,
        before: int,
        head: int | None,
        position: int | None,
        position_before: int | None,
    ) -> None:
        where = f"{self._name}: {stream}@{version or 0}"
        placed = f"{self._name}: 第 {position} 位（{stream}@{version}）"
        match code:
            case "fact_missing":
                self._report.differs(code, where, f"前一号 {(version or 0) - 1}", before)
            case "stream_head":
                self._report.differs(code, f"{self._name}: {stream}", head or 0, version or 0)
            case "position_missing":
                self._report.differs(code, placed, f"第 {(position or 0) - 1} 位", "无")
            case "told_out_of_order":
                self._report.differs(code, placed, "前一号在前", position_before or "无")
            case "told_elsewhere" | "journal_chain":
                self._report.differs(code, placed)
            case _:
                self._report.differs(code, where)

    async def _lost(self, connection: asyncpg.Connection, facts: int, placed: int) -> None:
        """Name the facts that will never be told; the numbers alone if each of them will be."""
        rows = await connection.fetch(_LOST, MOST)
        for row in rows:
            where = f"{self._name}: {row['stream']}@{row['version']}"
            self._report.differs("told_twice_or_lost", where)
        if not rows:
            self._report.differs("told_twice_or_lost", self._name, facts, placed)

    async def _holes(self, connection: asyncpg.Connection, ledger: Ledger) -> None:
        """Name the positions that no fact has claimed."""
        for position in range(ledger.base + 1, ledger.last + 1):
            if ledger.at(position) == NOTHING:
                row = await connection.fetchrow(
                    "select stream, version from journal.told where position = $1", position
                )
                where = f"{self._name}: 第 {position} 位"
                if row is None:
                    self._report.differs("position_missing", where)
                else:
                    said = f"{row['stream']}@{row['version']}"
                    self._report.differs("told_without_fact", where, said, "无")


async def _pages(
    connection: asyncpg.Connection, base: int
) -> AsyncIterator[tuple[list[str], list[int]]]:
    streams: list[str] = []
    since: list[int] = []
    facts = 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        source = _TOUCHED_STREAMS if base else _ALL_STREAMS
        async for row in connection.cursor(source, base, prefetch=1000):
            streams.append(row["stream"])
            since.append(row["since"])
            facts += row["facts"]
            if facts >= PAGE:
                yield streams, since
                streams, since, facts = [], [], 0
    if streams:
        yield streams, since
