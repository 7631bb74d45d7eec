"""用表格报月报: fetch the unit's sheet, send it filled in, see what is wrong, have it taken in."""

from uuid import uuid4

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile

from services.console.adapters.intake import IntakeRefused, Problem
from services.console.adapters.workbooks import Cell
from services.console.pages import words
from services.console.pages.frame import Said, Site
from services.console.pages.progress import read_month
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, NotFound, Unavailable
from shared.scope import may
from shared.spreadsheets import Spreadsheet

VERDICTS = {
    "ACCEPTABLE": ("ok", "可以报"),
    "HINTS": ("near", "有提示"),
    "WRONG": ("late", "有错"),
    "UNCHANGED": ("done", "无变化"),
}


class Row(BaseModel):
    """A row of the sheet with what was found."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    project_id: str
    name: str
    verdict: str
    problems: tuple[Cell, ...] = ()


class Checked(BaseModel):
    """What intake found in a sheet."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sha256: str
    acceptable: int = 0
    wrong: int = 0
    hints: int = 0
    unchanged: int = 0
    empty: int = 0
    rows: tuple[Row, ...] = ()


class Taken(BaseModel):
    """What became of the rows."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reported: int = 0
    wrote: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    left: int = 0


def pages(site: Site) -> APIRouter:
    """Give the routes of a month's sheet."""
    router = APIRouter()
    room = _Room(site)

    @router.get("/progress/{month}/workbook")
    async def begin(request: Request, month: str) -> Response:
        return await room.show(request, await room.reporter(request, month), month)

    @router.get("/progress/{month}/workbook/template")
    async def template(request: Request, month: str) -> Response:
        return await room.download(
            await room.reporter(request, month), f"/progress/{month}/workbook"
        )

    @router.post("/progress/{month}/workbook")
    async def receive(request: Request, month: str) -> Response:
        visit = await room.reporter(request, month)
        form = await request.form(max_files=1, max_fields=10)
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            none = Problem(title="没有收下", status=422, code="no_file", detail="还没有选文件。")
            return await room.show(request, visit, month, problem=none)
        path = f"/progress/{month}/workbook"
        try:
            token = await site.sessions.token(visit.session, "intake")
            content = await site.intake.send_sheet(token, path, file.filename, file.file)
        except IntakeRefused as refused:
            return await room.show(request, visit, month, problem=refused.problem)
        except Unavailable as silent:
            late = Problem(
                title="没有收下",
                status=503,
                code="unavailable",
                detail=f"{silent.detail}请稍后再传一次，不会重复。",
            )
            return await room.show(request, visit, month, problem=late)
        return site.turn(request, f"{path}/{Checked.model_validate_json(content).sha256}")

    @router.get("/progress/{month}/workbook/{sha256}")
    async def one(request: Request, month: str, sha256: str) -> Response:
        visit = await room.reporter(request, month)
        content = await room.fetch(visit, f"/progress/{month}/workbook/{_plain(sha256)}")
        checked = Checked.model_validate_json(content)
        return await room.show(request, visit, month, checked=checked)

    @router.get("/progress/{month}/workbook/{sha256}/marked")
    async def marked(request: Request, month: str, sha256: str) -> Response:
        visit = await room.reporter(request, month)
        path = f"/progress/{month}/workbook/{_plain(sha256)}/marked"
        try:
            return await room.download(visit, path)
        except IntakeRefused as refused:
            raise NotFound("这份表已经到期删除，或不是你单位送的。请重新上传。") from refused

    @router.post("/progress/{month}/workbook/{sha256}/take")
    async def take(request: Request, month: str, sha256: str) -> Response:
        visit = await room.reporter(request, month)
        form = await request.form()
        path = f"/progress/{month}/workbook/{_plain(sha256)}"
        try:
            answer = await site.command(
                visit, f"{path}/take", {}, key=str(form.get("key") or uuid4()), patience=120.0
            )
        except IntakeRefused as refused:
            return await room.show(request, visit, month, problem=refused.problem)
        except Unavailable as silent:
            said = Said("late", "没有报送。", f"{silent.detail}请稍后再点一次，不会重复。")
            return site.turn(request, path, said)
        taken = Taken.model_validate(answer.document)
        rest = f"有 {taken.left + len(taken.refused)} 行没有报，请改好再传。" if taken.left else ""
        after = f"?after={taken.wrote[-1]}" if taken.wrote else ""
        told = f"已报 {taken.reported} 个项目的{words.month(month)}月报。"
        return site.turn(request, f"/progress/{month}{after}", Said("ok", told, rest))

    return router


class _Room:
    """What the pages of the sheet share."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def reporter(self, request: Request, month: str) -> Visit:
        visit = await self._site.visit(request)
        if not may(visit.actor, "report"):
            raise NotAllowed("月报由项目的报送单位办理，请用报送账号登录。")
        await read_month(self._site, month, await self._site.moment(""))
        return visit

    async def show(
        self,
        request: Request,
        visit: Visit,
        month: str,
        *,
        checked: Checked | None = None,
        problem: Problem | None = None,
    ) -> Response:
        return await self._site.render(
            request,
            "progress_upload.html",
            visit,
            title=f"用表格报{words.month(month)}月报",
            current="progress",
            status=problem.status if problem else 200,
            month=month,
            checked=checked,
            problem=problem,
            verdicts=VERDICTS,
            key=str(uuid4()),
        )

    async def fetch(self, visit: Visit, path: str) -> bytes:
        token = await self._site.sessions.token(visit.session, "intake")
        try:
            return (await self._site.intake.fetch(token, path)).content
        except IntakeRefused as refused:
            raise NotFound("这份表已经到期删除，或不是你单位送的。请重新上传。") from refused

    async def download(self, visit: Visit, path: str) -> Response:
        token = await self._site.sessions.token(visit.session, "intake")
        answer = await self._site.intake.fetch(token, path)
        told = answer.headers.get("Content-Disposition", "attachment")
        return Spreadsheet(answer.content, headers={"Content-Disposition": told})


def _plain(sha256: str) -> str:
    if not (len(sha256) == 64 and sha256.isalnum() and sha256.isascii()):
        raise NotFound("没有这份表。请重新上传。")
    return sha256
