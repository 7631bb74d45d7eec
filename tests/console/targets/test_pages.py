"""The pages of the targets: every figure leads to what it counts, for each reader his own."""

import html
import re
from datetime import UTC, date, datetime

from contracts.intake import Pool, Source
from tests.console.builders import Dossier
from tests.console.conftest import StandCity
from tests.console.targets.lives import YI, Life, hear

TODAY = datetime(2019, 6, 12, 4, tzinfo=UTC)
LIVES = (
    Life("泽州新一", amount=12 * YI).entered(date(2019, 2, 10)).moved(Pool.BUILD, date(2019, 5, 6)),
    Life("泽州新二", amount=2 * YI).entered(date(2019, 3, 10)),
    Life("高平存量", org="JC-GP", amount=7 * YI).entered(
        date(2018, 5, 1), Pool.PREP, Source.OPENING, approved_on=date(2018, 6, 1)
    ),
    Life("教育新建", org="D-EDU", amount=YI).entered(date(2019, 4, 10)),
)


async def test_the_city_sees_every_target_with_its_figure_and_its_forecast(
    stand_city: StandCity,
) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        page = (await browser.get("/targets")).text
    for code in (*(f"K{n:02}" for n in range(1, 17)), *(f"G0{n}" for n in range(1, 7))):
        assert f'<td class="code c-off">{code}</td>' in page, code
    assert "15.00" in page, "12 + 2 + 1"
    assert "1 ÷ 4 = 25.0%" in page
    assert "由市统计局告知后显示" in page


async def test_a_figure_leads_to_its_list_and_a_project_to_its_facts(stand_city: StandCity) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        page = (await browser.get("/targets/K02?part=converted")).text
        assert "泽州新一" in page
        assert "泽州新二" not in page[page.index('id="list"') :]
        assert "合计 1 项" in page
        assert "12.00" in page[page.index('id="list"') :]
        denominator = (await browser.get("/targets/K02?part=stock")).text
        assert "年初在前期库" in denominator
        assert f"/projects/{LIVES[0].id}" in page


async def test_every_part_of_a_figure_counts_what_its_list_holds(stand_city: StandCity) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        for code in ("K01", "K02", "G01?unit=JC-ZZ", "G03?unit=JC-ZZ"):
            page = (await browser.get(f"/targets/{code}")).text
            links = set(
                re.findall(
                    r'href="(/targets/[^"]+)#list"[^>]*>[^<]+</a></th>'
                    r'<td>[^<]*</td><td class="num">([^<]+)',
                    page,
                )
            )
            assert links, code
            for link, said in links:
                count = re.search(r"([\d,]+) 项", said)
                assert count is not None
                listed = (await browser.get(html.unescape(link))).text
                shown = re.search(r'<span class="asof">([\d,]+) 项', listed)
                assert shown is not None
                assert shown[1] == count[1], link


async def test_a_county_sees_its_own_targets_and_no_others(stand_city: StandCity) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("zezhou") as browser:
        page = (await browser.get("/targets")).text
        assert "泽州县" in page
        assert "高平市" not in page
        assert "市级目标" not in page
        assert "市直、企业" not in page
        assert (await browser.get("/targets/K01")).status_code == 403
        assert (await browser.get("/targets/G01?unit=JC-GP")).status_code == 404
        own = (await browser.get("/targets/G01")).text
        assert "泽州新一" in own
    async with city.browser("jiaoyu") as browser:
        assert "教育新建" in (await browser.get("/targets/G04")).text
        assert (await browser.get("/targets/G01")).status_code == 403
    async with city.browser("admin") as browser:
        assert (await browser.get("/targets")).status_code == 403


async def test_a_past_day_shows_what_was_shown_then(stand_city: StandCity) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        page = (await browser.get("/targets?as_of=2019-05-05")).text
        assert "历史时点" in page
        assert "0 ÷ 4 = 0.0%" in page
        detail = (await browser.get("/targets/K02?part=converted&as_of=2019-05-05")).text
        assert "泽州新一" not in detail[detail.index('id="list"') :]


async def test_a_day_of_a_year_without_targets_says_so(stand_city: StandCity) -> None:
    city = await stand_city(now=datetime(2020, 1, 2, 4, tzinfo=UTC))
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        answer = await browser.get("/targets")
        assert answer.status_code == 404
        assert "2020 年的目标还没有录入" in answer.text


async def test_sums_are_reckoned_anew_when_something_was_heard(stand_city: StandCity) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        assert "1 ÷ 4 = 25.0%" in (await browser.get("/targets")).text
        await hear(city.pool, LIVES[1].moved(Pool.BUILD, date(2019, 6, 12)))
        assert "2 ÷ 4 = 50.0%" in (await browser.get("/targets")).text


async def test_a_body_that_was_late_or_silent_is_told_which_months(stand_city: StandCity) -> None:
    began = Dossier(org="JC-ZZ", name="准时的").later(days=9).drafted().submitted()
    late = Dossier(org="JC-GP", name="迟了的").later(days=16).drafted().submitted()
    city = await stand_city(Dossier(org="JC-CQ").drafted(), began, late, now=TODAY)
    async with city.browser("lead") as browser:
        page = (await browser.get("/targets?level=bodies")).text
        assert "泽州县" in page
        mine = (await browser.get("/targets/G06?unit=JC-ZZ")).text
        assert "1 ÷ 2 = 50.0%" in mine, "in May on time, in June not"
        listed = mine[mine.index('id="list"') :]
        assert "/months/2019-05" in listed
        assert "/months/2019-06" not in listed
        other = (await browser.get("/targets/G06?unit=JC-GP&part=months_due")).text
        assert "0 ÷ 2 = 0.0%" in other
        assert other[other.index('id="list"') :].count("截止时没有报送") == 2


async def test_each_page_is_given_as_a_file_with_what_it_shows(stand_city: StandCity) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        for address, said in (
            ("/targets?export=csv", "K02,储备项目转化率（按项目数）,全市,市发改委,30,%,25"),
            ("/targets?level=county&export=csv", "G01,新增亿元以上谋划项目,泽州县"),
            ("/targets/K02?part=converted&export=csv", "泽州新一,"),
            ("/targets/G01?export=csv", "G01,新增亿元以上谋划项目,高平市"),
            ("/ranking/2019-06?export=csv", "1,泽州县,2,2,1,140000"),
        ):
            answer = await browser.get(address)
            assert answer.status_code == 200, address
            assert said in answer.content.decode("utf-8-sig"), address
        assert (await browser.get("/targets?export=pdf")).status_code == 422
    async with city.browser("zezhou") as browser:
        file = (await browser.get("/ranking/2019-06?export=csv")).content.decode("utf-8-sig")
        assert "高平" not in file
        assert "名次" not in file


async def test_units_with_a_goal_of_the_same_code_stand_beside_the_city(
    stand_city: StandCity,
) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("lead") as browser:
        page = (await browser.get("/targets/K11")).text
    assert "市级市外招商活动" in page
    assert "县级市外招商活动" in page
    assert "泽州县" in page


async def test_who_sees_no_signings_is_shown_no_figure_of_them(stand_city: StandCity) -> None:
    city = await stand_city(now=TODAY)
    await hear(city.pool, *LIVES)
    async with city.browser("agent") as browser:
        page = (await browser.get("/targets")).text
        assert '<td class="code c-off">K01</td>' in page
        assert '<td class="code c-off">K03</td>' not in page
        assert (await browser.get("/targets/K03")).status_code == 403
