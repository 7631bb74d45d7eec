"""What is set aside, and what was given up: the questions that operators ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import asyncpg

from shared.refusals import NotFound
from shared.viewing.hearing import headers_from

Reason = Literal["failed", "queued", "ahead"]
REASONS: tuple[Reason, ...] = get_args(Reason)

PAGE_ROWS = 20
MOST_ROWS = 200


class NotSetAside(NotFound):
    """Nothing of this stream or version is set aside (any more)."""

    code = "not_set_aside"
    title = "没有搁置"


@dataclass(frozen=True)
class Parked:
    """A fact set aside; ``behind`` counts the facts of its stream that wait behind it."""

    view: str
    stream: str
    version: int
    reason: Reason
    error: str
    kind: str
    topic: str
    partition: int
    offset: int
    since: datetime
    attempts: int
    last_tried: datetime | None
    last_tried_by: str | None
    behind: int


@dataclass(frozen=True)
class Listing:
    """One page of what is set aside, and how much there is of it in all, by reason."""

    facts: tuple[Parked, ...]
    by_reason: Mapping[str, int]
    streams: int

    @property
    def total(self) -> int:
        """How many facts the filter finds."""
        return sum(self.by_reason.values())


@dataclass(frozen=True)
class Original:
    """A fact set aside with the record as it came."""

    parked: Parked
    key: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    body: bytes


@dataclass(frozen=True)
class Discarded:
    """A fact that an operator gave up: who, when and why."""

    view: str
    stream: str
    version: int
    reason: str
    by_account: str
    at: datetime
    error: str


_PARKED = """select w.*, (select count(*) from viewing.waiting b where b.view = w.view
    and b.stream = w.stream and b.version > w.version and left(b.stream, 1) <> '?') as behind
    from viewing.waiting w"""


async def listed(
    pool: asyncpg.Pool,
    *,
    view: str | None = None,
    reason: Reason | None = None,
    since: datetime | None = None,
    rows: int = PAGE_ROWS,
    skip: int = 0,
) -> Listing:
    """Give a page of what is set aside, longest waiting first; totals cover the whole filter.

    ``since`` leaves out what was set aside before; ``rows`` is at most ``MOST_ROWS``.
    """
    chosen = view, reason, since
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        counted = await connection.fetch(
            "select reason, count(*) from viewing.waiting where ($1::text is null or view = $1) "
            "and ($2::text is null or reason = $2) and ($3::timestamptz is null or since >= $3) "
            "group by reason",
            *chosen,
        )
        streams = await connection.fetchval(
            "select count(distinct (view, stream)) from viewing.waiting "
            "where ($1::text is null or view = $1) and ($2::text is null or reason = $2) "
            "and ($3::timestamptz is null or since >= $3)",
            *chosen,
        )
        found = await connection.fetch(
            f"{_PARKED} where ($1::text is null or w.view = $1) "
            "and ($2::text is null or w.reason = $2) "
            "and ($3::timestamptz is null or w.since >= $3) "
            "order by w.since, w.view, w.stream, w.version limit $4 offset $5",
            *chosen,
            min(rows, MOST_ROWS),
            skip,
        )
    return Listing(
        tuple(_parked(row) for row in found),
        {row["reason"]: row["count"] for row in counted},
        streams,
    )


async def shown(pool: asyncpg.Pool, view: str, stream: str, version: int) -> Original:
    """Give one fact set aside, with its record as it came.

    Raises:
        NotSetAside: there is none.
    """
    row = await pool.fetchrow(
        f"{_PARKED} where w.view = $1 and w.stream = $2 and w.version = $3", view, stream, version
    )
    if row is None:
        raise gone(stream, version)
    return Original(_parked(row), row["key"], tuple(headers_from(row["headers"])), row["body"])


async def streams_of(pool: asyncpg.Pool, view: str) -> list[str]:
    """Give the streams of a view of which something waits, the longest waiting first."""
    rows = await pool.fetch(
        "select stream from viewing.waiting where view = $1 "
        "group by stream order by min(since), stream",
        view,
    )
    return [row["stream"] for row in rows]


async def discards(
    pool: asyncpg.Pool, *, view: str | None = None, rows: int = PAGE_ROWS
) -> list[Discarded]:
    """Give what was given up, the latest first."""
    found = await pool.fetch(
        "select view, stream, version, reason, by_account, at, error from viewing.discarded "
        "where ($1::text is null or view = $1) order by at desc, stream, version limit $2",
        view,
        min(rows, MOST_ROWS),
    )
    return [Discarded(**dict(row)) for row in found]


async def standing(pool: asyncpg.Pool, view: str) -> dict[str, tuple[int, float]]:
    """Give, by reason, how many facts a view has set aside and the age of the oldest in seconds."""
    rows = await pool.fetch(
        "select reason, count(*), extract(epoch from now() - min(since))::float8 as seconds "
        "from viewing.waiting where view = $1 group by reason",
        view,
    )
    return {row["reason"]: (row["count"], row["seconds"]) for row in rows}


def gone(stream: str, version: int | None = None) -> NotSetAside:
    """Give the refusal for what does not wait (any more)."""
    place = stream if version is None else f"{stream}@{version}"
    return NotSetAside(f"{place} 没有搁置的事实，可能已经办理。")


def _parked(row: asyncpg.Record) -> Parked:
    names = dict(headers_from(row["headers"]))
    return Parked(
        view=row["view"],
        stream=row["stream"],
        version=row["version"],
        reason=row["reason"],
        error=row["error"],
        kind=text_of(names.get("ce_type")),
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        since=row["since"],
        attempts=row["attempts"],
        last_tried=row["last_tried"],
        last_tried_by=row["last_tried_by"],
        behind=row["behind"],
    )


def text_of(value: bytes | None) -> str:
    """Write a header so that a database and a page can hold it."""
    return (value or b"").decode(errors="replace").replace("\0", "�")
