"""How far each uploaded workbook has come: what the pages show, where an acceptance goes on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from shared.refusals import NotFound
from shared.scope import REPORTERS
from shared.seeing import EVERYTHING, Own, Reader, Resource, Scope
from shared.tokens import Actor

Mode = Literal["valid", "all"]

LISTED = 100

UPLOAD_SCOPES = Resource("upload", rows=dict.fromkeys(REPORTERS, Own("org")))
EVERYBODYS = Scope(EVERYTHING, Reader("system", "system"))


@dataclass(frozen=True)
class Upload:
    """An uploaded workbook; ``report`` holds what its check counted, ``result`` what became."""

    upload_id: UUID
    receipt: str
    org: str
    account: str
    role: str
    file_sha256: str
    check_sha256: str
    marked_sha256: str
    file_name: str
    uploaded_at: datetime
    state: str
    mode: Mode | None
    report: Mapping[str, Any]
    done: int
    result: Mapping[str, Any] | None
    erased: bool = False

    @property
    def actor(self) -> Actor:
        """Who sent it, as far as its rows depend on that."""
        return Actor(self.account, "", self.role, self.org, "")


async def note(pool: asyncpg.Pool, upload: Upload, file_size: int) -> UUID:
    """Note an upload and give its id: the same file, not taken in yet, is the same upload."""
    found: UUID = await pool.fetchval(
        "insert into workbook.uploads (upload_id, receipt, org, account, role, file_sha256, "
        "check_sha256, file_name, file_size, uploaded_at, state, report) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'checked', $11) "
        "on conflict (org, account, file_sha256) where state = 'checked' "
        "do update set report = excluded.report, check_sha256 = excluded.check_sha256, "
        "marked_sha256 = '' returning upload_id",
        upload.upload_id,
        upload.receipt,
        upload.org,
        upload.account,
        upload.role,
        upload.file_sha256,
        upload.check_sha256,
        upload.file_name,
        file_size,
        upload.uploaded_at,
        _json(upload.report),
    )
    return found


async def find(pool: asyncpg.Pool, upload_id: UUID, scope: Scope = EVERYBODYS) -> Upload:
    """Give an upload within a scope.

    Raises:
        NotFound: there is none, or it lies outside.
    """
    seen, parameters = scope.where(2)
    row = await pool.fetchrow(
        f"select * from workbook.uploads where upload_id = $1 and {seen}",  # noqa: S608
        upload_id,
        *parameters,
    )
    if row is None:
        raise NotFound("没有这次上传，或它不在你单位的范围内。")
    return _upload(row)


async def last(pool: asyncpg.Pool, scope: Scope) -> Sequence[Upload]:
    """Give the last uploads within a scope, the newest first."""
    seen, parameters = scope.where(2)
    rows = await pool.fetch(
        f"select * from workbook.uploads where {seen} order by uploaded_at desc limit $1",  # noqa: S608
        LISTED,
        *parameters,
    )
    return [_upload(row) for row in rows]


async def accepting(pool: asyncpg.Pool) -> Sequence[UUID]:
    """Give the uploads whose acceptance has begun and not ended."""
    rows = await pool.fetch("select upload_id from workbook.uploads where state = 'accepting'")
    return [row["upload_id"] for row in rows]


async def begin_acceptance(pool: asyncpg.Pool, upload_id: UUID, mode: Mode) -> None:
    """Note that an upload is being taken in; one that has begun goes on as it is."""
    await pool.execute(
        "update workbook.uploads set state = 'accepting', mode = $2 "
        "where upload_id = $1 and state = 'checked'",
        upload_id,
        mode,
    )


async def note_marked(pool: asyncpg.Pool, upload_id: UUID, sha256: str) -> None:
    """Note which file is the marked one."""
    await pool.execute(
        "update workbook.uploads set marked_sha256 = $2 where upload_id = $1", upload_id, sha256
    )


async def note_done(pool: asyncpg.Pool, upload_id: UUID, done: int) -> None:
    """Note how many rows were dealt with."""
    await pool.execute(
        "update workbook.uploads set done = $2 where upload_id = $1", upload_id, done
    )


async def end(pool: asyncpg.Pool, upload_id: UUID, state: str, result: Mapping[str, Any]) -> None:
    """Note what became of an acceptance."""
    await pool.execute(
        "update workbook.uploads set state = $2, result = $3 where upload_id = $1",
        upload_id,
        state,
        _json(result),
    )


def _upload(row: asyncpg.Record) -> Upload:
    return Upload(
        upload_id=row["upload_id"],
        receipt=row["receipt"],
        org=row["org"],
        account=row["account"],
        role=row["role"],
        file_sha256=row["file_sha256"],
        check_sha256=row["check_sha256"],
        marked_sha256=row["marked_sha256"],
        file_name=row["file_name"],
        uploaded_at=row["uploaded_at"],
        state=row["state"],
        mode=row["mode"],
        report=json.loads(row["report"]),
        done=row["done"],
        result=json.loads(row["result"]) if row["result"] else None,
        erased=row["erased"],
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
