"""A plan over HTTP: who sees it, what it shows, 项目情况, 代办员, a desk, the catalogue."""

from typing import Any
from uuid import uuid4

import pytest

from tests.approval_tracking.doors.approvals import PUBLIC, Approvals
from tests.intake.doors.office import key, problems

STATED: dict[str, Any] = {
    "management": "FILING",
    "flow": "SX",
    "land_mode": "GRANTED",
    "reason": "建筑面积不足三千平方米",
}


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("jiaoyu", 200),
        ("zezhou", 200),
        ("gaoping", 404),
        ("kaifaqu", 404),
        ("keji", 404),
        ("lanhua", 404),
        ("shichushen", 200),
        ("shengshenhe", 200),
        ("shenpi", 200),
        ("shenpiju", 200),
        ("shuiwushenpi", 200),
        ("daiban", 200),
        ("tongji", 200),
        ("zhongdian", 200),
        ("qianyue", 200),
        ("ducha", 200),
        ("lingdaozu", 200),
        ("baolian", 404),
        ("admin", 404),
        ("approver:D-TRA", 404),
    ],
)
async def test_a_plan_is_seen_by_its_unit_its_ground_and_the_offices_that_have_a_part_in_it(
    approvals: Approvals, who: str, status: int
) -> None:
    project = await approvals.planned("D-EDU", of=PUBLIC)
    answer = await approvals.office.ask(who, "GET", f"/plans/{project}")
    assert answer.status_code == status, answer.text


async def test_a_plan_out_of_sight_looks_absent(approvals: Approvals) -> None:
    there, nowhere = await approvals.planned("D-EDU"), str(uuid4())
    acts: tuple[tuple[str, str, Any], ...] = (
        ("GET", "", None),
        ("POST", "/circumstances", STATED),
        ("POST", "/items/A01/receive", {}),
        ("POST", "/items/A01/withdraw", {"reason": "不办了"}),
        ("POST", "/items/ZZ9/receive", {}),
    )
    for method, path, body in acts:
        answers = []
        for project in (there, nowhere):
            for condition in ({}, {"If_Match": '"99"'}):
                answer = await approvals.office.ask(
                    "gaoping",
                    method,
                    f"/plans/{project}{path}",
                    body,
                    Idempotency_Key=key(),
                    **condition,
                )
                answers.append((answer.status_code, {**answer.json(), "instance": ""}))
        assert answers[0][0] == 404, (path, answers)
        assert answers == [answers[0]] * 4


async def test_a_plan_shows_what_waits_for_what_and_who_has_it(approvals: Approvals) -> None:
    project = await approvals.planned()
    plan = await approvals.plan("zezhou", project)
    assert (plan["flow"], plan["edition"], plan["closed"]) == ("SY", 1, False)
    assert plan["total_limit"] == 120
    assert [stage["limit"] for stage in plan["stages"]] == [15, 20, 20, 15]
    assert "C06" in plan["missing_for_start"]
    items = {item["item"]: item for item in plan["items"]}
    assert items["A10"]["waits_for"] == ["A01"]
    assert (items["A01"]["with"], items["A10"]["with"]) == ("JC-ZZ", None)
    assert [act["act"] for act in items["A01"]["acts"]] == ["receive"]
    await approvals.act("zezhou", project, "A01", "receive")
    item = await approvals.item("zezhou", project, "A01")
    assert (item["with"], item["since"]) == ("D-ASP", "2019-04-22")
    assert [act["act"] for act in item["acts"]] == ["withdraw"]


async def test_an_act_that_is_not_open_says_what_it_needs(approvals: Approvals) -> None:
    project = await approvals.planned()
    await approvals.act("zezhou", project, "A10", "receive")
    item = await approvals.item("shenpiju", project, "A10")
    acts = {act["act"]: act for act in item["acts"]}
    assert not acts["accept"]["open"]
    assert acts["accept"]["needs"].startswith("前置事项还没有办结：A01 项目赋码。")
    assert acts["ask-corrections"]["open"]
    assert acts["ask-corrections"]["required"] == ["corrections"]
    refused = await approvals.ask("shenpiju", project, "A10", "accept")
    assert refused.json()["detail"] == acts["accept"]["needs"]


