"""A substitute's token carries the post of the absent one, and names both."""

from datetime import timedelta

from services.identity.beginning import EXAMPLE_PASSWORD
from shared.clock import advance
from shared.tokens import Verifier
from tests.identity.conftest import Office

DAYS = {"valid_from": "2019-04-22", "valid_to": "2019-04-23"}


async def standing_in(office: Office) -> tuple[str, str]:
    """Appoint 乙 for 甲; give 乙's session and 甲's account."""
    absent = str(await office.account("shichushen"))
    body = {"substitute": "shichushen2", **DAYS}
    await office.carry_out("admin", f"/accounts/{absent}/substitutes", body)
    signed_in = await office.sign_in("shichushen2", EXAMPLE_PASSWORD)
    return signed_in.json()["session"], absent


async def test_the_token_of_a_substitute_names_both(office: Office) -> None:
    session, absent = await standing_in(office)
    answer = await office.go_on(session, acting_for=absent)
    assert answer.status_code == 200
    verifier = Verifier("http://identity/jwks", "intake", http=office.http)
    actor = await verifier.verify(answer.json()["access_token"])
    assert (actor.account, actor.on_behalf_of) == (
        str(await office.account("shichushen2")),
        absent,
    )
    assert (actor.role, actor.org) == ("city_reviewer", "D-DRC")
    assert actor.name == "市级初审员（乙），代市级初审员（甲）"
    own = await verifier.verify((await office.go_on(session)).json()["access_token"])
    assert own.on_behalf_of == ""


async def test_after_the_last_day_nobody_stands_in_any_more(office: Office) -> None:
    session, absent = await standing_in(office)
    advance(office.home, timedelta(days=1))
    assert (await office.go_on(session, acting_for=absent)).status_code == 200
    advance(office.home, timedelta(days=1))
    answer = await office.go_on(session, acting_for=absent)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_substitute")


async def test_whoever_was_not_appointed_acts_for_nobody(office: Office) -> None:
    _, absent = await standing_in(office)
    clerk = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()["session"]
    answer = await office.go_on(clerk, acting_for=absent)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_substitute")


async def test_for_a_disabled_account_nobody_stands_in(office: Office) -> None:
    session, absent = await standing_in(office)
    await office.carry_out("admin", f"/accounts/{absent}/disable", {"reason": "停职"})
    assert (await office.go_on(session, acting_for=absent)).status_code == 403
