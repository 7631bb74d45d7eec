"""Sessions of browsers: a secret that the signed-in hold, of which only the hash is kept here."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """Whose session it is, and since when."""

    session_hash: bytes
    account: UUID
    began_at: datetime


def limits_at(now: datetime) -> tuple[datetime, datetime]:
    """Give the instants after which a session must have been used, and must have begun."""
    return now - IDLE, now - LONGEST


class Sessions:
    """The open sessions. All their times are real time, never business time."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Bind to identity's database."""
        self._pool = pool

    async def begin(self, account: UUID, now: datetime) -> tuple[str, Session]:
        """Open a session and give its secret, which nobody can read here again."""
        secret = secrets.token_urlsafe(32)
        session = Session(hash_of(secret), account, now)
        await self._pool.execute(
            "insert into identity.sessions values ($1, $2, $3, $3)",
            session.session_hash,
            account,
            now,
        )
        await self._pool.execute(
            "delete from identity.sessions where began_at <= $1", now - LONGEST
        )
        return secret, session

    async def find(self, secret: str, now: datetime) -> Session | None:
        """Give the session of a secret and keep it from falling idle, if it still counts."""
        row = await self._pool.fetchrow(
            "update identity.sessions set used_at = greatest(used_at, $2)"
            " where session_hash = $1 and used_at > $3 and began_at > $4"
            " returning session_hash, account, began_at",
            hash_of(secret),
            now,
            *limits_at(now),
        )
        return Session(**row) if row else None

    async def end(self, secret: str) -> None:
        """Close a session with all that was issued in it; one that is not open is left alone."""
        await self._pool.execute(
            "delete from identity.sessions where session_hash = $1", hash_of(secret)
        )


def hash_of(secret: str) -> bytes:
    """Give what is kept of a secret."""
    # 256 random bits need no salt and no slow hash.
    return hashlib.sha256(secret.encode()).digest()
