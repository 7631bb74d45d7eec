"""工作日历: everybody reads it; whoever keeps it sees what changes before anything is written."""

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import httpx
import pytest

from services.console.views import working_days
from tests.console.city import ACTORS, City
from tests.console.conftest import StandCity
from tests.shared.reading import opened
from tests.shared.told_years import REASON, records

HELD = {
    "year": 2019,
    "version": 3,
    "state": "PUBLISHED",
    "notices": ["国办发明电〔2018〕15号"],
    "source": "按通知录入",
    "holidays": [{"name": "劳动节", "first": "2019-05-01", "last": "2019-05-01"}],
    "make_up_days": [],
}
REVISION = {
    "act": "revise",
    "notice": "国办发明电〔2019〕3号",
    "reason": REASON,
    "name": ["劳动节", "", ""],
    "first": ["2019-05-01", "", ""],
    "last": ["2019-05-04", "", ""],
    "make_up": ["2019-05-05", "", "2019-04-28"],
    "key": "key-1",
    "version": "3",
}
YEAR = "/calendar/years/2019"


@pytest.fixture
async def city(stand_city: StandCity) -> City:
    city = await stand_city()
    await (await opened(city.pool, working_days.VIEW)).take(*records())
    city.intake.answers["GET", "/recounts"] = httpx.Response(200, json={"recounts": []})
    city.approvals.answers["GET", YEAR] = httpx.Response(200, json=HELD, headers={"ETag": '"3"'})
    city.approvals.answers["POST", f"{YEAR}/check"] = httpx.Response(200, json={"new": True})
    wrote = {"Siku-Wrote": "calendar-2019@4", "ETag": '"4"'}
    city.approvals.answers["POST", f"{YEAR}/revise"] = httpx.Response(200, json={}, headers=wrote)
    return city


def text(answer: httpx.Response) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def looked_at(answer: httpx.Response) -> str:
    found = re.search(r'name="looked_at" value="(\w+)"', answer.text)
    assert found, "nothing was looked at"
    return found[1]


async def send(city: City, filled: Mapping[str, Any], user: str = "admin") -> httpx.Response:
    return await city.browser(user).post("/calendar/edit?year=2019", data=filled)


def commands(city: City) -> list[httpx.Request]:
    return [one for one in city.approvals.asked if one.url.path.endswith(("/revise", "/publish"))]


@pytest.mark.parametrize("user", ACTORS)
async def test_everybody_signed_in_reads_the_calendar(city: City, user: str) -> None:
    page = text(await city.browser(user).get("/calendar?year=2019"))
    assert "2019 年工作日历" in page
    assert "5月 21 个工作日" in page
    assert "劳动节放假" in page


async def test_nobody_else_does(city: City) -> None:
    answer = await city.browser().get("/calendar")
    assert answer.headers["location"].startswith("/sign-in")


async def test_each_notice_tells_what_it_changed(city: City) -> None:
    page = text(await city.browser("zezhou").get("/calendar?year=2019"))
    newest, _, older = page.partition(REASON)
    assert "修订 国办发明电〔2019〕3号" in newest
    for line in (
        "4月28日（周日）：周末 → 调休上班",
        "5月2日（周四）至5月3日（周五）：工作日 → 放假（劳动节）",
        "5月4日（周六）：周末 → 放假（劳动节）",
        "5月5日（周日）：周末 → 调休上班",
    ):
        assert line in older
    # Two days off more, two days worked more.
    assert "260 → 260" in older
    assert "公布 国办发明电〔2018〕15号" in older


async def test_an_earlier_edition_is_shown_as_it_was(city: City) -> None:
    answer = await city.browser("zezhou").get("/calendar?year=2019&edition=2")
    page = text(answer)
    assert "这是较早的一版" in page
    assert "修订 国办发明电〔2019〕3号" not in page
    assert "调休上班，" not in page


