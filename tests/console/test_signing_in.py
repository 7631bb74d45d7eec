"""Signing in: what the browser is given, what it is told, and that it stays on this host."""

import pytest

from services.console.pages.session import Cookies
from tests.console.city import PASSWORD, PORT
from tests.console.conftest import StandCity

SESSION = Cookies(PORT).session


async def test_the_session_is_an_opaque_cookie_that_no_script_reads(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await browser.post(
            "/sign-in", data={"username": "zezhou", "password": PASSWORD, "next": "/projects"}
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/projects"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{SESSION}=session:zezhou") or SESSION in cookie
        for part in ("HttpOnly", "SameSite=strict", "Path=/"):
            assert part in cookie
        assert "Secure" not in cookie
        assert (await browser.get("/projects")).status_code == 200


async def test_over_https_the_cookie_is_secure(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        browser.base_url = "https://siku.test"
        answer = await browser.post("/sign-in", data={"username": "zezhou", "password": PASSWORD})
        assert "Secure" in answer.headers["set-cookie"]


async def test_a_wrong_password_says_how_many_tries_are_left(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await browser.post("/sign-in", data={"username": "zezhou", "password": "wrong"})
        assert answer.status_code == 401
        assert "再错 4 次将锁定 15 分钟" in answer.text
        assert 'value="zezhou"' in answer.text
        assert "wrong" not in answer.text.replace("wrong_", "")
        city.identity.tries_left = 1
        answer = await browser.post("/sign-in", data={"username": "zezhou", "password": "wrong"})
        assert "账号已锁定，10:15 后可再试" in answer.text


async def test_when_identity_is_silent_the_page_says_so(stand_city: StandCity) -> None:
    city = await stand_city()
    city.identity.silent = True
    async with city.browser() as browser:
        answer = await browser.post("/sign-in", data={"username": "zezhou", "password": PASSWORD})
        assert answer.status_code == 503
        assert "身份服务暂时没有回应" in answer.text


@pytest.mark.parametrize(
    "address", ["https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "board"]
)
async def test_signing_in_leads_nowhere_else(stand_city: StandCity, address: str) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await browser.post(
            "/sign-in", data={"username": "zezhou", "password": PASSWORD, "next": address}
        )
        assert answer.headers["location"] == "/"


async def test_signing_out_ends_the_session_at_identity(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser("zezhou") as browser:
        assert (await browser.get("/board")).status_code == 200
        answer = await browser.post("/sign-out")
        assert answer.headers["location"] == "/sign-in"
        assert city.identity.ended == {"session:zezhou"}
        browser.cookies.set(SESSION, "session:zezhou", domain="siku.test")
        assert (await browser.get("/board")).status_code == 303


async def test_a_token_is_fetched_once_and_kept(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser("zezhou") as browser:
        for _ in range(3):
            await browser.get("/board")
    assert city.identity.exchanged == ["console"]


async def test_example_accounts_are_shown_in_a_demonstration_home(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        page = (await browser.get("/sign-in")).text
        assert "演示环境" in page
        assert 'data-fill="zezhou"' in page


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
            "/sign-in",
            data={"username": "zezhou", "password": PASSWORD},
            headers={"Sec-Fetch-Site": "", "Origin": "http://siku.test"},
        )
        assert answer.status_code == 303


async def test_every_answer_carries_the_policy_and_no_page_breaks_it(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    async with city.browser("city") as browser:
        for path in ("/board", "/projects", "/desk", "/help", "/nothing", "/sign-in"):
            answer = await browser.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert " style=" not in answer.text
            assert "<script>" not in answer.text
            assert "onclick=" not in answer.text
            assert "//" not in answer.text.replace("http://www.w3.org", "").replace("://siku", "")
