"""Accounts at intake's doors, who ask again whenever no answer comes."""

import asyncio
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
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
PATIENCE = 180.0
TIRELESS = {"SIKU_READS_A_MINUTE": "0", "SIKU_WRITES_A_MINUTE": "0"}
"""The settings of a stack whose few clerks work faster than any clerk may."""


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class GaveUp(AssertionError):
    """A command got no answer for too long, or one that says that it went wrong."""


@dataclass
class Caller:
    """One account; any of the ``doors`` will do, one after another."""

    http: httpx.AsyncClient
    identity: str
    doors: Sequence[str]
    username: str
    password: str
    dice: random.Random
    attempts: int = 0
    asked_again: int = 0
    _token: str = field(default="", repr=False)

    async def insist(
        self, method: str, path: str, body: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        """Send a command until it is answered; whatever is no answer is asked again.

        Raises:
            GaveUp: no answer came in time, or one that says that the command is wrong.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE
        said = "nothing"
        for turn in itertools.count():
            if asyncio.get_running_loop().time() > deadline:
                break
            if turn:
                self.asked_again += 1
                await asyncio.sleep(min(0.05 * 2**turn, 1.0))
            try:
                answer = await self.send(method, path, body, key)
            except httpx.HTTPError as error:
                said = repr(error)
                continue
            if answer.is_success:
                reply: dict[str, Any] = answer.json()
                return reply
            said = f"{answer.status_code} {answer.text}"
            if answer.status_code == 401:
                self._token = ""
            elif answer.status_code < 500:
                raise GaveUp(f"{key}: {said}")
        raise GaveUp(f"{key}: {said} for {PATIENCE:g} s")

    async def send(
        self, method: str, path: str, body: Mapping[str, Any], key: str
    ) -> httpx.Response:
        """Send a command once."""
        if not self._token:
            await self._sign_in()
        self.attempts += 1
        return await self.http.request(
            method,
            self.dice.choice(self.doors) + path,
            json=body,
            headers={"Authorization": f"Bearer {self._token}", "Idempotency-Key": key},
        )

    async def _sign_in(self) -> None:
        answer = await self.http.post(
            f"{self.identity}/token",
            data={
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


@dataclass
class Clerk:
    """An account that reports one project after another."""

    stack: Stack
    http: httpx.AsyncClient
    username: str
    password: str
    seed: int
    acknowledged: dict[str, str] = field(default_factory=dict)

    async def report(self, number: int) -> None:
        """Report one project and insist until it is acknowledged."""
        key = f"{self.username}-{number}"
        dice = random.Random(f"{self.seed}-{key}")  # noqa: S311
        body = form(f"{self.username} 第 {number} 号工程", dice)
        reply = await self._caller.insist("POST", "/projects?report=true", body, key)
        self.acknowledged[key] = reply["project_id"]

    @cached_property
    def _caller(self) -> Caller:
        identity, door = self.stack.url("identity.web"), self.stack.url("intake.web")
        dice = random.Random(self.seed)  # noqa: S311
        return Caller(self.http, identity, [door], self.username, self.password, dice)


def form(name: str, random_: random.Random) -> dict[str, Any]:
    """A complete form 附件1, called like no other one: what is alike does not pass unjudged."""
    # In letters: eleven digits in a row would be a telephone number.
    unlike = sha256(name.encode()).hexdigest()[:32].translate(_LETTERS)
    amount = random_.randint(100, 900_000)
    return {
        "name": f"{name} {unlike}",
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
