"""Terms on the pages: what is urgent, how much is left, and why it is due on that day."""

import re
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from contracts.approval_tracking import Holiday, YearRevised
from contracts.intake import Holder, Level, Term
from contracts.reference import calendar_years
from services.console.pages import desk
from services.console.pages.reading import Waiting
from services.console.pages.reckoning import Reckoning
from services.console.pages.rules import RulesFile, rules_of
from services.console.pages.strip import Strip, lay_out
from services.console.views import four_pools
from services.console.views.four_pools import PoolRow
from services.intake.policies import terms_on
from tests.console.builders import BEGINNING, REVIEW_RULES, Dossier, hear_of_years
from tests.console.city import NOON
from tests.console.conftest import StandCity
from tests.intake.dossiers import DAYS

APRIL_22 = date(2019, 4, 22)
DAY = timedelta(days=1)
RULES = rules_of([RulesFile("review", APRIL_22, "", REVIEW_RULES, BEGINNING)])
ON_SEPTEMBER_27 = datetime(2019, 9, 27, 1, 0, tzinfo=UTC)


def reckoning(today: date) -> Reckoning:
    return Reckoning(RULES, DAYS, today)


def waiting(stage: str, start: date, term: Term | None) -> Waiting:
    since = datetime(start.year, start.month, start.day, 2, tzinfo=UTC)
    return Waiting(
        "p", "JC-ZZ", "泽州县", "项目", 1, 1, 1, None, stage, since, False, None, None, None, term
    )


