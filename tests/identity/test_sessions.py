"""How long a session lasts, what it gives and how it ends."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.refusals import SessionEnded
from services.identity.sessions import IDLE, LONGEST, Sessions
from shared.refusals import NotSignedIn
from shared.tokens import Verifier
from tests.identity.conftest import Office

INSTANT = timedelta(microseconds=1)


async def test_a_session_gives_tokens_for_other_audiences_and_no_second_session(
    office: Office,
) -> None:
    began = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()
    answer = (await office.go_on(began["session"], audience="console")).json()
    assert "session" not in answer
    assert answer["actor"] == began["actor"]
    console = Verifier("http://identity/jwks", "console", http=office.http)
    assert (await console.verify(answer["access_token"])).org == "JC-ZZ"
    with pytest.raises(NotSignedIn):
        await console.verify(began["access_token"])


async def test_a_session_falls_idle_after_eight_hours(office: Office) -> None:
    sessions, now = Sessions(office.pool), datetime.now(UTC)
    secret, _ = await sessions.begin(await zezhou(office), now)
    await sessions.use(secret, now + IDLE - INSTANT)
    with pytest.raises(SessionEnded):
        await sessions.use(secret, now + IDLE - INSTANT + IDLE)


async def test_a_session_that_is_used_ends_after_twelve_hours_all_the_same(
    office: Office,
) -> None:
    sessions, now = Sessions(office.pool), datetime.now(UTC)
    secret, session = await sessions.begin(await zezhou(office), now)
    assert session.ends_at == now + IDLE
    later = await sessions.use(secret, now + timedelta(hours=6))
    assert later.ends_at == now + LONGEST
    await sessions.use(secret, now + LONGEST - INSTANT)
    with pytest.raises(SessionEnded):
        await sessions.use(secret, now + LONGEST)


async def test_ended_sessions_are_removed_when_somebody_signs_in(office: Office) -> None:
    sessions, now = Sessions(office.pool), datetime.now(UTC)
    await sessions.begin(await zezhou(office), now - LONGEST)
    await sessions.begin(await zezhou(office), now)
    assert await office.pool.fetchval("select count(*) from identity.sessions") == 1


async def test_signing_out_ends_the_session_and_only_that_one(office: Office) -> None:
    one = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()["session"]
    other = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()["session"]
    assert (await office.http.post("/sign-out", json={"session": one})).status_code == 204
    ended = await office.go_on(one)
    assert (ended.status_code, ended.json()["code"]) == (401, "session_ended")
    assert (await office.go_on(other)).status_code == 200


async def test_signing_out_twice_or_with_a_foreign_secret_is_answered_alike(
    office: Office,
) -> None:
    reply = await office.http.post("/sign-out", json={"session": "never-was"})
    assert (reply.status_code, reply.text) == (204, "")


async def test_a_guessed_session_is_refused(office: Office) -> None:
    reply = await office.go_on("guessed")
    assert (reply.status_code, reply.json()["code"]) == (401, "session_ended")
    assert reply.json()["detail"] == "登录已结束，请重新登录。"


async def test_whoever_changed_posts_gets_the_new_post_in_the_next_token(office: Office) -> None:
    session = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()["session"]
    post = {"role": "city_reviewer", "organisation": "D-DRC"}
    await office.carry_out("admin", f"/accounts/{await zezhou(office)}/assign", post)
    actor = (await office.go_on(session)).json()["actor"]
    assert (actor["role"], actor["org"]) == ("city_reviewer", "D-DRC")


async def test_a_disabled_account_gets_no_further_token(office: Office) -> None:
    session = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()["session"]
    path = f"/accounts/{await zezhou(office)}/disable"
    await office.carry_out("admin", path, {"reason": "借调外出"})
    reply = await office.go_on(session)
    assert (reply.status_code, reply.json()["code"]) == (401, "session_ended")


async def zezhou(office: Office) -> UUID:
    return await office.account("zezhou")
