"""Whom to call, who read it, and being forgotten: by hand, with the keyboard, on every size."""

import pytest
from playwright.async_api import ViewportSize

from deploy.embedded.launcher import Stack
from tests.browser.conftest import Visitors
from tests.browser.test_accounts import SIZES, look
from tests.browser.visitor import FORM, Clerk


@pytest.mark.parametrize("size", SIZES)
async def test_a_contact_is_read_on_demand_noted_erased_and_named_anew(
    city: Stack, visitors: Visitors, size: str
) -> None:
    width: ViewportSize = SIZES[size]
    name, phone = "端木示例", f"1390000{size.zfill(4)}"
    body = {
        **FORM,
        "name": f"丹河湿地公园二期{size}",
        "contact": {"name": name, "phone": phone},
    }
    zezhou = Clerk(city, "zezhou")
    project = (await zezhou.ask("POST", "/projects?report=true", body))["project_id"]
    address = f"/projects/{project}"

    clerk = await visitors.come(width)
    await clerk.sign_in("zezhou")
    page = clerk.page
    await page.goto(address)
    assert phone not in await page.content()
    await page.get_by_text("端某某某").wait_for()
    found = await look(page, f"contact-masked-{size}")
    await page.get_by_label("用于").select_option("VERIFY")
    await page.get_by_role("button", name="显示联系方式").press("Enter")
    await page.get_by_text(phone).wait_for()
    found += await look(page, f"contact-whole-{size}")
    await page.goto(f"/contact-reads?project={project}")
    await page.get_by_text("核对填报").first.wait_for()
    found += await look(page, f"contact-reads-unit-{size}")

    admin = await visitors.come(width)
    await admin.sign_in("admin")
    desk = admin.page
    await desk.goto("/erasures")
    await desk.locator("#search-name").fill(name)
    await desk.locator("#search-phone").fill(phone)
    await desk.locator("#search-phone").press("Enter")
    await desk.get_by_text("1 条联系人", exact=True).wait_for()
    await desk.locator("#erase-reason").select_option("CONSENT_WITHDRAWN")
    await desk.locator("#erase-document_number").fill(f"晋市数函〔2019〕{size}号")
    await desk.get_by_label("已核实").check()
    found += await look(desk, f"erasure-{size}")
    await desk.get_by_role("button", name="删除 1 条联系人").click()
    await desk.get_by_text("已删除 1 条联系人").wait_for()
    assert name not in await desk.content()
    found += await look(desk, f"erasures-{size}")
    await desk.goto("/contact-reads?q=zezhou")
    await desk.get_by_role("cell", name="核对填报").first.wait_for()
    found += await look(desk, f"contact-reads-{size}")

    await page.goto(address)
    await page.get_by_text("已按个人要求删除").first.wait_for()
    found += await look(page, f"contact-erased-{size}")
    await page.get_by_label("项目负责人").fill("秦示例")
    await page.get_by_label("联系电话").fill("0356-2190000")
    await page.get_by_role("button", name="登记", exact=True).press("Enter")
    await page.get_by_text("联系人已更换。").wait_for()
    await page.get_by_text("秦某某").wait_for()
    found += await look(page, f"contact-named-{size}")
    assert found == []
