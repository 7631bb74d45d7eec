"""The administrator opens, moves and closes accounts; for everybody else nothing is here."""

import json
from uuid import uuid4

import pytest

from contracts.reference import example_accounts
from contracts.writing import ROOT
from services.identity.beginning import EXAMPLE_PASSWORD
from shared.issuer import DISCOVERY
from tests.identity.conftest import Databases, Office

NEW = {
    "username": "gaoping2",
    "name": "高平市报送员（乙）",
    "role": "county_reporter",
    "organisation": "JC-GP",
}
GOOD = "Tai-hang-shan-8"
ADDRESSES = [
    ("GET", "/accounts"),
    ("POST", "/accounts"),
    ("GET", "/accounts/{id}"),
    *(
        ("POST", f"/accounts/{{id}}/{act}")
        for act in (
            "assign",
            "disable",
            "enable",
            "close",
            "erase",
            "reset-password",
            "sign-out",
            "substitutes",
            "substitutes/{id}/end",
        )
    ),
    ("GET", "/machines"),
    ("POST", "/machines"),
    ("GET", "/machines/{id}"),
    *(
        ("POST", f"/machines/{{id}}/{act}")
        for act in ("scopes", "rotate", "revoke", "disable", "enable", "close")
    ),
    ("GET", "/substitutes"),
    ("GET", "/organisations"),
    ("GET", "/organisations/D-STA"),
    ("POST", "/organisations"),
    ("POST", "/organisations/D-STA/rename"),
    ("POST", "/organisations/D-STA/end"),
    ("GET", "/trail"),
]


async def test_for_whoever_is_no_administrator_nothing_is_here(office: Office) -> None:
    roles = {account.role: account.username for account in example_accounts()}
    account = str(await office.account("zezhou"))
    count = await office.pool.fetchval("select count(*) from journal.events")
    for role, username in roles.items():
        if role == "admin":
            continue
        token = (await office.sign_in(username, EXAMPLE_PASSWORD, "identity")).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        for method, path in ADDRESSES:
            address = path.replace("{id}", account)
            answer = await office.http.request(method, address, json={}, headers=headers)
            assert (answer.status_code, answer.json()["detail"]) == (404, "没有这个地址。"), (
                role,
                address,
            )
    assert await office.pool.fetchval("select count(*) from journal.events") == count


async def test_without_a_token_no_address_answers(office: Office) -> None:
    for method, path in (*ADDRESSES, ("GET", "/own"), ("POST", "/own/password")):
        answer = await office.http.request(method, path.replace("{id}", str(uuid4())), json={})
        assert answer.status_code == 401, path


def test_every_administrative_address_is_tried_above() -> None:
    document = json.loads((ROOT / "openapi" / "identity.json").read_text("utf-8"))
    known = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if path not in {"/token", "/jwks", DISCOVERY, "/accounts/examples"}
        and not path.startswith("/own")
    }
    tried = {(method, path.replace("D-STA", "{id}")) for method, path in ADDRESSES}
    plain = {
        (
            m,
            p.replace("{account}", "{id}")
            .replace("{substitute}", "{id}")
            .replace("{machine}", "{id}")
            .replace("{organisation}", "{id}"),
        )
        for m, p in known
    }
    assert plain == tried


async def test_an_opened_account_has_a_one_time_password_that_is_told_once(
    office: Office,
) -> None:
    asked = str(uuid4())
    answer = await office.ask("admin", "POST", "/accounts", NEW, key=asked)
    assert answer.status_code == 201, answer.text
    password = answer.json()["one_time_password"]
    assert len(password) == 19
    again = await office.ask("admin", "POST", "/accounts", NEW, key=asked)
    assert (again.status_code, again.json()["account"]) == (201, answer.json()["account"])
    assert "one_time_password" not in again.json()
    kept = await office.pool.fetchval(
        "select string_agg(convert_from(reply, 'utf8'), '') from journal.commands"
    )
    assert password not in kept


