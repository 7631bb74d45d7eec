"""Who comes in with which password, and what those who do not are told."""

import asyncio
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest
from argon2 import Parameters, extract_parameters
from structlog.testing import capture_logs

from contracts import reference
from deploy.stack import SERVICES
from services.identity.accounts import Accounts, Attempt, plain
from services.identity.beginning import EXAMPLE_PASSWORD, FIRST_ADMIN
from services.identity.locking import LOCKED_FOR, TRIES
from services.identity.passwords import Checked, Passwords
from services.identity.refusals import AccountLocked
from shared.clock import DEMONSTRATION_START, SHANGHAI
from shared.issuer import DISCOVERY
from shared.journal import Journal
from tests.identity.conftest import VERIFIER, Office, OpenOffice, asked_by

FORM = "application/x-www-form-urlencoded"


async def test_every_example_account_comes_in_with_the_example_password(office: Office) -> None:
    shown = (await office.http.get("/accounts/examples")).json()
    assert len(shown["accounts"]) == len(reference.example_accounts())
    for example in shown["accounts"]:
        actor = await office.actor(example["username"], shown["password"])
        assert {key: getattr(actor, key) for key in ("name", "role", "org", "org_name")} == {
            key: example[key] for key in ("name", "role", "org", "org_name")
        }


@pytest.mark.parametrize("audience", SERVICES)
async def test_every_service_can_be_asked_with_a_token_of_its_own(
    office: Office, audience: str
) -> None:
    reply = await office.sign_in("zezhou", EXAMPLE_PASSWORD, audience)
    assert reply.status_code == 200


async def test_a_password_gives_a_token_for_one_audience_and_no_session(office: Office) -> None:
    reply = await office.sign_in("zezhou", EXAMPLE_PASSWORD)
    answer = reply.json()
    assert reply.headers["cache-control"] == "no-store"
    assert set(answer) == {"access_token", "token_type", "expires_in"}
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 300)
    actor = await office.verifier("intake").verify(answer["access_token"])
    assert (actor.role, actor.org, actor.org_name) == ("county_reporter", "JC-ZZ", "泽州县人民政府")
    assert await office.pool.fetchval("select count(*) from identity.sessions") == 0


async def test_in_a_real_home_no_program_comes_in_with_a_password(open_office: OpenOffice) -> None:
    async with open_office(real=True) as office:
        username, password = (office.home / FIRST_ADMIN).read_text().split()
        reply = await office.sign_in(username, password)
        assert (reply.status_code, reply.json()["error"]) == (400, "unauthorized_client")
        said = (await office.http.get(DISCOVERY)).json()
        assert "password" not in said["grant_types_supported"]
        assert (await office.knock(username, password)).status_code == 303


async def test_case_spaces_and_full_width_letters_of_a_user_name_do_not_matter(
    office: Office,
) -> None:
    assert plain(" ＺｅＺＨＯＵ ") == "zezhou"
    assert (await office.sign_in(" ＺｅＺＨＯＵ ", EXAMPLE_PASSWORD)).status_code == 200


async def test_a_wrong_password_tells_how_many_tries_are_left(office: Office) -> None:
    for left in (4, 3, 2, 1):
        page = await office.knock("zezhou", "wrong")
        assert page.status_code == 401
        assert f"账号或密码不对。再错 {left} 次将锁定 15 分钟。" in page.text
        assert 'value="zezhou"' in page.text


async def test_the_right_password_makes_wrong_ones_forgotten(office: Office) -> None:
    for _ in range(TRIES - 1):
        await office.sign_in("zezhou", "wrong")
    assert (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).status_code == 200
    assert f"再错 {TRIES - 1} 次" in (await office.knock("zezhou", "wrong")).text


async def test_the_fifth_wrong_password_locks_even_the_right_one_out(office: Office) -> None:
    for _ in range(TRIES - 1):
        await office.sign_in("zezhou", "wrong")
    accounts = accounts_of(office, Passwords(demonstration=True))
    began = datetime.now(UTC)
    with pytest.raises(AccountLocked) as locking:
        await accounts.sign_in(attempt("zezhou", "wrong", began))
    until = datetime.fromisoformat(str(locking.value.more["until"]))
    assert until == began + LOCKED_FOR
    assert locking.value.detail == "连续5次用户名或密码不对，暂停登录，请15分钟后再试。"
    page = await office.knock("zezhou", EXAMPLE_PASSWORD)
    assert page.status_code == 429
    assert f"账号已锁定，{until.astimezone(SHANGHAI):%H:%M} 后可再试" in page.text
    reply = await office.sign_in("zezhou", EXAMPLE_PASSWORD)
    assert reply.json() == {"error": "invalid_grant", "error_description": "account_locked"}


async def test_a_lock_closes_one_account_and_no_other(office: Office) -> None:
    for _ in range(TRIES):
        await office.sign_in("zezhou", "wrong")
    assert (await office.sign_in("gaoping", EXAMPLE_PASSWORD)).status_code == 200


