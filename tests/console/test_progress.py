"""月报 on pages: who has reported and who has not, the year of a project, what was typed stays."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.intake import (
    ConstructionRectified,
    ConstructionStarted,
    Evidence,
    FileNoted,
    InvestmentByUse,
    MilestoneReached,
    Pool,
    ProblemNamed,
    ProgressMissed,
    ProgressOpened,
    ProgressReported,
)
from services.intake.progress import decider
from tests.console.builders import (
    WAN,
    Dossier,
    hear_of_progress,
    published,
    put_in_force,
    worked,
)
from tests.console.city import City
from tests.console.conftest import StandCity

RULES = (Path(decider.__file__).parent / "policy" / "2019-04-22.toml").read_text("utf-8")
JUNE_3 = datetime(2019, 6, 3, 2, tzinfo=UTC)
JUNE_10 = datetime(2019, 6, 10, 2, tzinfo=UTC)
NAMES = ("产业园一期", "标准厂房", "冷链中心")
PHOTO = Evidence(
    sort="photograph",
    file=FileNoted(sha256="a" * 64, name="现场.jpg", size=9, media_type="image/jpeg"),
)


def built(name: str, org: str = "JC-ZZ") -> Dossier:
    """Give a project in 建设库 since April."""
    return Dossier(org=org, name=name).drafted().submitted().passed_first().pooled(Pool.BUILD)


def reported(
    dossier: Dossier, wan: int, month: str = "2019-05", **changes: Any
) -> ProgressReported:
    told: dict[str, Any] = {
        "project_id": dossier.project_id,
        "owner_org": dossier.org,
        "month": month,
        "edition": 1,
        "invested": InvestmentByUse(equipment=wan * WAN),
        "invested_this_year": wan * WAN,
        "invested_in_all": wan * WAN,
        "due": date(2019, 6, 5),
        "reported_on": date(2019, 6, 3),
        "late": False,
        **changes,
    }
    return ProgressReported(**told)


def missed(dossier: Dossier) -> ProgressMissed:
    return ProgressMissed(
        project_id=dossier.project_id,
        owner_org=dossier.org,
        month="2019-05",
        due=date(2019, 6, 5),
        told_on=date(2019, 6, 6),
    )


def tiles(page: str) -> dict[str, int]:
    return {
        name: int(count) for name, count in re.findall(r'aria-label="(\S+) (\d+) 项，看清单"', page)
    }


async def seen(browser: httpx.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture
async def city(stand_city: StandCity) -> City:
    """In June: one project reported May and corrected it, one is missing, one is another's."""
    one, two, three = built(NAMES[0]), built(NAMES[1]), built(NAMES[2], "JC-GP")
    city = await stand_city(one, two, three, now=JUNE_10)
    await put_in_force(city.pool, published(RULES, date(2019, 4, 22), room="progress"))
    problem = ProblemNamed(text="征地未完成。", asks="D-TRA")
    first = reported(one, 500, problems=(problem,), evidence=(PHOTO,))
    second = reported(one, 450, edition=2, reason="发票重复计入", problems=(problem,))
    await hear_of_progress(
        city.pool,
        *worked(one, first, at=JUNE_3),
        *worked(one, second, at=JUNE_10, version=2),
        *worked(two, missed(two), at=JUNE_10, by_clock=True),
    )
    return city


async def test_the_list_tells_who_has_reported_and_who_has_not(city: City) -> None:
    async with city.browser("lead") as browser:
        page = await seen(browser, "/progress/2019-05")
        assert tiles(page) == {"已报": 1, "未报": 2, "迟报和漏报": 1, "更正过": 1, "有问题": 1}
        assert all(name in page for name in NAMES)
        assert "漏报" in page
        only = await seen(browser, "/progress/2019-05?show=missing")
        assert NAMES[0] not in only
        assert NAMES[2] in only


async def test_the_days_until_a_month_is_due_are_counted_from_today(city: City) -> None:
    async with city.browser("lead") as browser:
        assert "还有 25 天" in await seen(browser, "/progress/2019-06")


async def test_a_unit_sees_its_own_projects_alone(city: City) -> None:
    async with city.browser("zezhou") as browser:
        page = await seen(browser, "/progress/2019-05")
        assert NAMES[2] not in page
        assert tiles(page)["未报"] == 1
        assert f"/projects/{built(NAMES[1]).project_id}/progress/2019-05" in page


