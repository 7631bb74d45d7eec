"""截至: board, list and project page of a day in the past, and what cannot be asked of it."""

import asyncio
import html
import re
from datetime import date, timedelta

import pytest

from contracts.intake import Pool
from services.console.pages.moment import end_of
from tests.console.builders import (
    BEGINNING,
    REVIEW_RULES,
    WAN,
    Dossier,
    a_city_at_work,
    published,
    put_in_force,
)
from tests.console.conftest import StandCity

# A day has 24 hours in Asia/Shanghai: BEGINNING is 2019-04-22 09:00 there.
SENT = Dossier(name="先报的", timed=False).later(days=-5).drafted().submitted()
GROWN = SENT.passed_first().pooled().later(days=3).revised(total_investment=118_000 * WAN)
NEWER = Dossier(org="JC-CQ", name="后来才有的").later(hours=-2).drafted().submitted()
ON_THE_17TH = "as_of=2019-04-17"


def figures(page: str) -> list[str]:
    """Give the number of projects of every pool on a board."""
    return re.findall(r'<div class="fig[^"]*"><a [^>]*>(\d+)</a>', page)


async def test_a_board_of_the_past_shows_what_was_recorded_by_then(stand_city: StandCity) -> None:
    city = await stand_city(GROWN, NEWER)
    async with city.browser("city") as browser:
        page = (await browser.get(f"/board?{ON_THE_17TH}")).text
        assert "这是 2019年4月17日 24时 系统已记录的情况，不是现在的。" in page
        assert "截至 <span data-as-of>2019-04-17 24:00</span>" in page
        assert figures(page) == ["1", "0", "0", "0"]
        assert "8.60" in page, "the investment of that day"
        assert NEWER.name not in page
        assert "没有在办的件" in page
        now = (await browser.get("/board")).text
        assert "历史时点" not in now
        assert "11.80" in now
        assert "8.60" not in now


async def test_a_board_of_the_past_does_not_ask_again_and_offers_no_acts(
    stand_city: StandCity,
) -> None:
    city = await stand_city(GROWN, NEWER)
    async with city.browser("city") as browser:
        page = (await browser.get(f"/board?{ON_THE_17TH}")).text
        assert "hx-get" not in page
        assert "data-offline" not in page
        assert "件待办" not in page
        assert "hx-get" in (await browser.get("/board")).text


async def test_every_figure_of_the_past_leads_to_the_past(stand_city: StandCity) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("city") as browser:
        board = (await browser.get("/board?as_of=2019-04-19&region=140581")).text
        main = board[board.index('id="live"') : board.index('<footer class="foot"')]
        links = {html.unescape(link) for link in re.findall(r'href="(/[^"]+)"', main)}
        assert links
        assert all("as_of=2019-04-19" in link for link in links), links
        for link in links:
            answer = await browser.get(link.partition("#")[0])
            assert answer.status_code == 200, link
            assert "历史时点" in answer.text, link
        listed = next(link for link in links if "pool=PLAN" in link and "region=140581" in link)
        assert f"合计 {figures(board)[0]} 项" in (await browser.get(listed)).text


async def test_the_day_stays_in_the_address_with_the_filter(stand_city: StandCity) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("city") as browser:
        turned = await browser.get("/projects?as_of=2019-04-19&region=140525&page=99")
        assert turned.headers["location"] == "/projects?region=140525&as_of=2019-04-19&page=1"
        page = (await browser.get("/projects?as_of=2019-04-19&region=140525")).text
        assert 'type="date" value="2019-04-19" max="2019-04-22"' in page
        assert 'href="/projects?region=140525">回到现在</a>' in page
        assert 'href="/projects?as_of=2019-04-19">重置</a>' in page
        assert "/projects?region=140525&amp;as_of=2019-04-19&amp;sort=name" in page


async def test_what_a_list_offers_to_filter_by_occurred_on_that_day(stand_city: StandCity) -> None:
    city = await stand_city(SENT, NEWER)
    async with city.browser("city") as browser:
        assert '<option value="JC-CQ"' not in (await browser.get(f"/projects?{ON_THE_17TH}")).text
        assert '<option value="JC-CQ"' in (await browser.get("/projects")).text


