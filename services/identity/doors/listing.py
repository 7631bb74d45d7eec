"""How accounts look in a list: who, in which post today, in which state."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from services.identity.account.decider import Account, Closed, Disabled, InUse, NotOpened, post_on
from services.identity.accounts import plain
from services.identity.doors.desk import Desk
from services.identity.organisation.decider import Ended, Established, name_on
from services.identity.register import Register
from shared.clock import SHANGHAI

PAGE = 50
State = Literal["IN_USE", "NO_POST", "DISABLED", "CLOSED"]


class Listed(BaseModel):
    """What a list of accounts is asked: part of a name, a state, a role, a unit, a page."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    state: Literal["", "IN_USE", "NO_POST", "DISABLED", "CLOSED"] = ""
    role: Annotated[str, Field(max_length=32)] = ""
    organisation: Annotated[str, Field(max_length=16)] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


async def rows_of(desk: Desk, account: UUID | None = None) -> list[dict[str, Any]]:
    """Give all accounts of this home, or one, as a list shows them."""
    today = desk.today
    known = await desk.runtime.pool.fetch(
        "select a.account, username, name, one_time_until,"
        " (select max(at) from identity.sign_ins s where s.account = a.account"
        " and result in ('SIGNED_IN', 'PASSWORD_CHANGED')) as last_at"
        " from identity.accounts a where (not example or $1)"
        " and ($2::uuid is null or a.account = $2)"
        " order by username",
        desk.runtime.clock.demonstration,
        account,
    )
    found = await desk.register.accounts(row["account"] for row in known)
    names = await names_of(desk.register, today)
    return [_row(row, *found[row["account"]], names, today) for row in known]


async def names_of(register: Register, today: date) -> Mapping[str, str]:
    """Give what every unit is called on a day."""
    names = {}
    for unit_id, (_, found) in (await register.organisations()).items():
        unit = found.was if isinstance(found, Ended) else found
        if isinstance(unit, Established):
            names[unit_id] = name_on(unit, today).name
    return names


def _row(
    row: asyncpg.Record, version: int, account: Account, names: Mapping[str, str], today: date
) -> dict[str, Any]:
    posts = () if isinstance(account, NotOpened) else account.posts
    now = next((post for post in reversed(posts) if post.holds_on(today)), None)
    return {
        "account": str(row["account"]),
        "version": version,
        "username": row["username"],
        "name": row["name"],
        "state": _state(account, today),
        "reason": account.reason if isinstance(account, Disabled | Closed) else "",
        "erased": isinstance(account, Closed) and account.erased,
        "role": now.role if now else "",
        "organisation": now.organisation_id if now else "",
        "organisation_name": names.get(now.organisation_id, "") if now else "",
        "one_time": row["one_time_until"] is not None,
        "last_at": row["last_at"].astimezone(SHANGHAI).isoformat() if row["last_at"] else None,
        "posts": [
            {**dataclasses.asdict(post), "organisation_name": names.get(post.organisation_id, "")}
            for post in posts
        ],
    }


def _state(account: Account, today: date) -> State:
    match account:
        case Disabled():
            return "DISABLED"
        case Closed():
            return "CLOSED"
        case InUse() | NotOpened():
            return "IN_USE" if post_on(account, today) else "NO_POST"


def matches(row: Mapping[str, Any], asked: Listed) -> bool:
    """Tell whether a row is among those asked for."""
    wanted = plain(asked.q)
    return (
        any(
            wanted in str(row[field]).lower() for field in ("username", "name", "organisation_name")
        )
        and asked.state in {"", row["state"]}
        and asked.role in {"", row["role"]}
        and asked.organisation in {"", row["organisation"]}
    )
