"""期初装入: stock enters its pool on its own days, with what it had done; once, by whom it may."""

from typing import Any

import httpx
import orjson
import pytest

from tests.architecture.test_free_text import SEARCHED, TELLING
from tests.intake.doors.office import Office, fresh

CODE = "2018-140525-34-03-0021"


def row(**changes: Any) -> dict[str, Any]:
    """A project that has been in 建设库 since last year, in 万元."""
    return {
        "owner": "泽州县",
        "name": fresh("存量"),
        "location": {"region": "140525", "address": "巴公镇工业园东区"},
        "builder": {"name": "泽州县鸿业开发有限公司", "uscc": "91140500MA0T00011Y"},
        "total_investment": "120000.00",
        "pool": "BUILD",
        "entered_on": "2017-06-05",
        "pool_since": "2018-03-20",
        "invested_in_all": "45000",
        "invested_this_year": "5000",
        "started_on": "2018-03-15",
        "milestones": [{"milestone": "foundation", "percent": 100}],
        "evidence": [
            {"sort": "source_document", "document_number": "晋市发改〔2018〕12号"},
            {"sort": "land_permit", "document_number": "晋市地字第1号", "dated_on": "2017-11-02"},
        ],
        **changes,
    }


async def load(
    office: Office, *rows: dict[str, Any], who: str = "admin", **changes: Any
) -> httpx.Response:
    """Load rows as of 31 March."""
    body = {"as_of": "2019-03-31", "not_secret": True, "rows": list(rows), **changes}
    return await office.ask(who, "POST", "/opening", body)


