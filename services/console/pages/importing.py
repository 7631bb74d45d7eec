"""导入: what is wrong in my file. Upload, check cell by cell, take in, follow how far it has come.

Reading, checking and taking in is intake's; nothing of a file is kept here.
"""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from services.console.adapters.intake import IntakeRefused, Problem
from services.console.adapters.workbooks import Upload, read_rows, read_uploads
from services.console.pages import words
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.session import Visit
from services.console.pages.sheet import Looking, Sheet, sheet_of
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may
from shared.spreadsheets import Spreadsheet

_HISTORY = 20
# Beyond this nothing is passed on; up to it intake itself says what is too large.
_LARGEST_BODY = 24 * 1024 * 1024


@dataclass(frozen=True)
class Step:
    """One of the four steps."""

    name: str
    state: Literal["past", "now", ""]
    note: str


def pages(site: Site) -> APIRouter:
    """Give the routes of the import."""
    router = APIRouter()
    room = _Room(site)

    @router.get("/import")
    async def begin(request: Request) -> Response:
        return await room.empty(request, await room.reporter(request))

    @router.get("/import/template")
    async def template(request: Request) -> Response:
        visit = await room.reporter(request)
        return await _download(site, await room.token(visit), "/workbooks/template")

    @router.post("/import")
    async def receive(request: Request) -> Response:
        visit = await room.reporter(request)
        try:
            upload = await _send_on(site, request, await room.token(visit))
        except IntakeRefused as refused:
            return await room.empty(request, visit, refused.problem)
        except Unavailable as silent:
            return await room.empty(
                request,
                visit,
                Problem(
                    title="没有收下",
                    status=503,
                    code="unavailable",
                    detail=f"{silent.detail}请稍后再传一次，不会重复。",
                ),
            )
        address = f"/import/{upload.upload_id}"
        if request.headers.get("HX-Request"):
            # A script sends the file to show how far it is; it goes on to the page by itself.
            return Response(status_code=204, headers={"HX-Redirect": address})
        return site.turn(request, address)

    @router.get("/import/{upload_id}")
    async def one(
        request: Request, upload_id: UUID, looking: Annotated[Looking, Query()]
    ) -> Response:
        visit = await room.reporter(request)
        upload = await room.find(visit, upload_id)
        if looking.seen == _mark(upload) and request.headers.get("HX-Request"):
            return Response(status_code=204)
        return await room.show(request, visit, upload, looking)

    @router.get("/import/{upload_id}/marked")
    async def marked(request: Request, upload_id: UUID) -> Response:
        visit = await room.reporter(request)
        try:
            return await _download(site, await room.token(visit), f"/workbooks/{upload_id}/marked")
        except IntakeRefused as refused:
            upload = await room.find(visit, upload_id)
            return await room.show(request, visit, upload, Looking(), refused.problem)

    @router.post("/import/{upload_id}/accept")
    async def accept(request: Request, upload_id: UUID) -> Response:
        visit = await room.reporter(request)
        form = await request.form()
        upload = await room.find(visit, upload_id)
        mode = "all" if form.get("mode") == "all" else "valid"
        try:
            await site.command(
                visit,
                f"/workbooks/{upload_id}/accept",
                {"mode": mode},
                key=f"{upload_id}-{mode}",
            )
        except IntakeRefused as refused:
            return await room.show(request, visit, upload, Looking(), refused.problem)
        except Unavailable as silent:
            said = Said("late", "没有接收。", f"{silent.detail}请稍后再点一次，不会重复。")
            return site.turn(request, f"/import/{upload_id}", said)
        return site.turn(request, f"/import/{upload_id}")

    return router