async def test_a_one_time_password_opens_nothing_but_the_way_to_one_of_ones_own(
    office: Office,
) -> None:
    once = (await office.carry_out("admin", "/accounts", NEW))["one_time_password"]
    refused = await office.sign_in("gaoping2", once)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    asked = await office.knock("gaoping2", once)
    assert asked.status_code == 403
    assert 'name="new_password"' in asked.text
    different = await office.knock("gaoping2", once, new_password=GOOD, again="another")
    assert (different.status_code, "不一样" in different.text) == (422, True)
    weak = await office.knock("gaoping2", once, new_password="12345678901", again="12345678901")
    assert (weak.status_code, "太常见" in weak.text) == (422, True)
    changed = await office.knock("gaoping2", once, new_password=GOOD, again=GOOD)
    assert changed.status_code == 303
    assert (await office.knock("gaoping2", once)).status_code == 401
    assert (await office.actor("gaoping2", GOOD)).org == "JC-GP"


async def test_a_one_time_password_that_was_not_used_in_time_is_over(
    office: Office, databases: Databases
) -> None:
    once = (await office.carry_out("admin", "/accounts", NEW))["one_time_password"]
    await office.pool.execute(
        "update identity.accounts set one_time_until = now() - interval '1 second'"
        " where username = 'gaoping2'"
    )
    for more in ({}, {"new_password": GOOD, "again": GOOD}):
        answer = await office.knock("gaoping2", once, **more)
        assert (answer.status_code, "一次性密码已过期" in answer.text) == (401, True)


async def test_a_reset_password_ends_the_sessions_and_the_old_password(office: Office) -> None:
    window = await office.come_in("zezhou")
    account = await office.account("zezhou")
    once = (await office.carry_out("admin", f"/accounts/{account}/reset-password"))[
        "one_time_password"
    ]
    assert (await window.exchange()).status_code == 400
    assert (await office.knock("zezhou", EXAMPLE_PASSWORD)).status_code == 401
    changed = await office.knock("zezhou", once, new_password=GOOD, again=GOOD)
    assert changed.status_code == 303
    # The account comes in again, the window of before does not.
    assert (await window.exchange()).status_code == 400
    assert (await window.refresh()).status_code == 400