@pytest.mark.parametrize(
    ("stage", "start", "today", "light", "left"),
    [
        # Three working days: yellow on the last only.
        ("SUBMITTED", APRIL_22, date(2019, 4, 22), "ok", "剩 3 个工作日"),
        ("SUBMITTED", APRIL_22, date(2019, 4, 24), "ok", "剩 1 个工作日"),
        ("SUBMITTED", APRIL_22, date(2019, 4, 25), "near", "今日到期"),
        ("SUBMITTED", APRIL_22, date(2019, 4, 26), "late", "超期 1 个工作日"),
        # Five, over the First of May: 28, 29, 30 April, 5 and 6 May are worked.
        ("CITY_PASSED", date(2019, 4, 26), date(2019, 4, 28), "ok", "剩 4 个工作日"),
        ("CITY_PASSED", date(2019, 4, 26), date(2019, 4, 29), "near", "剩 3 个工作日"),
        ("CITY_PASSED", date(2019, 4, 26), date(2019, 5, 4), "near", "剩 2 个工作日"),
        ("CITY_PASSED", date(2019, 4, 26), date(2019, 5, 6), "near", "今日到期"),
        ("RETURNED", date(2019, 4, 26), date(2019, 5, 7), "late", "超期 1 个工作日"),
        # Due on a Friday: red on Saturday, whose day does not count.
        ("SUBMITTED", date(2019, 5, 7), date(2019, 5, 11), "late", "超期未满 1 个工作日"),
        ("SUBMITTED", date(2019, 5, 7), date(2019, 5, 13), "late", "超期 1 个工作日"),
        ("SUBMITTED", date(2019, 5, 7), date(2019, 5, 17), "late", "超期 5 个工作日"),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_a_term_has_a_light_and_says_what_is_left_of_it(
    stage: str, start: date, today: date, light: str, left: str, told: bool
) -> None:
    terms = terms_on(start, DAYS)
    term = {"SUBMITTED": terms.city, "CITY_PASSED": terms.province, "RETURNED": terms.reporter}
    at = reckoning(today).standing(waiting(stage, start, term[stage] if told else None))
    assert at is not None
    assert (at.light, at.left) == (light, left)
    assert at.term == term[stage], "a fact that names no term has it counted"


def test_where_no_term_runs_there_is_none() -> None:
    for stage in ("DRAFT", "APPROVED", "REJECTED"):
        assert reckoning(APRIL_22).standing(waiting(stage, APRIL_22, None)) is None
    without = Reckoning(rules_of([]), DAYS, APRIL_22)
    assert without.standing(waiting("SUBMITTED", APRIL_22, None)) is None
    assert without.limit(Holder.CITY) == "限期以规则为准"


def test_a_term_that_would_begin_today_is_named_with_its_last_day() -> None:
    assert reckoning(APRIL_22).limit(Holder.CITY) == "限 3 个工作日，至4月25日（周四）"
    said = reckoning(date(2026, 12, 30)).limit(Holder.PROVINCE)
    assert said == "限 5 个工作日，至2027年1月7日（周四）（暂定）"


# The strip.


def strip(holder_stage: str, start: date, today: date, **moved: object) -> Strip:
    at = reckoning(today)
    terms = terms_on(start, DAYS)
    term = (terms.city if holder_stage == "SUBMITTED" else terms.reporter).model_copy(update=moved)
    standing = at.standing(waiting(holder_stage, start, term))
    assert standing is not None
    notices = {row.year: row.notices for row in calendar_years()}
    laid = lay_out(
        at, holder_stage, "报送" if holder_stage == "SUBMITTED" else "退回", standing, notices
    )
    assert laid is not None
    return laid


def test_over_the_national_day_each_day_says_what_it_is() -> None:
    laid = strip("RETURNED", date(2019, 9, 27), date(2019, 9, 27))
    assert [
        (f"{box.day:%m-%d}", box.words.replace("\N{NO-BREAK SPACE}", "")) for box in laid.boxes
    ] == [
        ("09-27", "退回"),
        ("09-28", "周末"),
        ("09-29", "第1天"),
        ("09-30", "第2天"),
        *((f"10-0{day}", "国庆节") for day in range(1, 8)),
        ("10-08", "第3天"),
        ("10-09", "第4天"),
        ("10-10", "第5天"),
    ]
    assert [box.day for box in laid.boxes if box.due] == [date(2019, 10, 10)]
    assert [box.day for box in laid.boxes if box.made_up] == [date(2019, 9, 29)]
    assert [box.day for box in laid.boxes if box.today] == [date(2019, 9, 27)]
    assert laid.sums == (
        "9月27日（周五）退回，当日不计，次日起算 5 个工作日，至10月10日（周四） 24:00 到期。",
        "不计：国庆节 10-01 至 10-07 放假，周末 1 天。",
        "计入：9月29日（周日）调休上班。",
    )
    assert laid.calendars == ("2019 年放假安排 国办发明电〔2018〕15号、国办发明电〔2019〕3号",)
    assert laid.differs is None


def test_a_saturday_that_is_worked_is_the_last_day() -> None:
    laid = strip("RETURNED", date(2019, 9, 30), date(2019, 10, 8))
    last = laid.boxes[-1]
    assert (last.day, last.weekday, last.sign, last.due) == (
        date(2019, 10, 12),
        "周六",
        "makeup",
        True,
    )
    assert laid.sums[-1] == "计入：10月12日（周六）调休上班。"


def test_days_after_the_last_one_are_counted_as_overdue_and_long_after_not_shown() -> None:
    laid = strip("SUBMITTED", APRIL_22, date(2019, 4, 29))
    signs = [(box.day.day, box.sign) for box in laid.boxes if box.day > date(2019, 4, 25)]
    assert signs == [(26, "over"), (27, "off"), (28, "over"), (29, "over")]
    assert laid.sums[-1] == "到今天超期 3 个工作日。"
    long = strip("SUBMITTED", APRIL_22, date(2019, 9, 27))
    assert long.boxes[-1].day == date(2019, 5, 9)
    assert long.sums[-1] == "到今天超期 108 个工作日，下面只列到 05-09。"


def test_a_year_without_a_notice_is_said_to_be_provisional() -> None:
    laid = strip("SUBMITTED", date(2026, 12, 30), date(2026, 12, 30))
    assert laid.calendars[-1] == "2027 年放假安排尚未公布，暂按法定假日计，公布后重算"
    assert {box.day.year for box in laid.boxes if box.provisional} == {2027}


def test_a_term_that_rests_on_other_days_than_are_shown_says_so() -> None:
    laid = strip("SUBMITTED", APRIL_22, APRIL_22, due=date(2019, 4, 26))
    assert laid.differs == date(2019, 4, 25)


# The view.


def folded(dossier: Dossier) -> PoolRow:
    row: PoolRow | None = None
    for told in dossier.told:
        row = four_pools.fold(row, told)
    assert row is not None
    return row


SENT = Dossier(name="巴公园区固废资源化利用").drafted().submitted()


def test_the_row_has_the_days_of_the_term_and_loses_them_with_it() -> None:
    row = folded(SENT)
    assert (row.term_from, row.due, row.yellow_from, row.red_from) == (
        APRIL_22,
        date(2019, 4, 25),
        date(2019, 4, 25),
        date(2019, 4, 26),
    )
    assert (row.provisional, row.calendar) == (False, 0)
    assert folded(SENT.passed_first()).due == date(2019, 4, 28)
    assert folded(SENT.passed_first().returned(to=Level.CITY)).due == date(2019, 4, 25)
    assert folded(SENT.returned()).due == date(2019, 4, 28)
    for ended in (SENT.rejected(), SENT.passed_first().pooled()):
        row = folded(ended)
        assert (row.term_from, row.due, row.red_from, row.calendar) == (None,) * 4


def test_what_the_clock_tells_is_no_work_on_the_project() -> None:
    old = SENT.terms.city
    new = old.model_copy(update={"due": old.due + DAY, "red_from": old.red_from + DAY})
    before = folded(SENT)
    moved = folded(SENT.later(days=1).moved(Holder.CITY, old, new))
    assert (moved.due, moved.red_from) == (new.due, new.red_from)
    told = folded(SENT.later(days=9).overdue(Holder.CITY, old.due))
    assert told.due == old.due
    for after in (moved, told):
        assert (after.stage_since, after.updated_at) == (before.stage_since, before.updated_at)
        assert after.version == before.version + 1


# The pages.


def order(page: str) -> list[str]:
    return re.findall(r'class="t">([^<]+)<', page)


def sent(name: str, days: float, **more: object) -> Dossier:
    return Dossier(org="JC-CQ", name=name, **more).later(days=days).drafted().submitted()  # type: ignore[arg-type]


async def test_the_desk_has_the_longest_overdue_first_then_what_is_due_first(
    stand_city: StandCity,
) -> None:
    today = sent("今天报的", -0.1)
    due = sent("今天到期的", -5.1)
    late = sent("超期的", -7.1)
    latest = sent("超期最久的", -20)
    before = sent("期限以前报的", -30, timed=False)
    city = await stand_city(today, due, late, latest, before)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get("/desk")).text
    assert order(page) == [each.name for each in (before, latest, late, due, today)]
    lights = re.findall(
        r'<span class="left"><span class="light l-(\w+)[^>]*>.*?</svg>([^<]+)<', page
    )
    assert [light for light, _ in lights] == ["late", "late", "late", "near", "ok"]
    assert lights[3][1] == "今日到期"
    assert lights[4][1] == "剩 3 个工作日"
    assert all("超期" in words for light, words in lights if light == "late")


async def test_a_long_queue_is_listed_in_part_and_counted_whole(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "QUEUE_ROWS", 2)
    dossiers = [sent(f"第{number}件", number - 9) for number in range(5)]
    city = await stand_city(*dossiers)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/desk/{dossiers[3].project_id}")).text
        assert order(page) == ["第0件", "第1件"]
        assert "5 件，43.00 亿元" in page
        assert "列出前 2 件，“全选”包括全部 5 件" in page
        assert "第 4 件，共 5 件" in page
        before, after = re.search(r'data-before="([^"]*)" data-after="([^"]*)"', page).groups()  # type: ignore[union-attr]
        assert before.endswith(str(dossiers[2].project_id))
        assert after.endswith(str(dossiers[4].project_id))
        chosen = await reviewer.post("/desk/bulk", data={"every": "yes"})
        assert all(dossier.name in chosen.text for dossier in dossiers)
        assert "超期 3 个工作日" in chosen.text


async def test_the_reporter_sees_until_when_to_report_again(stand_city: StandCity) -> None:
    back = Dossier(name="退回的").drafted().submitted().returned()
    city = await stand_city(back)
    async with city.browser("zezhou") as county:
        listed = (await county.get("/projects")).text
        assert "剩 5 个工作日" in listed
        page = (await county.get(f"/projects/{back.project_id}")).text
        assert "限 5 个工作日内补正，04-28 到期" in page
        assert "为什么是 04-28" in page
        assert "退回至填报单位，重报 04-28 到期" in page


async def test_a_list_of_what_has_a_term_is_sorted_by_it(stand_city: StandCity) -> None:
    late, soon = (
        Dossier(name=name).later(days=days).drafted().submitted().returned()
        for name, days in (("早退回的", -9), ("刚退回的", -1))
    )
    city = await stand_city(soon.revised(remarks="改过"), late.revised(remarks="改过"))
    async with city.browser("zezhou") as county:
        board = (await county.get("/board")).text
        (address,) = re.findall(r'href="(/projects\?[^"]*stage=RETURNED[^"]*)"', board)
        assert "sort=due" in address
        page = (await county.get(address.replace("&amp;", "&"))).text
        assert page.index(late.name) < page.index(soon.name)
        assert "超期最久的在前，再按到期先后" in page


async def test_a_provisional_last_day_is_marked(stand_city: StandCity) -> None:
    winter = datetime(2026, 12, 30, 1, tzinfo=UTC)
    waits = Dossier(org="JC-CQ", name="跨年的", now=winter).drafted().submitted()
    city = await stand_city(waits, now=winter + timedelta(hours=3))
    async with city.browser("city") as reviewer:
        page = (await reviewer.get("/desk")).text
        assert '<span class="trait">暂定</span>' in page
        why = (await reviewer.get(f"/projects/{waits.project_id}/term")).text
        assert "到期日落在放假安排尚未公布的年份，公布后可能变动" in why


async def test_the_history_says_that_a_term_was_over_or_moved(stand_city: StandCity) -> None:
    old = SENT.terms.city
    new = old.model_copy(update={"due": old.due + DAY, "red_from": old.red_from + DAY})
    told = SENT.moved(Holder.CITY, old, new).later(days=5).overdue(Holder.CITY, new.due)
    city = await stand_city(told, now=NOON + timedelta(days=6))
    async with city.browser("zezhou") as county:
        page = (await county.get(f"/projects/{SENT.project_id}")).text
    assert "期限重算（工作日历有调整）" in page
    assert "市级初审原 04-25 到期，现 04-26 到期" in page
    assert "市级初审 04-26 到期，当日没有办结" in page
    assert "系统按时记录" in page


async def test_the_strip_comes_alone_for_htmx_and_as_a_page_without_it(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SENT)
    address = f"/projects/{SENT.project_id}/term"
    async with city.browser("zezhou") as county:
        page = (await county.get(address)).text
        alone = (await county.get(address, headers={"HX-Request": "true"})).text
    assert "<h1>为什么是 04-25</h1>" in page
    assert "<!doctype" not in alone
    for text in (page, alone):
        assert 'aria-label="逐日计时，04-22 至 04-25"' in text
        assert "期限为系统默认，非法定" in text
        assert "行政许可法第八十二条" in text


async def test_a_term_is_explained_on_the_calendar_that_it_was_counted_on(
    stand_city: StandCity,
) -> None:
    old = SENT.terms.city
    new = old.model_copy(
        update={"due": date(2019, 4, 26), "red_from": date(2019, 4, 27), "calendar": 7}
    )
    other = Dossier(name="重算了的").drafted().submitted().moved(Holder.CITY, old, new)
    city = await stand_city(SENT, other)
    one_day = Holiday(name="城庆", first=date(2019, 4, 24), last=date(2019, 4, 24))
    year = YearRevised(
        year=2019,
        notices=("晋市政办〔2019〕0号",),
        reason="",
        source="",
        holidays=(one_day,),
        make_up_days=(),
    )
    await hear_of_years(city.pool, year, edition=7)
    async with city.browser("zezhou") as county:
        before = (await county.get(f"/projects/{SENT.project_id}/term")).text
        after = (await county.get(f"/projects/{other.project_id}/term")).text
        desk_line = (await county.get(f"/projects/{SENT.project_id}")).text
    assert "至4月25日（周四） 24:00 到期" in before
    assert "国办发明电〔2019〕3号" in before
    assert "城庆" not in before
    assert "至4月26日（周五） 24:00 到期" in after
    assert "不计：城庆 04-24 放假" in after
    assert "2019 年放假安排 晋市政办〔2019〕0号" in after
    for page in (before, after):
        assert "期限还没有重算" not in page
    assert "剩 2 个工作日" in desk_line, "what is left is counted on the calendar of now"


async def test_who_may_not_see_a_project_does_not_see_its_term(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    address = f"/projects/{SENT.project_id}/term"
    for user, status in (("zezhou", 200), ("city", 200), ("chengqu", 404), ("admin", 404)):
        async with city.browser(user) as browser:
            for headers in ({}, {"HX-Request": "true"}):
                assert (await browser.get(address, headers=headers)).status_code == status, user
            nowhere = "/projects/00000000-0000-7000-8000-000000000001/term"
            assert (await browser.get(nowhere)).status_code == 404
    async with city.browser() as stranger:
        answer = await stranger.get(address)
        assert answer.headers["location"].startswith("/sign-in")


async def test_a_project_without_a_running_term_says_so(stand_city: StandCity) -> None:
    draft = Dossier(name="草稿").drafted()
    city = await stand_city(draft)
    async with city.browser("zezhou") as county:
        assert "没有在计的期限" in (await county.get(f"/projects/{draft.project_id}/term")).text
        assert "why-box" not in (await county.get(f"/projects/{draft.project_id}")).text


async def test_a_decision_is_followed_by_the_last_day_that_intake_named(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SENT)
    term = {"due": "2019-04-28", "provisional": False}
    city.intake.answers["POST", f"/projects/{SENT.project_id}/first-review"] = httpx.Response(
        200, json={"receipt": "HZ-1", "term": term}, headers={"Siku-Wrote": "project-x@3"}
    )
    form = {"key": "k", "version": "2", "on_revision": "1", "verdict": "PASS"}
    async with city.browser("city") as reviewer:
        await reviewer.post(f"/desk/{SENT.project_id}", data=form)
        page = (await reviewer.get("/desk")).text
    assert "已送省发改委审核，限 5 个工作日，至4月28日（周日）。" in page
