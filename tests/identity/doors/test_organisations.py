"""Units change over time; accounts follow, and what was reported before stays as it was."""

from datetime import timedelta

from shared.clock import advance
from tests.identity.conftest import Office

BASIS = "晋市编〔2019〕12号"


async def test_the_accounts_of_a_merged_unit_act_for_the_other_from_the_next_day_on(
    office: Office,
) -> None:
    merged = {"into": ["D-DRC"], "valid_to": "2019-04-22", "basis": BASIS}
    await office.carry_out("admin", "/organisations/D-STA/end", merged)
    window = await office.come_in("tongji")
    assert (await office.actor("tongji")).org == "D-STA"
    advance(office.home, timedelta(days=1))
    actor = await office.actor("tongji")
    assert (actor.org, actor.role) == ("D-DRC", "stats_officer")
    token = (await window.exchange("intake")).json()["access_token"]
    assert (await office.verifier("intake").verify(token)).org == "D-DRC"


async def test_a_chain_of_mergers_leads_to_the_unit_that_exists(office: Office) -> None:
    for unit, into in (("D-STA", "D-KEY"), ("D-KEY", "D-DRC")):
        merged = {"into": [into], "valid_to": "2019-04-22", "basis": BASIS}
        if unit == "D-KEY":
            merged["valid_to"] = "2019-04-23"
        await office.carry_out("admin", f"/organisations/{unit}/end", merged)
    advance(office.home, timedelta(days=2))
    assert (await office.actor("tongji")).org == "D-DRC"


async def test_a_unit_with_accounts_is_not_closed_without_saying_where_they_go(
    office: Office,
) -> None:
    closed = {"valid_to": "2019-04-30", "basis": BASIS}
    answer = await office.ask("admin", "POST", "/organisations/D-STA/end", closed)
    assert (answer.status_code, answer.json()["code"]) == (409, "accounts_remain")
    assert answer.json()["accounts"] == 1
    account = await office.account("tongji")
    await office.carry_out("admin", f"/accounts/{account}/close", {"reason": "机构撤销"})
    await office.carry_out("admin", "/organisations/D-STA/end", closed)
    shown = (await office.ask("admin", "GET", "/organisations/D-STA")).json()
    assert (shown["valid_to"], shown["exists"]) == ("2019-04-30", True)


async def test_a_name_is_the_name_of_the_day(office: Office) -> None:
    renamed = {"name": "晋城市统计调查局", "short_name": "市统计调查局"}
    body = {**renamed, "valid_from": "2019-04-23", "basis": BASIS}
    await office.carry_out("admin", "/organisations/D-STA/rename", body)
    before = (await office.ask("admin", "GET", "/organisations?on=2019-04-22")).json()
    after = (await office.ask("admin", "GET", "/organisations?on=2019-04-23")).json()
    named = [
        next(one["name"] for one in list_["organisations"] if one["organisation_id"] == "D-STA")
        for list_ in (before, after)
    ]
    assert named == ["晋城市统计局", "晋城市统计调查局"]
    assert (await office.actor("tongji")).org_name == "晋城市统计局"


async def test_a_new_unit_has_accounts_from_its_first_day_on(office: Office) -> None:
    unit = {
        "organisation_id": "D-VET",
        "name": "晋城市退役军人事务局",
        "short_name": "市退役军人局",
        "organisation_kind": "department",
        "path": "direct",
        "valid_from": "2019-05-01",
        "basis": BASIS,
    }
    await office.carry_out("admin", "/organisations", unit)
    account = {
        "username": "yingji",
        "name": "退役军人局填报员",
        "role": "dept_reporter",
        "organisation": "D-VET",
        "valid_from": "2019-04-30",
    }
    answer = await office.ask("admin", "POST", "/accounts", account)
    assert answer.json()["code"] == "no_such_organisation"
    await office.carry_out("admin", "/accounts", {**account, "valid_from": "2019-05-01"})


async def test_the_history_of_a_unit_names_each_document_and_who_entered_it(
    office: Office,
) -> None:
    merged = {"into": ["D-DRC"], "valid_to": "2019-04-30", "basis": BASIS}
    await office.carry_out("admin", "/organisations/D-STA/end", merged)
    shown = (await office.ask("admin", "GET", "/organisations/D-STA")).json()
    kinds = [act["kind"] for act in shown["history"]]
    assert kinds == ["identity.organisation.merged.v1", "identity.organisation.established.v1"]
    latest = shown["history"][0]
    assert latest["fact"]["basis"] == BASIS
    assert latest["by"] == str(await office.account("admin"))


async def test_an_unknown_unit_is_not_found(office: Office) -> None:
    assert (await office.ask("admin", "GET", "/organisations/D-NIX")).status_code == 404