async def test_a_user_name_is_used_once(office: Office) -> None:
    answer = await office.ask("admin", "POST", "/accounts", {**NEW, "username": " ＺＥＺＨＯＵ"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")


async def test_an_account_of_a_role_or_unit_that_does_not_exist_is_not_opened(
    office: Office,
) -> None:
    for change, code in (
        ({"role": "mayor"}, "no_such_role"),
        ({"organisation": "D-NIX"}, "no_such_organisation"),
        ({"valid_from": "2018-01-01"}, "no_such_organisation"),
        ({"role": "enterprise", "organisation": "E-LH"}, "company_code_wrong"),
    ):
        answer = await office.ask("admin", "POST", "/accounts", {**NEW, **change})
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert not await office.pool.fetchval(
        "select exists (select from identity.accounts where username = 'gaoping2')"
    )


async def test_no_fact_holds_a_user_name_a_name_or_a_password(office: Office) -> None:
    named = {**NEW, "username": "zhang.jianguo", "name": "张建国"}
    opened = await office.carry_out("admin", "/accounts", named)
    once = opened["one_time_password"]
    changed = await office.knock("zhang.jianguo", once, new_password=GOOD, again=GOOD)
    assert changed.status_code == 303
    stored = await office.pool.fetchval(
        "select string_agg(convert_from(envelope, 'utf8') || convert_from(payload, 'utf8'), '')"
        " from journal.events"
    )
    assert opened["account"] in stored
    for word in ("jianguo", "张建国", opened["one_time_password"], GOOD):
        assert word not in stored


async def test_every_act_is_a_fact_with_the_administrator_as_its_actor(office: Office) -> None:
    account = await office.account("zezhou")
    for act, body in (
        ("disable", {"reason": "借调外出"}),
        ("enable", {}),
        ("reset-password", {}),
        ("sign-out", {}),
        ("assign", {"role": "county_reporter", "organisation": "JC-GP"}),
        ("close", {"reason": "调离"}),
    ):
        await office.carry_out("admin", f"/accounts/{account}/{act}", body)
    admin = str(await office.account("admin"))
    acts = (await office.facts(f"account-{account}"))[1:]
    assert [fact["kind"].split(".")[2] for _, fact in acts] == [
        "disabled", "enabled", "password_reset", "signed_out", "assigned", "closed",
    ]  # fmt: skip
    assert {(e["actoraccount"], e["actorrole"]) for e, _ in acts} == {(admin, "admin")}


async def test_a_post_of_tomorrow_does_not_count_today(office: Office) -> None:
    account = await office.account("zezhou")
    post = {"role": "county_reporter", "organisation": "JC-GP", "valid_from": "2019-04-23"}
    await office.carry_out("admin", f"/accounts/{account}/assign", post)
    assert (await office.actor("zezhou")).org == "JC-ZZ"


async def test_an_administrator_does_not_lock_himself_out(office: Office) -> None:
    own = await office.account("admin")
    answer = await office.ask("admin", "POST", f"/accounts/{own}/disable", {"reason": "试试"})
    assert (answer.status_code, answer.json()["code"]) == (409, "own_account")


async def test_a_reason_names_no_telephone_number(office: Office) -> None:
    account = await office.account("zezhou")
    path = f"/accounts/{account}/disable"
    answer = await office.ask("admin", "POST", path, {"reason": "请打 13800138000"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=zezhou", {"zezhou"}),
        ("q=泽州", {"zezhou"}),
        ("role=admin", {"admin"}),
        ("organisation=JC-GP", {"gaoping"}),
        ("state=DISABLED", {"qinshui"}),
        ("q=nobody", set()),
    ],
)
async def test_accounts_are_found_by_name_role_unit_and_state(
    office: Office, query: str, found: set[str]
) -> None:
    path = f"/accounts/{await office.account('qinshui')}/disable"
    await office.carry_out("admin", path, {"reason": "借调外出"})
    answer = (await office.ask("admin", "GET", f"/accounts?{query}")).json()
    assert {row["username"] for row in answer["accounts"]} == found
    assert answer["count"] == len(found)


async def test_an_account_shows_its_posts_its_history_and_who_came_in_from_where(
    office: Office,
) -> None:
    await office.sign_in("zezhou", "wrong")
    await office.sign_in("zezhou", EXAMPLE_PASSWORD)
    account = await office.account("zezhou")
    await office.carry_out("admin", f"/accounts/{account}/sign-out")
    shown = (await office.ask("admin", "GET", f"/accounts/{account}")).json()
    assert shown["posts"][0]["organisation_name"] == "泽州县人民政府"
    assert [act["kind"] for act in shown["history"]] == [
        "identity.account.signed_out.v1",
        "identity.account.opened.v1",
    ]
    assert [one["result"] for one in shown["sign_ins"]] == ["SIGNED_IN", "WRONG"]
    assert {one["address"] for one in shown["sign_ins"]} == {"127.0.0.1"}
    assert shown["sessions"] == 0


async def test_a_colleague_stands_in_and_comes_back(office: Office) -> None:
    absent, other = await office.account("shichushen"), await office.account("shichushen2")
    days = {"valid_from": "2019-04-22", "valid_to": "2019-04-30"}
    body = {"substitute": "shichushen2", **days}
    await office.carry_out("admin", f"/accounts/{absent}/substitutes", body)
    (shown,) = (await office.ask("admin", "GET", "/substitutes")).json()["substitutes"]
    assert (shown["account"], shown["substitute_id"]) == (str(absent), str(other))
    assert shown["now"]
    await office.carry_out("admin", f"/accounts/{absent}/substitutes/{other}/end")
    (shown,) = (await office.ask("admin", "GET", "/substitutes")).json()["substitutes"]
    assert shown["valid_to"] == "2019-04-22"


async def test_who_fills_in_does_not_stand_in_for_who_approves(office: Office) -> None:
    absent = await office.account("shichushen")
    body = {"substitute": "fagai", "valid_from": "2019-04-22", "valid_to": "2019-04-30"}
    answer = await office.ask("admin", "POST", f"/accounts/{absent}/substitutes", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "substitute_on_both_sides")