async def test_a_lock_leaves_open_sessions_alone(office: Office) -> None:
    window = await office.come_in("zezhou")
    for _ in range(TRIES):
        await office.sign_in("zezhou", "wrong")
    assert (await window.exchange()).status_code == 200
    assert (await window.refresh()).status_code == 200


async def test_the_lock_opens_after_a_quarter_of_an_hour(office: Office) -> None:
    accounts = accounts_of(office, Passwords(demonstration=True))
    for _ in range(TRIES):
        await office.sign_in("zezhou", "wrong")
    now = datetime.now(UTC)
    with pytest.raises(AccountLocked):
        await accounts.sign_in(
            attempt("zezhou", EXAMPLE_PASSWORD, now + LOCKED_FOR - timedelta(seconds=5))
        )
    account = await accounts.sign_in(attempt("zezhou", EXAMPLE_PASSWORD, now + LOCKED_FOR))
    assert account.username == "zezhou"


async def test_a_burst_of_guesses_gets_no_more_tries_than_one_after_another(
    office: Office,
) -> None:
    replies = await asyncio.gather(*(office.knock("zezhou", f"guess-{n}") for n in range(30)))
    assert sum(reply.status_code == 401 for reply in replies) == TRIES - 1
    assert sum(reply.status_code == 429 for reply in replies) == 30 - (TRIES - 1)


async def test_a_burst_of_right_passwords_locks_nobody_out(office: Office) -> None:
    replies = await asyncio.gather(*(office.sign_in("zezhou", EXAMPLE_PASSWORD) for _ in range(20)))
    assert {reply.status_code for reply in replies} == {200}


async def test_a_name_without_an_account_is_answered_like_one_with(office: Office) -> None:
    for _ in range(TRIES + 1):
        known = await office.knock("zezhou", "wrong")
        unknown = await office.knock("nobody-here", "wrong")
        assert unknown.status_code == known.status_code
        assert said(unknown).replace("nobody-here", "zezhou") == said(known)


class Watched(Passwords):
    """Passwords that say what was compared with which cost, and in which thread."""

    def __init__(self) -> None:
        super().__init__(demonstration=False)
        self.costs: list[Parameters] = []
        self.threads: set[str] = set()

    def _compare(self, password: str, password_hash: str | None) -> Checked:
        self.costs.append(extract_parameters(password_hash or self._nobody))
        self.threads.add(threading.current_thread().name)
        return super()._compare(password, password_hash)


async def test_a_name_without_an_account_is_checked_at_the_same_cost(office: Office) -> None:
    passwords = Watched()
    accounts = accounts_of(office, passwords)
    await office.pool.execute(
        "update identity.accounts set password_hash = $1", await passwords.hash(EXAMPLE_PASSWORD)
    )
    for name in ("zezhou", "nobody-here"):
        with pytest.raises(Exception, match="用户名或密码不对"):
            await accounts.sign_in(attempt(name, "wrong", datetime.now(UTC)))
    known, unknown = passwords.costs
    assert known == unknown


async def test_a_disabled_account_is_answered_like_a_wrong_password(office: Office) -> None:
    zezhou = await office.account("zezhou")
    await office.carry_out("admin", f"/accounts/{zezhou}/disable", {"reason": "借调外出"})
    page = await office.knock("zezhou", EXAMPLE_PASSWORD)
    assert (page.status_code, "账号或密码不对" in page.text) == (401, True)


async def test_passwords_are_never_hashed_on_the_event_loop(office: Office) -> None:
    passwords = Watched()
    accounts = accounts_of(office, passwords)
    names = (f"guess-{n}" for n in range(4))
    now = datetime.now(UTC)
    await asyncio.gather(
        *(accounts.sign_in(attempt(name, "wrong", now)) for name in names), return_exceptions=True
    )
    assert len(passwords.costs) == 4
    assert threading.main_thread().name not in passwords.threads


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"audience": "elsewhere"}, "invalid_request"),
        ({"username": ""}, "invalid_request"),
        ({"username": "x" * 65}, "invalid_request"),
        ({"username": "ze\x00zhou"}, "invalid_request"),
        ({"username": "zezhou\n"}, "invalid_request"),
        ({"password": ""}, "invalid_request"),
        ({"password": "x" * 257}, "invalid_request"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_in_the_words_of_the_standard(
    office: Office, change: dict[str, str], error: str
) -> None:
    asked = {"grant_type": "password", "username": "zezhou", "password": EXAMPLE_PASSWORD}
    reply = await office.http.post("/token", data={**asked, "audience": "intake", **change})
    refused(reply, error)
    for value in change.values():
        assert not value or value not in reply.json()["error_description"]


async def test_a_parameter_that_the_standard_does_not_know_is_ignored(office: Office) -> None:
    asked = {"grant_type": "password", "username": "zezhou", "password": EXAMPLE_PASSWORD}
    reply = await office.http.post("/token", data={**asked, "audience": "intake", "role": "admin"})
    assert reply.status_code == 200
    actor = await office.verifier("intake").verify(reply.json()["access_token"])
    assert actor.role == "county_reporter"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"grant_type": "password"}', "application/json"),
        (b"grant_type=password&grant_type=refresh_token", FORM),
        (b"grant_type=password&x=" + b"x" * 9000, FORM),
        (b"&".join(b"a%d=1" % n for n in range(30)), FORM),
        (b"\xff=\xff", FORM),
        (b"", "text/plain"),
    ],
)
async def test_what_cannot_be_read_is_an_invalid_request(
    office: Office, body: bytes, kind: str
) -> None:
    reply = await office.http.post("/token", content=body, headers={"content-type": kind})
    refused(reply, "invalid_request")


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "ze\x00zhou", "张三"])
async def test_a_user_name_that_is_none_opens_nothing_and_breaks_nothing(
    office: Office, name: str
) -> None:
    assert (await office.knock(name, EXAMPLE_PASSWORD)).status_code in {401, 422}


