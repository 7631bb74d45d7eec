"""月报 and works at the door: reported once, corrected with a reason, on evidence, within scope."""

from typing import Any

import httpx

from tests.intake.doors.office import Office, key, problems
from tests.intake.doors.test_evidence import paper, upload

MONTH = "2019-04"


def form(**changes: Any) -> dict[str, Any]:
    """April of a project, in 万元; what looks unusual of a small sum is confirmed."""
    return {
        "invested": {"equipment": "500.00"},
        "funds": [{"source": "LOAN", "amount": "800"}],
        "milestones": [
            {"milestone": "procedures", "percent": 100, "reached_on": "2019-04-20"},
            {"milestone": "foundation", "percent": 40},
        ],
        "problems": [{"text": "场地内有一条通信光缆待迁改。", "asks": "D-BDA"}],
        "text": "完成场地平整，开始桩基施工。",
        **changes,
    }


async def report(
    office: Office, project: dict[str, Any], who: str = "zezhou", month: str = MONTH, **body: Any
) -> httpx.Response:
    path = f"/projects/{project['project_id']}/progress/{month}"
    return await office.ask(who, "POST", path, form(**body), Idempotency_Key=key())


async def record(office: Office, project: dict[str, Any], **body: Any) -> httpx.Response:
    path = f"/projects/{project['project_id']}/works"
    return await office.ask("zezhou", "POST", path, body, Idempotency_Key=key())


async def told(office: Office, project: dict[str, Any]) -> list[str]:
    rows = await office.pool.fetch(
        "select kind from journal.events where stream = $1 order by version",
        f"progress-{project['project_id']}",
    )
    return [row["kind"].removeprefix("intake.progress.") for row in rows]


async def test_a_month_is_reported_in_ten_thousands_and_read_back(office: Office) -> None:
    project = await office.pooled()
    answer = await report(office, project)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["edition"], said["late"], said["invested_in_all"]) == (1, False, "500.00")
    assert said["physical_percent"] == 11
    path = f"/projects/{project['project_id']}/progress"
    month = (await office.ask("zezhou", "GET", f"{path}/{MONTH}")).json()
    assert month["report"]["invested"]["equipment"] == "500.00"
    assert month["due"] == "2019-05-05"
    whole = (await office.ask("zezhou", "GET", path)).json()
    assert [one["month"] for one in whole["months"]] == [MONTH]


async def test_the_same_command_again_gets_the_same_reply_and_tells_nothing(
    office: Office,
) -> None:
    project = await office.pooled()
    path, named = f"/projects/{project['project_id']}/progress/{MONTH}", key()
    first = await office.ask("zezhou", "POST", path, form(), Idempotency_Key=named)
    again = await office.ask("zezhou", "POST", path, form(), Idempotency_Key=named)
    assert first.content == again.content
    assert await told(office, project) == ["reported.v1"]


async def test_a_correction_needs_a_reason_and_leaves_both_editions(office: Office) -> None:
    project = await office.pooled()
    await report(office, project)
    changed = {"equipment": "450"}
    refused = await report(office, project, invested=changed)
    assert (refused.status_code, refused.json()["code"]) == (409, "correction_without_reason")
    answer = await report(office, project, invested=changed, reason="发票重复计入")
    assert (answer.json()["edition"], answer.json()["invested_in_all"]) == (2, "450.00")
    assert await told(office, project) == ["reported.v1", "reported.v1"]


async def test_next_month_offers_what_of_this_one_goes_on(office: Office) -> None:
    project = await office.pooled()
    await report(office, project)
    path = f"/projects/{project['project_id']}/progress/2019-05"
    month = (await office.ask("zezhou", "GET", path)).json()
    assert month["edition"] == 0
    assert month["last_month"] == MONTH
    assert month["reached_before"] == {"procedures": 100, "foundation": 40}
    assert month["last"]["problems"][0]["asks"] == "D-BDA"
    assert month["invested_until_before"] == "500.00"


