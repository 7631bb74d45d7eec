"""按月报送 as a reviewer and a body see it, print it, and reach it with the keyboard."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Browser

from tests.browser.conftest import DESKTOP, PHONE, WALL, Visitors
from tests.browser.standing import Standing, served
from tests.browser.visitor import ARTIFACTS, faults_of
from tests.console.builders import Dossier, hear_of_months, said_nothing_new
from tests.console.conftest import StandCity, stand_city  # noqa: F401

MAY = "/months/2019-05"
SAY = "/report-months/2019-05/nothing-new"
SIZES = {"1366": DESKTOP, "390": PHONE, "1920": WALL}
Town = Callable[[datetime], AbstractAsyncContextManager[Standing]]


def noon(day: int, month: int = 5) -> datetime:
    """Give noon in Asia/Shanghai."""
    return datetime(2019, month, day, 4, tzinfo=UTC)


def reported(org: str, day: int, name: str) -> Dossier:
    """Give a project that was reported at noon."""
    return Dossier(org=org, name=name, now=noon(day) - timedelta(minutes=40)).drafted().submitted()


@pytest.fixture
def town(stand_city: StandCity, chromium: Browser) -> Town:  # noqa: F811
    """A city in May, some of whose bodies have reported, at a moment of choice."""

    @asynccontextmanager
    async def at(now: datetime) -> AsyncIterator[Standing]:
        told = [
            reported("JC-ZZ", 2, "巴公园区铸造废砂再生利用").passed_first(),
            reported("JC-ZZ", 4, "晋盛铸件绿色改造及智能产线"),
            reported("JC-GP", 3, "丹泉农产品冷链物流中心"),
            reported("JC-YC", 2, "凤栖湖智慧农业示范园").returned(),
            reported("JC-LC", 3, "锡崖沟研学营地").later(days=3.5).returned(),
            reported("Z-JC", 5, "白马塬光电显示模组基地"),
            reported("JC-QS", 8, "鹿鸣谷煤层气综合利用示范"),
            reported("D-TRA", 4, "市域公交智能调度中心"),
            reported("E-LH", 9, "示例化工园循环水改造"),
        ]
        so_far = [dossier for dossier in told if dossier.told[-1].envelope.recorded < now]
        city = await stand_city(*so_far, now=now)
        words = [said_nothing_new("D-EDU", noon(3)), said_nothing_new("JC-CQ", noon(10))]
        await hear_of_months(city.pool, *(one for one in words if one.envelope.recorded < now))
        await city.pool.execute("update viewing.offsets set current_at = now()")
        city.intake.answers["POST", SAY] = httpx.Response(
            200, json={}, headers={"Siku-Wrote": "month-JC-CQ-2019-05@1"}
        )
        async with served(city, chromium) as standing:
            yield standing

    return at


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_is_accessible_silent_and_fits(town: Town, size: str) -> None:
    found: list[str] = []
    looks = (
        ("open", noon(3) + timedelta(hours=9), "city", MAY),
        ("own-missing", noon(4), "chengqu", MAY),
        ("board-reminded", noon(5), "chengqu", "/board"),
        ("over", noon(15), "city", MAY),
        ("over-missing", noon(15), "city", f"{MAY}?show=missing"),
        ("past", noon(15), "city", f"{MAY}?as_of=2019-05-07"),
        ("own-late", noon(15), "chengqu", MAY),
        ("own-reported", noon(15), "zezhou", MAY),
    )
    for name, now, user, path in looks:
        async with town(now) as standing:
            page = (await standing.come(SIZES[size], user)).page
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 200, name
            for summary in await page.locator(".confirming summary, .due-day summary").all():
                await summary.click()
            await page.screenshot(
                path=ARTIFACTS / f"months-{name}-{size}.png", full_page=size == "390"
            )
            if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{name}: scrolls sideways")
            found += [f"{name}: {fault}" for fault in await faults_of(page)]
    assert found == []


async def test_nothing_new_is_said_with_the_keyboard_and_shown_when_it_arrives(
    town: Town,
) -> None:
    async with town(noon(4)) as standing:
        page = (await standing.come(user="chengqu")).page
        await page.goto("/board")
        await page.get_by_role("link", name="报本月无新增").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{MAY}")
        await page.get_by_text("本月无新增", exact=True).focus()
        await page.keyboard.press("Enter")
        confirmed = page.get_by_label("我单位2019年5月没有新增谋划项目")
        await confirmed.focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**after=month-JC-CQ-2019-05@1")
        assert await page.get_by_text("计为已报送。").is_visible()
        assert await page.get_by_text("处理中").is_visible()
        await page.screenshot(path=ARTIFACTS / "months-waiting.png")
        await hear_of_months(standing.city.pool, said_nothing_new("JC-CQ", noon(4)))
        await page.get_by_text("零报告：本月没有新增谋划项目").wait_for()
        assert await page.get_by_text("处理中").count() == 0
        await page.screenshot(path=ARTIFACTS / "months-said.png")


async def test_without_the_box_ticked_nothing_is_sent(town: Town) -> None:
    async with town(noon(4)) as standing:
        page = (await standing.come(user="chengqu")).page
        await page.goto(MAY)
        await page.get_by_text("本月无新增", exact=True).click()
        await page.get_by_role("button", name="报本月无新增").click()
        assert page.url.endswith(MAY)
        assert standing.city.intake.asked == []


async def test_a_key_leads_to_the_month_and_a_tile_to_its_bodies(town: Town) -> None:
    async with town(noon(15)) as standing:
        page = (await standing.come()).page
        await page.goto("/board")
        await page.keyboard.press("g")
        await page.keyboard.press("m")
        await page.wait_for_url(f"**{MAY}")
        await page.get_by_role("link", name="逾期").first.click()
        await page.wait_for_url(f"**{MAY}?show=late#bodies")
        assert await page.get_by_role("heading", name="逾期").is_visible()


async def test_what_is_printed_is_what_a_meeting_needs(town: Town) -> None:
    async with town(noon(15)) as standing:
        page = (await standing.come()).page
        await page.goto(MAY)
        await page.emulate_media(media="print")
        await page.screenshot(path=ARTIFACTS / "months-print.png", full_page=True)
        await page.pdf(path=ARTIFACTS / "months-print.pdf", prefer_css_page_size=True)
        assert await page.get_by_text("5月5日 24:00 截止").is_visible()
        assert await page.get_by_role("rowheader", name="天泽集团").is_visible()
        for gone in (".top", ".side", ".tools", ".month-nav"):
            assert not await page.locator(gone).first.is_visible()


async def test_what_a_body_says_comes_to_the_reviewer_through_kafka(visitors: Visitors) -> None:
    clerk, reviewer = await visitors.come(), await visitors.come()
    await clerk.sign_in("minzheng")
    await clerk.page.goto("/months")
    await clerk.page.get_by_text("本月无新增", exact=True).click()
    await clerk.page.get_by_label("没有新增谋划项目").check()
    await clerk.page.get_by_role("button", name="报本月无新增").click()
    await clerk.page.get_by_text("零报告：本月没有新增谋划项目").wait_for()
    await reviewer.sign_in("shichushen")
    await reviewer.page.goto("/months/2019-04?show=nothing-new")
    assert await reviewer.page.get_by_role("rowheader", name="市民政局").is_visible()
    await clerk.page.get_by_role("button", name="撤回零报告").click()
    await clerk.page.get_by_text("本月无新增", exact=True).wait_for()
