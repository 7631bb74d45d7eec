"""The way in and out as a browser takes it: the issuer's page, cookies that no other site sends."""

import pytest
from playwright.async_api import Browser, ViewportSize

from tests.browser.conftest import DESKTOP, PHONE, WALL, Visitors
from tests.browser.visitor import ARTIFACTS, PASSWORD, faults_of
from tests.console.test_another_issuer import Town, town

__all__ = ["town"]
SIZES: dict[str, ViewportSize] = {"1366": DESKTOP, "390": PHONE, "1920": WALL}


@pytest.mark.parametrize("size", SIZES)
async def test_the_issuers_page_is_accessible_and_says_what_is_wrong(
    visitors: Visitors, size: str
) -> None:
    visitor = await visitors.come(SIZES[size])
    page = visitor.page
    await page.goto("/sign-in")
    await page.get_by_label("密码", exact=True).wait_for()
    found = await faults_of(page)
    await page.screenshot(path=ARTIFACTS / f"sign-in-{size}.png", full_page=True)
    await page.get_by_label("账号", exact=True).fill("zezhou")
    await page.get_by_label("密码", exact=True).fill("wrong")
    await page.keyboard.press("Enter")
    await page.get_by_text("账号或密码不对").wait_for()
    assert await page.evaluate("document.activeElement.id") == "password"
    found += await faults_of(page)
    await page.screenshot(path=ARTIFACTS / f"sign-in-wrong-{size}.png", full_page=True)
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    # The right password makes the wrong one forgotten.
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/board")
    assert found == []


async def test_one_click_on_an_example_account_fills_the_form(visitors: Visitors) -> None:
    page = (await visitors.come()).page
    await page.goto("/sign-in?next=/help")
    await page.locator('[data-fill="lingdaozu"]').click()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/help")


async def test_without_scripts_everybody_comes_in_all_the_same(visitors: Visitors) -> None:
    page = (await visitors.come(scripts=False)).page
    await page.goto("/sign-in")
    await page.get_by_label("账号", exact=True).fill("zezhou")
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.wait_for_url("**/board")


async def test_who_signed_in_once_comes_in_again_without_typing_until_he_signs_out(
    visitors: Visitors,
) -> None:
    visitor = await visitors.come()
    await visitor.sign_in("lingdaozu")
    page = visitor.page
    cookies = await page.context.cookies()
    assert {cookie["sameSite"] for cookie in cookies} == {"Strict"}
    ours = next(one["name"] for one in cookies if visitors.address.endswith(one["name"][-5:]))
    await page.context.clear_cookies(name=ours)
    await page.goto("/help")
    await page.wait_for_url("**/help")
    await page.locator(".top").get_by_role("button", name="退出").click()
    await page.wait_for_url("**/signed-out")
    assert await page.context.cookies() == []
    await page.get_by_role("link", name="登录").click()
    await page.get_by_label("密码", exact=True).wait_for()


async def test_an_issuer_on_another_site_brings_people_in_with_strict_cookies(
    chromium: Browser, town: Town
) -> None:
    """127.0.0.1 and localhost are two sites, so the way back comes from another one."""
    context = await chromium.new_context(base_url=town.console, locale="zh-CN")
    issuer = town.provider.url
    assert "localhost" in issuer
    await context.add_cookies([{"name": "city_person", "value": "liu", "url": issuer}])
    page = await context.new_page()
    noises: list[str] = []
    page.on("console", lambda message: noises.append(message.text))
    await page.goto("/import")
    await page.wait_for_url(f"{town.console}/import")
    await page.locator(".top").get_by_text("liu（别处的账号）").wait_for()
    # A form that leads to the issuer's site is not stopped by the policy of our pages.
    await page.locator(".top").get_by_role("button", name="退出").click()
    await page.wait_for_url(f"{town.console}/signed-out")
    assert [one for one in noises if "Failed to load resource" not in one] == []
    await context.close()
