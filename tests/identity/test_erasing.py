"""Of a closed account the user name and the name can go; what was done stays, under its id."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.identity.erasing import NAMELESS
from tests.identity.conftest import Office, OpenOffice
from tests.identity.doors.test_accounts import NEW

WHY = {"reason": "CONSENT_WITHDRAWN", "document_number": "晋市数函〔2019〕8号"}
NAMED = {**NEW, "username": "duanmuwangji", "name": "端木忘机"}


async def opened(office: Office) -> UUID:
    account = await office.carry_out("admin", "/accounts", NAMED)
    return UUID(account["account"])


async def erased(office: Office, account: UUID, **changes: Any) -> Any:
    path = f"/accounts/{account}/erase"
    return await office.ask("admin", "POST", path, {**WHY, **changes})


async def everything_kept(office: Office) -> str:
    """All that identity's database holds, as text, and the list of erasures."""
    tables = await office.pool.fetch(
        "select table_schema || '.' || table_name as name from information_schema.tables"
        " where table_schema in ('identity', 'journal')"
    )
    held = []
    for table in tables:
        rows = await office.pool.fetch(f"select * from {table['name']}")
        held += [
            value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            for row in rows
            for value in row.values()
        ]
    held += [path.read_text() for path in (office.home / "erasures").rglob("*.jsonl")]
    return "\n".join(held)


async def test_a_closed_account_loses_both_names_and_keeps_its_deeds(office: Office) -> None:
    account = await opened(office)
    # What is refused is noted for good, and must not hold the name either.
    again = await office.ask("admin", "POST", "/accounts", NAMED)
    assert again.status_code == 409
    await office.carry_out("admin", f"/accounts/{account}/close", {"reason": "调离"})
    assert "duanmuwangji" in await everything_kept(office)
    answer = await erased(office, account)
    assert answer.status_code == 200, answer.text
    held = await everything_kept(office)
    assert "duanmuwangji" not in held
    assert "端木忘机" not in held
    shown = (await office.ask("admin", "GET", f"/accounts/{account}")).json()
    assert (shown["name"], shown["state"], shown["erased"]) == (NAMELESS, "CLOSED", True)
    kinds = [fact["kind"] for _, fact in await office.facts(f"account-{account}")]
    assert kinds == [
        "identity.account.opened.v1",
        "identity.account.closed.v1",
        "identity.account.erased.v1",
    ]
    _, fact = (await office.facts(f"account-{account}"))[-1]
    assert set(fact) == {"kind", "account_id", "reason"}


async def test_an_account_in_use_an_example_and_a_telling_document_are_refused(
    office: Office,
) -> None:
    account = await opened(office)
    assert (await erased(office, account)).json()["code"] == "account_still_there"
    await office.carry_out("admin", f"/accounts/{account}/close", {"reason": "调离"})
    telling = await erased(office, account, document_number="关于端木忘机")
    assert telling.json()["code"] == "telling_document"
    example = await office.account("gaoping")
    await office.carry_out("admin", f"/accounts/{example}/close", {"reason": "调离"})
    assert (await erased(office, example)).json()["code"] == "example_account"
    assert (await erased(office, uuid4())).status_code == 404
    assert not (office.home / "erasures").exists()


async def test_nobody_comes_in_under_the_empty_name(office: Office) -> None:
    account = await opened(office)
    await office.carry_out("admin", f"/accounts/{account}/close", {"reason": "调离"})
    await erased(office, account)
    for username in (f"#{account}", "duanmuwangji"):
        for password in ("", "x", "#"):
            answer = await office.sign_in(username, password or " ")
            assert answer.status_code in {400, 401}, username
            assert "access_token" not in answer.json(), username


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "not even closed"])
async def test_an_older_database_loses_the_names_again_before_the_first_answer(
    open_office: OpenOffice, closed: bool
) -> None:
    async with open_office() as office:
        account = await opened(office)
        if closed:
            await office.carry_out("admin", f"/accounts/{account}/close", {"reason": "调离"})
        # What the list would hold if the backup were from before the request.
        line = (
            f'{{"erasure_id":"{uuid4()}","at":"2019-04-22T01:00:00Z","account":"x","role":"admin",'
            f'"org":"D-BDA","reason":"UNLAWFUL","document_number":"1",'
            f'"things":[{{"what":"account","id":"{account}"}}]}}\n'
        )
        (office.home / "erasures").mkdir()
        (office.home / "erasures" / "identity.jsonl").write_text(line)
    for _ in range(2):
        async with open_office() as office:
            assert "端木忘机" not in await everything_kept(office)
            kinds = [fact["kind"] for _, fact in await office.facts(f"account-{account}")]
            assert kinds == [
                "identity.account.opened.v1",
                "identity.account.closed.v1",
                "identity.account.erased.v1",
            ], "told once, however often it starts"
