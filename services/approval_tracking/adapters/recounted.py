"""How far the clocks that run are counted anew on each edition of the calendar."""

import asyncpg


async def upto(pool: asyncpg.Pool, edition: int) -> int:
    """Give the position of the last fact whose clocks are dealt with; 0 before the first."""
    found: int | None = await pool.fetchval(
        "select upto from clocks.recounted where edition = $1", edition
    )
    return found or 0


async def reach(pool: asyncpg.Pool, edition: int, upto: int) -> None:
    """Note that every clock is dealt with that a fact up to a position has set."""
    await pool.execute(
        "insert into clocks.recounted as r values ($1, $2) on conflict (edition) "
        "do update set upto = greatest(r.upto, excluded.upto)",
        edition,
        upto,
    )
