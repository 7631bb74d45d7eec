"""更正: asked on the form, judged beside what was accepted, and told with old, new, why and who."""

import httpx

from tests.console.builders import WAN, Dossier
from tests.console.conftest import StandCity

IN_POOL = Dossier(name="鹿鸣谷煤层气综合利用").drafted().submitted().passed_first().pooled()
ASKED = (
    Dossier(name="丹泉冷链物流中心")
    .drafted()
    .submitted()
    .passed_first()
    .pooled()
    .correcting(total_investment=93_500 * WAN)
)
DONE = (
    Dossier(name="凤栖湖示范园")
    .drafted()
    .submitted()
    .passed_first()
    .pooled()
    .correcting(total_investment=93_500 * WAN)
    .passed_first()
    .corrected(total_investment=93_500 * WAN)
)
SAID = "批准之前原内容不变"


async def test_the_project_page_leads_to_the_correction_of_what_is_in_a_pool(
    stand_city: StandCity,
) -> None:
    city = await stand_city(IN_POOL, ASKED)
    async with city.browser("zezhou") as clerk, city.browser("city") as reviewer:
        path = f"/projects/{IN_POOL.project_id}"
        assert f'href="{path}/correct"' in (await clerk.get(path)).text
        assert f'href="{path}/correct"' not in (await reviewer.get(path)).text
        under_way = (await clerk.get(f"/projects/{ASKED.project_id}")).text
        assert "/correct" not in under_way, "one application at a time"


async def test_it_is_asked_for_on_the_form_with_a_reason_and_every_column(
    stand_city: StandCity,
) -> None:
    city = await stand_city(IN_POOL)
    form = {"name": IN_POOL.name, "total_investment": "86000.00", "location": {"region": "140525"}}
    held = httpx.Response(200, json=form, headers={"ETag": '"5"'})
    path = f"/projects/{IN_POOL.project_id}"
    city.intake.answers["GET", path] = held
    city.intake.answers["POST", f"{path}/corrections"] = httpx.Response(
        200, json={"stage": "SUBMITTED", "receipt": "HZ-1"}, headers={"Siku-Wrote": "project-x@6"}
    )
    async with city.browser("zezhou") as clerk:
        page = (await clerk.get(f"{path}/correct")).text
        assert "为什么更正" in page
        assert 'value="86000' in page
        assert 'name="contact.phone"' not in page, "whom to call is no part of it"
        sent = {
            "key": "11111111-2222-4333-8444-555555555555",
            "version": "5",
            "name": IN_POOL.name,
            "total_investment": "93500",
            "reason": " 漏填二期。 ",
            "not_secret": "true",
        }
        answer = await clerk.post(f"{path}/correct", data=sent)
        assert answer.headers["location"] == f"{path}?after=project-x@6"
        assert SAID in (await clerk.get(path)).text
    (body,) = city.intake.bodies("POST", f"{path}/corrections")
    assert (body["reason"], body["total_investment"]) == ("漏填二期。", "93500")
    assert body["not_secret"] is True
    assert "contact" not in body


async def test_a_refused_request_keeps_what_was_typed(stand_city: StandCity) -> None:
    city = await stand_city(IN_POOL)
    path = f"/projects/{IN_POOL.project_id}"
    error = {"field": "evidence", "label": "佐证附件", "rule": "evidence_required"}
    city.intake.answers["POST", f"{path}/corrections"] = httpx.Response(
        422,
        json={
            "title": "要素不齐或有误",
            "status": 422,
            "code": "incomplete_facts",
            "errors": [{**error, "message": "更正总投资要附佐证材料。", "remedy": "请上传。"}],
        },
    )
    async with city.browser("zezhou") as clerk:
        sent = {"name": "改了的名称", "reason": "我的理由"}
        answer = await clerk.post(f"{path}/correct", data=sent)
    assert answer.status_code == 422
    for text in ("更正总投资要附佐证材料", "改了的名称", "我的理由"):
        assert text in answer.text


async def test_the_reviewer_sees_what_was_accepted_beside_what_it_shall_become(
    stand_city: StandCity,
) -> None:
    city = await stand_city(ASKED)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/desk/{ASKED.project_id}")).text
    assert "<del>86,000</del> 万元" in page
    assert "<ins>93,500</ins> 万元" in page
    assert "面积漏填了二期。" in page
    assert "申请更正" in page


async def test_the_history_tells_old_new_why_and_who(stand_city: StandCity) -> None:
    city = await stand_city(DONE, ASKED)
    async with city.browser("zezhou") as clerk, city.browser("lead") as office:
        for browser in (clerk, office):
            page = (await browser.get(f"/projects/{DONE.project_id}")).text
            effect = page[page.index("<b>更正生效<") : page.index("<b>申请更正<")]
            assert "86,000" in effect
            assert "93,500" in effect
            assert "理由：面积漏填了二期。" in effect
            assert "省级审核员" in effect
        assert "9.35" in (await clerk.get("/projects")).text
        under_way = (await clerk.get(f"/projects/{ASKED.project_id}")).text
        assert "申请更正" in under_way


async def test_others_do_not_ask_for_it(stand_city: StandCity) -> None:
    city = await stand_city(IN_POOL)
    for user, status in {"city": 403, "lead": 403, "chengqu": 404}.items():
        async with city.browser(user) as browser:
            answer = await browser.get(f"/projects/{IN_POOL.project_id}/correct")
            assert answer.status_code == status, user
