"""What is compared with a project: whatever stands reported in its county for about its money."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.envelope import Fact
from contracts.intake import TOPIC, Level, Likeness, ProjectFacts
from services.intake.policies import alike_on
from services.intake.views.comparable_projects import (
    VIEW,
    ComparableRow,
    fold,
    suspects,
    with_city,
)
from shared.journal import open_pool
from shared.migrating import trees_of
from shared.viewing import Told
from tests.conftest import NewDatabase
from tests.intake.dossiers import (
    APRIL_25,
    OWN,
    YI,
    approved,
    discarded,
    drafted,
    facts,
    passed_first,
    pooled,
    rejected,
    returned,
    revised,
    submitted,
    withdrawn,
)
from tests.intake.move.moves import applied
from tests.shared.reading import Reading, opened, record
from tests.shared.writing import surrounded

RULES = alike_on(APRIL_25)
REPORTED = drafted(), submitted()
IN_POOL = *REPORTED, passed_first(), approved(), pooled()


def folded(*happened: Fact) -> ComparableRow | None:
    row: ComparableRow | None = None
    for envelope, fact in surrounded("project-1", 1, *happened):
        row = fold(row, Told(envelope, fact, envelope.version, "", b""))
    return row


def test_a_draft_is_compared_with_nothing_before_it_is_reported() -> None:
    row = folded(drafted())
    assert row is not None
    assert (row.stands, row.with_city) == (False, False)


def test_an_application_is_an_edition_that_a_verdict_can_name() -> None:
    row = folded(*IN_POOL, applied("T12", revision=2))
    assert row is not None
    assert (row.revision, row.stands, row.with_city) == (2, True, False)


@pytest.mark.parametrize(
    ("happened", "stands", "waits"),
    [
        (REPORTED, True, True),
        ((*REPORTED, returned()), True, False),
        ((*REPORTED, passed_first(), returned(to=Level.CITY)), True, True),
        ((*REPORTED, passed_first()), True, False),
        (IN_POOL, True, False),
        ((*REPORTED, withdrawn()), False, False),
        ((*REPORTED, rejected()), False, False),
    ],
    ids=[
        "reported",
        "returned",
        "returned to the city",
        "passed",
        "pooled",
        "withdrawn",
        "rejected",
    ],
)
def test_what_was_reported_stands_until_it_is_taken_back_or_refused(
    happened: tuple[Fact, ...], stands: bool, waits: bool
) -> None:
    row = folded(*happened)
    assert row is not None
    assert (row.stands, row.with_city) == (stands, waits)


def test_what_was_given_up_is_gone() -> None:
    assert folded(drafted(), discarded()) is None


def test_a_new_edition_is_what_is_compared() -> None:
    row = folded(*REPORTED, returned(), revised(facts(name="丹河新材料园（二期）")))
    assert row is not None
    assert (row.plain_name, row.revision) == ("丹河新材料园二期", 2)


@pytest.fixture
async def pool(new_database: NewDatabase) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(await new_database(*trees_of("intake")))
    yield pool
    await pool.close()


@pytest.fixture
async def reading(pool: asyncpg.Pool) -> Reading:
    return await opened(pool, VIEW)


async def stands(reading: Reading, project: ProjectFacts, **drafted_by: str) -> UUID:
    """Let a project be reported and heard of; give its id."""
    project_id = uuid4()
    key = {"ce_partitionkey": str(project_id).encode()}
    told = drafted(project, **drafted_by), submitted()
    await reading.take(
        *(
            record(f"project-{project_id}", version, fact, topic=TOPIC, headers=key)
            for version, fact in enumerate(told, start=1)
        )
    )
    return project_id


async def found(pool: asyncpg.Pool, own: Likeness = OWN) -> list[tuple[UUID, int]]:
    me = uuid4()
    answer = await suspects(pool, {me: own}, RULES)
    return [(one.project_id, one.similarity) for one in answer[me]]


async def test_the_most_alike_comes_first(pool: asyncpg.Pool, reading: Reading) -> None:
    near = await stands(reading, facts(name="巴公装备制造产业园二期"))
    same = await stands(reading, facts(name="巴公装备制造产业园（一期）项目"))
    await stands(reading, facts(name="丹河水系治理"))
    assert await found(pool) == [(same, 100), (near, 90)]


async def test_another_county_or_other_money_is_no_suspicion(
    pool: asyncpg.Pool, reading: Reading
) -> None:
    elsewhere = facts().location.model_copy(update={"region": "140581"})
    await stands(reading, facts(location=elsewhere))
    await stands(reading, facts(total_investment=12 * YI * 9 // 10 - 1))
    await stands(reading, facts(total_investment=12 * YI * 10 // 9 + 1))
    least = await stands(reading, facts(total_investment=12 * YI * 9 // 10))
    assert await found(pool) == [(least, 100)]


async def test_a_project_is_not_compared_with_itself(pool: asyncpg.Pool, reading: Reading) -> None:
    me = await stands(reading, facts())
    assert await suspects(pool, {me: OWN}, RULES) == {me: ()}


async def test_several_are_compared_at_once(pool: asyncpg.Pool, reading: Reading) -> None:
    one = await stands(reading, facts())
    other = await stands(reading, facts(), owner_org="D-IIT", owner_name="市工信局")
    elsewhere = OWN.model_copy(update={"region": "140581"})
    nobody = uuid4()
    answer = await suspects(pool, {one: OWN, other: OWN, nobody: elsewhere}, RULES)
    assert {key: [s.project_id for s in few] for key, few in answer.items()} == {
        one: [other],
        other: [one],
        nobody: [],
    }
    assert answer[one][0].likeness.owner_name == "市工信局"
    assert set(await with_city(pool)) == {one, other}
