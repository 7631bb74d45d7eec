"""The desk: what changed, who may decide, and that the reviewer's text outlives every refusal."""

import httpx
import pytest

from contracts.intake import Level, Remark
from tests.console.builders import WAN, Dossier
from tests.console.conftest import StandCity

WAITING = Dossier(org="JC-CQ", name="古书院文创街区更新").drafted().submitted()
LATER = Dossier(org="JC-YC", name="凤栖湖智慧农业示范园").later(hours=9).drafted().submitted()
AGAIN = (
    Dossier(org="JC-QS", name="鹿鸣谷煤层气综合利用示范")
    .drafted()
    .submitted()
    .returned("请核对贷款额。", Remark(field="funding", text="与意向函不符。"))
    .revised(total_investment=93_500 * WAN, planned_start="2020-03")
    .later(days=2)
    .submitted()
)
AT_PROVINCE = (
    Dossier(org="JC-GP", name="丹泉农产品冷链物流中心").drafted().submitted().passed_first()
)
DONE = httpx.Response(
    200, json={"revision": 1, "receipt": "HZ-1"}, headers={"Siku-Wrote": "project-x@3"}
)


def desk(dossier: Dossier) -> str:
    """Give the address of a dossier on the desk."""
    return f"/desk/{dossier.project_id}"


def decision(dossier: Dossier, verdict: str, **more: str) -> dict[str, str]:
    """Give a sent decision."""
    return {
        "key": "11111111-2222-4333-8444-555555555555",
        "version": str(len(dossier.told)),
        "on_revision": str(dossier.revision),
        "verdict": verdict,
        **more,
    }


async def test_each_reviewer_sees_the_queue_of_his_level_oldest_first(
    stand_city: StandCity,
) -> None:
    city = await stand_city(LATER, AT_PROVINCE, AGAIN, WAITING)
    async with city.browser("city") as reviewer, city.browser("province") as province:
        page = (await reviewer.get("/desk")).text
        places = [page.index(f'class="t">{dossier.name}') for dossier in (WAITING, LATER, AGAIN)]
        assert places == sorted(places)
        assert AT_PROVINCE.name not in page
        assert "待初审 3" in page
        other = (await province.get("/desk")).text
        assert AT_PROVINCE.name in other
        assert WAITING.name not in other
    async with city.browser("zezhou") as county:
        assert (await county.get("/desk")).status_code == 403


async def test_the_difference_to_the_edition_reviewed_last_is_shown(
    stand_city: StandCity,
) -> None:
    city = await stand_city(AGAIN, WAITING)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(desk(AGAIN))).text
        assert "<del>86,000</del> 万元" in page
        assert "<ins>93,500</ins> 万元" in page
        assert "+7,500 万元（+8.7%）" in page
        assert "与总投资差 7,500" not in page, "the sources did not change"
        assert "<del>2019年10月</del>" in page
        assert "“与意向函不符。”" in page
        assert "请核对贷款额。" in page
        first = (await reviewer.get(desk(WAITING))).text
        assert "首次报送，全部为新" in first
        assert "<del>" not in first


async def test_a_decision_goes_to_intake_with_its_edition_and_version(
    stand_city: StandCity,
) -> None:
    city = await stand_city(WAITING, LATER)
    path = f"/projects/{WAITING.project_id}/first-review"
    city.intake.answers["POST", path] = DONE
    async with city.browser("city") as reviewer:
        answer = await reviewer.post(desk(WAITING), data=decision(WAITING, "PASS", opinion="同意"))
        assert answer.headers["location"] == f"{desk(LATER)}?after=project-x@3"
        page = (await reviewer.get(desk(LATER))).text
        assert "初审通过，已送省发改委审核，限 5 个工作日。" in page
    assert city.intake.bodies("POST", path) == [
        {"verdict": "PASS", "opinion": "同意", "on_revision": 1, "remarks": []}
    ]
    (sent,) = [request for request in city.intake.asked if request.method == "POST"]
    assert sent.headers["If-Match"] == '"2"'


