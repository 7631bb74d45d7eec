"""The files of an upload: read once, marked once, gone after their term."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from services.intake.doors import workbooks
from services.intake.workbook.columns import COLUMNS
from shared.clock import advance
from tests.intake.doors.office import Office, fresh, key
from tests.intake.doors.test_workbooks import accepted, sheet, upload

WRONG_PHONE = {"contact.phone": "12"}


@pytest.fixture
def later(office: Office) -> Iterator[Path]:
    """The home's clock, put back after a test has moved it."""
    home: Path = office.app.state.runtime.settings.home
    clock = (home / "clock").read_text()
    yield home
    (home / "clock").write_text(clock)


def files_of(office: Office) -> set[str]:
    """Every file that lies in the home."""
    home: Path = office.app.state.runtime.settings.home
    return {path.name for path in (home / "files").rglob("*") if path.is_file()}


async def test_the_file_is_read_once_however_often_its_rows_are_looked_at(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (fresh(), fresh())
    report = (
        await upload(office, sheet({"name": names[0], **WRONG_PHONE}, {"name": names[1]}))
    ).json()

    async def never(*_: object) -> None:
        raise AssertionError("the file was read again")

    monkeypatch.setattr(workbooks, "read_in_child", never)
    place = f"/workbooks/{report['upload_id']}"
    (wrong,) = (await office.ask("zezhou", "GET", f"{place}/rows")).json()
    assert (wrong["typed"]["name"], wrong["verdict"]) == (names[0], "wrong")
    assert wrong["problems"][0]["key"] == "contact.phone"
    rows = (await office.ask("zezhou", "GET", f"{place}/rows?show=all")).json()
    assert [row["verdict"] for row in rows] == ["wrong", "acceptable"]
    assert (await accepted(office, report["upload_id"]))["result"]["accepted"] == 1
    # The rows are those of the report, whatever became of them since.
    rows = (await office.ask("zezhou", "GET", f"{place}/rows?show=all")).json()
    assert [row["verdict"] for row in rows] == ["wrong", "acceptable"]


async def test_a_marked_file_is_made_once_and_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = (await upload(office, sheet({"name": fresh(), **WRONG_PHONE}))).json()
    place = f"/workbooks/{report['upload_id']}/marked"
    first = await office.ask("zezhou", "GET", place)

    async def never(*_: object) -> None:
        raise AssertionError("the file was marked again")

    monkeypatch.setattr(workbooks, "mark_in_child", never)
    again = await office.ask("zezhou", "GET", place)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["content-disposition"] == first.headers["content-disposition"]
    assert (await office.ask("gaoping", "GET", place)).status_code == 404


async def test_a_check_that_came_to_something_else_is_marked_anew(office: Office) -> None:
    """The same file again before it is taken in: meanwhile another row took the name."""
    name = fresh()
    data = sheet({"name": name, "content": "新建标准厂房 1 万平方米及配套管网。"})
    report = (await upload(office, data)).json()
    place = f"/workbooks/{report['upload_id']}/marked"
    clean = openpyxl.load_workbook(io.BytesIO((await office.ask("zezhou", "GET", place)).content))
    assert clean.worksheets[0].cell(2, 2).comment is None
    await office.begin("zezhou", report=True, name=name)
    assert (await upload(office, data)).json()["upload_id"] == report["upload_id"]
    marked = openpyxl.load_workbook(io.BytesIO((await office.ask("zezhou", "GET", place)).content))
    column = next(n for n, c in enumerate(COLUMNS, start=1) if c.key == "name")
    assert "已经报送" in str(marked.worksheets[0].cell(2, column).comment)


async def test_after_180_days_the_files_are_gone_and_the_counts_stay(
    office: Office, later: Path
) -> None:
    before = files_of(office)
    report = (await upload(office, sheet({"name": fresh(), **WRONG_PHONE}))).json()
    place = f"/workbooks/{report['upload_id']}"
    assert (await office.ask("zezhou", "GET", f"{place}/marked")).status_code == 200
    kept = files_of(office) - before
    assert len(kept) == 3  # the original, what was found, the marked file
    files, clock = office.app.state.runtime.files, office.app.state.runtime.clock

    advance(later, timedelta(days=179, hours=23))
    await files.sweep(clock.now())
    assert kept <= files_of(office)
    assert (await office.ask("zezhou", "GET", f"{place}/rows")).status_code == 200

    advance(later, timedelta(hours=2))
    for swept in (False, True):
        if swept:
            assert await files.sweep(clock.now()) >= len(kept)
            assert kept & files_of(office) == set()
        for path in ("/rows", "/marked"):
            answer = await office.ask("zezhou", "GET", place + path)
            assert (answer.status_code, answer.json()["code"]) == (410, "file_expired"), swept
            assert "已按规定到期删除" in answer.json()["detail"]
        body = {"mode": "valid"}
        answer = await office.ask("zezhou", "POST", f"{place}/accept", body, Idempotency_Key=key())
        assert (answer.status_code, answer.json()["code"]) == (410, "file_expired")
        shown = (await office.ask("zezhou", "GET", place)).json()
        assert (shown["kept_until"], shown["rows"], shown["wrong"]) == (None, 1, 1)


async def test_a_file_sent_again_is_kept_for_a_new_term(office: Office, later: Path) -> None:
    data = sheet({"name": fresh()})
    report = (await upload(office, data)).json()
    advance(later, timedelta(days=100))
    again = (await upload(office, data)).json()
    assert again["upload_id"] == report["upload_id"]
    assert again["kept_until"] > report["kept_until"]


async def test_no_row_of_a_file_is_told(office: Office) -> None:
    name = fresh("绝不外传项目")
    report = (await upload(office, sheet({"name": name, **WRONG_PHONE}))).json()
    told = await office.pool.fetch(
        "select convert_from(payload, 'utf8') as payload from journal.events where stream = $1",
        f"upload-{report['upload_id']}",
    )
    assert [json.loads(row["payload"])["rows"] for row in told] == [1]
    assert all(name not in row["payload"] for row in told)


@pytest.mark.parametrize(
    "rest", ["", "/rows", "/marked"], ids=["the upload", "its rows", "its marked file"]
)
async def test_a_file_and_what_was_found_in_it_are_there_for_its_unit_alone(
    office: Office, rest: str
) -> None:
    report = (await upload(office, sheet({"name": fresh(), **WRONG_PHONE}))).json()
    place = f"/workbooks/{report['upload_id']}{rest}"
    assert (await office.ask("zezhou", "GET", place)).status_code == 200
    for who in ("gaoping", "jiaoyu", "lanhua", "shichushen", "shengshenhe", "lingdaozu", "admin"):
        answer = await office.ask(who, "GET", place)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), who
    assert (await office.ask(None, "GET", place)).status_code == 401