async def test_a_provisional_year_says_so(city: City) -> None:
    page = text(await city.browser("zezhou").get("/calendar?year=2027"))
    assert "2027 年是暂定" in page
    assert "按暂定的放假安排" in page


async def test_a_year_that_nobody_entered_runs_monday_to_friday_and_says_so(city: City) -> None:
    page = text(await city.browser("zezhou").get("/calendar?year=2040"))
    assert "2040 年还没有录入" in page
    assert "1月 22 个工作日" in page


async def test_what_was_just_written_and_is_not_here_yet_is_said(city: City) -> None:
    page = text(await city.browser("admin").get("/calendar?year=2019&after=calendar-2019@9"))
    assert "还没有送到" in page
    page = text(await city.browser("admin").get("/calendar?year=2019&after=calendar-2019@3"))
    assert "还没有送到" not in page


async def test_only_who_keeps_the_calendar_is_offered_to_change_it(city: City) -> None:
    for user in ACTORS:
        answer = await city.browser(user).get("/calendar?year=2019")
        assert ("/calendar/edit" in answer.text) == (user == "admin")


async def counted_anew(city: City, **changes: object) -> str:
    recount = {"edition": 4, "open": 12, "done": 5, "moved": 2, "begun": None, "finished": None}
    document = {"recounts": [{**recount, **changes}]}
    city.intake.answers["GET", "/recounts"] = httpx.Response(200, json=document)
    return text(await city.browser("admin").get("/calendar?year=2019"))


async def test_who_keeps_the_calendar_sees_how_far_open_terms_are_counted_anew(city: City) -> None:
    assert "12 件，已算 5 件，到期日有变的 2 件" in await counted_anew(city)
    done = await counted_anew(city, done=12, finished="2019-04-22T02:00:00Z")
    assert "12 件已按这一版重算，到期日有变的 2 件，04-22 10:00 算完" in done
    assert "等待开始" in await counted_anew(city, edition=3)
    city.intake.silent = True
    page = text(await city.browser("admin").get("/calendar?year=2019"))
    assert "算到哪里稍后再看" in page


async def test_others_are_not_shown_how_far_terms_are_counted_anew(city: City) -> None:
    page = text(await city.browser("zezhou").get("/calendar?year=2019"))
    assert "期限重算" not in page
    assert city.intake.asked == []


@pytest.mark.parametrize("user", [user for user in ACTORS if user != "admin"])
async def test_for_all_others_the_form_is_not_there(city: City, user: str) -> None:
    browser = city.browser(user)
    for answer in (
        await browser.get("/calendar/edit?year=2019"),
        await browser.get("/calendar/sheet?year=2019"),
        await browser.post("/calendar/edit?year=2019", data=REVISION),
        await browser.post("/calendar/edit/sheet?year=2019", files={"file": ("x.csv", b"x")}),
    ):
        assert answer.status_code == 404
    assert city.approvals.asked == []


async def test_what_changes_is_shown_before_anything_is_written(city: City) -> None:
    answer = await send(city, REVISION)
    page = text(answer)
    assert answer.status_code == 200
    assert "还没有写入" in page
    assert "5月2日（周四）至5月3日（周五）：工作日 → 放假（劳动节）" in page
    assert commands(city) == []
    assert city.approvals.bodies("POST", f"{YEAR}/check") == [
        {
            "act": "revise",
            "notice": "国办发明电〔2019〕3号",
            "reason": REASON,
            "source": "按通知录入",
            "holidays": [{"name": "劳动节", "first": "2019-05-01", "last": "2019-05-04"}],
            "make_up_days": ["2019-04-28", "2019-05-05"],
        }
    ]


async def test_what_was_looked_at_is_sent_once_on_the_version_that_was_seen(city: City) -> None:
    digest = looked_at(await send(city, REVISION))
    answer = await send(city, {**REVISION, "looked_at": digest})
    assert answer.headers["location"] == "/calendar?year=2019&after=calendar-2019%404"
    (command,) = commands(city)
    assert command.headers["Idempotency-Key"] == f"key-1-{digest}"
    assert command.headers["If-Match"] == '"3"'
    assert "act" not in json.loads(command.content)


