"""The accounts that a home begins with."""

import asyncio
import stat
from contextlib import AsyncExitStack
from uuid import uuid4

from contracts import reference
from contracts.reference import organisations
from services.identity.beginning import EXAMPLE_PASSWORD, FIRST_ADMIN
from services.identity.passwords import Passwords
from tests.identity.conftest import Databases, OpenOffice

ACCOUNTS = "select account, username, password_hash from identity.accounts order by username"


async def test_starting_again_changes_no_account(open_office: OpenOffice) -> None:
    async with open_office() as before:
        first = await before.pool.fetch(ACCOUNTS)
    async with open_office() as after:
        assert await after.pool.fetch(ACCOUNTS) == first


async def test_units_and_accounts_begin_as_facts_of_the_system_from_the_reference_data(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        for row in organisations.known_organisations():
            ((envelope, fact),) = await office.facts(f"organisation-{row.id}")
            assert (fact["name"], fact["valid_from"]) == (row.name, row.valid_from.isoformat())
            assert (envelope["actoraccount"], envelope["partitionkey"]) == (
                "system",
                "organisations",
            )
        for example in reference.example_accounts():
            account = await office.account(example.username)
            ((_, fact),) = await office.facts(f"account-{account}")
            assert (fact["role"], fact["organisation_id"]) == (example.role, example.organisation)


async def test_starting_again_tells_nothing_anew_and_keeps_what_an_administrator_changed(
    open_office: OpenOffice,
) -> None:
    count = "select count(*) from journal.events"
    async with open_office() as before:
        path = f"/accounts/{await before.account('zezhou')}/assign"
        post = {"role": "county_reporter", "organisation": "JC-GP"}
        await before.carry_out("admin", path, post)
        renamed = {"name": "晋城市统计调查局", "short_name": "市统计调查局"}
        await before.carry_out(
            "admin", "/organisations/D-STA/rename", {**renamed, "valid_from": "2019-04-22"}
        )
        told = await before.pool.fetchval(count)
    async with open_office() as after:
        assert await after.pool.fetchval(count) == told
        actor = await after.actor("zezhou")
        assert (actor.org, actor.org_name) == ("JC-GP", "高平市人民政府")
        assert (await after.actor("tongji")).org_name == "晋城市统计调查局"


async def test_two_processes_that_begin_together_tell_everything_once(
    open_office: OpenOffice,
) -> None:
    async with AsyncExitStack() as stack:
        one, other = await asyncio.gather(
            stack.enter_async_context(open_office()), stack.enter_async_context(open_office())
        )
        rows = await one.pool.fetchval("select count(*) from journal.events")
        assert rows == len(organisations.known_organisations()) + len(reference.example_accounts())
        assert (await other.sign_in("zezhou", EXAMPLE_PASSWORD)).status_code == 200


async def test_the_example_accounts_are_shown_in_a_demonstration_home_only(
    open_office: OpenOffice,
) -> None:
    async with open_office(real=True) as office:
        reply = await office.http.get("/accounts/examples")
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
        assert EXAMPLE_PASSWORD not in reply.text


async def test_every_role_and_unit_of_the_shown_accounts_has_its_chinese_name(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        accounts = (await office.http.get("/accounts/examples")).json()["accounts"]
    assert {account["role"] for account in accounts} == {role.code for role in reference.roles()}
    zezhou = next(account for account in accounts if account["username"] == "zezhou")
    assert (zezhou["role_name"], zezhou["org_name"]) == ("县级报送员", "泽州县人民政府")


async def test_a_real_home_begins_with_one_administrator_and_a_password_for_its_owner_alone(
    open_office: OpenOffice,
) -> None:
    async with open_office(real=True) as office:
        assert await office.pool.fetchval("select count(*) from identity.accounts") == 1
        file = office.home / FIRST_ADMIN
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        username, password = file.read_text().split()
        assert len(password) >= 24
        window = await office.come_in(username, password)
        actor = await office.verifier("console").verify(window.tokens["access_token"])
        assert actor.role == "admin"
        assert (await office.knock(username, EXAMPLE_PASSWORD)).status_code == 401


async def test_the_first_password_is_made_once(open_office: OpenOffice) -> None:
    async with open_office(real=True) as before:
        told = (before.home / FIRST_ADMIN).read_text()
        (before.home / FIRST_ADMIN).unlink()
    async with open_office(real=True) as after:
        assert not (after.home / FIRST_ADMIN).exists()
        assert (await after.knock(*told.split())).status_code == 303


async def test_example_accounts_that_got_into_a_real_home_open_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office(real=True) as office:
        await office.pool.execute("update identity.accounts set example = true")
        username, password = (office.home / FIRST_ADMIN).read_text().split()
        assert (await office.knock(username, password)).status_code == 401


async def test_an_account_of_before_posts_were_facts_keeps_its_id_and_its_password(
    open_office: OpenOffice, databases: Databases
) -> None:
    known = uuid4()
    hashed = await Passwords(demonstration=True).hash("a-password-of-before")
    async with open_office() as first:
        owner = await databases.owner(first)
        await owner.execute("delete from identity.accounts where username = 'zezhou'")
        await owner.execute(
            "insert into identity.accounts (account, username, name, password_hash, example,"
            " made_at) values ($1, 'zezhou', '泽州县报送员', $2, true, now())",
            known,
            hashed,
        )
        await owner.close()
    async with open_office() as again:
        actor = await again.actor("zezhou", "a-password-of-before")
        assert (actor.account, actor.org) == (str(known), "JC-ZZ")
        assert len(await again.facts(f"account-{known}")) == 1
