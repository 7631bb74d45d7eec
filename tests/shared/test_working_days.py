"""The calendar in force is what was heard over what the file knows, whatever the order."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from contracts.approval_tracking import (
    CALENDAR,
    REFERENCE_TOPIC,
    Holiday,
    YearEstimated,
    YearEvent,
    YearPublished,
    YearRevised,
)
from contracts.envelope import Envelope, instant
from services.console.views.working_days import WORKING_DAYS
from shared.deadline import Calendar, Period, Policy, Term, Unit, deadline
from shared.journal import open_pool
from shared.relay import headers_of
from shared.viewing import Record
from shared.working_days import FILE, InForce, WorkingDays
from tests.conftest import VIEWING, NewDatabase
from tests.shared.reading import Reading, opened

BEGAN = datetime(2018, 12, 6, 2, 0, tzinfo=UTC)
MAY_DAY = (Holiday(name="劳动节", first=date(2019, 5, 1), last=date(2019, 5, 1)),)
FOUR_DAYS = (Holiday(name="劳动节", first=date(2019, 5, 1), last=date(2019, 5, 4)),)
IN_PLACE = (date(2019, 4, 28), date(2019, 5, 5))
TOLD: Sequence[YearEvent] = (
    YearEstimated(year=2019, source="", holidays=(), make_up_days=()),
    YearPublished(
        year=2019, notices=("国办发明电〔2018〕15号",), source="", holidays=MAY_DAY, make_up_days=()
    ),
    YearPublished(
        year=2030,
        notices=("国办发明电〔2029〕1号",),
        source="",
        holidays=(Holiday(name="元旦", first=date(2030, 1, 1), last=date(2030, 1, 1)),),
        make_up_days=(),
    ),
    YearRevised(
        year=2019,
        notices=("国办发明电〔2018〕15号", "国办发明电〔2019〕3号"),
        reason="劳动节",
        source="",
        holidays=FOUR_DAYS,
        make_up_days=IN_PLACE,
    ),
)


def records(told: Sequence[YearEvent] = TOLD) -> list[Record]:
    """The facts as the relay tells them: position n, one a month."""
    versions: dict[int, int] = {}
    made = []
    for position, fact in enumerate(told, start=1):
        versions[fact.year] = versions.get(fact.year, 0) + 1
        envelope = Envelope(
            id=f"01970000-0000-7000-8000-0000000003{position:02d}",
            type=fact.kind,
            source="/siku/approval_tracking",
            subject=f"calendar-{fact.year}",
            time=instant(BEGAN + timedelta(days=30 * position)),
            partitionkey=CALENDAR,
            streamversion=str(versions[fact.year]),
            occurred="2019-04-22",
            actoraccount="acc-4",
            actorrole="admin",
            actororg="D-DRC",
            correlationid="c",
            causationid="c",
        )
        headers: list[tuple[str, bytes | None]] = [
            *headers_of(envelope.model_dump(), position, b"\1")
        ]
        body = fact.model_dump_json().encode()
        made.append(Record(REFERENCE_TOPIC, 0, 0, CALENDAR.encode(), headers, body))
    return made


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
    assert (await WORKING_DAYS.in_force(pool)).edition == FILE


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
        until = BEGAN + timedelta(days=30 * position, hours=1)
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
    working_days = fresh()
    await heard.take(*records()[:2])
    first = await working_days.in_force(pool)
    assert (await working_days.in_force(pool)).calendar is first.calendar
    await heard.take(records()[2])
    assert (await working_days.in_force(pool)).calendar is not first.calendar


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


def fresh() -> WorkingDays:
    """The same working days with nothing kept."""
    (owner,) = WORKING_DAYS.view.owners
    return WorkingDays(owner.name, owner.topic, owner.kinds, [])
