"""How long a session lasts, what it gives and how it ends."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.families import Families
from services.identity.issuing import Issuing
from services.identity.oauth import TokenRefused
from services.identity.sessions import IDLE, LONGEST, Sessions
from services.identity.signing import SigningKeys
from shared.clock import advance
from shared.refusals import NotSignedIn
from tests.identity.conftest import OTHER, Office, asked_by, told

INSTANT = timedelta(microseconds=1)


def refused(answer: httpx.Response, error: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text


async def test_a_session_gives_tokens_of_a_minute_for_one_audience_each(office: Office) -> None:
    window = await office.come_in("zezhou")
    answer = (await window.exchange("intake")).json()
    assert (answer["expires_in"], answer["token_type"]) == (60, "Bearer")
    assert answer["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert "refresh_token" not in answer
    assert (await office.verifier("intake").verify(answer["access_token"])).org == "JC-ZZ"
    for audience in ("console", "identity"):
        with pytest.raises(NotSignedIn):
            await office.verifier(audience).verify(answer["access_token"])


async def test_what_was_exchanged_is_exchanged_no_further(office: Office) -> None:
    window = await office.come_in("zezhou")
    for audience in ("intake", "console"):
        window.tokens["access_token"] = (await window.exchange(audience)).json()["access_token"]
        refused(await window.exchange(), "invalid_request")
        window = await office.come_in("zezhou")


async def test_nothing_but_a_clients_own_access_token_is_exchanged(office: Office) -> None:
    window = await office.come_in("zezhou")
    with_password = (await office.sign_in("zezhou", EXAMPLE_PASSWORD, "console")).json()
    for other in (window.tokens["id_token"], with_password["access_token"], "x.y.z", "é"):
        window.tokens["access_token"] = other
        refused(await window.exchange(), "invalid_request")


async def test_a_subject_token_that_was_not_signed_here_is_exchanged_for_nothing(
    office: Office,
) -> None:
    window = await office.come_in("zezhou")
    head, body, signature = window.tokens["access_token"].split(".")
    (published,) = (await office.http.get("/jwks")).json()["keys"]
    foreign = ECKey.generate_key("P-256", {"kid": published["kid"]}, private=True)
    claims = json.loads(urlsafe_b64decode(body + "=="))
    said = {"alg": "ES256", "kid": published["kid"], "typ": "at+jwt"}
    secret = OctKey.import_key(json.dumps(published))
    forged = (
        f"{urlsafe_b64encode(json.dumps({**said, 'alg': 'none'}).encode()).decode()}.{body}.",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        jwt.encode(said, claims, foreign, algorithms=["ES256"]),
        jwt.encode({**said, "alg": "HS256"}, claims, secret, algorithms=["HS256"]),
        jwt.encode(
            {**said, "jwk": foreign.as_dict(private=False)}, claims, foreign, algorithms=["ES256"]
        ),
    )
    for token in forged:
        window.tokens["access_token"] = token
        refused(await window.exchange(), "invalid_request")


async def test_a_subject_token_ends_with_its_last_second(office: Office) -> None:
    window = await office.come_in("zezhou")
    issuing = Issuing("http://identity", SigningKeys(office.pool))
    token, now = window.tokens["access_token"], datetime.now(UTC)

    async def holds_in(seconds: int) -> bool:
        later = now + timedelta(seconds=seconds)
        return await issuing.subject(token, "siku-console", "console", later) is not None

    assert await holds_in(290)
    assert not await holds_in(300)


async def test_another_client_exchanges_nothing_of_the_consoles(office: Office) -> None:
    window = await office.come_in("zezhou")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": window.tokens["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    refused(await office.token(OTHER, **form, audience="elsewhere"), "invalid_request")
    refused(await office.token(OTHER, **form, audience="intake"), "invalid_target")
    refused(await office.token(**form, audience="elsewhere"), "invalid_target")
    refresh = {"grant_type": "refresh_token", "refresh_token": window.tokens["refresh_token"]}
    refused(await office.token(OTHER, **refresh), "invalid_grant")
    assert (await window.refresh()).status_code == 200


async def test_a_refresh_token_is_followed_by_another(office: Office) -> None:
    window = await office.come_in("zezhou")
    before = window.tokens["refresh_token"]
    for _ in range(3):
        assert (await window.refresh()).status_code == 200
        assert (await window.exchange()).status_code == 200
    assert window.tokens["refresh_token"] != before


async def test_a_refresh_token_that_comes_again_ends_its_whole_family(office: Office) -> None:
    window, other = await office.come_in("zezhou"), await office.come_in("zezhou")
    spent = window.tokens["refresh_token"]
    assert (await window.refresh()).status_code == 200
    latest = window.tokens["refresh_token"]
    for token in (spent, latest, spent):
        window.tokens["refresh_token"] = token
        refused(await window.refresh(), "invalid_grant")
    refused(await window.exchange(), "invalid_request")
    assert (await other.refresh()).status_code == 200
    # Whoever was copied from comes in again without typing; whoever copied has nothing left.
    assert "code" in told(await window.browser.get("/authorize", params=asked_by()))
    noted = await office.pool.fetchval(
        "select count(*) from identity.sign_ins where result = 'REPLAYED'"
    )
    assert noted == 1


async def test_of_many_who_bring_a_refresh_token_at_once_none_keeps_one(office: Office) -> None:
    window = await office.come_in("zezhou")
    form = {"grant_type": "refresh_token", "refresh_token": window.tokens["refresh_token"]}
    answers = await asyncio.gather(*(office.token(**form) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 7]
    (given,) = [answer.json() for answer in answers if answer.is_success]
    window.tokens |= given
    refused(await window.refresh(), "invalid_grant")


async def test_a_session_falls_idle_after_eight_hours(office: Office) -> None:
    sessions, now = Sessions(office.pool), datetime.now(UTC)
    secret, _ = await sessions.begin(await zezhou(office), now)
    assert await sessions.find(secret, now + IDLE - INSTANT)
    assert await sessions.find(secret, now + IDLE - INSTANT + IDLE) is None


async def test_a_session_that_is_used_ends_after_twelve_hours_all_the_same(
    office: Office,
) -> None:
    sessions, now = Sessions(office.pool), datetime.now(UTC)
    secret, _ = await sessions.begin(await zezhou(office), now)
    assert await sessions.find(secret, now + timedelta(hours=6))
    assert await sessions.find(secret, now + LONGEST - INSTANT)
    assert await sessions.find(secret, now + LONGEST) is None


async def test_a_family_ends_with_its_session_and_keeps_it_from_falling_idle(
    office: Office,
) -> None:
    families, now = Families(office.pool), datetime.now(UTC)
    window = await office.come_in("zezhou")
    token = window.tokens["refresh_token"]
    for hours in (7, 11):
        later = now + timedelta(hours=hours)
        token = (await families.rotate(token, "siku-console", "10.0.0.7", later)).token
    with pytest.raises(TokenRefused):
        await families.rotate(token, "siku-console", "10.0.0.7", now + LONGEST + IDLE)


async def test_ended_sessions_are_removed_when_somebody_signs_in(office: Office) -> None:
    sessions, now = Sessions(office.pool), datetime.now(UTC)
    await sessions.begin(await zezhou(office), now - LONGEST)
    await sessions.begin(await zezhou(office), now)
    assert await office.pool.fetchval("select count(*) from identity.sessions") == 1


async def test_a_guessed_refresh_token_is_refused(office: Office) -> None:
    window = await office.come_in("zezhou")
    window.tokens["refresh_token"] = "guessed"
    refused(await window.refresh(), "invalid_grant")


async def test_whoever_changed_posts_gets_the_new_post_in_the_next_token(office: Office) -> None:
    window = await office.come_in("zezhou")
    post = {"role": "city_reviewer", "organisation": "D-DRC"}
    await office.carry_out("admin", f"/accounts/{await zezhou(office)}/assign", post)
    token = (await window.exchange()).json()["access_token"]
    actor = await office.verifier("intake").verify(token)
    assert (actor.role, actor.org) == ("city_reviewer", "D-DRC")


async def test_a_disabled_account_gets_no_further_token(office: Office) -> None:
    window = await office.come_in("zezhou")
    path = f"/accounts/{await zezhou(office)}/disable"
    await office.carry_out("admin", path, {"reason": "借调外出"})
    refused(await window.exchange(), "invalid_request")
    refused(await window.refresh(), "invalid_grant")


async def test_a_post_that_has_ended_gives_no_further_token(office: Office) -> None:
    window = await office.come_in("zezhou")
    last = {"role": "county_reporter", "organisation": "JC-ZZ", "valid_to": "2019-04-22"}
    await office.carry_out("admin", f"/accounts/{await zezhou(office)}/assign", last)
    assert (await window.exchange()).is_success
    advance(office.home, timedelta(days=1))
    refused(await window.exchange(), "invalid_request")
    refused(await window.refresh(), "invalid_grant")


async def zezhou(office: Office) -> UUID:
    return await office.account("zezhou")
