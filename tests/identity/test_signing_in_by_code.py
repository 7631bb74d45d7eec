"""A browser is sent here by a client, and goes back with a code that becomes tokens once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.codes import LIFETIME, Asked, Codes, Shown, challenge_of
from services.identity.oauth import TokenRefused
from services.identity.sessions import Sessions
from shared.refusals import NotSignedIn
from tests.identity.conftest import CONSOLE, OTHER, VERIFIER, Office, Window, asked_by, told
from tests.signing_in import type_in


async def test_the_issuer_says_of_itself_what_a_client_needs(office: Office) -> None:
    said = (await office.http.get("/.well-known/openid-configuration")).json()
    assert said["issuer"] == "http://identity"
    assert said["response_types_supported"] == ["code"]
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert "client_secret_basic" in said["token_endpoint_auth_methods_supported"]
    assert (await office.http.get(said["jwks_uri"])).json()["keys"]


async def test_a_browser_goes_back_with_a_code_its_own_state_and_the_issuers_name(
    office: Office,
) -> None:
    browser = office.browser()
    page = await browser.get("/authorize", params=asked_by())
    assert (page.status_code, 'name="password"' in page.text) == (200, True)
    answer = await office.type_in(browser, "zezhou", EXAMPLE_PASSWORD)
    assert answer.headers["location"].startswith("http://siku.test/signed-in?")
    assert set(told(answer)) == {"code", "state", "iss"}
    assert (told(answer)["state"], told(answer)["iss"]) == ("the-state", "http://identity")


async def test_a_code_becomes_an_access_token_a_refresh_token_and_an_id_token(
    office: Office,
) -> None:
    window = await office.come_in("zezhou")
    assert window.tokens["expires_in"] == 300
    actor = await office.verifier("console").verify(window.tokens["access_token"])
    assert (actor.role, actor.org, actor.name) == ("county_reporter", "JC-ZZ", "泽州县报送员")
    claims = await signed(office, window.tokens["id_token"])
    assert (claims["aud"], claims["nonce"], claims["sub"]) == (
        "siku-console",
        "the-nonce",
        actor.account,
    )
    assert claims["preferred_username"] == "zezhou"


async def test_an_id_token_is_no_access_token(office: Office) -> None:
    window = await office.come_in("zezhou")
    for audience in ("siku-console", "console", "intake"):
        with pytest.raises(NotSignedIn):
            await office.verifier(audience).verify(window.tokens["id_token"])


async def test_who_signed_in_once_is_let_in_again_without_typing(office: Office) -> None:
    window = await office.come_in("zezhou")
    again = await window.browser.get("/authorize", params=asked_by())
    answer = await office.redeem(told(again)["code"])
    assert answer.status_code == 200
    stranger = await office.browser().get("/authorize", params=asked_by())
    assert 'name="password"' in stranger.text


async def test_prompt_asks_for_a_password_all_the_same_or_for_none_at_all(office: Office) -> None:
    window = await office.come_in("zezhou")
    asked = await window.browser.get("/authorize", params=asked_by(prompt="login"))
    assert 'name="password"' in asked.text
    silent = await office.browser().get("/authorize", params=asked_by(prompt="none"))
    assert told(silent)["error"] == "login_required"


async def test_a_disabled_account_is_not_let_in_by_its_open_session(office: Office) -> None:
    window = await office.come_in("zezhou")
    path = f"/accounts/{await office.account('zezhou')}/disable"
    await office.carry_out("admin", path, {"reason": "借调外出"})
    page = await window.browser.get("/authorize", params=asked_by())
    assert 'name="password"' in page.text


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "stranger"},
        {"client_id": ""},
        {"redirect_uri": "http://siku.test/signed-in/"},
        {"redirect_uri": "http://siku.test/signed-in?x=1"},
        {"redirect_uri": "http://SIKU.test/signed-in"},
        {"redirect_uri": "http://siku.test.elsewhere/signed-in"},
        {"redirect_uri": "http://another.test/back"},
        {"redirect_uri": ""},
    ],
)
async def test_a_browser_is_never_sent_back_to_an_address_that_is_not_registered(
    office: Office, change: dict[str, str]
) -> None:
    answer = await office.browser().get("/authorize", params=asked_by(**change))
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    typed = {"username": "zezhou", "password": EXAMPLE_PASSWORD}
    form = {"asked": urlencode(asked_by(**change)), **typed}
    answer = await office.browser().post("/sign-in", data=form)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"request_uri": "http://elsewhere"}, "invalid_request"),
    ],
)
async def test_nothing_is_given_but_a_code_with_a_challenge(
    office: Office, change: dict[str, str], error: str
) -> None:
    answer = await office.browser().get("/authorize", params=asked_by(**change))
    assert told(answer)["error"] == error
    assert "code" not in told(answer)


async def test_a_parameter_given_twice_is_refused(office: Office) -> None:
    twice = f"{urlencode(asked_by())}&nonce=another"
    assert told(await office.browser().get(f"/authorize?{twice}"))["error"] == "invalid_request"


async def code_of(office: Office) -> str:
    return told(await office.type_in(office.browser(), "zezhou", EXAMPLE_PASSWORD))["code"]


async def signed(office: Office, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set((await office.http.get("/jwks")).json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


def refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json()["error_description"].isascii()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "w" * 43},
        {"redirect_uri": "http://siku.test/elsewhere"},
        {"code": "guessed"},
    ],
)
async def test_a_code_is_bound_to_its_verifier_and_to_where_it_was_sent(
    office: Office, change: dict[str, str]
) -> None:
    change = dict(change)
    code = change.pop("code", await code_of(office))
    refused(await office.redeem(code, **change), "invalid_grant")


async def test_a_code_of_one_client_is_nothing_to_another(office: Office) -> None:
    code = await code_of(office)
    refused(await office.redeem(code, OTHER), "invalid_grant")
    refused(await office.redeem(code, OTHER, redirect_uri=OTHER.redirect_uris[0]), "invalid_grant")
    assert (await office.redeem(code)).status_code == 200


async def test_a_code_holds_for_a_minute(office: Office) -> None:
    now = datetime.now(UTC)
    _, session = await Sessions(office.pool).begin(await office.account("zezhou"), now)
    asked = Asked("siku-console", "http://siku.test/signed-in", challenge_of(VERIFIER), "n")
    codes = Codes(office.pool)

    async def after(wait: timedelta) -> None:
        code = await codes.issue(session, asked, now)
        shown = Shown(code, asked.client, asked.redirect_uri, VERIFIER)
        await codes.redeem(shown, "10.0.0.7", now + wait)

    await after(LIFETIME - timedelta(microseconds=1))
    with pytest.raises(TokenRefused):
        await after(LIFETIME)


async def test_a_code_that_comes_again_ends_what_was_issued_from_it(office: Office) -> None:
    code = await code_of(office)
    tokens = (await office.redeem(code)).json()
    refused(await office.redeem(code), "invalid_grant")
    window = Window(office, office.browser(), tokens)
    refused(await window.refresh(), "invalid_grant")
    refused(await window.exchange(), "invalid_request")
    assert await noted(office) == ["REPLAYED", "SIGNED_IN"]


async def test_of_many_who_bring_a_code_at_once_none_keeps_a_token(office: Office) -> None:
    code = await code_of(office)
    answers = await asyncio.gather(*(office.redeem(code) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 7]
    (given,) = [answer.json() for answer in answers if answer.is_success]
    refused(await Window(office, office.browser(), given).refresh(), "invalid_grant")


@pytest.mark.parametrize("secret", ["", "wrong", "another secret"])
async def test_a_client_that_cannot_prove_itself_gets_nothing(office: Office, secret: str) -> None:
    code = await code_of(office)
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    form["redirect_uri"] = CONSOLE.redirect_uris[0]
    answer = await office.http.post("/token", data=form, auth=("siku-console", secret))
    refused(answer, "invalid_client", 401)
    assert answer.headers["www-authenticate"].startswith("Basic")
    refused(await office.http.post("/token", data=form), "invalid_client", 401)
    in_the_form = {**form, "client_id": "siku-console", "client_secret": "geheim: 100 %"}
    refused(await office.http.post("/token", data=in_the_form), "invalid_client", 401)


async def test_codes_and_tokens_stand_in_no_table_as_they_are(office: Office) -> None:
    code = await code_of(office)
    tokens = (await office.redeem(code)).json()
    kept = await office.pool.fetchval(
        "select string_agg(table_to_xml(table_name, true, false, '')::text, '')"
        " from (select format('%I.%I', schemaname, tablename)::regclass as table_name"
        " from pg_tables where schemaname = 'identity') as tables"
    )
    for word in (code, tokens["refresh_token"], tokens["access_token"], tokens["id_token"]):
        assert word not in kept


async def noted(office: Office) -> list[str]:
    rows = await office.pool.fetch(
        "select result from identity.sign_ins where account = $1 order by at desc",
        await office.account("zezhou"),
    )
    return [row["result"] for row in rows]


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_client_that_others_wrote_signs_in_and_goes_on(office: Office) -> None:
    """Authlib's client, which knows nothing of us but the standards."""
    secret = CONSOLE.secret.get_secret_value()
    async with AsyncOAuth2Client(
        CONSOLE.client_id,
        quote_plus(secret),
        scope="openid",
        redirect_uri=CONSOLE.redirect_uris[0],
        code_challenge_method="S256",
        token_endpoint="http://identity/token",
        transport=httpx.ASGITransport(office.app),
    ) as client:
        page, _ = client.create_authorization_url(
            "http://identity/authorize", nonce="n", code_verifier=VERIFIER
        )
        answer = await type_in(office.browser(), page, "zezhou", EXAMPLE_PASSWORD)
        token = await client.fetch_token(
            authorization_response=answer.headers["location"], code_verifier=VERIFIER
        )
        assert (await signed(office, token["id_token"]))["nonce"] == "n"
        before = token["refresh_token"]
        after = await client.refresh_token()
        assert after["refresh_token"] != before
        exchanged = await client.fetch_token(
            grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            subject_token=after["access_token"],
            subject_token_type="urn:ietf:params:oauth:token-type:access_token",
            audience="intake",
        )
    assert (await office.verifier("intake").verify(exchanged["access_token"])).org == "JC-ZZ"
