"""A person asks to be forgotten: what is kept goes, what happened stays, no backup undoes it."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.intake.adapters import erasing
from services.intake.adapters.erasing import erase_listed
from shared.erasing import ErasuresDamaged
from shared.workbook.texts import texts_in
from tests.intake.doors.office import Office, fresh, key, problems
from tests.intake.doors.test_kept_files import files_of
from tests.intake.doors.test_workbooks import accepted, sheet, upload

WHY = {"reason": "CONSENT_WITHDRAWN", "document_number": "晋市数函〔2019〕7号"}


def person() -> dict[str, str]:
    """Somebody whom no other test knows."""
    number = int(fresh("").removesuffix("号"))
    return {"name": f"端木忘机{number}", "phone": f"139{number:08d}"}


async def search(office: Office, who: dict[str, Any]) -> dict[str, int]:
    answer = await office.ask("admin", "POST", "/erasures/search", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, int] = answer.json()
    return found


async def forget(office: Office, who: dict[str, Any], **changes: Any) -> Any:
    """Look somebody up and have what was seen erased."""
    seen = await search(office, who)
    body = {**who, "contacts": seen["contacts"], "uploads": seen["uploads"], **WHY, **changes}
    return await office.ask("admin", "POST", "/erasures", body, Idempotency_Key=key())


async def everything_kept(office: Office) -> str:
    """All that intake's database and files hold, as text; uploaded files unpacked."""
    tables = await office.pool.fetch(
        "select table_schema || '.' || table_name as name from information_schema.tables"
        " where table_schema in ('contacts', 'workbook', 'files', 'terms', 'views', 'journal')"
    )
    held = []
    for table in tables:
        rows = await office.pool.fetch(f"select * from {table['name']}")
        held += [
            value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            for row in rows
            for value in row.values()
        ]
    home: Path = office.app.state.runtime.settings.home
    held += [
        "\n".join(texts_in(path.read_bytes()))
        for path in (home / "files").rglob("*")
        if path.is_file()
    ]
    held += [path.read_text() for path in (home / "erasures").rglob("*.jsonl")]
    return "\n".join(held)


async def test_who_asks_is_nowhere_any_more_and_what_happened_stays(office: Office) -> None:
    who = person()
    project = await office.pooled(contact=who)
    draft = await office.begin("gaoping", contact=who)
    row = {"name": fresh(), "contact.name": who["name"], "contact.phone": who["phone"]}
    upload_id = (await upload(office, sheet(row))).json()["upload_id"]
    await accepted(office, upload_id)
    await office.ask("zezhou", "GET", f"/workbooks/{upload_id}/marked")
    held = await everything_kept(office)
    assert who["name"] in held
    facts = len(await office.facts(project["project_id"]))
    answer = await forget(office, who)
    assert (answer.status_code, answer.json()["contacts"], answer.json()["uploads"]) == (200, 3, 1)
    held = await everything_kept(office)
    assert who["name"] not in held
    assert who["phone"] not in held
    for one, owner in ((project, "zezhou"), (draft, "gaoping")):
        told = await office.facts(one["project_id"])
        envelope, fact = told[-1]
        assert set(fact) == {"kind", "project_id", "contact_id", "reason"}
        assert fact["kind"] == "intake.project.contact_erased.v1"
        assert (envelope["actoraccount"], envelope["actorrole"]) == ("account-admin", "admin")
        path = f"/projects/{one['project_id']}/contact"
        shown = (await office.ask(owner, "GET", path)).json()
        assert (shown["name"], shown["phone"], shown["erased"]) == ("", "", True)
        read = await office.ask(owner, "POST", f"{path}/reading", {"purpose": "REACH"})
        assert (read.status_code, read.json()["code"]) == (410, "contact_erased")
    assert len(await office.facts(project["project_id"])) == facts + 1
    (done,) = [
        one
        for one in (await office.ask("admin", "GET", "/erasures")).json()["rows"]
        if one["erasure_id"] == answer.json()["erasure_id"]
    ]
    assert (done["contacts"], done["projects"], done["uploads"]) == (3, 3, 1)
    assert (done["document_number"], done["account"]) == (WHY["document_number"], "account-admin")


