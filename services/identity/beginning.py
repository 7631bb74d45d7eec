"""The accounts that a home begins with: the examples of a demonstration, or one administrator."""

import os
import secrets
import tempfile
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import asyncpg

from contracts import reference
from services.identity.passwords import Passwords

EXAMPLE_PASSWORD = "jincheng-2019"  # noqa: S105 - shown to everybody, opens nothing real
FIRST_ADMIN = "first-admin"


async def make_first_accounts(
    pool: asyncpg.Pool, passwords: Passwords, home: Path, now: datetime, *, demonstration: bool
) -> None:
    """Make whatever account is missing; run at every start, changes nothing twice."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('first accounts'))")
        if demonstration:
            await _examples(connection, passwords, now)
        else:
            await _administrator(connection, passwords, home, now)


async def _examples(
    connection: asyncpg.pool.PoolConnectionProxy, passwords: Passwords, now: datetime
) -> None:
    known = {
        row["username"]: (row["name"], row["role"], row["organisation"])
        for row in await connection.fetch(
            "select username, name, role, organisation from identity.accounts"
        )
    }
    for example in reference.example_accounts():
        post = (example.name, example.role, example.organisation)
        if example.username not in known:
            await _make(connection, example, await passwords.hash(EXAMPLE_PASSWORD), now, True)
        elif known[example.username] != post:
            await connection.execute(
                "update identity.accounts set name = $2, role = $3, organisation = $4"
                " where username = $1 and example",
                example.username,
                *post,
            )


async def _administrator(
    connection: asyncpg.pool.PoolConnectionProxy, passwords: Passwords, home: Path, now: datetime
) -> None:
    if await connection.fetchval("select exists (select from identity.accounts where not example)"):
        return
    admin = reference.first_admin()
    password = secrets.token_urlsafe(18)
    # The file comes first: an account whose password nobody was told could never be opened.
    _write_for_owner(home / FIRST_ADMIN, f"{admin.username}\n{password}\n")
    await _make(connection, admin, await passwords.hash(password), now, False)


async def _make(
    connection: asyncpg.pool.PoolConnectionProxy,
    account: reference.KnownAccount,
    password_hash: str,
    now: datetime,
    example: bool,
) -> None:
    await connection.execute(
        "insert into identity.accounts"
        " (account, username, name, role, organisation, password_hash, example, made_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        uuid4(),
        account.username,
        account.name,
        account.role,
        account.organisation,
        password_hash,
        example,
        now,
    )


def _write_for_owner(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).rename(path)
