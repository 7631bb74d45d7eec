"""What a sweep leaves behind: the streams that it could not ask, and how its last run went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3600.0
"""Seconds of real time: the first is over when the next run begins, and each doubles the last."""


@dataclass(frozen=True)
class Failing:
    """A stream set aside: since when, why, how often it was tried, and when it is tried again."""

    sweep: str
    stream: str
    error: str
    since: datetime
    attempts: int
    next_try: datetime
    waits: bool


@dataclass(frozen=True)
class Ran:
    """The last run of a sweep that came to its end, and how many streams are set aside now."""

    sweep: str
    ended: datetime
    today: date
    found: int
    told: int
    failed: int
    seconds: float
    aside: int
    oldest_seconds: float


async def failing(pool: asyncpg.Pool, sweep: str) -> dict[str, Failing]:
    """Give what is set aside, by stream, the oldest first."""
    rows = await pool.fetch(
        "select *, next_try > now() as waits from sweeping.aside where sweep = $1 "
        "order by since, stream",
        sweep,
    )
    return {row["stream"]: Failing(**row) for row in rows}


async def set_aside(pool: asyncpg.Pool, sweep: str, errors: Mapping[str, str]) -> None:
    """Keep streams that could not be asked, with their errors, until a later run."""
    await pool.execute(
        "insert into sweeping.aside as a (sweep, stream, error, next_try) "
        "select $1, f.stream, f.error, now() + make_interval(secs => $4) "
        "from unnest($2::text[], $3::text[]) as f(stream, error) "
        "on conflict (sweep, stream) do update set error = excluded.error, "
        "attempts = a.attempts + 1, "
        "next_try = now() + make_interval(secs => least($5, $4 * power(2, least(a.attempts, 30))))",
        sweep,
        list(errors),
        list(errors.values()),
        FIRST_PAUSE,
        LONGEST_PAUSE,
    )


async def take_back(pool: asyncpg.Pool, sweep: str, streams: Sequence[str]) -> None:
    """Forget streams that are set aside no more."""
    await pool.execute(
        "delete from sweeping.aside where sweep = $1 and stream = any($2)", sweep, streams
    )


async def note_run(
    pool: asyncpg.Pool, sweep: str, today: date, found: int, told: int, failed: int, seconds: float
) -> None:
    """Write down that a run came to its end."""
    await pool.execute(
        "insert into sweeping.runs values ($1, now(), $2, $3, $4, $5, $6) "
        "on conflict (sweep) do update set ended = excluded.ended, today = excluded.today, "
        "found = excluded.found, told = excluded.told, failed = excluded.failed, "
        "seconds = excluded.seconds",
        sweep,
        today,
        found,
        told,
        failed,
        seconds,
    )


async def last_runs(pool: asyncpg.Pool) -> list[Ran]:
    """Give the last run of every sweep of a service, whichever process it was in."""
    rows = await pool.fetch(
        "select r.*, count(a.stream) as aside, "
        "coalesce(extract(epoch from now() - min(a.since)), 0)::float8 as oldest_seconds "
        "from sweeping.runs r left join sweeping.aside a using (sweep) group by r.sweep "
        "order by r.sweep"
    )
    return [Ran(**row) for row in rows]
