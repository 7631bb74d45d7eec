"""The clerk's spreadsheet at the door: checked first, taken in once, the same again unchanged."""

import asyncio
import io
from typing import Any

import httpx
import openpyxl
import pytest
import xlsxwriter

from services.intake.workbook.columns import COLUMNS
from tests.intake.doors.office import Office, fresh, key

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPED = {
    "project_code": "",
    "content": "新建标准厂房 12 万平方米及配套管网。",
    "location.region": "泽州县",
    "location.address": "巴公镇工业园东区",
    "builder.name": "泽州县鸿业开发有限公司",
    "total_investment": 120000,
    "funding.SELF_RAISED": 40000,
    "funding.LOAN": 80000,
    "planned_start": "2020-03",
    "contact.name": "张建国",
    "contact.phone": "0356-2198345",
    "category": "新兴产业",
    "track": "产业链延伸",
    "lead_side": "市场主导",
    "industry": "34",
}


def sheet(*rows: dict[str, Any]) -> bytes:
    """Write a workbook with one line of titles and the rows; a row says what differs."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    page = workbook.add_worksheet("附件1")
    for n, column in enumerate(COLUMNS):
        money = column.kind == "money"
        page.write_string(0, n, f"{column.title}（万元）" if money else column.title)
    for r, row in enumerate(rows, start=1):
        for n, column in enumerate(COLUMNS):
            value = {**TYPED, **row}.get(column.key, "")
            if value != "":
                page.write(r, n, value)
    workbook.close()
    return file.getvalue()


async def upload(office: Office, data: bytes, who: str = "zezhou") -> httpx.Response:
    """Send a workbook as a unit's clerk does."""
    return await office.http.post(
        "/workbooks",
        data={"not_secret": "true"},
        files={"file": ("泽州县4月.xlsx", data, XLSX)},
        headers={"Authorization": f"Bearer {who}"},
    )


