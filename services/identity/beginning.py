"""What a home begins with: the units of the reference data, and accounts to begin with.

A demonstration begins with the example accounts, a real home with one administrator. Each row is
told once, as facts of the system; from then on the facts count, whatever the rows say.
"""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from contracts import reference
from contracts.identity import ORGANISATIONS, AccountEvent, OrganisationEvent
from contracts.reference import organisations
from services.identity.account import decider as account_room
from services.identity.account.commands import AnyAccountCommand, OpenAccount, Wanted
from services.identity.account.decider import ACCOUNT, Account
from services.identity.account.posts import side_of
from services.identity.organisation import decider as organisation_room
from services.identity.organisation.commands import EstablishOrganisation, OrganisationCommand
from services.identity.organisation.decider import ORGANISATION, Organisation
from services.identity.passwords import Passwords
from services.identity.register import Register
from shared.deciding import Ask, Cause, Command, handle_many
from shared.journal import Journal
from shared.postgres import Connection
from shared.refusals import Refusal

EXAMPLE_PASSWORD = "jincheng-2019"  # noqa: S105 - shown to everybody, opens nothing real
FIRST_ADMIN = "first-admin"
SYSTEM = "system"


@dataclass(frozen=True)
class Beginning:
    """What the first rows and facts are written with: real time, and business time."""

    pool: asyncpg.Pool
    journal: Journal
    passwords: Passwords
    home: Path
    now: datetime
    business_now: datetime
    demonstration: bool

    async def begin(self) -> None:
        """Tell and make whatever is missing; run at every start, changes nothing twice."""
        await self._tell_organisations()
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext('first accounts'))")
            known = (
                await self._examples(connection)
                if self.demonstration
                else await self._administrator(connection)
            )
        await self._tell_accounts(known)

    async def _tell_organisations(self) -> None:
        known = await Register(self.pool).organisations()
        asks = [
            _founding(row) for row in organisations.known_organisations() if row.id not in known
        ]
        _demand_done(await handle_many(self.journal, ORGANISATION, asks, self._cause()))

    async def _tell_accounts(self, known: Sequence[tuple[UUID, reference.KnownAccount]]) -> None:
        told = await Register(self.pool).accounts([account for account, _ in known])
        asks = [_opening(account, row) for account, row in known if told[account][0] == 0]
        _demand_done(await handle_many(self.journal, ACCOUNT, asks, self._cause()))

    def _cause(self) -> Cause:
        return Cause(
            account=SYSTEM,
            role=SYSTEM,
            org=SYSTEM,
            now=self.business_now,
            correlation_id="identity:reference",
            causation_id="identity:reference",
        )

    async def _examples(
        self, connection: Connection
    ) -> Sequence[tuple[UUID, reference.KnownAccount]]:
        rows = await connection.fetch("select username, account from identity.accounts")
        known: dict[str, UUID] = {row["username"]: row["account"] for row in rows}
        examples = reference.example_accounts()
        for example in examples:
            if example.username not in known:
                hashed = await self.passwords.hash(EXAMPLE_PASSWORD)
                known[example.username] = await self._make(connection, example, hashed)
        return [(known[example.username], example) for example in examples]

    async def _administrator(
        self, connection: Connection
    ) -> Sequence[tuple[UUID, reference.KnownAccount]]:
        admin = reference.first_admin()
        known = await connection.fetch(
            "select account, username from identity.accounts where not example"
        )
        if known:
            return [(row["account"], admin) for row in known if row["username"] == admin.username]
        password = secrets.token_urlsafe(18)
        # The file comes first: an account whose password nobody was told could never be opened.
        _write_for_owner(self.home / FIRST_ADMIN, f"{admin.username}\n{password}\n")
        hashed = await self.passwords.hash(password)
        return [(await self._make(connection, admin, hashed), admin)]

    async def _make(
        self, connection: Connection, account: reference.KnownAccount, password_hash: str
    ) -> UUID:
        made = uuid4()
        await connection.execute(
            "insert into identity.accounts"
            " (account, username, name, password_hash, example, made_at)"
            " values ($1, $2, $3, $4, $5, $6)",
            made,
            account.username,
            account.name,
            password_hash,
            self.demonstration,
            self.now,
        )
        return made


def _founding(
    row: organisations.Organisation,
) -> Ask[OrganisationCommand, Organisation, OrganisationEvent]:
    return Ask(
        organisation_room.stream_of(row.id),
        ORGANISATIONS,
        EstablishOrganisation(
            organisation_id=row.id,
            name=row.name,
            short_name=row.short_name,
            aliases=row.aliases,
            organisation_kind=row.kind,
            region=row.region,
            zone_id=row.zone_id,
            planning_body=row.planning_body,
            path=row.path,
            valid_from=row.valid_from,
        ),
        lambda wrote: wrote.token.encode(),
        identity=_once(organisation_room.stream_of(row.id)),
    )


def _opening(
    account: UUID, row: reference.KnownAccount
) -> Ask[AnyAccountCommand, Account, AccountEvent]:
    stream = account_room.stream_of(account)
    wanted = Wanted(
        role=row.role,
        organisation_id=row.organisation,
        uscc=row.uscc,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        side=side_of(row.role),
        stands=True,
    )
    return Ask(
        stream,
        stream,
        OpenAccount(account, by=SYSTEM, post=wanted),
        lambda wrote: wrote.token.encode(),
        identity=_once(stream),
    )


def _once(stream: str) -> Command:
    """Give the identity under which two processes that start together begin a stream once."""
    return Command(f"identity:begin:{stream}", hashlib.sha256(stream.encode()).digest())


def _demand_done(outcomes: Sequence[object]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Refusal):
            raise outcome


def _write_for_owner(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).rename(path)