async def test_what_was_changed_after_the_look_is_looked_at_again(city: City) -> None:
    digest = looked_at(await send(city, REVISION))
    other = {**REVISION, "looked_at": digest, "last": ["2019-05-03", "", ""]}
    assert looked_at(await send(city, other)) != digest
    assert commands(city) == []


async def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(city: City) -> None:
    problem = {
        "title": "填报内容有误",
        "status": 422,
        "detail": "有 1 处填写有误。",
        "code": "unreadable_input",
        "errors": [
            {
                "field": "make_up_days.0",
                "label": "调休上班日",
                "rule": "weekday",
                "message": "第 1 行调休上班日（2019-04-29）是星期一，本来就上班。",
                "remedy": "请核对日期。",
            }
        ],
    }
    city.approvals.answers["POST", f"{YEAR}/check"] = httpx.Response(422, json=problem)
    answer = await send(city, {**REVISION, "make_up": ["2019-04-29"]})
    assert answer.status_code == 422
    assert 'value="2019-04-29"' in answer.text
    assert REASON in answer.text
    field = answer.text.partition('value="2019-04-29"')[2].partition("</div>")[0]
    assert 'aria-invalid="true"' in field
    assert "是星期一" in field


async def test_an_office_that_is_silent_loses_nothing(city: City) -> None:
    digest = looked_at(await send(city, REVISION))
    city.approvals.silent = True
    answer = await send(city, {**REVISION, "looked_at": digest})
    assert answer.status_code == 503
    assert "你填的内容都在" in text(answer)
    assert REASON in answer.text
    assert 'value="2019-05-04"' in answer.text


async def test_a_sheet_is_read_into_the_form_and_written_nowhere(city: City) -> None:
    read = {
        "holidays": [{"name": "国庆节", "first": "2019-10-01", "last": "2019-10-07"}],
        "make_up_days": ["2019-09-29"],
    }
    city.approvals.answers["POST", f"{YEAR}/sheet"] = httpx.Response(200, json=read)
    answer = await city.browser("admin").post(
        "/calendar/edit/sheet?year=2019", files={"file": ("放假安排.xlsx", b"PK")}
    )
    assert "“放假安排.xlsx”已读入：放假 1 段，调休上班 1 天" in text(answer)
    assert 'value="国庆节"' in answer.text
    assert 'value="2019-09-29"' in answer.text
    assert 'name="sheet" value="放假安排.xlsx"' in answer.text
    assert commands(city) == []


async def test_a_sheet_that_cannot_be_read_says_why(city: City) -> None:
    browser = city.browser("admin")
    answer = await browser.post("/calendar/edit/sheet?year=2019")
    assert "没有选择文件" in text(answer)
    problem = {
        "title": "没有找到放假安排",
        "status": 422,
        "detail": "没有找到表头。",
        "code": "no_days",
    }
    city.approvals.answers["POST", f"{YEAR}/sheet"] = httpx.Response(422, json=problem)
    answer = await browser.post("/calendar/edit/sheet?year=2019", files={"file": ("x.csv", b"x")})
    assert answer.status_code == 422
    assert "没有找到表头" in text(answer)


async def test_a_year_without_a_notice_may_be_estimated(city: City) -> None:
    city.approvals.answers["POST", "/calendar/years/2040/check"] = httpx.Response(200, json={})
    answer = await city.browser("admin").post(
        "/calendar/edit?year=2040",
        data={
            **REVISION,
            "act": "estimate",
            "first": ["2040-05-01", "", ""],
            "last": ["", "", ""],
            "make_up": [],
        },
    )
    assert answer.status_code == 200
    (body,) = city.approvals.bodies("POST", "/calendar/years/2040/check")
    assert body["source"] == "按法定节日暂排"
    assert body["holidays"] == [{"name": "劳动节", "first": "2040-05-01", "last": "2040-05-01"}]
