"""月报 as a clerk makes it: a month reported with a photograph, corrected, works recorded."""

import re

from playwright.async_api import FilePayload, Page, expect

from deploy.embedded.launcher import Stack
from tests.browser.conftest import PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, FORM, Clerk, faults_of

NAME = "北留精密铸造智能产线"
MONTH = "2019-04"
PHOTOGRAPH: FilePayload = {
    "name": "现场.png",
    "mimeType": "image/png",
    "buffer": b"\x89PNG\r\n\x1a\n" + b"a photograph",
}


async def in_plan(city: Stack, name: str = NAME) -> str:
    """Bring a project into 谋划库."""
    begun = await Clerk(city, "zezhou").ask("POST", "/projects?report=true", {**FORM, "name": name})
    verdict: dict[str, object] = {"verdict": "PASS", "on_revision": 1, "opinion": "同意。"}
    path = f"/projects/{begun['project_id']}"
    await Clerk(city, "shichushen").ask("POST", f"{path}/first-review", verdict)
    await Clerk(city, "shengshenhe").ask("POST", f"{path}/final-review", verdict)
    return begun["project_id"]


async def keep(page: Page, name: str) -> None:
    """Keep a picture, and let axe look."""
    await page.screenshot(path=ARTIFACTS / f"progress-{name}.png", full_page=True)
    assert await faults_of(page) == [], name


async def test_a_clerk_reports_a_month_corrects_it_and_records_the_start(
    city: Stack, visitors: Visitors
) -> None:
    project_id = await in_plan(city)
    county = await visitors.come()
    await county.sign_in("zezhou")
    page = county.page

    await page.goto(f"/projects/{project_id}/progress/{MONTH}")
    await page.get_by_label("建筑工程").fill("300")
    await page.get_by_label("设备工器具购置").fill("200")
    await page.get_by_label("企业自筹").fill("800")
    await page.get_by_label("手续齐备完成比例").fill("100")
    await page.get_by_label("进展情况").fill("完成场地平整，开始桩基施工。")
    await page.get_by_label("问题 1").fill("场地内有一条通信光缆待迁改。")
    await page.locator("#files-report").set_input_files(PHOTOGRAPH)
    await keep(page, "1-form")
    await page.get_by_role("button", name="报送 4 月月报").click()
    # What is wrong stands at its field; the photograph was taken and is not asked for again.
    await expect(page.get_by_role("alert").first).to_contain_text("完成的里程碑请填日期")
    await expect(page.get_by_text("现场.png")).to_be_visible()
    await page.get_by_label("手续齐备完成日期").fill("2019-04-20")
    await page.get_by_role("button", name="报送 4 月月报").click()
    await expect(page.get_by_role("alert").first).to_contain_text("还没有登记开工")
    await keep(page, "2-hints")
    await page.get_by_label(re.compile("已核对")).check()
    await page.get_by_role("button", name="报送 4 月月报").click()
    await expect(page.get_by_role("status").first).to_contain_text("已按时报 2019-04 月报")
    await expect(page.locator(f"#m-{MONTH}")).to_contain_text("500")
    await keep(page, "3-year")

    await page.get_by_role("link", name="更正2019年4月月报").click()
    await page.get_by_label("设备工器具购置").fill("150")
    await page.get_by_label("更正原因").fill("发票重复计入")
    await page.get_by_role("button", name="更正 4 月月报").click()
    await page.get_by_label(re.compile("已核对")).check()
    await page.get_by_role("button", name="更正 4 月月报").click()
    await expect(page.locator(f"#m-{MONTH}")).to_contain_text("450")
    await expect(page.get_by_text("原因：发票重复计入")).to_be_visible()
    # A figure leads to its fact.
    await page.locator(f"#m-{MONTH}").get_by_role("link").click()
    kind = page.get_by_text("intake.progress.reported.v1", exact=True)
    await expect(kind).to_be_visible()


async def test_the_start_is_recorded_on_its_papers_and_everybody_sees_the_month(
    city: Stack, visitors: Visitors
) -> None:
    project_id = await in_plan(city, "析城山风电场配套送出工程")
    path = f"/projects/{project_id}"
    month: dict[str, object] = {"invested": {"equipment": "450"}}
    await Clerk(city, "zezhou").ask("POST", f"{path}/progress/{MONTH}", month)
    county, office = await visitors.come(), await visitors.come()
    await county.sign_in("zezhou")
    await office.sign_in("lingdaozu")
    page = county.page

    await page.goto(f"{path}/progress")
    await page.get_by_role("link", name="登记开停复竣").click()
    await page.get_by_label("事项").select_option("STARTED")
    await page.get_by_label("日期", exact=True).first.fill("2019-04-21")
    await page.locator("summary", has_text="开工报告").click()
    await page.locator("#number-start_report").fill("泽住建开〔2019〕12号")
    await keep(page, "4-works")
    await page.get_by_role("button", name="登记", exact=True).click()
    await expect(page.get_by_text("2019-04-21").first).to_be_visible()
    await keep(page, "5-year-after")

    await page.goto(f"/progress/{MONTH}/workbook")
    await keep(page, "6-sheet")

    await office.page.goto(f"/progress/{MONTH}")
    row = office.page.get_by_role("row", name=re.compile("析城山风电场"))
    await expect(row).to_contain_text("450")
    await keep(office.page, "7-list")
    small = await visitors.come(PHONE)
    await small.sign_in("lingdaozu")
    for number, address in enumerate((f"/progress/{MONTH}", f"{path}/progress")):
        await small.page.goto(address)
        width = await small.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], address
        await keep(small.page, f"8-phone-{number}")
