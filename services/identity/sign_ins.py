"""Who came in when and from where: rows that are only ever added to."""

from typing import Any
from uuid import UUID

import asyncpg

from shared.clock import SHANGHAI

MOST = 50


async def sign_ins_of(pool: asyncpg.Pool, account: UUID) -> list[dict[str, Any]]:
    """Give the latest sign-ins of an account and the attempts at it, the last first."""
    rows = await pool.fetch(
        "select at, result, address from identity.sign_ins where account = $1"
        " order by at desc limit $2",
        account,
        MOST,
    )
    return [
        {
            "at": row["at"].astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "result": row["result"],
            "address": row["address"],
        }
        for row in rows
    ]
