"""The example city: one click of the administrator, in a demonstration only, and it shows."""

import asyncio

import httpx

from examples.doors import Refused
from examples.loading import Loaded, Progress
from tests.console.builders import Dossier
from tests.console.city import City
from tests.console.conftest import StandCity

PAGE = "/example-city"
WHOLE = Loaded(
    projects=396, yuan=139_700_000_000, stocked=66, reported=396, reviewed=730, signed=21, moved=43
)


async def ended(browser: httpx.AsyncClient) -> str:
    """Wait for the result."""
    for _ in range(100):
        page = (await browser.get(PAGE)).text
        if "hx-get" not in page:
            return page
        await asyncio.sleep(0.02)
    raise AssertionError("the loading never ended")


async def loaded(city: City, result: Loaded | Exception) -> str:
    """Click, let it end so, and give the page."""
    city.examples.result = result
    city.examples.go_on.set()
    async with city.browser("admin") as admin:
        answer = await admin.post(PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
        return await ended(admin)


async def test_only_the_administrator_is_offered_the_example_city(stand_city: StandCity) -> None:
    city = await stand_city()
    for user in ("zezhou", "city", "province", "lead"):
        async with city.browser(user) as browser:
            assert (await browser.get(PAGE)).status_code == 403
            assert (await browser.post(PAGE)).status_code == 403
            assert f'href="{PAGE}"' not in (await browser.get("/board")).text
    async with city.browser() as stranger:
        assert (await stranger.get(PAGE)).headers["location"].startswith("/sign-in")
    async with city.browser("admin") as admin:
        assert f'href="{PAGE}"' in (await admin.get("/board")).text
        page = (await admin.get(PAGE)).text
    assert "装入示例城市</button>" in page
    assert "hx-get" not in page
    assert city.examples.begun == 0


async def test_a_real_home_has_no_example_city(stand_city: StandCity) -> None:
    city = await stand_city(demonstration=False)
    async with city.browser("admin") as admin:
        assert (await admin.get(PAGE)).status_code == 404
        assert (await admin.post(PAGE)).status_code == 404
        assert f'href="{PAGE}"' not in (await admin.get("/board")).text
    assert city.examples.begun == 0


async def test_one_click_loads_and_the_page_follows(stand_city: StandCity) -> None:
    city = await stand_city()
    city.examples.steps = [
        Progress("报送", 0, 396),
        Progress("报送", 396, 396, "天泽集团"),
        Progress("市级初审", 100, 377),
    ]
    async with city.browser("admin") as admin:
        await admin.post(PAGE)
        await asyncio.sleep(0)
        page = (await admin.get(PAGE)).text
        assert '<progress max="377" value="100" aria-label="市级初审进度">' in page
        assert "100 / 377 项" in page
        assert "可以离开本页" in page
        assert 'http-equiv="refresh"' in page
        assert '<button class="btn btn-main"' not in page
        seen = f"{PAGE}?seen=running-2-100"
        assert f'hx-get="{seen}"' in page
        unchanged = await admin.get(seen, headers={"HX-Request": "true"})
        assert unchanged.status_code == 204
        # A second click while it runs begins nothing.
        await admin.post(PAGE)
        assert city.examples.begun == 1
        city.examples.result = WHOLE
        city.examples.go_on.set()
        page = await ended(admin)
    assert "示例城市已装入：31 家单位，396 个项目，1,397.0 亿元。" in page
    assert "这次接收 396 项，装入期初存量 66 项，办结初审、审核 730 件；" in page
    assert "招商签约 21 件，调库 43 件。" in page
    assert "已入谋划库" in page


async def test_a_second_click_changes_nothing_and_says_so(stand_city: StandCity) -> None:
    city = await stand_city()
    await loaded(city, WHOLE)
    page = await loaded(city, Loaded(projects=396, yuan=139_700_000_000))
    assert "示例城市以前已经装入，这次没有变化。" in page
    assert city.examples.begun == 2


async def test_a_loading_that_stops_says_why_and_can_go_on(stand_city: StandCity) -> None:
    city = await stand_city()
    page = await loaded(city, Refused("账号已锁定：15 分钟后再试。"))
    assert "<b>没有装完：</b>账号已锁定：15 分钟后再试。" in page
    assert "接着装入</button>" in page
    page = await loaded(city, httpx.ConnectError("refused"))
    assert "暂时没有回应" in page
    page = await loaded(city, WHOLE)
    assert "示例城市已装入" in page


async def test_what_somebody_else_has_decided_is_named(stand_city: StandCity) -> None:
    city = await stand_city()
    refused = [{"project_id": "018f6c8e-0000", "code": "x", "why": "这件已被改过。"}]
    page = await loaded(city, Loaded(396, 139_700_000_000, reviewed=3, refused=refused))
    assert "没有办成的 1 件" in page
    assert "这件已被改过。" in page


async def test_an_empty_board_says_how_to_fill_a_demonstration(stand_city: StandCity) -> None:
    word = "一键装入示例城市"
    empty = await stand_city()
    async with empty.browser("lead") as reader:
        assert word in (await reader.get("/board")).text
        assert word not in (await reader.get("/board?name=x")).text
    real = await stand_city(demonstration=False)
    async with real.browser("lead") as reader:
        assert word not in (await reader.get("/board")).text
    filled = await stand_city(Dossier(org="JC-ZZ", name="示例").drafted().submitted())
    async with filled.browser("city") as reader:
        assert word not in (await reader.get("/board")).text
