"""Accounts at intake's doors, who ask again until they get an answer."""

import asyncio
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE = 180.0


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
