"""The accounts, and who may come in with which password."""

import asyncio
import hashlib
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

from services.identity.locking import LOCKED_FOR, TRIES, Tries
from services.identity.passwords import Passwords
from services.identity.refusals import AccountLocked, WrongCredentials

log = structlog.get_logger()


@dataclass(frozen=True)
class Account:
    """Somebody's post: a role in a unit."""

    account: UUID
    username: str
    name: str
    role: str
    organisation: str


class Accounts:
    """The accounts of one home. Example accounts count only while it is a demonstration."""

    def __init__(self, pool: asyncpg.Pool, passwords: Passwords, *, demonstration: bool) -> None:
        """Bind to identity's database."""
        self._pool = pool
        self._passwords = passwords
        self._demonstration = demonstration
        self._turns: dict[bytes, _Turn] = {}

    async def sign_in(self, username: str, password: str, now: datetime) -> Account:
        """Give the account whose user name and password these are.

        A name without an account is answered, counted, locked and timed like one with.

        Raises:
            WrongCredentials: the name or the password is wrong; tells how many tries are left.
            AccountLocked: too many wrong tries; even the right password must wait.
        """
        username = plain(username)
        tried = hashlib.sha256(username.encode()).digest()
        # Guesses at one name go one by one, or a burst of them would all see the same count. The
        # turn keeps a burst from holding every connection, the row lock holds across processes.
        async with (
            self._turn(tried),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            tries = await _tries_so_far(connection, tried)
            if (until := tries.locked_until(now)) is not None:
                raise _locked(until, now)
            row = await connection.fetchrow(
                "select account, username, name, role, organisation, password_hash"
                " from identity.accounts"
                " where username = $1 and not disabled and (not example or $2)",
                username,
                self._demonstration,
            )
            checked = await self._passwords.check(password, row["password_hash"] if row else None)
            if row is None or not checked.right:
                tries = tries.with_one_more(now)
                await _remember(connection, tried, tries, now)
            else:
                await connection.execute(
                    "delete from identity.tries where username_hash = $1", tried
                )
                if checked.new_hash is not None:
                    await connection.execute(
                        "update identity.accounts set password_hash = $2 where account = $1",
                        row["account"],
                        checked.new_hash,
                    )
        # Refused only after the count is committed: raising inside would roll it back.
        if row is None or not checked.right:
            if (until := tries.locked_until(now)) is not None:
                log.warning("account_locked", account=str(row["account"]) if row else None)
                raise _locked(until, now)
            log.info("sign_in_refused", account=str(row["account"]) if row else None)
            raise WrongCredentials(
                f"用户名或密码不对，还可以再试{tries.left}次。", tries_left=tries.left
            )
        log.info("signed_in", account=str(row["account"]))
        return _account(row)

    async def find(self, account: UUID) -> Account | None:
        """Give an account as it is now, or None when it is closed."""
        row = await self._pool.fetchrow(
            "select account, username, name, role, organisation from identity.accounts"
            " where account = $1 and not disabled and (not example or $2)",
            account,
            self._demonstration,
        )
        return _account(row) if row else None

    @asynccontextmanager
    async def _turn(self, tried: bytes) -> AsyncIterator[None]:
        turn = self._turns.setdefault(tried, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[tried]


class _Turn:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


def plain(username: str) -> str:
    """Give the spelling under which a user name is kept; a full-width keyboard does not matter."""
    return unicodedata.normalize("NFKC", username).strip().lower()


async def _tries_so_far(connection: asyncpg.pool.PoolConnectionProxy, tried: bytes) -> Tries:
    await connection.execute(
        "insert into identity.tries values ($1, 0, null) on conflict do nothing", tried
    )
    row = await connection.fetchrow(
        "select wrong, last_at from identity.tries where username_hash = $1 for update", tried
    )
    return Tries(row["wrong"], row["last_at"]) if row else Tries()


async def _remember(
    connection: asyncpg.pool.PoolConnectionProxy, tried: bytes, tries: Tries, now: datetime
) -> None:
    await connection.execute(
        "update identity.tries set wrong = $2, last_at = $3 where username_hash = $1",
        tried,
        tries.wrong,
        tries.last_at,
    )
    # Names that were only guessed must not pile up.
    await connection.execute(
        "delete from identity.tries where username_hash in (select username_hash"
        " from identity.tries where last_at < $1 limit 20 for update skip locked)",
        now - LOCKED_FOR,
    )


def _locked(until: datetime, now: datetime) -> AccountLocked:
    seconds = max(1, round((until - now).total_seconds()))
    minutes = -(-seconds // 60)
    return AccountLocked(
        f"连续{TRIES}次用户名或密码不对，暂停登录，请{minutes}分钟后再试。",
        until=until.isoformat(),
        seconds_left=seconds,
    )


def _account(row: asyncpg.Record) -> Account:
    return Account(
        account=row["account"],
        username=row["username"],
        name=row["name"],
        role=row["role"],
        organisation=row["organisation"],
    )
