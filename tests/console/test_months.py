"""按月报送: who has reported and who has not, when it was due and now, and to whom it is shown."""

import re
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from contracts import reference
from contracts.approval_tracking import Holiday, YearRevised
from contracts.identity import OrganisationClosed
from contracts.intake import Level
from contracts.reference import organisations
from services.console.pages.moment import end_of
from services.console.pages.monthly import GROUPS
from shared.scope import MONTH_SCOPES
from shared.seeing import Reader
from tests.console.builders import (
    Dossier,
    hear_of_months,
    hear_of_years,
    keep,
    said_nothing_new,
    taken_back,
)
from tests.console.conftest import StandCity
from tests.shared.told_units import established

MAY = "/months/2019-05"
DUE = end_of(date(2019, 5, 5)).now


def noon(month: int, day: int) -> datetime:
    """Give noon in Asia/Shanghai."""
    return datetime(2019, month, day, 4, tzinfo=UTC)


def reported(org: str, at: datetime, name: str = "鹿鸣谷煤层气综合利用示范") -> Dossier:
    """Give a project that was reported at an instant, and drafted just before."""
    drafted = Dossier(org=org, name=name, now=at - timedelta(minutes=40)).drafted()
    return drafted.submitted()


def tiles(page: str) -> dict[str, int]:
    """Give the figures of the tiles: of how many bodies, by what they show."""
    return {
        name: int(count) for name, count in re.findall(r'aria-label="(\S+) (\d+) 家，看名单"', page)
    }