async def test_what_is_wrong_is_named_at_its_row(office: Office) -> None:
    project = await office.pooled()
    answer = await report(
        office,
        project,
        problems=[{"text": "征地未完成。", "asks": "D-XXX"}],
    )
    assert (answer.status_code, problems(answer)) == (422, [("problems.0.asks", "unknown_unit")])
    answer = await report(office, project, invested={"equipment": "-1"})
    assert ("invested.equipment", "negative_without_reason") in problems(answer)


async def test_only_its_unit_reports_and_to_strangers_it_is_absent(office: Office) -> None:
    project = await office.pooled()
    for who, status in (("gaoping", 404), ("shichushen", 403), ("lingdaozu", 403)):
        assert (await report(office, project, who)).status_code == status, who
    path = f"/projects/{project['project_id']}/progress"
    for who, status in (("gaoping", 404), ("shichushen", 200), ("lingdaozu", 200)):
        assert (await office.ask(who, "GET", path)).status_code == status, who


async def test_a_draft_has_no_months(office: Office) -> None:
    project = await office.begin()
    answer = await report(office, project)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_underway")


async def test_a_start_rests_on_a_paper_that_is_kept_with_the_fact(office: Office) -> None:
    project = await office.pooled()
    day = {"what": "STARTED", "happened_on": "2019-04-22"}
    refused = await record(office, project, **day)
    assert (refused.status_code, refused.json()["code"]) == (409, "evidence_missing")
    data = paper("开工报告")
    sha256 = (await upload(office, data)).json()["sha256"]
    papers = [{"sort": "start_report", "sha256": sha256}]
    answer = await record(office, project, **day, evidence=papers)
    assert answer.status_code == 200, answer.text
    path = f"/projects/{project['project_id']}/files/{sha256}"
    assert (await office.ask("shichushen", "GET", path)).content == data
    assert await told(office, project) == ["construction_started.v1"]


async def test_a_wrong_day_is_rectified_and_the_first_stays(office: Office) -> None:
    project = await office.pooled()
    papers = [{"sort": "start_report", "document_number": "开工报告 2019-7"}]
    await record(office, project, what="STARTED", happened_on="2019-04-20", evidence=papers)
    path = f"/projects/{project['project_id']}/works/rectify"
    body = {
        "what": "STARTED",
        "was_on": "2019-04-20",
        "is_on": "2019-04-21",
        "reason": "开工报告上的日期抄错",
    }
    answer = await office.ask("zezhou", "POST", path, body, Idempotency_Key=key())
    assert answer.status_code == 200, answer.text
    assert await told(office, project) == ["construction_started.v1", "construction_rectified.v1"]
    whole = await office.ask("zezhou", "GET", f"/projects/{project['project_id']}/progress")
    assert whole.json()["works"] == [{"what": "STARTED", "on": "2019-04-21"}]


async def test_what_came_before_is_filled_in_before_the_first_month(office: Office) -> None:
    project = await office.pooled()
    path = f"/projects/{project['project_id']}/opening"
    body = {"as_of": "2019-03-31", "invested_in_all": "8000", "invested_this_year": "1000"}
    answer = await office.ask("zezhou", "POST", path, body, Idempotency_Key=key())
    assert answer.status_code == 200, answer.text
    assert (await report(office, project)).json()["invested_in_all"] == "8500.00"
    body["invested_in_all"] = "9000"
    answer = await office.ask("zezhou", "POST", path, body, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "opening_settled")


async def test_no_telephone_gets_in_with_a_paper(office: Office) -> None:
    project = await office.pooled()
    papers = [{"sort": "start_report", "document_number": "拨 13903560088"}]
    answer = await record(
        office, project, what="STARTED", happened_on="2019-04-20", evidence=papers
    )
    assert problems(answer) == [("evidence.0.document_number", "personal_data")]
