"""The calendar in force is what was heard over what the file knows, whatever the order."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import asyncpg
import pytest

from contracts.approval_tracking import REFERENCE_TOPIC
from services.console.views.working_days import WORKING_DAYS
from shared import reference
from shared.deadline import Calendar, Period, Policy, Term, Unit, deadline
from shared.journal import open_pool
from shared.reference import Reference
from shared.working_days import FILE, InForce, working_days
from tests.conftest import VIEWING, NewDatabase
from tests.shared.reading import Reading, opened
from tests.shared.told_years import TOLD, recorded, records


@pytest.fixture
async def pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(await new_database(VIEWING))
    yield pool
    await pool.close()


@pytest.fixture
async def heard(pool: asyncpg.Pool) -> Reading:
    return await opened(pool, WORKING_DAYS.view)


def days(calendar: Calendar) -> list[tuple[bool, bool, str | None]]:
    """Everything that a calendar says of 2019 and 2030."""
    return [
        (calendar.is_working_day(day), calendar.is_provisional(day), calendar.holiday(day))
        for year in (2019, 2030)
        for day in (date(year, 1, 1) + timedelta(n) for n in range(365))
    ]


async def test_before_anything_is_heard_the_file_is_in_force(
    pool: asyncpg.Pool, heard: Reading
) -> None:
    calendar, edition = await WORKING_DAYS.in_force(pool)
    assert edition == FILE
    assert not calendar.is_working_day(date(2019, 5, 2))
    assert calendar.is_provisional(date(2027, 3, 1))


async def test_while_the_views_have_not_begun_the_file_is_in_force(pool: asyncpg.Pool) -> None:
    unheard = working_days("test", REFERENCE_TOPIC, {}, ())
    assert (await unheard.in_force(pool)).edition == FILE


async def test_a_year_that_was_heard_stands_before_the_files(
    pool: asyncpg.Pool, heard: Reading
) -> None:
    await heard.take(*records()[:2])
    calendar, edition = await WORKING_DAYS.in_force(pool)
    assert edition == 2
    assert calendar.is_working_day(date(2019, 5, 2))
    # Other years are still the file's.
    assert not calendar.is_working_day(date(2020, 1, 31))


async def test_a_revision_moves_the_last_day_of_a_term(pool: asyncpg.Pool, heard: Reading) -> None:
    await heard.take(*records()[:3])
    period = Period(start=date(2019, 4, 26), term=Term(3, Unit.WORKING_DAYS), policy=Policy())
    before = await WORKING_DAYS.in_force(pool)
    await heard.take(records()[3])
    after = await WORKING_DAYS.in_force(pool)
    assert (before.edition, after.edition) == (3, 4)
    assert deadline(period, before.calendar, period.start).due == date(2019, 5, 2)
    assert deadline(period, after.calendar, period.start).due == date(2019, 4, 30)
    # 26 April is a Friday: with 28 April worked, three working days end before the holiday.


async def test_an_old_answer_is_explained_on_the_calendar_it_was_counted_on(
    pool: asyncpg.Pool, heard: Reading
) -> None:
    await heard.take(*records()[:3])
    then = await WORKING_DAYS.in_force(pool)
    await heard.take(records()[3])
    again = await WORKING_DAYS.as_of(pool, then.edition)
    assert again.edition == then.edition
    assert days(again.calendar) == days(then.calendar)
    assert days(again.calendar) != days((await WORKING_DAYS.in_force(pool)).calendar)


async def test_the_calendar_of_a_past_day_is_what_was_recorded_before_it_ended(
    pool: asyncpg.Pool, heard: Reading
) -> None:
    await heard.take(*records())
    for position in range(5):
        until = recorded(position) + timedelta(hours=1)
        found = await WORKING_DAYS.recorded_before(pool, until)
        assert found.edition == position


async def test_any_order_of_hearing_comes_to_the_calendar_of_a_replay(
    new_database: NewDatabase,
) -> None:
    expected: list[InForce] = []
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2, 0, 3], [2, 0, 3, 3, 1, 1]):
        mixed = [records()[place] for place in order]
        pool = await open_pool(await new_database(VIEWING))
        try:
            reading = await opened(pool, WORKING_DAYS.view)
            for one in mixed:
                await reading.take(one)
            expected.append(await fresh().in_force(pool))
            assert await reading.aside() == []
        finally:
            await pool.close()
    assert {one.edition for one in expected} == {4}
    assert all(days(one.calendar) == days(expected[0].calendar) for one in expected)


async def test_a_calendar_is_laid_out_once_for_each_edition(
    pool: asyncpg.Pool, heard: Reading
) -> None:
    known = fresh()
    await heard.take(*records()[:2])
    first = await known.in_force(pool)
    assert (await known.in_force(pool)).calendar is first.calendar
    await heard.take(records()[2])
    assert (await known.in_force(pool)).calendar is not first.calendar


async def test_for_a_moment_nobody_asks_the_database_again(
    pool: asyncpg.Pool, heard: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "FRESH", 60.0)
    known = fresh()
    await heard.take(*records()[:2])
    first = await known.in_force(pool)
    await heard.take(records()[2])
    assert await known.in_force(pool) is first
    monkeypatch.setattr(reference, "FRESH", 0.0)
    assert (await known.in_force(pool)).edition > first.edition


async def test_an_edition_that_was_set_aside_and_heard_later_is_counted(
    pool: asyncpg.Pool, heard: Reading
) -> None:
    # Told first, heard last: 2019 waits while 2030 goes on.
    told = records([TOLD[1], TOLD[2]])
    await heard.take(told[1])
    before = await WORKING_DAYS.in_force(pool)
    await heard.take(told[0])
    after = await WORKING_DAYS.in_force(pool)
    assert before.edition == after.edition == 2
    assert not before.calendar.is_working_day(date(2019, 5, 2))
    assert after.calendar.is_working_day(date(2019, 5, 2))


def fresh() -> Reference[InForce]:
    """The same working days with nothing kept."""
    (owner,) = WORKING_DAYS.view.owners
    return working_days(owner.name, owner.topic, owner.kinds, [])
