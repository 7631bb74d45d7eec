"""Pages run nothing that is written into them, and are changed from nowhere but themselves."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.console.doors.http import _PAGES, client
from services.console.main import SERVICE
from services.console.pages.frame import Site
from shared.guarding import came_from
from shared.service import web_app
from shared.settings import Settings
from tests.console.city import PORT
from tests.console.conftest import StandCity
from tests.signing_in import onward

TEMPLATES = Path(__file__).parents[2] / "services" / "console" / "templates"
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The console as its process makes it; no page of these tests asks the database."""
    return web_app(SERVICE, Settings(home=tmp_path_factory.mktemp("home"), port=PORT))


@pytest.fixture
async def browser(console: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(console, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://siku.test") as client:
        yield client


def directives(answer: httpx.Response) -> dict[str, list[str]]:
    parts = answer.headers["content-security-policy"].split(";")
    return {name: values for name, *values in (part.split() for part in parts)}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/signed-out", 200),
        ("GET", "/signed-in", 400),
        ("GET", "/static/siku.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/board", 303),
        ("DELETE", "/sign-in", 405),
        ("POST", "/sign-out", 403),
    ],
)
async def test_every_answer_lets_nothing_run_that_is_not_a_file_of_ours(
    browser: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    headers = {} if status == 403 else OWN
    answer = await browser.request(method, path, headers=headers)
    assert answer.status_code == status
    policy = directives(answer)
    nonces = [value for value in policy["script-src"] if value.startswith("'nonce-")]
    assert len(nonces) == 1
    assert set(policy["script-src"]) == {"'self'", *nonces}
    assert policy["style-src"] == ["'self'"]
    assert policy["default-src"] == ["'self'"]
    for closed in ("object-src", "base-uri", "frame-ancestors"):
        assert policy[closed] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    for name, value in {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }.items():
        assert answer.headers[name] == value


async def test_a_body_that_is_too_large_and_an_error_of_ours_are_answered_as_safely(
    browser: httpx.AsyncClient, console: FastAPI
) -> None:
    @console.get("/breaks")
    async def breaks() -> None:
        raise RuntimeError("select name from identity.accounts")

    large = await browser.post("/sign-out", content=b"x" * 2_000_000, headers=OWN)
    broken = await browser.get("/breaks")
    assert (large.status_code, broken.status_code) == (413, 500)
    for answer in (large, broken):
        assert "'unsafe" not in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "系统出错" in broken.text
    assert broken.headers["x-correlation-id"] in broken.text
    assert "select" not in broken.text


async def test_the_nonce_is_another_for_each_answer(browser: httpx.AsyncClient) -> None:
    policies = {
        (await browser.get("/signed-out")).headers["content-security-policy"] for _ in range(5)
    }
    assert len(policies) == 5


INLINE = re.compile(
    r"""<script(?![^>]*\bnonce=)|\son[a-z]+\s*=\s*["']|\sstyle\s*=|<style|javascript:|hx-on|hx-vals='js""",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.glob("*.html")), ids=lambda template: template.name
)
def test_no_template_carries_a_script_a_style_or_a_handler_in_itself(template: Path) -> None:
    assert INLINE.findall(template.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "inline",
    [
        "<script>alert(1)</script>",
        '<a onclick="x()">',
        '<p style="color:red">',
        "<style>p{}</style>",
        '<a href="javascript:x()">',
        '<div hx-on:click="x()">',
    ],
)
def test_what_is_written_into_a_template_would_be_found(inline: str) -> None:
    assert INLINE.findall(inline)


# The routes are all that is asked for; nothing behind them is touched.
SITE = cast("Site", SimpleNamespace(views_door=None, load_examples=None))


def changes() -> list[tuple[str, str]]:
    """Give every route of the console that changes something."""
    return [
        (method, re.sub(r"\{\w+(:\w+)?\}", "1", route.path))
        for page in _PAGES
        for route in page.pages(SITE).routes
        if isinstance(route, APIRoute)
        for method in sorted((route.methods or set()) - {"GET", "HEAD", "OPTIONS"})
    ]