def lines(page: str) -> dict[str, str]:
    """Give the words of each body's line."""
    found = re.findall(r'<tr><th scope="row" class="pin">([^<]+)</th>(.*?)</tr>', page, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", rest).split()) for name, rest in found}


async def seen(browser: httpx.AsyncClient, path: str = MAY) -> str:
    """Give a page that can be shown."""
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_before_the_due_day_is_over_who_has_reported_is_on_time(
    stand_city: StandCity,
) -> None:
    city = await stand_city(reported("JC-ZZ", noon(5, 2)), now=noon(5, 3))
    await hear_of_months(city.pool, said_nothing_new("D-EDU", noon(5, 3)))
    async with city.browser("city") as browser:
        page = await seen(browser)
    assert tiles(page) == {"已报送": 2, "零报告": 1, "未报": 29, "逾期": 0}
    assert lines(page)["泽州县"] == "按时 05-02 1 8.60"
    assert lines(page)["市教育局"].startswith("按时 05-03 零")
    assert "05-03 零报告" in lines(page)["市教育局"]
    assert lines(page)["城区"].startswith("未报 —")
    assert "5月5日 24:00 截止" in page
    assert "还有 2 天" in page
    assert "5日是周日，按放假安排调休上班，是工作日，不顺延" in page
    assert "截止时" not in page


async def test_the_day_is_over_at_midnight_and_not_before(stand_city: StandCity) -> None:
    city = await stand_city(
        reported("JC-ZZ", DUE - timedelta(milliseconds=1)),
        reported("JC-CQ", DUE),
        now=noon(5, 8),
    )
    await hear_of_months(
        city.pool,
        said_nothing_new("D-EDU", DUE - timedelta(milliseconds=1)),
        said_nothing_new("D-TRA", DUE),
    )
    async with city.browser("city") as browser:
        page = await seen(browser)
    assert lines(page)["泽州县"].startswith("按时 05-05 1 8.60 1 8.60")
    assert lines(page)["城区"].startswith("迟报 1 天 05-06 — — 1 8.60")
    assert lines(page)["市教育局"].startswith("按时 05-05 零 — 零 —")
    assert lines(page)["市交通局"].startswith("迟报 1 天 05-06 — — 零 —")
    assert lines(page)["高平市"].startswith("逾期未报 —")
    assert tiles(page) == {"已报送": 4, "零报告": 2, "未报": 27, "逾期": 29}


async def test_what_was_sent_back_does_not_count_until_it_is_reported_again(
    stand_city: StandCity,
) -> None:
    sent_back = reported("JC-ZZ", noon(5, 2)).returned()
    city = await stand_city(sent_back, now=noon(5, 8))
    async with city.browser("city") as browser:
        line = lines(await seen(browser))["泽州县"]
        assert line.startswith("逾期未报 — — — — —")
        assert "退回 1 项，未重报" in line
        again = Dossier.later(sent_back, days=5).submitted()
        await keep(city.pool, [again])
        assert lines(await seen(browser))["泽州县"].startswith("迟报 2 天 05-07 — — 1 8.60")


async def test_what_is_sent_back_after_the_due_day_stood_when_it_was_due(
    stand_city: StandCity,
) -> None:
    sent_back = reported("JC-ZZ", noon(5, 2)).later(days=4).returned()
    city = await stand_city(sent_back, now=noon(5, 9))
    async with city.browser("city") as browser:
        line = lines(await seen(browser))["泽州县"]
        assert line.startswith("逾期未报 — 1 8.60 — —")
        assert "截止时曾算已报" in line
        await keep(city.pool, [sent_back.later(days=1).submitted()])
        assert lines(await seen(browser))["泽州县"].startswith("按时 05-02 1 8.60 1 8.60")


async def test_what_the_province_sends_back_to_the_city_still_counts(
    stand_city: StandCity,
) -> None:
    at_city = reported("JC-ZZ", noon(5, 2)).passed_first().returned(to=Level.CITY)
    city = await stand_city(at_city, now=noon(5, 3))
    async with city.browser("city") as browser:
        assert lines(await seen(browser))["泽州县"].startswith("按时")


@pytest.mark.parametrize("fate", ["passed_first", "rejected"])
async def test_what_was_decided_upon_was_reported(stand_city: StandCity, fate: str) -> None:
    city = await stand_city(getattr(reported("JC-ZZ", noon(5, 2)), fate)(), now=noon(5, 3))
    async with city.browser("city") as browser:
        assert lines(await seen(browser))["泽州县"].startswith("按时")


async def test_what_was_taken_back_does_not_count(stand_city: StandCity) -> None:
    city = await stand_city(reported("JC-ZZ", noon(5, 2)).withdrawn(), now=noon(5, 4))
    await hear_of_months(
        city.pool, said_nothing_new("D-EDU", noon(5, 2)), taken_back("D-EDU", noon(5, 3))
    )
    async with city.browser("city") as browser:
        page = await seen(browser)
    assert tiles(page)["已报送"] == 0
    assert lines(page)["泽州县"].startswith("未报")
    assert lines(page)["市教育局"].startswith("未报")


async def test_a_draft_counts_for_nobody(stand_city: StandCity) -> None:
    city = await stand_city(Dossier(org="JC-ZZ", now=noon(5, 2)).drafted(), now=noon(5, 4))
    async with city.browser("city") as browser:
        assert tiles(await seen(browser))["已报送"] == 0


async def test_a_project_after_the_word_of_nothing_new_is_what_is_shown(
    stand_city: StandCity,
) -> None:
    city = await stand_city(reported("D-EDU", noon(5, 8)), now=noon(5, 9))
    await hear_of_months(city.pool, said_nothing_new("D-EDU", noon(5, 3)))
    async with city.browser("city") as browser:
        page = await seen(browser)
    assert tiles(page)["零报告"] == 0
    line = lines(page)["市教育局"]
    assert line.startswith("按时 05-03 零 — 1 8.60")
    assert "05-03 零报告，后有项目" in line


async def test_a_report_counts_for_its_own_month_alone(stand_city: StandCity) -> None:
    city = await stand_city(reported("JC-ZZ", noon(5, 20)), now=noon(6, 3))
    await hear_of_months(city.pool, said_nothing_new("D-EDU", noon(6, 2)))
    async with city.browser("city") as browser:
        may, june = await seen(browser), await seen(browser, "/months/2019-06")
    assert lines(may)["泽州县"].startswith("迟报 15 天")
    assert lines(may)["市教育局"].startswith("逾期未报")
    assert lines(june)["泽州县"].startswith("未报")
    assert lines(june)["市教育局"].startswith("按时")


async def test_a_tile_leads_to_the_bodies_that_it_counts(stand_city: StandCity) -> None:
    city = await stand_city(
        reported("JC-ZZ", noon(5, 2)), reported("JC-CQ", noon(5, 7)), now=noon(5, 8)
    )
    await hear_of_months(city.pool, said_nothing_new("D-EDU", noon(5, 3)))
    async with city.browser("city") as browser:
        counted = tiles(await seen(browser))
        for show, name in (
            ("reported", "已报送"),
            ("nothing-new", "零报告"),
            ("missing", "未报"),
            ("late", "逾期"),
        ):
            page = await seen(browser, f"{MAY}?show={show}")
            assert len(lines(page)) == counted[name] == tiles(page)[name]
        assert len(lines(await seen(browser, f"{MAY}?show=nonsense"))) == 31


async def test_a_figure_leads_to_the_projects_that_it_counts(stand_city: StandCity) -> None:
    city = await stand_city(
        reported("JC-ZZ", noon(5, 2), "五月的"),
        reported("JC-ZZ", noon(4, 29), "四月的"),
        reported("JC-ZZ", noon(5, 2), "退回的").returned(),
        reported("JC-CQ", noon(5, 2), "别家的"),
        now=noon(5, 4),
    )
    async with city.browser("city") as browser:
        page = await seen(browser)
        (address,) = re.findall(r'href="(/projects\?[^"]+)" aria-label="泽州县 1 项', page)
        listed = await seen(browser, address.replace("&amp;", "&"))
    assert "五月的" in listed
    assert all(name not in listed for name in ("四月的", "退回的", "别家的"))
    assert "2019年5月报送" in listed


async def test_a_past_day_shows_what_was_recorded_by_then(stand_city: StandCity) -> None:
    city = await stand_city(
        reported("JC-ZZ", noon(5, 2)), reported("JC-CQ", noon(5, 7)), now=noon(5, 9)
    )
    await hear_of_months(city.pool, said_nothing_new("D-EDU", noon(5, 6)))
    async with city.browser("city") as browser:
        on_the_4th = await seen(browser, f"{MAY}?as_of=2019-05-04")
        on_the_6th = await seen(browser, f"{MAY}?as_of=2019-05-06")
    assert tiles(on_the_4th) == {"已报送": 1, "零报告": 0, "未报": 30, "逾期": 0}
    assert tiles(on_the_6th) == {"已报送": 2, "零报告": 1, "未报": 29, "逾期": 30}
    assert "as_of=2019-05-06" in on_the_6th


async def test_before_the_rules_began_nobody_is_late(stand_city: StandCity) -> None:
    city = await stand_city(reported("JC-ZZ", noon(4, 20)))
    async with city.browser("city") as browser:
        page = await seen(browser, "/months/2019-04")
    assert "不计按时与否" in page
    assert lines(page)["泽州县"].startswith("已报送 04-20")
    assert tiles(page) == {"已报送": 1, "零报告": 0, "未报": 30, "逾期": 0}


async def test_before_the_rules_have_arrived_the_page_says_so(stand_city: StandCity) -> None:
    city = await stand_city(reported("JC-ZZ", noon(5, 2)), rules=False, now=noon(5, 9))
    async with city.browser("city") as browser:
        page = await seen(browser)
    assert "截止日还不知道" in page
    assert tiles(page)["逾期"] == 0


async def test_the_days_up_to_it_are_laid_out(stand_city: StandCity) -> None:
    city = await stand_city(reported("JC-ZZ", noon(9, 2)), now=noon(10, 3))
    async with city.browser("city") as browser:
        page = await seen(browser, "/months/2019-10")
    strip = page.partition('<ol class="strip"')[2].partition("</ol>")[0]
    days = [
        " ".join(re.sub(r"<[^>]+>", " ", f"<li{day}").split()) for day in strip.split("<li")[1:]
    ]
    assert len(days) == 8
    assert days[2] == "10-03 周四 国庆节 今天"
    assert days[7] == "10-08 周二 工作日 到期"


async def test_a_notice_that_comes_later_moves_the_day(stand_city: StandCity) -> None:
    year = next(row for row in reference.calendar_years() if row.year == 2019)
    revised = YearRevised(
        year=2019,
        notices=(*year.notices, "国办发明电〔2019〕99号"),
        reason="6月5日放假一天",
        source="按通知录入",
        holidays=(
            *(Holiday(name=day.name, first=day.first, last=day.last) for day in year.holidays),
            Holiday(name="示例节", first=date(2019, 6, 5), last=date(2019, 6, 5)),
        ),
        make_up_days=year.make_up_days,
    )
    city = await stand_city(reported("JC-ZZ", noon(6, 5)), now=noon(6, 6))
    async with city.browser("city") as browser:
        before = await seen(browser, "/months/2019-06")
        await hear_of_years(city.pool, revised)
        after = await seen(browser, "/months/2019-06")
    assert "6月5日 24:00 截止" in before
    assert "6月6日 24:00 截止" in after
    assert "5日在示例节放假期间，顺延到其后第一个工作日（周四）" in after
    assert (tiles(before)["逾期"], tiles(after)["逾期"]) == (30, 0)


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2019-06", "2019年6月还没有开始"),
        ("9999-12", "还没有开始"),
        ("2019-03", "2019年3月系统还没有记录，记录从2019年4月开始"),
        ("0000-01", "不是一个月份"),
        ("2019-13", "不是一个月份"),
        ("2019-5", "不是一个月份"),
        ("２０１９-05", "不是一个月份"),
    ],
)
async def test_a_month_that_cannot_be_shown_is_refused_with_the_way_out(
    stand_city: StandCity, month: str, said: str
) -> None:
    city = await stand_city(reported("JC-ZZ", noon(4, 20)), now=noon(5, 4))
    async with city.browser("city") as browser:
        answer = await browser.get(f"/months/{month}")
    assert answer.status_code == 422
    assert said in answer.text


