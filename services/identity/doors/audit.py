"""What was done to accounts and units and by whom, and what was refused, for the administrator."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.identity.account import decider as account_room
from services.identity.accounts import plain
from services.identity.beginning import SYSTEM
from services.identity.doors.desk import Administrator, Desk, document, people_of, told
from services.identity.machine import decider as machine_room
from shared.clock import SHANGHAI

PAGE = 100


class Asked(BaseModel):
    """Acts, refusals or sign-ins; of whom or of what; on which day; which page."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["acts", "refused", "sign-ins"] = "acts"
    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    day: date | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class _Question:
    """What a query is asked: the word, the accounts that it names, the span, the rows."""

    def __init__(self, asked: Asked, people: dict[str, dict[str, str]]) -> None:
        word = plain(asked.q)
        self.ids = [
            account
            for account, one in people.items()
            if word and (word in one["username"] or word in one["name"].lower())
        ]
        day = asked.day
        self.since = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) if day else None
        self.until = self.since + timedelta(days=1) if self.since else None
        self.word = word.replace("\\", "").replace("%", "").replace("_", r"\_")
        self.skip = (asked.page - 1) * PAGE


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the route of the trail."""
    runtime = desk.runtime

    @app.get("/trail", tags=["trail"], summary="操作记录、被拒绝的请求、登录记录")
    async def trail(_: Administrator, asked: Annotated[Asked, Query()]) -> Response:
        people = await people_of(runtime.pool)
        question = _Question(asked, people)
        find = {"acts": _acts, "refused": _refused, "sign-ins": _sign_ins}[asked.what]
        found = await find(runtime.pool, question)
        return document({"rows": found[:PAGE], "more": len(found) > PAGE, "people": people})


async def _acts(pool: asyncpg.Pool, asked: _Question) -> list[dict[str, Any]]:
    rows = await pool.fetch(
        "select stream, version, recorded, envelope, payload from"
        " (select *, convert_from(envelope, 'utf8')::jsonb ->> 'actoraccount' as actor"
        " from journal.events) told where actor <> $1"
        " and ($2 = '' or actor = any($3) or stream = any($4) or stream ilike '%' || $2 || '%'"
        " or convert_from(payload, 'utf8') ilike '%' || $2 || '%')"
        " and ($5::timestamptz is null or (recorded >= $5 and recorded < $6))"
        " order by recorded desc, stream, version desc limit $7 offset $8",
        SYSTEM,
        asked.word,
        asked.ids,
        [
            room.stream_of(UUID(account))
            for account in asked.ids
            for room in (account_room, machine_room)
        ],
        asked.since,
        asked.until,
        PAGE + 1,
        asked.skip,
    )
    return [told(row) for row in rows]


async def _refused(pool: asyncpg.Pool, asked: _Question) -> list[dict[str, Any]]:
    rows = await pool.fetch(
        "select * from identity.refused where ($1 = '' or account = any($2)"
        " or path ilike '%' || $1 || '%' or code ilike '%' || $1 || '%'"
        " or address ilike '%' || $1 || '%')"
        " and ($3::timestamptz is null or (at >= $3 and at < $4))"
        " order by at desc limit $5 offset $6",
        asked.word,
        asked.ids,
        asked.since,
        asked.until,
        PAGE + 1,
        asked.skip,
    )
    return [{**row, "at": _instant(row["at"])} for row in rows]


async def _sign_ins(pool: asyncpg.Pool, asked: _Question) -> list[dict[str, Any]]:
    rows = await pool.fetch(
        "select at, coalesce(account::text, '') as account, result, address"
        " from identity.sign_ins where ($1 = '' or account = any($2::uuid[])"
        " or address ilike '%' || $1 || '%' or result = upper($1))"
        " and ($3::timestamptz is null or (at >= $3 and at < $4))"
        " order by at desc limit $5 offset $6",
        asked.word,
        asked.ids,
        asked.since,
        asked.until,
        PAGE + 1,
        asked.skip,
    )
    return [{**row, "at": _instant(row["at"])} for row in rows]


def _instant(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
