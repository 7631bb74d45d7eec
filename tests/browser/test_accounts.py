"""An account from its opening to its first day: by hand, with the keyboard, on every size."""

import pytest
from playwright.async_api import Page, ViewportSize

from tests.browser.conftest import DESKTOP, PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, PASSWORD, faults_of

SIZES = {"1366": DESKTOP, "390": PHONE}
GOOD = "Tai-hang-shan-8"


async def look(page: Page, name: str) -> list[str]:
    """Keep a picture and say what is wrong with the page."""
    await page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)
    found = [f"{name}: {fault}" for fault in await faults_of(page)]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{name}: scrolls sideways")
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_an_account_is_opened_told_once_and_taken_over(visitors: Visitors, size: str) -> None:
    width: ViewportSize = SIZES[size]
    username = f"gaoping{size}"
    admin = await visitors.come(width)
    await admin.sign_in("admin")
    page = admin.page
    await page.goto("/accounts/new")
    await page.locator("#open-username").fill(username)
    await page.locator("#open-name").fill("高平市报送员（乙）")
    await page.locator("#open-role").select_option("county_reporter")
    await page.locator("#open-organisation").select_option("JC-GP")
    await page.locator("#open-name").press("Enter")
    password = await page.locator(".one-time").inner_text()
    found = await look(page, f"one-time-{size}")

    newcomer = await visitors.come(width)
    own = newcomer.page
    await own.goto("/sign-in")
    await own.get_by_label("账号", exact=True).fill(username)
    await own.get_by_label("密码", exact=True).fill(password)
    await own.get_by_role("button", name="登录", exact=True).click()
    await own.get_by_label("新密码", exact=True).wait_for()
    found += await look(own, f"must-change-{size}")
    await own.get_by_label("一次性密码").fill(password)
    await own.get_by_label("新密码", exact=True).fill(GOOD)
    await own.get_by_label("再填一次新密码").fill(GOOD)
    await own.get_by_label("再填一次新密码").press("Enter")
    await own.wait_for_url("**/board")
    await own.goto("/settings")
    assert await own.get_by_text("改密码").first.is_visible()
    found += await look(own, f"settings-{size}")

    await page.goto(f"/accounts?q={username}")
    await page.get_by_role("link", name="高平市报送员（乙）").click()
    found += await look(page, f"account-{size}")
    await page.locator("#disable-reason").fill("借调外出")
    await page.locator("#disable-reason").press("Enter")
    await page.get_by_role("heading", name="启用").wait_for()
    found += await look(page, f"account-disabled-{size}")
    await own.goto("/board")
    await own.get_by_label("密码", exact=True).wait_for()
    assert found == []


async def test_what_is_wrong_is_said_where_the_keyboard_is(visitors: Visitors) -> None:
    clerk = await visitors.come()
    await clerk.sign_in("gaoping")
    page = clerk.page
    await page.goto("/settings")
    await page.get_by_label("原密码").fill(PASSWORD)
    await page.get_by_label("新密码", exact=True).fill("12345678901")
    await page.get_by_label("再填一次新密码").fill("12345678901")
    await page.get_by_label("再填一次新密码").press("Enter")
    await page.locator("#new_password-said").wait_for()
    assert await page.evaluate("document.activeElement.id") == "new_password"
    assert await look(page, "settings-refused-1366") == []