def test_there_are_changes_to_guard() -> None:
    assert len(changes()) > 10


FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://siku.test"},
    {"Origin": "http://elsewhere.test"},
    {"Origin": "null"},
    {"Referer": "http://siku.test/board"},
    {"Authorization": "Bearer x", "Cookie": "siku_session_8000=1"},
)


@pytest.mark.parametrize(("method", "path"), changes())
async def test_no_change_is_made_from_a_page_of_another_host(
    browser: httpx.AsyncClient, method: str, path: str
) -> None:
    for headers in FOREIGN:
        answer = await browser.request(method, path, headers=headers)
        assert answer.status_code == 403, headers
        assert "不是从本系统的页面发出的" in answer.text


@pytest.mark.parametrize("headers", [OWN, {"Origin": "http://siku.test"}], ids=repr)
async def test_a_page_of_our_own_is_let_through(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post("/sign-out", headers=headers)
    assert answer.status_code == 200


async def test_behind_tls_every_cookie_is_secure_whatever_the_console_itself_sees(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    city.cookies._only_tls = True
    async with city.browser() as browser:
        began = await browser.get("/sign-in")
        assert "Secure" in began.headers["set-cookie"]
        asked = dict(parse_qsl(urlsplit(onward(began)).query))
        state, city.identity.claims = asked["state"], {"nonce": asked["nonce"]}
        # What is secure is not brought back without TLS.
        browser.cookies.set(*began.headers["set-cookie"].partition(";")[0].split("=", 1))
        answer = await browser.get("/signed-in", params={"code": "code:zezhou", "state": state})
    said = answer.headers.get_list("set-cookie")[0]
    for part in ("Secure", "HttpOnly", "SameSite=strict"):
        assert part in said


async def test_coming_back_asks_the_issuer_and_is_answered_so_many_times_a_minute_for_an_address(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.limiting.time.monotonic", lambda: 0.0)
    city = await stand_city()
    city.limits.reads_a_minute = 600
    city.limits.especially = SERVICE.limits
    async with city.browser() as browser:
        codes = [(await browser.get("/signed-in")).status_code for _ in range(61)]
        refused = await browser.get("/signed-in", headers={"X-Forwarded-For": "203.0.113.9"})
    assert codes == [400] * 60 + [429]
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert "办理太频繁" in refused.text


async def test_who_looks_too_often_gets_a_page_that_says_when_to_come_back(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.limiting.time.monotonic", lambda: 0.0)
    city = await stand_city()
    city.limits.reads_a_minute = 2
    async with city.browser("zezhou") as browser:
        codes = [(await browser.get("/projects")).status_code for _ in range(3)]
        refused = await browser.get("/projects")
        elsewhere = await browser.get("/help")
    assert codes == [200, 200, 429]
    assert refused.headers["retry-after"] == "30"
    assert "请在 30 秒后再试" in refused.text
    assert "泽州县报送员" in refused.text
    assert elsewhere.status_code == 200


async def test_all_projects_are_one_route(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.limiting.time.monotonic", lambda: 0.0)
    city = await stand_city()
    city.limits.reads_a_minute = 2
    async with city.browser("zezhou") as browser:
        asked = [await browser.get(f"/projects/{uuid4()}") for _ in range(3)]
    assert [answer.status_code for answer in asked] == [404, 404, 429]


async def test_the_offices_hear_where_the_user_sits_and_not_what_he_says_of_it() -> None:
    came_from.set("203.0.113.9")
    async with client("http://identity") as http:
        (prepare,) = http.event_hooks["request"]
        asked = httpx.Request("GET", "http://identity/own")
        await prepare(asked)
    assert asked.headers["x-forwarded-for"] == "203.0.113.9"