async def test_a_plan_seen_before_is_not_sent_again(approvals: Approvals) -> None:
    project = await approvals.planned()
    answer = await approvals.office.ask("zezhou", "GET", f"/plans/{project}")
    seen = answer.headers["ETag"]
    again = await approvals.office.ask("zezhou", "GET", f"/plans/{project}", If_None_Match=seen)
    assert (again.status_code, again.content) == (304, b"")


async def state(approvals: Approvals, who: str, project: str, **changes: Any) -> Any:
    path = f"/plans/{project}/circumstances"
    body = {**STATED, **changes}
    return await approvals.office.ask(who, "POST", path, body, Idempotency_Key=key())


async def test_the_unit_says_how_its_project_is_and_the_plan_is_laid_out_anew(
    approvals: Approvals,
) -> None:
    project = await approvals.planned()
    await approvals.act("shenpiju", project, "A01", "grant")
    answer = await state(approvals, "zezhou", project, answers={"energy_tce": 300})
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"].startswith("审批计划已按新的情况调整，现有 ")
    plan = await approvals.plan("zezhou", project)
    assert (plan["flow"], plan["edition"]) == ("SX", 2)
    assert plan["answers"] == {"energy_tce": 300}
    states = {item["item"]: item["state"] for item in plan["items"]}
    assert states["A01"] == "GRANTED"
    assert "B05" not in states


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"flow": "XX"}, "flow"),
        ({"management": "VERIFY"}, "management"),
        ({"answers": {"colour": True}}, "answers.colour"),
        ({"answers": {"energy_tce": True}}, "answers.energy_tce"),
    ],
)
async def test_circumstances_that_the_catalogue_does_not_know_are_refused_at_their_field(
    approvals: Approvals, changes: dict[str, Any], field: str
) -> None:
    project = await approvals.planned()
    answer = await state(approvals, "zezhou", project, **changes)
    assert answer.status_code == 422
    assert [name for name, _ in problems(answer)] == [field]


@pytest.mark.parametrize(
    ("who", "status"),
    [("zezhou", 200), ("shichushen", 200), ("daiban", 200), ("shenpi", 403), ("lingdaozu", 403)],
)
async def test_circumstances_are_stated_by_the_unit_or_whoever_steers(
    approvals: Approvals, who: str, status: int
) -> None:
    project = await approvals.planned()
    assert (await state(approvals, who, project)).status_code == status


async def test_a_county_does_not_say_how_a_bureaus_project_on_its_ground_is(
    approvals: Approvals,
) -> None:
    project = await approvals.planned("D-EDU")
    assert (await state(approvals, "zezhou", project)).status_code == 403


AGENT = {"agent": "account-daiban", "agent_org": "D-ASP"}


async def test_an_agent_is_appointed_and_released(approvals: Approvals) -> None:
    project = await approvals.planned()
    path = f"/plans/{project}/agent"
    refused = await approvals.ask("daiban", project, "A01", "withdraw", reason="不办了")
    assert refused.status_code == 403
    told = await approvals.office.ask("shichushen", "POST", path, AGENT, Idempotency_Key=key())
    assert told.json()["message"] == "已确定代办员，项目的申报和补正由他代办。"
    assert (await approvals.plan("zezhou", project))["agent"] == "account-daiban"
    await approvals.act("daiban", project, "A01", "receive")
    await approvals.act("daiban", project, "A01", "withdraw", reason="材料重做")
    release = {"reason": "项目单位自己办理"}
    told = await approvals.office.ask(
        "daiban", "POST", f"{path}/release", release, Idempotency_Key=key()
    )
    assert told.json()["message"] == "已解除代办，项目单位自己申报。"
    nowhere = {**AGENT, "agent_org": "D-NOWHERE"}
    refused = await approvals.office.ask("daiban", "POST", path, nowhere, Idempotency_Key=key())
    assert problems(refused) == [("agent_org", "unit_unknown")]
    for who in ("zezhou", "shenpi"):
        refused = await approvals.office.ask(who, "POST", path, AGENT, Idempotency_Key=key())
        assert refused.status_code == 403


