"""The walk of docs/integrating.md: another system reports for a county, from first to last."""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.embedded.launcher import Stack
from services.identity.beginning import EXAMPLE_PASSWORD
from shared.tokens import LEEWAY
from tests.browser.visitor import FORM, Clerk

OPENING = {
    "name": "泽州县政务服务平台",
    "purpose": "推送企业投资项目",
    "basis": "泽政办函〔2019〕21号",
    "role": "county_reporter",
    "organisation": "JC-ZZ",
    "scopes": ["read", "report"],
}


@dataclass
class System:
    """Another system of the city, with whatever secret it holds at the moment."""

    city: Stack
    id: str
    secret: str
    http: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=60)
    )

    async def ask_token(self, **other: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "audience": "intake", **other}
        address = f"{self.city.url('identity.web')}/token"
        return await self.http.post(address, data=form, auth=(self.id, self.secret))

    async def token(self, **other: str) -> str:
        answer = await self.ask_token(**other)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def ask(
        self, method: str, path: str, token: str, body: Any = None, key: str = ""
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(uuid4())}
        address = f"{self.city.url('intake.web')}{path}"
        return await self.http.request(method, address, json=body, headers=headers)


async def administer(city: Stack, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        identity = city.url("identity.web")
        form = {"grant_type": "password", "username": "admin", "password": EXAMPLE_PASSWORD}
        signed_in = await http.post(f"{identity}/token", data={**form, "audience": "identity"})
        token = signed_in.json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        answer = await http.post(f"{identity}{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        document: dict[str, Any] = answer.json()
        return document


@pytest.fixture
async def system(city: Stack) -> System:
    """A machine account of 泽州县, just opened."""
    told = await administer(city, "/machines", OPENING)
    return System(city, told["client_id"], told["client_secret"])


async def test_another_system_reports_reads_and_is_kept_within_its_bounds(
    city: Stack, system: System
) -> None:
    token = await system.token()
    project = {**FORM, "name": f"平台推送的项目 {uuid4().hex[:6]}"}

    # It reports, and a request that was cut off is sent again without harm.
    key = str(uuid4())
    reported = await system.ask("POST", "/projects?report=true", token, project, key)
    assert reported.status_code == 201, reported.text
    again = await system.ask("POST", "/projects?report=true", token, project, key)
    assert again.json() == reported.json()
    path = f"/projects/{reported.json()['project_id']}"

    # It reads what its unit reads, and polls the stage without reading it all again.
    shown = await system.ask("GET", path, token)
    assert (shown.status_code, shown.json()["stage"]) == (200, "SUBMITTED")
    headers = {"Authorization": f"Bearer {token}", "If-None-Match": shown.headers["etag"]}
    same = await system.http.get(f"{city.url('intake.web')}{path}", headers=headers)
    assert same.status_code == 304
    foreign: dict[str, object] = {"name": f"阳城的草稿 {uuid4().hex[:6]}", "not_secret": True}
    other = await Clerk(city, "yangcheng").ask("POST", "/projects?report=false", foreign)
    assert (await system.ask("GET", f"/projects/{other['project_id']}", token)).status_code == 404

    # It reviews nothing: neither its role nor its scopes let it.
    verdict = {"verdict": "PASS", "on_revision": 1, "opinion": "同意。"}
    refused = await system.ask("POST", f"{path}/first-review", token, verdict)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")

    # A token for less does less.
    reading = await system.token(scope="read")
    refused = await system.ask("POST", "/projects?report=false", reading, {"name": "读取的不报送"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    reporting = await system.token(scope="report")
    assert (await system.ask("GET", path, reporting)).status_code == 403


async def test_another_system_is_out_when_its_secret_or_its_account_ends(
    city: Stack, system: System
) -> None:
    # Both secrets hold through a rotation; the last one ends when it is revoked.
    told = await administer(city, f"/machines/{system.id}/rotate", {"overlap_hours": 24})
    following = System(city, system.id, told["client_secret"])
    assert (await system.ask_token()).status_code == 200
    token = await following.token()
    await administer(city, f"/machines/{system.id}/revoke", {})
    refused = await system.ask_token()
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")

    # Once disabled it gets no other token. The one that it has is not asked about again, so it
    # is short: with the leeway of who checks it, it ends within the minute.
    await administer(city, f"/machines/{system.id}/disable", {"reason": "停机改造"})
    disabled_at = time.time()
    refused = await following.ask_token()
    assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")
    claims = token.split(".")[1]
    ends = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
    assert ends + LEEWAY <= disabled_at + 60
