"""A project's approvals: what is shown of them to whom, why each day, and what may be done."""

import re
from datetime import UTC, date, datetime
from itertools import combinations

import httpx
import pytest

from contracts.approval_tracking import ItemState, Stage
from services.approval_tracking.approval_plan.commands import (
    Accept,
    AskCorrections,
    By,
    Grant,
    Pause,
    Receive,
    Resume,
)
from services.approval_tracking.approval_plan.milestones import days_used as days_told
from services.approval_tracking.approval_plan.milestones import main_track
from services.approval_tracking.approval_plan.states import Plan as Decided
from services.approval_tracking.policies import catalogue_of
from services.console.pages import plan_gantt, plan_graph
from services.console.pages.plan_reading import Plan, Plans
from services.console.pages.plan_schedule import schedule
from shared.deadline import Calendar
from tests.approval_tracking.plans import DAYS
from tests.console.approvals import Approvals, hear_of
from tests.console.builders import Dossier
from tests.console.city import City
from tests.console.conftest import StandCity

WINDOW = By(account="account-asp", role="approver", org="D-ASP")
JUNE_12 = datetime(2019, 6, 12, 2, 20, tzinfo=UTC)
CALENDAR: Calendar = DAYS.calendar


def pooled(org: str = "JC-ZZ", name: str = "示例陶瓷产业园") -> Dossier:
    return Dossier(org=org, name=name).drafted().submitted().passed_first().pooled()


def under_way(project: Dossier) -> Approvals:
    """The siting is done; the design was accepted on 30 May and stood still for two days."""
    told = Approvals(project).drawn_up()
    told.did(Grant, "A01", date(2019, 4, 23), WINDOW, document_number="2019-140525-30-03-002187")
    told.did(Grant, "A10", date(2019, 4, 25), WINDOW)
    for item, received, accepted, granted in (
        ("A12", date(2019, 4, 24), date(2019, 4, 25), date(2019, 5, 10)),
        ("A13", date(2019, 5, 13), date(2019, 5, 14), date(2019, 5, 20)),
    ):
        told.did(Receive, item, received).did(Accept, item, accepted)
        told.did(Grant, item, granted, document_number=f"示例〔2019〕{item}号")
    told.did(Receive, "A06", date(2019, 5, 6), WINDOW)
    told.did(AskCorrections, "A06", date(2019, 5, 8), WINDOW, corrections=("缺能耗计算表",))
    told.did(Receive, "B05", date(2019, 5, 28)).did(Accept, "B05", date(2019, 5, 30))
    procedure = next(iter(catalogue_of(date(2019, 6, 5)).procedures))
    told.did(
        Pause,
        "B05",
        date(2019, 6, 5),
        procedure=procedure,
        reason="专家评审",
        expected_days=3,
    )
    return told.did(Resume, "B05", date(2019, 6, 6))


def address(project: Dossier, rest: str = "") -> str:
    return f"/projects/{project.project_id}/approvals{rest}"


async def shown(city: City, user: str, project: Dossier, rest: str = "") -> str:
    async with city.browser(user) as browser:
        answer = await browser.get(address(project, rest))
    assert answer.status_code == 200, answer.text
    return answer.text


async def stood(stand_city: StandCity, told: Approvals) -> City:
    city = await stand_city(told.project, now=JUNE_12)
    await hear_of(city.pool, told)
    return city


async def plan_of(city: City, told: Approvals) -> Plan:
    plan = await Plans(lambda: city.pool).plan(str(told.project.project_id))
    assert plan is not None
    return plan


