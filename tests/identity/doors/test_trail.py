"""Whoever does something, or is refused something, leaves a trace that nobody takes away."""

import asyncpg
import pytest

from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.locking import TRIES
from tests.identity.conftest import Databases, Office


async def rows(office: Office, query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await office.ask("admin", "GET", f"/trail?{query}")).json()[
        "rows"
    ]
    return found


async def test_what_somebody_was_refused_is_noted_with_who_what_and_from_where(
    office: Office,
) -> None:
    await office.ask("zezhou", "GET", "/accounts")
    own = await office.account("admin")
    await office.ask("admin", "POST", f"/accounts/{own}/disable", {"reason": "试试"})
    noted = await rows(office, "what=refused")
    assert [(one["status"], one["code"], one["path"]) for one in noted] == [
        (409, "own_account", f"/accounts/{own}/disable"),
        (404, "not_found", "/accounts"),
    ]
    zezhou = str(await office.account("zezhou"))
    assert (noted[1]["account"], noted[1]["role"], noted[1]["org"]) == (
        zezhou,
        "county_reporter",
        "JC-ZZ",
    )
    assert noted[1]["address"] == "127.0.0.1"


async def test_a_lock_that_somebody_signed_in_runs_into_is_noted(office: Office) -> None:
    token = (await office.sign_in("zezhou", EXAMPLE_PASSWORD, "identity")).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    body = {"password": "wrong", "new_password": "Tai-hang-shan-8"}
    for _ in range(TRIES):
        await office.http.post("/own/password", json=body, headers=headers)
    (noted,) = await rows(office, "what=refused")
    assert (noted["status"], noted["code"]) == (429, "account_locked")


async def test_what_could_not_be_read_or_is_asked_by_nobody_is_not_noted(office: Office) -> None:
    await office.http.get("/accounts")
    await office.ask("admin", "POST", "/accounts", {})
    assert await rows(office, "what=refused") == []


@pytest.mark.parametrize("table", ["sign_ins", "refused"])
@pytest.mark.parametrize(
    "statement",
    ["update identity.{} set address = ''", "delete from identity.{}", "truncate identity.{}"],
)
async def test_nobody_takes_a_trace_away_neither_the_service_nor_the_owner(
    office: Office, databases: Databases, table: str, statement: str
) -> None:
    await office.ask("zezhou", "GET", "/accounts")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await office.pool.execute(statement.format(table))
    owner = await databases.owner(office)
    try:
        with pytest.raises(asyncpg.PostgresError, match="never changed") as refused:
            await owner.execute(statement.format(table))
        assert refused.value.sqlstate == "SK900"
    finally:
        await owner.close()


async def test_acts_are_found_by_who_did_them_to_whom_and_on_which_day(office: Office) -> None:
    account = await office.account("zezhou")
    await office.carry_out("admin", f"/accounts/{account}/disable", {"reason": "借调外出"})
    for query in ("q=admin", "q=zezhou", "q=泽州", "q=借调", "day=2019-04-22", ""):
        (act,) = await rows(office, query)
        assert act["kind"] == "identity.account.disabled.v1"
    for query in ("q=gaoping", "day=2019-04-21", "page=2"):
        assert await rows(office, query) == []


async def test_a_word_with_signs_of_a_pattern_finds_itself_only(office: Office) -> None:
    account = await office.account("zezhou")
    await office.carry_out("admin", f"/accounts/{account}/disable", {"reason": "借调外出"})
    for query in ("q=%25", "q=_", "q=%5C"):
        answer = await office.ask("admin", "GET", f"/trail?{query}")
        assert answer.status_code == 200
    assert len(await rows(office, "q=100%25")) == 0


async def test_sign_ins_are_found_by_account_address_and_result(office: Office) -> None:
    await office.sign_in("zezhou", "wrong")
    await office.sign_in("nobody-here", "wrong")
    wrong = await rows(office, "what=sign-ins&q=wrong")
    assert {one["account"] for one in wrong} == {str(await office.account("zezhou")), ""}
    assert len(await rows(office, "what=sign-ins&q=zezhou")) == 1
    everything = await office.pool.fetchval(
        "select string_agg(s::text, '') from identity.sign_ins s"
    )
    assert "nobody-here" not in everything


async def test_attempts_at_a_locked_name_fill_no_table(office: Office) -> None:
    for _ in range(TRIES + 10):
        await office.sign_in("zezhou", "wrong")
    results = [one["result"] for one in await rows(office, "what=sign-ins&q=zezhou")]
    assert results == ["LOCKED", *["WRONG"] * (TRIES - 1)]
