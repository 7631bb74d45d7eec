"""The calendar's form: days by hand or from a sheet, what they change, and then one command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.datastructures import UploadFile

from services.console.adapters.office import Answer, FieldProblem, OfficeRefused, Problem
from services.console.pages.calendar import ADDRESS
from services.console.pages.calendar_paper import (
    LONGEST_NAME,
    HeldYear,
    Off,
    Paper,
    days_of,
    paper_of,
    read_paper,
)
from services.console.pages.frame import Said, Site
from services.console.pages.session import Visit
from services.console.pages.year_sheet import ACTS, said, worked
from shared.deadline import changes
from shared.deadline.calendars import FIRST, LAST
from shared.refusals import NotFound, Unavailable
from shared.scope import may
from shared.spreadsheets import XLSX, Spreadsheet

SPARE_ROWS = 3
_LEAST_ROWS = 8
# Beyond this nothing is passed on; up to it the service itself says what is too large.
_LARGEST_BODY = 1024 * 1024
_AUDIENCE = "approval_tracking"


class Of(BaseModel):
    """Which year."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    year: Annotated[int, Field(ge=FIRST.year, le=LAST.year)]


@dataclass(frozen=True)
class Form:
    """The page: what is held, what is filled in, what was found and what it would change."""

    year: int
    held: HeldYear
    version: str
    paper: Paper
    key: str = field(default_factory=lambda: str(uuid4()))
    problem: Problem | None = None
    looked_at: bool = False
    read_from: str = ""

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.problem.status if self.problem else 200


def pages(site: Site) -> APIRouter:
    """Give the routes of the form."""
    router = APIRouter()
    desk = _Desk(site)

    @router.get(f"{ADDRESS}/edit")
    async def edit(request: Request, of: Annotated[Of, Query()]) -> Response:
        visit = await desk.keeper(request)
        held, version = await desk.held(visit, of.year)
        return await desk.show(request, visit, Form(of.year, held, version, paper_of(held)))

    @router.get(f"{ADDRESS}/sheet")
    async def sheet(request: Request, of: Annotated[Of, Query()]) -> Response:
        visit = await desk.keeper(request)
        answer = await site.approvals.request(
            "GET", await desk.token(visit), f"/calendar/years/{of.year}/sheet"
        )
        name = answer.headers.get("Content-Disposition", "attachment")
        return Spreadsheet(answer.content, headers={"Content-Disposition": name})

    @router.post(f"{ADDRESS}/edit/sheet")
    async def read_sheet(request: Request, of: Annotated[Of, Query()]) -> Response:
        visit = await desk.keeper(request)
        held, version = await desk.held(visit, of.year)
        form = Form(of.year, held, version, paper_of(held))
        try:
            name, document = await desk.read_sheet(request, visit, of.year)
        except OfficeRefused as refused:
            return await desk.show(request, visit, replace(form, problem=refused.problem))
        read = HeldYear.model_validate({**document, "state": held.state})
        paper = replace(
            paper_of(held),
            sheet=name[:LONGEST_NAME],
            holidays=read.holidays,
            make_up_days=read.make_up_days,
        )
        return await desk.show(request, visit, replace(form, paper=paper, read_from=name))

    @router.post(f"{ADDRESS}/edit")
    async def keep(request: Request, of: Annotated[Of, Query()]) -> Response:
        visit = await desk.keeper(request)
        filled = await request.form()
        paper = read_paper(filled)
        # Should the service be silent, what was typed is shown over what the form supposed.
        supposed = HeldYear(state="PUBLISHED" if paper.act == "revise" else "NOT_ENTERED")
        key, seen = (str(filled.get(name) or "") for name in ("key", "version"))
        form = Form(of.year, supposed, seen, paper, key or str(uuid4()))
        try:
            held, _ = await desk.held(visit, of.year)
            form = replace(form, held=held)
            if filled.get("looked_at") != paper.digest:
                await desk.check(visit, of.year, paper)
                return await desk.show(request, visit, replace(form, looked_at=True))
            answer = await desk.send(visit, form)
        except OfficeRefused as refused:
            return await desk.show(request, visit, replace(form, problem=refused.problem))
        except Unavailable as silent:
            problem = Problem(
                title="没有办成",
                status=503,
                code="unavailable",
                detail=f"{silent.detail}你填的内容都在，稍后再点一次即可，不会重复。",
            )
            return await desk.show(request, visit, replace(form, problem=problem))
        changed = _changed(form)
        said_so = Said(
            "ok",
            f"已{ACTS[paper.act]} {of.year} 年工作日历。"
            if changed
            else f"{of.year} 年工作日历没有变化。",
            f"改动 {len(changed)} 处；全年工作日 {_worked(form)} 天。" if changed else "",
        )
        return site.turn(request, f"{ADDRESS}?year={of.year}&after={quote(answer.wrote)}", said_so)

    return router