async def test_the_unit_names_another_and_reports_with_him(office: Office) -> None:
    who = person()
    draft = await office.begin(contact=who)
    await forget(office, who)
    report = f"/projects/{draft['project_id']}/report"
    asked = {"not_secret": True, "accepted_hints": []}
    refused = await office.ask("zezhou", "POST", report, asked, Idempotency_Key=key())
    assert {field for field, _ in problems(refused)} == {"contact.name", "contact.phone"}
    path = f"/projects/{draft['project_id']}/contact"
    other = {"name": "李四", "phone": "13835601234"}
    named = await office.ask("zezhou", "PUT", path, other, Idempotency_Key=key())
    assert named.status_code == 200, named.text
    shown = (await office.ask("zezhou", "GET", path)).json()
    assert (shown["name"], shown["erased"]) == ("李某", False)
    sent = await office.ask("zezhou", "POST", report, asked, Idempotency_Key=key())
    assert sent.status_code == 200, sent.text


async def test_the_files_of_an_upload_go_and_its_page_says_why(office: Office) -> None:
    who = person()
    row = {"name": fresh(), "contact.name": who["name"], "contact.phone": who["phone"]}
    upload_id = (await upload(office, sheet(row))).json()["upload_id"]
    place = f"/workbooks/{upload_id}"
    await office.ask("zezhou", "GET", f"{place}/marked")
    before = files_of(office)
    assert (await search(office, who)) == {"contacts": 0, "projects": 0, "uploads": 1}
    assert (await forget(office, who)).json()["uploads"] == 1
    assert len(before - files_of(office)) >= 2
    shown = (await office.ask("zezhou", "GET", place)).json()
    assert (shown["erased"], shown["kept_until"], shown["rows"]) == (True, None, 1)
    for rest in ("/rows", "/marked"):
        assert (await office.ask("zezhou", "GET", place + rest)).status_code == 410
    taken = await office.ask(
        "zezhou",
        "POST",
        f"{place}/accept",
        {"mode": "valid"},
        Idempotency_Key=key(),
    )
    assert taken.status_code == 410


async def test_an_older_database_and_older_files_lose_the_person_again_at_the_start(
    office: Office,
) -> None:
    who = person()
    project = await office.pooled(contact=who)
    row = {"name": fresh(), "contact.name": who["name"], "contact.phone": who["phone"]}
    upload_id = (await upload(office, sheet(row))).json()["upload_id"]
    home: Path = office.app.state.runtime.settings.home
    kept = await office.pool.fetch("select * from contacts.contacts where name = $1", who["name"])
    described = await office.pool.fetch("select * from files.files")
    older = {path: path.read_bytes() for path in (home / "files").rglob("*") if path.is_file()}
    await forget(office, who)
    # What a restored backup brings: the rows and the files of before.
    for contact in kept:
        await office.pool.execute(
            "insert into contacts.contacts values ($1, $2, $3, $4, $5)", *contact
        )
    for file in described:
        await office.pool.execute(
            "insert into files.files values ($1, $2, $3, $4, $5, $6) on conflict do nothing", *file
        )
    await office.pool.execute("update workbook.uploads set erased = false")
    for path, data in older.items():
        path.write_bytes(data)
    assert who["name"] in await everything_kept(office)
    facts = len(await office.facts(project["project_id"]))
    await erase_listed(office.app.state.runtime)
    assert who["name"] not in await everything_kept(office)
    assert (await office.ask("zezhou", "GET", f"/workbooks/{upload_id}")).json()["erased"]
    assert len(await office.facts(project["project_id"])) == facts, "told once"


async def test_what_was_listed_before_a_crash_is_erased_at_the_next_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = person()
    project = await office.pooled(contact=who)

    async def cut_off(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "handle_many", cut_off)
        assert (await forget(office, who)).status_code == 500
    assert who["name"] in await everything_kept(office)
    await erase_listed(office.app.state.runtime)
    assert who["name"] not in await everything_kept(office)
    told = [fact["kind"] for _, fact in await office.facts(project["project_id"])]
    assert told.count("intake.project.contact_erased.v1") == 1


