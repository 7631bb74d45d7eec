"""Passwords: made and checked with Argon2id in threads, never on the event loop."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.profiles import RFC_9106_LOW_MEMORY

from shared.refusals import Unavailable

LONGEST = 256
_DEAR = RFC_9106_LOW_MEMORY
_CHEAP = replace(_DEAR, time_cost=1, memory_cost=8 * 1024, parallelism=1)
_THREADS = 2
_MOST_WAITING = 64

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class Checked:
    """Whether the password was right, and its hash in today's parameters if that changed."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Makes and checks password hashes.

    Checking costs the same whether or not there is an account: a name without one is checked
    against a hash that no password opens.
    """

    def __init__(self, *, demonstration: bool) -> None:
        """Choose the cost: example passwords are public, so hashing them need not be dear."""
        self._hasher = PasswordHasher.from_parameters(_CHEAP if demonstration else _DEAR)
        self._nobody = _opened_by_nothing(_CHEAP if demonstration else _DEAR)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Give a new salted hash."""
        return await self._in_thread(lambda: self._hasher.hash(password))

    async def check(self, password: str, password_hash: str | None) -> Checked:
        """Compare a password with an account's hash, or with nobody's where there is none.

        Raises:
            Unavailable: too many are waiting to be checked.
        """
        if self._waiting >= _MOST_WAITING:
            raise Unavailable("现在登录的人较多，请稍后再试。")
        return await self._in_thread(lambda: self._compare(password, password_hash))

    def _compare(self, password: str, password_hash: str | None) -> Checked:
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (Argon2Error, InvalidHashError):
            return Checked(right=False)
        if password_hash is None:
            return Checked(right=False)
        if self._hasher.check_needs_rehash(password_hash):
            return Checked(right=True, new_hash=self._hasher.hash(password))
        return Checked(right=True)

    async def _in_thread(self, work: Callable[[], AnswerT]) -> AnswerT:
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _opened_by_nothing(cost: Parameters) -> str:
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (cost.salt_len, cost.hash_len)
    )
    terms = f"m={cost.memory_cost},t={cost.time_cost},p={cost.parallelism}"
    return f"$argon2id$v={cost.version}${terms}${salt}${digest}"
