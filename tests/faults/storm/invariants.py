"""What must hold after a storm, I1 to I8, each a plain check with a sentence for its failure."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from deploy.stack import VERIFIER
from services.intake.dossier import stream_of
from services.intake.main import SERVICE as INTAKE
from shared.verifying import Checked, Difference, verify
from shared.viewing import View
from tests.faults.storm import people
from tests.faults.storm.people import Book
from tests.faults.storm.replay import replayed
from tests.faults.storm.strays import AGAIN, ASIDE, NAMELESS, kind_of
from tests.faults.storm.town import Town, reading
from tests.faults.storm.trembling import CONSOLE
from tests.shared.broker import is_marker, reach, read_all

SHOWN = 5
UNDER_WAY = 90.0


@dataclass
class Found:
    """What was counted, and what is wrong."""

    commands: int = 0
    given_up_but_done: int = 0
    facts: int = 0
    records: int = 0
    repeats: int = 0
    strays: Counter[str] = field(default_factory=Counter)
    aside: int = 0
    lost: int = 0
    doubled: int = 0
    lines: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def must_not(self, name: str, wrong: list[Any], sentence: str) -> None:
        """Note a violation with its first examples."""
        if wrong:
            shown = "; ".join(str(one) for one in wrong[:SHOWN])
            self.violations.append(f"{name}: {len(wrong)} × {sentence}: {shown}")


async def examine(town: Town, book: Book, tell: Callable[[str], None]) -> Found:
    """Check everything; give what was counted and every violation."""
    found = Found()
    records = await _all_records(town)
    checks: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("I2 I3 I4 I5 I7", lambda: _verified(town, records, found)),
        ("I1", lambda: _commands(town, book, found)),
        ("I4", lambda: _topic(town, records, found)),
        ("I5", lambda: _aside(town, records, found)),
        ("I6", lambda: _ledger(town, found)),
        ("I8", lambda: _replay(town, records, found)),
    ]
    for name, check in checks:
        before = len(found.violations)
        await check()
        tell(f"{name}: {'violated' if len(found.violations) > before else 'holds'}")
    return found


async def _all_records(town: Town) -> list[Any]:
    """Wait until everything is told, then read the topics."""
    with suppress(TimeoutError):
        async with asyncio.timeout(UNDER_WAY), reading(town.stack, "intake") as intake:
            while await intake.fetchval(
                "select exists(select from journal.untold) or acknowledged <> "
                "(select max(position) from journal.told) from journal.relay"
            ):
                await asyncio.sleep(0.1)
    return await read_all(town.stack, *INTAKE.topics)


async def _verified(town: Town, records: list[Any], found: Found) -> None:
    """I2, I3, I4, I5, I7 as `siku verify` sees them: chains, journal = Kafka, views at the end."""
    ours = {(r.topic, r.partition, r.offset) for r in records if kind_of(r) not in {None, AGAIN}}
    try:
        report = await verify(
            [
                Checked(INTAKE, town.stack.admin_database_url("intake")),
                Checked(CONSOLE, town.stack.admin_database_url("console")),
            ],
            reach(town.stack, VERIFIER),
            patience=UNDER_WAY,
            strays=ours,
        )
    except Difference as difference:
        found.violations.append(f"I2–I5, I7: siku verify: {difference}")
    else:
        found.lines += report.lines


async def _commands(town: Town, book: Book, found: Found) -> None:
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
    found.commands, found.facts = len(book.acknowledged), len(rows)
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


async def _topic(town: Town, records: list[Any], found: Found) -> None:
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


def _expected_aside(records: list[Any], view: View) -> Counter[tuple[str, int]]:
    """Give stream and version under which each stray is set aside."""
    aside: Counter[tuple[str, int]] = Counter()
    for record in records:
        what = kind_of(record)
        if what is None or record.topic not in view.topics:
            continue
        if what in ASIDE:
            aside[dict(record.headers)["stray"].decode().replace(f"{what}:", "stray-"), 1] = 1
        elif what in NAMELESS:
            aside[f"?{record.topic}/{record.partition}", record.offset] = 1
    return aside


async def _aside(town: Town, records: list[Any], found: Found) -> None:
    """I5: exactly the broken strays are set aside, and no fact of ours waits for another."""
    async with reading(town.stack, "console") as console:
        for view in CONSOLE.views:
            rows = await console.fetch(
                "select stream, version, reason from viewing.waiting where view = $1", view.name
            )
            expected = _expected_aside(records, view)
            stored = Counter((row["stream"], row["version"]) for row in rows)
            found.aside += len(rows)
            name = view.name
            found.must_not("I5", list((stored - expected).elements()), f"{name}: wrongly set aside")
            found.must_not("I5", list((expected - stored).elements()), f"{name}: not set aside")
            gaps = [row["stream"] for row in rows if row["reason"] == "ahead"]
            found.must_not("I5", gaps, f"{name}: a stream misses a fact")


async def _ledger(town: Town, found: Found) -> None:
    """I6: by owner, facts and yuan are those of the journal; each project counts each fact once."""
    async with reading(town.stack, "intake") as intake:
        events = await intake.fetch(
            "select stream, kind, payload from journal.events "
            "where stream like 'project-%' order by stream, version"
        )
    owner_of: dict[str, str] = {}
    facts: Counter[str] = Counter()
    yuan: Counter[str] = Counter()
    newest: dict[str, int] = {}
    for row in events:
        payload = orjson.loads(row["payload"])
        if row["kind"] == people.DRAFTED:
            owner_of[row["stream"]] = payload["owner_org"]
        owner = owner_of[row["stream"]]
        facts[owner] += 1
        named = payload["facts"]["total_investment"] if "facts" in payload else 0
        yuan[owner] += named
        if named:
            newest[row["stream"]] = named
    shown: Counter[str] = Counter()
    for stream, amount in newest.items():
        shown[owner_of[stream]] += amount
    async with reading(town.stack, "console") as console:
        counted = await console.fetch(
            "select owner_org, sum(applied)::bigint as facts, sum(turnover)::bigint as yuan, "
            "count(*) filter (where applied <> version) as wrong from views.tally group by 1"
        )
        board = await console.fetch(
            "select owner_org, sum(total_investment)::bigint as yuan "
            "from views.four_pools group by 1"
        )
        history = await console.fetch(
            "select p.key, p.version, count(h.key) as steps from views.four_pools p "
            "left join views.project_history h on h.project_id = p.key "
            "group by 1, 2 having count(h.key) <> p.version"
        )
    for name, of_view, of_journal in (
        ("facts", {r["owner_org"]: r["facts"] for r in counted}, facts),
        ("yuan named", {r["owner_org"]: r["yuan"] for r in counted}, yuan),
        ("yuan on the board", {r["owner_org"]: r["yuan"] for r in board}, shown),
    ):
        differ = [
            f"{owner}: view {of_view.get(owner, 0):,}, journal {of_journal[owner]:,}"
            for owner in sorted(of_view.keys() | of_journal.keys())
            if of_view.get(owner, 0) != of_journal[owner]
        ]
        found.must_not("I6", differ, f"an owner whose {name} differ")
    wrong = sum(row["wrong"] for row in counted)
    found.doubled += wrong
    if wrong:
        found.violations.append(f"I6: {wrong} projects counted other than once a fact")
    found.must_not("I6", [row["key"] for row in history], "a project with other steps than facts")


async def _replay(town: Town, records: list[Any], found: Found) -> None:
    """I8: everything read again from the beginning, elsewhere, gives the same rows."""
    for view in CONSOLE.views:
        again = await replayed(town.stack, view, records)
        async with reading(town.stack, "console") as console:
            for table, rows in again.items():
                live = await console.fetch(f"select t::text as row from {table} t order by 1")
                here = Counter(row["row"] for row in live)
                there = Counter(rows)
                name = f"a row of {table}"
                found.must_not("I8", list((here - there).elements()), f"{name} only live")
                found.must_not("I8", list((there - here).elements()), f"{name} only replayed")
