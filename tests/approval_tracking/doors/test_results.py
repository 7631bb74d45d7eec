"""The door of results: sent in by a platform or as a sheet, matched or dismissed by a person."""

import itertools
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import orjson
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from contracts.approval_tracking import TOPIC, PlanEvent
from contracts.intake import TOPIC as INTAKE
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.approval_plan.states import Plan
from services.approval_tracking.views import planned_projects, results_aside
from shared.deciding import Ask, Cause, handle
from shared.journal import Journal
from shared.relay import headers_of
from shared.viewing import Record
from tests.approval_tracking.plans import PROJECT, draw_up
from tests.intake.doors.office import Office, key
from tests.intake.dossiers import facts, pooled
from tests.shared.reading import opened, record

_numbers = itertools.count(1)
ROW = {"platform": "省在线平台", "item": "A01", "step": "办结", "happened_on": "2019-04-22"}
CAUSE = Cause("a", "system", "system", datetime(2019, 4, 22, 1, tzinfo=UTC), "c", "c")


async def plan(office: Office) -> tuple[UUID, str]:
    """Give a project that has a plan, and its code."""
    number = next(_numbers)
    project_id, code = UUID(int=PROJECT.int + number), f"2019-140525-34-03-0031{number:02}"
    told = pooled(facts(project_code=code), project_id=project_id)
    heard = record(
        f"project-{project_id}",
        1,
        told,
        topic=INTAKE,
        headers={"ce_partitionkey": str(project_id).encode()},
    )
    await (await opened(office.pool, planned_projects.VIEW)).take(heard)
    command = draw_up(project_id=project_id)
    ask: Ask[Any, Any, PlanEvent] = Ask(
        stream_of(project_id), str(project_id), command, lambda _: b""
    )
    await handle(Journal(office.pool, "approval_tracking"), PLAN, ask, CAUSE)
    return project_id, code


async def hear_results(office: Office) -> None:
    """Let the view hear every row that was set aside."""
    rows = await office.pool.fetch(
        "select envelope, payload from journal.events where stream like 'result-%'"
        " order by recorded, stream, version"
    )
    records = []
    for position, row in enumerate(rows, start=1):
        envelope = orjson.loads(row["envelope"])
        told: list[tuple[str, bytes | None]] = [*headers_of(envelope, position, b"chain")]
        place = envelope["partitionkey"].encode()
        records.append(Record(TOPIC, 0, 0, place, told, row["payload"]))
    await (await opened(office.pool, results_aside.VIEW)).take(*records)


async def send(office: Office, *rows: dict[str, Any], who: str = "daiban") -> Any:
    answer = await office.ask(who, "POST", "/results", {"rows": [{**ROW, **row} for row in rows]})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def upload(office: Office, data: bytes, path: str = "/results/workbook") -> httpx.Response:
    return await office.http.post(
        path,
        files={"file": ("结果.xlsx", data)},
        headers={"Authorization": "Bearer shichushen"},
    )


async def sheet(office: Office, *rows: dict[str, str]) -> bytes:
    """Fill the template in."""
    template = await office.ask("daiban", "GET", "/results/template")
    book = openpyxl.load_workbook(BytesIO(template.content))
    page = book["办理结果"]
    titles = titles_of(page)
    for number, row in enumerate(rows, start=2):
        for title, value in row.items():
            page.cell(number, titles[title]).value = value
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def titles_of(page: Worksheet) -> dict[str, int]:
    """Give the columns of a sheet by their titles."""
    return {str(cell.value): place for place, cell in enumerate(page[1], start=1)}


async def plan_of(office: Office, project_id: UUID) -> Plan:
    history = await Journal(office.pool, "approval_tracking").load(stream_of(project_id))
    found = PLAN.fold(history.payloads)
    assert isinstance(found, Plan)
    return found


async def test_a_platform_s_machine_sends_rows_and_each_is_answered(office: Office) -> None:
    project_id, code = await plan(office)
    machine = "shichushen+import_results"
    said = await send(
        office,
        {"project_code": code, "document_number": code},
        {"project_code": "2019-140525-34-03-777777"},
        {"project_code": code, "item": "A10", "step": "办"},
        who=machine,
    )
    assert (said["applied"], said["set_aside"], said["wrong"]) == (1, 1, 1)
    assert [row["result"] for row in said["rows"]] == ["APPLIED", "SET_ASIDE", "WRONG"]
    assert said["rows"][2]["errors"][0]["field"] == "step"
    assert (await plan_of(office, project_id)).items["A01"].attempt.document_number == code


async def test_rows_that_are_sent_again_change_nothing(office: Office) -> None:
    project_id, code = await plan(office)
    rows = ({"project_code": code}, {"project_code": code, "item": "无此事项"})
    first = await send(office, *rows)
    history = await Journal(office.pool, "approval_tracking").load(stream_of(project_id))
    again = await send(office, *rows)
    assert [row["result"] for row in again["rows"]] == ["UNCHANGED", "SET_ASIDE"]
    assert again["rows"][1]["result_id"] == first["rows"][1]["result_id"]
    assert (
        await Journal(office.pool, "approval_tracking").load(stream_of(project_id))
    ).version == history.version


