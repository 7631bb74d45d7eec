"""调库: what a project's page, the lists, the desk and the application page say of moves."""

import re
from datetime import date
from typing import Any

import httpx
import pytest

from contracts.intake import (
    Evidence,
    MoveEffect,
    Pool,
    ProjectEnded,
    ProjectHeld,
    ProjectMoved,
)
from tests.console.builders import Dossier
from tests.console.conftest import StandCity

IN_PLAN = Dossier(name="星禾高性能陶瓷材料产业园").drafted().submitted().passed_first().pooled()
FOR_PREP = IN_PLAN.applied(
    "T12",
    MoveEffect.MOVE,
    to_pool=Pool.PREP,
    evidence=(Evidence(sort="acceptance_notice", document_number="泽规资受〔2019〕7号"),),
)
MOVED = FOR_PREP.passed_first().move_approved(
    ProjectMoved(
        project_id=IN_PLAN.project_id,
        transition="T12",
        from_pool=Pool.PLAN,
        to_pool=Pool.PREP,
        total_investment=860_000_000,
        reason="手续已经办齐。",
        moved_on=date(2019, 4, 22),
    )
)
HELD = IN_PLAN.applied("TX2", MoveEffect.HOLD, to_pool=Pool.PLAN).move_approved(
    ProjectHeld(
        project_id=IN_PLAN.project_id,
        pool=Pool.PLAN,
        reason="贷款没有到位。",
        resume_when="授信批复后",
        hold_until=date(2019, 12, 31),
        held_on=date(2019, 4, 22),
    )
)
ENDED = IN_PLAN.applied("TX4", MoveEffect.END).move_approved(
    ProjectEnded(
        project_id=IN_PLAN.project_id,
        pool=Pool.PLAN,
        reason="不再实施。",
        ended_on=date(2019, 4, 22),
    )
)


