"""The sheet of a month: fetched with the unit's projects, checked cell by cell, taken in once."""

import io
from typing import Any

import httpx
import openpyxl
from openpyxl.utils import get_column_letter

from services.intake.progress.sheet import PROJECT
from tests.intake.doors.office import Office, fresh, key
from tests.intake.doors.test_progress import report, told

MONTH = "2019-04"
PLACE = f"/progress/{MONTH}/workbook"
WHO = "lanhua"
"""Nobody else's tests bring this unit's projects into a pool."""


async def pooled(office: Office) -> dict[str, Any]:
    return await office.pooled(
        WHO,
        builder={"name": "兰花集团示例公司"},
        location={"region": "140525", "address": "示例地块"},
    )


async def fetched(office: Office) -> openpyxl.Workbook:
    answer = await office.ask(WHO, "GET", PLACE)
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def filled(book: openpyxl.Workbook, rows: dict[str, dict[str, Any]]) -> bytes:
    """Fill in the cells of projects, by the titles of their columns."""
    page = book.worksheets[0]
    titles = {page.cell(3, n).value: n for n in range(1, page.max_column + 1)}
    for number in range(4, page.max_row + 1):
        for title, value in rows.get(str(page.cell(number, titles[PROJECT]).value), {}).items():
            page.cell(number, titles[title]).value = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def send(office: Office, data: bytes, who: str = WHO) -> httpx.Response:
    return await office.http.post(
        PLACE, files={"file": ("4月月报.xlsx", data)}, headers={"Authorization": f"Bearer {who}"}
    )


async def take(office: Office, sha256: str) -> dict[str, Any]:
    answer = await office.ask(WHO, "POST", f"{PLACE}/{sha256}/take", {}, Idempotency_Key=key())
    assert answer.status_code == 200, answer.text
    taken: dict[str, Any] = answer.json()
    return taken


async def test_the_sheet_comes_with_the_units_projects_and_goes_back_as_reports(
    office: Office,
) -> None:
    one, other = await pooled(office), await pooled(office)
    book = await fetched(office)
    data = filled(
        book,
        {
            one["project_id"]: {
                "设备工器具购置（万元）": 500,
                "到位：银行贷款（万元）": "800",
                "形象：基础（%）": "100 2019-04-20",
                "存在问题": "征地未完成；缺一条进场路",
                "进展情况": fresh("开始桩基施工"),
            }
        },
    )
    said = (await send(office, data)).json()
    assert (said["acceptable"], said["wrong"], said["hints"]) == (1, 0, 0)
    # Checking reports nothing.
    assert await told(office, one) == []
    taken = await take(office, said["sha256"])
    assert (taken["reported"], taken["refused"]) == (1, [])
    month = await office.ask(WHO, "GET", f"/projects/{one['project_id']}/progress/{MONTH}")
    report_ = month.json()["report"]
    assert report_["invested"]["equipment"] == "500.00"
    assert report_["milestones"] == [
        {"milestone": "foundation", "percent": 100, "reached_on": "2019-04-20"}
    ]
    assert [one["text"] for one in report_["problems"]] == ["征地未完成", "缺一条进场路"]
    assert await told(office, other) == []


async def test_the_same_sheet_again_changes_nothing(office: Office) -> None:
    project = await pooled(office)
    row = {"设备工器具购置（万元）": 300, "进展情况": fresh("基础")}
    data = filled(await fetched(office), {project["project_id"]: row})
    said = (await send(office, data)).json()
    await take(office, said["sha256"])
    again = (await send(office, data)).json()
    assert (again["acceptable"], again["unchanged"]) == (0, 1)
    assert (await take(office, said["sha256"]))["reported"] == 0
    assert await told(office, project) == ["reported.v1"]