class _Room:
    """What the pages of the import share."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def reporter(self, request: Request) -> Visit:
        visit = await self._site.visit(request)
        if not may(visit.actor, "report"):
            raise NotAllowed("导入由县区、开发区、市直部门和企业集团的填报账号办理。")
        return visit

    async def token(self, visit: Visit) -> str:
        return await self._site.sessions.token(visit.session, "intake")

    async def find(self, visit: Visit, upload_id: UUID) -> Upload:
        try:
            answer = await self._fetch(visit, f"/workbooks/{upload_id}")
        except IntakeRefused as refused:
            raise not_in_scope() from refused
        return Upload.model_validate_json(answer)

    async def empty(
        self, request: Request, visit: Visit, problem: Problem | None = None
    ) -> Response:
        own = visit.units.get(visit.actor.org, self._site.clock.today())
        try:
            uploads = await self._history(visit)
        except Unavailable:
            if problem is None:
                raise
            uploads = ()
        return await self._site.render(
            request,
            "import.html",
            visit,
            title="导入",
            current="import",
            status=problem.status if problem else 200,
            own=own.short_name if own else visit.actor.org_name,
            steps=_steps(None, await self._term(request), ""),
            uploads=uploads,
            problem=problem,
        )

    async def show(
        self,
        request: Request,
        visit: Visit,
        upload: Upload,
        looking: Looking,
        problem: Problem | None = None,
    ) -> Response:
        taking = upload.state == "accepting"
        received = words.moment(upload.uploaded_at, self._site.clock.today())
        return await self._site.render(
            request,
            "upload.html",
            visit,
            title=f"导入 {upload.file_name}",
            current="import",
            status=problem.status if problem else 200,
            upload=upload,
            looking=looking,
            sheet=Sheet() if taking else await self._rows(visit, upload, looking),
            steps=_steps(upload, await self._term(request), received),
            uploads=() if taking else await self._history(visit),
            problem=problem,
            mark=_mark(upload),
        )

    async def _fetch(self, visit: Visit, path: str) -> bytes:
        return (await self._site.intake.fetch(await self.token(visit), path)).content

    async def _history(self, visit: Visit) -> tuple[Upload, ...]:
        return read_uploads.validate_json(await self._fetch(visit, "/workbooks"))[:_HISTORY]

    async def _rows(self, visit: Visit, upload: Upload, looking: Looking) -> Sheet:
        about_trouble = looking.show in ("trouble", "wrong", "hint")
        if about_trouble and not upload.wrong and not upload.hinted:
            return Sheet()
        wanted = "trouble" if about_trouble else "all"
        if upload.kept_until is None:
            return Sheet()  # what was counted is still there
        path = f"/workbooks/{upload.upload_id}/rows?show={wanted}"
        rows = read_rows.validate_json(await self._fetch(visit, path))
        return sheet_of(upload, rows, looking)

    async def _term(self, request: Request) -> str:
        terms = (await self._site.rules(request)).on(self._site.clock.today())
        return words.limit(terms.first_review)


async def _send_on(site: Site, request: Request, token: str) -> Upload:
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > _LARGEST_BODY:
        async for _ in request.stream():
            pass  # a browser listens to the answer only after it has sent everything
        raise IntakeRefused(
            Problem(
                title="没有收下",
                status=413,
                code="too_large",
                detail="文件太大，没有收下。请分成几个文件，或去掉图片和多余的工作表后再传。",
            )
        )
    form = await request.form(max_files=1, max_fields=10)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise IntakeRefused(
            Problem(title="没有收下", status=422, code="no_file", detail="还没有选文件。")
        )
    declared = form.get("not_secret") == "true"
    content = await site.intake.send_workbook(token, file.filename, file.file, not_secret=declared)
    return Upload.model_validate_json(content)


async def _download(site: Site, token: str, path: str) -> Response:
    answer = await site.intake.fetch(token, path)
    return Spreadsheet(
        answer.content,
        headers={"Content-Disposition": answer.headers.get("Content-Disposition", "attachment")},
    )


def _mark(upload: Upload) -> str:
    return f"{upload.state}-{upload.done}"


def _steps(upload: Upload | None, term: str, received: str) -> tuple[Step, ...]:
    if upload is None:
        return (
            Step("上传", "now", "选一个 .xlsx 文件"),
            Step("核对", "", "逐格指出要改什么"),
            Step("接收", "", "你确认之后才写入"),
            Step("送初审", "", f"市发改委，{term}"),
        )
    sent = Step("送初审", "", f"市发改委，{term}")
    first = Step("上传", "past", f"{received} 收到")
    checked = "，".join(
        text
        for number, text in (
            (upload.wrong, f"{upload.wrong} 行要改"),
            (upload.hinted, f"{upload.hinted} 行要看"),
        )
        if number
    )
    match upload.state:
        case "accepting":
            return (
                first,
                Step("核对", "past", checked or "没有要改的"),
                Step("接收", "now", f"已处理 {upload.done:,} / {upload.acceptable:,} 行"),
                sent,
            )
        case "accepted":
            accepted = upload.result.accepted if upload.result else 0
            return (
                first,
                Step("核对", "past", checked or "没有要改的"),
                Step("接收", "past", f"接收 {accepted:,} 行"),
                Step("送初审", "past" if accepted else "", f"市发改委，{term}"),
            )
        case "failed":
            return (
                first,
                Step("核对", "past", checked or "没有要改的"),
                Step("接收", "now", "没有接收"),
                sent,
            )
        case _:
            return (
                first,
                Step("核对", "now", checked or "没有要改的"),
                Step("接收", "", "尚未写入任何内容"),
                sent,
            )