async def test_every_item_stands_in_the_state_that_the_rules_have_brought_it_to(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    plan = await plan_of(city, told)
    assert isinstance(told.state, Decided)
    assert {item.id: item.state for item in plan.items} == {
        name: item.state for name, item in told.state.items.items()
    }
    assert plan.version == len(told.told)
    design = plan.item("B05")
    assert design is not None
    assert (design.row.running, design.row.due) == ("PROMISED", date(2019, 6, 13))
    assert (design.row.statutory_total, design.row.statutory_due) == (20, date(2019, 7, 2))


async def test_a_stage_has_used_the_days_that_approval_tracking_counts(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    today = date(2019, 6, 12)
    planned = schedule(await plan_of(city, told), CALENDAR, today)
    assert isinstance(told.state, Decided)
    for stage in planned.stages:
        items = main_track(told.state, stage.stage)
        assert stage.used == days_told(items, CALENDAR, today), stage
    by_stage = {stage.stage: stage for stage in planned.stages}
    assert by_stage[Stage.DESIGN].used == 6
    assert planned.whole == sum(stage.used + stage.ahead for stage in planned.stages)


async def test_the_critical_path_ends_with_what_is_done_last_and_each_step_waits_for_the_one_before(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    plan = await plan_of(await stood(stand_city, told), told)
    planned = schedule(plan, CALENDAR, date(2019, 6, 12))
    assert planned.ends == max(
        bar.ends for name, bar in planned.bars.items() if name in planned.critical
    )
    for before, after in zip(planned.critical, planned.critical[1:], strict=False):
        item = plan.item(after)
        assert item is not None
        assert before in {*item.planned.after, *item.planned.beside}
        assert planned.bars[before].ends <= planned.bars[after].ends
    assert planned.critical[0] == "B05"


async def test_no_item_covers_another_in_the_picture_and_lines_go_from_left_to_right(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    plan = await plan_of(await stood(stand_city, told), told)
    planned = schedule(plan, CALENDAR, date(2019, 6, 12))
    graph = plan_graph.lay_out(plan, planned.critical)
    places = {node.item.id: node for node in graph.nodes}
    assert set(places) == {item.id for item in plan.items}
    for one, other in combinations(graph.nodes, 2):
        apart = abs(one.x - other.x) >= plan_graph.WIDE or abs(one.y - other.y) >= plan_graph.HIGH
        assert apart, (one.item.id, other.item.id)
    for item in plan.items:
        for name in item.planned.after:
            if name in places:
                assert places[name].x < places[item.id].x, (name, item.id)
    gantt = plan_gantt.lay_out(plan, planned, CALENDAR, date(2019, 6, 12))
    assert gantt is not None
    design = next(row for row in gantt.rows if row.item.id == "B05")
    assert [piece.kind for piece in design.pieces] == ["running", "stop"]


async def test_the_page_says_what_is_missing_who_has_it_and_since_when(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    page = await shown(city, "zezhou", told.project)
    table = page[page.index('id="pressing"') : page.index('id="graph-title"')]
    rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
    correcting = next(row for row in rows if "A06" in row)
    assert "泽州县" in correcting
    assert "05-08" in correcting
    assert "缺能耗计算表" in correcting
    design = next(row for row in rows if "B05" in row)
    assert "市规划和自然资源局" in design
    assert "剩 1 个工作日" in design
    assert rows.index(correcting) < rows.index(design)
    assert "个工作日，限 120" in page


async def test_the_strip_says_why_a_day_it_is_and_which_days_stood_still(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    page = await shown(city, "zezhou", told.project, "?item=B05")
    assert "为什么是 06-13" in page
    assert "为什么是 07-02" in page
    assert "停表：6月5日（周三）至6月6日（周四），专家评审" in page
    assert "端午节 06-07 至 06-09 放假" in page
    promised = page[page.index("为什么是 06-13") : page.index("为什么是 07-02")]
    assert len(re.findall(r'<li class="stop', promised)) == 2


async def test_what_is_done_about_an_item_is_sent_on_and_a_refusal_keeps_what_was_typed(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    project = told.project
    city.approvals.answers["GET", f"/plans/{project.project_id}"] = httpx.Response(
        200, json={"items": [{"item": "B05", "acts": _offers()}]}
    )
    procedures = [{"procedure": "EXPERTS", "name": "专家评审", "basis": "第四十五条"}]
    city.approvals.answers["GET", "/catalogue"] = httpx.Response(
        200, json={"procedures": procedures}
    )
    page = await shown(city, "city", project, "?item=B05")
    assert "已领取的同事在办。" in page
    assert 'value="EXPERTS"' in page
    typed = {"procedure": "EXPERTS", "reason": "再评一次", "expected_days": "3", "notice": ""}
    pause = f"/plans/{project.project_id}/items/B05/pause"
    city.approvals.answers["POST", pause] = httpx.Response(
        409, json={"title": "不能停表", "status": 409, "detail": "正在停表。", "code": "paused"}
    )
    async with city.browser("city") as browser:
        refused = await browser.post(address(project, "/B05/pause"), data=typed)
        assert refused.status_code == 409
        assert "正在停表。" in refused.text
        assert 'value="再评一次"' in refused.text
        city.approvals.answers["POST", pause] = httpx.Response(
            200,
            json={"message": "B05 设计方案审查已停表。"},
            headers={"Siku-Wrote": f"approval-{project.project_id}@99"},
        )
        done = await browser.post(
            address(project, "/B05/pause"), data={**typed, "key": "k-1", "version": "17"}
        )
    assert done.status_code == 303
    assert done.headers["location"].endswith(f"after=approval-{project.project_id}@99#item")
    assert city.approvals.bodies("POST", pause)[-1] == {
        "procedure": "EXPERTS",
        "reason": "再评一次",
        "expected_days": "3",
    }
    sent = city.approvals.asked[-1]
    assert sent.headers["Idempotency-Key"] == "k-1"
    assert sent.headers["If-Match"] == '"17"'
    assert sent.headers["Authorization"] == "Bearer approval_tracking:city"


async def test_an_agent_is_chosen_by_name_from_those_that_there_are(stand_city: StandCity) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    project = told.project
    assert "现在取不到代办员名单" in await shown(city, "city", project)
    known = {"account": "account-agent", "name": "窗口代办员", "organisation": "D-ASP"}
    city.desk.answers["GET", "/own/agents"] = httpx.Response(200, json={"agents": [known]})
    page = await shown(city, "city", project)
    assert 'value="account-agent@D-ASP"' in page
    assert "窗口代办员（市行政审批局）" in page
    assert 'name="agent"' not in await shown(city, "zezhou", project)
    appoint = f"/plans/{project.project_id}/agent"
    city.approvals.answers["POST", appoint] = httpx.Response(
        200,
        json={"message": "已确定代办员。"},
        headers={"Siku-Wrote": f"approval-{project.project_id}@99"},
    )
    async with city.browser("city") as browser:
        await browser.post(address(project, "/agent"), data={"agent": "account-agent@D-ASP"})
    assert city.approvals.bodies("POST", appoint) == [
        {"agent": "account-agent", "agent_org": "D-ASP"}
    ]


def _offers() -> list[dict[str, object]]:
    return [
        {"act": "pause", "name": "停表", "open": True, "needs": None},
        {"act": "grant", "name": "办结", "open": False, "needs": "已领取的同事在办。"},
        {"act": "unheard-of", "name": "没有表单的", "open": True, "needs": None},
    ]


async def test_while_approval_tracking_is_silent_the_page_shows_what_it_knows(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    city.approvals.silent = True
    page = await shown(city, "city", told.project, "?item=B05")
    assert "审批服务暂时没有回应。暂时不能办理" in page
    assert "为什么是 06-13" in page


async def test_an_open_page_is_told_nothing_until_something_happened(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    page = await shown(city, "zezhou", told.project)
    found = re.search(r'hx-get="([^"]+seen=[^"]+)"', page)
    assert found
    polled = found[1].replace("&amp;", "&")
    asking = {"HX-Request": "true"}
    async with city.browser("zezhou") as browser:
        assert (await browser.get(polled, headers=asking)).status_code == 204
        told.did(Grant, "B05", date(2019, 6, 12), document_number="建规〔2019〕66号")
        await hear_of(city.pool, told)
        news = await browser.get(polled, headers=asking)
    assert news.status_code == 200
    assert "建规〔2019〕66号" in news.text


async def test_a_day_in_the_past_shows_what_was_recorded_by_then_and_nothing_to_do(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    page = await shown(city, "city", told.project, "?as_of=2019-05-15&item=A13")
    assert "示例〔2019〕A12号" in page
    assert "示例〔2019〕A13号" not in page
    assert 'id="acting"' not in page
    assert "hx-get" not in page
    assert not [one for one in city.approvals.asked if one.url.path.startswith("/plans")]


@pytest.mark.parametrize(
    ("user", "seen"),
    [("zezhou", True), ("chengqu", False), ("city", True), ("lead", True), ("admin", False)],
)
async def test_who_does_not_see_the_project_sees_nothing_of_its_approvals(
    stand_city: StandCity, user: str, seen: bool
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    async with city.browser(user) as browser:
        for rest in ("", "?item=B05", "/events/1"):
            answer = await browser.get(address(told.project, rest))
            assert answer.status_code == (200 if seen else 404), rest


async def test_a_fact_of_the_plan_is_opened_as_it_was_stored(stand_city: StandCity) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    paused = next(one for one in told.told if one.fact.kind.endswith("item_paused.v1"))
    page = await shown(city, "city", told.project, f"/events/{paused.envelope.version}")
    assert "停表：B05" in page
    assert paused.envelope.type in page
    assert "&#34;reason&#34;:&#34;专家评审&#34;" in page


async def test_the_page_of_a_project_says_how_many_of_its_approvals_are_done(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    city = await stood(stand_city, told)
    assert isinstance(told.state, Decided)
    done = sum(
        item.state in {ItemState.GRANTED, ItemState.SERVED} for item in told.state.items.values()
    )
    async with city.browser("zezhou") as browser:
        page = (await browser.get(f"/projects/{told.project.project_id}")).text
    assert f"审批 {done}/{len(told.state.items)}" in page
    assert "还不具备开工条件" in page


async def test_before_a_plan_is_drawn_up_the_page_says_so(stand_city: StandCity) -> None:
    project = pooled()
    city = await stand_city(project)
    assert "还没有审批计划" in await shown(city, "zezhou", project)


async def test_what_decides_on_approvals_is_asked_in_the_words_of_the_catalogue(
    stand_city: StandCity,
) -> None:
    told = under_way(pooled())
    project = told.project
    city = await stood(stand_city, told)
    city.approvals.answers["GET", "/catalogue"] = httpx.Response(200, json=_CATALOGUE)
    stated = f"/plans/{project.project_id}/circumstances"
    city.approvals.answers["POST", stated] = httpx.Response(
        200,
        json={"message": "审批计划已调整。"},
        headers={"Siku-Wrote": f"approval-{project.project_id}@99"},
    )
    page = await shown(city, "zezhou", project, "/circumstances")
    assert "年综合能源消费量（吨标准煤）" in page
    assert "只问另一个流程的" not in page
    typed = {
        "flow": "SY",
        "management": "FILING",
        "land_mode": "GRANTED",
        "reason": "设计定了",
        "energy_tce": "1200",
        "state_funds": "false",
    }
    async with city.browser("zezhou") as browser:
        done = await browser.post(address(project, "/circumstances"), data=typed)
    assert done.status_code == 303
    assert city.approvals.bodies("POST", stated) == [
        {
            "management": "FILING",
            "flow": "SY",
            "land_mode": "GRANTED",
            "reason": "设计定了",
            "answers": {"energy_tce": 1200, "state_funds": False},
        }
    ]
    async with city.browser("lead") as browser:
        assert (await browser.get(address(project, "/circumstances"))).status_code == 403


_CATALOGUE = {
    "flows": [
        {"flow": "SY", "name": "一般社会投资", "questions": ["energy_tce", "state_funds"]},
        {"flow": "GF", "name": "政府投资房屋建筑", "questions": ["elsewhere"]},
    ],
    "questions": [
        {
            "name": "energy_tce",
            "question": "年综合能源消费量",
            "kind": "number",
            "unit": "吨标准煤",
            "choices": {},
            "source": "节能审查办法",
        },
        {"name": "state_funds", "question": "是否使用国有资金", "kind": "yes_no"},
        {"name": "elsewhere", "question": "只问另一个流程的", "kind": "yes_no"},
    ],
}
