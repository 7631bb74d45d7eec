"""查重: side by side, judged by the city, and said on the desk before anything passes."""

from typing import Any

import httpx

from tests.console.builders import WAN, Dossier
from tests.console.conftest import StandCity
from tests.console.test_exporting import ask, rows_of

BUREAUS = Dossier(org="D-EDU", name="古书院文创街区更新工程").drafted().submitted()
COUNTYS = (
    Dossier(org="JC-CQ", name="古书院文创街区更新")
    .drafted()
    .revised(total_investment=88_000 * WAN)
    .submitted()
)
DONE = httpx.Response(200, json={"message": "已裁定。"}, headers={"Siku-Wrote": "project-x@3"})


def suspect(dossier: Dossier, **more: Any) -> dict[str, Any]:
    return {
        "project_id": str(dossier.project_id),
        "name": dossier.name,
        "owner_org": dossier.org,
        "owner_name": dossier.org,
        "total_investment": "88000.00",
        "revision": dossier.revision,
        "pool": None,
        "similarity": 92,
        "verdict": None,
        "stays": None,
        **more,
    }


def told(*suspects: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"suspects": list(suspects)})


def verdict(keeps: Dossier | None = None) -> dict[str, Any]:
    return {
        "verdict": "DUPLICATE" if keeps else "DISTINCT",
        "keeps": keeps and str(keeps.project_id),
        "reason": "地块不同。",
        "judged_on": "2019-04-22",
    }


def asked(dossier: Dossier) -> tuple[str, str]:
    return "GET", f"/projects/{dossier.project_id}/duplicates"


async def test_the_two_stand_side_by_side_with_what_differs_marked(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS, COUNTYS)
    stays = str(COUNTYS.project_id)
    city.intake.answers[asked(BUREAUS)] = told(suspect(COUNTYS, stays=stays))
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/duplicates/{BUREAUS.project_id}")).text
    assert "<del>86,000</del> 万元" in page
    assert "<ins>88,000</ins> 万元" in page
    assert "名称相似 92%" in page
    assert "归县区：若是同一个项目，保留另一件" in page
    assert 'name="keeps"' not in page, "whose stays is settled"


async def test_between_equals_the_reviewer_chooses_which_one_stays(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS, COUNTYS)
    city.intake.answers[asked(BUREAUS)] = told(suspect(COUNTYS))
    async with city.browser("city") as reviewer:
        assert 'name="keeps"' in (await reviewer.get(f"/duplicates/{BUREAUS.project_id}")).text


async def test_a_verdict_goes_to_intake_with_both_editions(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS, COUNTYS)
    path = f"/projects/{BUREAUS.project_id}/duplicates"
    city.intake.answers[asked(BUREAUS)] = told(suspect(COUNTYS))
    city.intake.answers["POST", path] = DONE
    sent = {
        "other": str(COUNTYS.project_id),
        "on_revision": "1",
        "other_revision": "2",
        "same": "yes",
        "keeps": str(COUNTYS.project_id),
        "reason": " 同一地块。 ",
    }
    async with city.browser("city") as reviewer:
        answer = await reviewer.post(f"/duplicates/{BUREAUS.project_id}", data=sent)
        assert answer.headers["location"].startswith(f"/duplicates/{BUREAUS.project_id}?after=")
        assert "已裁定为重复" in (await reviewer.get("/duplicates/" + str(BUREAUS.project_id))).text
    assert city.intake.bodies("POST", path) == [
        {
            "other_id": str(COUNTYS.project_id),
            "on_revision": 1,
            "other_revision": 2,
            "same": True,
            "keeps": str(COUNTYS.project_id),
            "reason": "同一地块。",
        }
    ]


async def test_a_refused_verdict_keeps_what_was_typed(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS, COUNTYS)
    city.intake.answers[asked(BUREAUS)] = told(suspect(COUNTYS))
    path = f"/projects/{BUREAUS.project_id}/duplicates"
    city.intake.answers["POST", path] = httpx.Response(
        409,
        json={"title": "归县区", "status": 409, "code": "county_comes_first", "detail": "归县区。"},
    )
    sent = {"other": str(COUNTYS.project_id), "same": "yes", "reason": "我的理由"}
    async with city.browser("city") as reviewer:
        answer = await reviewer.post(f"/duplicates/{BUREAUS.project_id}", data=sent)
        assert answer.status_code == 409
        assert "归县区。" in answer.text
        assert "我的理由" in answer.text
        undecided = await reviewer.post(f"/duplicates/{BUREAUS.project_id}", data={})
        assert undecided.status_code == 422


async def test_the_desk_says_what_is_undecided_and_what_is_judged(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS, COUNTYS)
    city.intake.answers[asked(BUREAUS)] = told(suspect(COUNTYS))
    city.intake.answers[asked(COUNTYS)] = told(suspect(BUREAUS, verdict=verdict(COUNTYS)))
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/desk/{BUREAUS.project_id}")).text
        assert "疑似重复 1 件，1 件待裁定" in page
        assert f'href="/duplicates/{BUREAUS.project_id}"' in page
        page = (await reviewer.get(f"/desk/{COUNTYS.project_id}")).text
        assert "疑似重复 1 件，都已裁定" in page


async def test_the_list_puts_the_undecided_first(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS, COUNTYS)
    pairs = [
        {**suspect(BUREAUS), "other": suspect(COUNTYS)},
        {**suspect(COUNTYS, verdict=verdict()), "other": suspect(BUREAUS)},
    ]
    city.intake.answers["GET", "/duplicates"] = httpx.Response(
        200, json={"waiting": 2, "pairs": pairs}
    )
    async with city.browser("city") as reviewer:
        page = (await reviewer.get("/duplicates")).text
        assert "1 对疑似重复待裁定" in page
        assert page.index("待裁定</span>") < page.index("不重复</span>")


async def test_the_pairs_are_exported_with_what_was_judged(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS, COUNTYS)
    pair = suspect(BUREAUS, other=suspect(COUNTYS), verdict=verdict())
    city.intake.answers["GET", "/duplicates"] = httpx.Response(
        200, json={"waiting": 1, "pairs": [pair]}
    )
    heads, row = rows_of(await ask(city, "city", "/duplicates?export=csv"))
    line = dict(zip(heads, row, strict=True))
    assert (line["待初审的一件"], line["疑似重复的另一件"]) == (BUREAUS.name, COUNTYS.name)
    assert (line["裁定"], line["裁定理由"]) == ("不是同一项目", "地块不同。")


async def test_only_the_citys_reviewer_compares(stand_city: StandCity) -> None:
    city = await stand_city(BUREAUS)
    for user in ("zezhou", "jiaoyu", "province", "lead", "admin"):
        async with city.browser(user) as browser:
            for path in ("/duplicates", f"/duplicates/{BUREAUS.project_id}"):
                assert (await browser.get(path)).status_code == 403, (user, path)
            assert 'href="/duplicates"' not in (await browser.get("/board")).text


async def test_a_verdict_is_told_in_the_history_but_not_with_whom_to_everybody(
    stand_city: StandCity,
) -> None:
    judged = Dossier(org="JC-CQ", name="裁定过的").drafted().submitted().judged(BUREAUS)
    city = await stand_city(judged, BUREAUS)
    for user, shown in {"city": True, "chengqu": False}.items():
        async with city.browser(user) as browser:
            page = (await browser.get(f"/projects/{judged.project_id}")).text
            assert "查重裁定：不重复" in page
            assert (BUREAUS.name in page) == shown
            raw = (await browser.get(f"/projects/{judged.project_id}/events/3")).text
            assert (BUREAUS.name in raw) == shown
