"""The board: figures with their lists, filters in the address, silence while nothing changes."""

import re

import asyncpg

from contracts.intake import Category, Pool
from tests.console.builders import Dossier, a_city_at_work, keep
from tests.console.conftest import StandCity

NEWCOMER = Dossier(org="JC-ZZ", name="新来的项目").drafted().submitted().passed_first().pooled()


async def test_nothing_is_sent_until_something_changes(stand_city: StandCity) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("city") as browser:
        page = (await browser.get("/board")).text
        (poll,) = re.findall(r'hx-get="([^"]+)"', page)
        poll = poll.replace("&amp;", "&")
        asked = {"HX-Request": "true"}
        answer = await browser.get(poll, headers=asked)
        assert answer.status_code == 204
        assert answer.headers["siku-as-of"]
        assert (await browser.get(poll)).status_code == 200, "a browser always gets the page"
        await keep(city.pool, [NEWCOMER])
        answer = await browser.get(poll, headers=asked)
        assert answer.status_code == 200
        assert f'id="card-{NEWCOMER.project_id}"' in answer.text


async def test_a_poll_of_an_ended_session_leads_to_the_sign_in(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await browser.get("/board?token=x", headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert answer.headers["hx-redirect"] == "/sign-in"


async def test_a_new_arrival_carries_its_mark(stand_city: StandCity) -> None:
    city = await stand_city(NEWCOMER)
    async with city.browser("city") as browser:
        page = (await browser.get("/board")).text
    assert "新入库" in page
    assert 'class="card-p fresh"' in page


async def test_the_filter_lives_in_the_address_and_holds_everywhere(
    stand_city: StandCity,
) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("city") as browser:
        page = (await browser.get("/board?region=140525&least=100000")).text
        assert "星禾高性能陶瓷材料产业园" in page
        assert "晋盛铸件绿色改造及智能产线" not in page
        assert "100,000 万元以上" in page
        assert 'value="140525" selected' in page
        assert "/projects?region=140525&amp;least=100000&amp;pool=PREP" in page
        listed = (
            await browser.get(f"/projects?category={Category.WELFARE}&org=kind:department")
        ).text
        assert "合计 1 项" in listed
        assert "晋城示例职业教育实训基地" in listed


async def test_what_cannot_be_read_in_an_address_is_not_asked(stand_city: StandCity) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("city") as browser:
        for query in (
            "least=abc",
            "least=-1",
            "least=9999999999999999999",
            "page=0",
            "page=x",
            "page=999",
            "sort=password",
            "pool=P",
            "stage=' or 1=1",
            "name=%25_%5C",
            "region=Z-NO",
            "after=nonsense",
            "category=NONE",
        ):
            answer = await browser.get(f"/projects?{query}", follow_redirects=True)
            assert answer.status_code == 200, query


async def test_a_percent_sign_is_searched_for_and_not_obeyed(stand_city: StandCity) -> None:
    city = await stand_city(
        Dossier(name="股权 100% 收购").drafted(), Dossier(name="别的").drafted()
    )
    async with city.browser("zezhou") as browser:
        page = (await browser.get("/projects?name=0%25")).text
        assert "合计 1 项" in page


async def test_the_list_is_paged_and_the_sum_covers_the_whole_filter(
    stand_city: StandCity,
) -> None:
    many = [Dossier(name=f"第 {number:02} 个项目").drafted() for number in range(23)]
    city = await stand_city(*many)
    async with city.browser("zezhou") as browser:
        page = (await browser.get("/projects?sort=name")).text
        assert "合计 23 项" in page
        assert "197.80" in page
        assert "第 1 页，共 2 页" in page
        assert "第 22 个项目" not in page
        assert "第 22 个项目" in (await browser.get("/projects?sort=name&page=2")).text


async def test_units_stand_together_or_one_by_one(stand_city: StandCity) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("city") as browser:
        assert "市直部门（18 家）" in (await browser.get("/board")).text
        assert "教育局</th>" in (await browser.get("/board?view=units")).text


async def test_a_role_without_business_data_is_told_so(stand_city: StandCity) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("admin") as browser:
        page = (await browser.get("/board")).text
    assert "不查看项目数据" in page
    assert "card-" not in page.replace("card-p", "")


async def test_without_its_tables_the_board_says_that_it_is_being_prepared(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    await city.pool.execute("drop table views.four_pools")
    async with city.browser("city") as browser:
        answer = await browser.get("/board")
    assert answer.status_code == 503
    assert "正在准备" in answer.text


async def test_a_silent_database_is_said_without_a_frame_that_needs_it(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    async with city.browser("city") as browser:
        await browser.get("/board")
        pool: asyncpg.Pool = city.pool
        await pool.close()
        answer = await browser.get("/board")
    assert answer.status_code == 503
    assert "数据库暂时没有回应" in answer.text


async def test_every_pool_shows_its_newest_cards_first(stand_city: StandCity) -> None:
    old, new = (
        Dossier(name=name).later(days=days).drafted().submitted().passed_first().pooled(Pool.BUILD)
        for name, days in (("早", -3), ("晚", -1))
    )
    city = await stand_city(old, new)
    async with city.browser("city") as browser:
        page = (await browser.get("/board")).text
    assert page.index(str(new.project_id)) < page.index(str(old.project_id))
