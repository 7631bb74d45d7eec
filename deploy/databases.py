"""Make one login role and one database per service; run at every start, changes nothing twice.

Each database belongs to the administrator, who also migrates it; the service's own role may
connect and gets the rest of its rights from the migrations.
"""

import asyncio
import json
import os
from collections.abc import Iterable, Mapping

import asyncpg

from deploy.stack import SERVICES, database_of, role_of


async def make_databases(
    owner: asyncpg.Connection, services: Iterable[str], passwords: Mapping[str, str]
) -> None:
    """Make what is missing and set every role's password to the given one."""
    roles = {row["rolname"] for row in await owner.fetch("select rolname from pg_roles")}
    databases = {row["datname"] for row in await owner.fetch("select datname from pg_database")}
    for service in services:
        role, database = role_of(service), database_of(service)
        # A utility statement takes no parameters; the server quotes the password itself.
        password = await owner.fetchval("select quote_literal($1::text)", passwords[role])
        verb = "alter" if role in roles else "create"
        await owner.execute(
            f'{verb} role "{role}" login nosuperuser nocreatedb nocreaterole password {password}'
        )
        if database not in databases:
            await owner.execute(f'create database "{database}"')
        await owner.execute(f'revoke all on database "{database}" from public')
        await owner.execute(f'grant connect, temporary on database "{database}" to "{role}"')


async def main() -> None:
    """Connect as the administrator and make everything."""
    owner = await asyncpg.connect(os.environ["SIKU_ADMIN_DATABASE_URL"])
    try:
        passwords: dict[str, str] = json.loads(os.environ["SIKU_DATABASE_PASSWORDS"])
        await make_databases(owner, SERVICES, passwords)
    finally:
        await owner.close()


if __name__ == "__main__":
    asyncio.run(main())
