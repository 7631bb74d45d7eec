"""A county reports, the city and the province review, and the card appears on an open board."""

import re

import pytest
from playwright.async_api import Page, expect

from deploy.embedded.launcher import Stack
from tests.browser.conftest import Visitors
from tests.browser.visitor import ARTIFACTS, Dossiers, faults_of, prepare

NAME = "白马塬光电显示模组基地"


@pytest.fixture(scope="module")
async def on_the_desk(city: Stack) -> Dossiers:
    """Dossiers that these tests may decide on."""
    return await prepare(city, "（二期）")


async def test_a_project_walks_through_three_levels_onto_an_open_board(
    visitors: Visitors,
) -> None:
    onlooker = await visitors.come()
    await onlooker.sign_in("lingdaozu")
    await onlooker.page.goto("/board")
    await expect(onlooker.page.get_by_role("link", name=NAME)).to_have_count(0)
    await onlooker.page.evaluate("window.stayed = true")

    county = await visitors.come()
    await county.sign_in("zezhou")
    await county.page.get_by_role("link", name="申报", exact=True).first.click()
    await fill_in(county.page, NAME)
    await county.page.get_by_role("button", name="报送", exact=True).click()
    await expect(county.page.get_by_role("status").first).to_contain_text(
        re.compile("已报送市发.*初审，限 3 个工作日")
    )
    await expect(county.page.get_by_role("heading", name=NAME)).to_be_visible()
    await county.page.screenshot(path=ARTIFACTS / "journey-1-reported.png")

    city = await visitors.come()
    await city.sign_in("shichushen")
    await city.page.goto("/desk")
    await city.page.get_by_role("link", name=re.compile(NAME)).click()
    await expect(city.page.get_by_text("首次报送，全部为新")).to_be_visible()
    await city.page.get_by_label("意见", exact=True).fill("要素齐全，同意报省审核。")
    await city.page.screenshot(path=ARTIFACTS / "journey-2-first-review.png")
    await city.page.get_by_role("button", name="提交初审意见").click()
    await expect(city.page.get_by_role("status").first).to_contain_text("初审通过")

    province = await visitors.come()
    await province.sign_in("shengshenhe")
    await province.page.goto("/desk")
    await province.page.get_by_role("link", name=re.compile(NAME)).click()
    await province.page.get_by_label("文号").fill("晋发改投资〔2019〕118号")
    await province.page.get_by_role("button", name="提交审核意见").click()
    await expect(province.page.get_by_role("status").first).to_contain_text("已进入谋划库")

    card = onlooker.page.locator(".card-p", has_text=NAME)
    await expect(card).to_be_visible(timeout=10_000)
    await expect(card).to_contain_text("新入库")
    await expect(card).to_have_class(re.compile("arrived"))
    assert await onlooker.page.evaluate("window.stayed"), "the board was loaded anew"
    await onlooker.page.wait_for_timeout(800)
    await onlooker.page.screenshot(path=ARTIFACTS / "journey-3-arrived.png")
    assert await faults_of(onlooker.page) == []

    await card.click()
    await expect(onlooker.page.get_by_text("进入谋划库", exact=True)).to_be_visible()
    for step in ("报送市级初审", "市级初审通过", "省级审核通过"):
        await expect(onlooker.page.get_by_text(step, exact=True)).to_be_visible()


async def test_the_form_comes_back_with_every_value_and_the_first_fault_in_focus(
    visitors: Visitors,
) -> None:
    county = await visitors.come()
    await county.sign_in("chengqu")
    await county.page.goto("/projects/new")
    await fill_in(county.page, "古书院文创街区更新")
    await county.page.get_by_label("建设内容").fill("太短")
    await county.page.get_by_label("联系电话").fill("12")
    await county.page.get_by_role("button", name="报送", exact=True).click()
    await expect(county.page.get_by_role("alert").first).to_contain_text("有 2 处要改")
    content = county.page.get_by_label("建设内容")
    await expect(content).to_be_focused()
    await expect(content).to_have_value("太短")
    await expect(content).to_have_attribute("aria-invalid", "true")
    await expect(county.page.get_by_label("企业自筹")).to_have_value("60000")
    await county.page.screenshot(path=ARTIFACTS / "form-faults.png")
    assert await faults_of(county.page) == []
    await content.fill("改造历史建筑，更新街区 3.2 公顷。")
    await county.page.get_by_label("联系电话").fill("0356-2190001")
    await county.page.get_by_label("企业自筹").fill("50000")
    await expect(county.page.locator("[data-gap]")).to_have_text("与总投资差 10,000")
    await county.page.get_by_role("button", name="报送", exact=True).click()
    hint = county.page.get_by_label(re.compile("已知悉提示"))
    await expect(hint).to_be_visible()
    await county.page.screenshot(path=ARTIFACTS / "form-hint.png")
    assert await faults_of(county.page) == []
    await hint.check()
    await county.page.get_by_role("button", name="报送", exact=True).click()
    await expect(county.page.get_by_role("status").first).to_contain_text("已报送")


