"""报月报: fill in a month, take over what goes on, correct it; nothing typed is ever lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from services.console.adapters.intake import FieldProblem, IntakeRefused, Problem
from services.console.pages import words
from services.console.pages.evidence import attached
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.progress import read_month
from services.console.pages.progress_sheet import (
    EVIDENCE,
    USES,
    Typed,
    body_of,
    by_field,
    read_typed,
    typed_of,
)
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may


@dataclass(frozen=True)
class Sheet:
    """One showing of the form: what is typed, and what is said about it."""

    typed: Typed
    key: str
    version: str
    problem: Problem | None = None
    wrong: Mapping[str, tuple[FieldProblem, ...]] = field(default_factory=dict)
    hints: tuple[FieldProblem, ...] = ()
    status: int = 200


def pages(site: Site) -> APIRouter:
    """Give the routes of one month's form."""
    router = APIRouter()

    async def show(
        request: Request, visit: Visit, document: Mapping[str, JsonValue], sheet: Sheet
    ) -> Response:
        month = str(document["month"])
        codes = _milestones(document)
        units = visit.units
        today = site.clock.today()
        return await site.render(
            request,
            "progress_form.html",
            visit,
            title=f"{words.month(month)}月报",
            current="progress",
            status=sheet.status,
            document=document,
            month=month,
            sheet=sheet,
            typed=sheet.typed,
            wrong=sheet.wrong,
            uses=USES,
            sources=words.FUNDING_SOURCES,
            milestones=codes,
            orgs=[(unit.id, unit.short_name) for unit in units.on(today)],
            evidence=EVIDENCE,
        )

    async def held(visit: Visit, project_id: UUID, month: str) -> tuple[dict[str, JsonValue], str]:
        try:
            answer = await site.ask(visit, f"/projects/{project_id}/progress/{month}")
        except IntakeRefused as refused:
            raise not_in_scope() from refused
        if answer.document["owner_org"] not in site.reader(visit).own("org"):
            raise not_in_scope()
        return answer.document, answer.version

    async def reporter(request: Request, month: str) -> Visit:
        visit = await site.visit(request)
        if not may(visit.actor, "report"):
            raise NotAllowed("月报由项目的报送单位办理，请用报送账号登录。")
        await read_month(site, month, await site.moment(""))
        return visit

    @router.get("/projects/{project_id}/progress/{month}")
    async def blank(request: Request, project_id: UUID, month: str, copy: str = "") -> Response:
        visit = await reporter(request, month)
        document, version = await held(visit, project_id, month)
        typed = typed_of(document, copied=copy == "1")
        return await show(request, visit, document, Sheet(typed, str(uuid4()), version))

    @router.post("/projects/{project_id}/progress/{month}")
    async def report(request: Request, project_id: UUID, month: str) -> Response:
        visit = await reporter(request, month)
        form = await request.form()
        key, seen = str(form.get("key") or uuid4()), str(form.get("version") or "")
        document, version = await held(visit, project_id, month)
        papers = await attached(site, visit, form, [EVIDENCE])
        typed = read_typed(form, papers)
        body, places = body_of(typed, [str(one["code"]) for one in _milestones(document)])
        path = f"/projects/{project_id}/progress/{month}"
        try:
            if papers.problem:
                raise IntakeRefused(papers.problem)
            answer = await site.command(visit, path, body, key=key, version=seen)
        except IntakeRefused as refused:
            problem = refused.problem
            hints = problem.errors if problem.code == "hints_to_confirm" else ()
            wrong = {} if hints else by_field(problem.errors, places)
            sheet = Sheet(
                typed, str(uuid4()), version, problem, wrong, hints, status=problem.status
            )
            return await show(request, visit, document, sheet)
        except Unavailable as silent:
            detail = f"{silent.detail}你填的内容都在，稍后再点一次即可，不会重复。"
            problem = Problem(title="没有报送", status=503, code="unavailable", detail=detail)
            sheet = Sheet(typed, key, seen, problem, status=503)
            return await show(request, visit, document, sheet)
        return site.turn(
            request,
            f"/projects/{project_id}/progress?year={month[:4]}&after={answer.wrote}",
            Said("ok", str(answer.document["message"]), "写错了可以再更正，原来的都保留。"),
        )

    return router


def _milestones(document: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    rows = document.get("milestones")
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []
