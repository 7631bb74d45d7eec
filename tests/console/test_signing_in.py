"""Signing in at the issuer: what the browser is given, where it is led, and what opens nothing."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import httpx
import pytest

from services.console.adapters.session_store import LONGEST, SessionStore, hash_of
from shared.cookies import Cookies
from tests.console.city import ISSUER, PORT, City, sit_down, stand
from tests.console.conftest import StandCity
from tests.signing_in import onward

SESSION = Cookies(PORT).session


async def begun(
    city: City, browser: httpx.AsyncClient, address: str = "/projects"
) -> dict[str, str]:
    """Be sent to the issuer; give what is asked of it."""
    answer = await browser.get("/sign-in", params={"next": address})
    asked = dict(parse_qsl(urlsplit(onward(answer)).query))
    city.identity.claims = {"nonce": asked["nonce"]}
    return asked


async def back(
    browser: httpx.AsyncClient, asked: dict[str, str], code: str = "code:zezhou", **other: str
) -> httpx.Response:
    """Come back from the issuer."""
    given = {"code": code, "state": asked["state"], "iss": ISSUER} | other
    return await browser.get("/signed-in", params=given)


async def test_a_sign_in_leads_to_the_issuer_with_a_challenge_and_words_of_its_own(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        asked, again = await begun(city, browser), await begun(city, browser)
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == "http://siku.test/signed-in"
    assert (asked["client_id"], asked["code_challenge_method"]) == ("siku-console", "S256")
    for word in ("state", "nonce", "code_challenge"):
        assert len(asked[word]) == 43
        assert asked[word] != again[word]


async def test_the_session_is_an_opaque_cookie_that_no_script_reads(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await back(browser, await begun(city, browser))
        assert onward(answer) == "/projects"
        cookie = answer.headers.get_list("set-cookie")[0]
        assert cookie.startswith(SESSION)
        for part in ("HttpOnly", "SameSite=strict", "Path=/"):
            assert part in cookie
        assert "Secure" not in cookie
        assert (await browser.get("/projects")).status_code == 200


async def test_what_is_remembered_of_a_sign_in_comes_back_from_the_issuer_and_is_then_forgotten(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        began = await browser.get("/sign-in")
        (cookie,) = began.headers.get_list("set-cookie")
        assert "SameSite=lax" in cookie
        assert "HttpOnly" in cookie
        asked = dict(parse_qsl(urlsplit(onward(began)).query))
        city.identity.claims = {"nonce": asked["nonce"]}
        await back(browser, asked)
        assert set(browser.cookies) == {SESSION}


@pytest.mark.parametrize(
    "other",
    [
        {"state": "guessed"},
        {"state": ""},
        {"iss": "http://elsewhere"},
        {"code": ""},
        {"error": "access_denied"},
        {"code": "code:nobody"},
    ],
)
async def test_who_did_not_begin_the_sign_in_here_does_not_come_in(
    stand_city: StandCity, other: dict[str, str]
) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await back(browser, await begun(city, browser), **other)
        assert answer.status_code == 400
        assert "重新登录" in answer.text
        assert SESSION not in browser.cookies


async def test_an_answer_from_another_browser_is_not_taken(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as one, city.browser() as other:
        assert (await back(other, await begun(city, one))).status_code == 400


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": "console"},
        {"iss": "http://elsewhere"},
        {"exp": 1},
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in_opens_nothing(
    stand_city: StandCity, claims: dict[str, object]
) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        asked = await begun(city, browser)
        city.identity.claims |= claims
        assert (await back(browser, asked)).status_code == 400
        assert SESSION not in browser.cookies


async def test_two_windows_sign_in_beside_each_other(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        one, other = await begun(city, browser, "/help"), await begun(city, browser)
        city.identity.claims = {"nonce": one["nonce"]}
        assert onward(await back(browser, one)) == "/help"
        city.identity.claims = {"nonce": other["nonce"]}
        assert onward(await back(browser, other)) == "/projects"


async def test_over_https_the_cookie_is_secure(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        browser.base_url = "https://siku.test"
        answer = await back(browser, await begun(city, browser))
        assert "Secure" in answer.headers.get_list("set-cookie")[0]


async def test_when_the_issuer_is_silent_the_page_says_so(stand_city: StandCity) -> None:
    city = await stand_city()
    city.identity.silent = True
    async with city.browser() as browser:
        answer = await browser.get("/sign-in")
        assert answer.status_code == 503
        assert "身份服务暂时联系不上" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        *("https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "board"),
        *("/sign-in?next=/sign-in", "/signed-in?code=x"),
    ],
)
async def test_signing_in_leads_nowhere_else(stand_city: StandCity, address: str) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        assert onward(await back(browser, await begun(city, browser, address))) == "/"


async def test_who_knows_us_by_another_name_is_led_to_the_one_that_the_issuer_knows(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        browser.base_url = "http://localhost"
        there = onward(await browser.get("/sign-in?next=/projects"))
        assert there == "http://siku.test/sign-in?next=%2Fprojects&moved=1"
        # Behind a proxy that hides the name, the second time leads on all the same.
        again = await browser.get("/sign-in?next=/projects&moved=1")
        assert onward(again).startswith(f"{ISSUER}/authorize?")


async def test_signing_out_ends_the_session_here_and_leads_to_the_issuers_way_out(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    async with city.browser("zezhou") as browser:
        assert (await browser.get("/board")).status_code == 200
        address = onward(await browser.post("/sign-out"))
        assert address.startswith(f"{ISSUER}/end-session?")
        assert dict(parse_qsl(urlsplit(address).query)) == {
            "id_token_hint": "id:zezhou",
            "post_logout_redirect_uri": "http://siku.test/signed-out",
        }
        browser.cookies.set(SESSION, "session:zezhou", domain="siku.test")
        assert (await browser.get("/board")).status_code == 303


async def test_a_session_is_shared_by_processes_and_renewed_by_one_of_them(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    await sit_down(city.pool, ends_in=timedelta())
    other = stand(city.pool, city.home)
    for process in (city, other):
        process.identity.slow = 0.05
    async with city.browser("zezhou") as here, other.browser("zezhou") as there:
        pages = [one.get("/help") for one in (here, there) for _ in range(4)]
        answers = await asyncio.gather(*pages)
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(city.identity.refreshed + other.identity.refreshed) == ["zezhou"]


async def test_many_pages_at_once_fetch_a_token_once(stand_city: StandCity) -> None:
    city = await stand_city()
    city.identity.slow = 0.05
    async with city.browser("admin") as browser:
        await asyncio.gather(*(browser.get("/accounts") for _ in range(6)))
    assert city.identity.exchanged == ["identity"]
    assert city.identity.refreshed == []


async def test_a_session_that_the_issuer_ended_is_over_when_its_token_is(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    await sit_down(city.pool, ends_in=timedelta())
    city.identity.ended.add("zezhou")
    async with city.browser("zezhou") as browser:
        assert (await browser.get("/board")).status_code == 303
    kept = await city.pool.fetchval(
        "select count(*) from console.sessions where session_hash = $1", hash_of("session:zezhou")
    )
    assert kept == 0


async def test_what_is_kept_of_a_session_opens_nothing(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        await back(browser, await begun(city, browser))
        secret = browser.cookies[SESSION]
    kept = await city.pool.fetchval("select string_agg(s::text, '') from console.sessions s")
    for word in (secret, "console:zezhou", "refresh:zezhou"):
        assert word not in kept


async def test_sessions_end_after_twelve_hours_and_are_then_removed(stand_city: StandCity) -> None:
    city = await stand_city()
    await city.pool.execute("update console.sessions set began_at = now() - $1::interval", LONGEST)
    async with city.browser("zezhou") as browser:
        assert (await browser.get("/board")).status_code == 303
        await back(browser, await begun(city, browser))
    assert await city.pool.fetchval("select count(*) from console.sessions") == 1


async def test_who_stands_in_goes_on_under_another_secret(stand_city: StandCity) -> None:
    city = await stand_city()
    store = SessionStore(lambda: city.pool)
    async with store.held("session:zezhou") as held:
        secret = await held.act_for("absent")
    row = await city.pool.fetchrow(
        "select acting_for from console.sessions where session_hash = $1", hash_of(secret)
    )
    assert isinstance(row, asyncpg.Record)
    assert row["acting_for"] == "absent"
    async with city.browser("zezhou") as browser:
        assert (await browser.get("/board")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "", "Origin": "http://elsewhere.test"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
async def test_a_change_from_another_site_is_refused(
    stand_city: StandCity, headers: dict[str, str]
) -> None:
    city = await stand_city()
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/projects/new", data={"act": "draft"}, headers=headers)
        assert answer.status_code == 403
    assert city.intake.asked == []


async def test_an_old_browser_is_known_by_its_origin(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await browser.post(
            "/sign-out", headers={"Sec-Fetch-Site": "", "Origin": "http://siku.test"}
        )
        assert answer.status_code == 200


async def test_every_answer_carries_the_policy_and_no_page_breaks_it(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    async with city.browser("city") as browser:
        for path in ("/board", "/projects", "/desk", "/help", "/nothing", "/signed-out"):
            answer = await browser.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert " style=" not in answer.text
            assert "<script>" not in answer.text
            assert "onclick=" not in answer.text
            assert "//" not in answer.text.replace("http://www.w3.org", "").replace("://siku", "")
