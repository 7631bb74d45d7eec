"""The clerk's spreadsheet: upload, check, marked file back, take in; remembered by its hash.

Checking writes nothing but the upload itself. What it found is kept beside the original, as is the
marked file once somebody asked for it, and expires with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Form, Query, Response, UploadFile

from contracts.intake import FileNoted
from services.intake.adapters import uploads
from services.intake.adapters.contacts import Read, note_reads
from services.intake.adapters.uploads import UPLOAD_SCOPES, Mode, Upload
from services.intake.adapters.workbook_child import read_in_child
from services.intake.doors.forms import Body
from services.intake.doors.rows import CheckedRow, check_rows
from services.intake.doors.taking_in import TakingIn, together_at_most
from services.intake.doors.veiling import veiled
from services.intake.policies import form_of, policy_of
from services.intake.project.decider import refuse_secret
from services.intake.project.rules import unfit_text
from services.intake.workbook.checking import CHECKED, RowChecked, Verdict, WorkbookChecked
from services.intake.workbook.commands import ReceiveWorkbook
from services.intake.workbook.decider import UPLOAD, WorkbookCommand, stream_of
from services.intake.workbook.reading import WorkbookRead
from services.intake.workbook.template import write_template
from shared.commanding import Asking, asking
from shared.deciding import Ask, handle, new_id
from shared.files import FileExpired, KeptFile
from shared.journal import MOST_STREAMS
from shared.refusals import NotAllowed, Refusal, UnreadableInput
from shared.scope import may
from shared.seeing import Reader, Scope
from shared.service import Runtime
from shared.spreadsheets import XLSX, Spreadsheet, spreadsheet
from shared.tokens import Actor, actor_of
from shared.workbook.limits import LARGEST, check_container
from shared.workbook.table_child import mark_in_child

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]


class AcceptForm(Body):
    """How the rows are taken in: those that may be, or all or none."""

    mode: Mode = "valid"


class RowsAreWrong(Refusal):
    """All or none was asked, and some rows may not be taken in."""

    code = "rows_are_wrong"
    title = "没有接收"


def workbook_routes(app: FastAPI, runtime: Runtime) -> TakingIn:
    """Add the routes of the workbook room; give what takes rows in beside them."""
    taking_in = TakingIn(runtime)
    door = _Workbooks(runtime, taking_in)

    @app.get(
        "/workbooks/template",
        tags=["workbook"],
        summary="附件1 表式",
        response_class=Spreadsheet,
    )
    async def template(actor: Who) -> Response:
        _demand_reporter(actor)
        return door.template(actor)

    @app.post("/workbooks", status_code=201, tags=["workbook"], summary="上传并核对，不写入项目")
    async def receive(
        ask: Asks, file: UploadFile, not_secret: Annotated[bool, Form()] = False
    ) -> dict[str, Any]:
        _demand_reporter(ask.actor)
        refuse_secret(not_secret)
        data = await file.read(LARGEST + 1)
        return await door.receive(ask, data, file.filename or "附件1.xlsx")

    @app.get("/workbooks", tags=["workbook"], summary="本单位的上传记录")
    async def history(actor: Who) -> list[dict[str, Any]]:
        _demand_reporter(actor)
        return await door.show(actor, await uploads.last(runtime.pool, _seen_by(actor)))

    @app.get("/workbooks/{upload_id}", tags=["workbook"], summary="核对结果和接收进度")
    async def read(actor: Who, upload_id: UUID) -> dict[str, Any]:
        return await door.one(actor, upload_id)

    @app.get("/workbooks/{upload_id}/rows", tags=["workbook"], summary="逐行核对结果")
    async def rows(
        actor: Who,
        upload_id: UUID,
        show: Annotated[Literal["trouble", "all"], Query()] = "trouble",
    ) -> list[dict[str, Any]]:
        return await door.rows(actor, upload_id, everything=show == "all")

    @app.get(
        "/workbooks/{upload_id}/marked",
        tags=["workbook"],
        summary="标注文件",
        response_class=Spreadsheet,
    )
    async def marked(ask: Asks, upload_id: UUID) -> Response:
        return await door.marked(ask, upload_id)

    @app.post("/workbooks/{upload_id}/accept", status_code=202, tags=["workbook"], summary="接收")
    async def accept(ask: Asks, upload_id: UUID, body: AcceptForm) -> dict[str, Any]:
        _demand_reporter(ask.actor)
        return await door.accept(ask, upload_id, body.mode)

    return taking_in


class _Workbooks:
    """What the routes of the workbook room share."""

    def __init__(self, runtime: Runtime, taking_in: TakingIn) -> None:
        self._runtime = runtime
        self._taking_in = taking_in

    def template(self, actor: Actor) -> Response:
        data = write_template(form_of(self._runtime.clock.today(), None), actor.org_name)
        return spreadsheet(data, "附件1.xlsx")

    async def receive(self, ask: Asking, data: bytes, name: str) -> dict[str, Any]:
        """Read and check a workbook; the same one again is the same upload until it is taken in."""
        refuse_telling_name(name)
        check_container(data)
        today, now = self._runtime.clock.today(), ask.cause.now
        read = await read_in_child(data, name)
        rows = await check_rows(self._runtime.pool, self._runtime.journal, read, ask.actor, today)
        days = policy_of("workbook", today).values["originals_expire_after_days"]
        until = now + timedelta(days=days)
        org, files = ask.actor.org, self._runtime.files
        original = await files.keep(data, name[:200], XLSX, org, until)
        found = CHECKED.dump_json(WorkbookChecked(read, tuple(map(_checked, rows))))
        check = await files.keep(found, "核对结果.json", "application/json", org, until)
        upload_id = new_id()
        upload = Upload(
            upload_id=upload_id,
            receipt=f"HZ-{today:%Y%m}-{upload_id.hex[-8:].upper()}",
            org=org,
            account=ask.actor.account,
            role=ask.actor.role,
            file_sha256=original.sha256,
            check_sha256=check.sha256,
            marked_sha256="",
            file_name=original.name,
            uploaded_at=now,
            state="checked",
            mode=None,
            report=_report(rows, read),
            done=0,
            result=None,
        )
        noted = await uploads.note(self._runtime.pool, upload, original.size)
        upload = await uploads.find(self._runtime.pool, noted)
        await self._tell_received(ask, upload, original)
        return await self.one(ask.actor, upload.upload_id)

    async def _tell_received(self, ask: Asking, upload: Upload, kept: KeptFile) -> None:
        stream = stream_of(upload.upload_id)
        command: WorkbookCommand = ReceiveWorkbook(
            upload_id=upload.upload_id,
            org=upload.org,
            receipt=upload.receipt,
            file=FileNoted(
                sha256=kept.sha256, name=kept.name, size=kept.size, media_type=kept.media_type
            ),
            rows=upload.report["rows"],
            acceptable=upload.report["acceptable"],
            wrong=upload.report["wrong"],
            unchanged=upload.report["unchanged"],
            total_investment=upload.report["total_investment"],
        )
        await handle(
            self._runtime.journal,
            UPLOAD,
            Ask(stream, stream, command, lambda wrote: wrote.token.encode()),
            ask.cause,
        )

    async def one(self, actor: Actor, upload_id: UUID) -> dict[str, Any]:
        """Show an upload of the actor's own organisation."""
        (shown,) = await self.show(actor, [await self._find(actor, upload_id)])
        return shown

    async def show(self, actor: Actor, found: Sequence[Upload]) -> list[dict[str, Any]]:
        """Show uploads with the day until which their files are kept."""
        terms = await self._runtime.files.terms(
            [upload.check_sha256 for upload in found], actor.org, self._runtime.clock.now()
        )
        return [_shown(upload, terms.get(upload.check_sha256)) for upload in found]

    async def _find(self, actor: Actor, upload_id: UUID) -> Upload:
        return await uploads.find(self._runtime.pool, upload_id, _seen_by(actor))

    async def rows(
        self, actor: Actor, upload_id: UUID, *, everything: bool
    ) -> list[dict[str, Any]]:
        """Give the rows with what was wrong in which cell when they were checked."""
        checked = await self._taking_in.checked(await self._find(actor, upload_id))
        return [
            {
                "number": row.number,
                "project_id": None if row.project_id is None else str(row.project_id),
                "verdict": row.verdict,
                **veiled(read.typed, row.problems),
            }
            for read, row in zip(checked.read.rows, checked.rows, strict=True)
            if everything or row.problems
        ]

    async def marked(self, ask: Asking, upload_id: UUID) -> Response:
        """Give the same file with every wrong cell marked; it is made once.

        It holds whom to call about every row, so whoever fetches it is noted.
        """
        upload = await self._find(ask.actor, upload_id)
        files, now = self._runtime.files, self._runtime.clock.now()
        read = Read(upload.org, "MARKED_FILE", upload_id=upload_id)
        await note_reads(self._runtime.pool, ask, [read])
        name = upload.file_name.removesuffix(".xlsx") + "（已标注）.xlsx"
        terms = await files.terms([upload.file_sha256, upload.marked_sha256], upload.org, now)
        if upload.marked_sha256 in terms:
            return spreadsheet(await files.read(upload.marked_sha256, upload.org, now), name)
        original = await files.read(upload.file_sha256, upload.org, now)
        checked = await self._taking_in.checked(upload)
        problems = {row.number: row.problems for row in checked.rows if row.problems}
        data = await mark_in_child(original, checked.read.place, problems)
        until = terms[upload.file_sha256]
        kept = await files.keep(data, name, XLSX, upload.org, until)
        await uploads.note_marked(self._runtime.pool, upload_id, kept.sha256)
        return spreadsheet(data, name)

    async def accept(self, ask: Asking, upload_id: UUID, mode: Mode) -> dict[str, Any]:
        """Begin to take the rows in; the page follows how far it has come."""
        upload = await self._find(ask.actor, upload_id)
        (shown,) = await self.show(ask.actor, [upload])
        if upload.state == "checked" and shown["kept_until"] is None:
            raise FileExpired("文件已按规定到期删除，没有接收。请重新上传再接收。")
        if upload.state == "checked" and mode == "all":
            if wrong := upload.report["wrong"]:
                raise RowsAreWrong(
                    f"有 {wrong} 行有错，按“全部或都不”一行也没有接收。"
                    "请改正后再传，或选择先接收正确的行。"
                )
            together_at_most(upload.report["acceptable"])
        await uploads.begin_acceptance(self._runtime.pool, upload_id, mode)
        self._taking_in.start(upload_id)
        return await self.one(ask.actor, upload_id)


