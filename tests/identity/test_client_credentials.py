"""Another system comes in with its secret, for its scopes and for less than a minute at a time."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID, uuid4

import httpx
import pytest

from services.identity.locking import TRIES
from services.identity.machines import Machines, Shown
from services.identity.oauth import TokenRefused
from shared.issuer import DISCOVERY
from tests.identity.conftest import Office

OPENING = {
    "name": "泽州县政务服务平台",
    "role": "county_reporter",
    "organisation": "JC-ZZ",
    "scopes": ["report", "read"],
    "purpose": "推送企业投资项目",
    "basis": "泽政办函〔2019〕21号",
    "valid_to": "2019-12-31",
}
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2019, 4, 22)


@dataclass
class System:
    """Another system of the city: its id and its secret."""

    office: Office
    id: str
    secret: str

    async def ask(self, **other: str) -> httpx.Response:
        """Ask for a token."""
        form = {"grant_type": "client_credentials", "audience": "intake", **other}
        return await self.office.http.post(
            "/token", data=form, auth=(self.id, quote_plus(self.secret))
        )

    async def error(self, **other: str) -> tuple[int, str]:
        """Ask for a token that is not given; say why not."""
        answer = await self.ask(**other)
        assert answer.headers["cache-control"] == "no-store"
        return answer.status_code, answer.json()["error"]

    async def act(self, act: str, **body: Any) -> dict[str, Any]:
        """Have the administrator do something about it."""
        return await self.office.carry_out("admin", f"/machines/{self.id}/{act}", body)

    async def shown(self) -> dict[str, Any]:
        """Give what the administrator sees of it."""
        answer = await self.office.ask("admin", "GET", f"/machines/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def open_system(office: Office, **other: Any) -> System:
    """Have the administrator open a machine account."""
    told = await office.carry_out("admin", "/machines", {**OPENING, **other})
    return System(office, told["client_id"], told["client_secret"])


@pytest.fixture
async def system(office: Office) -> System:
    """A machine account of 泽州县."""
    return await open_system(office)


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def test_a_secret_gives_a_token_for_a_minute_and_nothing_to_renew_it_with(
    system: System,
) -> None:
    answer = (await system.ask()).json()
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope"}
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 50)
    assert answer["scope"] == "read report"
    claims = claims_of(answer["access_token"])
    assert claims["exp"] - claims["iat"] == 50
    assert {key: claims[key] for key in ("sub", "client_id", "aud", "scope")} == {
        "sub": system.id,
        "client_id": system.id,
        "aud": "intake",
        "scope": "read report",
    }
    actor = await system.office.verifier("intake").verify(answer["access_token"])
    assert (actor.account, actor.name) == (system.id, "泽州县政务服务平台")
    assert (actor.role, actor.org, actor.org_name) == ("county_reporter", "JC-ZZ", "泽州县人民政府")
    assert actor.scopes == frozenset({"read", "report"})


async def test_a_system_without_the_header_shows_itself_in_the_form(system: System) -> None:
    form = {
        "grant_type": "client_credentials",
        "audience": "approval_tracking",
        "client_id": system.id,
        "client_secret": system.secret,
    }
    assert (await system.office.http.post("/token", data=form)).status_code == 200
    twice = await system.ask(client_secret=system.secret)
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    said = (await system.office.http.get(DISCOVERY)).json()
    assert "client_credentials" in said["grant_types_supported"]
    assert "client_secret_post" in said["token_endpoint_auth_methods_supported"]


async def test_a_token_holds_no_more_scopes_than_it_was_asked_for(system: System) -> None:
    answer = (await system.ask(scope="read")).json()
    assert answer["scope"] == "read"
    actor = await system.office.verifier("intake").verify(answer["access_token"])
    assert actor.scopes == frozenset({"read"})


async def test_nobody_gets_a_scope_that_was_not_given(system: System) -> None:
    assert await system.error(scope="read final_review") == (400, "invalid_scope")
    await system.act("scopes", scopes=["read"])
    assert await system.error(scope="report") == (400, "invalid_scope")
    assert (await system.ask()).json()["scope"] == "read"
    assert {one["result"] for one in (await system.shown())["sign_ins"]} == {
        "NO_SCOPE",
        "SIGNED_IN",
    }


async def test_no_machine_account_speaks_to_identity_or_to_the_console(system: System) -> None:
    for audience in ("identity", "console", "nowhere"):
        assert await system.error(audience=audience) == (400, "invalid_target")


async def test_a_wrong_secret_and_an_unknown_client_are_answered_alike(system: System) -> None:
    wrong = await System(system.office, system.id, "wrong").ask()
    unknown = await System(system.office, str(uuid4()), "wrong").ask()
    odd = await System(system.office, "\x00é' or 1=1", "wrong").ask()
    for answer in (wrong, unknown, odd):
        assert (answer.status_code, answer.json()) == (401, wrong.json())
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert wrong.json()["error"] == "invalid_client"


async def test_guesses_from_an_address_are_locked_and_the_system_elsewhere_goes_on(
    system: System,
) -> None:
    wrong = System(system.office, system.id, "wrong")
    statuses = [(await wrong.error())[0] for _ in range(TRIES + 1)]
    assert statuses == [401] * (TRIES - 1) + [429, 429]
    assert await system.error() == (429, "invalid_client")
    elsewhere = Shown(system.id, system.secret, frozenset(), "10.0.0.7", NOW, TODAY)
    assert (await Machines(system.office.pool).come_in(elsewhere)).scopes == {"read", "report"}


async def test_every_attempt_is_noted_with_its_address(system: System) -> None:
    await System(system.office, system.id, "wrong").ask()
    await system.ask()
    found = (await system.shown())["sign_ins"]
    assert [one["result"] for one in found] == ["SIGNED_IN", "WRONG"]
    assert {one["address"] for one in found} == {"127.0.0.1"}
    await System(system.office, str(uuid4()), "wrong").ask()
    trail = (await system.office.ask("admin", "GET", "/trail?what=sign-ins")).json()
    by_machine = {row["account"] for row in trail["rows"]} & {system.id, ""}
    assert by_machine == {system.id, ""}
    assert trail["people"][system.id] == {"username": "", "name": "泽州县政务服务平台"}


async def test_the_last_use_is_written_down_once_a_minute(system: System) -> None:
    machines = Machines(system.office.pool)
    for seconds, address in ((0, "10.0.0.1"), (59, "10.0.0.2"), (60, "10.0.0.3")):
        now = NOW + timedelta(seconds=seconds)
        shown = Shown(system.id, system.secret, frozenset(), address, now, TODAY)
        await machines.come_in(shown)
        expected = "10.0.0.3" if seconds == 60 else "10.0.0.1"
        assert (await system.shown())["last_used_from"] == expected
    assert (await system.shown())["last_used_at"] == "2026-03-02T09:01:00+08:00"


async def test_the_last_secret_holds_through_the_overlap_and_no_longer(system: System) -> None:
    told = await system.act("rotate", overlap_hours=24)
    new = System(system.office, system.id, told["client_secret"])
    assert (await system.ask()).status_code == 200
    assert (await new.ask()).status_code == 200
    until = datetime.fromisoformat(told["old_secret_until"])
    machines = Machines(system.office.pool)
    for seconds, holds in ((-1, True), (0, False)):
        shown = Shown(
            system.id,
            system.secret,
            frozenset(),
            "10.0.0.1",
            until + timedelta(seconds=seconds),
            TODAY,
        )
        if holds:
            await machines.come_in(shown)
        else:
            with pytest.raises(TokenRefused, match="wrong secret"):
                await machines.come_in(shown)


async def test_no_more_than_two_secrets_hold(system: System) -> None:
    second = System(system.office, system.id, (await system.act("rotate"))["client_secret"])
    third = System(system.office, system.id, (await system.act("rotate"))["client_secret"])
    assert [(await one.ask()).status_code for one in (system, second, third)] == [401, 200, 200]


async def test_a_leaked_secret_ends_at_once(system: System) -> None:
    second = System(system.office, system.id, (await system.act("rotate"))["client_secret"])
    assert (await system.shown())["old_secret_until"] is not None
    await system.act("revoke")
    assert (await system.shown())["old_secret_until"] is None
    assert await system.error() == (401, "invalid_client")
    assert (await second.ask()).status_code == 200
    told = await system.act("rotate", overlap_hours=0)
    assert await second.error() == (401, "invalid_client")
    assert (await System(system.office, system.id, told["client_secret"]).ask()).status_code == 200


async def test_a_disabled_machine_account_gets_no_token_until_it_is_enabled(
    system: System,
) -> None:
    await system.act("disable", reason="停机改造")
    assert await system.error() == (400, "unauthorized_client")
    assert (await system.shown())["sign_ins"][0]["result"] == "NO_POST"
    await system.act("enable")
    assert (await system.ask()).status_code == 200


async def test_a_closed_machine_account_has_no_secret_any_more(system: System) -> None:
    await system.act("close", reason="系统下线")
    assert await system.error() == (401, "invalid_client")
    left = "select count(*) from identity.machine_secrets where machine = $1"
    assert await system.office.pool.fetchval(left, UUID(system.id)) == 0


async def test_outside_of_its_days_it_gets_no_token(office: Office) -> None:
    later = await open_system(office, valid_from="2019-04-23", scopes=["read"])
    assert await later.error() == (400, "unauthorized_client")
    assert (await later.shown())["state"] == "OUT_OF_TERM"


async def test_nobody_takes_over_the_machine_accounts_of_a_unit_that_ended(office: Office) -> None:
    system = await open_system(office, role="stats_officer", organisation="D-STA", scopes=["read"])
    assert (await system.ask()).status_code == 200
    merged = {"into": ["D-DRC"], "accounts_to": "D-DRC", "valid_to": "2019-04-21"}
    ended = await office.ask("admin", "POST", "/organisations/D-STA/end", merged)
    assert ended.status_code == 200, ended.text
    assert await system.error() == (400, "unauthorized_client")
    assert (await system.shown())["state"] == "OUT_OF_TERM"


async def test_an_address_that_asks_too_often_is_told_when_to_come_again(office: Office) -> None:
    asked = System(office, str(uuid4()), "wrong")
    answers = [await asked.ask(audience="nowhere") for _ in range(61)]
    assert {one.status_code for one in answers[:60]} == {400}
    assert (answers[60].status_code, answers[60].json()["code"]) == (429, "too_many_requests")
    assert int(answers[60].headers["retry-after"]) >= 1