async def test_a_day_in_the_past_shows_what_was_shown_then(city: City) -> None:
    async with city.browser("lead") as browser:
        now = await seen(browser, "/progress/2019-05")
        then = await seen(browser, "/progress/2019-05?as_of=2019-06-05")
    assert ">450</a>" in now
    assert ">500</a>" in then
    assert tiles(then)["迟报和漏报"] == 0


async def test_a_tile_is_the_sum_of_its_list(city: City) -> None:
    async with city.browser("lead") as browser:
        page = await seen(browser, "/progress/2019-05")
        for show, name in (("reported", "已报"), ("missing", "未报"), ("late", "迟报和漏报")):
            listed = await seen(browser, f"/progress/2019-05?show={show}")
            assert listed.count('<th scope="row" class="pin two">') == tiles(page)[name], name


async def test_my_work_says_what_of_the_month_my_unit_still_owes(city: City) -> None:
    async with city.browser("zezhou") as browser:
        page = await seen(browser, "/work")
        assert "2019年5月月报还有 1 项未报：</b>应报 2 项，6月5日 24:00 截止，已过 5 天" in page
        assert NAMES[1] in await seen(browser, "/progress/2019-05?show=missing&org=JC-ZZ")
    async with city.browser("chengqu") as browser:
        assert "月报还有" not in await seen(browser, "/work")
    async with city.browser("city") as browser:
        assert "月报还有" not in await seen(browser, "/work")


