"""Somebody looks at the console all the while: a page is shown, or an outage is said to be one."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.signing_in import onward, type_in

PAGES = ("/board", "/projects", "/desk")
_SHOWN, _AWAY, _TO_SIGN_IN = 200, 503, 303


@dataclass
class Visitor:
    """One window of somebody who may see everything."""

    console: str
    username: str
    password: str
    dice: random.Random
    answers: Counter[int] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    async def look_around(self, over: asyncio.Event) -> None:
        """Look at one page after another until it is over; sign in whenever that is asked for."""
        # The guard lets a change through only from a page of the same origin.
        headers = {"Origin": self.console, "Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(
            base_url=self.console, headers=headers, trust_env=False, timeout=20
        ) as http:
            while not over.is_set():
                try:
                    await self._look(http, self.dice.choice(PAGES))
                except httpx.HTTPError:
                    self.answers[0] += 1
                await asyncio.sleep(self.dice.uniform(0.2, 1.0))

    async def _look(self, http: httpx.AsyncClient, page: str) -> None:
        answer = await http.get(page)
        if answer.status_code == _TO_SIGN_IN:
            page = "/sign-in"
            answer = await self._sign_in(http)
        self.answers[answer.status_code] += 1
        if answer.status_code not in {_SHOWN, _AWAY}:
            self.violations.append(f"{page} was answered with {answer.status_code}")

    async def _sign_in(self, http: httpx.AsyncClient) -> httpx.Response:
        """Go to the issuer and back; give the page that says so, or the one that says why not."""
        answer = await http.get("/sign-in")
        if answer.status_code == _SHOWN:
            answer = await type_in(http, onward(answer), self.username, self.password)
        if answer.status_code == _TO_SIGN_IN:
            answer = await http.get(answer.headers["location"])
        return answer
