"""A notice comes: the administrator reads a sheet in, looks at what changes, publishes, revises."""

from pathlib import Path

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, faults_of

SIZES = {"1366": (DESKTOP, 2041), "390": (PHONE, 2042)}
SHEET = "类型,名称,首日,末日\n放假,元旦,1月1日,1月3日\n放假,国庆节,10月1日,10月7日\n"


@pytest.mark.parametrize("name", SIZES)
async def test_a_year_is_read_from_a_sheet_looked_at_published_and_revised(
    visitors: Visitors, tmp_path: Path, name: str
) -> None:
    size, year = SIZES[name]
    keeper = await visitors.come(size)
    await keeper.sign_in("admin")
    page = keeper.page
    found: list[str] = []

    async def look(picture: str) -> None:
        await page.screenshot(path=ARTIFACTS / f"{picture}-{name}.png", full_page=True)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{picture}: scrolls sideways")
        found.extend(f"{picture}: {fault}" for fault in await faults_of(page))

    sheet = tmp_path / "放假安排.csv"
    sheet.write_text(SHEET, encoding="gb18030")
    await page.goto(f"/calendar/edit?year={year}")
    await page.get_by_label("表格文件").set_input_files(sheet)
    await page.get_by_role("button", name="读入").click()
    await page.get_by_text("已读入：放假 2 段").wait_for()
    await page.get_by_label("通知文号").fill("通知")
    await page.get_by_role("button", name="核对，看改动").click()
    await page.get_by_role("alert").get_by_text("不像文号").wait_for()
    # The first wrong field has the focus: typing goes on there.
    await page.keyboard.press("Control+A")
    await page.keyboard.type(f"国办发明电[{year - 1}]7号")
    await look("calendar-wrong")
    # Enter does the safe thing: it only looks.
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="公布后的改动").wait_for()
    await look("calendar-look")
    await page.get_by_role("button", name=f"公布 {year} 年").click()
    await page.get_by_text(f"已公布 {year} 年工作日历").wait_for()
    await page.get_by_text("来源：表格：放假安排.csv").wait_for()
    await page.get_by_role("link", name="修订").click()
    await page.get_by_label("通知文号").fill(f"国办发明电〔{year}〕1号")
    await page.get_by_label("修订理由").fill("国庆节少放一天")
    await page.get_by_label("第 2 行末日").fill(f"{year}-10-06")
    await page.get_by_role("button", name="核对，看改动").click()
    await page.get_by_text("10月7日").first.wait_for()
    await page.get_by_role("button", name=f"修订 {year} 年").click()
    await page.get_by_text("国庆节少放一天").wait_for()
    await page.get_by_role("heading", name="期限重算").wait_for()
    await look("calendar-revised")
    assert found == []


async def test_a_year_is_read_without_a_script(visitors: Visitors) -> None:
    clerk = await visitors.come(scripts=False)
    await clerk.sign_in("zezhou")
    await clerk.page.goto("/calendar?year=2019")
    await clerk.page.get_by_label("年份", exact=True).select_option("2026")
    await clerk.page.get_by_role("button", name="查看").click()
    await clerk.page.get_by_role("heading", name="2026 年工作日历").wait_for()
