"""A substitute's token carries the post of the absent one, and names both."""

from datetime import timedelta

import httpx

from shared.clock import advance
from tests.identity.conftest import Office, Window

DAYS = {"valid_from": "2019-04-22", "valid_to": "2019-04-23"}


async def standing_in(office: Office) -> tuple[Window, str]:
    """Appoint 乙 for 甲; give 乙's window and 甲's account."""
    absent = str(await office.account("shichushen"))
    body = {"substitute": "shichushen2", **DAYS}
    await office.carry_out("admin", f"/accounts/{absent}/substitutes", body)
    return await office.come_in("shichushen2"), absent


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_the_token_of_a_substitute_names_both(office: Office) -> None:
    window, absent = await standing_in(office)
    answer = await window.exchange(act_for=absent)
    assert answer.status_code == 200
    verifier = office.verifier("intake")
    actor = await verifier.verify(answer.json()["access_token"])
    assert (actor.account, actor.on_behalf_of) == (
        str(await office.account("shichushen2")),
        absent,
    )
    assert (actor.role, actor.org) == ("city_reviewer", "D-DRC")
    assert actor.name == "市级初审员（乙），代市级初审员（甲）"
    own = await verifier.verify((await window.exchange()).json()["access_token"])
    assert own.on_behalf_of == ""


async def test_after_the_last_day_nobody_stands_in_any_more(office: Office) -> None:
    window, absent = await standing_in(office)
    advance(office.home, timedelta(days=1))
    assert (await window.exchange(act_for=absent)).status_code == 200
    advance(office.home, timedelta(days=1))
    refused(await window.exchange(act_for=absent))


async def test_whoever_was_not_appointed_acts_for_nobody(office: Office) -> None:
    _, absent = await standing_in(office)
    clerk = await office.come_in("zezhou")
    refused(await clerk.exchange(act_for=absent))
    refused(await clerk.exchange(act_for="everybody"))


async def test_for_a_disabled_account_nobody_stands_in(office: Office) -> None:
    window, absent = await standing_in(office)
    await office.carry_out("admin", f"/accounts/{absent}/disable", {"reason": "停职"})
    refused(await window.exchange(act_for=absent))
