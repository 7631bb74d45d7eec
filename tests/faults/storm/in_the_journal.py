"""I1 to I4: commands, facts, and what Kafka was told of them."""

from collections import Counter
from typing import Any
from uuid import UUID

import orjson

from services.intake.dossier import stream_of
from tests.faults.storm.found import Found
from tests.faults.storm.people import Book
from tests.faults.storm.strays import kind_of
from tests.faults.storm.town import Town, reading
from tests.shared.broker import is_marker


async def commands(town: Town, book: Book, found: Found) -> None:
    """I1: a command that was answered is in the journal once, as answered; nothing else is."""
    async with reading(town.stack, "intake") as intake:
        rows = await intake.fetch(
            "select stream, version, kind, envelope from journal.events "
            "where stream like 'project-%' order by stream, version"
        )
        kept = await intake.fetch("select command_id from journal.commands")
        holes = await intake.fetch(
            "select stream from journal.events group by stream "
            "having count(*) <> max(version) or min(version) <> 1"
        )
        untold = await intake.fetchval("select count(*) from journal.untold")
        told = await intake.fetchval("select count(*) from journal.told")
        facts = await intake.fetchval("select count(*) from journal.events")
    # What a service asks itself at its start has no key of anybody's.
    keys = Counter(
        row["command_id"].partition(":")[2]
        for row in kept
        if not row["command_id"].startswith("policy:")
    )
    facts_of: dict[str, list[tuple[str, int, str]]] = {}
    for row in rows:
        key = orjson.loads(row["envelope"])["causationid"].partition(":")[2]
        facts_of.setdefault(key, []).append((row["stream"], row["version"], row["kind"]))
    found.facts = len(rows)
    found.given_up_but_done = len(book.given_up & keys.keys())
    lost: list[str] = []
    doubled = [f"{key}: {facts_of[key]}" for key in book.given_up if len(facts_of.get(key, ())) > 1]
    different: list[str] = []
    for key, answer in book.acknowledged.items():
        stream = stream_of(UUID(answer.project_id))
        first = answer.version - len(answer.kinds) + 1
        expected = [(stream, first + n, kind) for n, kind in enumerate(answer.kinds)]
        stored = facts_of.get(key, [])
        if stored == expected:
            found.commands += 1
            continue
        sentence = f"{key}: answered {expected}, stored {stored}"
        more = len(stored) - len(expected)
        (lost if more < 0 else doubled if more > 0 else different).append(sentence)
    known = book.acknowledged.keys() | book.given_up
    found.lost += len(lost)
    found.doubled += len(doubled)
    found.must_not("I1", lost, "acknowledged and lost")
    found.must_not("I1", doubled, "carried out twice")
    found.must_not("I1", different, "answered otherwise than stored")
    found.must_not("I1", sorted(keys.keys() - known), "a command that nobody sent")
    found.must_not("I1", sorted(facts_of.keys() - keys.keys()), "facts without a command")
    found.must_not("I1", [k for k, n in keys.items() if n > 1], "a command kept twice")
    found.must_not("I2", [row["stream"] for row in holes], "a stream with a hole")
    if untold or told != facts:
        found.violations.append(f"I3: {facts} facts, {told} told, {untold} untold")


async def topic(town: Town, records: list[Any], found: Found) -> None:
    """I4: the topics are the journal once repeats are dropped, each stream in its order."""
    async with reading(town.stack, "intake") as intake:
        rows = await intake.fetch("select event_id, stream, version from journal.events")
    stored = {str(row["event_id"]): (row["stream"], row["version"]) for row in rows}
    seen: set[str] = set()
    stands: Counter[str] = Counter()
    out_of_order, unknown = [], []
    for record in records:
        what = kind_of(record)
        if what is not None:
            found.strays[what] += 1
            continue
        if is_marker(record):
            continue
        found.records += 1
        names: dict[str, Any] = {name: value.decode() for name, value in record.headers}
        where = f"{record.topic}/{record.partition}@{record.offset}"
        if names["ce_id"] in seen:
            found.repeats += 1
            continue
        seen.add(names["ce_id"])
        if names["ce_id"] not in stored:
            unknown.append(where)
            continue
        stands[names["ce_subject"]] += 1
        if stored[names["ce_id"]] != (names["ce_subject"], stands[names["ce_subject"]]):
            out_of_order.append(where)
    missing = [stored[event] for event in sorted(stored.keys() - seen)]
    found.lost += len(missing)
    found.must_not("I4", missing, "a fact that Kafka does not have")
    found.must_not("I4", unknown, "a record that the journal does not have")
    found.must_not("I4", out_of_order, "a fact before the one that precedes it")
