"""An officer handles a permit; the applicant's open page shows each step within a second."""

import re

from playwright.async_api import Page, expect

from deploy.embedded.launcher import Stack
from tests.browser.conftest import PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, Visitor, faults_of, in_preparation

WITHIN = 1_000
"""Milliseconds between what the officer was answered and what the applicant sees."""

ITEM = "A06"
"""节能审查: done by 市行政审批局, may be accepted as soon as the project has its code."""


async def open_item(visitor: Visitor, project_id: str, item: str) -> None:
    """Open an item of a plan; one that is just being drawn up has still to be heard of."""
    page = visitor.page
    for _ in range(60):
        await page.goto(f"/projects/{project_id}/approvals?item={item}")
        if await page.locator("#acting").count():
            return
        visitor.noises.clear()
        await page.wait_for_timeout(500)
    raise AssertionError(f"{item} cannot be handled")


async def act(page: Page, name: str, **typed: str) -> None:
    """Do an act as an officer does: open it, fill it in, send it."""
    acting = page.locator("#acting")
    await acting.locator("summary", has_text=name).first.click()
    opened = acting.locator("details[open]")
    for field, value in typed.items():
        where = opened.locator(f"[name={field}]")
        if field == "procedure":
            await where.select_option(value)
        else:
            await where.fill(value)
    await opened.get_by_role("button", name=name, exact=True).click()
    await expect(page.get_by_role("status").first).to_be_visible()


async def test_what_an_officer_does_is_seen_by_the_applicant_within_a_second(
    city: Stack, visitors: Visitors
) -> None:
    project_id = await in_preparation(city, "丹峰氧化铝陶瓷中试线")
    unit, officer = await visitors.come(), await visitors.come()
    await unit.sign_in("zezhou")
    await officer.sign_in("shenpiju")

    await open_item(officer, project_id, "A01")
    await unit.page.goto(f"/projects/{project_id}")
    await unit.page.get_by_role("link", name=re.compile(r"^审批 \d+")).click()
    await expect(unit.page.get_by_role("heading", name="现在在谁手里")).to_be_visible()
    await unit.page.screenshot(path=ARTIFACTS / "approvals-1-plan.png", full_page=True)
    assert await faults_of(unit.page) == []

    await act(officer.page, "办结", document_number="2019-140525-30-03-009911")
    await open_item(unit, project_id, ITEM)
    await act(unit.page, "收件")
    seen = unit.page.locator("#item")
    await expect(seen).to_contain_text("收件")

    await open_item(officer, project_id, ITEM)
    await act(officer.page, "一次性告知补正", corrections="缺节能报告电子版\n缺能源消费量计算表")
    await expect(seen).to_contain_text("补正", timeout=WITHIN)
    await open_item(unit, project_id, ITEM)
    await act(unit.page, "提交补正材料")

    await open_item(officer, project_id, ITEM)
    await act(officer.page, "受理")
    await expect(seen).to_contain_text("为什么是", timeout=WITHIN)
    await officer.page.screenshot(path=ARTIFACTS / "approvals-2-acting.png", full_page=True)
    assert await faults_of(officer.page) == []

    procedure = await officer.page.locator("[name=procedure] option").nth(1).get_attribute("value")
    await act(
        officer.page,
        "停表",
        procedure=procedure or "",
        reason="组织专家评审。",
        expected_days="10",
        notice="晋市审停〔2019〕7号",
    )
    await expect(seen).to_contain_text("停表", timeout=WITHIN)
    await unit.page.screenshot(path=ARTIFACTS / "approvals-3-paused.png", full_page=True)
    await act(officer.page, "复表")
    await expect(seen).not_to_contain_text("停表，", timeout=WITHIN)

    await act(officer.page, "办结", document_number="晋市审能〔2019〕7号")
    await expect(seen).to_contain_text("已办结", timeout=WITHIN)
    await unit.page.screenshot(path=ARTIFACTS / "approvals-4-granted.png", full_page=True)
    assert await faults_of(unit.page) == []


async def test_an_office_finds_what_waits_and_a_stranger_finds_nothing(
    city: Stack, visitors: Visitors
) -> None:
    project_id = await in_preparation(city, "丹峰氢燃料电堆总装线")
    unit, officer, other = [await visitors.come() for _ in range(3)]
    await unit.sign_in("zezhou")
    await officer.sign_in("shenpiju")
    await other.sign_in("yangcheng")

    await open_item(officer, project_id, "A01")
    await act(officer.page, "办结", document_number="2019-140525-38-03-009922")
    await open_item(unit, project_id, "A10")
    await act(unit.page, "收件")
    await officer.page.goto("/approvals")
    row = officer.page.get_by_role("row", name="丹峰氢燃料电堆总装线")
    await expect(row.first).to_contain_text("项目备案")
    for page in ("approvals", "approvals/overdue", "approvals/months/2019-04", "catalogue"):
        await officer.page.goto(f"/{page}")
        await expect(officer.page.get_by_role("heading", level=1)).to_be_visible()
        assert await faults_of(officer.page) == [], page

    answer = await other.page.goto(f"/projects/{project_id}/approvals")
    assert answer is not None
    assert answer.status == 404
    other.noises.clear()


async def test_a_permit_is_handled_on_a_telephone(city: Stack, visitors: Visitors) -> None:
    project_id = await in_preparation(city, "丹峰铸件智能打磨线")
    officer = await visitors.come(PHONE)
    await officer.sign_in("shenpiju")
    await open_item(officer, project_id, "A01")
    wide = await officer.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    await act(officer.page, "办结", document_number="2019-140525-34-03-009933")
    await officer.page.screenshot(path=ARTIFACTS / "approvals-5-phone.png", full_page=True)
    assert await faults_of(officer.page) == []
