"""Sessions: a secret that the signed-in hold, of which only the hash is kept here."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.identity.refusals import SessionEnded

IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """Whose session it is and when it ends if it is not used again."""

    account: UUID
    ends_at: datetime


class Sessions:
    """The open sessions. All their times are real time, never business time."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Bind to identity's database."""
        self._pool = pool

    async def begin(self, account: UUID, now: datetime) -> tuple[str, Session]:
        """Open a session and give its secret, which nobody can read here again."""
        secret = secrets.token_urlsafe(32)
        await self._pool.execute(
            "insert into identity.sessions values ($1, $2, $3, $3)", _hash(secret), account, now
        )
        await self._pool.execute(
            "delete from identity.sessions where began_at <= $1", now - LONGEST
        )
        return secret, Session(account, now + min(IDLE, LONGEST))

    async def use(self, secret: str, now: datetime) -> Session:
        """Give the session of a secret and keep it from falling idle.

        Raises:
            SessionEnded: there is no such session (any longer).
        """
        row = await self._pool.fetchrow(
            "update identity.sessions set used_at = greatest(used_at, $2)"
            " where session_hash = $1 and used_at > $3 and began_at > $4"
            " returning account, began_at",
            _hash(secret),
            now,
            now - IDLE,
            now - LONGEST,
        )
        if row is None:
            raise SessionEnded("登录已结束，请重新登录。")
        return Session(row["account"], min(now + IDLE, row["began_at"] + LONGEST))

    async def end(self, secret: str) -> None:
        """Close a session; one that is not open is left as it is."""
        await self._pool.execute(
            "delete from identity.sessions where session_hash = $1", _hash(secret)
        )


def _hash(secret: str) -> bytes:
    # 256 random bits need no salt and no slow hash.
    return hashlib.sha256(secret.encode()).digest()
