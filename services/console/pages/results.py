"""办理结果: rows of other platforms sent in as a sheet, and those that wait for somebody."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile

from services.console.adapters.office import FieldProblem, OfficeRefused, Problem
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may
from shared.spreadsheets import XLSX, Spreadsheet

ADDRESS = "/results"
_AUDIENCE = "approval_tracking"
# A sheet of some thousand rows is read and taken in one answer.
_PATIENCE = 120.0
STATES: Mapping[str, str] = {"WAITING": "待匹配", "MATCHED": "已匹配", "DISMISSED": "不采用"}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "ACCEPTABLE": ("ok", "可导入"),
    "APPLIED": ("ok", "已导入"),
    "UNCHANGED": ("done", "无变化"),
    "SET_ASIDE": ("near", "待匹配"),
    "WRONG": ("late", "有错"),
    "LEFT": ("near", "请再传一次"),
}


class Told(BaseModel):
    """What a row says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    platform: str
    project_code: str
    project_name: str | None = None
    item: str
    step_name: str
    happened_on: date
    document_number: str | None = None
    valid_until: date | None = None
    reason: str | None = None
    basis: str | None = None
    procedure: str | None = None
    expected_days: int | None = None


class Aside(BaseModel):
    """A row that no plan took, and what became of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    result_id: UUID
    version: int
    state: Literal["WAITING", "MATCHED", "DISMISSED"]
    row: Told
    why: str
    came_on: date
    project_id: UUID | None = None
    matched_item: str | None = None
    reason: str | None = None
    settled_on: date | None = None


class Listed(BaseModel):
    """A page of the rows of a state, and how many rows each state has."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    counts: Mapping[str, int]
    rows: tuple[Aside, ...]
    next: str | None = None


class Line(BaseModel):
    """A row of a sheet with what became of it, or would."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    result: str
    result_id: UUID | None = None
    project_code: str = ""
    project_id: UUID | None = None
    item: str = ""
    step: str = ""
    happened_on: str = ""
    why: str = ""
    errors: tuple[FieldProblem, ...] = ()


class Outcome(BaseModel):
    """What became of a sheet."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message: str
    set_aside: int = 0
    wrong: int = 0
    rows: tuple[Line, ...] = ()