async def test_the_list_is_exported_with_its_filter(city: City) -> None:
    async with city.browser("lead") as browser:
        answer = await browser.get("/progress/2019-05?show=reported&export=csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "450" in rows[1]


async def test_the_year_shows_both_editions_with_the_reason_and_leads_to_the_facts(
    city: City,
) -> None:
    project = built(NAMES[0]).project_id
    async with city.browser("lead") as browser:
        page = await seen(browser, f"/projects/{project}/progress")
        assert "发票重复计入" in page
        assert page.count(f"/projects/{project}/progress/events/1") == 1
        assert "请市交通局协调" in page
        fact = await seen(browser, f"/projects/{project}/progress/events/2")
        assert "intake.progress.reported.v1" in fact
        assert (await browser.get(f"/projects/{project}/progress/events/9")).status_code == 404


async def test_evidence_is_a_link_only_for_whom_it_is_shown(stand_city: StandCity) -> None:
    one = built(NAMES[0])
    city = await stand_city(one, now=JUNE_10)
    await hear_of_progress(city.pool, *worked(one, reported(one, 5, evidence=(PHOTO,)), at=JUNE_3))
    link = f"/projects/{one.project_id}/files/{'a' * 64}"
    for user, shown in (("zezhou", True), ("lead", True), ("city", True)):
        async with city.browser(user) as browser:
            page = await seen(browser, f"/projects/{one.project_id}/progress")
        assert (link in page) is shown, user


async def test_a_rectified_start_shows_both_days_and_the_reason(stand_city: StandCity) -> None:
    one = built(NAMES[0])
    city = await stand_city(one, now=JUNE_10)
    start = ConstructionStarted(
        project_id=one.project_id, owner_org="JC-ZZ", started_on=date(2019, 5, 2), evidence=(PHOTO,)
    )
    right = ConstructionRectified(
        project_id=one.project_id,
        owner_org="JC-ZZ",
        what="STARTED",
        was_on=date(2019, 5, 2),
        is_on=date(2019, 5, 4),
        reason="开工报告上的日期抄错",
        rectified_on=date(2019, 6, 3),
    )
    await hear_of_progress(city.pool, *worked(one, start, right, at=JUNE_3))
    async with city.browser("lead") as browser:
        page = await seen(browser, f"/projects/{one.project_id}/progress")
    assert "原记 2019-05-02，更正原因：开工报告上的日期抄错" in page
    assert "2019-05-04" in page


async def test_physical_progress_and_what_came_before_count(stand_city: StandCity) -> None:
    one = built(NAMES[0])
    city = await stand_city(one, now=JUNE_10)
    await put_in_force(city.pool, published(RULES, date(2019, 4, 22), room="progress"))
    opened = ProgressOpened(
        project_id=one.project_id,
        owner_org="JC-ZZ",
        as_of=date(2019, 4, 30),
        invested_in_all=8_000 * WAN,
        invested_this_year=1_000 * WAN,
        milestones=(MilestoneReached(milestone="procedures", percent=100),),
    )
    may = reported(one, 500, milestones=(MilestoneReached(milestone="foundation", percent=50),))
    await hear_of_progress(city.pool, *worked(one, opened, may, at=JUNE_3))
    async with city.browser("lead") as browser:
        page = await seen(browser, f"/projects/{one.project_id}/progress")
        row = await seen(browser, "/progress/2019-05")
    assert "1,500<small" in page
    assert "8,500<small" in page
    assert "12<small" in page
    assert ">1,500</td>" in row
    assert ">8,500</td>" in row


async def test_before_the_first_month_what_came_before_is_the_share_of_the_whole(
    stand_city: StandCity,
) -> None:
    one = built(NAMES[0])
    city = await stand_city(one, now=JUNE_10)
    await put_in_force(city.pool, published(RULES, date(2019, 4, 22), room="progress"))
    opened = ProgressOpened(
        project_id=one.project_id,
        owner_org="JC-ZZ",
        as_of=date(2019, 4, 30),
        invested_in_all=8_600 * WAN,
        invested_this_year=0,
    )
    await hear_of_progress(city.pool, *worked(one, opened, at=JUNE_3))
    async with city.browser("lead") as browser:
        page = await seen(browser, f"/projects/{one.project_id}/progress")
    assert "占总投资 10.0%" in page


FORM: dict[str, Any] = {
    "month": "2019-05",
    "name": NAMES[0],
    "owner_org": "JC-ZZ",
    "due": "2019-06-05",
    "edition": 0,
    "report": None,
    "last_month": "2019-04",
    "last": {
        "invested": {"equipment": "300.00"},
        "funds": [],
        "milestones": [{"milestone": "foundation", "percent": 40, "reached_on": None}],
        "problems": [{"text": "征地未完成。", "asks": "D-TRA"}],
        "text": "开始桩基施工。",
        "evidence": [],
    },
    "milestones": [{"code": "foundation", "name": "基础", "weight": 15}],
    "reached_before": {"foundation": 40},
    "invested_until_before": "300.00",
    "invested_this_year_before": "300.00",
    "total_investment": "120000.00",
    "started_on": None,
}


def answer(city: City, method: str, path: str, status: int, body: dict[str, Any]) -> None:
    headers = {"ETag": '"3"', "Siku-Wrote": "progress-x@4"}
    city.intake.answers[method, path] = httpx.Response(status, json=body, headers=headers)


async def test_the_next_month_goes_on_where_the_last_one_stopped(city: City) -> None:
    project = built(NAMES[0]).project_id
    path = f"/projects/{project}/progress/2019-05"
    answer(city, "GET", path, 200, {**FORM, "project_id": str(project)})
    async with city.browser("zezhou") as browser:
        plain, copied = await seen(browser, path), await seen(browser, f"{path}?copy=1")
    assert 'value="40"' in plain
    assert "征地未完成。" not in plain
    assert "征地未完成。" in copied
    assert "开始桩基施工。" in copied
    # Its figures were its own.
    assert 'value="300' not in copied


async def test_what_was_typed_is_sent_and_stays_when_it_is_refused(city: City) -> None:
    project = built(NAMES[0]).project_id
    path = f"/projects/{project}/progress/2019-05"
    answer(city, "GET", path, 200, {**FORM, "project_id": str(project)})
    wrong = {
        "status": 422,
        "title": "填报内容有误",
        "detail": "有 1 处填写有误，请按提示修改。",
        "code": "unreadable_input",
        "errors": [
            {
                "field": "milestones.0.reached_on",
                "label": "完成日期",
                "rule": "day_missing",
                "message": "完成日期没有填。",
                "remedy": "完成的里程碑请填日期。",
            }
        ],
    }
    answer(city, "POST", path, 422, wrong)
    typed = {
        "version": "3",
        "invested.equipment": "500",
        "milestone.foundation.percent": "100",
        "problem.1.text": "缺一条进场路。",
    }
    async with city.browser("zezhou") as browser:
        refused = await browser.post(path, data=typed)
        assert refused.status_code == 422
        assert "完成的里程碑请填日期。" in refused.text
        assert 'value="缺一条进场路。"' in refused.text
        assert 'id="f-milestone-foundation-reached_on"' in refused.text
        answer(city, "POST", path, 200, {"message": "已按时报 2019-05 月报。"})
        done = await browser.post(path, data=typed)
    assert done.status_code == 303
    sent = city.intake.bodies("POST", path)[-1]
    assert sent["milestones"] == [{"milestone": "foundation", "percent": "100", "reached_on": None}]
    assert sent["problems"] == [{"text": "缺一条进场路。", "asks": None}]


async def test_hints_are_confirmed_one_by_one(city: City) -> None:
    project = built(NAMES[0]).project_id
    path = f"/projects/{project}/progress/2019-05"
    answer(city, "GET", path, 200, {**FORM, "project_id": str(project)})
    hint = {
        "field": "invested",
        "label": "本月完成投资",
        "rule": "large_month",
        "message": "本月完成投资超过总投资的 30%。",
        "remedy": "请核对。",
    }
    said = {"status": 409, "title": "有提示待确认", "code": "hints_to_confirm", "errors": [hint]}
    answer(city, "POST", path, 409, said)
    async with city.browser("zezhou") as browser:
        page = (await browser.post(path, data={"invested.equipment": "50000"})).text
    assert 'name="accept" value="large_month"' in page


async def test_a_sheet_is_checked_first_and_then_its_right_rows_are_reported(city: City) -> None:
    place, sha256 = "/progress/2019-05/workbook", "c" * 64
    wrong = {
        "letter": "H",
        "rule": "decimal_parsing",
        "message": "不是数。",
        "remedy": "请填数字。",
    }
    found = {
        "sha256": sha256,
        "acceptable": 1,
        "wrong": 1,
        "rows": [
            {"number": 4, "project_id": "1", "name": NAMES[0], "verdict": "ACCEPTABLE"},
            {
                "number": 5,
                "project_id": "2",
                "name": NAMES[1],
                "verdict": "WRONG",
                "problems": [{**wrong, "key": "invested.equipment"}],
            },
        ],
    }
    answer(city, "POST", place, 201, found)
    answer(city, "GET", f"{place}/{sha256}", 200, found)
    answer(city, "POST", f"{place}/{sha256}/take", 200, {"reported": 1, "left": 1})
    async with city.browser("zezhou") as browser:
        sent = await browser.post(place, files={"file": ("5月.xlsx", b"PK")})
        assert sent.headers["location"] == f"{place}/{sha256}"
        page = await seen(browser, f"{place}/{sha256}")
        assert "H5：不是数。请填数字。" in page
        assert "报送 1 个项目的月报" in page
        done = await browser.post(f"{place}/{sha256}/take", data={"key": "k"})
    assert (done.status_code, done.headers["location"]) == (303, "/progress/2019-05")


async def test_a_month_of_anothers_project_looks_absent(city: City) -> None:
    project = built(NAMES[2], "JC-GP").project_id
    path = f"/projects/{project}/progress/2019-05"
    async with city.browser("zezhou") as browser:
        assert (await browser.get(path)).status_code == 404
        assert (await browser.get(f"/projects/{project}/works")).status_code == 404
        assert (await browser.get(f"/projects/{project}/progress")).status_code == 404


async def test_a_work_is_recorded_with_its_papers(city: City) -> None:
    project = built(NAMES[0]).project_id
    answer(city, "POST", "/files", 201, {"sha256": "b" * 64, "name": "开工报告.pdf", "size": 9})
    answer(city, "POST", f"/projects/{project}/works", 200, {"message": "已登记。"})
    typed = {"what": "STARTED", "happened_on": "2019-05-02", "number:start_report": "开工1号"}
    files = {"files:start_report": ("开工报告.pdf", b"%PDF-1.7")}
    async with city.browser("zezhou") as browser:
        page = await seen(browser, f"/projects/{project}/works")
        assert "开工报告" in page
        done = await browser.post(f"/projects/{project}/works", data=typed, files=files)
    assert done.status_code == 303, done.text
    (sent,) = city.intake.bodies("POST", f"/projects/{project}/works")
    assert sent["evidence"] == [
        {
            "sort": "start_report",
            "document_number": "开工1号",
            "dated_on": None,
            "sha256": "b" * 64,
        }
    ]


async def test_a_file_that_was_taken_is_not_asked_for_again_when_the_work_is_refused(
    city: City,
) -> None:
    project = built(NAMES[0]).project_id
    answer(city, "POST", "/files", 201, {"sha256": "b" * 64, "name": "开工报告.pdf", "size": 9})
    refusal = {"status": 409, "title": "与已登记的不符", "detail": "已经登记 2019-05-02 开工。"}
    answer(city, "POST", f"/projects/{project}/works", 409, refusal)
    files = {"files:start_report": ("开工报告.pdf", b"%PDF-1.7")}
    typed = {"what": "STARTED", "happened_on": "2019-05-03"}
    async with city.browser("zezhou") as browser:
        page = (await browser.post(f"/projects/{project}/works", data=typed, files=files)).text
    assert "已经登记 2019-05-02 开工。" in page
    assert f'value="{"b" * 64}|9|开工报告.pdf" checked' in page
    assert 'value="2019-05-03"' in page
