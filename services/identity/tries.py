"""The wrong tries that are remembered, by the hash of whatever name was tried."""

from datetime import datetime

from services.identity.locking import LOCKED_FOR, Tries
from shared.postgres import Connection


async def tries_so_far(connection: Connection, tried: bytes) -> Tries:
    """Give the wrong tries at a name, of which the hash is given, and hold its row."""
    await connection.execute(
        "insert into identity.tries values ($1, 0, null) on conflict do nothing", tried
    )
    row = await connection.fetchrow(
        "select wrong, last_at from identity.tries where username_hash = $1 for update", tried
    )
    return Tries(row["wrong"], row["last_at"]) if row else Tries()


async def remember(connection: Connection, tried: bytes, tries: Tries, now: datetime) -> None:
    """Keep what another wrong try came to."""
    await connection.execute(
        "update identity.tries set wrong = $2, last_at = $3 where username_hash = $1",
        tried,
        tries.wrong,
        tries.last_at,
    )
    # Names that were only guessed must not pile up.
    await connection.execute(
        "delete from identity.tries where username_hash in (select username_hash"
        " from identity.tries where last_at < $1 limit 20 for update skip locked)",
        now - LOCKED_FOR,
    )
