"""Who sees what: lists and single rows agree on it, and each role sees what is its own."""

import itertools
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import reference
from services.intake.adapters.uploads import UPLOAD_SCOPES
from shared.journal import open_pool
from shared.postgres import Connection
from shared.scope import APPROVAL_SCOPES, ITEM_SCOPES, MONTH_SCOPES, PROJECT_SCOPES
from shared.seeing import (
    EVERYTHING,
    NOTHING,
    Among,
    Condition,
    Filled,
    Lists,
    Outside,
    Own,
    Reader,
    Resource,
    Scope,
)
from tests.conftest import NewDatabase

STAGES = ("DRAFT", "SUBMITTED", "CITY_PASSED", "RETURNED", "APPROVED", "REJECTED", None)
COLUMNS: dict[str, tuple[str | None, ...]] = {
    "owner_org": ("JC-ZZ", "JC-CQ", "", None),
    "org": ("JC-ZZ", "JC-CQ"),
    "region": ("140525", "140502", "", None),
    "zone_id": ("Z-JC", "", None),
    "pool": ("PLAN", None),
    "stage": STAGES,
    "approving": (",D-NRP,JC-ZZ,", ",D-NRP,", "", None),
    "handling": ("JC-ZZ", "D-NRP"),
    "competent": ("JC-ZZ", "D-NRP"),
}
ROWS = [dict(zip(COLUMNS, row, strict=True)) for row in itertools.product(*COLUMNS.values())]
ROLES = (*(role.code for role in reference.roles()), "public", "")
RESOURCES = (PROJECT_SCOPES, MONTH_SCOPES, UPLOAD_SCOPES, APPROVAL_SCOPES, ITEM_SCOPES)


@pytest.fixture(scope="module")
async def table(new_database: NewDatabase) -> AsyncIterator[Connection]:
    """Every row that the columns allow, in a real table."""
    pool = await open_pool(await new_database())
    names = ", ".join(f"{column} text" for column in COLUMNS)
    async with pool.acquire() as connection:
        await connection.execute(f"create temporary table rows_there (n int, {names})")
        await connection.copy_records_to_table(
            "rows_there", records=[(n, *row.values()) for n, row in enumerate(ROWS)]
        )
        yield connection
    await pool.close()


def leaves() -> st.SearchStrategy[Condition]:
    """Deal the simple conditions."""
    column = st.sampled_from([*COLUMNS])
    values = st.lists(st.sampled_from(("DRAFT", "APPROVED", "JC-ZZ", "PLAN")), max_size=3)
    return st.one_of(
        st.sampled_from((EVERYTHING, NOTHING)),
        st.builds(Own, column, st.sampled_from(("org", "region", "zone_id"))),
        st.builds(Lists, column, st.sampled_from(("org", "region", "zone_id"))),
        st.builds(Filled, column),
        st.builds(Among, column, values.map(tuple)),
        st.builds(Outside, column, values.map(tuple)),
    )


CONDITIONS = st.recursive(
    leaves(),
    lambda parts: st.tuples(parts, parts).flatmap(
        lambda two: st.sampled_from((two[0] | two[1], two[0] & two[1]))
    ),
    max_leaves=6,
)
READERS = st.builds(
    Reader,
    st.sampled_from(ROLES),
    st.sampled_from(("JC-ZZ", "JC-CQ", "")),
    st.sampled_from(("140525", "140502", "")),
    st.sampled_from(("Z-JC", "")),
)


async def in_sql(table: Connection, scope: Scope) -> set[int]:
    """Give the rows that a query shows."""
    seen, parameters = scope.where(2)
    rows = await table.fetch(f"select n from rows_there where n >= $1 and {seen}", 0, *parameters)
    return {row["n"] for row in rows}


def one_by_one(scope: Scope) -> set[int]:
    """Give the rows that are shown when each is asked for."""
    return {n for n, row in enumerate(ROWS) if scope.holds(row)}


