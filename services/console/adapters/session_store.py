"""The console's sessions in its database: what opens them is in the browser's cookie alone."""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict

from shared.postgres import Connection
from shared.refusals import NotSignedIn

LONGEST = timedelta(hours=12)
_HEADER = {"alg": "dir", "enc": "A256GCM"}


class Tokens(BaseModel):
    """What the issuer gave for a session: real time says until when the access token holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str
    ends_at: datetime
    refresh_token: str = ""
    id_token: str = ""


@dataclass(frozen=True)
class Kept:
    """One session as it is kept."""

    account: str
    tokens: Tokens
    acting_for: str
    stale: bool


class SessionStore:
    """The rows of the sessions; each is opened with the secret of its cookie."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's database, which opens after the application is put together."""
        self._pool = pool

    async def put(self, account: str, tokens: Tokens) -> str:
        """Keep a new session and give its secret; those that are over are removed."""
        secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
        await self._pool().execute(
            "insert into console.sessions values ($1, $2, $3, '', false, $4)",
            hash_of(secret),
            account,
            sealed(secret, tokens),
            now,
        )
        await self._pool().execute(
            "delete from console.sessions where began_at <= $1", now - LONGEST
        )
        return secret

    @asynccontextmanager
    async def held(self, secret: str) -> AsyncIterator["Held"]:
        """Hold a session against every other process until the block ends.

        Raises:
            NotSignedIn: there is no such session (any longer).
        """
        async with self._pool().acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "select account, tokens, acting_for, stale from console.sessions"
                " where session_hash = $1 and began_at > $2 for update",
                hash_of(secret),
                datetime.now(UTC) - LONGEST,
            )
            if row is None:
                raise NotSignedIn("登录已结束，请重新登录。")
            kept = Kept(
                row["account"],
                _opened(secret, row["tokens"]),
                row["acting_for"],
                row["stale"],
            )
            yield Held(connection, secret, kept)

    async def end(self, secret: str) -> Tokens | None:
        """Forget a session and give what it held."""
        tokens: str | None = await self._pool().fetchval(
            "delete from console.sessions where session_hash = $1 returning tokens",
            hash_of(secret),
        )
        return _opened(secret, tokens) if tokens else None

    async def make_stale(self, account: str) -> None:
        """Have the tokens of every session of an account fetched anew."""
        await self._pool().execute(
            "update console.sessions set stale = true where account = $1", account
        )

    async def end_all(self, account: str) -> None:
        """Forget every session of an account."""
        await self._pool().execute("delete from console.sessions where account = $1", account)


class Held:
    """A session that no other process uses at this moment."""

    def __init__(self, connection: Connection, secret: str, kept: Kept) -> None:
        """Bind to the transaction that holds it."""
        self._connection = connection
        self._secret = secret
        self.kept = kept

    async def keep(self, tokens: Tokens) -> None:
        """Keep other tokens for it."""
        await self._connection.execute(
            "update console.sessions set tokens = $2, stale = false where session_hash = $1",
            hash_of(self._secret),
            sealed(self._secret, tokens),
        )

    async def act_for(self, absent: str) -> str:
        """Stand in for somebody, and give the new secret under which the session goes on.

        No process that knows the old one can go on with whom it stood in for before.
        """
        secret = secrets.token_urlsafe(32)
        await self._connection.execute(
            "update console.sessions set session_hash = $2, tokens = $3, acting_for = $4"
            " where session_hash = $1",
            hash_of(self._secret),
            hash_of(secret),
            sealed(secret, self.kept.tokens),
            absent,
        )
        return secret

    async def stop_acting(self) -> None:
        """Go on as oneself, because the substitution is over."""
        await self._connection.execute(
            "update console.sessions set acting_for = '' where session_hash = $1",
            hash_of(self._secret),
        )

    async def end(self) -> None:
        """Forget it."""
        await self._connection.execute(
            "delete from console.sessions where session_hash = $1", hash_of(self._secret)
        )


def hash_of(secret: str) -> bytes:
    """Give what is kept of a cookie's secret."""
    # 256 random bits need no salt and no slow hash.
    return hashlib.sha256(secret.encode()).digest()


def _key(secret: str) -> OctKey:
    # Another digest than the one that is kept: the key cannot be had from the table.
    return OctKey.import_key(hmac.digest(secret.encode(), b"siku console session", "sha256"))


def sealed(secret: str, tokens: Tokens) -> str:
    """Encrypt tokens with a key that only the secret gives."""
    return jwe.encrypt_compact(_HEADER, tokens.model_dump_json().encode(), _key(secret))


def _opened(secret: str, sealed: str) -> Tokens:
    try:
        plain = jwe.decrypt_compact(sealed, _key(secret)).plaintext
    except JoseError as error:
        raise NotSignedIn("登录已结束，请重新登录。") from error
    return Tokens.model_validate_json(plain or b"")
