"""How machine accounts look in a list: whose, for what, in which state, when last used."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from services.identity.accounts import plain
from services.identity.doors.desk import Desk
from services.identity.doors.listing import names_of
from services.identity.machine.decider import (
    Closed,
    Disabled,
    InUse,
    Machine,
    NotOpened,
    given_on,
)
from services.identity.organisation.decider import unit_on
from shared.clock import SHANGHAI

State = Literal["IN_USE", "OUT_OF_TERM", "DISABLED", "CLOSED"]


class Listed(BaseModel):
    """What a list of machine accounts is asked: part of a name, a state."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    state: Literal["", "IN_USE", "OUT_OF_TERM", "DISABLED", "CLOSED"] = ""


async def rows_of(desk: Desk, one: UUID | None = None) -> list[dict[str, Any]]:
    """Give all machine accounts of this home, or one, as a list shows them."""
    today = desk.today
    known = await desk.runtime.pool.fetch(
        "select m.machine, name, last_used_at, last_used_from,"
        " (select max(holds_until) from identity.machine_secrets s"
        " where s.machine = m.machine and holds_until > $2) as old_secret_until"
        " from identity.machines m where ($1::uuid is null or machine = $1) order by name, machine",
        one,
        datetime.now(UTC),
    )
    found = await desk.register.machines(row["machine"] for row in known)
    units = await desk.register.organisations()
    standing = {unit for unit, (_, state) in units.items() if unit_on(state, today)}
    names = await names_of(desk.register, today)
    return [
        _row(row, version, machine, names, standing, today)
        for row in known
        for version, machine in [found[row["machine"]]]
        if not isinstance(machine, NotOpened)
    ]


def _row(
    row: asyncpg.Record,
    version: int,
    machine: InUse | Disabled | Closed,
    names: Mapping[str, str],
    standing: set[str],
    today: date,
) -> dict[str, Any]:
    given = machine.given
    post = given.post
    return {
        "machine": str(row["machine"]),
        "version": version,
        "name": row["name"],
        "state": _state(machine, today, stands=post.organisation_id in standing),
        "reason": machine.reason if isinstance(machine, Disabled | Closed) else "",
        "role": post.role,
        "organisation": post.organisation_id,
        "organisation_name": names.get(post.organisation_id, ""),
        "uscc": post.uscc,
        "scopes": sorted(given.scopes),
        "purpose": given.purpose,
        "basis": given.basis,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
        "last_used_at": _instant(row["last_used_at"]),
        "last_used_from": row["last_used_from"],
        "old_secret_until": _instant(row["old_secret_until"]),
    }


def _state(machine: Machine, today: date, *, stands: bool) -> State:
    if isinstance(machine, Disabled):
        return "DISABLED"
    if isinstance(machine, Closed):
        return "CLOSED"
    return "IN_USE" if given_on(machine, today) and stands else "OUT_OF_TERM"


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else None


def matches(row: Mapping[str, Any], asked: Listed) -> bool:
    """Tell whether a row is among those asked for."""
    wanted = plain(asked.q)
    words = ("machine", "name", "organisation_name", "purpose", "basis")
    return any(wanted in str(row[field]).lower() for field in words) and asked.state in {
        "",
        row["state"],
    }
