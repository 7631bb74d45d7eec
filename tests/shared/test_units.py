"""Units day by day: names have their days, an end has a last day, heirs are found by following."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import asyncpg
import pytest

from contracts.identity import (
    OrganisationClosed,
    OrganisationMerged,
    OrganisationRenamed,
    OrganisationSplit,
)
from contracts.reference.organisations import known_organisations
from services.console.views.units import UNITS
from shared.journal import open_pool
from shared.refusals import Unavailable
from tests.conftest import VIEWING, NewDatabase
from tests.shared.reading import opened
from tests.shared.told_units import BEGAN, SEEDS, established, hear_units, records, units

MAY_1, MAY_2, JUNE_1 = date(2019, 5, 1), date(2019, 5, 2), date(2019, 6, 1)
APRIL_30 = date(2019, 4, 30)
NEW = established("D-VET", "退役军人局", MAY_1, "department", aliases=("市退役办",))
RENAMED = OrganisationRenamed(
    organisation_id="D-VET",
    name="晋城市退役军人事务局",
    short_name="市退役军人局",
    valid_from=JUNE_1,
)


def test_a_home_begins_with_31_planning_bodies_in_the_order_of_the_plan() -> None:
    bodies = units().planning_bodies(MAY_1)
    assert [body.id for body in bodies] == [
        row.id for row in known_organisations() if row.planning_body
    ]
    assert len(bodies) == 31


def test_a_unit_is_there_from_its_first_day_on_and_a_last_day_still_counts() -> None:
    known = units(NEW, OrganisationClosed(organisation_id="D-VET", valid_to=JUNE_1))
    assert known.known("D-VET", APRIL_30) is None
    assert known.get("D-VET", MAY_1) is not None
    assert known.get("D-VET", JUNE_1) is not None
    assert known.get("D-VET", JUNE_1 + timedelta(days=1)) is None
    after = known.known("D-VET", date(2020, 1, 1))
    assert after is not None
    assert after.valid_to == JUNE_1
    assert [len(known.planning_bodies(day)) for day in (APRIL_30, MAY_1, date(2020, 1, 1))] == [
        31,
        32,
        31,
    ]


def test_a_new_body_stands_behind_those_of_its_kind() -> None:
    ids = [body.id for body in units(NEW).planning_bodies(MAY_1)]
    assert ids[ids.index("D-VET") - 1].startswith("D-")
    assert ids[ids.index("D-VET") + 1].startswith("E-")


def test_a_name_holds_from_its_day_on() -> None:
    known = units(NEW, RENAMED)
    named = [known.get("D-VET", day) for day in (MAY_1, JUNE_1)]
    assert [one and one.short_name for one in named] == ["退役军人局", "市退役军人局"]


@pytest.mark.parametrize("word", ["D-VET", "退役军人局", "晋城市退役军人局", "市退役办"])
def test_a_unit_is_known_by_its_code_its_names_and_its_aliases(word: str) -> None:
    found = units(NEW, RENAMED).named(word, JUNE_1)
    assert found is not None
    assert (found.id, found.short_name) == ("D-VET", "市退役军人局")


def test_a_name_that_begins_later_means_nobody_yet() -> None:
    assert units(NEW, RENAMED).named("市退役军人局", MAY_2) is None
    assert units(NEW).named("退役军人局", APRIL_30) is None


def test_a_former_name_means_whoever_bears_it_now() -> None:
    other = established("D-NEW", "退役军人局", JUNE_1, "department")
    known = units(NEW, RENAMED, other)
    assert [
        one and one.id
        for one in (known.named("退役军人局", MAY_2), known.named("退役军人局", JUNE_1))
    ] == [
        "D-VET",
        "D-NEW",
    ]
    ended = OrganisationClosed(organisation_id="D-VET", valid_to=MAY_2)
    found = units(NEW, ended, other).named("退役军人局", MAY_2 + timedelta(days=3))
    assert found is not None
    assert found.has_ended_by(JUNE_1)


def test_accounts_handed_on_twice_are_the_last_ones() -> None:
    known = units(
        NEW,
        OrganisationMerged(organisation_id="D-VET", into="D-ENE", valid_to=MAY_2),
        OrganisationSplit(
            organisation_id="D-ENE", into=("D-IIT", "D-WAT"), accounts_to="D-WAT", valid_to=JUNE_1
        ),
    )
    assert known.heir_of("D-ENE", MAY_2) == ()
    assert known.heir_of("D-ENE", JUNE_1) == ("D-VET",)
    after = JUNE_1 + timedelta(days=1)
    assert set(known.heir_of("D-WAT", after)) == {"D-VET", "D-ENE"}
    assert known.heir_of("D-IIT", after) == known.heir_of("D-ENE", after) == ()


def test_units_that_hand_on_in_a_ring_have_no_heir() -> None:
    known = units(
        OrganisationClosed(organisation_id="D-EDU", accounts_to="D-STB", valid_to=MAY_1),
        OrganisationClosed(organisation_id="D-STB", accounts_to="D-EDU", valid_to=MAY_1),
    )
    assert known.heir_of("D-EDU", JUNE_1) == known.heir_of("D-STB", JUNE_1) == ()


@pytest.fixture
async def pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(await new_database(VIEWING))
    yield pool
    await pool.close()


async def test_before_anything_was_heard_nobody_is_told_that_there_are_no_units(
    pool: asyncpg.Pool,
) -> None:
    with pytest.raises(Unavailable, match="正在装入"):
        await UNITS.in_force(pool)
    await opened(pool, UNITS.view)
    with pytest.raises(Unavailable, match="正在装入"):
        await UNITS.in_force(pool)


async def test_a_unit_that_is_heard_of_is_there_with_the_next_question(pool: asyncpg.Pool) -> None:
    await hear_units(pool, UNITS.view, *SEEDS, after=())
    first = await UNITS.in_force(pool)
    assert await UNITS.in_force(pool) is first
    await hear_units(pool, UNITS.view, NEW)
    assert "D-VET" not in first
    assert (await UNITS.in_force(pool)).get("D-VET", MAY_1) is not None


async def test_what_was_recorded_later_is_not_in_the_units_of_a_past_day(
    pool: asyncpg.Pool,
) -> None:
    await hear_units(pool, UNITS.view, *SEEDS, after=())
    await hear_units(pool, UNITS.view, NEW, at=BEGAN + timedelta(days=9))
    then = await UNITS.recorded_before(pool, BEGAN + timedelta(days=1))
    assert "D-VET" not in then
    assert "D-VET" in await UNITS.recorded_before(pool, BEGAN + timedelta(days=10))


async def test_any_order_of_hearing_comes_to_the_units_of_a_replay(
    new_database: NewDatabase,
) -> None:
    merged = OrganisationMerged(organisation_id="D-VET", into="D-ENE", valid_to=JUNE_1)
    told = records([NEW, RENAMED, merged], after=SEEDS)
    found = []
    for order in ([0, 1, 2], [2, 1, 0, 1], [1, 0, 0, 2, 2]):
        pool = await open_pool(await new_database(VIEWING))
        try:
            await hear_units(pool, UNITS.view, *SEEDS, after=())
            reading = await opened(pool, UNITS.view)
            for place in order:
                await reading.take(told[place])
            known = await UNITS.in_force(pool)
            days = [date(2019, 4, 1) + timedelta(days=n) for n in range(90)]
            found.append([known.so_far(day) for day in days])
        finally:
            await pool.close()
    assert found[0] == found[1] == found[2]
