"""What operators may do about a fact set aside: try it again in order, or go on without it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.journal import open_pool
from shared.viewing import Record, Told, View, ViewStore, parked, tables
from shared.viewing.hearing import headers_from
from shared.viewing.parked import NotSetAside
from shared.viewing.parking import NotToDiscard, discard, follow, replay, replay_all
from shared.viewing.store import discarded, keep_aside
from shared.viewing.store import parked as taken_over
from tests.conftest import VIEWING, NewDatabase
from tests.shared.ledger import Put
from tests.shared.reading import (
    TOPIC,
    Balance,
    Reading,
    Unlucky,
    contents,
    fold,
    ledger_view,
    record,
    repaired_by,
)

BY = "account-operator"
NAMELESS = f"?{TOPIC}/0"


@pytest.fixture
async def pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    opened_pool = await open_pool(await new_database(VIEWING))
    yield opened_pool
    await opened_pool.close()


def repair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on with code that reads what it could not read."""
    repaired_by(monkeypatch, lambda _: record("s", 2, Put(amount=2, label="b")))


def moody_key(told: Told) -> str:
    if told.envelope.version == 2:
        raise Unlucky
    return told.envelope.subject


def moody_fold(row: Balance | None, told: Told) -> Balance | None:
    if told.envelope.version == 2:
        raise Unlucky
    return fold(row, told)


def boundless_fold(row: Balance | None, told: Told) -> Balance | None:
    after = fold(row, told)
    return after._replace(total=2**80) if after and told.envelope.version == 2 else after


def view_with(name: str = "balances", **owner: Any) -> View:
    view = ledger_view()
    return replace(view, name=name, owners=(replace(view.owners[0], **owner),))


@dataclass(frozen=True)
class Case:
    """A reason why the second fact of a stream cannot be applied, and what puts it right."""

    spoilt: Mapping[str, Any] = field(default_factory=dict)
    view: View = field(default_factory=ledger_view)
    by_reading: bool = False


CASES = {
    "a body": Case(spoilt={"body": b"{amount: 2"}, by_reading=True),
    "a header": Case(spoilt={"headers": {"ce_id": b"\xff\xfe"}}, by_reading=True),
    "a partition key": Case(spoilt={"headers": {"ce_partitionkey": b"\xff"}}, by_reading=True),
    "no partition key": Case(spoilt={"headers": {"ce_partitionkey": None}}, by_reading=True),
    "a key": Case(view=view_with(key=moody_key)),
    "a fold": Case(view=view_with(fold=moody_fold)),
    "a value": Case(view=view_with(fold=boundless_fold)),
}


def told(**spoilt: Any) -> list[Record]:
    """Four facts of ``s``, the second as given, and facts of others around them."""
    amounts = {1: "a", 2: "b", 3: "c", 4: "d"}
    facts = {n: Put(amount=n, label=label) for n, label in amounts.items()}
    return [
        record("s", 1, facts[1]),
        record("t", 1),
        record("s", 2, facts[2], **spoilt),
        record("s", 3, facts[3]),
        record("u", 1),
        record("s", 4, facts[4]),
    ]


async def clean(pool: asyncpg.Pool, *records: Record) -> list[dict[str, Any]]:
    """Give the rows that a run without any trouble comes to."""
    reading = Reading(ViewStore(pool, view_with("clean")))
    await reading.store.open()
    await reading.take(*records)
    return [dict(row) for row in await pool.fetch("select * from views.clean order by key")]


async def parked_with(pool: asyncpg.Pool, case: Case, *, at_once: bool = True) -> Reading:
    reading = Reading(ViewStore(pool, case.view))
    await reading.store.open()
    batches = [told(**case.spoilt)] if at_once else [[one] for one in told(**case.spoilt)]
    for batch in batches:
        await reading.take(*batch)
    return reading


