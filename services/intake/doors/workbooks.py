"""The clerk's spreadsheet: upload, check, marked file back, take in; remembered by its hash.

Checking writes nothing but the upload itself. Taking in goes 500 rows at a time; each row is a
command of its own with an id from the upload and the row, so an acceptance that was cut off goes
on where it stood and doubles nothing.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

import asyncpg
import structlog
from fastapi import Depends, FastAPI, Query, Response, UploadFile

from contracts.intake import FileNoted
from services.intake.adapters.contacts import keeping
from services.intake.adapters.workbook_child import mark_in_child, read_in_child
from services.intake.doors.forms import Body
from services.intake.doors.rows import CheckedRow, Verdict, check_rows
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent
from services.intake.dossier import stream_of as project_stream
from services.intake.policies import form_of, policy_of
from services.intake.project.commands import By, DraftProject, ReviseProject
from services.intake.review.commands import ReportProject
from services.intake.review.decider import SecretProject
from services.intake.workbook.commands import FinishAcceptance, ReceiveWorkbook
from services.intake.workbook.decider import UPLOAD, WorkbookCommand, stream_of
from services.intake.workbook.limits import LARGEST, check_container
from services.intake.workbook.reading import WorkbookRead
from services.intake.workbook.template import write_template
from shared.commanding import Asking, asking
from shared.deciding import Ask, Cause, Command, handle, handle_many, new_id
from shared.files import Files, KeptFile, describe
from shared.journal import MOST_STREAMS, digest
from shared.refusals import NotAllowed, NotFound, Refusal
from shared.scope import may
from shared.service import Runtime
from shared.tokens import Actor, actor_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Mode = Literal["valid", "all"]

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]

log = structlog.get_logger()


class AcceptForm(Body):
    """How the rows are taken in: those that may be, or all or none."""

    mode: Mode = "valid"
    not_secret: bool = False


class RowsAreWrong(Refusal):
    """All or none was asked, and some rows may not be taken in."""

    code = "rows_are_wrong"
    title = "没有接收"


def workbook_routes(app: FastAPI, runtime: Runtime) -> "Workbooks":
    """Add the routes of the workbook room."""
    door = Workbooks(runtime)

    @app.get("/workbooks/template", tags=["workbook"], summary="附件1 表式")
    async def template(actor: Who) -> Response:
        _demand_reporter(actor)
        return door.template(actor)

    @app.post("/workbooks", status_code=201, tags=["workbook"], summary="上传并核对，不写入项目")
    async def receive(ask: Asks, file: UploadFile) -> dict[str, Any]:
        _demand_reporter(ask.actor)
        data = await file.read(LARGEST + 1)
        return await door.receive(ask, data, file.filename or "附件1.xlsx")

    @app.get("/workbooks", tags=["workbook"], summary="本单位的上传记录")
    async def history(actor: Who) -> list[dict[str, Any]]:
        _demand_reporter(actor)
        return await door.history(actor)

    @app.get("/workbooks/{upload_id}", tags=["workbook"], summary="核对结果和接收进度")
    async def read(actor: Who, upload_id: UUID) -> dict[str, Any]:
        return _shown(await door.find(actor, upload_id))

    @app.get("/workbooks/{upload_id}/rows", tags=["workbook"], summary="逐行核对结果")
    async def rows(
        actor: Who,
        upload_id: UUID,
        show: Annotated[Literal["trouble", "all"], Query()] = "trouble",
    ) -> list[dict[str, Any]]:
        return await door.rows(actor, upload_id, everything=show == "all")

    @app.get("/workbooks/{upload_id}/marked", tags=["workbook"], summary="标注文件")
    async def marked(actor: Who, upload_id: UUID) -> Response:
        return await door.marked(actor, upload_id)

    @app.post("/workbooks/{upload_id}/accept", status_code=202, tags=["workbook"], summary="接收")
    async def accept(ask: Asks, upload_id: UUID, body: AcceptForm) -> dict[str, Any]:
        _demand_reporter(ask.actor)
        if not body.not_secret:
            raise SecretProject("请确认表中没有涉密项目再接收；涉密项目按保密规定另行报送。")
        return await door.accept(ask, upload_id, body.mode)

    return door


class Workbooks:
    """What the routes of the workbook room share."""

    def __init__(self, runtime: Runtime) -> None:
        """Bind to the runtime; files lie in the home."""
        self._runtime = runtime
        self._files = Files(runtime.settings.home, runtime.service.name)
        self._running: dict[UUID, asyncio.Task[None]] = {}

    def template(self, actor: Actor) -> Response:
        """Give the empty sheet."""
        data = write_template(form_of(self._runtime.clock.today(), None), actor.org_name)
        return Response(
            data,
            media_type=XLSX,
            headers={"Content-Disposition": "attachment; filename*=UTF-8''" + quote("附件1.xlsx")},
        )

    async def receive(self, ask: Asking, data: bytes, name: str) -> dict[str, Any]:
        """Read and check a workbook; the same one again is the same upload until it is taken in."""
        check_container(data)
        today = self._runtime.clock.today()
        read = await read_in_child(data, name)
        rows = await check_rows(self._runtime.pool, self._runtime.journal, read, ask.actor, today)
        sha256 = await self._files.keep(data)
        kept = KeptFile(sha256, name[:200], len(data), XLSX)
        days = policy_of("workbook", today).values["originals_expire_after_days"]
        await describe(
            self._runtime.pool, kept, ask.actor.org, ask.cause.now + timedelta(days=days)
        )
        report = _report(rows, read)
        upload_id = await self._note(ask, kept, report)
        await self._tell_received(ask, upload_id, kept, report)
        return _shown(await self.find(ask.actor, upload_id))

    async def _note(self, ask: Asking, kept: KeptFile, report: dict[str, Any]) -> UUID:
        upload_id = new_id()
        found: UUID = await self._runtime.pool.fetchval(
            "insert into workbook.uploads (upload_id, receipt, org, account, role, file_sha256, "
            "file_name, file_size, uploaded_at, state, report) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'checked', $10) "
            "on conflict (org, account, file_sha256) where state = 'checked' "
            "do update set report = excluded.report returning upload_id",
            upload_id,
            f"HZ-{self._runtime.clock.today():%Y%m}-{upload_id.hex[-8:].upper()}",
            ask.actor.org,
            ask.actor.account,
            ask.actor.role,
            kept.sha256,
            kept.name,
            kept.size,
            ask.cause.now,
            json.dumps(report, ensure_ascii=False),
        )
        return found

    async def _tell_received(
        self, ask: Asking, upload_id: UUID, kept: KeptFile, report: dict[str, Any]
    ) -> None:
        row = await self._row(upload_id)
        stream = stream_of(upload_id)
        command: WorkbookCommand = ReceiveWorkbook(
            upload_id=upload_id,
            org=ask.actor.org,
            receipt=row["receipt"],
            file=FileNoted(
                sha256=kept.sha256, name=kept.name, size=kept.size, media_type=kept.media_type
            ),
            rows=report["rows"],
            acceptable=report["acceptable"],
            wrong=report["wrong"],
            unchanged=report["unchanged"],
            total_investment=report["total_investment"],
        )
        await handle(
            self._runtime.journal,
            UPLOAD,
            Ask(stream, stream, command, lambda wrote: wrote.token.encode()),
            ask.cause,
        )

    async def find(self, actor: Actor, upload_id: UUID) -> asyncpg.Record:
        """Give an upload of the actor's own organisation.

        Raises:
            NotFound: there is none, or it is another's.
        """
        row = await self._row(upload_id)
        if row["org"] != actor.org:
            raise _no_upload()
        return row

    async def _row(self, upload_id: UUID) -> asyncpg.Record:
        row = await self._runtime.pool.fetchrow(
            "select * from workbook.uploads where upload_id = $1", upload_id
        )
        if row is None:
            raise _no_upload()
        return row

    async def history(self, actor: Actor) -> list[dict[str, Any]]:
        """Give the organisation's last uploads."""
        rows = await self._runtime.pool.fetch(
            "select * from workbook.uploads where org = $1 order by uploaded_at desc limit 100",
            actor.org,
        )
        return [_shown(row) for row in rows]

    async def _checked(
        self, upload: asyncpg.Record
    ) -> tuple[bytes, WorkbookRead, list[CheckedRow]]:
        data = await self._files.read(upload["file_sha256"])
        read = await read_in_child(data, upload["file_name"])
        actor = Actor(upload["account"], "", upload["role"], upload["org"], "")
        rows = await check_rows(
            self._runtime.pool, self._runtime.journal, read, actor, self._runtime.clock.today()
        )
        return data, read, rows

    async def rows(
        self, actor: Actor, upload_id: UUID, *, everything: bool
    ) -> list[dict[str, Any]]:
        """Give the rows with what is wrong in which cell."""
        _, _, rows = await self._checked(await self.find(actor, upload_id))
        return [
            {
                "number": row.read.number,
                "project_id": None if row.project_id is None else str(row.project_id),
                "verdict": row.verdict,
                "typed": dict(row.read.typed),
                "problems": [asdict(problem) for problem in row.problems],
            }
            for row in rows
            if everything or row.problems
        ]

    async def marked(self, actor: Actor, upload_id: UUID) -> Response:
        """Give the same file with every wrong cell marked."""
        upload = await self.find(actor, upload_id)
        data, read, rows = await self._checked(upload)
        problems = {row.read.number: row.problems for row in rows if row.problems}
        marked = await mark_in_child(data, read, problems)
        name = upload["file_name"].removesuffix(".xlsx") + "（已标注）.xlsx"
        return Response(
            marked,
            media_type=XLSX,
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
        )

    async def accept(self, ask: Asking, upload_id: UUID, mode: Mode) -> dict[str, Any]:
        """Begin to take the rows in; the page follows how far it has come."""
        upload = await self.find(ask.actor, upload_id)
        if mode == "all" and json.loads(upload["report"])["wrong"]:
            raise RowsAreWrong(
                f"有 {json.loads(upload['report'])['wrong']} 行有错，按“全部或都不”一行也没有接收。"
                "请改正后再传，或选择先接收正确的行。"
            )
        await self._runtime.pool.execute(
            "update workbook.uploads set state = 'accepting', mode = $2 "
            "where upload_id = $1 and state = 'checked'",
            upload_id,
            mode,
        )
        self.start(upload_id)
        return _shown(await self.find(ask.actor, upload_id))

    def start(self, upload_id: UUID) -> None:
        """Take the rows of an upload in, beside the requests, unless it is being done."""
        if upload_id not in self._running:
            task = asyncio.create_task(self._take_in(upload_id))
            self._running[upload_id] = task
            task.add_done_callback(lambda _: self._running.pop(upload_id, None))

    async def resume(self) -> None:
        """Go on with every acceptance that a stop cut off."""
        for row in await self._runtime.pool.fetch(
            "select upload_id from workbook.uploads where state = 'accepting'"
        ):
            log.info("acceptance_goes_on", upload=str(row["upload_id"]))
            self.start(row["upload_id"])

    async def _take_in(self, upload_id: UUID) -> None:
        while True:
            try:
                await self._take_in_once(await self._row(upload_id))
                return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("acceptance_waits", upload=str(upload_id), error=repr(error))
                await asyncio.sleep(2)
            except Refusal as refusal:
                await self._end(upload_id, "failed", {"why": refusal.detail})
                return

    async def _take_in_once(self, upload: asyncpg.Record) -> None:
        if upload["state"] != "accepting":
            return
        upload_id: UUID = upload["upload_id"]
        _, _, rows = await self._checked(upload)
        wanted = [row for row in rows if row.verdict is Verdict.ACCEPTABLE]
        there = [row for row in rows if row.verdict is Verdict.UNCHANGED]
        # What is there already may be this very upload's, from before it was cut off.
        own = await self._runtime.journal.replies_to([_command_id(upload, row) for row in there])
        together = upload["mode"] == "all"
        refused: list[dict[str, Any]] = []
        size = len(wanted) if together else MOST_STREAMS
        for begin in range(0, len(wanted), max(size, 1)):
            chunk = wanted[begin : begin + size]
            refused += await self._append(upload, chunk, together=together)
            await self._runtime.pool.execute(
                "update workbook.uploads set done = $2 where upload_id = $1",
                upload_id,
                len(own) + begin + len(chunk),
            )
        unchanged = len(there) - len(own)
        accepted = len(own) + len(wanted) - len(refused)
        stream = stream_of(upload_id)
        command: WorkbookCommand = FinishAcceptance(
            upload_id=upload_id,
            org=upload["org"],
            mode=upload["mode"],
            accepted=accepted,
            refused=len(refused) + sum(row.verdict is Verdict.WRONG for row in rows),
            unchanged=unchanged,
        )
        await handle(
            self._runtime.journal,
            UPLOAD,
            Ask(stream, stream, command, lambda wrote: wrote.token.encode()),
            self._cause(upload, upload["org"]),
        )
        result = {"accepted": accepted, "refused": refused, "unchanged": unchanged}
        await self._end(upload_id, "accepted", result)

    async def _end(self, upload_id: UUID, state: str, result: dict[str, Any]) -> None:
        await self._runtime.pool.execute(
            "update workbook.uploads set state = $2, result = $3 where upload_id = $1",
            upload_id,
            state,
            json.dumps(result, ensure_ascii=False),
        )

    async def _append(
        self, upload: asyncpg.Record, rows: Sequence[CheckedRow], *, together: bool
    ) -> list[dict[str, Any]]:
        refused: list[dict[str, Any]] = []
        for owner in sorted({row.owner.id for row in rows if row.owner}):
            of_owner = [row for row in rows if row.owner and row.owner.id == owner]
            outcomes = await handle_many(
                self._runtime.journal,
                DOSSIER,
                [self._ask(upload, row) for row in of_owner],
                self._cause(upload, owner),
                together=together,
            )
            refused += [
                {"number": row.read.number, "why": outcome.detail}
                for row, outcome in zip(of_owner, outcomes, strict=True)
                if isinstance(outcome, Refusal)
            ]
        return refused

    def _ask(
        self, upload: asyncpg.Record, row: CheckedRow
    ) -> Ask[Sequence[DossierCommand], Dossier, DossierEvent]:
        if row.project_id is None or row.owner is None or row.facts is None or row.form is None:
            raise AssertionError("only a complete row is taken in")
        by = By(account=upload["account"], org=row.owner.id)
        begin: DossierCommand = (
            ReviseProject(project_id=row.project_id, by=by, facts=row.facts, form=row.form)
            if row.begun
            else DraftProject(
                project_id=row.project_id,
                by=by,
                owner_name=row.owner.short_name,
                facts=row.facts,
                form=row.form,
            )
        )
        report = ReportProject(
            project_id=row.project_id,
            by=by,
            on=self._runtime.clock.today(),
            form=row.form,
            not_secret=True,
            accepted_hints=row.hints,
        )
        also = None
        if row.new_contact and row.contact is not None and row.contact_id is not None:
            now = self._runtime.clock.now()
            also = keeping(row.contact_id, row.contact, row.project_id, now)
        return Ask(
            project_stream(row.project_id),
            str(row.project_id),
            (begin, report),
            lambda wrote: wrote.token.encode(),
            identity=Command(
                _command_id(upload, row),
                digest(f"{upload['file_sha256']}:{row.read.number}".encode()),
            ),
            also=also,
        )

    def _cause(self, upload: asyncpg.Record, owner: str) -> Cause:
        upload_id = str(upload["upload_id"])
        today = self._runtime.clock.today()
        return Cause(
            account=upload["account"],
            role=upload["role"],
            org=upload["org"],
            now=self._runtime.clock.now(),
            correlation_id=upload_id,
            causation_id=upload_id,
            on_behalf_of="" if owner == upload["org"] else owner,
            policy=policy_of("project", today).sha256,
        )


