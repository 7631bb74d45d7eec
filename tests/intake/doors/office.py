"""A clerk's hands at intake's door: who asks, with which form, under which key."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
import orjson
from fastapi import FastAPI

from contracts.reference import example_accounts
from contracts.reference.organisations import organisation
from shared.clock import DEMONSTRATION_START
from shared.refusals import NotSignedIn
from shared.tokens import Actor

_numbers = itertools.count(1)


def fresh(word: str = "项目") -> str:
    """A name or key that no other test uses."""
    return f"{word}{next(_numbers)}号"


def key() -> str:
    """An Idempotency-Key of its own."""
    return f"key-{next(_numbers)}"


class KnownTokens:
    """Takes the user name of an example account for a token, or ``role:unit`` for any other.

    A machine account of the same post has its scopes behind a plus: ``zezhou+read+report``.
    """

    async def verify(self, token: str) -> Actor:
        """Give the actor of an example account."""
        token, *scopes = token.split("+")
        actor = self._known(token)
        return replace(actor, scopes=frozenset(scopes)) if scopes else actor

    def _known(self, token: str) -> Actor:
        for account in example_accounts():
            if account.username == token:
                unit = organisation(account.organisation, DEMONSTRATION_START.date())
                assert unit is not None
                return Actor(f"account-{token}", account.name, account.role, unit.id, unit.name)
        role, _, org = token.partition(":")
        if org:
            return Actor(f"account-{org}", "填报员", role, org, f"新设的{org}")
        raise NotSignedIn("登录已失效，请重新登录。")


def form(**changes: Any) -> dict[str, Any]:
    """A complete form 附件1 as the door takes it, in 万元."""
    return {
        "name": fresh(),
        "content": "新建标准厂房 12 万平方米及配套管网。",
        "location": {"region": "140525", "address": "巴公镇工业园东区"},
        "builder": {"name": "泽州县鸿业开发有限公司", "uscc": "91140500MA0T00011Y"},
        "total_investment": "120000.00",
        "funding": [
            {"source": "SELF_RAISED", "amount": "40000.00"},
            {"source": "LOAN", "amount": "80000.00"},
        ],
        "planned_start": "2020-03",
        "contact": {"name": "张建国", "phone": "0356-2198345"},
        "category": "EMERGING",
        "track": "INDUSTRIAL_CHAIN",
        "lead_side": "MARKET",
        "industry": "34",
        "not_secret": True,
        **changes,
    }


@dataclass(frozen=True)
class Office:
    """The door and what lies behind it."""

    app: FastAPI
    http: httpx.AsyncClient
    pool: asyncpg.Pool

    async def ask(
        self, who: str | None, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """Ask with the token of an example account; header names with underscores for hyphens."""
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            spelled["Authorization"] = f"Bearer {who}"
        if isinstance(body, bytes):
            return await self.http.request(
                method, path, content=body, headers={"Content-Type": "application/json", **spelled}
            )
        return await self.http.request(method, path, json=body, headers=spelled)

    async def begin(
        self, who: str = "zezhou", *, report: bool = False, **changes: Any
    ) -> dict[str, Any]:
        """Begin a dossier, and report it if asked; give the reply."""
        path = "/projects?report=true" if report else "/projects"
        body = form(**changes)
        answer = await self.ask(who, "POST", path, body, Idempotency_Key=key())
        assert answer.status_code == 201, answer.text
        begun: dict[str, Any] = answer.json()
        return begun

    async def carry_out(self, who: str, project: dict[str, Any], act: str, **body: Any) -> Any:
        """Carry out an act on a project; give the reply."""
        path = f"/projects/{project['project_id']}/{act}"
        answer = await self.ask(who, "POST", path, body, Idempotency_Key=key())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pooled(self, who: str = "zezhou", **changes: Any) -> dict[str, Any]:
        """Bring a project into 谋划库."""
        project = await self.begin(who, report=True, **changes)
        judged = {"verdict": "PASS", "on_revision": 1}
        await self.carry_out("shichushen", project, "first-review", **judged)
        reply: dict[str, Any] = await self.carry_out(
            "shengshenhe", project, "final-review", **judged
        )
        return reply

    async def facts(self, project_id: str) -> list[tuple[dict[str, str], dict[str, Any]]]:
        """Give the project's facts as stored, each with its envelope."""
        rows = await self.pool.fetch(
            "select envelope, payload from journal.events where stream = $1 order by version",
            f"project-{project_id}",
        )
        return [(orjson.loads(row["envelope"]), orjson.loads(row["payload"])) for row in rows]

    async def named(self, name: str) -> int:
        """Count the projects that were begun under a name."""
        found: int = await self.pool.fetchval(
            "select count(*) from journal.events where kind = 'intake.project.drafted.v1'"
            " and convert_from(payload, 'utf8')::json -> 'facts' ->> 'name' = $1",
            name,
        )
        return found


def problems(answer: httpx.Response) -> list[tuple[str, str]]:
    """Give (field, rule) of each thing that a refusal complains of."""
    assert answer.headers["content-type"] == "application/problem+json"
    return [(one["field"], one["rule"]) for one in answer.json().get("errors", ())]