async def rows(pool: asyncpg.Pool) -> list[dict[str, Any]]:
    return [dict(row) for row in await pool.fetch("select * from views.balances order by key")]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_cannot_be_applied_waits_with_its_stream_and_others_flow(
    pool: asyncpg.Pool, case: Case, *, at_once: bool
) -> None:
    reading = await parked_with(pool, case, at_once=at_once)
    assert await reading.aside() == [
        ("s", 2, "failed"),
        ("s", 3, "queued"),
        ("s", 4, "queued"),
    ]
    assert [await reading.version(stream) for stream in "stu"] == [1, 1, 1]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_once_the_code_is_right_a_replay_gives_what_a_clean_run_gives(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, case: Case, *, at_once: bool
) -> None:
    reading = await parked_with(pool, case, at_once=at_once)
    if case.by_reading:
        repair(monkeypatch)
    outcome = await replay(ViewStore(pool, ledger_view()), "s", BY)
    assert (outcome.applied, outcome.left, outcome.error) == (3, 0, "")
    assert await reading.aside() == []
    assert await rows(pool) == await clean(pool, *told())
    await reading.take(record("s", 5))
    assert await reading.version("s") == 5


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_is_given_up_is_left_out_and_its_stream_goes_on(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    reading = await parked_with(pool, case)
    # Whatever the code would make of it now: the decision counts.
    if case.by_reading:
        repair(monkeypatch)
    store = ViewStore(pool, ledger_view())
    outcome = await discard(store, "s", 2, "源数据有误，已另行更正。", BY)
    assert (outcome.applied, outcome.left) == (2, 0)
    row = await reading.row("s")
    assert row == {"key": "s", "total": 8, "applied": 3, "label": "d", "version": 4}
    assert await reading.version("s") == 4
    await reading.take(*told(), record("s", 5))
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], await reading.aside()) == (13, [])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_fails_again_stays_with_one_attempt_more(pool: asyncpg.Pool, case: Case) -> None:
    reading = await parked_with(pool, case)
    before = await reading.everything()
    first = await pool.fetchrow("select * from viewing.waiting where version = 2")
    for attempt in (1, 2):
        outcome = await replay(reading.store, "s", BY)
        assert (outcome.applied, outcome.left) == (0, 3)
        kept = await pool.fetchrow("select * from viewing.waiting where version = 2")
        assert first is not None
        assert kept is not None
        assert (kept["attempts"], kept["last_tried_by"]) == (attempt, BY)
        assert kept["last_tried"] is not None
        same = ("reason", "since", "headers", "body", "topic", "partition", "offset", "key")
        assert {name: kept[name] for name in same} == {name: first[name] for name in same}
        assert await reading.everything() == before


