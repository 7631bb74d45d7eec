"""查找: by name, by how it begins in pinyin, by code and by unit; within one's scope alone."""

import pytest

from services.console.searching import found_by, initials
from tests.console.builders import Dossier, facts
from tests.console.conftest import StandCity

GAS = Dossier(org="JC-ZZ", name="鹿鸣谷煤层气综合利用示范")
ROAD = Dossier(org="JC-GP", name="Ａ区至长治快速路（二期）")
SCHOOL = Dossier(org="D-EDU", name="50%奖补学校")


async def found(stand_city: StandCity, user: str, words: str) -> set[str]:
    """Give which of the sample projects a user finds by some words."""
    code = "2019-140525-45-03-006679"
    coded = facts(GAS.name, project_code=code)
    city = await stand_city(
        GAS.drafted(coded).submitted(), ROAD.drafted().submitted(), SCHOOL.drafted().submitted()
    )
    async with city.browser(user) as browser:
        page = (await browser.get("/projects", params={"name": words})).text
    return {one.name for one in (GAS, ROAD, SCHOOL) if f">{one.name}</a>" in page}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("煤层气", {GAS.name}),
        ("lmgmcq", {GAS.name}),
        ("MCQ", {GAS.name}),
        ("a 区", {ROAD.name}),
        ("aqzcz", {ROAD.name}),
        ("006679", {GAS.name}),
        ("高平", {ROAD.name}),
        ("晋城市教育局", {SCHOOL.name}),
        ("gps", {ROAD.name}),
        ("示例能源", {GAS.name, ROAD.name, SCHOOL.name}),
        ("50%", {SCHOOL.name}),
        ("5_%", set()),
        ("没有这样的", set()),
    ],
)
async def test_a_project_is_found_by_name_initials_code_and_unit(
    stand_city: StandCity, words: str, names: set[str]
) -> None:
    assert await found(stand_city, "city", words) == names


async def test_nobody_finds_what_he_may_not_see(stand_city: StandCity) -> None:
    assert await found(stand_city, "zezhou", "aqzcz") == set()


def test_places_nearby_are_read_as_they_are_called() -> None:
    assert initials("长治市重庆路") == "czscql"
    assert initials("晋城 ＬＮＧ 2号站") == "jclng2hz"


def test_a_line_of_words_never_runs_into_the_next() -> None:
    words = found_by("泽州县", facts("示例甲", project_code="2019-140525-45-03-006679"))
    assert words.split("\n") == [
        *("示例甲", "泽州县", "晋城示例能源有限公司", "2019-140525-45-03-006679"),
        *("slj", "zzx", "jcslnyyxgs"),
    ]
