"""Bulk review: what is decided is seen first, one verdict goes out in parts, each is told."""

import asyncio
import json
import re
from uuid import uuid4

import httpx
import pytest

from services.console.pages import bulk_work
from tests.console.builders import WAN, Dossier, facts
from tests.console.city import City
from tests.console.conftest import StandCity

ONE = Dossier(org="JC-CQ", name="古书院文创街区更新").drafted().submitted()
TWO = Dossier(org="JC-YC", name="凤栖湖智慧农业示范园").later(hours=9).drafted().submitted()
BIG = (
    Dossier(org="JC-CQ", name="北石店装备制造产业园")
    .later(hours=12)
    .drafted(facts("北石店装备制造产业园", total_investment=200_000 * WAN))
    .submitted()
)
OWN = Dossier(org="D-EDU", name="实训基地", reporter="account-city").drafted().submitted()
AT_PROVINCE = Dossier(org="JC-GP", name="丹泉冷链").drafted().submitted().passed_first()


async def chosen(city: City, user: str = "city", **form: object) -> httpx.Response:
    """Ask for the page that shows what was chosen."""
    async with city.browser(user) as reviewer:
        return await reviewer.post("/desk/bulk", data=form)


def pinned(page: str) -> dict[str, str]:
    """Give what the confirmation carries, as a browser would send it."""
    return {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("key", "items")
    }


async def done(reviewer: httpx.AsyncClient, address: str) -> str:
    """Wait for the result."""
    for _ in range(100):
        page = (await reviewer.get(address)).text
        if "hx-get" not in page:
            return page
        await asyncio.sleep(0.02)
    raise AssertionError("the work never ended")


def reviewed(*refused: Dossier, done: int) -> httpx.Response:
    """Give what intake answers."""
    return httpx.Response(
        200,
        json={
            "done": done,
            "wrote": [f"project-{ONE.project_id}@3"],
            "refused": [
                {"project_id": str(one.project_id), "code": "x", "why": "这件已被改过。"}
                for one in refused
            ],
        },
    )


async def test_the_queue_can_be_filtered_and_ticked(stand_city: StandCity) -> None:
    city = await stand_city(ONE, TWO, BIG)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get("/desk?org=JC-CQ")).text
        assert "全选 2 件" in page
        assert TWO.name not in page
        assert f'href="/desk/{BIG.project_id}?org=JC-CQ"' in page
        assert f'name="one" value="{ONE.project_id}"' in page
        none = (await reviewer.get("/desk?name=nothing")).text
        assert "没有符合的件" in none


async def test_all_that_is_filtered_is_chosen_with_count_sum_and_units(
    stand_city: StandCity,
) -> None:
    city = await stand_city(ONE, TWO, BIG)
    page = (await chosen(city, every="yes")).text
    assert "<dt>件</dt><dd>3</dd>" in page
    assert "37.20 亿元" in page
    for dossier in (ONE, TWO, BIG):
        assert dossier.name in page
    assert '<th scope="row">城区</th><td class="num">2</td><td class="num">28.60</td>' in page
    narrow = (await chosen(city, every="yes", org="JC-CQ")).text
    assert TWO.name not in narrow
    assert "提交 2 件的初审意见" in narrow


async def test_single_ones_are_chosen_by_their_boxes(stand_city: StandCity) -> None:
    city = await stand_city(ONE, TWO, BIG, AT_PROVINCE)
    page = (await chosen(city, one=[str(TWO.project_id), str(AT_PROVINCE.project_id)])).text
    assert pinned(page)["items"] == f"{TWO.project_id}.1", "only what waits at this level"
    async with city.browser("city") as reviewer:
        answer = await reviewer.post("/desk/bulk", data={})
        assert answer.headers["location"] == "/desk"
        assert "请勾选要办的件" in (await reviewer.get("/desk")).text
        assert (await reviewer.get("/desk/bulk")).headers["location"] == "/desk"