async def hand_over(approvals: Approvals, who: str, *items: tuple[str, str], **more: str) -> Any:
    body = {
        "items": [{"project_id": project, "item": item} for project, item in items],
        "officer": "account-shenpi2",
        "reason": "轮岗",
    }
    headers = {"Idempotency_Key": key(), **more}
    return await approvals.office.ask(who, "POST", "/desk/hand-over", body, **headers)


async def test_a_desk_is_handed_over_at_once_and_each_item_has_its_own_outcome(
    approvals: Approvals,
) -> None:
    one, other, foreign = [await approvals.planned() for _ in range(3)]
    for project in (one, other):
        for item in ("A12", "A13"):
            await approvals.act("shenpi", project, item, "receive")
            await approvals.act("shenpi", project, item, "take")
    items = [(one, "A12"), (one, "A13"), (other, "A12"), (foreign, "A01"), (str(uuid4()), "A12")]
    asked = key()
    answer = await hand_over(approvals, "shenpi", *items, Idempotency_Key=asked)
    told = answer.json()
    assert (told["done"], told["repeated"]) == (3, 0)
    assert [(one["item"], one["code"]) for one in told["refused"]] == [
        ("A01", "not_allowed"),
        ("A12", "not_found"),
    ]
    assert told["message"] == "已把 3 项转给同事，2 项没有办成，原因见各项。"
    for project, item, officer in (
        (one, "A12", "account-shenpi2"),
        (one, "A13", "account-shenpi2"),
        (other, "A13", "account-shenpi"),
    ):
        assert (await approvals.item("shenpi", project, item))["officer"] == officer
    again = (await hand_over(approvals, "shenpi", *items, Idempotency_Key=asked)).json()
    assert (again["done"], again["repeated"]) == (3, 3)
    assert (await approvals.kinds(one)).count("item_handed_over") == 2


@pytest.mark.parametrize(("who", "status"), [("zezhou", 200), ("shichushen", 403), ("admin", 403)])
async def test_a_desk_is_handed_over_by_whoever_has_one(
    approvals: Approvals, who: str, status: int
) -> None:
    answer = await hand_over(approvals, who, (str(uuid4()), "A12"))
    assert answer.status_code == status


async def listed(approvals: Approvals, who: str) -> list[str]:
    """Give the plans that somebody is shown, page by page."""
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        answer = await approvals.office.ask(who, "GET", f"/plans?limit=2&after={after}")
        page = answer.json()
        assert len(page["plans"]) <= 2
        found += [one["project_id"] for one in page["plans"]]
        after = page["next"]
    return found


async def test_the_list_holds_the_plans_in_ones_sight_page_by_page(approvals: Approvals) -> None:
    own = [await approvals.planned("D-HEA") for _ in range(3)]
    other = await approvals.planned("D-SPO")
    await approvals.hear_of_plans()
    assert await listed(approvals, "weijian") == sorted(own)
    for who, sees in (("lingdaozu", True), ("shenpi", True), ("gaoping", False), ("admin", False)):
        found = set(await listed(approvals, who))
        assert ({*own, other} <= found) is sees, who
        assert sees or not found & {*own, other}


async def test_the_catalogue_of_a_day_is_told(approvals: Approvals) -> None:
    def term(catalogue: Any) -> Any:
        (item,) = (one for one in catalogue["items"] if one["item"] == "C06")
        return item["statutory"]["length"]

    eve = await approvals.office.ask("zezhou", "GET", "/catalogue?day=2019-04-22")
    from_then_on = await approvals.office.ask("zezhou", "GET", "/catalogue?day=2019-04-23")
    assert (term(eve.json()), term(from_then_on.json())) == (15, 7)
    today = (await approvals.office.ask("zezhou", "GET", "/catalogue")).json()
    assert today["valid_from"] == eve.json()["valid_from"]
    assert {"EXPERT_REVIEW", "HEARING"} <= {one["procedure"] for one in today["procedures"]}
    assert {"SY", "CN", "ZD"} <= {one["flow"] for one in today["flows"]}
    assert {"energy_tce", "land"} <= {one["name"] for one in today["questions"]}
    asked = {flow["flow"]: flow["questions"] for flow in today["flows"]}
    assert all(asked.values()), "a flow without questions decides everything by itself"
    assert "energy_tce" in asked["GX"]
