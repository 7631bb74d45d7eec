"""The keys that sign tokens: made here, kept here, changed by themselves, published."""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"
SIGNS_FOR = timedelta(days=30)
# The next key is published a day before it signs and the last one a day after, so that neither a
# second process of identity nor a verifier ever meets a signature that it cannot check.
AHEAD = timedelta(days=1)
_REREAD = 60.0


@dataclass(frozen=True)
class SigningKey:
    """A key pair with the time in which it signs and that in which it is published."""

    key: ECKey
    signs_from: datetime
    signs_until: datetime
    listed_until: datetime


class SigningKeys:
    """The key pairs of this issuer, shared by its processes through the database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Bind to identity's database."""
        self._pool = pool
        self._keys: tuple[SigningKey, ...] = ()
        self._read_at = -_REREAD
        self._lock = asyncio.Lock()

    async def sign(self, kind: str, claims: dict[str, object], now: datetime) -> str:
        """Sign claims as a token of a kind (``typ``)."""
        key = _signing(await self._current(now), now).key
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": kind}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    async def read(self, kind: str, token: str, now: datetime) -> dict[str, object] | None:
        """Give the claims of a token of a kind that these keys signed; times are not read."""
        keys = KeySet([entry.key for entry in await self._current(now)])
        try:
            decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            return None
        return decoded.claims if decoded.header.get("typ") == kind else None

    async def published(self, now: datetime) -> list[dict[str, object]]:
        """Give the public halves of all keys whose tokens may still be about, and of the next."""
        return [
            {**entry.key.as_dict(private=False)}
            for entry in await self._current(now)
            if entry.listed_until > now
        ]

    async def _current(self, now: datetime) -> tuple[SigningKey, ...]:
        async with self._lock:
            if time.monotonic() - self._read_at >= _REREAD or not _suffices(self._keys, now):
                self._keys = await self._read(now)
                self._read_at = time.monotonic()
        return self._keys

    async def _read(self, now: datetime) -> tuple[SigningKey, ...]:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext('signing keys'))")
            await connection.execute(
                "delete from identity.signing_keys where listed_until <= $1", now
            )
            rows = await connection.fetch(
                "select private_key, signs_from, signs_until, listed_until"
                " from identity.signing_keys order by signs_from"
            )
            keys = tuple(_stored(row) for row in rows)
            while not _suffices(keys, now):
                begins = max(now, keys[-1].signs_until) if keys else now
                key = _new(begins)
                await connection.execute(
                    "insert into identity.signing_keys values ($1, $2, $3, $4, $5)",
                    key.key.kid,
                    json.dumps(key.key.as_dict(private=True)),
                    key.signs_from,
                    key.signs_until,
                    key.listed_until,
                )
                keys = (*keys, key)
        return keys


def _suffices(keys: tuple[SigningKey, ...], now: datetime) -> bool:
    return bool(keys) and keys[-1].signs_until > now + AHEAD


def _signing(keys: tuple[SigningKey, ...], now: datetime) -> SigningKey:
    return next(entry for entry in keys if entry.signs_from <= now < entry.signs_until)


def _new(begins: datetime) -> SigningKey:
    made = ECKey.generate_key("P-256", private=True)
    ends = begins + SIGNS_FOR
    return SigningKey(_named(made.as_dict(private=True)), begins, ends, ends + AHEAD)


def _stored(row: asyncpg.Record) -> SigningKey:
    return SigningKey(
        ECKey.import_key(json.loads(row["private_key"])),
        row["signs_from"],
        row["signs_until"],
        row["listed_until"],
    )


def _named(pair: dict[str, str | list[str]]) -> ECKey:
    kid = ECKey.import_key(pair).thumbprint()
    return ECKey.import_key({**pair, "kid": kid, "use": "sig", "alg": ALGORITHM})