async def test_a_double_click_reports_once(visitors: Visitors) -> None:
    county = await visitors.come()
    await county.sign_in("lingchuan")
    await county.page.goto("/projects/new")
    await fill_in(county.page, "锡崖沟研学营地")
    await county.page.get_by_role("button", name="报送", exact=True).dblclick()
    await expect(county.page.get_by_role("status").first).to_contain_text("已报送")
    await county.page.goto("/projects?name=锡崖沟研学营地")
    await expect(county.page.get_by_text("合计 1 项")).to_be_visible()


async def test_everything_that_matters_works_without_a_script(visitors: Visitors) -> None:
    county = await visitors.come(scripts=False)
    await county.sign_in("gaoping")
    await county.page.goto("/projects/new")
    await fill_in(county.page, "长平丝麻家纺生产线")
    await county.page.get_by_role("button", name="存草稿").click()
    await expect(county.page.get_by_role("status").first).to_contain_text("草稿已存")
    await county.page.get_by_role("link", name="继续填写").click()
    await expect(county.page.get_by_label("企业自筹")).to_have_value("60000")
    await county.page.get_by_label("不涉密").check()
    await county.page.get_by_role("button", name="报送", exact=True).click()
    await expect(county.page.get_by_role("status").first).to_contain_text("已报送")
    await county.page.get_by_label("撤回理由").fill("投资额要再核。")
    await county.page.get_by_role("button", name="撤回这件报送").click()
    await expect(county.page.get_by_role("status").first).to_contain_text("已撤回")


async def test_the_desk_is_worked_by_keys_and_returns_with_remarks(
    visitors: Visitors, on_the_desk: Dossiers
) -> None:
    city = await visitors.come()
    await city.sign_in("shichushen2")
    await city.page.goto(f"/desk/{on_the_desk.resubmitted}")
    await expect(city.page.locator(".diff del").first).to_be_visible()
    await city.page.keyboard.press("2")
    await expect(city.page.get_by_label("退回补正")).to_be_checked()
    await city.page.get_by_label("给总投资写意见").click()
    await city.page.get_by_label("总投资的意见").fill("与可研批复不符。")
    await city.page.get_by_label("意见", exact=True).press("Control+Enter")
    await expect(city.page.get_by_role("alert").first).to_contain_text("退回要写明需要补正什么")
    await expect(city.page.get_by_label("总投资的意见")).to_have_value("与可研批复不符。")
    await city.page.get_by_label("意见", exact=True).fill("总投资请附批复。")
    await city.page.keyboard.press("Control+Enter")
    await expect(city.page.get_by_role("status").first).to_contain_text("已退回阳城县补正")
    await city.page.goto(f"/projects/{on_the_desk.resubmitted}")
    await expect(city.page.get_by_text("与可研批复不符。")).to_be_visible()


async def test_a_rejection_is_confirmed_by_name(visitors: Visitors, on_the_desk: Dossiers) -> None:
    city = await visitors.come()
    await city.sign_in("shichushen")
    await city.page.goto(f"/desk/{on_the_desk.submitted}")
    confirm = city.page.get_by_label(re.compile("不予入库，此结论不可撤回"))
    await expect(confirm).to_be_hidden()
    await city.page.keyboard.press("3")
    await expect(confirm).to_be_visible()
    await city.page.get_by_label("意见", exact=True).fill("与已入库项目重复，不予入库。")
    await city.page.get_by_role("button", name="提交初审意见").click()
    await expect(city.page.get_by_role("alert").first).to_contain_text("请再确认一次")
    await expect(city.page.get_by_label("意见", exact=True)).to_have_value(re.compile("重复"))
    await city.page.screenshot(path=ARTIFACTS / "desk-reject.png")
    assert await faults_of(city.page) == []
    await expect(city.page.get_by_label("不予入库", exact=True)).to_be_checked()


async def fill_in(page: Page, name: str) -> None:
    """Fill in the form as a careful clerk does."""
    await page.get_by_label("项目名称").fill(name)
    await page.get_by_label("产业类别").select_option("EMERGING")
    await page.get_by_label("谋划方向").select_option("INDUSTRIAL_CHAIN")
    await page.get_by_label("主导方").select_option("MARKET")
    await page.get_by_label("行业大类").select_option("39")
    await page.get_by_label("县（市、区）").select_option("140502")
    await page.get_by_label("详细地址").fill("金匠街道示例地块")
    await page.get_by_label("组织（建设）单位").fill("晋城示例光电有限公司")
    await page.get_by_label("建设内容").fill("建设模组生产线 6 条，厂房 4.8 万平方米。")
    await page.get_by_label("总投资（万元）").fill("100,000")
    await page.get_by_label("企业自筹").fill("60000")
    await page.get_by_label("银行贷款").fill("40000")
    await page.get_by_label("计划开工").fill("2019-10")
    await page.get_by_label("项目负责人").fill("秦示例")
    await page.get_by_label("联系电话").fill("0356-2190000")
    await page.get_by_label("不涉密").check()
