"""Whom to call: masked to everybody, whole to whom it concerns; every reading is noted."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.embedded.launcher import Stack
from tests.intake.doors.conftest import DATABASE
from tests.intake.doors.office import Office, fresh, key, problems
from tests.intake.doors.test_workbooks import sheet, upload

OFFICER = {"name": "欧阳建国", "phone": "13903560088"}
SHOWN = {"name": "欧某某某", "phone": "139****0088"}
REACH = {"purpose": "REACH"}


async def read(office: Office, who: str, project: dict[str, Any]) -> Any:
    path = f"/projects/{project['project_id']}/contact/reading"
    return await office.ask(who, "POST", path, REACH)


async def noted(office: Office, project: dict[str, Any]) -> list[asyncpg.Record]:
    return await office.pool.fetch(
        "select * from contacts.reads where project_id = $1 order by at",
        UUID(project["project_id"]),
    )


@pytest.mark.parametrize("who", ["zezhou", "shichushen", "shengshenhe", "lingdaozu", "zhongdian"])
async def test_everybody_is_shown_a_masked_contact_and_nobody_is_noted_for_it(
    office: Office, who: str
) -> None:
    project = await office.pooled(contact=OFFICER)
    path = f"/projects/{project['project_id']}"
    shown = (await office.ask(who, "GET", f"{path}/contact")).json()
    assert {part: shown[part] for part in SHOWN} == SHOWN
    assert shown["may_read"] == (who == "zezhou")
    assert (await office.ask(who, "GET", path)).json()["contact"] == SHOWN
    assert await noted(office, project) == []


async def test_its_unit_and_whoever_reviews_it_now_may_read_it_whole(office: Office) -> None:
    project = await office.begin(report=True, contact=OFFICER)
    for stage, allowed in (
        ("SUBMITTED", {"zezhou", "shichushen"}),
        ("CITY_PASSED", {"zezhou", "shengshenhe"}),
        ("APPROVED", {"zezhou"}),
    ):
        for who in ("zezhou", "shichushen", "shengshenhe", "lingdaozu", "zhongdian", "gaoping"):
            answer = await read(office, who, project)
            assert (answer.status_code == 200) == (who in allowed), (stage, who)
            if who in allowed:
                assert answer.json() == OFFICER
                assert answer.headers["cache-control"] == "no-store"
            else:
                assert OFFICER["phone"] not in answer.text
        judged = {"verdict": "PASS", "on_revision": 1}
        if stage == "SUBMITTED":
            await office.carry_out("shichushen", project, "first-review", **judged)
        elif stage == "CITY_PASSED":
            await office.carry_out("shengshenhe", project, "final-review", **judged)
    rows = await noted(office, project)
    assert [row["account"] for row in rows] == [
        *("account-zezhou", "account-shichushen"),
        *("account-zezhou", "account-shengshenhe"),
        "account-zezhou",
    ], "who was refused has read nothing"


async def test_a_reading_is_noted_with_who_whose_and_what_for_and_without_a_name(
    office: Office,
) -> None:
    project = await office.begin(report=True, contact=OFFICER)
    assert (await read(office, "shichushen", project)).status_code == 200
    (row,) = await noted(office, project)
    facts = await office.facts(project["project_id"])
    assert (row["role"], row["org"], row["owner_org"], row["purpose"]) == (
        *("city_reviewer", "D-DRC", "JC-ZZ"),
        "REACH",
    )
    assert str(row["contact_id"]) == facts[0][1]["facts"]["contact_id"]
    assert OFFICER["name"] not in str(dict(row))
    assert OFFICER["phone"] not in str(dict(row))


async def test_nothing_is_shown_when_it_cannot_be_noted(office: Office, servers: Stack) -> None:
    project = await office.begin(report=True, contact=OFFICER)
    owner = await asyncpg.connect(servers.place.database_url(servers.place.admin, DATABASE))
    await owner.execute("alter table contacts.reads rename to reads_elsewhere")
    try:
        answer = await read(office, "zezhou", project)
    finally:
        await owner.execute("alter table contacts.reads_elsewhere rename to reads")
        await owner.close()
    assert answer.status_code == 500
    assert OFFICER["phone"] not in answer.text


@pytest.mark.parametrize("table", ["reads", "erasures"])
async def test_nobody_takes_a_noted_row_back(office: Office, servers: Stack, table: str) -> None:
    project = await office.begin(report=True, contact=OFFICER)
    await read(office, "zezhou", project)
    owner = await asyncpg.connect(servers.place.database_url(servers.place.admin, DATABASE))
    refused = (asyncpg.InsufficientPrivilegeError, asyncpg.PostgresError)
    try:
        for statement in ("update {} set role = ''", "delete from {}", "truncate {}"):
            with pytest.raises(refused):
                await office.pool.execute(statement.format(f"contacts.{table}"))
        with pytest.raises(asyncpg.PostgresError, match="what was noted is never changed"):
            await owner.execute(f"truncate contacts.{table}")
        if table == "reads":
            for statement in ("update contacts.reads set role = ''", "delete from contacts.reads"):
                with pytest.raises(asyncpg.PostgresError, match="never changed"):
                    await owner.execute(statement)
    finally:
        await owner.close()


async def test_a_unit_sees_who_read_its_own_contacts_the_administrator_all(
    office: Office,
) -> None:
    ours = await office.begin("zezhou", report=True, contact=OFFICER)
    theirs = await office.begin("gaoping", report=True, contact=OFFICER)
    for project in (ours, theirs):
        await read(office, "shichushen", project)

    async def seen(who: str, project: dict[str, Any], more: str = "") -> int:
        query = f"/contact-reads?project={project['project_id']}{more}"
        return len((await office.ask(who, "GET", query)).json()["rows"])

    assert [await seen("zezhou", one) for one in (ours, theirs)] == [1, 0]
    assert [await seen("gaoping", one) for one in (ours, theirs)] == [0, 1]
    assert [await seen("admin", one) for one in (ours, theirs)] == [1, 1]
    assert await seen("admin", ours, "&account=account-shichushen&org=D-DRC") == 1
    assert await seen("admin", ours, "&account=account-zezhou") == 0
    assert await seen("admin", ours, "&day=2001-01-01") == 0
    for who in ("shichushen", "shengshenhe", "lingdaozu"):
        assert (await office.ask(who, "GET", "/contact-reads")).status_code == 404


async def test_a_list_of_rows_veils_the_contact_in_cell_and_sentence(office: Office) -> None:
    wrong = {"name": fresh(), "contact.name": "欧阳建国", "contact.phone": "139035600889"}
    report = (await upload(office, sheet(wrong))).json()
    rows = await office.ask("zezhou", "GET", f"/workbooks/{report['upload_id']}/rows?show=all")
    assert rows.json()[0]["problems"]
    for whole in ("欧阳建国", "139035600889"):
        assert whole not in rows.text


async def test_fetching_a_marked_file_is_noted_with_its_upload(office: Office) -> None:
    wrong = {"name": fresh(), "contact.phone": "12"}
    upload_id = (await upload(office, sheet(wrong))).json()["upload_id"]
    place = f"/workbooks/{upload_id}/marked"
    assert (await office.ask("gaoping", "GET", place)).status_code == 404
    assert (await office.ask("zezhou", "GET", place)).status_code == 200
    rows = await office.pool.fetch(
        "select * from contacts.reads where upload_id = $1", UUID(upload_id)
    )
    assert [(row["account"], row["purpose"]) for row in rows] == [
        ("account-zezhou", "MARKED_FILE")
    ], "who finds nothing has read nothing"


async def test_what_was_shown_masked_and_left_as_it_was_stays_the_same(office: Office) -> None:
    project = await office.begin(contact=OFFICER)
    path = f"/projects/{project['project_id']}"
    held = (await office.ask("zezhou", "GET", path)).json()
    body = {
        name: held[name]
        for name in ("name", "content", "location", "builder", "total_investment", "funding")
    }
    again = {**body, "contact": held["contact"], "remarks": "改", "not_secret": True}
    other = {**again, "contact": {**SHOWN, "phone": "13903560099"}}
    checked = await office.ask(
        "zezhou", "POST", f"/check?project={project['project_id']}", {**again}
    )
    assert "contact.phone" not in {one["field"] for one in checked.json()["errors"]}
    for sent in (again, other):
        answer = await office.ask("zezhou", "PUT", path, sent, Idempotency_Key=key())
        assert answer.status_code == 200, answer.text
    ids = [one["facts"]["contact_id"] for _, one in await office.facts(project["project_id"])]
    assert ids[0] == ids[1] != ids[2]
    assert (await read(office, "zezhou", project)).json() == {**OFFICER, "phone": "13903560099"}


async def test_nobody_checks_a_form_against_the_contact_of_another_unit(office: Office) -> None:
    project = await office.begin("gaoping", contact=OFFICER)
    answer = await office.ask(
        "zezhou", "POST", f"/check?project={project['project_id']}", {"name": fresh()}
    )
    assert answer.status_code == 404


async def test_a_unit_names_another_contact_of_a_pooled_project(office: Office) -> None:
    project = await office.pooled(contact=OFFICER)
    path = f"/projects/{project['project_id']}"
    other = {"name": "李四", "phone": "13835601234"}
    once = key()
    answer, again = [
        await office.ask("zezhou", "PUT", f"{path}/contact", other, Idempotency_Key=once)
        for _ in range(2)
    ]
    assert (answer.status_code, answer.json()) == (200, again.json())
    assert (await read(office, "zezhou", project)).json() == other
    facts = [fact for _, fact in await office.facts(project["project_id"])]
    named = [fact for fact in facts if fact["kind"] == "intake.project.contact_named.v1"]
    assert len(named) == 1
    assert set(named[0]) == {"kind", "project_id", "contact_id"}
    assert answer.json()["revision"] == 1, "who to call is no new edition"
    same = await office.ask(
        "zezhou",
        "PUT",
        f"{path}/contact",
        {"name": "李某", "phone": "138****1234"},
        Idempotency_Key=key(),
    )
    assert same.json()["version"] == answer.json()["version"], "left as it was shown"


async def test_a_new_contact_must_be_reachable_and_is_named_by_its_unit_alone(
    office: Office,
) -> None:
    project = await office.pooled(contact=OFFICER)
    path = f"/projects/{project['project_id']}/contact"
    half = await office.ask("zezhou", "PUT", path, {"name": "李四"}, Idempotency_Key=key())
    assert problems(half) == [("contact.phone", "required")]
    odd = {"name": "李四", "phone": "2198345"}
    wrong = await office.ask("zezhou", "PUT", path, odd, Idempotency_Key=key())
    assert problems(wrong) == [("contact.phone", "phone_format")]
    other = {"name": "李四", "phone": "13835601234"}
    for who, status in {"gaoping": 404, "shichushen": 403, "lingdaozu": 403}.items():
        answer = await office.ask(who, "PUT", path, other, Idempotency_Key=key())
        assert answer.status_code == status, who


async def test_the_kept_hash_of_a_named_contact_is_not_that_of_its_telephone(
    office: Office,
) -> None:
    project = await office.pooled(contact=OFFICER)
    path = f"/projects/{project['project_id']}/contact"
    kept = []
    for phone in ("13835601234", "13835991234"):
        once = key()
        body = {"name": "李四", "phone": phone}
        await office.ask("zezhou", "PUT", path, body, Idempotency_Key=once)
        kept.append(
            await office.pool.fetchval(
                "select body_hash from journal.commands where command_id = $1",
                f"account-zezhou:{once}",
            )
        )
    assert kept[0] == kept[1], "both look the same masked"