async def test_the_province_may_return_to_the_city(stand_city: StandCity) -> None:
    city = await stand_city(AT_PROVINCE)
    path = f"/projects/{AT_PROVINCE.project_id}/final-review"
    city.intake.answers["POST", path] = DONE
    async with city.browser("province") as province:
        await province.post(
            desk(AT_PROVINCE),
            data=decision(
                AT_PROVINCE,
                "RETURN",
                opinion="请重核。",
                to="CITY",
                **{"remark.build_years": "偏长。", "remark.content": "", "remark.name": "太泛。"},
            ),
        )
        assert "已退回市发改委重新初审" in (await province.get("/desk")).text
    (body,) = city.intake.bodies("POST", path)
    assert body["to"] == Level.CITY
    assert body["remarks"] == [
        {"field": "name", "text": "太泛。"},
        {"field": "build_from", "text": "偏长。"},
    ]


async def test_a_rejection_has_to_be_confirmed(stand_city: StandCity) -> None:
    city = await stand_city(WAITING)
    path = f"/projects/{WAITING.project_id}/first-review"
    city.intake.answers["POST", path] = DONE
    async with city.browser("city") as reviewer:
        sent = decision(WAITING, "REJECT", opinion="与已入库项目重复。")
        answer = await reviewer.post(desk(WAITING), data=sent)
        assert answer.status_code == 422
        assert "请再确认一次" in answer.text
        assert "与已入库项目重复。" in answer.text
        assert city.intake.bodies("POST", path) == []
        await reviewer.post(desk(WAITING), data={**sent, "confirmed": "yes"})
    assert len(city.intake.bodies("POST", path)) == 1


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (412, "stale_version", "这件已被改过"),
        (409, "decided_on_old_revision", "这件已被改过"),
        (409, "not_under_review", "可能已由他人办理"),
        (422, "unreadable_input", "退回要写明需要补正什么"),
    ],
)
async def test_a_refused_decision_keeps_the_text(
    stand_city: StandCity, status: int, code: str, said: str
) -> None:
    city = await stand_city(WAITING)
    details = "可能已由他人办理。退回要写明需要补正什么。"
    city.intake.answers["POST", f"/projects/{WAITING.project_id}/first-review"] = httpx.Response(
        status, json={"title": "没有办理", "status": status, "code": code, "detail": details}
    )
    async with city.browser("city") as reviewer:
        answer = await reviewer.post(
            desk(WAITING),
            data=decision(WAITING, "RETURN", opinion="我的意见", **{"remark.name": "我的批注"}),
        )
    assert answer.status_code == status
    for text in (said, "我的意见", "我的批注"):
        assert text in answer.text
    assert 'value="RETURN" data-key="2" checked' in answer.text


async def test_when_intake_is_silent_the_decision_waits_under_its_key(
    stand_city: StandCity,
) -> None:
    city = await stand_city(WAITING)
    city.intake.silent = True
    sent = decision(WAITING, "PASS", opinion="同意")
    async with city.browser("city") as reviewer:
        answer = await reviewer.post(desk(WAITING), data=sent)
    assert answer.status_code == 503
    assert "申报服务暂时没有回应" in answer.text
    assert sent["key"] in answer.text


async def test_who_reported_or_reviewed_first_sees_why_he_may_not(stand_city: StandCity) -> None:
    own = Dossier(org="JC-CQ", name="自己报的", reporter="account-city").drafted().submitted()
    both = (
        Dossier(org="JC-GP", name="自己初审的")
        .drafted()
        .submitted()
        .passed_first(by="account-province")
    )
    city = await stand_city(own, both)
    async with city.browser("city") as reviewer, city.browser("province") as province:
        page = (await reviewer.get(desk(own))).text
        assert "这件由你报送，初审须由他人办理" in page
        assert "提交初审意见" not in page
        page = (await province.get(desk(both))).text
        assert "这件由你初审，审核须由他人办理" in page
        assert "提交审核意见" not in page


async def test_what_was_just_decided_is_marked_until_the_view_knows(
    stand_city: StandCity,
) -> None:
    city = await stand_city(WAITING, LATER)
    ahead = f"project-{WAITING.project_id}@9"
    async with city.browser("city") as reviewer:
        answer = await reviewer.get(f"/desk?after={ahead}")
        assert answer.headers["siku-stale"] == "true"
        assert "处理中" in answer.text
        assert f'<h2 id="dossier">{LATER.name}' in answer.text
