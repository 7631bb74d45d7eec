"""A responsible officer's name and telephone: kept behind an id, told to nobody."""

from typing import Any

import pytest
import structlog

from services.intake.doors import http as door
from shared import running
from tests.intake.doors.office import Office, form, key

NAME, PHONE = "欧阳建国", "13903560088"
OFFICER = {"name": NAME, "phone": PHONE}


async def everything_stored(office: Office) -> str:
    """All that the journal holds, as text."""
    rows = await office.pool.fetch(
        "select convert_from(envelope, 'utf8') || convert_from(payload, 'utf8') as text"
        " from journal.events union all"
        " select command_id || convert_from(reply, 'utf8') from journal.commands union all"
        " select scope || value from journal.claims"
    )
    return "".join(row["text"] for row in rows)


async def test_no_fact_and_no_kept_reply_holds_name_or_telephone(office: Office) -> None:
    project = await office.pooled(contact=OFFICER)
    stored = await everything_stored(office)
    assert NAME not in stored
    assert PHONE not in stored
    drafted = (await office.facts(project["project_id"]))[0][1]
    kept = await office.pool.fetch(
        "select contact_id, name, phone from contacts.contacts where project_id = $1",
        project["project_id"],
    )
    assert [(str(row["contact_id"]), row["name"], row["phone"]) for row in kept] == [
        (drafted["facts"]["contact_id"], NAME, PHONE)
    ]


async def test_the_same_officer_stays_the_same_contact(office: Office) -> None:
    body = form(contact=OFFICER)
    begun = (await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=key())).json()
    path = f"/projects/{begun['project_id']}"
    await office.ask("zezhou", "PUT", path, {**body, "remarks": "改"}, Idempotency_Key=key())
    other = {**body, "contact": {"name": NAME, "phone": "13903560099"}}
    await office.ask("zezhou", "PUT", path, other, Idempotency_Key=key())
    contacts = [
        payload["facts"]["contact_id"] for _, payload in await office.facts(begun["project_id"])
    ]
    assert contacts[0] == contacts[1] != contacts[2]


async def test_a_refused_command_keeps_no_contact(office: Office) -> None:
    before = await office.pool.fetchval("select count(*) from contacts.contacts")
    await office.ask(
        "zezhou", "POST", "/projects", form(contact=OFFICER, industry="00"), Idempotency_Key=key()
    )
    name = form(contact=OFFICER)
    await office.ask("zezhou", "POST", "/projects", name, Idempotency_Key=key())
    await office.ask("zezhou", "POST", "/projects", name, Idempotency_Key=key())
    assert await office.pool.fetchval("select count(*) from contacts.contacts") == before + 1


async def test_a_project_without_an_officer_says_so(office: Office) -> None:
    project = await office.begin(contact=None)
    answer = await office.ask("zezhou", "GET", f"/projects/{project['project_id']}/contact")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_no_log_line_holds_name_or_telephone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with structlog.testing.capture_logs() as lines:
        project = await office.pooled(contact=OFFICER)
        path = f"/projects/{project['project_id']}"
        await office.ask("zezhou", "GET", f"{path}/contact")
        await office.ask("zezhou", "POST", f"{path}/contact/reading", {"purpose": "REACH"})
        wrong = form(contact={"name": NAME, "phone": f"{PHONE}0"})
        refused = await office.ask("zezhou", "POST", "/projects", wrong, Idempotency_Key=key())
        assert refused.status_code == 422

        def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError("our own fault")

        monkeypatch.setattr(door, "keeping", fail)
        broken = await office.ask(
            "zezhou", "POST", "/projects", form(contact=OFFICER), Idempotency_Key=key()
        )
        assert broken.status_code == 500
        assert NAME not in broken.text
    assert any(line["event"] == "unexpected_error" for line in lines)
    for line in lines:
        written = str(running._tracebacks(None, "error", dict(line)))
        assert NAME not in written
        assert PHONE not in written
