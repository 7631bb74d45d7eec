"""One project: where it stands, how it got there, and what its unit may do."""

import hashlib
import html

import httpx

from contracts.intake import Pool, ProjectFacts
from tests.console.builders import POLICY, WAN, Dossier
from tests.console.conftest import StandCity

DRAFT = Dossier(name="珏山旅游集散中心").drafted(ProjectFacts(name="珏山旅游集散中心"))
SENT = Dossier(name="巴公园区固废资源化利用").drafted().submitted()
GROWN = (
    Dossier(name="星禾高性能陶瓷材料产业园")
    .drafted()
    .revised(total_investment=118_000 * WAN)
    .submitted()
    .passed_first()
    .pooled(Pool.PLAN)
)


def address(dossier: Dossier, rest: str = "") -> str:
    """Give the address of a project."""
    return f"/projects/{dossier.project_id}{rest}"


async def test_the_history_says_who_when_what_and_on_which_edition(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    async with city.browser("lead") as browser:
        page = (await browser.get(address(GROWN))).text
    for words in (
        "建立草稿",
        "泽州县 县级报送员",
        "报送市级初审",
        "市级初审通过",
        "省级审核通过",
        "进入谋划库",
        "文号 晋发改投资〔2019〕118号",
        "用时 40 分钟，限 3 个工作日",
    ):
        assert words in page
    assert '<del class="late">86,000</del>' in page
    assert '<ins class="okc">118,000</ins>' in page
    assert page.index("进入谋划库") < page.index("建立草稿"), "newest first"
    assert "account-" not in page, "accounts are opaque"


async def test_an_earlier_edition_is_shown_without_actions(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    async with city.browser("lead") as browser:
        page = (await browser.get(address(GROWN, "?revision=1"))).text
        assert "这是第 1 版的内容" in page
        assert "回到现在" in page
        assert (await browser.get(address(GROWN, "?revision=9"))).status_code == 404


async def test_a_fact_is_shown_as_it_was_stored(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    async with city.browser("lead") as browser:
        page = (await browser.get(address(GROWN, "/events/2"))).text
    told = GROWN.told[1]
    stored = told.payload.decode()
    assert html.escape(stored, quote=True).replace("&quot;", "&#34;") in page
    digest = hashlib.sha256(told.payload).hexdigest()
    for text in (told.chain, told.envelope.id, "intake.project.revised.v1", digest):
        assert text in page
    assert f'href="/policies/{POLICY}"' in page


async def test_the_telephone_comes_whole_only_when_asked_for(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    path = f"/projects/{SENT.project_id}/contact"
    shown = {"name": "秦某某", "phone": "138****0000", "erased": False, "may_read": True}
    city.intake.answers["GET", path] = httpx.Response(200, json=shown)
    whole = {"name": "秦示例", "phone": "13800000000"}
    city.intake.answers["POST", f"{path}/reading"] = httpx.Response(200, json=whole)
    async with city.browser("zezhou") as browser:
        page = (await browser.get(address(SENT))).text
        assert "138****0000" in page
        assert city.intake.bodies("POST", f"{path}/reading") == [], (
            "looking at a page reads nothing"
        )
        read = await browser.post(f"{path}/reading", data={"purpose": "VERIFY"})
    assert "秦示例" in read.text
    assert "13800000000" in read.text
    assert "这次查看已记入" in read.text
    assert read.headers["cache-control"] == "no-store"
    assert city.intake.bodies("POST", f"{path}/reading") == [{"purpose": "VERIFY"}]


async def test_who_may_not_read_the_contact_is_offered_no_button(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    shown = {"name": "秦某某", "phone": "138****0000", "erased": False, "may_read": False}
    path = f"/projects/{GROWN.project_id}/contact"
    city.intake.answers["GET", path] = httpx.Response(200, json=shown)
    async with city.browser("lead") as browser:
        page = (await browser.get(address(GROWN))).text
    assert "138****0000" in page
    assert "显示联系方式" not in page
    assert "更换联系人" not in page


async def test_an_erased_contact_is_said_and_its_unit_names_another(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    path = f"/projects/{GROWN.project_id}/contact"
    gone = {"name": "", "phone": "", "erased": True, "may_read": False}
    city.intake.answers["GET", path] = httpx.Response(200, json=gone)
    asked = {"name": "秦示例", "phone": "0356-219", "key": "11111111-2222-4333"}
    async with city.browser("zezhou") as browser:
        page = (await browser.get(address(GROWN))).text
        assert "已按个人要求删除" in page
        assert "重新登记联系人" in page
        problem = {"title": "填报内容有误", "status": 422, "detail": "有 1 处填写有误。"}
        city.intake.answers["PUT", path] = httpx.Response(422, json=problem)
        refused = await browser.post(path, data=asked)
        assert (refused.status_code, "0356-219" in refused.text) == (422, True), "nothing is lost"
        wrote = {"Siku-Wrote": f"project-{GROWN.project_id}@7"}
        city.intake.answers["PUT", path] = httpx.Response(200, json={}, headers=wrote)
        assert (await browser.post(path, data=asked)).status_code == 303
    assert city.intake.bodies("PUT", path)[-1] == {"name": "秦示例", "phone": "0356-219"}


async def test_a_silent_intake_leaves_the_page_standing(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    city.intake.silent = True
    async with city.browser("zezhou") as browser:
        answer = await browser.get(address(SENT))
    assert answer.status_code == 200
    assert "申报服务没有回应，暂时取不到" in answer.text
    assert "流转记录" in answer.text


async def test_its_unit_may_go_on_take_back_or_give_up(stand_city: StandCity) -> None:
    city = await stand_city(DRAFT, SENT, GROWN)
    async with city.browser("zezhou") as browser:
        draft = (await browser.get(address(DRAFT))).text
        assert "继续填写" in draft
        assert "撤销草稿“珏山旅游集散中心”" in draft
        assert "撤回报送" not in draft
        sent = (await browser.get(address(SENT))).text
        assert "撤回报送" in sent
        assert "继续填写" not in sent
        pooled = (await browser.get(address(GROWN))).text
        assert "继续填写" not in pooled
        assert "撤回报送" not in pooled
    async with city.browser("city") as reviewer:
        sent = (await reviewer.get(address(SENT))).text
        assert "去审核" in sent
        assert "撤回报送" not in sent


async def test_taking_back_sends_the_reason_and_keeps_it_when_refused(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SENT)
    path = address(SENT, "/withdraw")
    city.intake.answers["POST", path] = httpx.Response(
        409,
        json={"title": "不能撤回", "status": 409, "code": "too_late", "detail": "市级已经初审。"},
    )
    sent = {"reason": "要再核投资额", "key": "11111111-2222-4333", "version": "2"}
    async with city.browser("zezhou") as browser:
        answer = await browser.post(path, data=sent)
        assert answer.status_code == 409
        assert "市级已经初审。" in answer.text
        assert "要再核投资额" in answer.text
        city.intake.answers["POST", path] = httpx.Response(
            200, json={}, headers={"Siku-Wrote": f"project-{SENT.project_id}@2"}
        )
        answer = await browser.post(path, data=sent)
        assert answer.status_code == 303
        assert "已撤回，这件回到你单位。" in (await browser.get(address(SENT))).text
    assert city.intake.bodies("POST", path)[-1] == {"reason": "要再核投资额"}


async def test_a_page_that_lags_says_so_and_asks_again_by_itself(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    async with city.browser("zezhou") as browser:
        ahead = await browser.get(address(SENT, f"?after=project-{SENT.project_id}@9"))
        assert ahead.status_code == 200
        assert ahead.headers["siku-stale"] == "true"
        assert "处理中" in ahead.text
        assert 'hx-trigger="every 1s"' in ahead.text
        known = await browser.get(address(SENT, f"?after=project-{SENT.project_id}@2"))
        assert "siku-stale" not in known.headers
        assert "every 1s" not in known.text
        unborn = Dossier(name="还没有到的")
        waiting = await browser.get(address(unborn, f"?after=project-{unborn.project_id}@1"))
        assert waiting.status_code == 200
        assert "已经收到" in waiting.text


async def test_an_address_that_cannot_be_read_is_not_found(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    async with city.browser("zezhou") as browser:
        for path in ("/projects/abc", "/nothing", address(SENT, "/events/x"), "/desk/1"):
            answer = await browser.get(path)
            assert answer.status_code == 404
            assert "没有找到" in answer.text
            assert "四库看板" in answer.text
