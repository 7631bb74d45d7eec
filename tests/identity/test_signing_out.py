"""Signing out: a client's word ends the session it began, a stranger's link ends nothing."""

import pytest

from tests.identity.conftest import Office, Window, asked_by

OUT = "http://siku.test/signed-out"


async def is_in(window: Window) -> bool:
    answer = await window.browser.get("/authorize", params=asked_by(prompt="none"))
    return "code=" in answer.headers["location"]


async def test_a_client_ends_the_session_and_gets_the_browser_back(office: Office) -> None:
    window, other = await office.come_in("zezhou"), await office.come_in("zezhou")
    asked = {"id_token_hint": window.tokens["id_token"], "post_logout_redirect_uri": OUT}
    answer = await window.browser.get("/end-session", params={**asked, "state": "s"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OUT}?state=s")
    assert (await window.refresh()).status_code == 400
    assert (await window.exchange()).status_code == 400
    assert not await is_in(window)
    assert (await other.refresh()).status_code == 200
    assert await is_in(other)


async def test_a_session_that_outlived_its_tokens_is_ended_too(office: Office) -> None:
    window = await office.come_in("zezhou")
    await office.pool.execute("delete from identity.families")
    asked = {"id_token_hint": window.tokens["id_token"], "post_logout_redirect_uri": OUT}
    assert (await window.browser.get("/end-session", params=asked)).status_code == 303
    assert not await is_in(window)


@pytest.mark.parametrize("hint", ["", "x.y.z"])
async def test_a_link_of_anybody_ends_nothing_before_it_is_confirmed(
    office: Office, hint: str
) -> None:
    window = await office.come_in("zezhou")
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": OUT}
    page = await window.browser.get("/end-session", params=asked)
    assert (page.status_code, 'action="/end-session"' in page.text) == (200, True)
    assert await is_in(window)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (await window.browser.post("/end-session", headers=elsewhere)).status_code == 403
    assert await is_in(window)
    assert (await window.browser.post("/end-session")).status_code == 200
    assert not await is_in(window)


async def test_with_the_word_for_another_nobody_is_signed_out(office: Office) -> None:
    window, mine = await office.come_in("zezhou"), await office.come_in("gaoping")
    for token in (mine.tokens["id_token"], window.tokens["access_token"]):
        await window.browser.get("/end-session", params={"id_token_hint": token})
    assert (await window.refresh()).status_code == 200


@pytest.mark.parametrize(
    "address", ["http://elsewhere.test/", f"{OUT}/", "", "http://another.test"]
)
async def test_after_signing_out_a_browser_goes_only_where_the_client_said(
    office: Office, address: str
) -> None:
    window = await office.come_in("zezhou")
    asked = {"id_token_hint": window.tokens["id_token"], "post_logout_redirect_uri": address}
    answer = await window.browser.get("/end-session", params=asked)
    assert (answer.status_code, "已退出" in answer.text) == (200, True)
