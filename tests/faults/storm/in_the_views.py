"""I5, I6 and I8: what the views show, count, and would show if they were made anew."""

from collections import Counter
from typing import Any

import orjson

from deploy.stack import principal_of
from shared.rebuilding import RebuildRefused, rebuild
from shared.viewing import View
from tests.faults.storm.found import Found
from tests.faults.storm.people import DRAFTED
from tests.faults.storm.strays import (
    AHEAD,
    AHEAD_AT,
    ASIDE,
    BODILESS,
    FEIGNED,
    NAMELESS,
    kind_of,
    name_of,
)
from tests.faults.storm.town import Town, reading
from tests.faults.storm.trembling import KEEPERS
from tests.shared.broker import reach

KEPT = [(keeper.name, view) for keeper in KEEPERS for view in keeper.views]


def _expected_aside(records: list[Any], view: View) -> Counter[tuple[str, int]]:
    """Give stream and version under which each stray is set aside."""
    expected: Counter[tuple[str, int]] = Counter()
    for record in records:
        what = kind_of(record)
        if what is None or record.topic not in view.topics:
            continue
        if what in BODILESS and FEIGNED not in view.owner_of(record.topic).kinds:
            continue
        if what in (*ASIDE, *AHEAD):
            expected[name_of(record), AHEAD_AT if what in AHEAD else 1] = 1
        elif what in NAMELESS:
            expected[f"?{record.topic}/{record.partition}", record.offset] = 1
    return expected


async def aside(town: Town, records: list[Any], found: Found) -> None:
    """I5: exactly the strays that no view can apply are set aside; no fact of ours waits."""
    for service, view in KEPT:
        async with reading(town.stack, service) as keeper:
            rows = await keeper.fetch(
                "select stream, version from viewing.waiting where view = $1", view.name
            )
            expected = _expected_aside(records, view)
            stored = Counter((row["stream"], row["version"]) for row in rows)
            found.aside += len(rows)
            name = view.name
            found.must_not("I5", list((stored - expected).elements()), f"{name}: wrongly set aside")
            found.must_not("I5", list((expected - stored).elements()), f"{name}: not set aside")


async def ledger(town: Town, found: Found) -> None:
    """I6: by owner, facts and yuan are those of the journal; each project counts each fact once."""
    async with reading(town.stack, "intake") as intake:
        events = await intake.fetch(
            "select stream, kind, payload from journal.events "
            "where stream like 'project-%' order by stream, version"
        )
    owner_of: dict[str, str] = {}
    facts: Counter[str] = Counter()
    facts_of: Counter[str] = Counter()
    yuan: Counter[str] = Counter()
    newest: dict[str, int] = {}
    for row in events:
        payload = orjson.loads(row["payload"])
        if row["kind"] == DRAFTED:
            owner_of[row["stream"]] = payload["owner_org"]
        owner = owner_of[row["stream"]]
        facts[owner] += 1
        facts_of[row["stream"]] += 1
        named = payload["facts"]["total_investment"] if "facts" in payload else 0
        yuan[owner] += named
        if named:
            newest[row["stream"]] = named
    shown: Counter[str] = Counter()
    for stream, amount in newest.items():
        shown[owner_of[stream]] += amount
    async with reading(town.stack, "console") as console:
        counted = await console.fetch(
            "select owner_org, sum(applied)::bigint as facts, sum(turnover)::bigint as yuan "
            "from views.tally group by 1"
        )
        tally = await console.fetch("select 'project-' || key as stream, applied from views.tally")
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
    applied = Counter({row["stream"]: row["applied"] for row in tally})
    missing, twice = facts_of - applied, applied - facts_of
    found.lost += missing.total()
    found.doubled += twice.total()
    found.must_not("I6", list(missing), "a project of which a fact was not counted")
    found.must_not("I6", list(twice), "a project of which a fact was counted twice")
    found.must_not("I6", [row["key"] for row in history], "a project with other steps than facts")


async def rebuilt(town: Town, found: Found) -> None:
    """I8: made anew from the beginning of its topics, each view has the same rows."""
    for service, view in KEPT:
        try:
            await rebuild(
                view,
                town.stack.database_url(service),
                reach(town.stack, principal_of(service)),
                lambda _: None,
                verify=True,
                processes=1,
            )
        except RebuildRefused as refused:
            found.violations.append(f"I8: {view.name}: {refused}")
