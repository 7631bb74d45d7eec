"""Clerks who report projects all day and ask again whenever no answer comes."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.embedded.launcher import Stack
from tests.faults.callers import Caller, GaveUp

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
_TWICE = 0.05


@dataclass
class Clerk:
    """One account at intake's door."""

    stack: Stack
    http: httpx.AsyncClient
    username: str
    password: str
    seed: int
    acknowledged: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the way."""
        identity, door = self.stack.url("identity.web"), self.stack.url("intake.web")
        dice = random.Random(f"{self.seed}-{self.username}")  # noqa: S311
        self._caller = Caller(self.http, identity, [door], self.username, self.password, dice)

    @property
    def asked_again(self) -> int:
        """How often no answer came."""
        return self._caller.asked_again

    async def report(self, number: int) -> None:
        """Report one project and insist until it is acknowledged."""
        key = f"{self.username}-{number}"
        random_ = random.Random(f"{self.seed}-{key}")  # noqa: S311
        body = form(f"{self.username} 第 {number} 号工程", random_) | {"not_secret": True}
        asked = 2 if random_.random() < _TWICE else 1
        replies = await asyncio.gather(
            *(self._caller.insist("POST", "/projects?report=true", body, key) for _ in range(asked))
        )
        projects = {reply["project_id"] for reply in replies}
        if len(projects) != 1:
            raise GaveUp(f"one command became {projects}")
        self.acknowledged[key] = projects.pop()


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