async def test_each_wrong_cell_is_named_and_right_rows_are_taken_in(office: Office) -> None:
    right, wrong = await pooled(office), await pooled(office)
    data = filled(
        await fetched(office),
        {
            right["project_id"]: {"设备工器具购置（万元）": 200},
            wrong["project_id"]: {
                "设备工器具购置（万元）": "很多",
                "形象：主体（%）": "100",
                "进展情况": "请拨 13903560088",
            },
        },
    )
    said = (await send(office, data)).json()
    (row,) = (one for one in said["rows"] if one["project_id"] == wrong["project_id"])
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    titles = {page.cell(3, n).value: get_column_letter(n) for n in range(1, 30)}
    assert {one["letter"] for one in row["problems"]} == {titles["设备工器具购置（万元）"]}
    marked = await office.ask(WHO, "GET", f"{PLACE}/{said['sha256']}/marked")
    back = openpyxl.load_workbook(io.BytesIO(marked.content)).worksheets[0]
    comments = [cell.comment.text for line in back.iter_rows() for cell in line if cell.comment]
    assert any("不是数" in one for one in comments)
    taken = await take(office, said["sha256"])
    assert (taken["reported"], taken["left"]) == (1, 1)
    assert await told(office, wrong) == []


async def test_what_is_unusual_waits_until_the_clerk_says_that_he_looked(office: Office) -> None:
    project = await pooled(office)
    row: dict[str, Any] = {"设备工器具购置（万元）": 50_000}
    data = filled(await fetched(office), {project["project_id"]: row})
    said = (await send(office, data)).json()
    assert said["hints"] == 1
    row["已核对提示"] = "是"
    data = filled(await fetched(office), {project["project_id"]: row})
    assert (await send(office, data)).json()["acceptable"] == 1


async def test_a_correction_in_a_sheet_needs_its_reason(office: Office) -> None:
    project = await pooled(office)
    await report(office, project, WHO)
    row: dict[str, Any] = {"设备工器具购置（万元）": 450}
    data = filled(await fetched(office), {project["project_id"]: row})
    said = (await send(office, data)).json()
    assert [one["rule"] for line in said["rows"] for one in line["problems"]] == [
        "correction_without_reason"
    ]
    row["更正或冲减原因"] = "发票重复计入"
    data = filled(await fetched(office), {project["project_id"]: row})
    assert (await send(office, data)).json()["acceptable"] == 1


async def test_another_units_project_is_no_row_of_ones_own(office: Office) -> None:
    mine, foreign = await pooled(office), await office.pooled("gaoping")
    book = await fetched(office)
    page = book.worksheets[0]
    ids = [str(page.cell(n, 1).value) for n in range(4, page.max_row + 1)]
    assert mine["project_id"] in ids
    assert foreign["project_id"] not in ids
    page.cell(4, 1).value = foreign["project_id"]
    data = filled(book, {foreign["project_id"]: {"设备工器具购置（万元）": 1}})
    said = (await send(office, data)).json()
    assert "unknown_project" in {one["rule"] for line in said["rows"] for one in line["problems"]}


async def test_another_unit_does_not_find_the_sheet(office: Office) -> None:
    project = await pooled(office)
    data = filled(await fetched(office), {project["project_id"]: {"其他费用（万元）": 1}})
    sha256 = (await send(office, data)).json()["sha256"]
    answer = await office.ask("gaoping", "GET", f"{PLACE}/{sha256}")
    assert (answer.status_code, answer.json()["code"]) == (410, "file_expired")


async def test_a_file_that_is_no_sheet_says_so(office: Office) -> None:
    answer = await send(office, b"no workbook")
    assert answer.status_code == 422


async def test_a_sheet_with_a_mark_of_secrecy_is_not_kept(office: Office) -> None:
    project = await pooled(office)
    kept = await office.pool.fetchval("select count(*) from files.files")
    row = {"其他费用（万元）": 1, "进展情况": "密级：秘密"}
    answer = await send(office, filled(await fetched(office), {project["project_id"]: row}))
    assert (answer.status_code, answer.json()["code"]) == (422, "marked_secret")
    assert await office.pool.fetchval("select count(*) from files.files") == kept
