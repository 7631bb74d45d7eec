"""Pages of a day in the past, as somebody sees, prints and reaches them with the keyboard."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, ViewportSize

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.standing import Standing, served
from tests.browser.visitor import ARTIFACTS, faults_of
from tests.console.builders import Dossier, a_city_at_work
from tests.console.conftest import StandCity, stand_city  # noqa: F401

DAY = "2019-04-19"
POOLED = a_city_at_work()[0]


@pytest.fixture
async def past(stand_city: StandCity, chromium: Browser) -> AsyncIterator[Standing]:  # noqa: F811
    """A city that has been at work for months."""
    city = await stand_city(*a_city_at_work(), Dossier(name="今天才有的").drafted().submitted())
    async with served(city, chromium) as standing:
        yield standing


PAGES = {
    "board": "/board",
    "projects": "/projects",
    "project": f"/projects/{POOLED.project_id}",
    "event": f"/projects/{POOLED.project_id}/events/1",
    "basis": "/basis",
}


@pytest.mark.parametrize(("name", "size"), [("1366", DESKTOP), ("390", PHONE)])
async def test_pages_of_the_past_are_accessible_and_fit(
    past: Standing, name: str, size: ViewportSize
) -> None:
    visitor = await past.come(size)
    found = []
    for page_name, path in PAGES.items():
        answer = await visitor.page.goto(f"{path}?as_of={DAY}")
        assert answer is not None
        assert answer.status == 200, page_name
        assert await visitor.page.get_by_text("历史时点").is_visible(), page_name
        await visitor.page.screenshot(path=ARTIFACTS / f"as-of-{page_name}-{name}.png")
        if await visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{page_name}: scrolls sideways")
        found += [f"{page_name}: {fault}" for fault in await faults_of(visitor.page)]
    answer = await visitor.page.goto("/board?as_of=2030-01-01")
    assert answer is not None
    assert answer.status == 422
    await visitor.page.screenshot(path=ARTIFACTS / f"as-of-refused-{name}.png")
    found += [f"refused: {fault}" for fault in await faults_of(visitor.page)]
    assert found == []


async def test_a_day_is_chosen_and_left_with_the_keyboard(past: Standing) -> None:
    page = (await past.come()).page
    await page.goto("/board?region=140581")
    await page.get_by_label("截至").fill(DAY)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/board?region=140581&**as_of={DAY}**")
    assert await page.get_by_label("截至").input_value() == DAY
    await page.get_by_role("link", name="丹泉农产品冷链物流中心").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/projects/{POOLED.project_id}?as_of={DAY}")
    await page.get_by_role("link", name="回到现在").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/projects/{POOLED.project_id}")
    assert await page.get_by_text("历史时点").count() == 0


async def test_paper_says_that_it_is_of_the_past(past: Standing) -> None:
    page = (await past.come()).page
    for name in ("board", "projects", "project"):
        await page.goto(f"{PAGES[name]}?as_of={DAY}")
        await page.emulate_media(media="print")
        assert await page.get_by_text("系统已记录的情况").is_visible()
        assert await page.get_by_text(f"{DAY} 24:00").last.is_visible()
        assert not await page.get_by_label("截至").is_visible()
        await page.screenshot(path=ARTIFACTS / f"as-of-{name}-print.png", full_page=True)
        await page.emulate_media(media="screen")