class _Desk:
    """What the routes of the form share."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def keeper(self, request: Request) -> Visit:
        visit = await self._site.visit(request)
        if not may(visit.actor, "keep_calendar"):
            raise NotFound("没有这个地址。")
        return visit

    async def token(self, visit: Visit) -> str:
        return await self._site.sessions.token(visit.session, _AUDIENCE)

    async def held(self, visit: Visit, year: int) -> tuple[HeldYear, str]:
        try:
            answer = await self._site.approvals.read(
                await self.token(visit), f"/calendar/years/{year}"
            )
        except OfficeRefused as refused:
            if refused.problem.status == 404:
                return HeldYear(), "0"
            raise
        return HeldYear.model_validate(answer.document), answer.version

    async def check(self, visit: Visit, year: int, paper: Paper) -> None:
        await self._site.approvals.ask(
            "POST",
            await self.token(visit),
            f"/calendar/years/{year}/check",
            paper.to_check(),
            {},
        )

    async def send(self, visit: Visit, form: Form) -> Answer:
        return await self._site.approvals.command(
            await self.token(visit),
            f"/calendar/years/{form.year}/{form.paper.act}",
            form.paper.to_send(),
            # The same days again are the same command, other days another.
            key=f"{form.key}-{form.paper.digest}",
            version=form.version,
        )

    async def read_sheet(
        self, request: Request, visit: Visit, year: int
    ) -> tuple[str, Mapping[str, JsonValue]]:
        if int(request.headers.get("content-length") or 0) > _LARGEST_BODY:
            raise OfficeRefused(
                Problem(
                    title="文件太大",
                    status=413,
                    detail="一年的放假安排用不了这么大的文件。请用模板另填一份。",
                )
            )
        filled = await request.form(max_files=1)
        file = filled.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise OfficeRefused(
                Problem(
                    title="没有读取",
                    status=422,
                    detail="没有选择文件。请选择填好的 .xlsx 或 .csv。",
                )
            )
        answer = await self._site.approvals.request(
            "POST",
            await self.token(visit),
            f"/calendar/years/{year}/sheet",
            files={"file": (file.filename, file.file, XLSX)},
        )
        return file.filename, answer.json()

    async def show(self, request: Request, visit: Visit, form: Form) -> Response:
        return await self._site.render(
            request,
            "calendar_form.html",
            visit,
            title=f"{form.year} 年工作日历",
            current="calendar",
            status=form.status,
            form=form,
            paper=form.paper,
            holidays=_rows(form.paper.holidays),
            make_up_days=[*form.paper.make_up_days, *[""] * _spare(form.paper.make_up_days)],
            changed=_changed(form) if form.looked_at else (),
            worked=_worked(form) if form.looked_at else None,
            worked_now=worked(form.year, days_of(form.year, paper_of(form.held))),
            acts=ACTS,
            problems=_by_place(form.problem),
        )


def _changed(form: Form) -> tuple[str, ...]:
    after = days_of(form.year, form.paper)
    before = days_of(form.year, paper_of(form.held))
    return said(changes(form.year, before, after)) if after else ()


def _worked(form: Form) -> int:
    return worked(form.year, days_of(form.year, form.paper))


def _rows(holidays: Sequence[Off]) -> list[Off]:
    return [*holidays, *[Off()] * _spare(holidays)]


def _spare(filled: Sequence[object]) -> int:
    return max(SPARE_ROWS, _LEAST_ROWS - len(filled))


def _by_place(problem: Problem | None) -> dict[str, list[FieldProblem]]:
    found: dict[str, list[FieldProblem]] = {}
    for one in problem.errors if problem else ():
        found.setdefault(one.field, []).append(one)
    return found
