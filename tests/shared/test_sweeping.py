"""What became due is told once, whatever a sweep finds, whoever else sweeps, whatever fails."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from prometheus_client import generate_latest
from pydantic import TypeAdapter
from structlog.testing import capture_logs

from shared.clock import SHANGHAI, Clock, advance, open_home
from shared.journal import open_pool
from shared.sweeping import Moment, Page, Sweep, Sweeping, failing, last_runs
from shared.sweeping import sweeping as at_work
from tests.conftest import JOURNAL, SWEEPING, NewDatabase
from tests.shared.reminders import (
    UNLUCKY,
    Command,
    Event,
    Kept,
    Promise,
    Promised,
    happen,
    reminded,
    reminder,
)

DAY = timedelta(days=1)
TODAY = date(2019, 4, 22)
"""The day on which a demonstration begins."""


@pytest.fixture
async def url(new_database: NewDatabase) -> str:
    return await new_database(JOURNAL, SWEEPING)


@pytest.fixture
async def pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(url)
    yield pool
    await pool.close()


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    open_home(tmp_path, real=False)
    return Clock(tmp_path)


def promises(number: int, day: date = TODAY) -> dict[str, Command]:
    return {f"p{n:04}": Promised(day=day) for n in range(number)}


async def test_what_is_due_is_told_once(pool: asyncpg.Pool, clock: Clock) -> None:
    await happen(pool, promises(3))
    sweeper = Sweeping("test", (reminder(*promises(3)),), pool, clock)
    first = (await sweeper.round())["reminder"]
    again = (await sweeper.round())["reminder"]
    assert (first.found, first.told, again.found, again.told) == (3, 3, 3, 0)
    assert await reminded(pool) == ["p0000", "p0001", "p0002"]


async def test_what_a_view_says_too_late_or_too_early_is_not_told(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(3))
    await happen(pool, {"p0000": Kept(), "p0001": Promised(day=TODAY + DAY)})
    swept = await Sweeping("test", (), pool, clock).sweep(reminder(*promises(3), "nobody"))
    assert (swept.told, swept.errors) == (1, {})
    assert await reminded(pool) == ["p0002"]


async def test_a_day_later_it_is_due(pool: asyncpg.Pool, clock: Clock, tmp_path: Path) -> None:
    await happen(pool, promises(2, TODAY + DAY))
    sweeper = Sweeping("test", (), pool, clock)
    assert (await sweeper.sweep(reminder(*promises(2)))).told == 0
    advance(tmp_path, DAY)
    assert (await sweeper.sweep(reminder(*promises(2)))).told == 2


async def test_a_page_is_one_transaction(pool: asyncpg.Pool, clock: Clock) -> None:
    await happen(pool, promises(1100))
    swept = await Sweeping("test", (), pool, clock).sweep(reminder(*promises(1100)))
    assert (swept.found, swept.told) == (1100, 1100)
    appends = await pool.fetchval(
        "select count(distinct xmin::text) from journal.events where kind like '%reminded%'"
    )
    assert appends == 3


async def test_two_sweepers_at_once_tell_everything_once(
    url: str, pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(600))
    other_pool = await open_pool(url)
    try:
        both = await asyncio.gather(
            Sweeping("test", (), pool, clock).sweep(reminder(*promises(600), size=50)),
            Sweeping("test", (), other_pool, clock).sweep(reminder(*promises(600), size=70)),
        )
    finally:
        await other_pool.close()
    assert sum(swept.told for swept in both) == 600
    assert await reminded(pool) == list(promises(600))
    assert [one.errors for one in both] == [{}, {}]


async def test_one_stream_that_fails_stops_no_other(pool: asyncpg.Pool, clock: Clock) -> None:
    await happen(pool, promises(40) | {"p0007": Promised(day=UNLUCKY)})
    with capture_logs() as logs:
        swept = await Sweeping("test", (), pool, clock).sweep(reminder(*promises(40)))
    assert (swept.found, swept.told) == (40, 39)
    assert swept.errors == {"p0007": "ZeroDivisionError()"}
    (failed,) = [one for one in logs if one["event"] == "sweep_item_failed"]
    assert (failed["sweep"], failed["stream"]) == ("reminder", "p0007")
    assert await reminded(pool) == [name for name in promises(40) if name != "p0007"]


async def test_a_stream_that_cannot_be_read_is_set_aside_by_itself(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(3))
    sweeper = Sweeping("test", (), pool, clock)
    await sweeper.sweep(reminder("p0001"))
    unread: TypeAdapter[Event] = TypeAdapter(Promised)
    sweep = reminder(*promises(3))
    swept = await sweeper.sweep(replace(sweep, decider=replace(sweep.decider, read=unread)))
    assert (swept.told, list(swept.errors)) == (2, ["p0001"])
    assert "ValidationError: kind" in swept.errors["p0001"]


async def test_what_failed_waits_longer_each_time_and_is_tried_again(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(2) | {"p0001": Promised(day=UNLUCKY)})
    sweeper, sweep = Sweeping("test", (), pool, clock), reminder(*promises(2))
    pauses = []
    for attempt in range(1, 10):
        await sweeper.sweep(sweep, at_once=True)
        (aside,) = (await failing(pool, "reminder")).values()
        assert (aside.stream, aside.attempts, aside.waits) == ("p0001", attempt, True)
        pauses.append(round((aside.next_try - datetime.now(UTC)).total_seconds(), -1))
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    # Its pause is not over: a run leaves it in peace, whatever the view says.
    assert (await sweeper.sweep(sweep)).found == 1
    await pool.execute("update sweeping.aside set next_try = now() - interval '1 second'")
    await happen(pool, {"p0001": Promised(day=TODAY)})
    mended = await sweeper.sweep(sweep)
    assert (mended.told, mended.errors) == (1, {})
    assert await failing(pool, "reminder") == {}
    assert await reminded(pool) == ["p0000", "p0001"]


async def test_what_failed_and_is_over_is_forgotten(pool: asyncpg.Pool, clock: Clock) -> None:
    await happen(pool, {"p0000": Promised(day=UNLUCKY)})
    sweeper = Sweeping("test", (), pool, clock)
    await sweeper.sweep(reminder("p0000"))
    await sweeper.sweep(reminder(), at_once=True)
    assert await failing(pool, "reminder") == {}


async def test_what_fails_is_tried_and_counted_even_if_no_view_names_it_any_more(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, {"p0000": Promised(day=UNLUCKY)})
    sweeper, sweep = Sweeping("test", (), pool, clock), reminder("p0000")
    await sweeper.sweep(sweep)

    async def finds_nothing(_: Moment) -> AsyncIterator[Page[Command, Promise, Event]]:
        return
        yield

    swept = await sweeper.sweep(replace(sweep, find=finds_nothing), at_once=True)
    assert list(swept.errors) == ["p0000"]


async def test_a_sweep_that_breaks_leaves_the_others_their_turn(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(1))

    async def breaks(moment: Moment) -> AsyncIterator[Page[Command, Promise, Event]]:
        await moment.pool.fetch("select * from nothing_of_the_kind")
        yield Page([])

    broken: Sweep[Command, Promise, Event] = replace(reminder(), name="broken", find=breaks)
    with capture_logs() as logs:
        done = await Sweeping("test", (broken, reminder("p0000")), pool, clock).round()
    assert [one["sweep"] for one in logs if one["event"] == "sweep_broken"] == ["broken"]
    assert (list(done), await reminded(pool)) == (["reminder"], ["p0000"])
    assert [ran.sweep for ran in await last_runs(pool)] == ["reminder"]


async def test_a_database_that_goes_away_sets_nothing_aside(
    url: str, pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(2))
    sweep, doomed = reminder(*promises(2), size=1), await open_pool(url)

    async def find(moment: Moment) -> AsyncIterator[Page[Command, Promise, Event]]:
        async for page in sweep.find(moment):
            yield page
            doomed.terminate()

    with pytest.raises(asyncpg.InterfaceError):
        await Sweeping("test", (), doomed, clock).sweep(replace(sweep, find=find))
    assert (await failing(pool, "reminder"), await last_runs(pool)) == ({}, [])
    await Sweeping("test", (), pool, clock).sweep(sweep)
    assert await reminded(pool) == list(promises(2))


async def test_no_stream_is_to_blame_for_a_connection_that_broke(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(2))
    sweep = reminder(*promises(2))

    def cut_off(_: Command, __: Promise) -> list[Event]:
        raise ConnectionResetError

    broken = replace(sweep, decider=replace(sweep.decider, decide=cut_off))
    with pytest.raises(ConnectionResetError):
        await Sweeping("test", (), pool, clock).sweep(broken)
    assert (await failing(pool, "reminder"), await last_runs(pool)) == ({}, [])


async def test_whoever_comes_while_another_sweeps_leaves_it_to_him(
    url: str, pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(1))
    sweeper = Sweeping("test", (reminder("p0000"),), pool, clock)
    other = await asyncpg.connect(url)
    await other.execute("select pg_advisory_lock(hashtext('sweep:test:reminder'))")
    assert await sweeper.round() == {}
    await other.close()
    async with asyncio.timeout(5):
        while not await sweeper.round():
            await asyncio.sleep(0.05)
    assert await reminded(pool) == ["p0000"]


async def test_a_new_business_day_is_swept_at_once(
    pool: asyncpg.Pool, clock: Clock, tmp_path: Path
) -> None:
    await happen(pool, promises(1, TODAY + 3 * DAY))
    working = asyncio.create_task(Sweeping("test", (reminder("p0000"),), pool, clock).run())
    try:
        async with asyncio.timeout(at_work.EVERY / 4):
            while not await last_runs(pool):
                await asyncio.sleep(0.05)
            assert await reminded(pool) == []
            advance(tmp_path, 10 * DAY)
            while not await reminded(pool):
                await asyncio.sleep(0.05)
    finally:
        working.cancel()
    told = await pool.fetchrow(
        "select envelope, payload from journal.events where kind = 'test.promise.reminded.v1'"
    )
    assert told is not None
    assert b'"on":"2019-05-02"' in told["payload"]
    assert b'"correlationid":"sweep:reminder:2019-05-02"' in told["envelope"]


async def test_each_minute_of_the_same_day_is_swept(
    pool: asyncpg.Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_work, "EVERY", 0.5)
    await happen(pool, promises(1, TODAY + DAY))
    working = asyncio.create_task(Sweeping("test", (reminder("p0000"),), pool, clock).run())
    try:
        async with asyncio.timeout(30):
            while not await last_runs(pool):
                await asyncio.sleep(0.05)
            await happen(pool, {"p0000": Promised(day=TODAY)})
            while not await reminded(pool):
                await asyncio.sleep(0.05)
    finally:
        working.cancel()


async def test_a_run_says_in_one_line_and_in_metrics_what_it_came_to(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(2) | {"p0001": Promised(day=UNLUCKY)})
    sweep = replace(reminder(*promises(2)), name="measured")
    with capture_logs() as logs:
        await Sweeping("test", (sweep,), pool, clock).round()
    (line,) = [one for one in logs if one["event"] == "swept"]
    assert {**line, "seconds": 0} == {
        "event": "swept",
        "log_level": "info",
        "sweep": "measured",
        "day": "2019-04-22",
        "found": 2,
        "told": 1,
        "failed": 1,
        "seconds": 0,
    }
    shown = generate_latest().decode()
    for metric in (
        'siku_sweep_found_total{sweep="measured"} 2.0',
        'siku_sweep_told_total{sweep="measured"} 1.0',
        'siku_sweep_failed_total{sweep="measured"} 1.0',
        'siku_sweep_failing{sweep="measured"} 1.0',
        'siku_sweep_seconds{sweep="measured"}',
        'siku_sweep_last_success_timestamp_seconds{sweep="measured"} 1.',
    ):
        assert metric in shown, metric
    (ran,) = await last_runs(pool)
    assert (ran.found, ran.told, ran.failed, ran.aside) == (2, 1, 1, 1)
    assert ran.today == clock.now().astimezone(SHANGHAI).date()


async def test_a_prompt_sweep_looks_every_second_and_leaves_no_trace_of_nothing(
    pool: asyncpg.Pool, clock: Clock
) -> None:
    await happen(pool, promises(1))
    prompt = replace(reminder(*promises(1)), prompt=True)
    other = replace(reminder(*promises(1)), name="other")
    sweeper = Sweeping("test", (prompt, other), pool, clock)
    first = await sweeper.round(only_prompt=True)
    assert {name: swept.told for name, swept in first.items()} == {"reminder": 1}
    ran = [(one.sweep, one.told) for one in await last_runs(pool)]
    nothing = replace(reminder(), prompt=True)
    assert (await Sweeping("test", (nothing,), pool, clock).round(only_prompt=True))[
        "reminder"
    ].found == 0
    assert [(one.sweep, one.told) for one in await last_runs(pool)] == ran == [("reminder", 1)]


async def test_between_two_rounds_the_prompt_sweeps_look_on(
    pool: asyncpg.Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_work, "_LOOK", 0.05)
    prompt = replace(reminder(*promises(1)), prompt=True)
    sweeping = asyncio.create_task(Sweeping("test", (prompt,), pool, clock).run())
    try:
        await asyncio.sleep(0.5)
        assert await reminded(pool) == []
        await happen(pool, promises(1))
        async with asyncio.timeout(5):
            while await reminded(pool) == []:
                await asyncio.sleep(0.05)
    finally:
        sweeping.cancel()