async def told(office: Office, project_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Give the facts of both streams of a project."""
    found = []
    for stream in ("project", "progress"):
        rows = await office.pool.fetch(
            "select kind, convert_from(payload, 'utf8')::json as fact from journal.events"
            " where stream = $1 order by version",
            f"{stream}-{project_id}",
        )

        found += [(one["kind"], orjson.loads(one["fact"])) for one in rows]
    return found


async def test_stock_enters_its_pool_on_its_own_days_with_its_figures(office: Office) -> None:
    answer = await load(office, row())
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["rows"]
    assert (one["result"], one["why"]) == ("LOADED", "")
    pooled, opened, started = await told(office, one["project_id"])
    assert pooled[0] == "intake.project.pooled.v1"
    assert pooled[1]["source"] == "OPENING"
    assert (pooled[1]["pool"], pooled[1]["owner_org"]) == ("BUILD", "JC-ZZ")
    assert (pooled[1]["entered_on"], pooled[1]["pool_since"]) == ("2017-06-05", "2018-03-20")
    assert [paper["sort"] for paper in pooled[1]["evidence"]] == ["source_document", "land_permit"]
    assert opened[0] == "intake.progress.opened.v1"
    assert (opened[1]["as_of"], opened[1]["invested_in_all"]) == ("2019-03-31", 450_000_000)
    assert opened[1]["invested_this_year"] == 50_000_000
    assert started[0] == "intake.progress.construction_started.v1"
    assert started[1]["started_on"] == "2018-03-15"


async def test_the_same_stock_again_is_nothing_new(office: Office) -> None:
    stock = row()
    first = (await load(office, stock)).json()
    again = (await load(office, stock)).json()
    assert (first["loaded"], again["loaded"], again["unchanged"]) == (1, 0, 1)
    assert again["rows"][0]["project_id"] == first["rows"][0]["project_id"]
    assert len(await told(office, first["rows"][0]["project_id"])) == 3


async def test_other_words_about_the_same_project_are_refused(office: Office) -> None:
    stock = row()
    await load(office, stock)
    answer = (await load(office, {**stock, "total_investment": "130000"})).json()
    assert answer["rows"][0]["result"] == "REFUSED"
    assert "更正" in answer["rows"][0]["why"]


async def test_what_was_reported_here_is_no_stock(office: Office) -> None:
    project = await office.begin(report=True, name=(name := fresh("已报")))
    answer = (await load(office, row(name=name))).json()
    assert answer["rows"][0]["result"] == "REFUSED"
    assert [kind for kind, _ in await told(office, project["project_id"])] == [
        *("intake.project.drafted.v1", "intake.review.submitted.v1"),
    ]


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"owner": "没有的单位"}, "owner", "owner_unknown"),
        ({"total_investment": ""}, "total_investment", "required"),
        ({"location": {"address": "某地"}}, "location.region", "required"),
        ({"builder": {}}, "builder.name", "required"),
        ({"entered_on": "2020-01-01", "pool_since": None}, "entered_on", "day_ahead"),
        ({"pool_since": "2016-01-01"}, "pool_since", "out_of_order"),
        (
            {"evidence": [{"sort": "land_permit", "document_number": "1号"}]},
            "evidence",
            "source_document",
        ),
        ({"invested_this_year": "99999"}, "invested_this_year", "more_than_all"),
        ({"location": {"region": "140500", "address": "某地"}}, "location.region", "region"),
    ],
)
async def test_a_wrong_row_names_its_field_and_its_rule_and_leaves_nothing(
    office: Office, changes: dict[str, Any], field: str, rule: str
) -> None:
    before = await office.pool.fetchval("select count(*) from journal.events")
    (one,) = (await load(office, row(**changes))).json()["rows"]
    assert one["result"] == "REFUSED"
    assert field in [error["field"] for error in one["errors"]], one
    assert rule in [error["rule"] for error in one["errors"]] or rule == "region"
    assert await office.pool.fetchval("select count(*) from journal.events") == before


async def test_each_for_itself_lets_the_right_ones_in(office: Office) -> None:
    answer = (await load(office, row(), row(total_investment=""), row(owner="D-EDU"))).json()
    assert [one["result"] for one in answer["rows"]] == ["LOADED", "REFUSED", "LOADED"]


async def test_all_or_none_leaves_nothing_behind_one_wrong_row(office: Office) -> None:
    before = await office.pool.fetchval("select count(*) from journal.events")
    rows = (row(), row(invested_this_year="99999"))
    answer = (await load(office, *rows, mode="all")).json()
    assert (answer["loaded"], answer["refused"]) == (0, 2)
    assert "本年" in answer["rows"][1]["why"] or answer["rows"][1]["errors"]
    assert await office.pool.fetchval("select count(*) from journal.events") == before
    answer = (await load(office, row(), row(), mode="all")).json()
    assert (answer["loaded"], answer["refused"]) == (2, 0)


async def test_two_rows_of_one_project_are_not_loaded_twice(office: Office) -> None:
    twin = row()
    answer = (await load(office, twin, twin)).json()
    assert [one["result"] for one in answer["rows"]] == ["LOADED", "UNCHANGED"]


async def test_two_rows_of_one_project_are_not_all_loaded(office: Office) -> None:
    twin = row()
    answer = (await load(office, twin, twin, mode="all")).json()
    assert (answer["loaded"], answer["refused"]) == (0, 2)
    assert "第 1 行" in answer["rows"][1]["why"]


async def test_secret_projects_are_not_loaded(office: Office) -> None:
    before = await office.pool.fetchval("select count(*) from journal.events")
    assert (await load(office, row(), not_secret=False)).status_code == 409
    assert await office.pool.fetchval("select count(*) from journal.events") == before


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("city_reviewer:D-DRC+load_opening", 200),
        ("city_reviewer:D-DRC+read+first_review", 403),
        ("zezhou", 403),
        ("shengshenhe", 403),
    ],
)
async def test_only_who_was_given_the_load_carries_it_out(
    office: Office, who: str, status: int
) -> None:
    assert (await load(office, row(), who=who)).status_code == status


@pytest.mark.parametrize("text", TELLING)
@pytest.mark.parametrize(
    "field", sorted(field for field in SEARCHED["intake"] if field.startswith("rows."))
)
async def test_free_text_of_a_row_is_searched_and_its_field_named(
    office: Office, field: str, text: str
) -> None:
    """Put a telephone or an identity number into one column of a row."""
    changed = row(contact={"name": "张建国", "phone": "0356-2198345"})
    *path, last = field.removeprefix("rows.").split(".")
    place: Any = changed
    for part in path:
        place = place[part]
        place = place[0] if isinstance(place, list) else place
    place[last] = f"示例{text}"
    (one,) = (await load(office, changed)).json()["rows"]
    assert one["result"] == "REFUSED"
    named = {error["field"].replace(".0.", ".") for error in one["errors"]}
    assert field.removeprefix("rows.") in named, one["errors"]
