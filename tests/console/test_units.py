"""Pages know the units of their day: new ones, other names, and those that have ended."""

from datetime import date, timedelta

from contracts.identity import (
    OrganisationClosed,
    OrganisationEvent,
    OrganisationMerged,
    OrganisationRenamed,
)
from services.console.pages.board import matrix_rows
from services.console.pages.filters import Asked, options, read_filter
from services.console.pages.names import organisation, owner
from services.console.pages.reading import Choices
from services.console.pages.tally import Cell
from services.console.views.units import UNITS
from tests.console.builders import BEGINNING, Dossier
from tests.console.city import NOON
from tests.console.conftest import StandCity
from tests.shared.told_units import SEEDS, established, hear_units, units

APRIL_21, APRIL_22, MAY_1 = date(2019, 4, 21), date(2019, 4, 22), date(2019, 5, 1)
ON_MAY_2 = NOON + timedelta(days=10)


def renamed(code: str, short_name: str, on: date) -> OrganisationRenamed:
    return OrganisationRenamed(
        organisation_id=code, name=f"晋城市{short_name}", short_name=short_name, valid_from=on
    )


EDUCATION = renamed("D-EDU", "教育和体育局", MAY_1)
MERGED = OrganisationMerged(organisation_id="D-EDU", into="D-STB", valid_to=APRIL_21)
SCHOOL = Dossier(org="D-EDU", name="示例职业教育实训基地").drafted().submitted()


def test_a_name_that_has_not_arrived_is_said_to_be_under_way_and_never_guessed() -> None:
    known = units(EDUCATION)
    assert organisation("D-EDU", known, APRIL_22) == "市教育局"
    assert organisation("D-EDU", known, MAY_1) == "教育和体育局"
    assert organisation("D-NIX", known, MAY_1) == "D-NIX（名称处理中）"
    assert owner("D-NIX", "新设局", known, MAY_1) == "新设局"


def test_an_ended_unit_keeps_its_line_and_its_place_in_the_sum_of_its_kind() -> None:
    known = units(MERGED)
    matrix = {"D-EDU": {"PLAN": Cell(1, 100)}, "D-STB": {"PLAN": Cell(2, 50)}}
    (together,) = matrix_rows(matrix, known, APRIL_22, by_unit=False)
    assert (together.name, together.cells[0]) == ("市直部门（17 家）", Cell(3, 150))
    single = matrix_rows(matrix, known, APRIL_22, by_unit=True)
    assert [row.name for row in single] == ["市教育局（至 2019-04-21）", "市科技局"]
    # What a line counts, its list shows.
    listed = read_filter(Asked(org="kind:department"), known, APRIL_22).orgs
    assert {"D-EDU", "D-STB"} <= set(listed)


def test_the_filter_offers_ended_units_with_their_last_day() -> None:
    choices = Choices(orgs=frozenset({"D-EDU", "JC-ZZ"}))
    offered = options(choices, Asked(), units(MERGED), APRIL_22).orgs
    assert "市教育局（至 2019-04-21）" in [option.text for option in offered]


async def test_a_new_unit_is_in_lists_filters_and_months_without_a_restart(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SCHOOL)
    async with city.browser("city") as browser:
        before = (await browser.get("/months/2019-04")).text
        await hear_units(
            city.pool, UNITS.view, established("D-YJJ", "应急局", APRIL_21, "department")
        )
        after = (await browser.get("/months/2019-04")).text
    assert ("应急局" in before, "应急局" in after) == (False, True)


async def test_a_page_of_a_past_day_calls_a_unit_as_it_was_called_and_known_then(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SCHOOL, now=ON_MAY_2)
    await hear_units(city.pool, UNITS.view, EDUCATION, at=BEGINNING + timedelta(days=9))
    async with city.browser("city") as browser:
        now = (await browser.get("/projects")).text
        then = (await browser.get("/projects?as_of=2019-04-22")).text
    assert "教育和体育局" in now
    assert "教育和体育局" not in then
    assert "市教育局" in then


async def test_a_project_is_found_by_each_name_of_its_unit(stand_city: StandCity) -> None:
    city = await stand_city(SCHOOL, Dossier(org="JC-ZZ").drafted().submitted(), now=ON_MAY_2)
    await hear_units(city.pool, UNITS.view, EDUCATION)
    async with city.browser("city") as browser:
        for word in ("教育和体育局", "晋城市教育局"):
            page = (await browser.get(f"/projects?name={word}")).text
            assert (SCHOOL.name in page, "鹿鸣谷煤层气" in page) == (True, False), word


async def test_figures_of_an_ended_unit_stay_its_own_and_its_heir_goes_on_with_them(
    stand_city: StandCity,
) -> None:
    pooled = Dossier(org="D-EDU", name="示例实验楼").drafted().submitted().passed_first().pooled()
    city = await stand_city(SCHOOL, pooled, now=ON_MAY_2)
    path = f"/projects/{SCHOOL.project_id}"
    async with city.browser("jiaoyu") as own, city.browser("lead") as lead:
        assert (await own.get(path)).status_code == 200
        ended: OrganisationEvent = OrganisationClosed(
            organisation_id="D-EDU", accounts_to="JC-ZZ", valid_to=APRIL_22
        )
        await hear_units(city.pool, UNITS.view, ended, after=SEEDS)
        board = (await lead.get("/board?view=units")).text
        assert "市教育局（至 2019-04-22）" in board
    async with city.browser("zezhou") as heir, city.browser("chengqu") as other:
        assert (await heir.get(path)).status_code == 200
        assert "市教育局" in (await heir.get("/projects")).text
        assert (await other.get(path)).status_code == 404


async def test_before_any_unit_was_heard_of_pages_say_so_and_show_no_ids(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SCHOOL)
    await city.pool.execute("delete from views.units")
    async with city.browser("city") as browser:
        answer = await browser.get("/board")
    assert answer.status_code == 503
    assert "机构名录正在装入" in answer.text
    assert "D-EDU" not in answer.text