async def test_what_one_has_reported_oneself_is_left_out(stand_city: StandCity) -> None:
    city = await stand_city(ONE, OWN)
    page = (await chosen(city, every="yes")).text
    assert "另有 1 件不能由你办" in page
    assert pinned(page)["items"] == f"{ONE.project_id}.1"


async def test_one_verdict_goes_to_intake_with_the_editions_that_were_seen(
    stand_city: StandCity,
) -> None:
    city = await stand_city(ONE, TWO)
    city.intake.answers["POST", "/reviews/first"] = reviewed(done=2)
    form = pinned((await chosen(city, every="yes")).text)
    async with city.browser("city") as reviewer:
        sent = {**form, "verdict": "PASS", "opinion": "同意"}
        answer = await reviewer.post("/desk/bulk/send", data=sent)
        address = answer.headers["location"]
        assert address == f"/desk/bulk/{form['key']}"
        page = await done(reviewer, address)
        assert "初审通过 2 件，17.20 亿元，已送省发改委审核，限 5 个工作日。" in page
        assert f'href="/desk?after=project-{ONE.project_id}@3"' in page
        again = await reviewer.post("/desk/bulk/send", data=sent)
        assert again.headers["location"] == address
    (body,) = city.intake.bodies("POST", "/reviews/first")
    assert body == {
        "verdict": "PASS",
        "opinion": "同意",
        "projects": [
            {"project_id": str(ONE.project_id), "on_revision": 1},
            {"project_id": str(TWO.project_id), "on_revision": 1},
        ],
    }


async def test_what_did_not_go_through_is_named_with_the_reason(stand_city: StandCity) -> None:
    city = await stand_city(ONE, TWO)
    city.intake.answers["POST", "/reviews/first"] = reviewed(TWO, done=1)
    form = pinned((await chosen(city, every="yes")).text)
    async with city.browser("city") as reviewer:
        answer = await reviewer.post("/desk/bulk/send", data={**form, "verdict": "PASS"})
        page = await done(reviewer, answer.headers["location"])
    assert "初审通过 1 件，8.60 亿元" in page
    assert "1 件没有成，见下。" in page
    assert TWO.name in page
    assert "这件已被改过。" in page
    assert ONE.name not in page


async def test_many_go_out_in_parts_under_keys_of_their_own(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_work, "PART", 2)
    city = await stand_city(ONE, TWO, BIG)
    city.intake.answers["POST", "/reviews/first"] = reviewed(done=1)
    form = pinned((await chosen(city, every="yes")).text)
    async with city.browser("city") as reviewer:
        answer = await reviewer.post("/desk/bulk/send", data={**form, "verdict": "PASS"})
        await done(reviewer, answer.headers["location"])
    sent = [asked for asked in city.intake.asked if asked.url.path == "/reviews/first"]
    assert [len(json.loads(one.content)["projects"]) for one in sent] == [2, 1]
    keys = [one.headers["Idempotency-Key"] for one in sent]
    assert keys == [f"{form['key']}-0", f"{form['key']}-1"]


async def test_while_intake_is_silent_the_work_waits_and_then_goes_on(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_work, "_PAUSE", 0.05)
    city = await stand_city(ONE)
    city.intake.answers["POST", "/reviews/first"] = reviewed(done=1)
    form = pinned((await chosen(city, every="yes")).text)
    city.intake.silent = True
    async with city.browser("city") as reviewer:
        answer = await reviewer.post("/desk/bulk/send", data={**form, "verdict": "PASS"})
        address = answer.headers["location"]
        await asyncio.sleep(0.1)
        page = (await reviewer.get(address)).text
        assert "正在等申报服务回应" in page
        assert '<noscript><meta http-equiv="refresh"' in page
        (mark,) = re.findall(r"\?seen=([a-z0-9-]+)", page)
        unchanged = await reviewer.get(f"{address}?seen={mark}", headers={"HX-Request": "true"})
        assert unchanged.status_code == 204
        city.intake.silent = False
        assert "初审通过 1 件" in await done(reviewer, address)
    keys = {asked.headers.get("Idempotency-Key") for asked in city.intake.asked}
    assert keys == {f"{form['key']}-0"}, "sent again under the same key"


