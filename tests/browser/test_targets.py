"""A figure is clicked down to its facts, and a day three months ago shows what it showed then."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.embedded.launcher import Stack
from shared.clock import advance
from tests.browser.conftest import PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, FORM, Clerk, faults_of

FIRST, SECOND = "丹河湿地氢能装备园", "白马寺山精密轴承基地"
THEN = "2019-04-22"


@pytest.fixture(scope="module")
async def aging(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A city of its own, whose clock may run on."""
    async with Stack(home=tmp_path_factory.mktemp("aging")) as stack:
        yield stack


@pytest.fixture
async def people(chromium: Browser, aging: Stack) -> AsyncIterator[Visitors]:
    """Whoever looks at it."""
    here = Visitors(chromium, aging.url("console.web"))
    yield here
    await here.leave()


async def pooled(city: Stack, name: str, amount: str) -> None:
    """Bring a project of 泽州县 into 谋划库."""
    body = {**FORM, "name": name, "total_investment": amount}
    body["funding"] = [{"source": "SELF_RAISED", "amount": amount}]
    begun = await Clerk(city, "zezhou").ask("POST", "/projects?report=true", body)
    verdict: dict[str, object] = {"verdict": "PASS", "on_revision": 1, "opinion": "同意。"}
    path = f"/projects/{begun['project_id']}"
    await Clerk(city, "shichushen").ask("POST", f"{path}/first-review", verdict)
    await Clerk(city, "shengshenhe").ask("POST", f"{path}/final-review", verdict)


async def shown(page: Page, address: str) -> str:
    """Read the table of targets, once the figure of a project's money has arrived."""
    await page.goto(address)
    return await page.get_by_role("region", name="市级目标表").inner_text()


async def test_a_figure_is_followed_to_its_facts_and_the_past_stays_as_it_was(
    aging: Stack, people: Visitors
) -> None:
    await pooled(aging, FIRST, "126000")
    lead = await people.come()
    await lead.sign_in("lingdaozu")
    page = lead.page
    await page.goto("/targets")
    await expect(page.get_by_role("row", name=re.compile("^K01"))).to_contain_text("12.60")
    await page.screenshot(path=ARTIFACTS / "targets-1-city.png", full_page=True)
    assert await faults_of(page) == []
    then = await shown(page, "/targets")

    await page.get_by_role("row", name=re.compile("^K01")).get_by_role("link").last.click()
    await expect(page.get_by_role("heading", name="怎么算的")).to_be_visible()
    members = page.get_by_role("region", name=re.compile("清单$"))
    await expect(members.get_by_role("row", name=re.compile("合计 1 项"))).to_contain_text("12.60")
    await page.screenshot(path=ARTIFACTS / "targets-2-one.png", full_page=True)
    assert await faults_of(page) == []
    await members.get_by_role("link", name=FIRST).click()
    await page.get_by_role("link", name=re.compile("“进入谋划库”的原始记录")).click()
    await expect(page.get_by_text("intake.project.pooled.v1", exact=True)).to_be_visible()
    await expect(page.locator("pre.raw").first).to_contain_text("1260000000")

    advance(aging.home.path, timedelta(days=92))
    await pooled(aging, SECOND, "88000")
    async with asyncio.timeout(30):
        while "21.40" not in await shown(page, "/targets"):
            await asyncio.sleep(0.3)
    assert await shown(page, f"/targets?as_of={THEN}") == then
    await page.goto(f"/projects?as_of={THEN}")
    await expect(page.get_by_role("link", name=FIRST)).to_be_visible()
    await expect(page.get_by_role("link", name=SECOND)).to_have_count(0)


@pytest.mark.parametrize("address", ["/targets?level=county", "/ranking", "/tags", "/work"])
async def test_pages_of_figures_are_accessible_and_fit_a_phone(
    aging: Stack, people: Visitors, address: str
) -> None:
    for size in (None, PHONE):
        visitor = await (people.come(size) if size else people.come())
        await visitor.sign_in("lingdaozu")
        await visitor.page.goto(address)
        assert await faults_of(visitor.page) == []
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await visitor.page.evaluate(wide)
