"""调库 at the door: what is open, what is missing, and what an application comes to."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.intake.doors import beside
from services.intake.doors.beside import Beside, look_beside
from shared.journal import Journal
from tests.intake.approvals import NUMBERS, drawn_up, granted
from tests.intake.doors.hearing import hear_approvals
from tests.intake.doors.office import Office, form, fresh, key, problems

CODE = "2019-140525-34-03-{:06d}"
_codes = iter(range(100, 10_000))
PREP = [
    {"sort": "acceptance_notice", "document_number": "泽规资受〔2019〕7号"},
    {"sort": "preparation_plan", "document_number": "泽发改计〔2019〕7号"},
]
BUILD = [
    {"sort": sort, "document_number": "泽审批〔2019〕7号"}
    for sort in ("project_approval", "land_permit", "planning_permit", "environment_approval")
]


async def in_plan(office: Office, **changes: Any) -> dict[str, Any]:
    return await office.pooled(**{"project_code": CODE.format(next(_codes)), **changes})


async def applied(office: Office, project: dict[str, Any], transition: str, **body: Any) -> Any:
    return await office.carry_out("zezhou", project, "moves", transition=transition, **body)


async def approved(office: Office, project: dict[str, Any]) -> dict[str, Any]:
    """Take what was handed in last through both levels."""
    body = {"verdict": "PASS", "on_revision": project["revision"]}
    await office.carry_out("shichushen", project, "first-review", **body)
    reply: dict[str, Any] = await office.carry_out("shengshenhe", project, "final-review", **body)
    return reply


async def kinds(office: Office, project_id: str) -> list[str]:
    return [payload["kind"] for _, payload in await office.facts(project_id)]


async def test_what_is_open_and_what_is_missing_is_told_before_anything_is_asked(
    office: Office,
) -> None:
    project = await in_plan(office)
    path = f"/projects/{project['project_id']}/moves"
    told = (await office.ask("zezhou", "GET", path)).json()
    assert [move["transition"] for move in told["moves"]] == [
        *("T12", "T13", "TX1", "TX2", "TX4", "TX5", "TX6"),
    ]
    needs = {one["code"]: one for one in told["moves"][0]["conditions"]}
    assert needs["code"]["met"]
    assert needs["builder"]["met"]
    assert not needs["preparation_plan"]["met"]
    assert needs["preparation_plan"]["sorts"] == ["preparation_plan"]
    assert needs["preparation_plan"]["source"]
    assert told["evidence"]["preparation_plan"] == "前期工作计划表"


async def test_a_project_goes_from_planning_to_preparation_through_three_levels(
    office: Office,
) -> None:
    project = await in_plan(office)
    reply = await applied(office, project, "T12", evidence=PREP)
    assert (reply["stage"], reply["matter"], reply["pool"]) == ("SUBMITTED", "MOVE", "PLAN")
    assert reply["term"]["due"]
    done = await approved(office, reply)
    assert (done["stage"], done["pool"], done["standing"]) == ("APPROVED", "PREP", "ACTIVE")
    assert done["message"] == "审核通过，项目已进入前期库。"
    assert (await kinds(office, project["project_id"]))[-2:] == [
        "intake.move.approved.v1",
        "intake.move.moved.v1",
    ]


async def test_what_is_missing_is_refused_by_name(office: Office) -> None:
    project = await in_plan(office)
    path = f"/projects/{project['project_id']}/moves"
    answer = await office.ask("zezhou", "POST", path, {"transition": "T12"}, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (422, "conditions_missing")
    assert problems(answer) == [
        ("evidence", "first_approval"),
        ("evidence", "preparation_plan"),
    ]


async def test_a_started_project_moves_on_the_word_of_its_works(office: Office) -> None:
    project = await in_plan(office)
    await approved(office, await applied(office, project, "T12", evidence=PREP))
    path = f"/projects/{project['project_id']}/works"
    paper = {"sort": "start_report", "document_number": "泽住建开〔2019〕12号"}
    photo = {"sort": "site_photo", "document_number": "照片1"}
    began = {"what": "STARTED", "happened_on": "2019-04-20", "evidence": [paper, photo]}
    started = await office.ask("zezhou", "POST", path, began, Idempotency_Key=key())
    assert started.status_code == 200, started.text
    done = await approved(office, await applied(office, project, "T23", evidence=BUILD))
    assert done["pool"] == "BUILD"


async def test_a_project_moves_into_building_because_its_permits_were_granted(
    office: Office,
) -> None:
    project = await in_plan(office)
    project_id = project["project_id"]
    prepared = await approved(office, await applied(office, project, "T12", evidence=PREP))
    assert prepared["pool"] == "PREP"
    plan, done = drawn_up(UUID(project_id)), date(2019, 6, 3)
    granted_ = [granted(UUID(project_id), item, done) for item in ("A10", "A12", "B01", "B07")]
    await hear_approvals(office, project_id, plan, *granted_)
    path = f"/projects/{project_id}/moves"
    told = (await office.ask("zezhou", "GET", path)).json()
    needs = {one["code"]: one for one in told["moves"][0]["conditions"]}
    assert [needs[code]["met"] for code in needs] == [True, True, True, True, False]
    assert needs["planning"]["permits"] == [
        {
            "item": "B07",
            "name": "建设工程规划许可证",
            "state": "GRANTED",
            "done": True,
            "document_number": NUMBERS["B07"],
            "since": "2019-06-03",
        }
    ]
    assert [one["done"] for one in needs["started"]["permits"]] == [False]
    refused = await office.ask("zezhou", "POST", path, {"transition": "T23"}, Idempotency_Key=key())
    assert problems(refused) == [("evidence", "started")]
    begun = granted(UUID(project_id), "C06", done)
    await hear_approvals(office, project_id, plan, *granted_, begun)
    done_ = await approved(office, await applied(office, project, "T23"))
    assert done_["pool"] == "BUILD"
    asked = [payload for _, payload in await office.facts(project_id)]
    (application,) = [one for one in asked if one.get("transition") == "T23" and "evidence" in one]
    assert [(one["sort"], one["document_number"]) for one in application["evidence"]] == [
        ("approval", NUMBERS[item]) for item in ("A10", "A12", "B01", "B07", "C06")
    ]


async def test_nobody_is_told_of_permits_that_he_may_not_see(office: Office) -> None:
    project = await in_plan(office)
    await hear_approvals(office, project["project_id"], drawn_up(UUID(project["project_id"])))
    answer = await office.ask("gaoping", "GET", f"/projects/{project['project_id']}/moves")
    assert answer.status_code == 404


async def test_an_application_sent_twice_is_one(office: Office) -> None:
    project = await in_plan(office)
    path, once = f"/projects/{project['project_id']}/moves", key()
    body = {"transition": "TX1", "reason": "误报"}
    first = await office.ask("zezhou", "POST", path, body, Idempotency_Key=once)
    again = await office.ask("zezhou", "POST", path, body, Idempotency_Key=once)
    assert first.content == again.content
    assert (await kinds(office, project["project_id"])).count("intake.move.applied.v1") == 1


async def test_a_direct_entry_is_marked_and_leads_into_its_pool(office: Office) -> None:
    project = await office.begin(project_code=CODE.format(next(_codes)))
    entry = {"not_secret": True, "transition": "T03", "reason": "2018年续建项目"}
    path = f"/projects/{project['project_id']}/report"
    answer = await office.ask(
        "zezhou", "POST", path, {**entry, "evidence": BUILD}, Idempotency_Key=key()
    )
    assert problems(answer) == [("evidence", "started")]
    papers = [*BUILD, {"sort": "start_report", "document_number": "1号"}]
    reply = await office.carry_out("zezhou", project, "report", evidence=papers, **entry)
    done = await approved(office, reply)
    assert done["pool"] == "BUILD"
    _, pooled = (await office.facts(project["project_id"]))[-1]
    assert (pooled["transition"], pooled["source"]) == ("T03", "DIRECT")


async def test_a_merger_is_told_in_both_streams_in_one_append(office: Office) -> None:
    one, two = (
        await in_plan(office),
        await in_plan(
            office,
            total_investment="30000.00",
            funding=[{"source": "SELF_RAISED", "amount": "30000.00"}],
        ),
    )
    asked = await applied(office, one, "TX5", absorbs=two["project_id"], reason="两期合并。")
    done = await approved(office, asked)
    assert done["standing"] == "ACTIVE"
    absorbing, absorbed = (await office.facts(one["project_id"]))[-1]
    assert absorbed["kind"] == "intake.move.absorbed.v1"
    assert absorbed["facts"]["total_investment"] == 1_500_000_000
    merging, merged = (await office.facts(two["project_id"]))[-1]
    assert (merged["kind"], merged["merged_into"]) == (
        "intake.move.merged.v1",
        one["project_id"],
    )
    assert merging["time"] == absorbing["time"]


async def test_a_merger_that_was_approved_twice_happens_once(office: Office) -> None:
    one, two = await in_plan(office), await in_plan(office)
    asked = await applied(
        office, one, "TX5", absorbs=two["project_id"], reason="重复", duplicate=True
    )
    verdict = {"verdict": "PASS", "on_revision": asked["revision"]}
    await office.carry_out("shichushen", one, "first-review", **verdict)
    path, once = f"/projects/{one['project_id']}/final-review", key()
    first = await office.ask("shengshenhe", "POST", path, verdict, Idempotency_Key=once)
    again = await office.ask("shengshenhe", "POST", path, verdict, Idempotency_Key=once)
    assert (first.status_code, first.content) == (200, again.content)
    assert (await kinds(office, two["project_id"])).count("intake.move.merged.v1") == 1


async def test_a_merger_with_what_is_under_review_leaves_both_as_they_are(office: Office) -> None:
    one, two = await in_plan(office), await in_plan(office)
    asked = await applied(office, one, "TX5", absorbs=two["project_id"], reason="两期合并。")
    await applied(office, two, "TX1", reason="误报")
    verdict = {"verdict": "PASS", "on_revision": asked["revision"]}
    await office.carry_out("shichushen", one, "first-review", **verdict)
    path = f"/projects/{one['project_id']}/final-review"
    answer = await office.ask("shengshenhe", "POST", path, verdict, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "other_not_free")
    assert "intake.move.absorbed.v1" not in await kinds(office, one["project_id"])


async def test_nobody_merges_with_what_he_may_not_know_of(office: Office) -> None:
    one = await in_plan(office)
    theirs = await office.begin("gaoping")
    answer = await office.ask(
        "zezhou",
        "POST",
        f"/projects/{one['project_id']}/moves",
        {"transition": "TX5", "absorbs": theirs["project_id"], "reason": "合并"},
        Idempotency_Key=key(),
    )
    assert answer.status_code == 404


def halves(names: tuple[str, str]) -> list[dict[str, Any]]:
    columns = form()
    del columns["contact"]
    return [
        dict(
            columns,
            name=name,
            total_investment="60000.00",
            funding=[{"source": "SELF_RAISED", "amount": "60000.00"}],
        )
        for name in names
    ]


async def test_a_split_begins_its_parts_in_the_same_append(office: Office) -> None:
    project, names = await in_plan(office), (fresh("一期"), fresh("二期"))
    asked = await applied(office, project, "TX6", parts=halves(names), reason="分期建设。")
    done = await approved(office, asked)
    assert done["standing"] == "SPLIT"
    _, split = (await office.facts(project["project_id"]))[-1]
    for part, name in zip(split["parts"], names, strict=True):
        ((_, entered),) = await office.facts(part)
        assert (entered["facts"]["name"], entered["parent_id"]) == (name, project["project_id"])
        assert (entered["pool"], entered["transition"], entered["source"]) == (
            *("PLAN", "TX6", "PLANNED"),
        )
        shown = await office.ask("zezhou", "GET", f"/projects/{part}")
        assert (shown.status_code, shown.json()["stage"]) == (200, "APPROVED")


async def test_a_split_whose_part_has_a_taken_name_changes_nothing(office: Office) -> None:
    project, names = await in_plan(office), (fresh("一期"), fresh("二期"))
    await office.begin(name=names[1])
    asked = await applied(office, project, "TX6", parts=halves(names), reason="分期建设。")
    verdict = {"verdict": "PASS", "on_revision": asked["revision"]}
    await office.carry_out("shichushen", project, "first-review", **verdict)
    path = f"/projects/{project['project_id']}/final-review"
    answer = await office.ask("shengshenhe", "POST", path, verdict, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")
    assert "intake.move.split.v1" not in await kinds(office, project["project_id"])


@pytest.mark.parametrize("act", ["moves", "withdraw"])
async def test_what_was_taken_back_leaves_the_project_in_its_pool(office: Office, act: str) -> None:
    project = await in_plan(office)
    await applied(office, project, "TX1", reason="误报")
    reply = await office.carry_out("zezhou", project, "withdraw", reason="看错了")
    assert (reply["stage"], reply["pool"]) == ("APPROVED", "PLAN")
    assert reply["message"] == "申请已撤回，项目仍在原库。"
    path = f"/projects/{project['project_id']}/{act}"
    if act == "withdraw":
        answer = await office.ask("zezhou", "POST", path, {"reason": "再撤"}, Idempotency_Key=key())
        assert answer.json()["code"] == "too_late_to_withdraw"
    else:
        told = (await office.ask("zezhou", "GET", path)).json()
        assert told["application"] is None


async def test_a_merger_rests_on_the_other_project_as_it_was_looked_at(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await in_plan(office), await in_plan(office)
    asked = await applied(office, one, "TX5", absorbs=two["project_id"], reason="两期合并。")
    verdict = {"verdict": "PASS", "on_revision": asked["revision"]}
    await office.carry_out("shichushen", one, "first-review", **verdict)

    async def look_and_be_overtaken(journal: Journal, project_id: UUID) -> Beside:
        seen = await look_beside(journal, project_id)
        contact = {"name": "李四", "phone": "0356-2190002"}
        path = f"/projects/{two['project_id']}/contact"
        answer = await office.ask("zezhou", "PUT", path, contact, Idempotency_Key=key())
        assert answer.status_code == 200, answer.text
        return seen

    monkeypatch.setattr(beside, "look_beside", look_and_be_overtaken)
    path = f"/projects/{one['project_id']}/final-review"
    answer = await office.ask("shengshenhe", "POST", path, verdict, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert "intake.move.merged.v1" not in await kinds(office, two["project_id"])
    monkeypatch.undo()
    again = await office.ask("shengshenhe", "POST", path, verdict, Idempotency_Key=key())
    assert again.status_code == 200, again.text


async def test_the_papers_of_an_application_are_shown_to_whoever_is_shown_evidence(
    office: Office,
) -> None:
    project = await in_plan(office)
    await applied(office, project, "T12", evidence=PREP)
    path = f"/projects/{project['project_id']}/moves"
    for who, shown in (("shichushen", True), ("qianyue", False)):
        answer = await office.ask(who, "GET", path)
        assert answer.status_code == 200, answer.text
        assert ("evidence" in answer.json()["application"]) == shown
