"""本月无新增 from the page: said with a confirmation, taken back, and reminded of."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.console.builders import Dossier, hear_of_months, said_nothing_new, taken_back
from tests.console.conftest import StandCity

MAY = "/months/2019-05"
SAY = "/report-months/2019-05/nothing-new"
FORM = {"key": "key-1", "confirmed": "yes"}


def noon(month: int, day: int) -> datetime:
    """Give noon in Asia/Shanghai."""
    return datetime(2019, month, day, 4, tzinfo=UTC)


def wrote(version: int = 1) -> httpx.Response:
    """Give intake's answer."""
    return httpx.Response(200, json={}, headers={"Siku-Wrote": f"month-JC-ZZ-2019-05@{version}"})


async def test_a_body_says_so_once_it_has_confirmed_what_it_means(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 3))
    city.intake.answers["POST", SAY] = wrote()
    async with city.browser("zezhou") as browser:
        page = (await browser.get(MAY)).text
        assert "以泽州县人民政府的名义说明2019年5月没有新增谋划项目，计为本月已报送" in page
        unconfirmed = await browser.post(f"{MAY}/nothing-new", data={"key": "key-1"})
        assert unconfirmed.status_code == 422
        assert "请先确认" in unconfirmed.text
        assert city.intake.asked == []
        answer = await browser.post(f"{MAY}/nothing-new", data=FORM)
        assert answer.headers["location"] == f"{MAY}?after=month-JC-ZZ-2019-05@1"
        (asked,) = city.intake.asked
        assert (asked.headers["Idempotency-Key"], asked.content) == ("key-1", b"{}")
        waiting = await browser.get(answer.headers["location"])
        assert waiting.headers["Siku-Stale"] == "true"
        assert "处理中" in waiting.text
        assert "已报2019年5月“本月无新增”，计为已报送。" in waiting.text
        await hear_of_months(city.pool, said_nothing_new("JC-ZZ", noon(5, 3)))
        page = (await browser.get(answer.headers["location"])).text
        assert "处理中" not in page
        assert "零报告：本月没有新增谋划项目" in page


async def test_it_is_taken_back_from_the_page(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 3))
    await hear_of_months(city.pool, said_nothing_new("JC-ZZ", noon(5, 3)))
    city.intake.answers["POST", f"{SAY}/withdraw"] = wrote(2)
    async with city.browser("zezhou") as browser:
        assert "撤回零报告" in (await browser.get(MAY)).text
        answer = await browser.post(f"{MAY}/nothing-new/withdraw", data=FORM)
        assert answer.headers["location"] == f"{MAY}?after=month-JC-ZZ-2019-05@2"
        await hear_of_months(city.pool, taken_back("JC-ZZ", noon(5, 3)))
        assert "报本月无新增" in (await browser.get(answer.headers["location"])).text


@pytest.mark.parametrize("user", ["city", "province", "lead", "admin"])
async def test_who_does_not_report_says_nothing(stand_city: StandCity, user: str) -> None:
    city = await stand_city(now=noon(5, 3))
    async with city.browser(user) as browser:
        answer = await browser.post(f"{MAY}/nothing-new", data=FORM)
    assert answer.status_code == 403
    assert "本月无新增由谋划主体的报送员来报" in answer.text
    assert city.intake.asked == []


async def test_a_refusal_is_shown_where_it_was_asked(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 3))
    refused = {
        "title": "本月已有报送",
        "status": 409,
        "code": "projects_reported",
        "detail": "你单位本月已报送 3 个项目，不能再报本月无新增。",
    }
    city.intake.answers["POST", SAY] = httpx.Response(409, json=refused)
    async with city.browser("zezhou") as browser:
        answer = await browser.post(f"{MAY}/nothing-new", data=FORM)
    assert answer.status_code == 409
    assert "你单位本月已报送 3 个项目" in answer.text


async def test_when_intake_is_silent_the_same_key_is_kept(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 3))
    city.intake.silent = True
    async with city.browser("zezhou") as browser:
        answer = await browser.post(f"{MAY}/nothing-new", data=FORM)
    assert answer.status_code == 503
    assert 'name="key" value="key-1"' in answer.text


async def test_after_the_due_day_it_says_that_this_is_late(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 9))
    async with city.browser("zezhou") as browser:
        assert "截止日已过，记为迟报" in (await browser.get(MAY)).text


async def test_of_a_month_that_is_over_nothing_is_said(stand_city: StandCity) -> None:
    city = await stand_city(
        Dossier(org="JC-CQ", now=noon(5, 2)).drafted().submitted(), now=noon(6, 3)
    )
    async with city.browser("zezhou") as browser:
        assert "报本月无新增" not in (await browser.get(MAY)).text
        assert "报本月无新增" in (await browser.get("/months/2019-06")).text
        assert "报本月无新增" not in (await browser.get("/months/2019-06?as_of=2019-06-02")).text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (1, None),
        (2, "5月5日 24:00 截止，还有 3 天"),
        (5, "今天 24:00 截止"),
        (6, "5月5日的截止日已过 1 天"),
        (31, "5月5日的截止日已过 26 天"),
    ],
)
async def test_a_body_is_reminded_as_the_day_draws_near(
    stand_city: StandCity, day: int, said: str | None
) -> None:
    city = await stand_city(now=noon(5, day))
    async with city.browser("zezhou") as browser:
        board = (await browser.get("/board")).text
    assert ("本月还没有报送" in board) == (said is not None)
    assert said is None or said in board


async def test_who_has_reported_is_not_reminded(stand_city: StandCity) -> None:
    city = await stand_city(
        Dossier(org="JC-ZZ", now=noon(5, 2)).drafted().submitted(), now=noon(5, 5)
    )
    await hear_of_months(city.pool, said_nothing_new("D-EDU", noon(5, 4)))
    for user in ("zezhou", "jiaoyu", "city", "lead", "admin"):
        async with city.browser(user) as browser:
            assert "本月还没有报送" not in (await browser.get("/board")).text, user
    async with city.browser("chengqu") as browser:
        assert "本月还没有报送" in (await browser.get("/board")).text