async def test_a_replay_stops_at_the_next_fact_that_fails(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    await reading.take(record("s", 5, Put(amount=13)), record("s", 6))
    outcome = await replay(ViewStore(pool, ledger_view()), "s", BY)
    assert (outcome.applied, outcome.left) == (3, 2)
    assert "Unlucky" in outcome.error
    assert await reading.aside() == [("s", 5, "failed"), ("s", 6, "queued")]
    assert await reading.version("s") == 4
    assert await pool.fetchval("select attempts from viewing.waiting where version = 5") == 1


async def test_a_value_among_many_that_wait_fails_for_itself(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    await reading.take(record("s", 5, Put(amount=2**80)), record("s", 6))
    outcome = await replay(ViewStore(pool, ledger_view()), "s", BY)
    assert (outcome.applied, outcome.left) == (3, 2)
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["version"]) == (10, 4)
    assert await reading.aside() == [("s", 5, "failed"), ("s", 6, "queued")]


async def test_the_first_fact_of_a_stream_can_be_replayed(pool: asyncpg.Pool) -> None:
    reading = Reading(ViewStore(pool, view_with(fold=boundless_fold)))
    await reading.store.open()
    broken = replace(reading.store.view.owners[0], kinds={"test.ledger.put.v1": Unreadable})
    spoilt = Reading(ViewStore(pool, replace(reading.store.view, owners=(broken,))))
    await spoilt.take(record("s", 1))
    assert await spoilt.aside() == [("s", 1, "failed")]
    assert (await replay(reading.store, "s", BY)).applied == 1
    assert await reading.version("s") == 1


class Unreadable(Put):
    """A class of the fact that asks for more than is told."""

    reason: str


async def test_one_stream_is_replayed_and_the_others_stay(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    await reading.take(record("t", 2), record("t", 3))
    await replay(ViewStore(pool, ledger_view()), "s", BY)
    assert await reading.aside() == [("t", 2, "failed"), ("t", 3, "queued")]


async def test_all_streams_of_a_view_are_replayed_each_for_itself(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    await reading.take(record("t", 2), record("t", 3, Put(amount=13)), record("u", 3))
    outcomes = await replay_all(ViewStore(pool, ledger_view()), BY)
    assert {one.stream: (one.applied, one.left) for one in outcomes} == {
        "s": (3, 0),
        "t": (1, 1),
        "u": (0, 1),
    }
    assert await reading.aside() == [("t", 3, "failed"), ("u", 3, "ahead")]


async def test_a_replay_and_a_batch_wait_for_each_other(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("update viewing.offsets set current_at = now()")
        waiting = asyncio.create_task(replay(ViewStore(pool, ledger_view()), "s", BY))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert done == set()
    assert (await waiting).applied == 3
    assert await reading.version("s") == 4


async def test_replays_amid_live_batches_give_what_a_clean_run_gives(pool: asyncpg.Pool) -> None:
    spoilt = Put(amount=13)
    reading = Reading(ViewStore(pool, ledger_view()))
    await reading.store.open()
    patient = view_with(fold=lambda row, told: fold(row, _without_misfortune(told)))
    mending = ViewStore(pool, patient)
    for turn in range(8):
        first = 3 * turn + 1
        await reading.take(record("s", first), record("s", first + 1, spoilt))
        await asyncio.gather(
            reading.take(record("s", first + 2), record("t", turn + 1)),
            replay(mending, "s", BY),
        )
        await replay_all(mending, BY)
    row = await reading.row("s")
    assert row is not None
    assert (row["applied"], row["version"], await reading.version("s")) == (24, 24, 24)
    assert await reading.aside() == []


def _without_misfortune(told: Told) -> Told:
    assert isinstance(told.fact, Put)
    amount = 1 if told.fact.amount == 13 else told.fact.amount
    return told._replace(fact=told.fact.model_copy(update={"amount": amount}))


@pytest.mark.parametrize("key", [None, b"", b"\xff\xfe"], ids=str)
async def test_the_broker_s_own_key_is_not_needed_to_read_a_fact(
    pool: asyncpg.Pool, key: bytes | None
) -> None:
    reading = Reading(ViewStore(pool, ledger_view()))
    await reading.store.open()
    await reading.take(*(one._replace(key=key) for one in told()))
    assert await reading.aside() == []
    assert await rows(pool) == await clean(pool, *told())


DAMAGED: dict[str, dict[str, Any]] = {
    "a body": {"body": b"{amount: 2"},
    "a header": {"headers": {"ce_id": b"\xff\xfe"}},
}


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
async def test_an_undamaged_copy_told_later_lets_the_stream_go_on(
    pool: asyncpg.Pool, damage: dict[str, Any], *, at_once: bool
) -> None:
    """The damage lay in the topic; the relay tells from the journal, where the fact is whole."""
    reading = await parked_with(pool, Case(spoilt=damage))
    again = told()
    if not at_once:
        again.append(record("v", 1, Put(amount=2**80)))
    await reading.take(*again)
    assert [aside for aside in await reading.aside() if aside[0] == "s"] == []
    assert (await rows(pool))[:3] == await clean(pool, *told())


async def test_the_same_damaged_copy_again_changes_nothing(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a header"])
    first = await pool.fetch("select * from viewing.waiting order by version")
    damaged = await pool.fetchrow("select headers, body from viewing.waiting where version = 2")
    assert damaged is not None
    same = told(**CASES["a header"].spoilt)[2]._replace(headers=headers_from(damaged["headers"]))
    await reading.take(same)
    assert await pool.fetch("select * from viewing.waiting order by version") == first


NO_STREAM: dict[str, Any] = {"headers": {"ce_subject": b"\xff"}}


async def nameless(pool: asyncpg.Pool) -> Reading:
    reading = Reading(ViewStore(pool, ledger_view()))
    await reading.store.open()
    facts = told()
    facts[2] = record("s", 2, **NO_STREAM)
    await reading.take(*facts, record("x", 1, **NO_STREAM))
    return reading


async def test_records_that_nobody_can_place_fail_each_for_itself(pool: asyncpg.Pool) -> None:
    reading = await nameless(pool)
    assert await reading.aside() == [
        (NAMELESS, 2, "failed"),
        (NAMELESS, 6, "failed"),
        ("s", 3, "ahead"),
        ("s", 4, "ahead"),
    ]
    listing = await parked.listed(pool)
    assert [fact.behind for fact in listing.facts if fact.stream == NAMELESS] == [0, 0]
    original = await parked.shown(pool, "balances", NAMELESS, 2)
    assert dict(original.headers)["ce_subject"] == b"\xff"


async def test_a_record_finds_its_stream_once_the_code_can_read_whose_it_is(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = await nameless(pool)
    await discard(reading.store, NAMELESS, 6, "无法辨认，来源已停用。", BY)
    repair(monkeypatch)
    outcome = await replay(reading.store, NAMELESS, BY)
    assert (outcome.applied, outcome.left) == (1, 0)
    assert await reading.aside() == []
    assert await rows(pool) == await clean(pool, *told())


async def test_a_record_that_still_cannot_be_placed_stays(pool: asyncpg.Pool) -> None:
    reading = await nameless(pool)
    before = await reading.everything()
    outcome = await replay(reading.store, NAMELESS, BY)
    assert (outcome.applied, outcome.left) == (0, 2)
    assert await reading.everything() == before
    counted = await pool.fetch("select attempts from viewing.waiting where stream = $1", NAMELESS)
    assert [row["attempts"] for row in counted] == [1, 1]


async def test_a_record_given_up_leaves_the_gap_of_its_stream_open(pool: asyncpg.Pool) -> None:
    reading = await nameless(pool)
    await discard(reading.store, NAMELESS, 2, "无法辨认。", BY)
    assert (NAMELESS, 6, "failed") in await reading.aside()
    assert await reading.version(NAMELESS) is None
    assert await reading.version("s") == 1
    await reading.take(*told())
    assert await reading.version("s") == 4


async def test_a_fact_that_runs_ahead_is_replayed_in_vain_and_cannot_be_given_up(
    pool: asyncpg.Pool,
) -> None:
    reading = Reading(ViewStore(pool, ledger_view()))
    await reading.store.open()
    await reading.take(record("s", 1), record("s", 3))
    outcome = await replay(reading.store, "s", BY)
    assert (outcome.applied, outcome.left) == (0, 1)
    with pytest.raises(NotToDiscard, match="缺了一件"):
        await discard(reading.store, "s", 3, "不需要了。", BY)
    assert await reading.aside() == [("s", 3, "ahead")]


async def test_only_the_fact_that_fails_can_be_given_up_and_only_with_a_reason(
    pool: asyncpg.Pool,
) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    before = await reading.everything()
    with pytest.raises(NotToDiscard, match="前面出错的那件"):
        await discard(reading.store, "s", 3, "不需要了。", BY)
    for reason in ("", "  ", "无", "长" * 501):
        with pytest.raises(NotToDiscard, match="原因"):
            await discard(reading.store, "s", 2, reason, BY)
    with pytest.raises(NotSetAside):
        await discard(reading.store, "s", 9, "不需要了。", BY)
    with pytest.raises(NotSetAside):
        await replay(reading.store, "nobody", BY)
    assert await reading.everything() == before
    assert await parked.discards(pool) == []


async def test_of_two_operators_who_give_up_the_same_fact_one_is_told_that_it_is_gone(
    pool: asyncpg.Pool,
) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    outcomes = await asyncio.gather(
        *(discard(reading.store, "s", 2, "源数据有误。", by) for by in ("one", "other")),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotSetAside", "Replayed"]
    assert len(await parked.discards(pool)) == 1


async def test_who_gave_up_what_and_why_is_written_down_with_the_record(
    pool: asyncpg.Pool,
) -> None:
    reading = await parked_with(pool, CASES["a body"])
    original = await parked.shown(pool, "balances", "s", 2)
    await discard(reading.store, "s", 2, " 源数据有误。 ", BY)
    row = await pool.fetchrow("select * from viewing.discarded")
    assert row is not None
    assert (row["reason"], row["by_account"]) == ("源数据有误。", BY)
    assert row["event_id"] == (dict(original.headers)["ce_id"] or b"").decode()
    assert (row["body"], row["key"]) == (original.body, original.key)
    place = original.parked
    assert (row["topic"], row["partition"], row["offset"], row["error"], row["since"]) == (
        place.topic,
        place.partition,
        place.offset,
        place.error,
        place.since,
    )


@pytest.mark.parametrize(
    "change",
    [
        "update viewing.discarded set reason = 'x'",
        "delete from viewing.discarded",
        "truncate viewing.discarded",
    ],
)
async def test_what_was_given_up_stays_written_down(pool: asyncpg.Pool, change: str) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    await discard(reading.store, "s", 2, "源数据有误。", BY)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(change)
    assert len(await parked.discards(pool)) == 1


@pytest.mark.parametrize("spoilt", [CASES["a body"].spoilt, NO_STREAM], ids=["named", "nameless"])
async def test_a_view_made_anew_leaves_out_what_was_given_up(
    pool: asyncpg.Pool, spoilt: Mapping[str, Any]
) -> None:
    facts = told(**spoilt)
    reading = Reading(ViewStore(pool, ledger_view()))
    await reading.store.open()
    await reading.take(*facts)
    stream = "s" if spoilt is not NO_STREAM else NAMELESS
    await discard(reading.store, stream, 2, "源数据有误。", BY)
    before = await reading.everything()
    async with pool.acquire() as connection:
        assert await discarded(connection, ledger_view()) == {(stream, 2)}
        assert await discarded(connection, ledger_view().generation(2)) == {(stream, 2)}
        assert await discarded(connection, view_with("another")) == set()
        await tables.drop(connection, ledger_view())
    anew = Reading(ViewStore(pool, ledger_view(version=2)))
    await anew.store.open()
    await anew.take(*facts)
    assert (await anew.everything())[:2] == before[:2]
    assert [aside[:2] for aside in await anew.aside()] == [aside[:2] for aside in before[2]]


@pytest.mark.parametrize("act", ["replayed", "given up"])
async def test_a_new_generation_follows_what_operators_did_meanwhile(
    pool: asyncpg.Pool, act: str
) -> None:
    """A rebuild took over the queue before the operator acted, and takes the place after."""
    live, new = ledger_view(), ledger_view().generation(1)
    reading = await parked_with(pool, CASES["a fold"])
    beside = ViewStore(pool, new)
    await beside.open()
    async with pool.acquire() as connection:
        await connection.execute("insert into views.balances_g1 select * from views.balances")
        await connection.execute(
            "insert into views.balances_g1_streams select * from views.balances_streams"
        )
        await keep_aside(connection, new, await taken_over(connection, live))
        if act == "replayed":
            await replay(ViewStore(pool, live), "s", BY)
        else:
            await discard(reading.store, "s", 2, "源数据有误。", BY)
        async with connection.transaction():
            assert "s" in await follow(connection, beside, live)
        assert await contents(pool, new) == await contents(pool, live)
        assert await pool.fetch("select * from viewing.waiting") == []


async def test_a_list_counts_the_whole_filter_and_shows_a_page(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    for stream in "abcdefgh":
        await reading.take(record(stream, 1), record(stream, 2), record(stream, 3))
    await reading.take(record("y", 1), record("y", 3))
    whole = await parked.listed(pool, rows=5)
    assert (whole.total, whole.streams, len(whole.facts)) == (20, 10, 5)
    assert whole.by_reason == {"failed": 9, "queued": 10, "ahead": 1}
    assert [(f.stream, f.version, f.behind) for f in whole.facts[:3]] == [
        ("s", 2, 2),
        ("s", 3, 1),
        ("s", 4, 0),
    ]
    rest = [(await parked.listed(pool, rows=5, skip=skip)).facts for skip in (5, 10, 15, 20)]
    assert [len(page) for page in rest] == [5, 5, 5, 0]
    seen = {(f.stream, f.version) for page in (whole.facts, *rest) for f in page}
    assert len(seen) == 20
    failed = await parked.listed(pool, view="balances", reason="failed")
    assert (failed.total, {fact.reason for fact in failed.facts}) == (9, {"failed"})
    assert (await parked.listed(pool, view="another")).total == 0
    later = await parked.listed(pool, since=datetime.now(UTC) + timedelta(hours=1))
    assert (later.total, later.streams, later.facts) == (0, 0, ())
    assert (await parked.listed(pool, rows=10**9)).total == 20
    assert parked.MOST_ROWS < 10**9


@pytest.mark.parametrize(
    "spoil",
    [
        {"body": b'{"amount": "x13935600001"}'},
        {"body": b'{"amount": 2, "label": 13935600001}'},
        {"body": b"13935600001"},
        {"body": b"{13935600001"},
        {"headers": {"ce_time": b"13935600001"}},
        {"headers": {"ce_id": b"13935600001\xff"}},
        {"fact": Put(amount=13935600001 * 2**60)},
        {"fact": Put(amount=2, label="13935600001\0")},
    ],
    ids=str,
)
async def test_an_error_quotes_no_value(pool: asyncpg.Pool, spoil: dict[str, Any]) -> None:
    reading = Reading(ViewStore(pool, ledger_view()))
    await reading.store.open()
    with capture_logs() as logs:
        await reading.take(record("s", 1), record("s", 2, **spoil))
    error = (await parked.shown(pool, "balances", "s", 2)).parked.error
    assert len(error) > 10
    number = str(13935600001 * 2**60)
    for text in (error, str(logs)):
        assert "13935600001" not in text
        assert number not in text


async def test_what_is_set_aside_is_counted_by_reason_with_its_age(pool: asyncpg.Pool) -> None:
    reading = await parked_with(pool, CASES["a fold"])
    await reading.take(record("y", 2))
    await pool.execute(
        "update viewing.waiting set since = since - interval '1 hour' where version = 3"
    )
    found = await parked.standing(pool, "balances")
    assert {reason: count for reason, (count, _) in found.items()} == {
        "failed": 1,
        "queued": 2,
        "ahead": 1,
    }
    assert 3600 <= found["queued"][1] < 3700
    assert found["failed"][1] < 100


async def test_replays_and_discards_are_counted(pool: asyncpg.Pool) -> None:
    def counted() -> list[float]:
        names = (
            ("siku_view_replayed_total", {"view": "balances", "outcome": "stays"}),
            ("siku_view_replayed_total", {"view": "balances", "outcome": "applied"}),
            ("siku_view_discarded_total", {"view": "balances"}),
        )
        return [REGISTRY.get_sample_value(name, labels) or 0 for name, labels in names]

    before = counted()
    reading = await parked_with(pool, CASES["a fold"])
    await reading.take(record("t", 2))
    await replay(reading.store, "s", BY)
    await replay(ViewStore(pool, ledger_view()), "s", BY)
    await discard(reading.store, "t", 2, "源数据有误。", BY)
    assert [after - b for after, b in zip(counted(), before, strict=True)] == [1, 1, 1]
