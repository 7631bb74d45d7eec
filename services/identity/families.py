"""Refresh tokens: each is spent once and followed by another; together they are a family.

Whoever brings a spent one has a copy, or is the one who was copied from, and nobody can tell which:
the whole family ends. There is no grace for a second use, because a thief would have it too.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import structlog

from services.identity.oauth import TokenRefused
from services.identity.sessions import hash_of, limits_at
from shared.postgres import Connection

log = structlog.get_logger()


@dataclass(frozen=True)
class Issued:
    """A refresh token, told this once, with whose family it continues."""

    token: str
    family: UUID
    account: UUID


class Families:
    """The families of refresh tokens; each belongs to one client and one session."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Bind to identity's database."""
        self._pool = pool

    async def rotate(self, token: str, client: str, address: str, now: datetime) -> Issued:
        """Spend a refresh token and give the next one.

        Raises:
            TokenRefused: it is unknown, another client's, of a session that ended, or was spent
                before, which ends its family.
        """
        spent = hash_of(token)
        async with self._pool.acquire() as connection, connection.transaction():
            # The session first, as whoever ends it does: uses of one family come one by one.
            await connection.fetchrow(
                "select 1 from identity.sessions s join identity.families f using (session_hash)"
                " join identity.refresh_tokens t using (family)"
                " where t.token_hash = $1 for update of s",
                spent,
            )
            row = await connection.fetchrow(
                "select t.spent_at, f.family, f.account, f.session_hash"
                " from identity.refresh_tokens t join identity.families f using (family)"
                " where t.token_hash = $1 and f.client = $2",
                spent,
                client,
            )
            if row is not None and row["spent_at"] is None:
                used = await connection.fetchval(
                    "update identity.sessions set used_at = greatest(used_at, $2)"
                    " where session_hash = $1 and used_at > $3 and began_at > $4 returning 1",
                    row["session_hash"],
                    now,
                    *limits_at(now),
                )
                if used:
                    await connection.execute(
                        "update identity.refresh_tokens set spent_at = $2 where token_hash = $1",
                        spent,
                        now,
                    )
                    following = await _next(connection, row["family"], now)
                    return Issued(following, row["family"], row["account"])
            elif row is not None:
                await end_family(connection, row["family"], address, now)
        # Refused only after the end of the family is committed: raising inside would undo it.
        raise TokenRefused("invalid_grant", "the refresh token does not hold (any longer)")

    async def account_of(self, family: UUID, client: str, now: datetime) -> UUID | None:
        """Give whose family it is, while it and its session count."""
        found: UUID | None = await self._pool.fetchval(
            "select f.account from identity.families f"
            " join identity.sessions s using (session_hash)"
            " where f.family = $1 and f.client = $2 and s.used_at > $3 and s.began_at > $4",
            family,
            client,
            *limits_at(now),
        )
        return found

    async def end_session_of(self, family: UUID) -> None:
        """Close the session of a family, with everything that was issued in it."""
        await self._pool.execute(
            "delete from identity.sessions where session_hash ="
            " (select session_hash from identity.families where family = $1)",
            family,
        )


async def begin_family(
    connection: Connection, session_hash: bytes, account: UUID, client: str, now: datetime
) -> Issued:
    """Begin a family with its first refresh token, in the transaction of the caller."""
    family = uuid4()
    await connection.execute(
        "insert into identity.families values ($1, $2, $3, $4, $5)",
        family,
        session_hash,
        account,
        client,
        now,
    )
    return Issued(await _next(connection, family, now), family, account)


async def end_family(connection: Connection, family: UUID, address: str, now: datetime) -> None:
    """End a family of which something came a second time, and note it beside the sign-ins."""
    account = await connection.fetchval(
        "delete from identity.families where family = $1 returning account", family
    )
    if account is not None:
        log.warning("token_replayed", account=str(account), family=str(family))
        await connection.execute(
            "insert into identity.sign_ins values ($1, $2, 'REPLAYED', $3)", now, account, address
        )


async def _next(connection: Connection, family: UUID, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    await connection.execute(
        "insert into identity.refresh_tokens values ($1, $2, $3)", hash_of(token), family, now
    )
    return token