_many = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_many
@given(condition=CONDITIONS, reader=READERS)
async def test_a_list_holds_exactly_the_rows_that_are_shown_one_by_one(
    table: Connection, condition: Condition, reader: Reader
) -> None:
    scope = Scope(condition, reader)
    assert await in_sql(table, scope) == one_by_one(scope)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
async def test_what_is_laid_down_for_each_role_means_the_same_in_lists_and_on_pages(
    table: Connection, resource: Resource
) -> None:
    for role in ROLES:
        for reader in (Reader(role, "JC-ZZ", "140525"), Reader(role, "JC-CQ", "", "Z-JC")):
            scopes = [resource.seen_by(reader)]
            scopes += [resource.shown_to(reader, name) for name in resource.fields]
            seen = one_by_one(scopes[0])
            for scope in scopes:
                assert await in_sql(table, scope) == one_by_one(scope) <= seen, (role, scope)


PLACES = {
    "own": {"owner_org": "JC-ZZ", "region": "140525"},
    "on own ground": {"owner_org": "D-EDU", "region": "140525"},
    "in own zone": {"owner_org": "D-EDU", "region": "140502", "zone_id": "Z-JC"},
    "elsewhere": {"owner_org": "JC-CQ", "region": "140502"},
}
STANDS = {
    "draft": {"stage": "DRAFT"},
    "reported": {"stage": "SUBMITTED"},
    "returned": {"stage": "RETURNED"},
    "passed": {"stage": "CITY_PASSED"},
    "approved": {"stage": "APPROVED", "pool": "PLAN"},
    "moving on": {"stage": "SUBMITTED", "pool": "PLAN"},
}
POOLED = {(place, stand) for place in PLACES for stand in ("approved", "moving on")}
OWN = {("own", stand) for stand in STANDS}
SEEN = {
    "county_reporter": OWN
    | {(place, stand) for place, stand in POOLED if place in {"on own ground", "in own zone"}},
    "dept_reporter": OWN,
    "enterprise": OWN,
    "city_reviewer": OWN
    | {(place, stand) for place in PLACES for stand in STANDS}
    - {(place, "draft") for place in PLACES if place != "own"},
    "prov_reviewer": POOLED | {(place, "passed") for place in PLACES},
    "approver": set(),
    "agent": POOLED,
    "stats_officer": POOLED,
    "key_office": POOLED,
    "sponsor": set(),
    "invest_office": POOLED,
    "supervisor": POOLED,
    "lead_office": POOLED,
    "admin": set(),
}


def test_the_table_names_every_role() -> None:
    assert set(SEEN) == {role.code for role in reference.roles()}


@pytest.mark.parametrize("role", SEEN)
def test_a_role_sees_these_projects_and_no_others(role: str) -> None:
    scope = PROJECT_SCOPES.seen_by(Reader(role, "JC-ZZ", "140525", "Z-JC"))
    empty = dict.fromkeys(COLUMNS)
    seen = {
        (place, stand)
        for place in PLACES
        for stand in STANDS
        if scope.holds({**empty, **PLACES[place], **STANDS[stand]})
    }
    assert seen == SEEN[role]


@pytest.mark.parametrize("role", SEEN)
def test_who_is_shown_which_field(role: str) -> None:
    reader = Reader(role, "JC-ZZ", "140525", "Z-JC")
    row = {**dict.fromkeys(COLUMNS), **STANDS["approved"]}
    shown = {
        field: {
            place
            for place in PLACES
            if PROJECT_SCOPES.shown_to(reader, field).holds({**row, **PLACES[place]})
        }
        for field in PROJECT_SCOPES.fields
    }
    names = ("contact", "review_comments", "place_in_journal", "evidence", "duplicates")
    all_over, own, none = set(PLACES), {"own"}, set[str]()
    expected = {
        **dict.fromkeys(("approver", "sponsor", "admin"), (none,) * 5),
        **dict.fromkeys(
            ("county_reporter", "dept_reporter", "enterprise"), (own, own, none, own, none)
        ),
        "city_reviewer": (none, all_over, all_over, all_over, all_over),
        "prov_reviewer": (none, all_over, all_over, all_over, none),
        **dict.fromkeys(("lead_office", "supervisor"), (none, all_over, all_over, all_over, none)),
        "key_office": (none, none, all_over, all_over, none),
    }
    usual = (none, none, all_over, none, none)
    assert shown == dict(zip(names, expected.get(role, usual), strict=True))


