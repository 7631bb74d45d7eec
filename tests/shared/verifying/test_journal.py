"""Whatever is changed in the journal is found and named."""

import pytest

from shared.verifying import Checked, Different, journal, verify
from tests.shared.broker import reach
from tests.shared.verifying.system import System


@pytest.mark.parametrize("page", [10_000, 1])
async def test_a_sound_system_is_verified_with_what_was_counted(
    system: System, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PAGE", page)
    report = await system.verified()
    assert (report.differences, report.set_aside, report.exit_code) == ([], [], 0)
    assert (report.facts, report.repeats, report.rows) == (6, 0, 5)
    assert report.standings["test"].position == 6


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "update journal.events set payload = '{}' where stream = 'a' and version = 2",
            "stream_chain test: a@2",
        ),
        (
            "update journal.events set envelope = '{}' where stream = 'a' and version = 2",
            "stream_chain test: a@2",
        ),
        (
            "update journal.events set chain = 'x' where stream = 'b' and version = 3",
            "stream_chain test: b@3",
        ),
        ("delete from journal.events where stream = 'a' and version = 2", "fact_missing test: a@3"),
        ("delete from journal.events where stream = 'a' and version = 2", "told_without_fact test"),
        ("delete from journal.events where stream = 'b' and version = 3", "stream_head test: b"),
        ("delete from journal.streams where stream = 'b'", "facts_counted test"),
        ("update journal.streams set chain = 'x' where stream = 'b'", "stream_head test: b"),
        ("update journal.streams set version = 4 where stream = 'b'", "stream_head test: b"),
        ("delete from journal.told where position = 3", "position_missing test: 第 3 位"),
        ("delete from journal.told where position = 3", "told_twice_or_lost test: a@2"),
        ("delete from journal.told where position = 6", "acknowledged_beyond test"),
        ("update journal.told set chain = 'x' where position = 5", "journal_chain test: 第 5 位"),
        ("update journal.told set stream = 'zz' where position = 6", "told_elsewhere test: 第 6"),
        ("update journal.relay set acknowledged = 5", "not_told test"),
        ("insert into journal.untold (stream, version) values ('a', 1)", "told_twice_or_lost test"),
        (
            "update journal.events set kind = 'test.ledger.taken.v1' where stream = 'a'",
            "identity test: a@1",
        ),
    ],
)
async def test_whatever_is_changed_in_the_journal_is_found_and_named(
    system: System, statement: str, named: str
) -> None:
    await system.tamper(statement)
    found = await system.found()
    assert [one for one in found if one.startswith(named)], found


async def test_nobody_goes_on_with_a_system_that_is_not_sound(system: System) -> None:
    checked = [Checked(system.service, system.url)]
    assert (await verify(checked, reach(system.servers))).facts == 6
    await system.tamper("update journal.told set chain = 'x' where position = 5")
    with pytest.raises(Different, match="第 5 位"):
        await verify(checked, reach(system.servers))


LINKED_ANEW = """
with recursive told as (
    select t.position, t.event_id, t.stream, t.version, e.chain as own
    from journal.told t join journal.events e using (stream, version)
), linked as (
    select position, sha256(own) as chain from told where position = 1
    union all
    select told.position, sha256(linked.chain || told.own)
    from linked join told on told.position = linked.position + 1
)
update journal.told t set chain = linked.chain from linked where linked.position = t.position
"""


async def test_facts_that_change_places_are_found_even_with_a_chain_made_anew(
    system: System,
) -> None:
    await system.tamper(
        "update journal.told set position = 100 where position = 1",
        "update journal.told set position = 1 where position = 3",
        "update journal.told set position = 3 where position = 100",
        LINKED_ANEW,
    )
    found = await system.found()
    assert [one for one in found if one.startswith("told_out_of_order test: 第 1 位")], found
    assert [one for one in found if one.startswith("kafka_changed")], found


async def test_a_changed_fact_with_every_chain_made_anew_differs_from_kafka(
    system: System,
) -> None:
    await system.tamper(
        "update journal.events set payload = replace(encode(payload, 'escape'), '3', '7')::bytea "
        "where stream = 'a' and version = 3",
        "update journal.events e set chain = sha256(p.chain || sha256(e.envelope) || "
        "sha256(e.payload)) from journal.events p where e.stream = 'a' and e.version = 3 "
        "and p.stream = 'a' and p.version = 2",
        "update journal.streams s set chain = e.chain from journal.events e "
        "where s.stream = 'a' and e.stream = 'a' and e.version = 3",
        LINKED_ANEW,
    )
    found = await system.found()
    assert found[0].startswith("kafka_changed"), found
    assert "a@3" in found[0]
    assert not [one for one in found if "chain" in one.partition(" ")[0]]
