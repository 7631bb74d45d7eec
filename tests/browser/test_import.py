"""A clerk's round trip: template, five mistakes, marked file, corrected, accepted, sent again."""

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, Dossiers, faults_of

HEADER_ROW = 3
GOOD: dict[str, str | int] = {
    "项目名称": "",
    "建设内容": "新建生产车间 2 座共 3.2 万平方米，年产示例铸件 4 万吨。",
    "建设地点（县区）": "泽州县",
    "建设地点（详址）": "巴公镇示例地块",
    "组织（建设）单位": "泽州示例铸造有限公司",
    "总投资（万元）": 12000,
    "资金来源：企业自筹（万元）": 12000,
    "计划开工时间": "2019-09",
    "项目负责人": "秦示例",
    "联系电话": "0356-2190000",
    "产业类别": "传统产业升级",
    "谋划方向": "产业链延伸",
    "主导方": "市场主导",
    "行业代码": "33",
}
NAMES = (
    "巴公园区铸件绿色改造",
    "大阳古镇手工铁器工坊",
    "北义城蔬菜大棚提升",
    "丹河新城地下管廊二期",
    "下村医养结合示范中心",
    "金村研学营地",
)
MISTAKES: tuple[tuple[str, str | int], ...] = (
    ("总投资（万元）", "一亿多"),
    ("建设地点（县区）", "洪洞县"),
    ("计划开工时间", "明年春天"),
    ("联系电话", "1390000123"),
    ("产业类别", "玄学"),
)


def places(sheet: Worksheet) -> dict[str, int]:
    """Give the place of each column by its title."""
    return {
        str(cell.value).replace("\n", ""): cell.column
        for cell in sheet[HEADER_ROW]
        if cell.value is not None and cell.column is not None
    }


def fill_in(path: Path, rows: list[dict[str, str | int]]) -> None:
    """Type rows below the header, as a clerk does."""
    book = load_workbook(path)
    sheet = book["附件1"]
    columns = places(sheet)
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        for title, value in row.items():
            sheet.cell(row=number, column=columns[title], value=value)
    book.save(path)


async def upload(page: Page, path: Path) -> None:
    """Send a file through the page."""
    await page.goto("/import")
    await page.get_by_label("电子表格文件").set_input_files(path)
    await page.get_by_label("不涉密").check()
    await page.get_by_role("button", name="上传并核对").click()
    await page.wait_for_url(re.compile("/import/[0-9a-f-]{36}"))


async def tally(page: Page) -> dict[str, str]:
    """Give the counts at the top."""
    names = await page.locator(".tally dt").all_inner_texts()
    return dict(zip(names, await page.locator(".tally dd").all_inner_texts(), strict=True))


