"""With yesterday's result only what is new is checked, and a journal cut short is told apart."""

from pathlib import Path

import pytest

from shared.verifying import Asking, Report, UnusableResult
from tests.shared.broker import producing, read_all
from tests.shared.verifying.system import System


async def asked_since(own: System, since: Report, *, whole: bool = False) -> Report:
    """Go on from an earlier result as the next day would, through its file."""
    return await own.verified(asking=Asking(since=since, whole=whole, rows=False))


def codes(report: Report) -> list[str]:
    return [one.code for one in report.differences]


async def test_the_next_day_checks_only_what_is_new_and_comes_to_the_same(
    own: System, tmp_path: Path
) -> None:
    (await own.verified()).write(tmp_path / "monday.json")
    await own.put(a=4, c=1)
    monday = Report.read(tmp_path / "monday.json")
    tuesday = await asked_since(own, monday)
    assert (codes(tuesday), tuesday.facts) == ([], 2)
    everything = await own.verified()
    assert everything.facts == 8
    assert tuesday.standings == everything.standings
    assert (await asked_since(own, monday, whole=True)).facts == 8
    quiet = await asked_since(own, tuesday)
    assert (codes(quiet), quiet.facts) == ([], 0)


CUT = (
    "delete from journal.told where position > 6",
    "update journal.relay set acknowledged = 6",
    "delete from journal.events where stream = 'a' and version = 4",
    "update journal.streams s set version = 3, chain = e.chain from journal.events e "
    "where s.stream = 'a' and e.stream = 'a' and e.version = 3",
)


async def test_a_tail_cut_off_everywhere_is_seen_only_with_an_earlier_result(
    own: System,
) -> None:
    before = own.service
    shorter = await own.retold(lambda record: [(record.key, record.value, list(record.headers))])
    await own.put(a=4)
    yesterday = await asked_since(own, await own.verified())
    await own.tamper(*CUT)
    own.service = shorter
    assert codes(await own.verified()) == []
    found = (await asked_since(own, yesterday)).differences
    assert [(one.code, one.expected, one.found) for one in found][:1] == [
        ("tail_cut", "至少到第 7 位", "到第 6 位")
    ]
    assert before.topics != shorter.topics


async def test_a_tail_that_was_replaced_is_seen_by_the_old_head(own: System) -> None:
    await own.put(a=4)
    yesterday = await own.verified()
    await own.tamper(*CUT)
    await own.put(b=9)
    assert "head_changed" in codes(await asked_since(own, yesterday))


async def test_a_stream_changed_below_the_old_head_is_seen_by_its_own_head(own: System) -> None:
    yesterday = await own.verified()
    await own.put(a=4)
    await own.tamper("update journal.events set chain = 'x' where stream = 'a' and version = 3")
    assert "stream_heads_changed" in codes(await asked_since(own, yesterday))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update journal.events set payload = '{}' where stream = 'a' and version = 4", "stream"),
        ("update journal.told set chain = 'x' where position = 7", "journal_chain"),
        ("delete from journal.events where stream = 'a' and version = 4", "stream_head"),
        ("delete from journal.events where stream = 'b' and version = 2", "facts_counted"),
        ("update journal.relay set acknowledged = 5", "not_told"),
    ],
)
async def test_what_is_changed_since_is_found_the_next_day(
    own: System, statement: str, code: str
) -> None:
    yesterday = await own.verified()
    await own.put(a=4)
    await own.tamper(statement)
    found = codes(await asked_since(own, yesterday))
    assert [one for one in found if one.startswith(code)], found


async def test_an_old_fact_told_again_with_another_content_is_found_the_next_day(
    own: System,
) -> None:
    yesterday = await own.verified()
    old = next(r for r in await read_all(own.servers, own.topic) if r.key is not None)
    async with producing(own.servers) as producer:
        await producer.send_and_wait(own.topic, old.value, key=old.key, headers=list(old.headers))
        repeated = await asked_since(own, yesterday)
        assert (codes(repeated), repeated.repeats) == (["view_behind", "view_behind"], 1)
        await producer.send_and_wait(own.topic, b"{}", key=old.key, headers=list(old.headers))
    assert "kafka_changed" in codes(await asked_since(own, yesterday))


async def test_a_result_with_differences_is_no_place_to_go_on_from(
    system: System, tmp_path: Path
) -> None:
    await system.tamper("update journal.told set chain = 'x' where position = 5")
    (await system.verified()).write(tmp_path / "bad.json")
    with pytest.raises(UnusableResult, match="有差异"):
        Report.read(tmp_path / "bad.json")
    (tmp_path / "torn.json").write_text("{")
    with pytest.raises(UnusableResult, match="读不出"):
        Report.read(tmp_path / "torn.json")