async def test_sent_twice_it_is_erased_once_and_answered_the_same(office: Office) -> None:
    who = person()
    project = await office.begin(contact=who)
    body = {**who, "contacts": 1, "uploads": 0, **WHY}
    once = key()
    answers = [
        await office.ask("admin", "POST", "/erasures", body, Idempotency_Key=once) for _ in range(2)
    ]
    assert [answer.json() for answer in answers] == [answers[0].json()] * 2
    assert answers[0].status_code == 200
    assert len(await office.facts(project["project_id"])) == 2


async def test_nothing_is_erased_that_was_not_seen(office: Office) -> None:
    who = person()
    await office.begin(contact=who)
    seen = await search(office, who)
    await office.begin("gaoping", contact=who)
    body = {**who, "contacts": seen["contacts"], "uploads": 0, **WHY}
    answer = await office.ask("admin", "POST", "/erasures", body, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "more_was_found")
    assert (await search(office, who))["contacts"] == 2


async def test_a_namesake_with_another_telephone_is_left_alone(office: Office) -> None:
    who = person()
    other = {**who, "phone": "13700001234"}
    await office.begin(contact=who)
    project = await office.begin(contact=other)
    await forget(office, who)
    path = f"/projects/{project['project_id']}/contact"
    assert (await office.ask("zezhou", "GET", path)).json()["erased"] is False


async def test_one_contact_id_leads_to_all_that_is_kept_of_the_person(office: Office) -> None:
    who = person()
    project = await office.begin(contact=who)
    await office.begin("gaoping", contact=who)
    contact_id = (await office.facts(project["project_id"]))[0][1]["facts"]["contact_id"]
    assert (await search(office, {"contact_id": contact_id}))["contacts"] == 2
    assert (await forget(office, {"contact_id": contact_id})).json()["contacts"] == 2


async def test_looking_somebody_up_is_noted(office: Office) -> None:
    who = person()
    project = await office.begin(contact=who)
    await search(office, who)
    row = await office.pool.fetchrow(
        "select * from contacts.reads where project_id = $1", UUID(project["project_id"])
    )
    assert row is not None
    assert (row["purpose"], row["role"], row["owner_org"]) == ("ERASURE", "admin", "JC-ZZ")


async def test_a_document_number_keeps_nothing_of_the_person(office: Office) -> None:
    who = person()
    await office.begin(contact=who)
    for number in (f"关于{who['name']}的申请", "电话 13903560088"):
        answer = await forget(office, who, document_number=number)
        assert problems(answer) == [("document_number", "personal_data")]


@pytest.mark.parametrize("who", ["zezhou", "shichushen", "shengshenhe", "lingdaozu"])
async def test_for_whoever_erases_nothing_there_is_nothing_here(office: Office, who: str) -> None:
    asked = person()
    body = {**asked, "contacts": 0, "uploads": 0, **WHY}
    for method, path, sent in (
        ("GET", "/erasures", None),
        ("POST", "/erasures/search", asked),
        ("POST", "/erasures", body),
    ):
        answer = await office.ask(who, method, path, sent, Idempotency_Key=key())
        assert answer.status_code == 404, (method, path)


async def test_a_list_that_cannot_be_read_stops_the_start(office: Office) -> None:
    who = person()
    await office.begin(contact=who)
    await forget(office, who)
    home: Path = office.app.state.runtime.settings.home
    path = home / "erasures" / "intake.jsonl"
    whole = path.read_bytes()
    try:
        # What a crash cut off was never answered, and is passed over.
        path.write_bytes(whole + b'{"erasure_id": "')
        await erase_listed(office.app.state.runtime)
        path.write_bytes(b"nonsense\n" + whole)
        with pytest.raises(ErasuresDamaged):
            await erase_listed(office.app.state.runtime)
    finally:
        path.write_bytes(whole)
    assert json.loads(whole.splitlines()[-1])["things"]
    assert path.stat().st_mode & 0o077 == 0