def seen(page: str) -> str:
    """Give what is read on a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


PATH = f"/projects/{IN_PLAN.project_id}"


def need(code: str, field: str, *sorts: str, met: bool = False) -> dict[str, Any]:
    return {
        "code": code,
        "rule": f"条件 {code}",
        "source": "系统默认",
        "remedy": f"补上 {code}。",
        "field": field,
        "sorts": list(sorts),
        "met": met,
    }


OPEN = {
    "evidence": {"acceptance_notice": "受理通知书", "preparation_plan": "前期工作计划表"},
    "longest_hold_months": 12,
    "application": None,
    "moves": [
        {
            "transition": "T12",
            "name": "转入前期库",
            "effect": "MOVE",
            "to": "PREP",
            "conditions": [
                need("builder", "builder.uscc", met=True),
                need("preparation_plan", "evidence", "preparation_plan"),
            ],
        },
        {
            "transition": "TX2",
            "name": "暂缓",
            "effect": "HOLD",
            "to": None,
            "conditions": [
                need("reason_hold", "reason"),
                need("hold_until", "hold_until"),
                need("hold_condition", "resume_when"),
            ],
        },
        {
            "transition": "TX6",
            "name": "拆分",
            "effect": "SPLIT",
            "to": None,
            "conditions": [need("sum_of_parts", "parts")],
        },
    ],
}


async def test_a_project_page_shows_what_is_applied_for_and_on_which_papers(
    stand_city: StandCity,
) -> None:
    city = await stand_city(FOR_PREP)
    async with city.browser("city") as browser:
        page = seen((await browser.get(PATH)).text)
    for words in ("申请转入前期库", "手续已经办齐。", "泽规资受〔2019〕7号", "待市级初审"):
        assert words in page


async def test_a_move_stands_in_the_history_and_in_the_pools(stand_city: StandCity) -> None:
    city = await stand_city(MOVED)
    async with city.browser("lead") as browser:
        page = seen((await browser.get(PATH)).text)
        board = (await browser.get("/board")).text
    assert "转入前期库" in page
    assert "总投资 8.60 亿元" in page
    assert 'aria-label="前期库 1 项，看清单"' in board
    assert 'aria-label="谋划库 0 项，看清单"' in board


async def test_what_is_on_hold_stays_in_its_pool_and_says_so(stand_city: StandCity) -> None:
    city = await stand_city(HELD)
    async with city.browser("lead") as browser:
        page = seen((await browser.get(PATH)).text)
        listed = seen((await browser.get("/projects?pool=PLAN")).text)
        held = seen((await browser.get("/projects?standing=HELD")).text)
    assert "暂缓，至 12-31" in page
    assert IN_PLAN.name in listed
    assert IN_PLAN.name in held


async def test_a_hold_that_is_over_is_seen_on_the_day_after(stand_city: StandCity) -> None:
    over = IN_PLAN.move_approved(
        ProjectHeld(
            project_id=IN_PLAN.project_id,
            pool=Pool.PLAN,
            reason="贷款没有到位。",
            resume_when="授信批复后",
            hold_until=date(2019, 4, 21),
            held_on=date(2019, 4, 1),
        )
    )
    city = await stand_city(over)
    async with city.browser("lead") as browser:
        assert "暂缓已到期" in (await browser.get(PATH)).text


async def test_what_has_ended_is_in_no_pool_and_still_found(stand_city: StandCity) -> None:
    city = await stand_city(ENDED)
    async with city.browser("lead") as browser:
        listed = seen((await browser.get("/projects?pool=PLAN")).text)
        ended = seen((await browser.get("/projects?standing=ENDED")).text)
        page = seen((await browser.get(PATH)).text)
        board = (await browser.get("/board")).text
    assert IN_PLAN.name not in listed
    assert IN_PLAN.name in ended
    assert "已终止" in page
    assert 'aria-label="谋划库 0 项，看清单"' in board


async def test_a_refused_move_says_why_and_leaves_the_project_alone(
    stand_city: StandCity,
) -> None:
    city = await stand_city(FOR_PREP.move_refused())
    async with city.browser("zezhou") as browser:
        page = seen((await browser.get(PATH)).text)
    for words in ("不予调库", "手续没有办结。", "项目仍在原库", "申请调库"):
        assert words in page


async def test_the_desk_shows_the_application_and_calls_its_refusal_by_its_name(
    stand_city: StandCity,
) -> None:
    city = await stand_city(FOR_PREP)
    async with city.browser("city") as browser:
        page = seen((await browser.get(f"/desk/{IN_PLAN.project_id}")).text)
    for words in ("申请转入前期库", "不予调库", "泽规资受〔2019〕7号", "· 调库"):
        assert words in page
    assert "不予入库" not in page.replace("不符合产业政策，不予入库。", "").replace(
        "与已入库项目重复，不予入库。", ""
    )


async def test_what_the_province_approved_is_told_in_intakes_words(stand_city: StandCity) -> None:
    passed = FOR_PREP.passed_first()
    city = await stand_city(passed)
    answer = {"message": "审核通过，项目已进入前期库。", "receipt": "HZ-1"}
    city.intake.answers["POST", f"{PATH}/final-review"] = httpx.Response(200, json=answer)
    async with city.browser("province") as browser:
        verdict = {"verdict": "PASS", "opinion": "同意。", "on_revision": "2", "version": "8"}
        page = await browser.post(
            f"/desk/{IN_PLAN.project_id}", data=verdict, follow_redirects=True
        )
    assert "审核通过，项目已进入前期库。" in page.text


async def test_the_unit_sees_which_moves_are_open_and_what_each_lacks(
    stand_city: StandCity,
) -> None:
    city = await stand_city(IN_PLAN)
    city.intake.answers["GET", f"{PATH}/moves"] = httpx.Response(200, json=OPEN)
    async with city.browser("zezhou") as browser:
        listed = seen((await browser.get(f"{PATH}/moves")).text)
        asked = (await browser.get(f"{PATH}/moves?transition=T12")).text
    assert "转入前期库" in listed
    assert "1 项要在申请里补上" in listed
    assert "已具备" in asked
    assert "补上 preparation_plan。" in asked
    assert 'name="files:preparation_plan"' in asked


async def test_what_the_offices_granted_fills_the_conditions_by_itself(
    stand_city: StandCity,
) -> None:
    city = await stand_city(IN_PLAN)
    granted = {
        "item": "B07",
        "name": "建设工程规划许可证",
        "state": "GRANTED",
        "done": True,
        "document_number": "建字第140525201900031号",
        "since": "2019-04-20",
    }
    waiting = {"item": "C06", "name": "施工许可证", "state": "NOT_BEGUN", "done": False}
    needs = [
        {**need("planning", "evidence", "planning_permit", met=True), "permits": [granted]},
        {**need("started", "evidence", "start_report"), "permits": [waiting]},
    ]
    to_prep = {"transition": "T12", "name": "转入前期库", "effect": "MOVE", "to": "PREP"}
    told = {**OPEN, "moves": [{**to_prep, "conditions": needs}]}
    city.intake.answers["GET", f"{PATH}/moves"] = httpx.Response(200, json=told)
    async with city.browser("zezhou") as browser:
        asked = (await browser.get(f"{PATH}/moves?transition=T12")).text
    assert "建设工程规划许可证：已办结，建字第140525201900031号，2019-04-20" in seen(asked)
    assert "施工许可证：未办" in seen(asked)
    assert f'href="{PATH}/approvals"' in asked


async def test_an_application_is_sent_as_it_was_typed(stand_city: StandCity) -> None:
    city = await stand_city(IN_PLAN)
    city.intake.answers["GET", f"{PATH}/moves"] = httpx.Response(200, json=OPEN)
    city.intake.answers["POST", f"{PATH}/moves"] = httpx.Response(
        200,
        json={"message": "已报送市发改委初审，限 3 个工作日。"},
        headers={"Siku-Wrote": f"project-{IN_PLAN.project_id}@6"},
    )
    typed = {
        "transition": "TX2",
        "reason": "贷款没有到位。",
        "hold_until": "2019-12-31",
        "resume_when": "授信批复后",
        "version": "5",
        "key": "a-key-of-its-own",
    }
    async with city.browser("zezhou") as browser:
        sent = await browser.post(f"{PATH}/moves", data=typed)
    assert sent.status_code == 303
    (body,) = city.intake.bodies("POST", f"{PATH}/moves")
    assert body["transition"] == "TX2"
    assert (body["hold_until"], body["resume_when"]) == ("2019-12-31", "授信批复后")
    assert body["parts"] == []


async def test_the_parts_of_a_split_have_all_else_from_the_whole(stand_city: StandCity) -> None:
    city = await stand_city(IN_PLAN)
    city.intake.answers["GET", f"{PATH}/moves"] = httpx.Response(200, json=OPEN)
    city.intake.answers["POST", f"{PATH}/moves"] = httpx.Response(200, json={"message": "好。"})
    typed = {
        "transition": "TX6",
        "reason": "分期建设。",
        "part.0.name": "产业园一期",
        "part.0.money": "36000",
        "part.1.name": "产业园二期",
        "part.1.content": "二期建设四条生产线，年产三千吨。",
        "part.1.money": "50,000.5",
    }
    async with city.browser("zezhou") as browser:
        await browser.post(f"{PATH}/moves", data=typed)
    (body,) = city.intake.bodies("POST", f"{PATH}/moves")
    parts: Any = body["parts"]
    first, second = parts
    assert first["location"] == second["location"]
    assert first["content"] == IN_PLAN.facts.content
    assert second["content"] == "二期建设四条生产线，年产三千吨。"
    for part, money in ((first, 36000), (second, 50000.5)):
        assert sum(float(row["amount"]) for row in part["funding"]) == pytest.approx(money)


async def test_a_refused_application_keeps_what_was_typed_and_says_what_is_missing(
    stand_city: StandCity,
) -> None:
    city = await stand_city(IN_PLAN)
    city.intake.answers["GET", f"{PATH}/moves"] = httpx.Response(200, json=OPEN)
    problem = {
        "title": "条件不具备",
        "status": 422,
        "code": "conditions_missing",
        "detail": "“暂缓”还有 1 项条件不具备。",
        "errors": [
            {
                "field": "resume_when",
                "label": "恢复条件",
                "rule": "hold_condition",
                "message": "暂缓要写明恢复条件（系统默认）。",
                "remedy": "请写明什么时候恢复。",
            }
        ],
    }
    city.intake.answers["POST", f"{PATH}/moves"] = httpx.Response(422, json=problem)
    typed = {"transition": "TX2", "reason": "贷款没有到位。", "hold_until": "2019-12-31"}
    async with city.browser("zezhou") as browser:
        page = await browser.post(f"{PATH}/moves", data=typed)
    assert page.status_code == 422
    for words in ("条件不具备", "暂缓要写明恢复条件（系统默认）。", "贷款没有到位。", "2019-12-31"):
        assert words in page.text


@pytest.mark.parametrize("who", ["chengqu", "lead"])
async def test_only_its_own_unit_applies(stand_city: StandCity, who: str) -> None:
    city = await stand_city(IN_PLAN)
    async with city.browser(who) as browser:
        for answer in (
            await browser.get(f"{PATH}/moves"),
            await browser.post(f"{PATH}/moves", data={"transition": "TX1"}),
        ):
            assert answer.status_code in {403, 404}