def _command_id(upload: asyncpg.Record, row: CheckedRow) -> str:
    return f"{upload['account']}:{upload['upload_id']}:{row.read.number}"


def _report(rows: Sequence[CheckedRow], read: WorkbookRead) -> dict[str, Any]:
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    return {
        "sheet": read.sheet,
        "header_row": read.header_row,
        "unit": read.unit,
        "remarks": list(read.remarks),
        "columns": dict(read.columns),
        "rows": len(rows),
        "acceptable": counts[Verdict.ACCEPTABLE],
        "wrong": counts[Verdict.WRONG],
        "unchanged": counts[Verdict.UNCHANGED],
        "hinted": sum(row.verdict is Verdict.ACCEPTABLE and bool(row.hints) for row in rows),
        "total_investment": sum(
            row.total_investment for row in rows if row.verdict is Verdict.ACCEPTABLE
        ),
    }


def _shown(upload: asyncpg.Record) -> dict[str, Any]:
    uploaded_at: datetime = upload["uploaded_at"]
    return {
        "upload_id": str(upload["upload_id"]),
        "receipt": upload["receipt"],
        "file_name": upload["file_name"],
        "uploaded_at": uploaded_at.isoformat(),
        "state": upload["state"],
        "mode": upload["mode"],
        "done": upload["done"],
        **json.loads(upload["report"]),
        "result": json.loads(upload["result"]) if upload["result"] else None,
    }


def _demand_reporter(actor: Actor) -> None:
    if not may(actor, "report"):
        raise NotAllowed("你的角色不能报送项目。请用有这项职责的账号登录。")


def _no_upload() -> NotFound:
    return NotFound("没有这次上传，或它不在你单位的范围内。")
