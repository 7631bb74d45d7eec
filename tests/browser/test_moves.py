"""One project goes from planning through every pool to production, by its own roles."""

import re
from collections.abc import Mapping

from playwright.async_api import Page, expect

from deploy.embedded.launcher import Stack
from tests.browser.conftest import PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, FORM, Clerk, faults_of

NAME = "丹河新城光电子产业园"
CODE = "2019-140525-39-03-004417"
FOR_PREP = {"acceptance_notice": "泽规资受〔2019〕7号", "preparation_plan": "泽发改计〔2019〕7号"}
FOR_BUILD = {
    "project_approval": "泽审批投〔2019〕21号",
    "land_permit": "泽国用〔2019〕30号",
    "planning_permit": "泽建规〔2019〕30号",
    "environment_approval": "泽环审〔2019〕30号",
    "start_report": "泽住建开〔2019〕12号",
}
FOR_PROD = {"completion_filing": "泽住建竣〔2019〕3号", "production_proof": "泽统投〔2019〕3号"}


async def in_plan(city: Stack) -> str:
    """Bring a project into 谋划库."""
    begun = await Clerk(city, "zezhou").ask(
        "POST", "/projects?report=true", {**FORM, "name": NAME, "project_code": CODE}
    )
    verdict: dict[str, object] = {"verdict": "PASS", "on_revision": 1, "opinion": "同意。"}
    path = f"/projects/{begun['project_id']}"
    await Clerk(city, "shichushen").ask("POST", f"{path}/first-review", verdict)
    await Clerk(city, "shengshenhe").ask("POST", f"{path}/final-review", verdict)
    return begun["project_id"]


async def apply(page: Page, project_id: str, move: str, papers: Mapping[str, str]) -> None:
    """Apply for a move as a clerk does, from the project's page."""
    await page.goto(f"/projects/{project_id}")
    await page.get_by_role("link", name="申请调库").click()
    row = page.get_by_role("row", name=re.compile(f"^{move}"))
    await row.get_by_role("link", name="填写申请").click()
    for sort, number in papers.items():
        await page.locator(f"#number-{sort}").fill(number)
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_role("status").first).to_contain_text("已报送市发改委初审")


async def judge(page: Page, project_id: str, button: str, said: str) -> None:
    await page.goto(f"/desk/{project_id}")
    await page.get_by_label("意见", exact=True).fill("材料齐全，同意。")
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_role("status").first).to_contain_text(said)


async def test_a_project_goes_through_every_pool_to_production(
    city: Stack, visitors: Visitors
) -> None:
    project_id = await in_plan(city)
    county, reviewer, province = [await visitors.come() for _ in range(3)]
    await county.sign_in("zezhou")
    await reviewer.sign_in("shichushen")
    await province.sign_in("shengshenhe")

    await county.page.goto(f"/projects/{project_id}/moves?transition=T23")
    await expect(county.page.get_by_text("正在填写")).to_have_count(0)
    await county.page.goto(f"/projects/{project_id}/moves?transition=T12")
    await county.page.screenshot(path=ARTIFACTS / "moves-1-open.png", full_page=True)
    assert await faults_of(county.page) == []
    await county.page.get_by_role("button", name="提交申请").click()
    await expect(county.page.get_by_role("alert").first).to_contain_text("条件不具备")
    await county.page.screenshot(path=ARTIFACTS / "moves-2-missing.png", full_page=True)

    for number, (move, papers, pool) in enumerate(
        (
            ("转入前期库", FOR_PREP, "前期库"),
            ("转入建设库", FOR_BUILD, "建设库"),
            ("转入投产库", FOR_PROD, "投产库"),
        )
    ):
        await apply(county.page, project_id, move, papers)
        if not number:
            await expect(county.page.get_by_role("heading", name=f"申请{move}")).to_be_visible()
            await county.page.screenshot(path=ARTIFACTS / "moves-3-applied.png", full_page=True)
            assert await faults_of(county.page) == []
            await reviewer.page.goto(f"/desk/{project_id}")
            await reviewer.page.screenshot(path=ARTIFACTS / "moves-4-desk.png", full_page=True)
            assert await faults_of(reviewer.page) == []
        await judge(reviewer.page, project_id, "提交初审意见", "初审通过")
        await judge(province.page, project_id, "提交审核意见", f"项目已进入{pool}")

    await county.page.goto(f"/projects/{project_id}")
    steps = county.page.locator(".steps-4 li.past")
    await expect(steps).to_have_count(3)
    await expect(county.page.locator(".steps-4 li.now")).to_contain_text("投产")
    await county.page.screenshot(path=ARTIFACTS / "moves-5-production.png", full_page=True)


async def test_an_application_is_filled_in_on_a_telephone(city: Stack, visitors: Visitors) -> None:
    begun = await Clerk(city, "zezhou").ask("POST", "/projects", {**FORM, "name": "珏山直接入库"})
    clerk = await visitors.come(PHONE)
    await clerk.sign_in("zezhou")
    await clerk.page.goto(f"/projects/{begun['project_id']}/moves?transition=T02")
    await expect(clerk.page.get_by_label("不涉密")).to_be_visible()
    wide = await clerk.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    await clerk.page.screenshot(path=ARTIFACTS / "moves-6-phone.png", full_page=True)
    assert await faults_of(clerk.page) == []