async def test_days_and_months_are_counted_from_the_day_asked_for(stand_city: StandCity) -> None:
    march = Dossier(name="三月入库的").later(days=-30).drafted().submitted().passed_first().pooled()
    city = await stand_city(march)
    async with city.browser("lead") as browser:
        page = (await browser.get("/board?as_of=2019-03-29")).text
        assert "当月 +1" in page
        assert "谋划 6 天" in page
        assert "本月 +0" in (await browser.get("/board")).text
        page = (await browser.get(f"/projects/{march.project_id}?as_of=2019-03-29")).text
        assert "03-23 入库，已 6 天" in page


async def test_a_project_of_the_past_ends_with_that_day(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    async with city.browser("zezhou") as browser:
        page = (await browser.get(f"/projects/{GROWN.project_id}?{ON_THE_17TH}")).text
        assert "这是 2019年4月17日 24时 系统已记录的情况" in page
        assert "共 5 条" in page
        assert "86,000 万元" in page
        assert "118,000" not in page
        now = (await browser.get(f"/projects/{GROWN.project_id}")).text
        assert "共 6 条" in now
        assert "118,000" in now


async def test_a_project_of_the_past_shows_no_contact_and_no_acts(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    async with city.browser("zezhou") as browser:
        now = (await browser.get(f"/projects/{SENT.project_id}")).text
        assert "撤回" in now
        assert "秦示例" in now
        asked = len(city.intake.asked)
        page = (await browser.get(f"/projects/{SENT.project_id}?{ON_THE_17TH}&contact=1")).text
        assert "联系人只有现在的，不按历史保存" in page
        assert "秦示例" not in page
        assert len(city.intake.asked) == asked
        main = page[page.index('<main class="main"') :]
        for act in ("撤回这件报送", "撤销", "继续填写", "去审核", "<form"):
            assert act not in main, act


async def test_a_fact_of_a_later_day_is_not_there(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    address = f"/projects/{GROWN.project_id}"
    async with city.browser("zezhou") as browser:
        for path in (f"{address}/events/6?", f"{address}?revision=2&"):
            assert (await browser.get(f"{path}as_of=2019-04-17")).status_code == 404, path
            assert (await browser.get(f"{path}as_of=2019-04-20")).status_code == 200, path
        page = (await browser.get(f"{address}/events/2?{ON_THE_17TH}")).text
        assert "历史时点" in page
        assert f"{address}?{ON_THE_17TH}" in page


async def test_what_was_not_there_on_that_day_is_not_found(stand_city: StandCity) -> None:
    city = await stand_city(SENT, NEWER)
    later = f"/projects/{NEWER.project_id}"
    async with city.browser("chengqu") as browser:
        answer = await browser.get(f"{later}?{ON_THE_17TH}")
        assert answer.status_code == 404
        assert NEWER.name not in answer.text
        assert (await browser.get(later)).status_code == 200
        stranger = await browser.get(f"/projects/{SENT.project_id}?{ON_THE_17TH}")
        assert stranger.status_code == 404


async def test_before_it_was_pooled_a_project_was_not_in_the_scope_of_the_lead_office(
    stand_city: StandCity,
) -> None:
    pooled_late = SENT.later(days=2).passed_first().pooled()
    city = await stand_city(pooled_late)
    address = f"/projects/{pooled_late.project_id}"
    async with city.browser("lead") as browser:
        assert (await browser.get(f"{address}?as_of=2019-04-18")).status_code == 404
        assert pooled_late.name not in (await browser.get("/projects?as_of=2019-04-18")).text
        assert (await browser.get(f"{address}?as_of=2019-04-19")).status_code == 200


async def test_the_day_ends_at_midnight_in_shanghai(stand_city: StandCity) -> None:
    midnight = end_of(date(2019, 4, 17)).now - BEGINNING
    last, first = (
        Dossier(name=name).later(seconds=midnight.total_seconds() + shift).drafted()
        for name, shift in (("午夜前一刻", -0.001), ("午夜整", 0))
    )
    city = await stand_city(last, first)
    async with city.browser("zezhou") as browser:
        page = (await browser.get(f"/projects?{ON_THE_17TH}")).text
        assert "午夜前一刻" in page
        assert "午夜整" not in page


async def test_the_rules_of_the_past_are_those_known_and_in_force_then(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SENT, rules=False)
    on = BEGINNING - timedelta(days=5)
    then = published(REVIEW_RULES.replace("= 3", "= 9"), date(2019, 4, 17), on)
    corrected = published(REVIEW_RULES.replace("= 3", "= 4"), date(2019, 4, 18), BEGINNING)
    told_again = published(
        REVIEW_RULES.replace("= 3", "= 9"), date(2019, 4, 17), BEGINNING + timedelta(hours=1)
    )
    await put_in_force(city.pool, then)
    await put_in_force(city.pool, corrected, told_again)
    async with city.browser("zezhou") as browser:
        page = (await browser.get(f"/projects/{SENT.project_id}?{ON_THE_17TH}")).text
        assert "限 9 个工作日" in page
        assert "限 9 个工作日" in (await browser.get(f"/basis?{ON_THE_17TH}")).text
        assert "限 4 个工作日" in (await browser.get("/basis")).text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("2019-04-23", "截至日期 2019年4月23日还没有到，今天是 2019年4月22日"),
        ("9999-12-31", "还没有到"),
        ("2019-04-16", "系统还没有记录，第一条记录在 2019年4月17日"),
        ("0001-01-01", "系统还没有记录"),
        ("20190417", "不是一个日期"),
        ("2019-02-30", "不是一个日期"),
        ("' or 1=1", "不是一个日期"),
        ("２０１９-04-17", "不是一个日期"),
        ("x" * 3000, "不是一个日期"),
    ],
)
async def test_a_day_that_cannot_be_shown_is_refused_with_the_way_out(
    stand_city: StandCity, asked: str, said: str
) -> None:
    city = await stand_city(SENT)
    async with city.browser("zezhou") as browser:
        for path in ("/board", "/projects", f"/projects/{SENT.project_id}", "/basis"):
            answer = await browser.get(path, params={"as_of": asked})
            assert answer.status_code == 422, path
            assert html.escape(said, quote=True) in answer.text
            assert "回到现在" in answer.text


async def test_without_a_record_there_is_no_past(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser("zezhou") as browser:
        answer = await browser.get(f"/board?{ON_THE_17TH}")
        assert answer.status_code == 422
        assert "系统还没有任何记录" in answer.text


async def test_today_is_now(stand_city: StandCity) -> None:
    city = await stand_city(GROWN)
    async with city.browser("zezhou") as browser:
        for path in ("/board", "/projects", f"/projects/{GROWN.project_id}"):
            page = (await browser.get(f"{path}?as_of=2019-04-22")).text
            assert "历史时点" not in page
            assert "as_of=" not in page
            assert page.count("118,000") == (await browser.get(path)).text.count("118,000")
        assert "hx-get" in (await browser.get("/board?as_of=2019-04-22")).text


async def test_views_that_have_not_come_to_the_end_of_that_day_say_so(
    stand_city: StandCity,
) -> None:
    city = await stand_city(GROWN)
    await city.pool.execute("update viewing.offsets set current_at = now() - interval '6 days'")
    async with city.browser("zezhou") as browser:
        page = (await browser.get("/board?as_of=2019-04-20")).text
        assert "截至 <span data-as-of>2019-04-16 12:0" in page
        assert "，之后的还没更新" in page


async def test_many_who_look_at_the_past_leave_connections_for_those_who_look_at_now(
    stand_city: StandCity,
) -> None:
    city = await stand_city(GROWN)
    async with city.browser("zezhou") as browser:
        answers = await asyncio.gather(
            *(browser.get(f"/board?{ON_THE_17TH}") for _ in range(20)), browser.get("/board")
        )
    assert {answer.status_code for answer in answers} == {200}


async def test_a_pool_entered_later_is_empty_on_that_day(stand_city: StandCity) -> None:
    moved = SENT.passed_first().pooled(Pool.PLAN).later(days=2).pooled(Pool.PREP)
    city = await stand_city(moved)
    async with city.browser("lead") as browser:
        assert figures((await browser.get(f"/board?{ON_THE_17TH}")).text) == ["1", "0", "0", "0"]
        assert figures((await browser.get("/board")).text) == ["0", "1", "0", "0"]
