"""A machine account from its opening to its end: with the keyboard, on every size."""

import pytest
from playwright.async_api import ViewportSize

from tests.browser.conftest import Visitors
from tests.browser.test_accounts import SIZES, look


@pytest.mark.parametrize("size", SIZES)
async def test_a_machine_account_is_opened_rotated_and_disabled(
    visitors: Visitors, size: str
) -> None:
    width: ViewportSize = SIZES[size]
    admin = await visitors.come(width)
    await admin.sign_in("admin")
    page = admin.page
    await page.goto("/machines/new")
    found = await look(page, f"machine-new-{size}")
    await page.locator("#open-name").fill(f"高平市项目平台 {size}")
    await page.locator("#open-purpose").fill("推送企业投资项目")
    await page.locator("#open-role").select_option("county_reporter")
    await page.locator("#open-organisation").select_option("JC-GP")
    await page.get_by_label("市级初审").focus()
    await page.keyboard.press("Space")
    await page.locator("#open-name").press("Enter")
    await page.get_by_text("不能给这项权限").wait_for()
    found += await look(page, f"machine-refused-{size}")
    assert await page.get_by_label("市级初审").is_checked()
    await page.get_by_label("市级初审").uncheck()
    await page.get_by_label("读取").check()
    await page.get_by_label("建档、报送").check()
    await page.locator("#open-name").press("Enter")
    secret = await page.locator(".one-time").inner_text()
    assert len(secret) == 43
    found += await look(page, f"machine-secret-{size}")

    await page.get_by_role("link", name="回到这个机器账号").click()
    await page.get_by_role("button", name="轮换密钥").press("Enter")
    await page.locator(".one-time").wait_for()
    assert await page.locator(".one-time").inner_text() != secret
    await page.goto("/machines?q=高平市项目平台")
    found += await look(page, f"machines-{size}")
    await page.get_by_role("link", name=f"高平市项目平台 {size}").click()
    await page.get_by_role("button", name="作废旧密钥").wait_for()
    found += await look(page, f"machine-{size}")
    await page.locator("#disable-reason").fill("停机改造")
    await page.locator("#disable-reason").press("Enter")
    await page.get_by_role("heading", name="启用").wait_for()
    assert await page.get_by_text("停机改造").first.is_visible()
    found += await look(page, f"machine-disabled-{size}")
    assert found == []
