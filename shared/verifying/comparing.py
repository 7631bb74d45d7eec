"""Journal = Kafka: two ledgers are compared, and whatever differs is looked up and named."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import orjson

from shared.relay import headers_of
from shared.topics import Place, Topics
from shared.verifying.kafka import Found, place_of
from shared.verifying.ledger import NOTHING, Ledger
from shared.verifying.report import MOST, Report

_PAGE = 500
_EXCERPT = 60

_FACT = """
select t.position, t.chain, t.event_id, e.stream, e.version, e.kind, e.envelope, e.payload
from journal.told t join journal.events e on e.event_id = t.event_id
and e.stream = t.stream and e.version = t.version where t.position = $1
"""

_OLD = """
select t.position, sha256(sha256(e.envelope) || sha256(e.payload) || t.chain || convert_to(
    e.event_id || ' ' || e.kind || ' ' || e.version || ' ' || e.stream, 'UTF8')) as own
from journal.told t join journal.events e on e.stream = t.stream and e.version = t.version
where t.position = any($1::bigint[])
"""

_NEXT_IN_STREAM = """
select t.position, t.stream, n.position as next_position
from journal.told t
join journal.events e on e.stream = t.stream and e.version = t.version + 1
join journal.told n on n.event_id = e.event_id
where t.position = any($1::bigint[])
"""


async def compare(
    name: str,
    connection: asyncpg.Connection,
    topics: Topics,
    ours: Ledger,
    theirs: Ledger,
    found: Found,
    report: Report,
) -> None:
    """Report every position at which Kafka does not hold what the journal holds."""
    for code, where, expected, said in found.wrong:
        report.differs(code, where, expected, said)
    named = 0
    for position in ours.differing(theirs):
        if ours.at(position) == NOTHING:
            continue
        named += 1
        if named > MOST:
            missing = theirs.at(position) == NOTHING
            report.differs("kafka_missing" if missing else "kafka_changed", name)
        else:
            await _name(name, connection, topics, theirs, position, report)
    await _old(connection, found.old, report)
    await _late(name, connection, theirs, found.late, report)


async def _name(
    name: str,
    connection: asyncpg.Connection,
    topics: Topics,
    theirs: Ledger,
    position: int,
    report: Report,
) -> None:
    fact = await connection.fetchrow(_FACT, position)
    if fact is None:
        return
    whose = f"{fact['stream']}@{fact['version']}"
    if theirs.at(position) == NOTHING:
        report.differs("kafka_missing", f"{name}: 第 {position} 位（{whose}）")
        return
    place, offset = place_of(theirs.noted(position), topics.places)
    headers, value = await _record(topics, place, offset)
    where = f"{place[0]}/{place[1]}@{offset}（第 {position} 位，{whose}）"
    try:
        envelope = orjson.loads(fact["envelope"])
        told = dict(headers_of(envelope, position, fact["chain"]))
    except (ValueError, AttributeError) as error:
        report.differs("identity", f"{name}: {whose}", "", repr(error))
        return
    if "ce_id" in told and told["ce_id"] != headers.get("ce_id"):
        said = (headers.get("ce_id") or b"").decode(errors="replace")
        report.differs("kafka_unknown", where, envelope.get("id", ""), said)
        return
    for header in sorted(told.keys() | headers.keys()):
        if told.get(header) != headers.get(header):
            report.differs(
                "kafka_changed", where, *_apart(header, told.get(header), headers.get(header))
            )
            return
    if value != fact["payload"]:
        report.differs("kafka_changed", where, *_apart("内容", fact["payload"], value))
        return
    row = (str(fact["event_id"]), fact["kind"], fact["stream"], str(fact["version"]))
    own = tuple(envelope.get(key) for key in ("id", "type", "subject", "streamversion"))
    report.differs("identity", f"{name}: {whose}", row, own)


async def _record(
    topics: Topics, place: Place, offset: int
) -> tuple[Mapping[str, bytes | None], bytes | None]:
    async for batches in topics.read({place: offset}, {place: offset + 1}):
        for records in batches.values():
            return dict(records[0].headers), records[0].value
    return {}, None


def _apart(name: str, expected: bytes | None, found: bytes | None) -> tuple[str, str]:
    """Give both values from a little before where they part."""
    one, other = expected or b"", found or b""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    first = max(0, same - 20)
    told, heard = (
        "无" if value is None else value[first : first + _EXCERPT].decode(errors="replace")
        for value in (expected, found)
    )
    return f"{name} {told}", heard


async def _old(
    connection: asyncpg.Connection, old: Sequence[tuple[int, bytes, str]], report: Report
) -> None:
    """Compare repeats of facts that an earlier verification has seen."""
    for first in range(0, len(old), _PAGE):
        page = old[first : first + _PAGE]
        own = {
            row["position"]: row["own"]
            for row in await connection.fetch(_OLD, [position for position, _, _ in page])
        }
        for position, fingerprint, where in page:
            if own.get(position) != fingerprint:
                report.differs("kafka_changed", f"{where}（重复的第 {position} 位）")


async def _late(
    name: str,
    connection: asyncpg.Connection,
    theirs: Ledger,
    late: Sequence[int],
    report: Report,
) -> None:
    """Tell whether what came after a higher position came after a later fact of its stream."""
    for first in range(0, len(late), _PAGE):
        rows: list[Any] = await connection.fetch(_NEXT_IN_STREAM, late[first : first + _PAGE])
        for row in rows:
            position, after = row["position"], row["next_position"]
            if after > theirs.last or theirs.at(after) == NOTHING:
                continue
            here, there = theirs.noted(position), theirs.noted(after)
            if here & 0xFFFF != there & 0xFFFF or here > there:
                report.differs(
                    "kafka_order",
                    f"{name}: {row['stream']}",
                    f"第 {position} 位在第 {after} 位之前",
                    "在后",
                )
