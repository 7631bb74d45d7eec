"""What is changed in a journal shows against its anchor, and Kafka is not asked for it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.anchor import Anchor
from deploy.embedded.launcher import Stack
from shared.anchoring import ForgedAnchor, UnreadableAnchor, published_fingerprint, read_anchor
from shared.anchoring.signing import key_of, sign
from shared.verifying import Checked, Report, UnusableResult
from shared.verifying.anchors import compare_with_anchors
from shared.verifying.journal import connect, standing_at
from tests.shared.verifying.system import System
from tests.shared.verifying.test_journal import LINKED_ANEW

NO_KAFKA = {"ledger": "siku.nowhere.v1"}


async def anchor_of(system: System, day: str = "2019-04-22") -> Anchor:
    """Anchor the system as it stands."""
    connection = await connect(system.url)
    try:
        last = await connection.fetchval("select max(position) from journal.told")
        stands = await standing_at(connection, last)
    finally:
        await connection.close()
    return Anchor.model_validate(
        {
            "service": "test",
            "day": day,
            "taken": "2019-04-22T01:00:00Z",
            "position": stands.position,
            "chain": stands.chain,
            "streams": stands.streams,
            "heads": stands.heads,
        }
    )


async def compared(system: System, *anchors: Anchor) -> Report:
    """Compare where no Kafka is to be had."""
    service = replace(system.service, tells=NO_KAFKA)
    return await compare_with_anchors([Checked(service, system.url)], anchors)


async def found_without_anchor(system: System) -> list[str]:
    """Give what the journal shows by itself: an anchor from before the first fact says nothing."""
    empty = (await anchor_of(system)).model_copy(
        update={
            "position": 0,
            "chain": "",
            "streams": 0,
            "heads": hashlib.sha256(b"").hexdigest(),
        }
    )
    report = await compared(system, empty)
    assert report.facts > 0
    return codes(report)


def codes(report: Report) -> list[str]:
    return [one.code for one in report.differences]


async def test_a_journal_that_has_grown_passes_against_every_anchor(own: System) -> None:
    monday = await anchor_of(own)
    await own.put(a=4, c=1)
    tuesday = await anchor_of(own, "2019-04-23")
    await own.put(c=2)
    report = await compared(own, tuesday, monday)
    assert (report.differences, report.exit_code, report.facts) == ([], 0, 9)
    assert [line for line in report.lines if "存证" in line] == [
        "test: 2019-04-22 存证（第 6 位）相符",
        "test: 2019-04-23 存证（第 8 位）相符",
    ]


async def test_what_still_waits_to_be_told_is_no_difference(own: System) -> None:
    monday = await anchor_of(own)
    await own.tamper("update journal.relay set acknowledged = 0")
    assert codes(await compared(own, monday)) == []


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
        ("delete from journal.events where stream = 'a' and version = 2", "fact_missing test: a@3"),
    ],
)
async def test_an_edited_or_removed_fact_is_named_without_kafka(
    system: System, statement: str, named: str
) -> None:
    monday = await anchor_of(system)
    await system.tamper(statement)
    report = await compared(system, monday)
    assert report.exit_code == 1
    found = [f"{one.code} {one}" for one in report.differences]
    assert [one for one in found if one.startswith(named)], found


CUT = (
    "delete from journal.told where position > 4",
    "update journal.relay set acknowledged = 4",
    "delete from journal.events where version = 3",
    "update journal.streams s set version = 2, chain = e.chain from journal.events e "
    "where s.stream = e.stream and e.version = 2",
)


async def test_a_tail_cut_off_cleanly_shows_only_against_the_anchor(system: System) -> None:
    monday = await anchor_of(system)
    await system.tamper(*CUT)
    assert await found_without_anchor(system) == []
    [one] = (await compared(system, monday)).differences
    assert (one.code, one.expected, one.found) == ("tail_cut", "至少到第 6 位", "到第 4 位")


async def test_a_tail_that_was_cut_off_and_written_anew_is_no_longer_the_anchored_one(
    own: System,
) -> None:
    monday = await anchor_of(own)
    await own.tamper(*CUT)
    await own.put(a=7, b=7, c=7)
    assert await found_without_anchor(own) == []
    assert codes(await compared(own, monday)) == ["head_changed"]


STREAMS_CHAINED_ANEW = """
with recursive chained as (
    select stream, version, sha256(''::bytea || sha256(envelope) || sha256(payload)) as chain
    from journal.events where version = 1
    union all
    select e.stream, e.version, sha256(c.chain || sha256(e.envelope) || sha256(e.payload))
    from chained c join journal.events e on e.stream = c.stream and e.version = c.version + 1
)
update journal.events e set chain = c.chain from chained c
where c.stream = e.stream and c.version = e.version
"""
HEADS_ANEW = """
update journal.streams s set chain = e.chain from journal.events e
where e.stream = s.stream and e.version = s.version
"""
FORGED = (
    "update journal.events set payload = replace(encode(payload, 'escape'), '2', '9')::bytea "
    "where stream = 'a' and version = 2",
    STREAMS_CHAINED_ANEW,
    HEADS_ANEW,
)


async def test_every_chain_counted_anew_by_the_owner_of_the_database_shows_only_against_the_anchor(
    system: System,
) -> None:
    monday = await anchor_of(system)
    await system.tamper(*FORGED, LINKED_ANEW)
    assert await found_without_anchor(system) == []
    report = await compared(system, monday)
    assert (codes(report), report.facts) == (["head_changed"], 6)
    assert [line for line in report.lines if "不符" in line] == [
        "test: 2019-04-22 存证（第 6 位）不符，当日以前的内容已不是原样"
    ]


async def test_a_stream_head_that_the_journal_chain_does_not_cover_shows_by_the_digest_of_heads(
    system: System,
) -> None:
    monday = await anchor_of(system)
    await system.tamper(*FORGED)
    found = codes(await compared(system, monday))
    assert {"journal_chain", "stream_heads_changed"} <= set(found)


async def test_of_several_anchors_each_says_whether_it_still_holds(own: System) -> None:
    monday = await anchor_of(own)
    await own.put(a=4)
    tuesday = await anchor_of(own, "2019-04-23")
    await own.tamper(
        "update journal.events set payload = replace(encode(payload, 'escape'), '4', '9')::bytea "
        "where stream = 'a' and version = 4",
        STREAMS_CHAINED_ANEW,
        HEADS_ANEW,
        LINKED_ANEW,
    )
    report = await compared(own, monday, tuesday)
    assert [line.partition("）")[2][:2] for line in report.lines if "存证" in line] == [
        "相符",
        "不符",
    ]


async def test_an_anchor_of_a_service_whose_database_is_not_named_proves_nothing(
    system: System,
) -> None:
    stranger = (await anchor_of(system)).model_copy(update={"service": "elsewhere"})
    with pytest.raises(UnusableResult, match="elsewhere"):
        await compared(system, stranger)


async def test_a_signed_anchor_is_believed_by_the_fingerprint_of_its_key(
    system: System, tmp_path: Path
) -> None:
    monday = await anchor_of(system)
    document = sign(monday, key_of(tmp_path))
    assert read_anchor(document, published_fingerprint(tmp_path)) == monday


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"position": 6', '"position": 4'),
        ('"service": "test"', '"service": "x"'),
        ('"day": "2019-04-22"', '"day": "2019-04-23"'),
        ('"streams": 2', '"streams": 1'),
    ],
)
async def test_an_anchor_changed_after_it_was_signed_is_refused(
    system: System, tmp_path: Path, was: str, becomes: str
) -> None:
    document = sign(await anchor_of(system), key_of(tmp_path)).decode()
    changed = document.replace(was, becomes)
    assert changed != document
    with pytest.raises(ForgedAnchor, match="被改过"):
        read_anchor(changed.encode(), published_fingerprint(tmp_path))


async def test_an_anchor_signed_with_a_key_of_the_forger_is_refused(
    system: System, tmp_path: Path
) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    key_of(tmp_path / "ours")
    forged = sign(await anchor_of(system), key_of(tmp_path / "theirs"))
    with pytest.raises(ForgedAnchor, match="不是所信的公钥"):
        read_anchor(forged, published_fingerprint(tmp_path / "ours"))


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b'{"anchor": {}, "key": {}}'])
def test_what_is_no_anchor_is_refused(document: bytes) -> None:
    with pytest.raises(UnreadableAnchor):
        read_anchor(document, hashlib.sha256(b"").hexdigest())


def test_without_a_published_key_nobody_is_believed(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAnchor, match="--fingerprint"):
        published_fingerprint(tmp_path)


async def test_the_database_role_of_a_service_can_neither_change_nor_drop_an_anchor(
    servers: Stack, system: System
) -> None:
    for statement in (
        "delete from journal.anchors",
        "update journal.anchors set document = ''",
        "truncate journal.anchors",
    ):
        await system.owner.execute("select journal.choose_anchor('2019-04-22', 'x')")
        with pytest.raises(Exception, match="facts are never changed"):
            await system.owner.execute(statement)