def pages(site: Site) -> APIRouter:
    """Give the routes of results."""
    router = APIRouter()
    room = _Room(site)

    @router.get(ADDRESS)
    async def listed(
        request: Request,
        state: Annotated[str, Query(pattern="^(WAITING|MATCHED|DISMISSED)$")] = "WAITING",
        after: str = "",
    ) -> Response:
        visit = await room.importer(request)
        path = f"/results?state={state}&after={quote(after)}"
        found = Listed.model_validate_json(await room.fetch(visit, path))
        return await site.render(
            request,
            "results.html",
            visit,
            title="待匹配结果",
            current="results",
            found=found,
            state=state,
            states=STATES,
        )

    @router.get(f"{ADDRESS}/template")
    async def template(request: Request) -> Response:
        visit = await room.importer(request)
        answer = await site.approvals.request("GET", await room.token(visit), "/results/template")
        return _file(answer.content, answer.headers.get("Content-Disposition", "attachment"))

    @router.get(f"{ADDRESS}/import")
    async def begin(request: Request) -> Response:
        return await room.show_import(request, await room.importer(request))

    @router.post(f"{ADDRESS}/import")
    async def receive(request: Request) -> Response:
        visit = await room.importer(request)
        form = await request.form(max_files=1, max_fields=5)
        file, act = form.get("file"), str(form.get("act") or "check")
        if not isinstance(file, UploadFile) or not file.filename:
            none = Problem(title="没有收下", status=422, code="no_file", detail="还没有选文件。")
            return await room.show_import(request, visit, problem=none)
        path = "/results/workbook/marked" if act == "mark" else "/results/workbook"
        try:
            answer = await site.approvals.request(
                "POST",
                await room.token(visit),
                path if act in {"mark", "take"} else f"{path}?check=true",
                files={"file": (file.filename, file.file, XLSX)},
                patience=_PATIENCE,
            )
        except OfficeRefused as refused:
            return await room.show_import(request, visit, problem=refused.problem)
        except Unavailable as silent:
            problem = Problem(
                title="没有办成",
                status=503,
                code="unavailable",
                detail=f"{silent.detail}请稍后再传一次，不会重复。",
            )
            return await room.show_import(request, visit, problem=problem)
        if act == "mark":
            return _file(answer.content, answer.headers.get("Content-Disposition", "attachment"))
        outcome = Outcome.model_validate_json(answer.content)
        return await room.show_import(request, visit, outcome=outcome, taken=act == "take")

    @router.get(f"{ADDRESS}/{{result_id}}")
    async def one(request: Request, result_id: UUID) -> Response:
        return await room.show(request, await room.importer(request), result_id)

    @router.post(f"{ADDRESS}/{{result_id}}/match")
    async def match(
        request: Request,
        result_id: UUID,
        project_code: Annotated[str, Form()] = "",
        item: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        body = {"project_code": project_code, "item": item}
        said = Said("ok", "已匹配，并记入事项。", "项目的审批计划里已有这一步。", ADDRESS, "下一行")
        return await room.settle(request, result_id, "match", body, key, said)

    @router.post(f"{ADDRESS}/{{result_id}}/dismiss")
    async def dismiss(
        request: Request,
        result_id: UUID,
        reason: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        said = Said("ok", "已标为不采用。", "同一行再传来，也不再提示。", ADDRESS, "下一行")
        return await room.settle(request, result_id, "dismiss", {"reason": reason}, key, said)

    return router


class _Room:
    """What the pages share."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def importer(self, request: Request) -> Visit:
        visit = await self._site.visit(request)
        if not may(visit.actor, "import_results"):
            raise NotAllowed("办理结果由市发改委和代办员导入。")
        return visit

    async def token(self, visit: Visit) -> str:
        return await self._site.sessions.token(visit.session, _AUDIENCE)

    async def fetch(self, visit: Visit, path: str) -> bytes:
        try:
            answer = await self._site.approvals.request("GET", await self.token(visit), path)
        except OfficeRefused as refused:
            raise not_in_scope() from refused
        return answer.content

    async def show_import(
        self,
        request: Request,
        visit: Visit,
        *,
        outcome: Outcome | None = None,
        taken: bool = False,
        problem: Problem | None = None,
    ) -> Response:
        return await self._site.render(
            request,
            "results_import.html",
            visit,
            title="导入办理结果",
            current="results",
            status=problem.status if problem else 200,
            outcome=outcome,
            taken=taken,
            problem=problem,
            verdicts=VERDICTS,
        )

    async def show(
        self,
        request: Request,
        visit: Visit,
        result_id: UUID,
        typed: Mapping[str, str] | None = None,
        problem: Problem | None = None,
    ) -> Response:
        one = Aside.model_validate_json(await self.fetch(visit, f"/results/{result_id}"))
        shown = {"project_code": one.row.project_code, "item": one.row.item, "reason": ""}
        return await self._site.render(
            request,
            "result.html",
            visit,
            title=f"{one.row.item} {one.row.step_name}",
            current="results",
            status=problem.status if problem else 200,
            one=one,
            states=STATES,
            typed={**shown, **(typed or {})},
            problem=problem,
            key=str(uuid4()),
        )

    async def settle(
        self,
        request: Request,
        result_id: UUID,
        act: str,
        body: Mapping[str, str],
        key: str,
        said: Said,
    ) -> Response:
        visit = await self.importer(request)
        try:
            await self._site.approvals.command(
                await self.token(visit),
                f"/results/{result_id}/{act}",
                body,
                key=key or str(uuid4()),
            )
        except OfficeRefused as refused:
            return await self.show(request, visit, result_id, body, refused.problem)
        except Unavailable as silent:
            problem = Problem(title="没有办成", status=503, detail=silent.detail)
            return await self.show(request, visit, result_id, body, problem)
        return self._site.turn(request, f"{ADDRESS}/{result_id}", said)


def _file(content: bytes, told: str) -> Response:
    return Spreadsheet(content, headers={"Content-Disposition": told})
