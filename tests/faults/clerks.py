"""Clerks who report projects all day and ask again whenever no answer comes."""

import asyncio
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.embedded.launcher import Stack

ACCOUNTS = (
    "chengqu",
    "zezhou",
    "gaoping",
    "yangcheng",
    "lingchuan",
    "qinshui",
    "kaifaqu",
    "jiaoyu",
)
PATIENCE = 120.0
_TWICE = 0.05


class GaveUp(AssertionError):
    """A command got no answer for too long, or one that says that it went wrong."""


@dataclass
class Clerk:
    """One account at intake's door."""

    stack: Stack
    http: httpx.AsyncClient
    username: str
    password: str
    seed: int
    acknowledged: dict[str, str] = field(default_factory=dict)
    asked_again: int = 0
    _token: str = ""

    async def report(self, number: int) -> None:
        """Report one project and insist until it is acknowledged."""
        key = f"{self.username}-{number}"
        random_ = random.Random(f"{self.seed}-{key}")  # noqa: S311
        body = form(f"{self.username} 第 {number} 号工程", random_)
        asked = 2 if random_.random() < _TWICE else 1
        replies = await asyncio.gather(*(self._insist(key, body) for _ in range(asked)))
        projects = {reply["project_id"] for reply in replies}
        if len(projects) != 1:
            raise GaveUp(f"one command became {projects}")
        self.acknowledged[key] = projects.pop()

    async def _insist(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a command until it is answered; whatever is no answer is asked again."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        said = "nothing"
        for turn in itertools.count():
            if asyncio.get_running_loop().time() > deadline:
                raise GaveUp(f"{key}: {said} for {PATIENCE:g} s")
            if turn:
                self.asked_again += 1
                await asyncio.sleep(min(0.05 * 2**turn, 1.0))
            try:
                if not self._token:
                    await self._sign_in()
                answer = await self.http.post(
                    f"{self.stack.url('intake.web')}/projects?report=true",
                    json=body,
                    headers={"Authorization": f"Bearer {self._token}", "Idempotency-Key": key},
                )
            except httpx.HTTPError as error:
                said = repr(error)
                continue
            if answer.status_code == 201:
                reply: dict[str, Any] = answer.json()
                return reply
            said = f"{answer.status_code} {answer.text}"
            if answer.status_code == 401:
                self._token = ""
            elif answer.status_code < 500:
                raise GaveUp(f"{key}: {said}")
        raise GaveUp(key)

    async def _sign_in(self) -> None:
        answer = await self.http.post(
            f"{self.stack.url('identity.web')}/token",
            json={
                "grant_type": "password",
                "username": self.username,
                "password": self.password,
                "audience": "intake",
            },
        )
        if answer.status_code == 200:
            self._token = answer.json()["access_token"]
        elif answer.status_code < 500:
            raise GaveUp(f"{self.username}: {answer.text}")
        else:
            raise httpx.ReadError(answer.text)


def form(name: str, random_: random.Random) -> dict[str, Any]:
    """A complete form 附件1."""
    amount = random_.randint(100, 900_000)
    return {
        "name": name,
        "content": f"新建厂房 {random_.randint(1, 90)} 万平方米及配套管网。",
        "location": {"region": "140525", "address": "巴公镇工业园东区"},
        "builder": {"name": "泽州县鸿业开发有限公司"},
        "total_investment": f"{amount}.00",
        "funding": [{"source": "SELF_RAISED", "amount": f"{amount}.00"}],
        "planned_start": "2020-03",
        "contact": {"name": "张三", "phone": "0356-2198345"},
        "category": "EMERGING",
        "track": "INDUSTRIAL_CHAIN",
        "lead_side": "MARKET",
        "industry": "34",
        "not_secret": True,
    }


class Gate:
    """Opens phase by phase, so that every fault falls into the middle of work."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._open = 0
        self._changed = asyncio.Event()

    def open(self, number: int) -> None:
        """Let everybody go on up to a number."""
        self._open = number
        self._changed.set()
        self._changed = asyncio.Event()

    async def pass_through(self, number: int) -> None:
        """Wait until a number is open."""
        while number >= self._open:
            await self._changed.wait()


async def work(clerk: Clerk, count: int, gate: Gate, done: Callable[[], None]) -> None:
    """Report one project after another."""
    for number in range(count):
        await gate.pass_through(number)
        await clerk.report(number)
        done()