async def test_the_menu_leads_to_this_month(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 4))
    async with city.browser("city") as browser:
        answer = await browser.get("/months")
        assert (answer.status_code, answer.headers["location"]) == (303, MAY)


@pytest.mark.parametrize("user", ["province", "lead"])
async def test_offices_see_every_body_but_lists_only_what_they_may_read(
    stand_city: StandCity, user: str
) -> None:
    city = await stand_city(reported("JC-ZZ", noon(5, 2)), now=noon(5, 4))
    async with city.browser(user) as browser:
        page = await seen(browser)
    assert len(lines(page)) == 31
    assert lines(page)["泽州县"].startswith("按时 05-02 1 8.60")
    assert "/projects?reported" not in page
    assert "报本月无新增" not in page


async def test_a_body_sees_its_own_line_and_no_other(stand_city: StandCity) -> None:
    city = await stand_city(
        reported("JC-ZZ", noon(5, 2)), reported("JC-CQ", noon(5, 2)), now=noon(5, 4)
    )
    async with city.browser("zezhou") as browser:
        page = await seen(browser)
    assert "1 项，8.60 亿元" in page
    assert "城区" not in page
    assert not tiles(page)
    assert not lines(page)


async def test_who_sees_no_projects_sees_no_months(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 4))
    async with city.browser("admin") as browser:
        answer = await browser.get(MAY)
        assert answer.status_code == 403
        assert 'href="/months"' not in answer.text


