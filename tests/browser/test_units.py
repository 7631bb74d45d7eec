"""A bureau is set up, reports, is renamed and goes into another, while everything runs."""

import re
from datetime import date, timedelta

from playwright.async_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.test_journey import fill_in
from tests.browser.visitor import ARTIFACTS, faults_of

CODE, NAME = "D-YJJ", "应急指挥中心示例"
GOOD = "Tai-hang-shan-9"


async def establish(page: Page) -> None:
    await page.goto("/organisations/new")
    await page.locator("#establish-organisation_id").fill(CODE)
    await page.locator("#establish-name").fill("晋城市应急局")
    await page.locator("#establish-short_name").fill("应急局")
    await page.locator("#establish-aliases").fill("市应急办，应急办")
    await page.locator("#establish-organisation_kind").select_option("department")
    await page.locator("#establish-path").select_option("direct")
    await page.get_by_label("须谋划项目").check()
    await page.locator("#establish-valid_from").fill("2019-01-01")
    assert await faults_of(page) == []
    await page.get_by_role("button", name="设立机构").click()
    await expect(page.get_by_role("status").first).to_contain_text("已设立晋城市应急局")
    await expect(page.get_by_text("又称 市应急办、应急办")).to_be_visible()


async def open_account(page: Page, username: str) -> str:
    await page.goto("/accounts/new")
    await page.locator("#open-username").fill(username)
    await page.locator("#open-name").fill("应急局填报员")
    await page.locator("#open-role").select_option("dept_reporter")
    await page.locator("#open-organisation").select_option(CODE)
    await page.locator("#open-name").press("Enter")
    return await page.locator(".one-time").inner_text()


async def take_over(page: Page, username: str, password: str) -> None:
    await page.goto("/sign-in")
    await page.get_by_label("账号", exact=True).fill(username)
    await page.get_by_label("密码", exact=True).fill(password)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.get_by_label("一次性密码").fill(password)
    await page.get_by_label("新密码", exact=True).fill(GOOD)
    await page.get_by_label("再填一次新密码").fill(GOOD)
    await page.get_by_label("再填一次新密码").press("Enter")
    await page.wait_for_url(lambda address: "/sign-in" not in address)


async def shows(page: Page, address: str, text: str) -> None:
    """Look again until the page says so: what identity told arrives within seconds."""
    for _ in range(50):
        await page.goto(address)
        if await page.get_by_text(text).count():
            return
        await page.wait_for_timeout(200)
    raise AssertionError(f"{address} never said {text}")


async def test_a_new_bureau_reports_is_renamed_and_goes_into_another(visitors: Visitors) -> None:
    admin = await visitors.come()
    await admin.sign_in("admin")
    page = admin.page
    await establish(page)
    today = date.fromisoformat(await page.locator("#rename-valid_from").input_value())
    yesterday = (today - timedelta(days=1)).isoformat()
    password = await open_account(page, "yingji")

    clerk = await visitors.come()
    own = clerk.page
    await take_over(own, "yingji", password)
    await own.goto("/projects/new")
    await expect(own.get_by_text("由应急局报送")).to_be_visible()
    await fill_in(own, NAME)
    await own.get_by_role("button", name="报送", exact=True).click()
    await expect(own.get_by_role("status").first).to_contain_text("已报送市发")
    project = re.sub(r"\?.*", "", own.url)
    await own.goto(f"/months/{today:%Y-%m}")
    await expect(own.get_by_role("heading", name="应急局")).to_be_visible()

    city = await visitors.come()
    await city.sign_in("shichushen")
    await shows(city.page, "/projects", "应急局")
    await city.page.get_by_label("报送单位").select_option(label="应急局")
    await city.page.get_by_role("button", name="查询").click()
    await expect(city.page.get_by_role("link", name=NAME)).to_be_visible()
    await city.page.get_by_role("link", name=NAME).click()
    await city.page.screenshot(path=ARTIFACTS / "units-1-reported.png", full_page=True)

    await page.goto(f"/organisations/{CODE}")
    await page.locator("#rename-name").fill("晋城市应急管理局")
    await page.locator("#rename-short_name").fill("应急管理局")
    await page.locator("#rename-valid_from").fill(yesterday)
    await page.get_by_role("button", name="登记更名").click()
    await expect(page.get_by_role("status").first).to_contain_text("晋城市应急管理局")
    await shows(city.page, "/projects", "应急管理局")

    await page.locator("#end-into").select_option("D-ENE")
    await page.locator("#end-valid_to").fill(yesterday)
    await page.get_by_role("button", name="登记终止").click()
    await expect(page.get_by_role("status").first).to_contain_text("最后一日")
    await page.screenshot(path=ARTIFACTS / "units-2-merged.png", full_page=True)

    heir = await visitors.come()
    await heir.sign_in("nengyuan")
    await shows(heir.page, project, NAME)
    await expect(heir.page.get_by_role("button", name="撤回这件报送")).to_be_visible()
    await heir.page.screenshot(path=ARTIFACTS / "units-3-heir.png", full_page=True)
    await city.page.goto(f"/projects?org={CODE}")
    await expect(city.page.get_by_role("link", name=NAME)).to_be_visible()
    await expect(city.page.locator("select[name=org]")).to_contain_text(
        f"应急管理局（至 {yesterday}）"
    )
    await city.page.goto(f"/months/{today:%Y-%m}")
    await expect(city.page.get_by_text("应急管理局")).to_have_count(0)
