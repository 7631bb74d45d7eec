"""Machine accounts as they are kept here: names, hashes of secrets, last use; who comes in."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
import structlog

from services.identity.accounts import Holder
from services.identity.machine.decider import Given, given_on
from services.identity.oauth import TokenRefused
from services.identity.organisation.decider import name_on, unit_on
from services.identity.register import Register
from services.identity.sessions import hash_of
from services.identity.tries import remember, tries_so_far
from shared.postgres import Connection

log = structlog.get_logger()

NOTED_EVERY = timedelta(minutes=1)
"""A last use is written down at most that often."""

Result = Literal["SIGNED_IN", "WRONG", "LOCKED", "NO_POST", "NO_SCOPE"]


@dataclass(frozen=True)
class Shown:
    """What a machine shows: its id and its secret, for which scopes (all where none is named)."""

    machine: str
    secret: str
    scopes: frozenset[str]
    address: str
    now: datetime
    today: date


@dataclass(frozen=True)
class CameIn:
    """A machine account that came in, and the scopes of its token."""

    holder: Holder
    scopes: frozenset[str]


class Machines:
    """Lets machine accounts in."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Bind to identity's database."""
        self._pool = pool
        self._register = Register(pool)

    async def come_in(self, shown: Shown) -> CameIn:
        """Give the machine account whose id and secret these are.

        An id that nobody has is answered, counted and locked like one with another secret.

        Raises:
            TokenRefused: the id or the secret is wrong, too often even; the machine account is
                disabled, closed or not of this day, or its unit is; it was not given the scope.
        """
        machine = _id(shown.machine)
        # Nobody guesses 256 bits. The lock of an address keeps guessers quiet, and whoever knows
        # an id cannot lock out the system that it belongs to.
        tried = hashlib.sha256(f"{machine or shown.machine} {shown.address}".encode()).digest()
        async with self._pool.acquire() as connection, connection.transaction():
            tries = await tries_so_far(connection, tried)
            if (until := tries.locked_until(shown.now)) is not None:
                raise _locked(until, shown.now)
            name = await _proven(connection, machine, shown)
            found = None
            if machine is None or name is None:
                tries = tries.with_one_more(shown.now)
                await remember(connection, tried, tries, shown.now)
                locked = tries.locked_until(shown.now) is not None
                result: Result = "LOCKED" if locked else "WRONG"
            else:
                await connection.execute(
                    "delete from identity.tries where username_hash = $1", tried
                )
                found = await self._given(connection, machine, name, shown.today)
                result = _result(found, shown.scopes)
                if result == "SIGNED_IN":
                    await _used(connection, machine, shown)
            await connection.execute(
                "insert into identity.sign_ins"
                " select $1, (select machine from identity.machines where machine = $2), $3, $4",
                shown.now,
                machine,
                result,
                shown.address,
            )
        # Refused only after the count is committed: raising inside would roll it back.
        log.info("machine_came", machine=str(machine), result=result)
        if (until := tries.locked_until(shown.now)) is not None:
            raise _locked(until, shown.now)
        if machine is None or name is None:
            raise TokenRefused("invalid_client", "unknown client or wrong secret", status=401)
        if found is None:
            raise TokenRefused(
                "unauthorized_client", "disabled, closed or outside of its days, or its unit ended"
            )
        holder, given = found
        if result == "NO_SCOPE":
            raise TokenRefused("invalid_scope", f"given: {' '.join(sorted(given.scopes))}")
        return CameIn(holder, shown.scopes or given.scopes)

    async def _given(
        self, connection: Connection, machine: UUID, name: str, day: date
    ) -> tuple[Holder, Given] | None:
        _, state = await self._register.machine(machine, connection)
        given = given_on(state, day)
        if given is None:
            return None
        # What a unit gave a system ends with the unit; nobody takes it over unasked.
        _, organisation = await self._register.organisation(given.post.organisation_id, connection)
        unit = unit_on(organisation, day)
        if unit is None:
            return None
        holder = Holder(
            account=machine,
            username="",
            name=name,
            role=given.post.role,
            organisation=unit.organisation_id,
            organisation_name=name_on(unit, day).name,
        )
        return holder, given


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _proven(connection: Connection, machine: UUID | None, shown: Shown) -> str | None:
    name: str | None = await connection.fetchval(
        "select name from identity.machines join identity.machine_secrets using (machine)"
        " where machine = $1 and secret_hash = $2 and (holds_until is null or holds_until > $3)",
        machine,
        hash_of(shown.secret),
        shown.now,
    )
    return name


def _result(found: tuple[Holder, Given] | None, wanted: frozenset[str]) -> Result:
    if found is None:
        return "NO_POST"
    return "SIGNED_IN" if wanted <= found[1].scopes else "NO_SCOPE"


async def _used(connection: Connection, machine: UUID, shown: Shown) -> None:
    await connection.execute(
        "update identity.machines set last_used_at = $2, last_used_from = $3 where machine = $1"
        " and (last_used_at is null or last_used_at <= $4)",
        machine,
        shown.now,
        shown.address,
        shown.now - NOTED_EVERY,
    )


def _locked(until: datetime, now: datetime) -> TokenRefused:
    seconds = max(1, round((until - now).total_seconds()))
    return TokenRefused(
        "invalid_client", f"too many wrong secrets, locked for {seconds} seconds", status=429
    )


@dataclass(frozen=True)
class Secret:
    """A new secret of a machine account, told once."""

    secret: str
    made_at: datetime

    @classmethod
    def new(cls, now: datetime) -> "Secret":
        """Make 256 random bits."""
        return cls(secrets.token_urlsafe(32), now)

    async def keep(self, connection: Connection, machine: UUID) -> None:
        """Keep its hash as the one that counts from now on."""
        await connection.execute(
            "insert into identity.machine_secrets values ($1, $2, $3, null)",
            hash_of(self.secret),
            machine,
            self.made_at,
        )

    def in_place_of_the_last(
        self, machine: UUID, overlap: timedelta
    ) -> Callable[[Connection], Awaitable[None]]:
        """Give what keeps it while the last one holds on for a while, and none before that."""

        async def rotate(connection: Connection) -> None:
            await forget_secrets(connection, machine, only_old=bool(overlap))
            await connection.execute(
                "update identity.machine_secrets set holds_until = $2 where machine = $1",
                machine,
                self.made_at + overlap,
            )
            await self.keep(connection, machine)

        return rotate


async def forget_secrets(connection: Connection, machine: UUID, *, only_old: bool) -> None:
    """End the secrets before the last rotation, or all."""
    await connection.execute(
        "delete from identity.machine_secrets where machine = $1"
        " and (holds_until is not null or not $2)",
        machine,
        only_old,
    )
