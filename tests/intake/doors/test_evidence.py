"""Evidence at the door: told by its content, gone when nothing names it, read within the scope."""

import io
from datetime import timedelta
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest

from contracts.intake import Evidence
from services.intake.adapters.evidence import keeping, noted, of_project
from shared.refusals import UnreadableInput
from tests.intake.doors.office import Office, fresh, problems

PDF = b"%PDF-1.7\n"


def paper(word: str = "") -> bytes:
    """Give a file that no other test uploads."""
    return PDF + fresh(word).encode()


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return file.getvalue()


async def upload(
    office: Office, data: bytes, name: str = "备案证.pdf", who: str = "zezhou"
) -> httpx.Response:
    """Upload evidence as a unit's clerk does."""
    return await office.http.post(
        "/files", files={"file": (name, data)}, headers={"Authorization": f"Bearer {who}"}
    )


async def name_in_a_fact(office: Office, sha256: str, project_id: str, org: str) -> None:
    """Do what a command does that names a file in its fact."""
    runtime = office.app.state.runtime
    now, owner = runtime.clock.now(), of_project(UUID(project_id))
    named = await noted(runtime.files, [sha256], org, owner, now)
    keep = keeping([Evidence(sort="filing", file=one) for one in named], org, owner, now)
    assert keep is not None
    async with office.pool.acquire() as connection, connection.transaction():
        await keep(connection)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("证.pdf", PDF, "application/pdf"),
        ("现场.JPG", b"\xff\xd8\xff\xe0x", "image/jpeg"),
        ("图.png", b"\x89PNG\r\n\x1a\nx", "image/png"),
        ("证照.ofd", archive("OFD.xml"), "application/ofd"),
    ],
)
async def test_a_file_is_what_its_content_says(
    office: Office, name: str, data: bytes, kind: str
) -> None:
    answer = await upload(office, data, name)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["media_type"], answer.json()["size"]) == (kind, len(data))


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("空.pdf", b"", "empty"),
        ("脚本.html", b"<script>", "unknown_kind"),
        ("假.pdf", b"\xff\xd8\xff\xe0x", "name_says_otherwise"),
        ("宏.xlsx", archive("xl/workbook.xml", "xl/vbaProject.bin"), "unknown_kind"),
        ("大.pdf", PDF + b"x" * (20 * 1024 * 1024), "too_large"),
        ("13903560088.pdf", PDF, "personal_data"),
    ],
)
async def test_what_is_not_kept_says_why(office: Office, name: str, data: bytes, rule: str) -> None:
    answer = await upload(office, data, name)
    assert (answer.status_code, problems(answer)) == (422, [("file", rule)])


async def test_only_roles_with_something_to_prove_upload(office: Office) -> None:
    for who, status in (("shichushen", 201), ("tongji", 403), ("admin", 403)):
        assert (await upload(office, paper(), who=who)).status_code == status, who


async def test_what_a_fact_names_is_kept_for_good_and_what_none_names_expires(
    office: Office,
) -> None:
    project = await office.begin()
    named, unnamed = paper(), paper()
    hashes = [(await upload(office, data)).json()["sha256"] for data in (named, unnamed)]
    await name_in_a_fact(office, hashes[0], project["project_id"], "JC-ZZ")
    runtime = office.app.state.runtime
    await runtime.files.sweep(runtime.clock.now() + timedelta(days=8))
    path = f"/projects/{project['project_id']}/files/"
    kept = await office.ask("zezhou", "GET", path + hashes[0])
    assert (kept.status_code, kept.content) == (200, named)
    assert "attachment" in kept.headers["content-disposition"]
    assert (await office.ask("zezhou", "GET", path + hashes[1])).status_code == 404


async def test_evidence_is_read_by_its_unit_and_reviewers_and_looks_absent_to_others(
    office: Office,
) -> None:
    project = await office.pooled()
    sha256 = (await upload(office, paper())).json()["sha256"]
    path = f"/projects/{project['project_id']}/files/{sha256}"
    assert (await office.ask("zezhou", "GET", path)).status_code == 404
    await name_in_a_fact(office, sha256, project["project_id"], "JC-ZZ")
    for who, status in (
        ("zezhou", 200),
        ("shichushen", 200),
        ("shengshenhe", 200),
        ("zhongdian", 200),
        ("tongji", 404),
        ("gaoping", 404),
    ):
        assert (await office.ask(who, "GET", path)).status_code == status, who


async def test_a_fact_names_no_file_that_the_unit_did_not_upload(office: Office) -> None:
    project = await office.begin()
    sha256 = (await upload(office, paper(), who="gaoping")).json()["sha256"]
    with pytest.raises(UnreadableInput) as refused:
        await name_in_a_fact(office, sha256, project["project_id"], "JC-ZZ")
    assert [one.rule for one in refused.value.errors] == ["not_uploaded"]
