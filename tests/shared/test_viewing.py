"""What a view promises: each fact once, in its stream's order, nothing lost, nobody in the way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.journal import open_pool
from shared.viewing import Fenced, Record, Told, ViewStore, wait_for
from shared.viewing.store import TopicMadeAnew
from tests.conftest import VIEWING, NewDatabase
from tests.shared.ledger import Put
from tests.shared.reading import (
    OTHER_TOPIC,
    TOPIC,
    Looked,
    Reading,
    Unlucky,
    ledger_view,
    marker,
    opened,
    record,
    shared_out,
    two_owners,
)


@pytest.fixture
async def pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    opened_pool = await open_pool(await new_database(VIEWING))
    yield opened_pool
    await opened_pool.close()


@pytest.fixture
async def reading(pool: asyncpg.Pool) -> Reading:
    return await opened(pool, ledger_view())


async def test_facts_are_folded_in_order(reading: Reading) -> None:
    await reading.take(*(record("s", n) for n in (1, 2, 3)))
    assert await reading.row("s") == {
        "key": "s", "total": 6, "applied": 3, "label": "", "version": 3,
    }  # fmt: skip
    assert await reading.version("s") == 3
    assert reading.stands == {(TOPIC, 0): 3}
    assert await reading.store.offsets([(TOPIC, 0)]) == {(TOPIC, 0): 3}


async def test_a_fact_about_several_rows_is_folded_into_each(pool: asyncpg.Pool) -> None:
    reading = await opened(pool, shared_out())
    await reading.take(
        record("s", 1, Put(amount=5, label="a+b")), record("s", 2, Put(amount=2, label="b"))
    )
    await reading.take(record("s", 3, Put(amount=1, label="b+c")), record("s", 3))
    rows, versions, _ = await reading.everything()
    assert [(row["key"], row["right_total"], row["right_count"]) for row in rows] == [
        ("s|a", 5, 1),
        ("s|b", 8, 3),
        ("s|c", 1, 1),
    ]
    assert versions == [{"stream": "s", "version": 3}]


async def test_where_one_row_of_a_fact_cannot_be_folded_none_of_them_is(
    pool: asyncpg.Pool,
) -> None:
    reading = await opened(pool, shared_out())
    await reading.take(
        record("s", 1, Put(amount=5, label="a")), record("s", 2, Put(amount=2, label="a+spoilt"))
    )
    rows, _, aside = await reading.everything()
    assert [(row["key"], row["right_total"]) for row in rows] == [("s|a", 5)]
    assert aside == [("s", 2, "failed")]


async def test_a_repeated_tail_changes_nothing(reading: Reading) -> None:
    await reading.take(*(record("s", n) for n in (1, 2, 3)))
    before = await reading.everything()
    await reading.take(*(record("s", n) for n in (2, 3)))
    await reading.take(*(record("s", n) for n in (1, 2, 3)))
    assert await reading.everything() == before


async def test_a_repeat_within_one_batch_is_dropped(reading: Reading) -> None:
    await reading.take(*(record("s", n) for n in (1, 2, 1, 2, 3)))
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"]) == (6, 3)


async def test_what_runs_ahead_is_held_and_others_flow(reading: Reading) -> None:
    await reading.take(record("s", 1), record("s", 3), record("t", 1))
    assert await reading.version("s") == 1
    assert await reading.version("t") == 1
    assert await reading.aside() == [("s", 3, "ahead")]


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_was_held_is_applied_when_the_missing_fact_comes(
    reading: Reading, *, restarted: bool
) -> None:
    await reading.take(record("s", 1), record("s", 3), record("s", 4))
    if restarted:
        reading = Reading(ViewStore(reading.store.pool, ledger_view()))
        await reading.store.open()
    await reading.take(record("s", 2), record("s", 3), record("s", 4), record("s", 5))
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"], row["version"]) == (15, 5, 5)
    assert await reading.aside() == []


async def test_what_was_held_is_applied_within_one_batch(reading: Reading) -> None:
    await reading.take(record("s", 3), record("s", 2), record("s", 1))
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"]) == (6, 3)
    assert await reading.aside() == []


async def test_held_facts_of_several_keys_meet_their_rows(reading: Reading) -> None:
    for stream in "abc":
        await reading.take(record(stream, 1))
        await reading.take(record(stream, 3))
    await reading.take(record("c", 2), record("a", 2), record("b", 2))
    for stream in "abc":
        row = await reading.row(stream)
        assert row is not None
        assert row["total"] == 6


async def test_a_kind_that_nobody_folds_advances_the_stream(reading: Reading) -> None:
    await reading.take(record("s", 1), record("s", 2, Looked()), record("s", 3))
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"], row["version"]) == (4, 2, 3)
    await reading.take(record("u", 1, Looked()))
    assert await reading.row("u") is None
    assert await reading.version("u") == 1


async def test_a_row_that_vanished_keeps_its_version(reading: Reading) -> None:
    await reading.take(record("s", 1), record("s", 2, Put(amount=0)))
    assert await reading.row("s") is None
    await reading.take(record("s", 1), record("s", 2, Put(amount=0)), record("s", 3))
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"]) == (3, 1)


BROKEN: dict[str, dict[str, Any]] = {
    "bad UTF-8 in a header": {"headers": {"ce_id": b"\xff\xfe"}},
    "a header without a value": {"headers": {"ce_time": None}},
    "a time without a zone": {"headers": {"ce_time": b"2019-04-22T09:00:00"}},
    "no UUID": {"headers": {"ce_id": b"42"}},
    "a position that is no number": {"headers": {"position": b"first"}},
    "a body that is no JSON": {"body": b"{amount: 2"},
    "a body that is no UTF-8": {"body": b'{"amount": "\xff"}'},
    "no body": {"body": None},
    "a body of another shape": {"body": b'{"amount": "many"}'},
    "a fold that fails": {"fact": Put(amount=13)},
    "a number that no column takes": {"fact": Put(amount=2**80)},
    "a text that no column takes": {"fact": Put(amount=2, label="a\0b")},
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_fact_that_cannot_be_applied_parks_its_stream_only(
    reading: Reading, broken: str, *, at_once: bool
) -> None:
    records = [
        record("s", 1),
        record("t", 1),
        record("s", 2, **BROKEN[broken]),
        record("s", 3),
        record("t", 2),
        record("u", 1),
    ]
    if at_once:
        await reading.take(*records)
    else:
        for one in records:
            await reading.take(one)
    assert await reading.aside() == [("s", 2, "failed"), ("s", 3, "queued")]
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"]) == (1, 1)
    assert [await reading.version(stream) for stream in "stu"] == [1, 2, 1]
    error = await reading.store.pool.fetchval(
        "select error from viewing.waiting where reason = 'failed'"
    )
    assert error
    await reading.take(*records)
    assert await reading.aside() == [("s", 2, "failed"), ("s", 3, "queued")]


async def test_a_parked_fact_is_kept_as_it_came(reading: Reading) -> None:
    bad = record("s", 1, headers={"ce_id": b"\xff\xfe", "ce_time": None}, body=b"\x00\xff")
    await reading.take(bad)
    row = await reading.store.pool.fetchrow("select * from viewing.waiting")
    assert row is not None
    from shared.viewing.hearing import headers_from

    assert headers_from(row["headers"]) == list(bad.headers)
    assert (row["body"], row["key"], row["offset"]) == (b"\x00\xff", b"s", 0)


async def test_a_header_that_nobody_asks_for_keeps_no_fact_from_its_view(reading: Reading) -> None:
    await reading.take(record("s", 1, headers={"traceparent": b"\xff", "content-type": None}))
    assert await reading.aside() == []
    assert await reading.version("s") == 1


NAMELESS: dict[str, dict[str, bytes | None]] = {
    "no stream": {"ce_subject": None},
    "no version": {"ce_streamversion": None},
    "a version that is no number": {"ce_streamversion": b"two"},
    "a version in other digits": {"ce_streamversion": "٢".encode()},
    "a version beyond all numbers": {"ce_streamversion": b"99999999999999999999"},
    "a version beyond the column": {"ce_streamversion": b"4294967297"},
    "version nought": {"ce_streamversion": b"0"},
    "a stream that no column takes": {"ce_subject": b"s\0"},
    "a stream too long for an index": {"ce_subject": b"s" * 9000},
    "a stream in bad UTF-8": {"ce_subject": b"\xff"},
}


@pytest.mark.parametrize("nameless", NAMELESS)
async def test_a_record_that_does_not_say_whose_it_is_is_parked_alone(
    reading: Reading, nameless: str
) -> None:
    await reading.take(record("s", 1), record("s", 2, headers=NAMELESS[nameless]), record("t", 1))
    await reading.take(record("s", 3), record("s", 2, headers=NAMELESS[nameless]))
    aside = await reading.aside()
    assert ("s", 3, "ahead") in aside
    assert len(aside) == 3
    assert {stream for stream, _, _ in aside} == {"s", f"?{TOPIC}/0"}
    assert await reading.version("t") == 1


async def test_facts_before_a_broken_one_that_runs_ahead_wait_for_their_turn(
    reading: Reading,
) -> None:
    await reading.take(record("s", 2, body=b"no"), record("s", 3))
    assert [reason for _, _, reason in await reading.aside()] == ["ahead", "ahead"]
    await reading.take(record("s", 1))
    assert await reading.aside() == [("s", 2, "failed"), ("s", 3, "ahead")]
    await reading.take(record("s", 4))
    assert await reading.version("s") == 1
    row = await reading.row("s")
    assert row is not None
    assert row["total"] == 1


async def test_a_held_fact_that_cannot_be_stored_fails_for_itself(reading: Reading) -> None:
    await reading.take(record("s", 2, Put(amount=2**80)), record("s", 3), record("s", 4))
    await reading.take(record("t", 1), record("s", 1), record("t", 2))
    assert await reading.aside() == [("s", 2, "failed"), ("s", 3, "ahead"), ("s", 4, "ahead")]
    row = await reading.row("s")
    assert row is not None
    assert row["total"] == 1
    assert await reading.version("t") == 2


async def test_held_facts_go_on_while_a_batch_is_taken_apart(reading: Reading) -> None:
    await reading.take(record("s", 2), record("s", 3))
    await reading.take(record("t", 1, Put(amount=2**80)), record("s", 1), record("s", 4))
    assert await reading.aside() == [("t", 1, "failed")]
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"]) == (10, 4)


async def test_a_key_that_cannot_be_told_parks_its_stream(pool: asyncpg.Pool) -> None:
    view = ledger_view()

    def moody(told: Told) -> str:
        if told.envelope.version == 2:
            raise Unlucky
        return told.envelope.subject

    moody_view = replace(view, owners=(replace(view.owners[0], key=moody),))
    reading = await opened(pool, moody_view)
    await reading.take(record("s", 1), record("s", 2), record("t", 1))
    assert await reading.aside() == [("s", 2, "failed")]
    assert await reading.version("t") == 1


async def test_a_batch_that_does_not_begin_where_we_stand_writes_nothing(reading: Reading) -> None:
    store = reading.store
    await reading.take(record("s", 1))
    before = await reading.everything()
    for stands in (0, 2):
        with pytest.raises(Fenced):
            await store.apply([(TOPIC, 0, stands, 5)], [record("s", 2, offset=stands)])
    assert await reading.everything() == before
    assert await store.offsets([(TOPIC, 0)]) == {(TOPIC, 0): 1}


async def test_one_stale_partition_fences_the_whole_batch(reading: Reading) -> None:
    await reading.take(record("s", 1), record("t", 1, partition=1))
    stale = [(TOPIC, 0, 1, 2), (TOPIC, 1, 0, 1)]
    with pytest.raises(Fenced):
        await reading.store.apply(stale, [record("s", 2, offset=1), record("t", 1, partition=1)])
    assert await reading.version("s") == 1
    assert await reading.store.offsets([(TOPIC, 0)]) == {(TOPIC, 0): 1}


async def test_a_zombie_is_fenced(reading: Reading) -> None:
    """Two workers believe that they own the partition; the one that was away writes nothing."""
    zombie = Reading(reading.store)
    await zombie.take(record("s", 1))
    await reading.take(record("s", 2))
    await reading.take(record("s", 3))
    with pytest.raises(Fenced):
        await zombie.take(record("s", 2))
    row = await reading.row("s")
    assert row is not None
    assert (row["total"], row["applied"]) == (6, 3)


async def test_of_two_workers_at_one_offset_one_is_fenced(reading: Reading) -> None:
    await reading.take(record("s", 1))
    rivals = [Reading(reading.store) for _ in range(2)]
    for rival in rivals:
        rival.stands = dict(reading.stands)
    outcomes = await asyncio.gather(
        rivals[0].take(record("s", 2), record("s", 3), record("u", 1)),
        rivals[1].take(record("s", 2), record("u", 1)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Fenced", "NoneType"]
    row = await reading.row("s")
    assert row is not None
    assert row["version"] == row["applied"] == await reading.version("s")


async def test_a_stored_offset_never_goes_back(reading: Reading) -> None:
    await reading.take(record("s", 1), record("s", 2))
    with pytest.raises(asyncpg.PostgresError, match="would go back"):
        await reading.store.pool.execute("update viewing.offsets set next_offset = 1")


async def test_a_batch_that_fails_leaves_no_trace(reading: Reading, pool: asyncpg.Pool) -> None:
    await pool.execute(
        "create function views.no() returns trigger language plpgsql as "
        "$$ begin raise exception 'out of order' using errcode = 'XX000'; end $$;"
        "create trigger no before insert on views.balances_streams "
        "for each row execute function views.no()"
    )
    with pytest.raises(asyncpg.PostgresError, match="out of order"):
        await reading.take(record("s", 1))
    assert await reading.everything() == [[], [], []]
    assert await reading.store.offsets([(TOPIC, 0)]) == {(TOPIC, 0): 0}
    await pool.execute("drop trigger no on views.balances_streams")
    await reading.take(record("s", 1))
    assert await reading.version("s") == 1


async def test_another_marker_is_refused(reading: Reading) -> None:
    first, second = str(uuid4()), str(uuid4())
    await reading.take(marker(first), record("s", 1))
    await reading.take(marker(first), record("s", 2))
    before = await reading.everything()
    with pytest.raises(TopicMadeAnew):
        await reading.take(marker(second), record("s", 3))
    assert await reading.everything() == before
    assert await reading.store.offsets([(TOPIC, 0)]) == {(TOPIC, 0): 4}
    await reading.take(marker(second, partition=1), record("t", 1, partition=1))


async def test_tables_of_another_version_are_left_to_the_rebuild(reading: Reading) -> None:
    await reading.take(record("s", 1), record("s", 3))
    before = await reading.everything()
    assert await ViewStore(reading.store.pool, ledger_view()).open()
    assert not await ViewStore(reading.store.pool, ledger_view(version=2)).open()
    assert await reading.everything() == before
    assert await reading.store.offsets([(TOPIC, 0)]) == {(TOPIC, 0): 2}


async def test_waiting_for_ones_own_write(reading: Reading) -> None:
    view, pool = reading.store.view, reading.store.pool
    await reading.take(record("s", 1))
    assert await wait_for(pool, view, "s@1")
    assert await wait_for(pool, view, None)
    assert not await wait_for(pool, view, "s@2", patience=0.05)
    waiting = asyncio.create_task(wait_for(pool, view, "s@2"))
    await reading.take(record("s", 2))
    assert await waiting


async def test_two_owners_fill_one_row(pool: asyncpg.Pool) -> None:
    reading = await opened(pool, two_owners())
    await reading.take(record("l/k", 1, Put(amount=3)))
    await reading.take(record("r/k", 1, Put(amount=4), topic=OTHER_TOPIC))
    assert await reading.row("k") == {
        "key": "k", "left_total": 3, "left_seen": "3.", "right_total": 4, "right_count": 1,
    }  # fmt: skip
    await reading.take(record("l/k", 2, Put(amount=0)))
    row = await reading.row("k")
    assert row is not None
    assert (row["left_total"], row["right_total"]) == (None, 4)
    await reading.take(record("r/k", 2, Put(amount=0), topic=OTHER_TOPIC))
    assert await reading.row("k") is None


_amounts = st.lists(st.integers(0, 9), min_size=1, max_size=6)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    lefts=st.dictionaries(st.sampled_from("abc"), _amounts, min_size=1),
    rights=st.dictionaries(st.sampled_from("abc"), _amounts, min_size=1),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=8),
    random=st.randoms(use_true_random=False),
)
async def test_no_interleaving_of_topics_changes_a_row(
    halves: Reading,
    lefts: dict[str, list[int]],
    rights: dict[str, list[int]],
    sizes: list[int],
    random: Any,
) -> None:
    """Two workers, each with one topic, against one worker that has both, one after the other."""
    left = _mixed(random, "l", lefts, TOPIC)
    right = _mixed(random, "r", rights, OTHER_TOPIC)
    await _emptied(halves)
    alone = Reading(halves.store)
    await alone.take(*left, *right)
    expected = (await alone.everything())[0]
    await _emptied(halves)
    await asyncio.gather(_work(halves.store, left, sizes), _work(halves.store, right, sizes[::-1]))
    assert (await halves.everything())[0] == expected
    await _emptied(halves)
    both = Reading(halves.store)
    for one in _interleaved(random, left, right):
        await both.take(one)
    assert (await halves.everything())[0] == expected


@pytest.fixture
async def halves(pool: asyncpg.Pool) -> Reading:
    return await opened(pool, two_owners())


async def _emptied(reading: Reading) -> None:
    await reading.store.pool.execute(
        "delete from views.halves; delete from views.halves_streams; delete from viewing.offsets"
    )


def _mixed(random: Any, prefix: str, by_key: dict[str, list[int]], topic: str) -> list[Record]:
    queues = [
        [
            record(f"{prefix}/{key}", n, Put(amount=amount), topic=topic)
            for n, amount in enumerate(amounts, start=1)
        ]
        for key, amounts in by_key.items()
    ]
    return _interleaved(random, *queues)


def _interleaved(random: Any, *queues: list[Record]) -> list[Record]:
    left = [list(queue) for queue in queues]
    mixed = []
    while left := [queue for queue in left if queue]:
        mixed.append(random.choice(left).pop(0))
    return mixed


async def _work(store: ViewStore, records: list[Record], sizes: list[int]) -> None:
    worker, begin, turn = Reading(store), 0, 0
    while begin < len(records):
        size = sizes[turn % len(sizes)]
        await worker.take(*records[begin : begin + size])
        begin, turn = begin + size, turn + 1