async def test_the_work_halts_with_a_sentence(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_work, "_PATIENCE", 0.0)
    city = await stand_city(ONE, TWO)
    form = pinned((await chosen(city, every="yes")).text)
    city.intake.silent = True
    async with city.browser("city") as reviewer:
        answer = await reviewer.post("/desk/bulk/send", data={**form, "verdict": "PASS"})
        page = await done(reviewer, answer.headers["location"])
        assert "没有办完" in page
        assert "还有 2 件没有办到，仍在待初审里" in page
        city.intake.silent = False
        city.intake.answers["POST", "/reviews/first"] = httpx.Response(
            403, json={"status": 403, "detail": "你的角色不能市级初审。"}
        )
        form = pinned((await chosen(city, every="yes")).text)
        answer = await reviewer.post("/desk/bulk/send", data={**form, "verdict": "PASS"})
        assert "你的角色不能市级初审。" in await done(reviewer, answer.headers["location"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"verdict": "RETURN"}, "都要写明理由"),
        ({"verdict": "REJECT", "opinion": "重复"}, "否定的结论不可撤回。确认后再提交一次。"),
        ({"opinion": "同意"}, "还没有选结论"),
    ],
)
async def test_an_unfinished_verdict_comes_back_with_its_text(
    stand_city: StandCity, typed: dict[str, str], said: str
) -> None:
    city = await stand_city(ONE, TWO)
    form = pinned((await chosen(city, every="yes")).text)
    async with city.browser("city") as reviewer:
        answer = await reviewer.post("/desk/bulk/send", data={**form, **typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert typed.get("opinion", "") in answer.text
    assert pinned(answer.text)["items"] == form["items"]
    assert city.intake.bodies("POST", "/reviews/first") == []


async def test_the_province_returns_many_to_the_city(stand_city: StandCity) -> None:
    city = await stand_city(AT_PROVINCE, ONE)
    city.intake.answers["POST", "/reviews/final"] = reviewed(done=1)
    page = (await chosen(city, "province", every="yes")).text
    assert ONE.name not in page
    async with city.browser("province") as province:
        sent = {**pinned(page), "verdict": "RETURN", "opinion": "请重核。", "to": "CITY"}
        answer = await province.post("/desk/bulk/send", data=sent)
        told = await done(province, answer.headers["location"])
    assert "退回市发改委 1 件" in told
    (body,) = city.intake.bodies("POST", "/reviews/final")
    assert body["to"] == "CITY"


async def test_nobody_else_sees_the_work_and_nobody_else_may_begin_one(
    stand_city: StandCity,
) -> None:
    city = await stand_city(ONE, AT_PROVINCE)
    city.intake.answers["POST", "/reviews/first"] = reviewed(done=1)
    form = pinned((await chosen(city, every="yes")).text)
    async with city.browser("city") as reviewer, city.browser("province") as other:
        answer = await reviewer.post("/desk/bulk/send", data={**form, "verdict": "PASS"})
        address = answer.headers["location"]
        await done(reviewer, address)
        hidden = await other.get(address)
        assert hidden.status_code == 404
        assert "再办一次不会重复" in hidden.text
        assert (await reviewer.get(f"/desk/bulk/{uuid4()}")).status_code == 404
    for user in ("zezhou", "lead", "admin"):
        async with city.browser(user) as browser:
            assert (await browser.post("/desk/bulk", data={"every": "yes"})).status_code == 403
            assert (await browser.post("/desk/bulk/send", data=form)).status_code == 403
            assert (await browser.get(address)).status_code == 403
