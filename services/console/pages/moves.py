"""申请调库: which moves are open, what each needs, and the application itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.datastructures import FormData

from contracts.intake import ProjectFacts
from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages.evidence import Attached, attached
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.reading import Project, Waiting, editions
from services.console.pages.session import Visit
from services.console.pages.splitting import PARTS, Part, part_columns, read_parts
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may


class Permit(BaseModel):
    """An item of the project's plan of approvals that would meet a condition."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    item: str
    name: str
    state: str
    done: bool
    document_number: str | None = None
    since: date | None = None


class Need(BaseModel):
    """One condition of a move as intake names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    rule: str
    source: str
    remedy: str
    field: str
    sorts: tuple[str, ...] = ()
    met: bool
    permits: tuple[Permit, ...] = ()


class Open(BaseModel):
    """One move that may be asked from where the project stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    transition: str
    name: str
    effect: str
    to: str | None = None
    conditions: tuple[Need, ...] = ()

    @property
    def missing(self) -> int:
        """How many conditions wait for what the application brings, or for the project itself."""
        return sum(not need.met for need in self.conditions)

    @property
    def sorts(self) -> tuple[str, ...]:
        """The papers that would meet a condition, each once, first those of what is missing."""
        needs = sorted(self.conditions, key=lambda need: need.met)
        return tuple(dict.fromkeys(sort for need in needs for sort in need.sorts))

    def asks_for(self, column: str) -> bool:
        """Tell whether a condition is met in a column of the application."""
        return any(need.field == column for need in self.conditions)


class Moves(BaseModel):
    """What intake says of a project's moves."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    moves: tuple[Open, ...] = ()
    evidence: Mapping[str, str] = {}
    longest_hold_months: int = 12
    application: Mapping[str, Any] | None = None

    def named(self, transition: str) -> Open | None:
        """Give the move of a code, if it is open."""
        return next((move for move in self.moves if move.transition == transition), None)


@dataclass(frozen=True)
class Typed:
    """What was typed; it is shown again whatever happens."""

    reason: str = ""
    hold_until: str = ""
    resume_when: str = ""
    absorbs: str = ""
    duplicate: bool = False
    not_secret: bool = False
    accepted: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    papers: Attached = field(default_factory=Attached)


def pages(site: Site) -> APIRouter:
    """Give the routes of moves."""
    router = APIRouter()

    async def show(
        request: Request,
        visit: Visit,
        project_id: UUID,
        transition: str,
        typed: Typed | None = None,
        problem: Problem | None = None,
        key: str = "",
    ) -> Response:
        project, facts = await _own(site, visit, project_id)
        told = Moves.model_validate((await site.ask(visit, f"{_path(project_id)}/moves")).document)
        before = told.application or {}
        chosen = told.named(transition or str(before.get("transition") or ""))
        typed = typed or _as_before(before)
        merging = chosen is not None and chosen.effect == "MERGE"
        return await site.render(
            request,
            "moves.html",
            visit,
            title=f"申请调库 {project.name}",
            current="projects",
            status=problem.status if problem else 200,
            project=project,
            facts=facts,
            told=told,
            chosen=chosen,
            # A returned application is completed as what it was.
            fixed=bool(before),
            typed=typed,
            parts=[*typed.parts, *[Part()] * (PARTS - len(typed.parts))],
            others=await _others(site, visit, project) if merging else (),
            problem=problem,
            key=key or str(uuid4()),
        )

    @router.get("/projects/{project_id}/moves")
    async def moves(request: Request, project_id: UUID, transition: str = "") -> Response:
        return await show(request, await _reporter(site, request), project_id, transition)

    @router.post("/projects/{project_id}/moves")
    async def apply(request: Request, project_id: UUID) -> Response:
        visit = await _reporter(site, request)
        project, facts = await _own(site, visit, project_id)
        form = await request.form()
        transition = str(form.get("transition") or "")
        try:
            typed = await _typed(site, visit, form)
        except Unavailable as silent:
            return await show(request, visit, project_id, transition, problem=_silent(silent))
        key = str(form.get("key") or uuid4())
        problem = typed.papers.problem
        if problem is None:
            try:
                answer = await site.command(
                    visit,
                    f"{_path(project_id)}/{'moves' if project.pool else 'report'}",
                    _body(typed, transition, facts, entering=project.pool is None),
                    key=key,
                    version=str(form.get("version") or ""),
                )
            except IntakeRefused as refused:
                problem, key = refused.problem, ""
            except Unavailable as silent:
                problem = _silent(silent)
            else:
                said = Said("ok", str(answer.document.get("message") or "已报送。"))
                return site.turn(request, f"{_path(project_id)}?after={answer.wrote}", said)
        return await show(request, visit, project_id, transition, typed, problem, key)

    return router


def _silent(silent: Unavailable) -> Problem:
    return Problem(title="没有办成", status=503, detail=silent.detail)


def _path(project_id: UUID) -> str:
    return f"/projects/{project_id}"


async def _reporter(site: Site, request: Request) -> Visit:
    visit = await site.visit(request)
    if not may(visit.actor, "report"):
        raise NotAllowed("调库由填报单位申请。")
    return visit


async def _own(site: Site, visit: Visit, project_id: UUID) -> tuple[Project, ProjectFacts]:
    project = await site.reading.project(site.scope(visit), str(project_id))
    if project is None or project.owner_org not in site.reader(visit).own("org"):
        raise not_in_scope()
    facts = editions(await site.reading.history(project.project_id)).get(project.revision)
    if facts is None:
        raise not_in_scope()
    return project, facts


async def _others(site: Site, visit: Visit, project: Project) -> Sequence[Waiting]:
    """Give the projects that this one may take in: in the same place, nothing under way."""
    found = await site.reading.in_place(site.scope(visit), project.region, project.zone_id)
    return [one for one in found if one.project_id != project.project_id]


async def _typed(site: Site, visit: Visit, form: FormData) -> Typed:
    sorts = [str(sort) for sort in form.getlist("sort")]
    return Typed(
        reason=_text(form, "reason"),
        hold_until=_text(form, "hold_until"),
        resume_when=_text(form, "resume_when"),
        absorbs=_text(form, "absorbs"),
        duplicate="duplicate" in form,
        not_secret="not_secret" in form,
        accepted=tuple(str(rule) for rule in form.getlist("accept")),
        parts=read_parts(form),
        papers=await attached(site, visit, form, sorts),
    )


def _text(form: FormData, name: str) -> str:
    return str(form.get(name) or "").strip()


def _as_before(before: Mapping[str, Any]) -> Typed:
    """Begin a resubmission with what was handed in last; papers are attached anew."""
    return Typed(
        reason=str(before.get("reason") or ""),
        hold_until=str(before.get("hold_until") or ""),
        resume_when=str(before.get("resume_when") or ""),
        absorbs=str(before.get("absorbs") or ""),
        duplicate=bool(before.get("duplicate")),
    )


def _body(
    typed: Typed, transition: str, facts: ProjectFacts, *, entering: bool
) -> Mapping[str, JsonValue]:
    body: dict[str, JsonValue] = {
        "transition": transition,
        "reason": typed.reason,
        "evidence": typed.papers.body,
    }
    if entering:
        accepted: list[JsonValue] = list(typed.accepted)
        return {**body, "not_secret": typed.not_secret, "accepted_hints": accepted}
    parts: list[JsonValue] = [part_columns(facts, part) for part in typed.parts]
    return {
        **body,
        "hold_until": typed.hold_until or None,
        "resume_when": typed.resume_when,
        "absorbs": typed.absorbs or None,
        "duplicate": typed.duplicate,
        "parts": parts,
    }