def _seen_by(actor: Actor) -> Scope:
    return UPLOAD_SCOPES.seen_by(Reader(actor.role, actor.org))


def refuse_telling_name(name: str) -> None:
    """Refuse a file whose name tells a number of somebody's: the name stays in a fact.

    Raises:
        UnreadableInput: it does.
    """
    problems = [finding.problem for finding in unfit_text("file", name)]
    if problems:
        raise UnreadableInput("文件名不合适，请改名后再传。", errors=problems)


def _checked(row: CheckedRow) -> RowChecked:
    return RowChecked(row.read.number, row.verdict, row.project_id, tuple(row.problems))


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


def _shown(upload: Upload, kept_until: datetime | None) -> dict[str, Any]:
    return {
        "upload_id": str(upload.upload_id),
        "receipt": upload.receipt,
        "file_name": upload.file_name,
        "uploaded_at": upload.uploaded_at.isoformat(),
        "kept_until": kept_until and kept_until.isoformat(),
        "most_together": MOST_STREAMS,
        "state": upload.state,
        "mode": upload.mode,
        "done": upload.done,
        **upload.report,
        "result": upload.result,
        "erased": upload.erased,
    }


def _demand_reporter(actor: Actor) -> None:
    if not may(actor, "report"):
        raise NotAllowed("你的角色不能报送项目。请用有这项职责的账号登录。")
