"""登记开停复竣: record what happened to the works, on papers; rectify what was recorded wrongly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.adapters.intake import FieldProblem, IntakeRefused, Problem
from services.console.pages.evidence import Attached, attached
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.progress_account import WORKS, Account, account_of
from services.console.pages.progress_year import owns, seen
from services.console.pages.reading import Project
from services.console.pages.rules import PROGRESS, Rules
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may

WHEN: Mapping[str, str] = {
    "STARTED": "永久性工程第一次正式破土开槽或打桩；勘察、平整场地、拆旧、临建、临时道路水电不算。",
    "STOPPED": "工地停止施工。写明原因。",
    "RESUMED": "停工后恢复施工；上年续建的项目，春节后人员机械到场恢复施工。",
    "NEVER_STOPPED": "上年续建的项目，冬季和春节没有停工。每年登记一次。",
    "FINISHED": "按设计建成，验收合格。",
}


@dataclass(frozen=True)
class Filled:
    """What was typed into one of the forms, and what was said about it."""

    act: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    attached: Attached = field(default_factory=Attached)
    problem: Problem | None = None
    key: str = field(default_factory=lambda: str(uuid4()))

    def of(self, act: str, name: str, otherwise: str = "") -> str:
        """Give what was typed into a field of a form."""
        return self.typed.get(name, otherwise) if act == self.act else otherwise

    def faults(self, act: str) -> Mapping[str, FieldProblem]:
        """Give what is wrong with the fields of a form."""
        wrong = self.problem.errors if self.problem and act == self.act else ()
        return {one.field: one for one in wrong}


def pages(site: Site) -> APIRouter:
    """Give the routes of the works."""
    router = APIRouter()

    async def reporter(request: Request, project_id: UUID) -> tuple[Visit, Project]:
        visit = await site.visit(request)
        if not may(visit.actor, "report"):
            raise NotAllowed("开工、停工、复工、竣工由项目的报送单位登记，请用报送账号登录。")
        project = await seen(site, visit, await site.moment(""), project_id)
        if not owns(site, visit, project):
            raise not_in_scope()
        return visit, project

    async def show(request: Request, visit: Visit, project: Project, filled: Filled) -> Response:
        account = account_of(await site.reading.progress_history(project.project_id))
        rules = await site.reading.rules(PROGRESS)
        wanted, named = _papers(rules, site)
        return await site.render(
            request,
            "works.html",
            visit,
            title=f"登记开停复竣 {project.name}",
            current="progress",
            status=filled.problem.status if filled.problem else 200,
            project=project,
            account=account,
            filled=filled,
            works=WORKS,
            meaning=WHEN,
            wanted=wanted,
            paper_names=named,
            open_to_opening=_may_open(account),
        )

    async def act(
        request: Request,
        visit: Visit,
        project: Project,
        path: str,
        body: Mapping[str, JsonValue],
        filled: Filled,
        version: str,
    ) -> Response:
        address = f"/projects/{project.project_id}"
        try:
            if filled.attached.problem:
                raise IntakeRefused(filled.attached.problem)
            answer = await site.command(
                visit, f"{address}/{path}", body, key=filled.key, version=version
            )
        except IntakeRefused as refused:
            again = Filled(filled.act, filled.typed, filled.attached, refused.problem)
            return await show(request, visit, project, again)
        except Unavailable as silent:
            detail = f"{silent.detail}你填的内容都在，稍后再点一次即可，不会重复。"
            problem = Problem(title="没有登记", status=503, code="unavailable", detail=detail)
            again = Filled(filled.act, filled.typed, filled.attached, problem, filled.key)
            return await show(request, visit, project, again)
        return site.turn(
            request,
            f"{address}/progress?after={answer.wrote}",
            Said("ok", str(answer.document["message"])),
        )

    @router.get("/projects/{project_id}/works")
    async def blank(request: Request, project_id: UUID) -> Response:
        visit, project = await reporter(request, project_id)
        return await show(request, visit, project, Filled())

    @router.post("/projects/{project_id}/works")
    async def record(request: Request, project_id: UUID) -> Response:
        visit, project = await reporter(request, project_id)
        form = await request.form()
        _, named = _papers(await site.reading.rules(PROGRESS), site)
        papers = await attached(site, visit, form, list(named))
        filled = _filled("record", form, papers)
        body: dict[str, JsonValue] = {
            "what": filled.typed.get("what", ""),
            "happened_on": filled.typed.get("happened_on", ""),
            "note": filled.typed.get("note", ""),
            "evidence": papers.body,
        }
        return await act(request, visit, project, "works", body, filled, _version(form))

    @router.post("/projects/{project_id}/works/rectify")
    async def rectify(request: Request, project_id: UUID) -> Response:
        visit, project = await reporter(request, project_id)
        form = await request.form()
        filled = _filled("rectify", form, Attached())
        what, _, was_on = filled.typed.get("which", "").partition("|")
        body: dict[str, JsonValue] = {
            "what": what,
            "was_on": was_on,
            "is_on": filled.typed.get("is_on") or None,
            "reason": filled.typed.get("reason", ""),
        }
        return await act(request, visit, project, "works/rectify", body, filled, _version(form))

    @router.post("/projects/{project_id}/opening")
    async def open_(request: Request, project_id: UUID) -> Response:
        visit, project = await reporter(request, project_id)
        form = await request.form()
        papers = await attached(site, visit, form, ["opening"])
        filled = _filled("opening", form, papers)
        body: dict[str, JsonValue] = {
            name: filled.typed.get(name, "")
            for name in ("as_of", "invested_in_all", "invested_this_year")
        }
        body["evidence"] = papers.body
        return await act(request, visit, project, "opening", body, filled, _version(form))

    return router


def _may_open(account: Account) -> bool:
    return not any(month.report for month in account.months.values())


def _version(form: FormData) -> str:
    return str(form.get("version") or "")


def _filled(act: str, form: FormData, papers: Attached) -> Filled:
    typed = {
        name: value.strip()
        for name, value in form.multi_items()
        if isinstance(value, str) and ":" not in name
    }
    return Filled(act, typed, papers, key=typed.get("key") or str(uuid4()))


def _papers(rules: Rules, site: Site) -> tuple[Mapping[str, Sequence[str]], Mapping[str, str]]:
    """Give which papers each fact asks for, and what they are called."""
    file = rules.file_on(site.clock.today())
    wanted = file.values.get("papers") if file else None
    named = file.values.get("paper_names") if file else None
    papers: dict[str, Sequence[str]] = {}
    if isinstance(wanted, Mapping):
        papers = {str(what): [str(one) for one in sorts] for what, sorts in wanted.items()}
    if not isinstance(named, Mapping):
        return papers, {}
    return papers, {str(sort): str(name) for sort, name in named.items()}
