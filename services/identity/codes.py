"""Authorization codes: good once, for a minute, for whoever began the sign-in (RFC 6749, 7636)."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from services.identity.families import Issued, begin_family, end_family
from services.identity.oauth import TokenRefused
from services.identity.sessions import Session, hash_of, limits_at

LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True)
class Asked:
    """What a client asked for when it sent the browser here; a code is bound to all of it."""

    client: str
    redirect_uri: str
    challenge: str
    nonce: str


@dataclass(frozen=True)
class Shown:
    """A code as a client brings it back, with what shows that the client is the one who asked."""

    code: str
    client: str
    redirect_uri: str
    verifier: str


@dataclass(frozen=True)
class Redeemed:
    """What a code became: the first refresh token of a family, for a sign-in of that moment."""

    issued: Issued
    nonce: str
    signed_in_at: datetime


class Codes:
    """The codes of this issuer."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Bind to identity's database."""
        self._pool = pool

    async def issue(self, session: Session, asked: Asked, now: datetime) -> str:
        """Give a code within a session."""
        code = secrets.token_urlsafe(32)
        await self._pool.execute(
            "insert into identity.codes values ($1, $2, $3, $4, $5, $6, $7)",
            hash_of(code),
            session.session_hash,
            asked.client,
            asked.redirect_uri,
            asked.challenge,
            asked.nonce,
            now,
        )
        return code

    async def redeem(self, shown: Shown, address: str, now: datetime) -> Redeemed:
        """Turn a code into the beginning of a family of refresh tokens.

        Raises:
            TokenRefused: it does not hold, is bound to something else, or came before: then what
                was issued from it ends.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            # The session is locked first, as whoever ends it does.
            session = await connection.fetchrow(
                "select s.session_hash, s.account, s.began_at from identity.sessions s"
                " join identity.codes c using (session_hash)"
                " where c.code_hash = $1 and s.used_at > $2 and s.began_at > $3 for update of s",
                hash_of(shown.code),
                *limits_at(now),
            )
            code = await connection.fetchrow(
                "select client, redirect_uri, challenge, nonce, issued_at, family"
                " from identity.codes where code_hash = $1",
                hash_of(shown.code),
            )
            if session is not None and code is not None and code["client"] == shown.client:
                if code["family"] is not None:
                    await end_family(connection, code["family"], address, now)
                elif _holds(code, shown, now):
                    issued = await begin_family(
                        connection, session["session_hash"], session["account"], shown.client, now
                    )
                    await connection.execute(
                        "update identity.codes set family = $2 where code_hash = $1",
                        hash_of(shown.code),
                        issued.family,
                    )
                    return Redeemed(issued, code["nonce"], session["began_at"])
        # Refused only after the end of a family is committed: raising inside would undo it.
        raise TokenRefused("invalid_grant", "the code does not hold (any longer)")


def challenge_of(verifier: str) -> str:
    """Give the challenge of a verifier (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _holds(code: asyncpg.Record, shown: Shown, now: datetime) -> bool:
    return (
        now < code["issued_at"] + LIFETIME
        and code["redirect_uri"] == shown.redirect_uri
        and hmac.compare_digest(code["challenge"], challenge_of(shown.verifier))
    )
