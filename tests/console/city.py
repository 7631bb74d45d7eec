"""The console standing on sample rows, with stand-ins for identity and intake."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import parse_qsl

import asyncpg
import httpx
from fastapi import FastAPI
from joserfc import jwt

from examples.loading import Loaded, Progress, Watch
from services.console.adapters.export_log import ExportLog
from services.console.adapters.intake import Intake
from services.console.adapters.office import OfficeDoor
from services.console.adapters.provider import Provider
from services.console.adapters.session_store import SessionStore, Tokens, hash_of, sealed
from services.console.adapters.views_door import ViewsDoor
from services.console.doors.http import awaited, hang
from services.console.pages.frame import Site
from services.console.pages.reading import Reading
from services.console.pages.session import Sessions, Verify
from services.console.wiring import VIEWS
from shared.clock import Clock
from shared.cookies import Cookies
from shared.issuer import Issuer
from shared.limiting import Limits
from shared.protecting import Protected
from shared.refusals import NotSignedIn
from shared.service import Runtime, views_door
from shared.tokens import Actor, Verifier
from shared.viewing import door, wait_for

PORT = 8000
NOON = datetime(2019, 4, 22, 4, 0, tzinfo=UTC)
ACTORS = {
    "zezhou": Actor("account-zezhou", "泽州县报送员", "county_reporter", "JC-ZZ", "泽州县人民政府"),
    "chengqu": Actor(
        "account-chengqu", "城区报送员", "county_reporter", "JC-CQ", "晋城市城区人民政府"
    ),
    "jiaoyu": Actor("account-jiaoyu", "市教育局填报员", "dept_reporter", "D-EDU", "晋城市教育局"),
    "city": Actor("account-city", "市级初审员", "city_reviewer", "D-DRC", "晋城市发展和改革委员会"),
    "province": Actor(
        "account-province", "省级审核员", "prov_reviewer", "SX-DRC", "山西省发展和改革委员会"
    ),
    "lead": Actor("account-lead", "领导组办公室", "lead_office", "D-LGO", "市领导组办公室"),
    "agent": Actor("account-agent", "窗口代办员", "agent", "D-ASP", "市行政审批服务管理局"),
    "nrp": Actor(
        "account-nrp", "规划和自然资源局审批员", "approver", "D-NRP", "晋城市规划和自然资源局"
    ),
    "admin": Actor("account-admin", "系统管理员", "admin", "D-BDA", "晋城市大数据应用局"),
}
ISSUER = "http://identity"
HOME = "http://siku.test"


class StandInVerifier:
    """Reads tokens that name their user."""

    async def verify(self, token: str) -> Actor:
        """Give the actor whose name follows the colon."""
        try:
            return ACTORS[token.rpartition(":")[2]]
        except KeyError:
            raise NotSignedIn("登录已失效。") from None

    async def decoded(self, token: str) -> jwt.Token:
        """Give the claims of an ID token, which are written into it."""
        claims = json.loads(bytes.fromhex(token))
        return jwt.Token({"alg": "ES256"}, claims)


@dataclass
class StandInIdentity:
    """Knows the actors by name: what it gives for the code, or for any token, of one of them."""

    silent: bool = False
    exchanged: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    claims: dict[str, object] = field(default_factory=dict)
    slow: float = 0.0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if self.silent:
            raise httpx.ConnectError("down")
        if request.url.path == "/.well-known/openid-configuration":
            named = ("authorize", "token", "jwks", "end-session")
            keys = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
            doors = {key: f"{ISSUER}/{name}" for key, name in zip(keys, named, strict=True)}
            return httpx.Response(200, json={"issuer": ISSUER, **doors})
        await asyncio.sleep(self.slow)
        asked = dict(parse_qsl(request.content.decode()))
        shown = asked.get("code") or asked.get("refresh_token") or asked["subject_token"]
        user = shown.rpartition(":")[2]
        if user in self.ended or user not in ACTORS:
            return httpx.Response(400, json={"error": "invalid_grant"})
        given: dict[str, object] = {"access_token": f"console:{user}", "expires_in": 300}
        match asked["grant_type"]:
            case "authorization_code":
                claims = self._signed_in(user) | self.claims
                given |= {
                    "id_token": json.dumps(claims).encode().hex(),
                    "refresh_token": f"refresh:{user}",
                }
            case "refresh_token":
                self.refreshed.append(user)
                given |= {"refresh_token": f"{shown.count(':')}:{shown}"}
            case _:
                self.exchanged.append(asked["audience"])
                given |= {"access_token": f"{asked['audience']}:{user}", "expires_in": 60}
        return httpx.Response(200, json=given)

    def _signed_in(self, user: str) -> dict[str, object]:
        now = int(time.time())
        return {
            "iss": ISSUER,
            "aud": "siku-console",
            "sub": ACTORS[user].account,
            "iat": now,
            "exp": now + 300,
        }


@dataclass
class StandInOffice:
    """Gives the answers that a test laid out and remembers what it was asked."""

    silent: bool = False
    answers: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.asked.append(request)
        if self.silent:
            raise httpx.ConnectError("down")
        answer = self.answers.get((request.method, request.url.path))
        if answer is not None:
            return answer
        return self.otherwise(request)

    def otherwise(self, _: httpx.Request) -> httpx.Response:
        """Answer what no test laid out."""
        return httpx.Response(404, json={"code": "not_found", "status": 404, "title": "没有找到"})

    def bodies(self, method: str, path: str) -> list[dict[str, object]]:
        """Give the bodies that were sent to a path."""
        return [
            json.loads(request.content)
            for request in self.asked
            if request.method == method and request.url.path == path
        ]


class StandInIntake(StandInOffice):
    """Finds nothing wrong and masks every contact, unless a test says otherwise."""

    def otherwise(self, request: httpx.Request) -> httpx.Response:
        """Answer what no test laid out."""
        if request.url.path == "/check":
            return httpx.Response(200, json={"errors": [], "hints": []})
        if request.url.path.endswith("/duplicates"):
            return httpx.Response(200, json={"suspects": []})
        if request.url.path.endswith("/contact"):
            return httpx.Response(200, json={"name": "秦示例", "phone": "138****0000"})
        return super().otherwise(request)


@dataclass
class StandInExamples:
    """Loads the example city one step at a time, when a test lets it."""

    steps: list[Progress] = field(default_factory=list)
    result: Loaded | Exception = field(default_factory=Loaded)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0

    async def __call__(self, watch: Watch) -> Loaded:
        """Tell the steps, wait, and end as laid out."""
        self.begun += 1
        for step in self.steps:
            watch(step)
        await self.go_on.wait()
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@dataclass
class City:
    """One console with everything around it."""

    app: FastAPI
    pool: asyncpg.Pool
    home: Path
    identity: StandInIdentity
    intake: StandInIntake
    approvals: StandInOffice
    desk: StandInOffice
    services: dict[str, httpx.AsyncClient]
    examples: StandInExamples
    limits: Limits
    cookies: Cookies

    def browser(self, user: str = "") -> httpx.AsyncClient:
        """Give a browser, signed in as a user if one is named."""
        browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=HOME,
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        if user:
            browser.cookies.set(Cookies(PORT).session, f"session:{user}", domain="siku.test")
        return browser


async def sit_down(pool: asyncpg.Pool, *, ends_in: timedelta = timedelta(minutes=5)) -> None:
    """Sign everybody in, with the cookie that ``City.browser`` shows."""
    for user, actor in ACTORS.items():
        secret = f"session:{user}"
        tokens = Tokens(
            access_token=f"console:{user}",
            ends_at=datetime.now(UTC) + ends_in,
            refresh_token=f"refresh:{user}",
            id_token=f"id:{user}",
        )
        await pool.execute(
            "insert into console.sessions values ($1, $2, $3, '', false, now())"
            " on conflict (session_hash) do update set tokens = excluded.tokens",
            hash_of(secret),
            actor.account,
            sealed(secret, tokens),
        )


def stand(
    pool: asyncpg.Pool,
    home: Path,
    now: datetime = NOON,
    *,
    demonstration: bool = True,
    real_identity: httpx.AsyncClient | None = None,
) -> City:
    """Put a console together; in place of the stand-in there may be an identity that runs."""
    offset = now - datetime.now(UTC)
    setting = {"offset_seconds": int(offset / timedelta(seconds=1)), "demonstration": demonstration}
    (home / "clock").write_text(json.dumps(setting))
    identity, intake, examples = StandInIdentity(), StandInIntake(), StandInExamples()
    approvals, desk = StandInOffice(), StandInOffice()
    asking = real_identity or httpx.AsyncClient(transport=httpx.MockTransport(identity))
    issuer = Issuer(ISSUER, http=asking)

    async def arrived(after: str) -> bool:
        return all([await wait_for(pool, view, after, patience=0.05) for view in awaited(after)])

    app = FastAPI()
    tokens: Verify = Verifier(issuer, "console") if real_identity else StandInVerifier()
    secret = "geheim: 100 %"
    provider = Provider(issuer, tokens, "siku-console", secret, "openid", HOME)
    at_work = cast("Runtime", SimpleNamespace(pool=pool, tokens=tokens, limits=Limits()))
    app.mount(door.PREFIX, views_door(VIEWS, at_work))
    services = {
        "console": httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console")
    }
    site = Site(
        reading=Reading(lambda: pool),
        arrived=arrived,
        provider=provider,
        intake=Intake(
            httpx.AsyncClient(transport=httpx.MockTransport(intake), base_url="http://intake")
        ),
        identity_desk=OfficeDoor(
            real_identity
            or httpx.AsyncClient(transport=httpx.MockTransport(desk), base_url="http://identity"),
            "身份",
        ),
        approvals=OfficeDoor(
            httpx.AsyncClient(
                transport=httpx.MockTransport(approvals), base_url="http://approvals"
            ),
            "审批",
        ),
        views_door=ViewsDoor(services),
        sessions=Sessions(provider, tokens, SessionStore(lambda: pool)),
        exports=ExportLog(lambda: pool),
        clock=Clock(home),
        cookies=Cookies(PORT),
        load_examples=examples,
        limits=Limits(),
    )
    hang(app, site)
    app.add_middleware(Protected, only_tls=False)
    return City(
        app,
        pool,
        home,
        identity,
        intake,
        approvals,
        desk,
        services,
        examples,
        site.limits,
        site.cookies,
    )
