"""更正 at the door: from the unit's request through both levels to facts that hold from then on."""

from typing import Any

from services.intake.views.comparable_projects import VIEW
from tests.intake.doors.hearing import hear
from tests.intake.doors.office import Office, form, key, problems


def columns(**changes: Any) -> dict[str, Any]:
    """A complete form 附件1 but for whom to call, with a reason."""
    body = form(**changes)
    del body["contact"]
    return {**body, "not_secret": True, "reason": "面积漏填了二期。"}


async def test_a_correction_takes_effect_with_the_provinces_approval(office: Office) -> None:
    body = form()
    project = await office.pooled(name=body["name"])
    path = f"/projects/{project['project_id']}"
    wanted = columns(name=body["name"], remarks="已按概算。")
    asked = await office.carry_out("zezhou", project, "corrections", **wanted)
    assert (asked["stage"], asked["matter"]) == ("SUBMITTED", "CORRECTION")
    assert (await office.ask("zezhou", "GET", path)).json()["remarks"] is None
    judged = {"verdict": "PASS", "on_revision": asked["revision"]}
    await office.carry_out("shichushen", project, "first-review", **judged)
    done = await office.carry_out("shengshenhe", project, "final-review", **judged)
    assert "1 栏更正已生效" in done["message"]
    shown = (await office.ask("zezhou", "GET", path)).json()
    assert (shown["remarks"], shown["pool"]) == ("已按概算。", "PLAN")
    assert shown["contact"]["name"], "whom to call stays as it was"
    facts = [fact for _, fact in await office.facts(project["project_id"])]
    told = facts[-1]
    assert told["kind"] == "intake.correction.corrected.v1"
    assert (told["changed"], told["reason"]) == (["remarks"], "面积漏填了二期。")


async def test_what_figures_rest_on_needs_a_paper(office: Office) -> None:
    body = form()
    project = await office.pooled(name=body["name"])
    path = f"/projects/{project['project_id']}/corrections"
    money = {
        "total_investment": "130000.00",
        "funding": [{"source": "SELF_RAISED", "amount": "130000.00"}],
    }
    wanted = columns(name=body["name"], **money)
    refused = await office.ask("zezhou", "POST", path, wanted, Idempotency_Key=key())
    assert problems(refused) == [("evidence", "evidence_required")]
    paper = {"sort": "approval_document", "document_number": "晋市发改〔2019〕12号"}
    on_papers = {**wanted, "evidence": [paper]}
    answer = await office.ask("zezhou", "POST", path, on_papers, Idempotency_Key=key())
    assert answer.status_code == 200, answer.text


async def test_a_request_is_taken_back(office: Office) -> None:
    body = form()
    project = await office.pooled(name=body["name"])
    wanted = columns(name=body["name"], remarks="已按概算。")
    await office.carry_out("zezhou", project, "corrections", **wanted)
    back = await office.carry_out("zezhou", project, "withdraw", reason="不更正了。")
    assert "原内容不变" in back["message"]
    again = await office.carry_out("zezhou", project, "corrections", **wanted)
    assert again["stage"] == "SUBMITTED"


async def test_a_name_is_not_corrected_into_another_projects(office: Office) -> None:
    first = "".join(map(chr, range(0x7000, 0x7014)))
    second = "".join(map(chr, range(0x7100, 0x7114)))
    there = await office.pooled("jiaoyu", name=first)
    project = await office.pooled(name=second)
    await hear(office, VIEW, there["project_id"], project["project_id"])
    paper = {"sort": "approval_document", "document_number": "晋市发改〔2019〕12号"}
    wanted = columns(name=f"{first}工程", evidence=[paper])
    asked = await office.carry_out("zezhou", project, "corrections", **wanted)
    judged = {"verdict": "PASS", "on_revision": asked["revision"]}
    path = f"/projects/{project['project_id']}/first-review"
    refused = await office.ask("shichushen", "POST", path, judged, Idempotency_Key=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_undecided")