async def test_the_round_trip_of_a_clerk_with_his_file(visitors: Visitors, tmp_path: Path) -> None:
    clerk = await visitors.come()
    page = clerk.page
    await clerk.sign_in("zezhou")
    await page.get_by_role("link", name="导入").first.click()
    assert await faults_of(page) == []
    async with page.expect_download() as template:
        await page.get_by_role("link", name="下载模板").click()
    mine = tmp_path / "泽州县4月.xlsx"
    await (await template.value).save_as(mine)

    rows = [{**GOOD, "项目名称": name} for name in NAMES]
    fill_in(mine, [{**row, **dict(MISTAKES[n : n + 1])} for n, row in enumerate(rows)])
    await upload(page, mine)
    counted = await tally(page)
    assert (counted["行"], counted["可接收"], counted["有错，要改"]) == ("6", "1", "5")
    await expect(page.locator("td.wrong")).to_have_count(5)
    await expect(page.get_by_text("尚未写入任何内容").first).to_be_visible()
    await expect(page.locator("td.wrong").first).to_contain_text("一亿多")
    assert "1390000123" not in await page.content()
    await page.screenshot(path=ARTIFACTS / "import-checked.png", full_page=True)
    assert await faults_of(page) == []

    async with page.expect_download() as download:
        await page.get_by_role("link", name="下载标注文件").click()
    marked = tmp_path / "已标注.xlsx"
    await (await download.value).save_as(marked)
    sheet = load_workbook(marked)["附件1"]
    columns = places(sheet)
    for number, (title, typed) in enumerate(MISTAKES, start=HEADER_ROW + 1):
        cell = sheet.cell(row=number, column=columns[title])
        assert cell.value == typed
        assert cell.comment is not None
        assert sheet.cell(row=number, column=columns["错误信息"]).value

    fill_in(marked, [{title: GOOD[title]} for title, _ in MISTAKES])
    await upload(page, marked)
    assert (await tally(page))["有错，要改"] == "0"
    await page.get_by_role("button", name="接收 6 行").click()
    said = page.get_by_role("status").filter(has_text="已接收 6 行")
    await expect(said).to_contain_text("报送市发改委初审，限 3 个工作日", timeout=30_000)
    await page.screenshot(path=ARTIFACTS / "import-accepted.png", full_page=True)
    assert await faults_of(page) == []

    await upload(page, marked)
    again = await tally(page)
    assert (again["可接收"], again["有错，要改"], again["无变化"]) == ("0", "0", "6")
    await expect(page.get_by_text("6 行都与已报送的内容相同，不会再写")).to_be_visible()
    await expect(page.get_by_role("button", name="接收")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
async def test_what_is_no_workbook_is_refused_at_the_field(
    visitors: Visitors, tmp_path: Path, scripts: bool
) -> None:
    clerk = await visitors.come(PHONE if scripts else DESKTOP, scripts=scripts)
    await clerk.sign_in("yangcheng")
    await clerk.page.goto("/import")
    fake = tmp_path / "附件1.xlsx"
    fake.write_bytes(b"%PDF-1.7 not a workbook")
    await clerk.page.get_by_label("电子表格文件").set_input_files(fake)
    await clerk.page.get_by_label("不涉密").check()
    await clerk.page.get_by_role("button", name="上传并核对").click()
    refused = clerk.page.locator("#file-said")
    await expect(refused).to_be_visible()
    await expect(refused).to_contain_text("xlsx")
    await expect(clerk.page.get_by_label("电子表格文件")).to_have_attribute("aria-invalid", "true")
    if scripts:
        await expect(refused).to_be_focused()
        assert await faults_of(clerk.page) == []
        await clerk.page.screenshot(path=ARTIFACTS / "import-refused-390.png")


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
async def test_the_file_is_taken_in_and_reviewed_in_bulk(
    visitors: Visitors, tmp_path: Path, scripts: bool
) -> None:
    mark = "甲" if scripts else "乙"
    clerk = await visitors.come(scripts=scripts)
    await clerk.sign_in("gaoping")
    mine = tmp_path / f"高平{mark}.xlsx"
    await clerk.page.goto("/import")
    async with clerk.page.expect_download() as template:
        await clerk.page.get_by_role("link", name="下载模板").click()
    await (await template.value).save_as(mine)
    place: dict[str, str | int] = {
        "建设地点（县区）": "高平市",
        "建设地点（详址）": "米山镇示例地块",
    }
    # Sums that differ by more than a tenth: what is alike does not pass unjudged.
    money, total = (12000, "3.60") if scripts else (15000, "4.50")
    place |= {"总投资（万元）": money, "资金来源：企业自筹（万元）": money}
    fill_in(mine, [{**GOOD, **place, "项目名称": f"{name}（{mark}）"} for name in NAMES[:3]])
    await upload(clerk.page, mine)
    await clerk.page.get_by_role("button", name="接收 3 行").click()
    if not scripts:
        await clerk.page.wait_for_timeout(1500)
        await clerk.page.reload()
    await expect(clerk.page.get_by_text("已接收 3 行").first).to_be_visible(timeout=30_000)

    for account, word in (("shichushen", "初审"), ("shengshenhe", "审核")):
        reviewer = await visitors.come(scripts=scripts)
        page = reviewer.page
        await reviewer.sign_in(account)
        await wait_for_queue(page, f"/desk?name={mark}）", 3)
        await page.get_by_label("全选 3 件").check()
        if scripts:
            await expect(page.get_by_text(f"已选 3 件，{total} 亿元")).to_be_visible()
            assert await faults_of(page) == []
        await page.get_by_role("button", name=f"批量{word}").click()
        await expect(page.get_by_role("heading", name=f"批量{word}")).to_be_visible()
        await expect(page.get_by_role("link", name=f"{NAMES[0]}（{mark}）")).to_be_visible()
        if scripts:
            await page.screenshot(path=ARTIFACTS / f"bulk-{account}.png")
            assert await faults_of(page) == []
        await page.get_by_label("意见", exact=True).fill("要素齐全，同意。")
        await page.get_by_role("button", name=f"提交 3 件的{word}意见").click()
        if not scripts:
            await page.wait_for_timeout(1500)
            await page.reload()
        await expect(page.get_by_text(f"{word}通过 3 件，{total} 亿元").first).to_be_visible()
    onlooker = await visitors.come()
    await onlooker.sign_in("lingdaozu")
    await onlooker.page.goto(f"/projects?name={mark}）&pool=PLAN")
    await expect(onlooker.page.get_by_text("合计 3 项")).to_be_visible()


async def test_ticks_stay_from_one_dossier_to_the_next(
    visitors: Visitors, dossiers: Dossiers
) -> None:
    reviewer = await visitors.come()
    await reviewer.sign_in("shichushen")
    page = reviewer.page
    await page.goto(f"/desk/{dossiers.submitted}")
    await page.keyboard.press("x")
    box = page.locator(f'.pick input[value="{dossiers.submitted}"]')
    await expect(box).to_be_checked()
    await page.goto(f"/desk/{dossiers.resubmitted}")
    await expect(box).to_be_checked()
    await page.keyboard.press("x")
    await expect(page.locator("[data-chosen]")).to_contain_text("已选 2 件")
    await page.keyboard.press("x")
    await expect(page.locator("[data-chosen]")).to_contain_text("已选 1 件")


async def wait_for_queue(page: Page, path: str, number: int) -> None:
    """Look until the queue has that many dossiers."""
    for _ in range(50):
        await page.goto(path)
        if await page.locator(".q .pick").count() == number:
            return
        await page.wait_for_timeout(200)
    raise AssertionError("the dossiers never came to the desk")
