"""Why this date: the strip of days as somebody sees, hears, prints and opens it by keyboard."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, WALL
from tests.browser.standing import Standing, served
from tests.browser.visitor import ARTIFACTS, faults_of
from tests.console.builders import Dossier
from tests.console.conftest import StandCity, stand_city  # noqa: F401

FRIDAY = datetime(2019, 9, 27, 1, 0, tzinfo=UTC)
BACK = Dossier(name="国庆前退回的", now=FRIDAY).drafted().submitted().returned()
"""Five working days from 27 September: Sunday the 29th is worked, seven days are off."""
MONDAY = FRIDAY + timedelta(days=3)
ON_SATURDAY = Dossier(name="周六到期的", now=MONDAY).drafted().submitted().returned()
"""Five from 30 September: the last is Saturday, 12 October, which is worked."""
SENT = Dossier(org="JC-CQ", name="节前报送的", now=FRIDAY).drafted().submitted()
LATE = (
    Dossier(org="JC-YC", name="早就超期的", now=FRIDAY - timedelta(days=30)).drafted().submitted()
)


@pytest.fixture
async def holiday(stand_city: StandCity, chromium: Browser) -> AsyncIterator[Standing]:  # noqa: F811
    """A city on the second day after the holidays."""
    city = await stand_city(BACK, ON_SATURDAY, SENT, LATE, now=FRIDAY + timedelta(days=12, hours=2))
    async with served(city, chromium) as standing:
        yield standing


async def heard(strip: Locator) -> list[str]:
    """Give what a screen reader reads of each day."""
    lines = (await strip.aria_snapshot()).splitlines()
    return [line.strip().removeprefix("- listitem: ") for line in lines if "listitem" in line]


async def test_a_screen_reader_hears_what_each_day_is(holiday: Standing) -> None:
    page = (await holiday.come(user="zezhou")).page
    await page.goto(f"/projects/{BACK.project_id}")
    await page.get_by_text("为什么是 10-10").click()
    strip = page.get_by_role("list", name="逐日计时，09-27 至 10-10")
    await expect(strip).to_be_visible()
    assert await heard(strip) == [
        "09-27 周五 退回",
        "09-28 周六 周末",
        "09-29 周日 第 1 天 调休上班",
        "09-30 周一 第 2 天",
        "10-01 周二 国庆节",
        "10-02 周三 国庆节",
        "10-03 周四 国庆节",
        "10-04 周五 国庆节",
        "10-05 周六 国庆节",
        "10-06 周日 国庆节",
        "10-07 周一 国庆节",
        "10-08 周二 第 3 天",
        "10-09 周三 第 4 天 今天",
        "10-10 周四 第 5 天 到期",
    ]
    await page.goto(f"/projects/{ON_SATURDAY.project_id}/term")
    days = await heard(page.get_by_role("list", name="逐日计时，09-30 至 10-12"))
    assert days[-1] == "10-12 周六 第 5 天 调休上班 到期"


async def test_the_sum_and_its_basis_stand_beside_the_days(holiday: Standing) -> None:
    page = (await holiday.come(user="zezhou")).page
    await page.goto(f"/projects/{BACK.project_id}/term")
    why = page.get_by_role("region", name="逐日说明")
    for words in (
        "9月27日（周五）退回，当日不计，次日起算 5 个工作日，至10月10日（周四） 24:00 到期。",
        "不计：国庆节 10-01 至 10-07 放假，周末 1 天。",
        "计入：9月29日（周日）调休上班。",
        "期限为系统默认，非法定",
        "国办发明电〔2018〕15号",
    ):
        await expect(why).to_contain_text(words)
    await why.get_by_role("link", name="审核规则").click()
    await expect(page.get_by_text("first_review_days = 3")).to_be_visible()


async def test_the_strip_opens_by_keyboard_and_is_fetched_once(holiday: Standing) -> None:
    page = (await holiday.come()).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"/desk/{SENT.project_id}")
    summary = page.locator(".why-box summary")
    await summary.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".strip")).to_be_visible()
    for _ in range(2):
        await page.keyboard.press("Enter")
    await expect(page.locator(".strip")).to_be_visible()
    assert len([address for address in asked if address.endswith("/term")]) == 1


async def test_without_a_script_the_strip_is_a_page(holiday: Standing) -> None:
    visitor = await holiday.come(user="zezhou")
    bare = await holiday.visitors.come(scripts=False)
    await bare.page.context.add_cookies(await visitor.page.context.cookies())  # type: ignore[arg-type]
    await bare.page.goto(f"/projects/{BACK.project_id}")
    await bare.page.locator(".why-box summary").click()
    await bare.page.get_by_role("link", name="看逐日说明").click()
    await expect(bare.page.get_by_role("heading", name="为什么是 10-10")).to_be_visible()
    await expect(bare.page.locator(".strip")).to_be_visible()


@pytest.mark.parametrize(("name", "size"), [("1366", DESKTOP), ("390", PHONE), ("1920", WALL)])
async def test_the_strip_is_accessible_and_fits(
    holiday: Standing, name: str, size: ViewportSize
) -> None:
    found = []
    for user, look, path in (
        ("zezhou", "project", f"/projects/{BACK.project_id}"),
        ("zezhou", "term", f"/projects/{ON_SATURDAY.project_id}/term"),
        ("city", "desk", f"/desk/{SENT.project_id}"),
        ("city", "desk-late", f"/desk/{LATE.project_id}"),
    ):
        page = (await holiday.come(size, user)).page
        await page.goto(path)
        if await page.locator(".why-box").count():
            await page.locator(".why-box summary").click()
        await expect(page.locator(".strip")).to_be_visible()
        await page.screenshot(path=ARTIFACTS / f"why-{look}-{name}.png", full_page=True)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{look}: scrolls sideways")
        found += [f"{look}: {fault}" for fault in await faults_of(page)]
    assert found == []


async def test_the_strip_is_printed_and_reads_without_colours(holiday: Standing) -> None:
    page = (await holiday.come(user="zezhou")).page
    await page.goto(f"/projects/{BACK.project_id}/term")
    await page.emulate_media(media="print")
    await page.screenshot(path=ARTIFACTS / "why-print.png", full_page=True)
    assert await colours_of(page) == {"rgb(0, 0, 0)"}
    assert await page.locator(".strip .makeup svg").first.is_visible()
    dashed = "element => getComputedStyle(element).borderTopStyle"
    assert await page.locator(".strip .off").first.evaluate(dashed) == "dashed"
    assert await page.locator(".strip .used").first.evaluate(dashed) == "solid"


async def colours_of(page: Page) -> set[str]:
    """Give the colours of all that is written in the strip."""
    return set(
        await page.locator(".strip i, .strip b").evaluate_all(
            "all => all.map(one => getComputedStyle(one).color)"
        )
    )
