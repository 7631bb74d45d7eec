"""我的工作: what waits for me, what I handed on, what came back, what I did; nothing of others."""

import re

import pytest

from contracts.intake import DOSSIER_KINDS, Level
from services.console.pages.own_deeds import RETURNS, WORDS
from tests.console.builders import Dossier
from tests.console.conftest import StandCity
from tests.console.test_exporting import ask, rows_of

DRAFT = Dossier(org="JC-ZZ", name="本县的草稿").drafted()
SENT = Dossier(org="JC-ZZ", name="本县报送的").drafted().submitted()
BACK = Dossier(org="JC-ZZ", name="本县被退的").drafted().submitted().returned()
POOLED = Dossier(org="JC-ZZ", name="本县入库的").drafted().submitted().passed_first().pooled()
THEIRS = Dossier(org="JC-CQ", name="他县报送的", reporter="account-chengqu").drafted().submitted()
AT_PROVINCE = Dossier(org="JC-CQ", name="他县到省的").drafted().submitted().passed_first()
ALL = (DRAFT, SENT, BACK, POOLED, THEIRS, AT_PROVINCE)


@pytest.mark.parametrize(
    ("user", "show", "listed"),
    [
        ("zezhou", "todo", {DRAFT.name, BACK.name}),
        ("zezhou", "waiting", {SENT.name}),
        ("zezhou", "returned", {BACK.name}),
        ("zezhou", "done", {DRAFT.name, SENT.name, BACK.name, POOLED.name}),
        ("chengqu", "todo", set()),
        ("city", "todo", {SENT.name, THEIRS.name}),
        ("city", "returned", {BACK.name}),
        ("city", "done", {BACK.name, POOLED.name, AT_PROVINCE.name}),
        ("province", "todo", {AT_PROVINCE.name}),
        ("lead", "done", set()),
        ("admin", "done", set()),
    ],
)
async def test_each_part_holds_what_is_mine_and_its_file_the_same(
    stand_city: StandCity, user: str, show: str, listed: set[str]
) -> None:
    city = await stand_city(*ALL)
    page = (await ask(city, user, f"/work?show={show}")).text
    shown = {one.name for one in ALL if f">{one.name}</a>" in page}
    assert shown == listed
    rows = rows_of(await ask(city, user, f"/work?show={show}&export=csv"))
    place = rows[0].index("项目名称")
    assert {row[place] for row in rows[1:]} == listed
    counted = re.search(r'<h2 id="part">[^<]* (\d+) 件</h2>', page)
    assert counted is not None
    assert int(counted[1]) == len(rows) - 1


async def test_what_is_due_first_stands_first(stand_city: StandCity) -> None:
    city = await stand_city(DRAFT, BACK)
    page = (await ask(city, "zezhou", "/work")).text
    assert page.index(BACK.name) < page.index(DRAFT.name)


async def test_an_act_leads_to_its_fact(stand_city: StandCity) -> None:
    city = await stand_city(BACK)
    page = (await ask(city, "city", "/work?show=returned")).text
    (address,) = re.findall(r'href="(/projects/[^"]+/events/\d+)"', page)
    assert "intake.review.returned.v1" in (await ask(city, "city", address)).text


def test_every_act_on_a_project_has_its_word() -> None:
    assert DOSSIER_KINDS.keys() <= WORDS.keys()
    assert set(RETURNS) == {
        *("intake.review.returned.v1", "intake.review.rejected.v1"),
        *("intake.move.refused.v1", "intake.correction.refused.v1"),
    }


async def test_what_is_not_seen_any_more_is_no_work_of_mine(stand_city: StandCity) -> None:
    back = AT_PROVINCE.returned(to=Level.CITY)
    city = await stand_city(back)
    assert back.name not in (await ask(city, "province", "/work?show=returned")).text
    assert back.name in (await ask(city, "city", "/work?show=done")).text
