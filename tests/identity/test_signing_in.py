"""Who comes in with which password, and what those who do not are told."""

import asyncio
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from argon2 import Parameters, extract_parameters
from structlog.testing import capture_logs

from contracts import reference
from deploy.stack import SERVICES
from services.identity.accounts import Accounts, Attempt, plain
from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.locking import LOCKED_FOR, TRIES
from services.identity.passwords import Checked, Passwords
from services.identity.refusals import AccountLocked
from shared.clock import DEMONSTRATION_START
from shared.journal import Journal
from shared.tokens import Verifier
from tests.identity.conftest import Office


async def test_every_example_account_comes_in_with_the_example_password(office: Office) -> None:
    shown = (await office.http.get("/accounts/examples")).json()
    assert len(shown["accounts"]) == len(reference.example_accounts())
    for example in shown["accounts"]:
        reply = await office.sign_in(example["username"], shown["password"])
        assert reply.status_code == 200, example
        actor = reply.json()["actor"]
        assert {key: actor[key] for key in ("username", "name", "role", "org", "org_name")} == {
            key: example[key] for key in ("username", "name", "role", "org", "org_name")
        }


@pytest.mark.parametrize("audience", SERVICES)
async def test_every_service_can_be_asked_with_a_token_of_its_own(
    office: Office, audience: str
) -> None:
    reply = await office.sign_in("zezhou", EXAMPLE_PASSWORD, audience=audience)
    assert reply.status_code == 200


async def test_signing_in_gives_a_token_for_one_audience_and_a_session(office: Office) -> None:
    reply = await office.sign_in("zezhou", EXAMPLE_PASSWORD)
    answer = reply.json()
    assert reply.headers["cache-control"] == "no-store"
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 300
    assert answer["session_expires_in"] == 8 * 3600
    assert len(answer["session"]) >= 43
    verifier = Verifier("http://identity/jwks", "intake", http=office.http)
    actor = await verifier.verify(answer["access_token"])
    assert (actor.account, actor.name) == (answer["actor"]["account"], "泽州县报送员")
    assert (actor.role, actor.org, actor.org_name) == ("county_reporter", "JC-ZZ", "泽州县人民政府")


async def test_a_form_is_as_good_as_json(office: Office) -> None:
    asked = {"grant_type": "password", "username": "zezhou", "audience": "console"}
    reply = await office.http.post("/token", data={**asked, "password": EXAMPLE_PASSWORD})
    assert reply.status_code == 200


async def test_case_spaces_and_full_width_letters_of_a_user_name_do_not_matter(
    office: Office,
) -> None:
    assert plain(" ＺｅＺＨＯＵ ") == "zezhou"
    assert (await office.sign_in(" ＺｅＺＨＯＵ ", EXAMPLE_PASSWORD)).status_code == 200


async def test_a_wrong_password_tells_how_many_tries_are_left(office: Office) -> None:
    for left in (4, 3, 2, 1):
        problem = refused(await office.sign_in("zezhou", "wrong"), 401, "wrong_credentials")
        assert problem["tries_left"] == left
        assert problem["detail"] == f"用户名或密码不对，还可以再试{left}次。"


async def test_the_right_password_makes_wrong_ones_forgotten(office: Office) -> None:
    for _ in range(TRIES - 1):
        await office.sign_in("zezhou", "wrong")
    assert (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).status_code == 200
    assert (await office.sign_in("zezhou", "wrong")).json()["tries_left"] == TRIES - 1


async def test_the_fifth_wrong_password_locks_even_the_right_one_out(office: Office) -> None:
    for _ in range(TRIES - 1):
        await office.sign_in("zezhou", "wrong")
    began = datetime.now(UTC)
    locking = refused(await office.sign_in("zezhou", "wrong"), 429, "account_locked")
    until = datetime.fromisoformat(str(locking["until"]))
    assert began + LOCKED_FOR <= until <= datetime.now(UTC) + LOCKED_FOR
    assert locking["detail"] == "连续5次用户名或密码不对，暂停登录，请15分钟后再试。"
    again = refused(await office.sign_in("zezhou", EXAMPLE_PASSWORD), 429, "account_locked")
    assert again["until"] == locking["until"]


async def test_a_lock_closes_one_account_and_no_other(office: Office) -> None:
    for _ in range(TRIES):
        await office.sign_in("zezhou", "wrong")
    assert (await office.sign_in("gaoping", EXAMPLE_PASSWORD)).status_code == 200