EVERYWHERE = set(PLACES)
PLANS_SEEN: dict[str, set[str]] = {
    "county_reporter": {"own", "on own ground", "in own zone"},
    "dept_reporter": {"own"},
    "enterprise": {"own"},
    "approver": set(),
    "sponsor": set(),
    "admin": set(),
}


@pytest.mark.parametrize("role", SEEN)
def test_a_role_sees_the_approvals_of_these_pooled_projects(role: str) -> None:
    reader = Reader(role, "JC-ZZ", "140525", "Z-JC")
    row = {**dict.fromkeys(COLUMNS), "pool": "PREP", "handling": "D-NRP", "competent": "D-DRC"}
    for resource in (APPROVAL_SCOPES, ITEM_SCOPES):
        scope = resource.seen_by(reader)
        seen = {place for place in PLACES if scope.holds({**row, **PLACES[place]})}
        assert seen == PLANS_SEEN.get(role, EVERYWHERE), resource.name


def test_an_approver_sees_a_pooled_project_of_which_his_office_has_an_item() -> None:
    scope = PROJECT_SCOPES.seen_by(Reader("approver", "D-NRP"))
    for pool, approving, seen in (
        ("PREP", ",D-EEB,D-NRP,", True),
        ("PREP", ",D-EEB,", False),
        ("PREP", None, False),
        (None, ",D-NRP,", False),
    ):
        row = {**dict.fromkeys(COLUMNS), "pool": pool, "approving": approving}
        assert scope.holds(row) is seen, (pool, approving)


def test_an_approver_sees_the_items_of_his_office_and_the_whole_of_a_plan_that_has_one() -> None:
    row = {"approving": ",D-NRP,D-ASP,", "handling": "D-ASP", "competent": "D-HCB"}
    for org, whole, one in (
        ("D-NRP", True, False),
        ("D-ASP", True, True),
        ("D-HCB", False, True),
        ("D-EEB", False, False),
    ):
        reader = Reader("approver", org)
        assert APPROVAL_SCOPES.seen_by(reader).holds(row) is whole, org
        assert ITEM_SCOPES.seen_by(reader).holds(row) is one, org


def test_an_approver_goes_on_with_what_an_ended_office_had() -> None:
    reader = Reader("approver", "D-NEW", heir_of=("D-URB",))
    row = {"approving": ",D-URB,", "handling": "D-URB", "competent": "D-URB"}
    assert APPROVAL_SCOPES.seen_by(reader).holds(row)
    assert ITEM_SCOPES.seen_by(reader).holds(row)


def test_who_has_no_ground_is_on_no_ground() -> None:
    scope = PROJECT_SCOPES.seen_by(Reader("county_reporter", "JC-ZZ"))
    nowhere = {"owner_org": "D-EDU", "region": "", "zone_id": "", "pool": "PLAN", "stage": ""}
    assert not scope.holds(nowhere)
    assert scope.where(1)[1] == [["JC-ZZ"]]


def test_a_role_that_nobody_knows_sees_nothing() -> None:
    for resource in RESOURCES:
        assert resource.seen_by(Reader("public", "JC-ZZ", "140525")).nothing


@pytest.mark.parametrize(
    ("role", "on_his_desk"),
    [("city_reviewer", {"reported", "moving on"}), ("prov_reviewer", {"passed"})],
)
def test_who_reviews_reads_whom_to_call_while_the_dossier_lies_on_his_desk(
    role: str, on_his_desk: set[str]
) -> None:
    shown = PROJECT_SCOPES.shown_to(Reader(role, "D-DRC"), "contact")
    row = {**dict.fromkeys(COLUMNS), **PLACES["elsewhere"]}
    assert {stand for stand in STANDS if shown.holds({**row, **STANDS[stand]})} == on_his_desk