async def test_a_file_that_nobody_declared_not_to_be_secret_is_not_kept(office: Office) -> None:
    kept = await office.pool.fetchval("select count(*) from files.files")
    answer = await office.http.post(
        "/workbooks",
        files={"file": ("泽州县4月.xlsx", sheet({"name": fresh()}), XLSX)},
        headers={"Authorization": "Bearer zezhou"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "secret_project")
    assert await office.pool.fetchval("select count(*) from files.files") == kept


async def test_a_file_with_a_mark_of_secrecy_in_any_cell_is_not_kept(office: Office) -> None:
    kept = await office.pool.fetchval("select count(*) from files.files")
    answer = await upload(office, sheet({"name": fresh()}, {"name": "", "remarks": "机密★5年"}))
    assert (answer.status_code, answer.json()["code"]) == (422, "marked_secret")
    assert await office.pool.fetchval("select count(*) from files.files") == kept


async def accepted(
    office: Office, upload_id: str, mode: str = "valid", who: str = "zezhou"
) -> dict[str, Any]:
    """Take the rows in and wait until that is done."""
    answer = await office.ask(
        who,
        "POST",
        f"/workbooks/{upload_id}/accept",
        {"mode": mode},
        Idempotency_Key=key(),
    )
    assert answer.status_code == 202, answer.text
    for _ in range(400):
        state: dict[str, Any] = (await office.ask(who, "GET", f"/workbooks/{upload_id}")).json()
        if state["state"] in {"accepted", "failed"}:
            return state
        await asyncio.sleep(0.05)
    raise AssertionError(upload_id)


async def test_a_workbook_is_checked_before_anything_is_written(office: Office) -> None:
    good, bad = fresh(), fresh()
    answer = await upload(office, sheet({"name": good}, {"name": bad, "contact.phone": "123"}))
    assert answer.status_code == 201, answer.text
    report = answer.json()
    assert (report["rows"], report["acceptable"], report["wrong"]) == (2, 1, 1)
    assert report["total_investment"] == 1_200_000_000
    assert await office.named(good) == 0


async def test_right_rows_are_taken_in_and_wrong_ones_wait(office: Office) -> None:
    good, bad = fresh(), fresh()
    report = (await upload(office, sheet({"name": good}, {"name": bad, "industry": "00"}))).json()
    done = await accepted(office, report["upload_id"])
    assert done["result"] == {"accepted": 1, "refused": [], "unchanged": 0}
    assert (await office.named(good), await office.named(bad)) == (1, 0)


async def test_the_same_workbook_again_changes_nothing(office: Office) -> None:
    data = sheet({"name": fresh()}, {"name": fresh()})
    await accepted(office, (await upload(office, data)).json()["upload_id"])
    again = (await upload(office, data)).json()
    assert (again["acceptable"], again["unchanged"], again["wrong"]) == (0, 2, 0)
    done = await accepted(office, again["upload_id"])
    assert done["result"] == {"accepted": 0, "refused": [], "unchanged": 2}


async def test_all_or_nothing_takes_nothing_when_a_row_is_wrong(office: Office) -> None:
    good = fresh()
    report = (await upload(office, sheet({"name": good}, {"name": "甲"}))).json()
    answer = await office.ask(
        "zezhou",
        "POST",
        f"/workbooks/{report['upload_id']}/accept",
        {"mode": "all"},
        Idempotency_Key=key(),
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "rows_are_wrong")
    assert await office.named(good) == 0


async def test_the_same_file_comes_back_with_every_wrong_cell_marked(office: Office) -> None:
    report = (await upload(office, sheet({"name": fresh(), "contact.phone": "12"}))).json()
    answer = await office.ask("zezhou", "GET", f"/workbooks/{report['upload_id']}/marked")
    assert answer.status_code == 200
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    titles = [cell.value for cell in page[1]]
    phone = next(n for n, c in enumerate(COLUMNS, start=1) if c.key == "contact.phone")
    assert page.cell(2, phone).comment is not None
    assert "联系电话" in str(page.cell(2, titles.index("错误信息") + 1).value)


async def test_another_units_upload_looks_absent(office: Office) -> None:
    report = (await upload(office, sheet({"name": fresh()}))).json()
    for path in ("", "/rows", "/marked"):
        answer = await office.ask("gaoping", "GET", f"/workbooks/{report['upload_id']}{path}")
        assert answer.status_code == 404, path


async def test_a_row_of_another_unit_is_refused(office: Office) -> None:
    report = (await upload(office, sheet({"name": fresh(), "owner": "高平市"}))).json()
    assert (report["acceptable"], report["wrong"]) == (0, 1)


async def test_a_code_of_another_units_project_is_taken_and_says_no_more(office: Office) -> None:
    code = "2019-140581-45-03-100777"
    place = {"region": "140581", "address": "东城街道"}
    theirs = await office.begin("gaoping", project_code=code, location=place)
    report = (await upload(office, sheet({"name": fresh(), "project_code": code}))).json()
    path = f"/workbooks/{report['upload_id']}/rows?show=all"
    answer = await office.ask("zezhou", "GET", path)
    (row,) = answer.json()
    assert (row["verdict"], row["project_id"]) == ("wrong", None)
    assert "claimed_elsewhere" in {problem["rule"] for problem in row["problems"]}
    assert theirs["project_id"] not in answer.text


async def test_the_drc_enters_for_a_department_and_says_so(office: Office) -> None:
    name = fresh()
    report = (await upload(office, sheet({"name": name, "owner": "教育局"}), "fagai")).json()
    assert report["wrong"] == 0, report
    answer = await office.ask(
        "fagai",
        "POST",
        f"/workbooks/{report['upload_id']}/accept",
        {"mode": "valid"},
        Idempotency_Key=key(),
    )
    assert answer.status_code == 202
    for _ in range(100):
        if await office.named(name):
            break
        await asyncio.sleep(0.05)
    row = await office.pool.fetchrow(
        "select convert_from(envelope, 'utf8')::json ->> 'onbehalfof' as behalf,"
        " convert_from(payload, 'utf8')::json ->> 'owner_org' as owner,"
        " convert_from(payload, 'utf8')::json ->> 'project_id' as project_id"
        " from journal.events"
        " where convert_from(payload, 'utf8')::json -> 'facts' ->> 'name' = $1",
        name,
    )
    assert row is not None
    assert (row["behalf"], row["owner"]) == ("D-EDU", "D-EDU")
    judged = {"verdict": "PASS", "on_revision": 1}
    path = f"/projects/{row['project_id']}/first-review"
    own = await office.ask("fagai", "POST", path, judged, Idempotency_Key=key())
    assert own.status_code == 403, "who entered it does not review it"
    other = await office.ask("shichushen", "POST", path, judged, Idempotency_Key=key())
    assert other.status_code == 200


async def test_many_projects_are_reviewed_at_once_and_the_rest_is_reported(
    office: Office,
) -> None:
    begun = [await office.begin(report=True) for _ in range(3)]
    draft = await office.begin()
    body = {
        "projects": [{"project_id": b["project_id"], "on_revision": 1} for b in [*begun, draft]],
        "verdict": "PASS",
        "opinion": "要素齐全",
    }
    answer = await office.ask("shichushen", "POST", "/reviews/first", body, Idempotency_Key=key())
    assert answer.json()["done"] == 3
    assert [one["project_id"] for one in answer.json()["refused"]] == [draft["project_id"]]
    answer = await office.ask("shengshenhe", "POST", "/reviews/final", body, Idempotency_Key=key())
    assert answer.json()["done"] == 3
    facts = await office.facts(begun[0]["project_id"])
    assert facts[-1][1]["kind"] == "intake.project.pooled.v1"


async def test_a_remark_on_a_cell_does_not_hide_what_is_wrong_with_it(office: Office) -> None:
    """A formula is read with a remark; what it came to must still fit the form."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    page = workbook.add_worksheet()
    typed = {**TYPED, "name": fresh()}
    for n, column in enumerate(COLUMNS):
        page.write_string(0, n, column.title)
        if column.key == "builder.name":
            page.write_formula(1, n, '=REPT("长",600)', None, "长" * 600)
        elif typed.get(column.key, "") != "":
            page.write(1, n, typed[column.key])
    workbook.close()
    report = (await upload(office, file.getvalue())).json()
    assert (report["acceptable"], report["wrong"]) == (0, 1)


async def test_all_or_none_holds_over_every_unit_of_a_sheet(office: Office) -> None:
    """市发改委 enters for two departments; between check and acceptance one name is taken."""
    ours, theirs = fresh(), fresh()
    data = sheet({"name": ours, "owner": "教育局"}, {"name": theirs, "owner": "卫健委"})
    report = (await upload(office, data, "fagai")).json()
    assert report["acceptable"] == 2, report
    await office.begin("weijian", report=True, name=theirs)
    done = await accepted(office, report["upload_id"], "all", "fagai")
    assert done["state"] == "failed"
    assert "一行也没有写入" in done["result"]["why"]
    assert [one["number"] for one in done["result"]["refused"]] == [3]
    assert await office.named(ours) == 0


async def test_all_or_none_is_one_append_for_several_units(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (fresh(), fresh())
    rows = [{"name": n, "owner": o} for n, o in zip(names, ("教育局", "卫健委"), strict=True)]
    report = (await upload(office, sheet(*rows), "fagai")).json()
    journal, appends = office.app.state.runtime.journal, []
    append = journal.append

    async def counted(writings: Any, *rest: Any) -> None:
        appends.append([writing.stream for writing in writings])
        await append(writings, *rest)

    monkeypatch.setattr(journal, "append", counted)
    done = await accepted(office, report["upload_id"], "all", "fagai")
    assert done["result"] == {"accepted": 2, "refused": [], "unchanged": 0}
    assert [len(streams) for streams in appends] == [2, 1]  # the projects, then the upload
    behalf = await office.pool.fetch(
        "select distinct convert_from(envelope, 'utf8')::json ->> 'onbehalfof' as unit"
        " from journal.events where stream = any($1) order by 1",
        appends[0],
    )
    assert [row["unit"] for row in behalf] == ["D-EDU", "D-HEA"]


async def test_all_or_none_is_not_promised_for_more_than_one_append(office: Office) -> None:
    word = fresh()
    rows = [{"name": f"{word}{n}"} for n in range(501)]
    report = (await upload(office, sheet(*rows))).json()
    assert (report["acceptable"], report["most_together"]) == (501, 500)
    place = f"/workbooks/{report['upload_id']}/accept"
    answer = await office.ask("zezhou", "POST", place, {"mode": "all"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_together")
    assert "最多 500 行" in answer.json()["detail"]
    assert await office.named(f"{word}0") == 0
    assert (await accepted(office, report["upload_id"]))["result"]["accepted"] == 501


async def test_a_row_that_was_spoilt_after_the_check_is_named(office: Office) -> None:
    good, taken = fresh(), fresh()
    report = (await upload(office, sheet({"name": good}, {"name": taken}))).json()
    await office.begin(report=True, name=taken)
    done = await accepted(office, report["upload_id"])
    assert (done["state"], done["result"]["accepted"]) == ("accepted", 1)
    (refused,) = done["result"]["refused"]
    assert refused["number"] == 3
    assert "已经报送" in refused["why"]


async def test_sources_that_do_not_add_up_are_said_at_the_column_that_names_them(
    office: Office,
) -> None:
    """资金来源 in one column of words: the form's own rules speak of that cell."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    page = workbook.add_worksheet()
    typed = {**TYPED, "name": fresh()}
    keys = [key for key in typed if not key.startswith("funding.")]
    titles = {column.key: column.title for column in COLUMNS}
    page.write_row(0, 0, [*(titles[key] for key in keys), "资金来源", "建设起止年限"])
    page.write_row(1, 0, [*(typed[key] for key in keys), "自筹 100000万元", "2021-2019"])
    page.write_row(2, 0, [*({**typed, "name": fresh()}[key] for key in keys), "自筹和贷款", ""])
    workbook.close()
    report = (await upload(office, file.getvalue())).json()
    assert (report["acceptable"], report["wrong"]) == (0, 2)
    rows = (await office.ask("zezhou", "GET", f"/workbooks/{report['upload_id']}/rows")).json()
    said = [[(one["key"], one["rule"], one["hint"]) for one in row["problems"]] for row in rows]
    assert said == [
        [
            ("build_from", "build_years_by_year", True),
            ("funding", "funding_sum", True),
            ("build_until", "build_years", False),
        ],
        [("funding", "funding_text", False)],
    ]
    assert {one["letter"] for row in rows for one in row["problems"]} == {
        report["columns"]["funding"],
        report["columns"]["build_from"],
    }
