"""Who holds which post, and which units there are: the facts of the journal, folded when asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

import asyncpg

from services.identity.account import decider as account_room
from services.identity.account.decider import ACCOUNT, Account, post_on
from services.identity.machine import decider as machine_room
from services.identity.machine.decider import MACHINE, Machine
from services.identity.organisation import decider as organisation_room
from services.identity.organisation.decider import (
    ORGANISATION,
    Ended,
    Established,
    Organisation,
    name_on,
    unit_on,
)
from services.identity.substitute import decider as substitute_room
from services.identity.substitute.decider import SUBSTITUTE, Substitutes
from shared.postgres import Connection

StateT = TypeVar("StateT")

Versioned = tuple[int, StateT]
"""A state and the version of its stream."""


@dataclass(frozen=True)
class Standing:
    """What an account may act as on a day: its role, and the unit as it is called then."""

    role: str
    organisation_id: str
    organisation_name: str


class Register:
    """Accounts, units and substitutes as the journal has them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Bind to identity's database."""
        self._pool = pool

    async def account(self, account_id: UUID) -> Versioned[Account]:
        """Give an account and its version."""
        return (await self.accounts([account_id]))[account_id]

    async def accounts(self, account_ids: Iterable[UUID]) -> dict[UUID, Versioned[Account]]:
        """Give several accounts."""
        streams = {account_room.stream_of(one): one for one in account_ids}
        found = await _states(self._pool, ACCOUNT.fold, streams)
        return {one: found[stream] for stream, one in streams.items()}

    async def machine(
        self, machine_id: UUID, through: Connection | None = None
    ) -> Versioned[Machine]:
        """Give a machine account and its version."""
        return (await self.machines([machine_id], through))[machine_id]

    async def machines(
        self, machine_ids: Iterable[UUID], through: Connection | None = None
    ) -> dict[UUID, Versioned[Machine]]:
        """Give several machine accounts."""
        streams = {machine_room.stream_of(one): one for one in machine_ids}
        found = await _states(through or self._pool, MACHINE.fold, streams)
        return {one: found[stream] for stream, one in streams.items()}

    async def organisation(
        self, organisation_id: str, through: Connection | None = None
    ) -> Versioned[Organisation]:
        """Give a unit and its version."""
        stream = organisation_room.stream_of(organisation_id)
        return (await _states(through or self._pool, ORGANISATION.fold, [stream]))[stream]

    async def organisations(self) -> dict[str, Versioned[Organisation]]:
        """Give every unit that ever was, in the order in which they were told."""
        rows = await self._pool.fetch(
            "select stream from journal.events"
            " where kind = 'identity.organisation.established.v1' order by recorded, event_id"
        )
        prefix = organisation_room.stream_of("")
        found = await _states(self._pool, ORGANISATION.fold, [row["stream"] for row in rows])
        return {stream.removeprefix(prefix): one for stream, one in found.items()}

    async def names(self, day: date) -> dict[str, str]:
        """Give the names of the units that exist on a day."""
        found = await self.organisations()
        return {
            organisation_id: name_on(unit, day).name
            for organisation_id, (_, one) in found.items()
            if (unit := unit_on(one, day))
        }

    async def substitutes(
        self, account_ids: Iterable[UUID]
    ) -> Mapping[UUID, Versioned[Substitutes]]:
        """Give everybody who stands in for each of the accounts."""
        streams = {substitute_room.stream_of(one): one for one in account_ids}
        found = await _states(self._pool, SUBSTITUTE.fold, streams)
        return {one: found[stream] for stream, one in streams.items()}

    async def standing(
        self, account_id: UUID, day: date, through: Connection | None = None
    ) -> Standing | None:
        """Give what an account may act as on a day, or None where nothing lets it in.

        An account of a unit that has ended acts for whoever took its accounts over. Whoever holds
        a connection hands it in, or many at once would wait for one another's.
        """
        stream = account_room.stream_of(account_id)
        _, account = (await _states(through or self._pool, ACCOUNT.fold, [stream]))[stream]
        post = post_on(account, day)
        if post is None:
            return None
        unit = await self.unit(post.organisation_id, day, through)
        if unit is None:
            return None
        return Standing(post.role, unit.organisation_id, name_on(unit, day).name)

    async def unit(
        self, organisation_id: str, day: date, through: Connection | None = None
    ) -> Established | None:
        """Give the unit of a day that an id leads to: itself, or whoever took its accounts over."""
        seen: set[str] = set()
        while organisation_id not in seen:
            seen.add(organisation_id)
            _, found = await self.organisation(organisation_id, through)
            if unit := unit_on(found, day):
                return unit
            if not (isinstance(found, Ended) and found.accounts_to and found.valid_to < day):
                return None
            organisation_id = found.accounts_to
        return None


async def _states(
    reader: asyncpg.Pool | Connection,
    fold: Callable[[Sequence[bytes]], StateT],
    streams: Iterable[str],
) -> dict[str, Versioned[StateT]]:
    wanted = list(streams)
    rows = await reader.fetch(
        "select stream, payload from journal.events where stream = any($1)"
        " order by stream, version",
        wanted,
    )
    payloads: dict[str, list[bytes]] = {stream: [] for stream in wanted}
    for row in rows:
        payloads[row["stream"]].append(row["payload"])
    return {stream: (len(found), fold(found)) for stream, found in payloads.items()}
