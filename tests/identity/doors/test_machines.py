"""The administrator opens machine accounts and takes them away; a secret is told once."""

from uuid import uuid4

import pytest

from tests.identity.conftest import Office
from tests.identity.test_client_credentials import OPENING, open_system


async def test_a_secret_is_told_once_and_kept_by_nobody(office: Office) -> None:
    asked = str(uuid4())
    first = await office.ask("admin", "POST", "/machines", OPENING, key=asked)
    assert (first.status_code, first.headers["cache-control"]) == (201, "no-store")
    opened = first.json()
    again = await office.ask("admin", "POST", "/machines", OPENING, key=asked)
    assert (again.status_code, again.json()) == (201, {"machine": opened["client_id"]})
    path, asked = f"/machines/{opened['client_id']}/rotate", str(uuid4())
    rotated = (await office.ask("admin", "POST", path, {}, key=asked)).json()
    again = await office.ask("admin", "POST", path, {}, key=asked)
    assert again.json() == {"machine": opened["client_id"]}
    kept = await office.pool.fetchval(
        "select (select string_agg(convert_from(reply, 'utf8'), '') from journal.commands)"
        " || (select string_agg(convert_from(payload, 'utf8'), '') from journal.events)"
        " || (select string_agg(secret_hash::text, '') from identity.machine_secrets)"
    )
    assert opened["client_id"] in kept
    for secret in (opened["client_secret"], rotated["client_secret"]):
        assert len(secret) == 43
        assert secret not in kept


async def test_every_act_is_a_fact_with_the_administrator_as_its_actor(office: Office) -> None:
    system = await open_system(office)
    await system.act("scopes", scopes=["read"])
    await system.act("rotate", overlap_hours=2)
    await system.act("revoke")
    await system.act("disable", reason="停机改造")
    await system.act("enable")
    await system.act("close", reason="系统下线")
    admin = str(await office.account("admin"))
    facts = await office.facts(f"machine-{system.id}")
    assert [fact["kind"].split(".")[2] for _, fact in facts] == [
        "opened", "scopes_changed", "secret_rotated", "secret_revoked",
        "disabled", "enabled", "closed",
    ]  # fmt: skip
    assert {(e["actoraccount"], e["actorrole"]) for e, _ in facts} == {(admin, "admin")}
    assert [fact["kind"] for fact in (await system.shown())["history"]] == [
        fact["kind"] for _, fact in reversed(facts)
    ]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"role": "mayor"}, 409, "no_such_role"),
        ({"organisation": "D-NIX"}, 409, "no_such_organisation"),
        ({"scopes": ["final_review"]}, 409, "no_such_scope"),
        ({"scopes": []}, 409, "no_such_scope"),
        ({"scopes": ["openid profile"]}, 422, "unreadable_input"),
        (
            {"role": "admin", "organisation": "D-BDA", "scopes": ["administer"]},
            409,
            "no_such_scope",
        ),
        ({"valid_to": "2019-04-21"}, 409, "ends_before_it_begins"),
        ({"purpose": "有事打 13800138000"}, 422, "unreadable_input"),
        ({"name": ""}, 422, "unreadable_input"),
    ],
)
async def test_a_machine_account_that_nobody_may_have_is_not_opened(
    office: Office, change: dict[str, object], status: int, code: str
) -> None:
    answer = await office.ask("admin", "POST", "/machines", {**OPENING, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not await office.pool.fetchval("select exists (select from identity.machines)")


async def test_a_unit_whose_system_reports_has_no_system_that_reviews(office: Office) -> None:
    filling = {"role": "dept_reporter", "organisation": "D-DRC", "scopes": ["report"]}
    reviewing = {"role": "city_reviewer", "organisation": "D-DRC", "scopes": ["first_review"]}
    system = await open_system(office, **filling)
    answer = await office.ask("admin", "POST", "/machines", {**OPENING, **reviewing})
    assert (answer.status_code, answer.json()["code"]) == (409, "fills_and_approves")
    await system.act("close", reason="改由人工报送")
    await open_system(office, **reviewing)


async def test_machine_accounts_are_found_by_name_unit_purpose_and_state(office: Office) -> None:
    away = await open_system(office)
    await away.act("disable", reason="停机改造")
    other = {"name": "高平市项目平台", "organisation": "JC-GP", "purpose": "月度数据"}
    here = await open_system(office, **other)
    for query, found in (
        ("", [away.id, here.id]),
        ("q=政务服务", [away.id]),
        ("q=高平市人民政府", [here.id]),
        ("q=月度", [here.id]),
        ("q=泽政办函", [away.id, here.id]),
        ("state=DISABLED", [away.id]),
        ("q=nothing", []),
    ):
        answer = (await office.ask("admin", "GET", f"/machines?{query}")).json()
        assert {row["machine"] for row in answer["machines"]} == set(found), query


async def test_the_trail_finds_a_machine_account_by_its_name(office: Office) -> None:
    system = await open_system(office)
    await open_system(office, name="高平市项目平台", organisation="JC-GP", purpose="月度数据")
    await system.ask()
    for what, fields in (("acts", {"stream": f"machine-{system.id}"}), ("sign-ins", {})):
        found = (await office.ask("admin", "GET", f"/trail?what={what}&q=政务服务平台")).json()
        (row,) = found["rows"]
        assert fields or row["account"] == system.id
        assert fields.items() <= row.items()


async def test_no_machine_account_stands_in_for_anybody(office: Office) -> None:
    system = await open_system(office)
    absent = await office.account("zezhou")
    days = {"valid_from": "2019-04-22", "valid_to": "2019-04-30"}
    body = {"substitute": system.id, **days}
    answer = await office.ask("admin", "POST", f"/accounts/{absent}/substitutes", body)
    assert answer.status_code in {404, 422}
    answer = await office.ask("admin", "POST", f"/accounts/{system.id}/substitutes", body)
    assert answer.status_code in {404, 422}


async def test_what_is_no_machine_account_cannot_be_acted_on(office: Office) -> None:
    for machine in (uuid4(), await office.account("zezhou")):
        answer = await office.ask("admin", "POST", f"/machines/{machine}/rotate", {})
        assert (answer.status_code, answer.json()["detail"]) == (404, "没有这个机器账号。")
