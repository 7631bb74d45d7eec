"""项目情况: what decides on a project's approvals, asked of its unit in the catalogue's words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.datastructures import FormData

from contracts.approval_tracking import Circumstances
from services.console.adapters.office import OfficeRefused, Problem
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.plan import AUDIENCE, states_circumstances
from services.console.pages.plan_reading import Plan
from services.console.pages.plan_words import LAND_MODES, MANAGEMENTS
from services.console.pages.reading import Project
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, Unavailable
from shared.scope import APPROVAL_SCOPES

_OF_ITS_OWN = ("management", "flow", "land_mode", "reason")


class Flow(BaseModel):
    """A way through the approvals, and the questions that decide something on it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    flow: str
    name: str
    questions: tuple[str, ...] = ()


class Question(BaseModel):
    """What is asked, and how it is answered."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    question: str
    kind: str
    unit: str = ""
    choices: Mapping[str, str] = {}
    source: str = ""


class Catalogue(BaseModel):
    """What the catalogue of today asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    flows: tuple[Flow, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Give the flows by code and name, for a drop-down."""
        return tuple((one.flow, one.name) for one in self.flows)

    def asked(self, flow: str) -> tuple[Question, ...]:
        """Give the questions of a flow, in the order of the catalogue."""
        wanted = next((one.questions for one in self.flows if one.flow == flow), ())
        return tuple(one for one in self.questions if one.name in wanted)


def pages(site: Site) -> APIRouter:
    """Give the routes of a project's circumstances."""
    router = APIRouter()

    async def show(
        request: Request,
        visit: Visit,
        project: Project,
        plan: Plan,
        typed: Mapping[str, str] | None = None,
        problem: Problem | None = None,
        key: str = "",
    ) -> Response:
        catalogue = await _catalogue(site, visit)
        typed = typed if typed is not None else _as_it_is(plan.circumstances)
        return await site.render(
            request,
            "plan_circumstances.html",
            visit,
            title=f"项目情况 {project.name}",
            current="projects",
            status=problem.status if problem else 200,
            project=project,
            plan=plan,
            catalogue=catalogue,
            asked=catalogue.asked(typed["flow"]),
            managements=MANAGEMENTS,
            land_modes=LAND_MODES,
            typed=typed,
            problem=problem,
            wrong={one.field: one for one in problem.errors} if problem else {},
            key=key or str(uuid4()),
        )

    @router.get("/projects/{project_id}/approvals/circumstances")
    async def circumstances(request: Request, project_id: UUID, flow: str = "") -> Response:
        visit = await site.visit(request)
        project, plan = await _stated_by(site, visit, str(project_id))
        typed = _as_it_is(plan.circumstances)
        return await show(request, visit, project, plan, {**typed, "flow": flow} if flow else typed)

    @router.post("/projects/{project_id}/approvals/circumstances")
    async def state(request: Request, project_id: UUID) -> Response:
        visit = await site.visit(request)
        project, plan = await _stated_by(site, visit, str(project_id))
        form = await request.form()
        typed = {name: str(value).strip() for name, value in form.items()}
        typed = {**dict.fromkeys(_OF_ITS_OWN, ""), **typed}
        key = typed.pop("key", "") or str(uuid4())
        version = typed.pop("version", "")
        try:
            body = _body(typed, form, await _catalogue(site, visit), plan.circumstances)
            token = await site.sessions.token(visit.session, AUDIENCE)
            path = f"/plans/{project.project_id}/circumstances"
            answer = await site.approvals.command(token, path, body, key=key, version=version)
        except OfficeRefused as refused:
            return await show(request, visit, project, plan, typed, refused.problem)
        said = Said("ok", str(answer.document.get("message") or "已办。"))
        address = f"/projects/{project.project_id}/approvals?after={answer.wrote}"
        return site.turn(request, address, said)

    return router


async def _catalogue(site: Site, visit: Visit) -> Catalogue:
    """Fetch what is asked today.

    Raises:
        Unavailable: approval_tracking does not answer.
    """
    token = await site.sessions.token(visit.session, AUDIENCE)
    try:
        answer = await site.approvals.read(token, "/catalogue")
    except OfficeRefused as refused:
        raise Unavailable("审批服务没有给出事项目录。") from refused
    return Catalogue.model_validate(answer.document)


async def _stated_by(site: Site, visit: Visit, project_id: str) -> tuple[Project, Plan]:
    """Give a project with its plan to whoever may say what is so of it."""
    reader = site.reader(visit)
    project = await site.reading.project(APPROVAL_SCOPES.seen_by(reader), project_id)
    plan = await site.reading.plans.plan(project_id) if project else None
    if project is None or project.pool is None or plan is None:
        raise not_in_scope()
    if not states_circumstances(visit, reader, plan):
        raise NotAllowed("项目情况由项目单位、它的代办员和统筹审批的单位填写。")
    return project, plan


def _as_it_is(known: Circumstances) -> dict[str, str]:
    answers = {name: _spelled(value) for name, value in known.answers.items()}
    return {
        "management": known.management.value,
        "flow": known.flow,
        "land_mode": known.land_mode.value,
        "reason": "",
        **answers,
    }


def _spelled(value: bool | int | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _body(
    typed: Mapping[str, str], form: FormData, catalogue: Catalogue, known: Circumstances
) -> dict[str, JsonValue]:
    answers: dict[str, JsonValue] = {}
    for question in catalogue.questions:
        if question.name not in form:
            continue
        text = typed[question.name]
        if text:
            answers[question.name] = _read(question, text)
        elif question.name in known.answers:
            # What is emptied is taken back: the catalogue's own assumption holds again.
            answers[question.name] = None
    body: dict[str, Any] = {name: typed[name] for name in _OF_ITS_OWN}
    return {**body, "answers": answers}


def _read(question: Question, text: str) -> JsonValue:
    """Read an answer; what is no number goes as it was typed, and is refused with its name."""
    match question.kind:
        case "yes_no":
            return text == "true"
        case "number" if text.isdecimal():
            return int(text)
        case _:
            return text