async def test_the_page_is_asked_so_many_times_a_minute_from_one_address(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.limiting.time.monotonic", lambda: 0.0)
    answers = [await office.knock(f"guess-{n}", "x") for n in range(61)]
    assert [answer.status_code for answer in answers] == [401] * 60 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert "请在 1 秒后再试" in answers[-1].text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
async def test_nobody_is_signed_in_from_a_page_of_another_site(
    office: Office, headers: dict[str, str]
) -> None:
    browser = office.browser()
    form = {"asked": urlencode(asked_by()), "username": "zezhou", "password": EXAMPLE_PASSWORD}
    assert (await browser.post("/sign-in", data=form, headers=headers)).status_code == 403
    assert not browser.cookies


async def test_the_page_runs_nothing_inline_and_leads_back_to_clients_only(office: Office) -> None:
    page = await office.browser().get("/authorize", params=asked_by())
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' http://siku.test http://another.test" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    for inline in (" style=", "<script>", "onclick="):
        assert inline not in page.text
    assert 'data-fill="zezhou"' in page.text
    assert "演示环境" in page.text


async def test_the_cookie_of_the_session_is_strict_and_no_script_reads_it(office: Office) -> None:
    answer = await office.knock("zezhou", EXAMPLE_PASSWORD)
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie


async def test_no_password_token_or_session_is_in_a_log_line_or_a_refusal(office: Office) -> None:
    secret = "Geheim-4711-密"
    with capture_logs() as lines:
        wrong = await office.sign_in("zezhou", secret)
        swapped = await office.sign_in(secret, "zezhou")
        too_long = await office.sign_in("zezhou", secret * 40)
        on_page = await office.knock("zezhou", secret)
        window = await office.come_in("zezhou")
        await window.refresh()
        await window.exchange()
        replayed = await office.redeem("zezhou")
    written = json.dumps(lines, ensure_ascii=False, default=str)
    cookie = next(iter(window.browser.cookies.values()))
    for word in (secret, EXAMPLE_PASSWORD, cookie, VERIFIER, *map(str, window.tokens.values())):
        assert len(word) < 9 or word not in written
    for reply in (wrong, swapped, too_long, on_page, replayed):
        assert reply.status_code >= 400
        assert secret not in reply.text


async def test_no_password_or_session_is_readable_in_the_database(office: Office) -> None:
    window = await office.come_in("zezhou")
    session = next(iter(window.browser.cookies.values()))
    await office.sign_in("typed-the-password-here", "x")
    kept = await office.pool.fetchval(
        "select string_agg(table_to_xml(table_name, true, false, '')::text, '')"
        " from (select format('%I.%I', schemaname, tablename)::regclass as table_name"
        " from pg_tables where schemaname = 'identity') as tables"
    )
    assert "zezhou" in kept
    for word in (EXAMPLE_PASSWORD, session, "typed-the-password-here"):
        assert word not in kept
    hashes = await office.pool.fetch("select distinct password_hash from identity.accounts")
    assert len(hashes) == len(reference.example_accounts())
    assert all(row["password_hash"].startswith("$argon2id$") for row in hashes)


def accounts_of(office: Office, passwords: Passwords) -> Accounts:
    journal = Journal(office.pool, "identity")
    return Accounts(office.pool, journal, passwords, demonstration=True)


def attempt(username: str, password: str, now: datetime) -> Attempt:
    return Attempt(username, password, "10.0.0.7", now, DEMONSTRATION_START)


def refused(reply: httpx.Response, error: str) -> None:
    assert (reply.status_code, reply.json()["error"]) == (400, error), reply.text
    assert reply.json()["error_description"].isascii()


def said(page: httpx.Response) -> str:
    """Give a page without what differs between any two."""
    without_nonce = re.sub(r'nonce="[^"]*"', "", page.text)
    return re.sub(r"\d\d:\d\d", "", without_nonce)