@pytest.mark.parametrize("who", ["zezhou", "shenpi", "lingdaozu", "shichushen+read"])
async def test_results_are_sent_by_whom_it_was_given_to_alone(office: Office, who: str) -> None:
    body = {"rows": [{**ROW, "project_code": "2019-140525-34-03-777777"}]}
    answers = [
        await office.ask(who, "POST", "/results", body),
        await office.ask(who, "GET", "/results"),
        await office.ask(who, "GET", "/results/template"),
    ]
    assert {answer.status_code for answer in answers} == {403}


async def test_a_sheet_is_checked_then_taken_and_taken_again(office: Office) -> None:
    project_id, code = await plan(office)
    row = {
        "来源平台": "市平台",
        "项目代码": code,
        "事项": "事项A01",
        "办理环节": "办结",
        "日期": "2019-04-22",
        "文号": code,
    }
    data = await sheet(office, row, {**row, "项目代码": "不对", "日期": "四月"})
    checked = (await upload(office, data, "/results/workbook?check=true")).json()
    assert [line["result"] for line in checked["rows"]] == ["ACCEPTABLE", "WRONG"]
    assert not (await plan_of(office, project_id)).items["A01"].done
    taken = (await upload(office, data)).json()
    assert (taken["applied"], taken["wrong"]) == (1, 1)
    assert (await plan_of(office, project_id)).items["A01"].done
    again = (await upload(office, data)).json()
    assert (again["applied"], again["unchanged"]) == (0, 1)


async def test_a_sheet_comes_back_with_every_wrong_cell_marked(office: Office) -> None:
    _, code = await plan(office)
    row = {
        "来源平台": "市平台",
        "项目代码": code,
        "事项": "A99",
        "办理环节": "受理",
        "日期": "2019-04-22",
    }
    data = await sheet(office, {**row, "日期": "四月", "办理环节": "开始"}, row)
    answer = await upload(office, data, "/results/workbook/marked")
    assert answer.status_code == 200, answer.text
    page = openpyxl.load_workbook(BytesIO(answer.content))["办理结果"]
    titles = titles_of(page)
    red = {cell.column for cell in page[2] if cell.fill.start_color.rgb == "FFFFC7CE"}
    assert red == {titles["日期"], titles["办理环节"]}
    assert "A99" in str(page.cell(3, titles["错误信息"]).value)


async def test_a_row_that_waits_is_matched_by_a_person_and_the_plan_takes_it(
    office: Office,
) -> None:
    project_id, code = await plan(office)
    strange = {"project_code": "2019-140525-34-03-666666", "item": "赋码"}
    waits = (await send(office, strange))["rows"][0]
    await hear_results(office)
    listed = (await office.ask("shichushen", "GET", "/results")).json()
    assert waits["result_id"] in {one["result_id"] for one in listed["rows"]}
    path = f"/results/{waits['result_id']}"
    body = {"project_code": code, "item": "A01"}
    matched = await office.ask("shichushen", "POST", f"{path}/match", body, Idempotency_Key=key())
    assert (matched.status_code, matched.json()["state"]) == (200, "MATCHED")
    assert (await plan_of(office, project_id)).items["A01"].done
    # What was settled just now is not listed, whatever the view has heard.
    listed = (await office.ask("shichushen", "GET", "/results")).json()
    assert waits["result_id"] not in {one["result_id"] for one in listed["rows"]}
    assert (await send(office, strange))["rows"][0]["result"] == "UNCHANGED"


async def test_a_row_that_the_plan_refuses_waits_on(office: Office) -> None:
    _, code = await plan(office)
    waits = (await send(office, {"project_code": code, "item": "C06"}))["rows"][0]
    path = f"/results/{waits['result_id']}"
    body = {"project_code": code, "item": "C06"}
    refused = await office.ask("daiban", "POST", f"{path}/match", body, Idempotency_Key=key())
    assert refused.status_code == 409
    assert (await office.ask("daiban", "GET", path)).json()["state"] == "WAITING"


async def test_a_row_is_dismissed_with_a_reason_and_does_not_come_again(office: Office) -> None:
    _, code = await plan(office)
    row = {"project_code": code, "item": "特种设备"}
    waits = (await send(office, row))["rows"][0]
    path = f"/results/{waits['result_id']}/dismiss"
    silent = await office.ask("daiban", "POST", path, {"reason": ""}, Idempotency_Key=key())
    assert silent.status_code == 422
    told = await office.ask(
        "daiban", "POST", path, {"reason": "不是审批事项。"}, Idempotency_Key=key()
    )
    assert (told.status_code, told.json()["state"]) == (200, "DISMISSED")
    assert (await send(office, row))["rows"][0]["result"] == "UNCHANGED"


async def test_a_row_that_there_is_not_is_not_found(office: Office) -> None:
    nowhere = f"/results/{UUID(int=7)}"
    assert (await office.ask("daiban", "GET", nowhere)).status_code == 404
    body = {"project_code": "2019-140525-34-03-000001", "item": "A01"}
    matched = await office.ask("daiban", "POST", f"{nowhere}/match", body, Idempotency_Key=key())
    assert matched.status_code == 404
