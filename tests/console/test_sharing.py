"""领取、转办 on the desk: who is at it, who may go on, and to whom it is given."""

import httpx

from tests.console.builders import Dossier
from tests.console.conftest import StandCity

FREE = Dossier(org="JC-CQ", name="没有人领的").drafted().submitted()
MINE = Dossier(org="JC-GP", name="我领的").drafted().submitted().taken("account-city")
HIS = Dossier(org="JC-YC", name="同事领的").drafted().submitted().taken("account-second")
COLLEAGUES = httpx.Response(
    200,
    json={
        "colleagues": [
            {"account": "account-city", "name": "市级初审员"},
            {"account": "account-second", "name": "市级初审员乙"},
        ]
    },
)
DONE = httpx.Response(200, json={}, headers={"Siku-Wrote": "project-x@3"})


async def test_the_queue_says_who_is_at_it_and_is_filtered_by_it(stand_city: StandCity) -> None:
    city = await stand_city(FREE, MINE, HIS)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get("/desk")).text
        assert "我领取的" in page
        assert "同事在办" in page
        mine = (await reviewer.get("/desk?taken=mine")).text
        assert f'class="t">{MINE.name}' in mine
        assert f'class="t">{HIS.name}' not in mine
        free = (await reviewer.get("/desk?taken=free")).text
        assert f'class="t">{FREE.name}' in free
        assert f'class="t">{MINE.name}' not in free


async def test_what_a_colleague_has_taken_is_named_and_not_decided(stand_city: StandCity) -> None:
    city = await stand_city(HIS, MINE)
    city.desk.answers["GET", "/own/colleagues"] = COLLEAGUES
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/desk/{HIS.project_id}")).text
        assert "市级初审员乙已领取" in page
        assert "这件已由同事领取" in page
        assert "提交初审意见" not in page
        assert "提交初审意见" in (await reviewer.get(f"/desk/{MINE.project_id}")).text


async def test_who_is_called_what_is_no_secret_only_to_the_same_post(stand_city: StandCity) -> None:
    city = await stand_city(HIS)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/desk/{HIS.project_id}")).text
    assert "同事已领取" in page, "identity did not say"


async def test_taking_and_handing_over_go_to_intake(stand_city: StandCity) -> None:
    city = await stand_city(FREE, MINE)
    take, hand = f"/projects/{FREE.project_id}/take", f"/projects/{MINE.project_id}/hand-over"
    city.intake.answers["POST", take] = city.intake.answers["POST", hand] = DONE
    async with city.browser("city") as reviewer:
        answer = await reviewer.post(f"/desk/{FREE.project_id}/take", data={})
        assert answer.headers["location"] == f"/desk/{FREE.project_id}?after=project-x@3"
        sent = {"to": "account-second", "reason": " 出差。 "}
        await reviewer.post(f"/desk/{MINE.project_id}/hand-over", data=sent)
        await reviewer.post(f"/desk/{MINE.project_id}/hand-over", data={**sent, "to": "queue"})
    assert city.intake.bodies("POST", take) == [{}]
    assert city.intake.bodies("POST", hand) == [
        {"handed_to": "account-second", "reason": "出差。"},
        {"handed_to": None, "reason": "出差。"},
    ]


async def test_the_history_tells_who_took_it(stand_city: StandCity) -> None:
    city = await stand_city(MINE)
    async with city.browser("city") as reviewer:
        assert "<b>领取</b>" in (await reviewer.get(f"/projects/{MINE.project_id}")).text


async def test_standard_phrases_are_those_of_the_rules(stand_city: StandCity) -> None:
    city = await stand_city(FREE)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/desk/{FREE.project_id}")).text
    assert '<option data-verdict="PASS">要素齐全，同意。</option>' in page
    assert '<option data-verdict="RETURN">请核对资金来源。</option>' in page
    assert 'data-verdict="REJECT"' not in page, "the rules have none"