async def test_a_lock_leaves_open_sessions_alone(office: Office) -> None:
    session = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()["session"]
    for _ in range(TRIES):
        await office.sign_in("zezhou", "wrong")
    assert (await office.go_on(session)).status_code == 200


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
    replies = await asyncio.gather(*(office.sign_in("zezhou", f"guess-{n}") for n in range(30)))
    assert sum(reply.status_code == 401 for reply in replies) == TRIES - 1
    assert sum(reply.status_code == 429 for reply in replies) == 30 - (TRIES - 1)


async def test_a_burst_of_right_passwords_locks_nobody_out(office: Office) -> None:
    replies = await asyncio.gather(*(office.sign_in("zezhou", EXAMPLE_PASSWORD) for _ in range(20)))
    assert {reply.status_code for reply in replies} == {200}


async def test_a_name_without_an_account_is_answered_like_one_with(office: Office) -> None:
    for _ in range(TRIES + 1):
        known = await office.sign_in("zezhou", "wrong")
        unknown = await office.sign_in("nobody-here", "wrong")
        assert unknown.status_code == known.status_code
        assert without_times(unknown.json()) == without_times(known.json())


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
    refused(await office.sign_in("zezhou", EXAMPLE_PASSWORD), 401, "wrong_credentials")


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
    ("change", "field"),
    [
        ({"grant_type": "client_credentials"}, "grant_type"),
        ({"audience": "elsewhere"}, "audience"),
        ({"audience": ["intake", "console"]}, "audience"),
        ({"role": "admin"}, "role"),
        ({"username": ""}, "username"),
        ({"username": "x" * 65}, "username"),
        ({"username": {"$ne": ""}}, "username"),
        ({"password": ""}, "password"),
        ({"password": "x" * 257}, "password"),
    ],
)
async def test_what_the_form_does_not_know_is_refused_with_the_field_named(
    office: Office, change: Mapping[str, object], field: str
) -> None:
    asked = {"grant_type": "password", "username": "zezhou", "password": EXAMPLE_PASSWORD}
    reply = await office.http.post("/token", json={**asked, "audience": "intake", **change})
    problem = refused(reply, 422, "unreadable_input")
    errors = problem["errors"]
    assert isinstance(errors, list)
    assert [error["field"] for error in errors] == [field]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"grant_type": "password", "x": ' + b'"' + b"x" * 9000 + b'"}', "application/json"),
        (b"grant_type=password&grant_type=session", "application/x-www-form-urlencoded"),
        (b"\xff=\xff", "application/x-www-form-urlencoded"),
        (b"", "text/plain"),
    ],
)
async def test_what_cannot_be_read_is_refused_as_unreadable(
    office: Office, body: bytes, kind: str
) -> None:
    reply = await office.http.post("/token", content=body, headers={"content-type": kind})
    refused(reply, 422, "unreadable_input")


@pytest.mark.parametrize("name", ["ze\x00zhou", "zezhou\n", "\ud800"])
async def test_a_user_name_that_no_keyboard_types_is_refused(office: Office, name: str) -> None:
    asked = {"grant_type": "password", "username": name, "password": EXAMPLE_PASSWORD}
    body = json.dumps({**asked, "audience": "intake"})
    refused(await office.http.post("/token", content=body), 422, "unreadable_input")


async def test_no_password_token_or_session_is_in_a_log_line_or_a_refusal(office: Office) -> None:
    secret = "Geheim-4711-密"
    with capture_logs() as lines:
        wrong = await office.sign_in("zezhou", secret)
        swapped = await office.sign_in(secret, "zezhou")
        unreadable = await office.sign_in("zezhou", secret, more=secret)
        too_long = await office.sign_in("zezhou", secret * 40)
        right = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()
        await office.go_on(right["session"])
    written = json.dumps(lines, ensure_ascii=False, default=str)
    for word in (secret, EXAMPLE_PASSWORD, right["session"], right["access_token"]):
        assert word not in written
    for reply in (wrong, swapped, unreadable, too_long):
        assert reply.status_code >= 400
        assert secret not in reply.text


async def test_no_password_or_session_is_readable_in_the_database(office: Office) -> None:
    session = (await office.sign_in("zezhou", EXAMPLE_PASSWORD)).json()["session"]
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


def refused(reply: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = reply.json()
    assert (problem["code"], problem["status"]) == (code, status)
    return problem


def without_times(problem: Mapping[str, object]) -> dict[str, object]:
    return {k: v for k, v in problem.items() if k not in {"until", "seconds_left"}}
