"""招商签约 in the browser: a lead comes to its contract, an event is recorded, at every size."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, Dossiers, faults_of

SIZES = {"1366": DESKTOP, "390": PHONE}


async def look(page: Page, name: str, size: str) -> list[str]:
    """Keep a picture of a page and give what is wrong with it."""
    await page.screenshot(path=ARTIFACTS / f"{name}-{size}.png")
    await page.screenshot(path=ARTIFACTS / f"{name}-{size}-full.png", full_page=True)
    found = [f"{name}: {fault}" for fault in await faults_of(page)]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{name}: scrolls sideways")
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_a_lead_comes_to_its_contract(visitors: Visitors, size: str) -> None:
    width: ViewportSize = SIZES[size]
    county = await visitors.come(width)
    await county.sign_in("yangcheng")
    page = county.page
    await page.goto("/signings/new")
    found = await look(page, "signing-form", size)
    title = f"光机电产业园{size}"
    await page.get_by_label("签约事项").fill(title)
    await page.get_by_label("投资方", exact=True).fill("深圳市光启示例精密有限公司")
    await page.get_by_label("投资方所在地").fill("广东省深圳市")
    await page.get_by_label("意向投资（万元）").fill("150000")
    await page.get_by_label("不涉密").check()
    await page.get_by_role("button", name="登记线索").click()
    await expect(page.get_by_role("status").first).to_contain_text("已登记为线索")
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await page.get_by_text("正式签约", exact=True).last.click()
    paper = page.locator("#contract")
    await paper.get_by_label("签订日期").fill("2019-04-22")
    await paper.get_by_label("合同编号").fill(f"YC-{size}")
    await paper.get_by_label("合同投资额（万元）").fill("120000" if size == "390" else "130000")
    await paper.get_by_role("button", name="记正式签约").click()
    await expect(page.get_by_role("status").first).to_contain_text("已记正式签约")
    await expect(page.get_by_text("关联项目剩 30 天")).to_be_visible()
    found += await look(page, "signing", size)
    await page.goto("/signings")
    await expect(page.get_by_role("link", name=title)).to_be_visible()
    found += await look(page, "signings", size)

    assert found == []


@pytest.mark.parametrize("size", SIZES)
async def test_an_event_is_recorded_and_a_project_marked(
    visitors: Visitors, dossiers: Dossiers, size: str
) -> None:
    width: ViewportSize = SIZES[size]
    office = await visitors.come(width)
    await office.sign_in("qianyue")
    page = office.page
    await page.goto("/promotions")
    await page.get_by_label("活动名称").fill(f"光机电推介会{size}")
    await page.get_by_label("地点").fill("广东省深圳市")
    await page.locator("#f-held_on").fill("2019-04-20")
    await page.get_by_label("在本市以外举办").check()
    await page.get_by_role("button", name="登记活动").click()
    await expect(page.get_by_role("status").first).to_contain_text("计入市外招商活动")
    found = await look(page, "promotions", size)

    reviewer = await visitors.come(width)
    await reviewer.sign_in("shichushen")
    page = reviewer.page
    await page.goto(f"/projects/{dossiers.pooled}/tags")
    if size == "1366":
        await page.locator("select[name=tag]").select_option("NAMED/YANGMANG")
        await page.get_by_role("button", name="加标签").click()
        await expect(page.get_by_role("status").first).to_contain_text("已加标签")
    await expect(page.get_by_text("点名重大基础设施（阳蟒高速）").first).to_be_visible()
    found += await look(page, "project-tags", size)
    await page.goto("/tags")
    found += await look(page, "tags", size)
    await page.goto("/tags/NAMED")
    found += await look(page, "tag-named", size)
    assert found == []
