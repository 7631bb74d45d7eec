"""Views = rebuild: rows that the facts do not come to are found, with the column that differs."""

import pytest

from shared.verifying import Asking, Sampled, rows
from tests.shared.verifying.system import System

WAITING = (
    "insert into viewing.waiting (view, stream, version, reason, error, topic, partition, "
    "\"offset\", headers, body) values ('totals', 'a', {version}, 'failed', '读不懂', 't', 0, 9, "
    "'', '')"
)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update views.totals set total = 7 where key = 'a'", "view_row_changed totals: a.total"),
        ("update views.totals set label = '' where key = 'a'", "view_row_changed totals: a.label"),
        ("delete from views.totals where key = 'b'", "view_row_missing totals: b"),
        ("insert into views.totals values ('ghost', 1, '')", "view_row_extra totals: ghost"),
        ("update views.amounts set times = 3 where key = '2 元'", "view_row_changed amounts: 2 元"),
        ("delete from views.amounts where key = '3 元'", "view_row_missing amounts: 3 元"),
        ("insert into views.amounts values ('9 元', 1)", "view_row_extra amounts: 9 元"),
        (
            "update views.totals_streams set version = 2 where stream = 'a'",
            "view_version totals: a: 视图记录的流版本与日志不同（应为 第 3 号，实为 第 2 号）",
        ),
        ("update views.totals_streams set version = 4 where stream = 'a'", "view_version totals"),
        ("delete from views.totals_streams where stream = 'b'", "view_version totals: b"),
        ("insert into views.totals_streams values ('ghost', 1)", "view_stream_unknown totals: gho"),
        ("update viewing.offsets set next_offset = 0", "view_behind totals"),
        ("update viewing.offsets set next_offset = 9999", "view_beyond totals"),
        ("drop table views.totals", "view_missing totals"),
        ("comment on table views.totals is '0'", "view_missing totals"),
    ],
)
async def test_whatever_is_changed_in_a_view_is_found_and_named(
    system: System, statement: str, named: str
) -> None:
    await system.tamper(statement)
    found = await system.found()
    assert [one for one in found if one.startswith(named)], found


async def test_a_row_is_judged_by_all_its_facts_wherever_they_lie(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page for each stream: the amounts come from two."""
    monkeypatch.setattr(rows, "_PAGE", 1)
    assert (await system.verified()).differences == []
    await system.tamper("update views.amounts set times = 1 where key = '2 元'")
    [one] = (await system.verified()).differences
    assert (one.where, one.expected, one.found) == ("amounts: 2 元.times", "2", "1")


async def test_the_first_column_that_differs_is_given_with_both_values(system: System) -> None:
    await system.tamper("update views.totals set total = 7, label = 'x' where key = 'a'")
    [one] = (await system.verified()).differences
    assert (one.where, one.expected, one.found) == ("totals: a.total", "6", "7")


@pytest.mark.parametrize(
    "statement",
    [
        "update views.totals set total = 7 where key = 'a'",
        "insert into views.totals values ('ghost', 1, '')",
        "delete from views.amounts where key = '3 元'",
    ],
)
async def test_a_sample_that_is_large_enough_finds_the_same(system: System, statement: str) -> None:
    await system.tamper(statement)
    report = await system.verified(asking=Asking(rows=Sampled(10, "seed")))
    assert report.exit_code == 1


async def test_the_same_seed_looks_at_the_same_keys(system: System) -> None:
    await system.tamper("update views.totals set total = 7 where key = 'a'")
    seeds = [str(number) for number in range(6)]

    async def looked() -> list[int]:
        return [
            (await system.verified(asking=Asking(rows=Sampled(1, seed)))).exit_code
            for seed in seeds
        ]

    first = await looked()
    assert first == await looked()
    assert set(first) == {0, 1}


async def test_without_rows_a_view_is_only_asked_for_its_versions(system: System) -> None:
    await system.tamper("update views.totals set total = 7 where key = 'a'")
    report = await system.verified(asking=Asking(rows=False))
    assert (report.exit_code, report.rows) == (0, 0)


async def test_a_parked_fact_is_listed_and_the_rest_of_the_view_is_sound(system: System) -> None:
    await system.tamper(
        WAITING.format(version=3),
        "update views.totals_streams set version = 2 where stream = 'a'",
        "update views.totals set total = 3, label = '=SUM(3) “甲”' where key = 'a'",
    )
    report = await system.verified()
    assert (report.differences, report.exit_code) == ([], 3)
    assert [str(one) for one in report.set_aside] == ["totals: a@3 failed 读不懂"]


async def test_a_discarded_fact_is_listed_and_not_folded(system: System) -> None:
    await system.tamper(
        "insert into viewing.discarded (view, stream, version, reason, by_account, topic, "
        "partition, \"offset\", headers, body, error, since) values ('totals', 'a', 3, "
        "'重复登记', 'admin', 't', 0, 9, '', '', '读不懂', now())",
        "update views.totals set total = 3, label = '=SUM(3) “甲”' where key = 'a'",
    )
    report = await system.verified()
    assert (report.differences, report.exit_code) == ([], 3)
    assert [str(one) for one in report.set_aside] == ["totals: a@3 discarded 重复登记"]