async def test_without_signing_in_nothing_is_shown(stand_city: StandCity) -> None:
    city = await stand_city(now=noon(5, 4))
    async with city.browser() as browser:
        for address in ("/months", MAY):
            answer = await browser.get(address)
            assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("role", [role.code for role in reference.roles()])
def test_a_role_sees_every_body_or_its_own_or_none(role: str) -> None:
    scope = MONTH_SCOPES.seen_by(Reader(role, "JC-ZZ", "140525"))
    seen_by = {
        body.id
        for body in organisations.planning_bodies(date(2019, 5, 5))
        if scope.holds({"org": body.id})
    }
    match role:
        case "county_reporter" | "dept_reporter" | "enterprise":
            assert seen_by == {"JC-ZZ"}
        case "approver" | "sponsor" | "admin":
            assert seen_by == set()
        case _:
            assert len(seen_by) == 31


def test_every_planning_body_belongs_to_a_group_of_the_plan() -> None:
    kinds = [kind for group in GROUPS.values() for kind in group]
    bodies = organisations.planning_bodies(date(2019, 5, 5))
    assert len(bodies) == 31
    assert {body.kind for body in bodies} == set(kinds)


async def test_a_body_that_came_after_the_due_day_owed_nothing(stand_city: StandCity) -> None:
    new = established("JC-NEW", "新设区", date(2019, 5, 6))
    old = established("JC-OLD", "撤销区", date(2019, 1, 1))
    gone = OrganisationClosed(organisation_id="JC-OLD", valid_to=date(2019, 5, 5))
    city = await stand_city(reported("JC-ZZ", noon(5, 2)), now=noon(6, 20), units=(new, old, gone))
    async with city.browser("city") as browser:
        may, june = lines(await seen(browser)), lines(await seen(browser, "/months/2019-06"))
    assert ("新设区" in may, "撤销区" in may) == (False, True)
    assert ("新设区" in june, "撤销区" in june) == (True, False)
