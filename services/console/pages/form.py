"""申报: fill in 附件1, keep it as a draft, report it; the form never forgets what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from contracts import reference
from services.console.adapters.intake import Answer, FieldProblem, IntakeRefused, Problem
from services.console.pages import words
from services.console.pages.evidence import Attached
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.paper import (
    Paper,
    as_body,
    body_of,
    by_place,
    funding_sum,
    paper_of,
    read_paper,
    report_body,
)
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may


@dataclass(frozen=True)
class Sheet:
    """One showing of the form: what is typed, against which version, and what is said about it."""

    paper: Paper
    key: str
    project_id: str = ""
    version: str = ""
    problem: Problem | None = None
    hints: tuple[FieldProblem, ...] = ()
    outage: str = ""
    conflict: tuple[tuple[str, str, str], ...] = ()
    status: int = 200


class _Shown(Exception):
    """The form has to be shown again, as this sheet says."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet.project_id)
        self.sheet = sheet


@dataclass(frozen=True)
class Correcting:
    """What a correction asks beside the columns: why, on which papers, of which sorts."""

    sorts: Mapping[str, str]
    reason: str = ""
    attached: Attached = field(default_factory=Attached)
    opinion: str = ""


async def show_sheet(
    site: Site,
    request: Request,
    visit: Visit,
    sheet: Sheet,
    correcting: Correcting | None = None,
) -> Response:
    """Show the form: to begin a project, to go on with it, or to have it corrected."""
    today = site.clock.today()
    divisions = [
        (section, tuple(rows))
        for section, rows in groupby(reference.industries(), key=lambda row: row.section_name)
    ]
    title = "申请更正" if correcting else "继续填写" if sheet.project_id else "申报"
    return await site.render(
        request,
        "form.html",
        visit,
        title=title,
        current="projects" if sheet.project_id else "new",
        status=sheet.status,
        sheet=sheet,
        correcting=correcting,
        paper=sheet.paper,
        problems=by_place(sheet.problem.errors if sheet.problem else ()),
        hints=by_place(sheet.hints),
        total=funding_sum(sheet.paper),
        regions=[row for row in reference.regions(today) if row.level == "county"],
        zones=reference.zones(today),
        divisions=divisions,
        own=visit.units.get(visit.actor.org, today),
    )


def pages(site: Site) -> APIRouter:
    """Give the routes of the form."""
    router = APIRouter()

    async def reporter(request: Request) -> Visit:
        visit = await site.visit(request)
        if not may(visit.actor, "report"):
            raise NotAllowed("申报由县区、开发区、市直部门和企业集团的填报账号办理。")
        return visit

    async def show(request: Request, visit: Visit, sheet: Sheet) -> Response:
        return await show_sheet(site, request, visit, sheet)

    @router.get("/projects/new")
    async def blank(request: Request) -> Response:
        visit = await reporter(request)
        own = visit.units.get(visit.actor.org, site.clock.today())
        place = {"location.region": own.region, "location.zone_id": own.zone_id} if own else {}
        return await show(request, visit, Sheet(Paper(place), key=str(uuid4())))

    @router.post("/projects/new")
    async def begin(request: Request) -> Response:
        visit = await reporter(request)
        form = await request.form()
        sheet = Sheet(read_paper(form.multi_items()), key=key_of(form.get("key")))
        report = form.get("act") == "report"
        try:
            if report:
                await _heed_hints(site, visit, sheet)
            answer = await _send(
                site,
                visit,
                sheet,
                f"/projects?report={'true' if report else 'false'}",
                as_body(sheet.paper) if report else body_of(sheet.paper),
            )
        except _Shown as shown:
            return await show(request, visit, shown.sheet)
        return await _done(site, request, answer, report=report)

    @router.get("/projects/{project_id}/edit")
    async def again(request: Request, project_id: UUID) -> Response:
        visit = await reporter(request)
        answer, paper = await held(site, visit, str(project_id))
        sheet = Sheet(paper, str(uuid4()), str(project_id), answer.version)
        return await show(request, visit, sheet)

    @router.post("/projects/{project_id}/edit")
    async def revise(request: Request, project_id: UUID) -> Response:
        visit = await reporter(request)
        edited = str(project_id)
        form = await request.form()
        sheet = Sheet(
            read_paper(form.multi_items()),
            key_of(form.get("key")),
            edited,
            str(form.get("version") or ""),
        )
        report = form.get("act") == "report"
        path = f"/projects/{project_id}"
        try:
            if report:
                await _heed_hints(site, visit, sheet)
            answer = await _send(site, visit, sheet, path, body_of(sheet.paper), method="PUT")
            if report:
                kept = Sheet(sheet.paper, sheet.key, edited, answer.version)
                answer = await _send(
                    site,
                    visit,
                    kept,
                    f"{path}/report",
                    report_body(sheet.paper),
                    step="report",
                )
        except _Shown as shown:
            return await show(request, visit, shown.sheet)
        return await _done(site, request, answer, report=report, project_id=edited)

    return router


async def _done(
    site: Site, request: Request, answer: Answer, *, report: bool, project_id: str = ""
) -> Response:
    project = project_id or str(answer.document.get("project_id", ""))
    revision = answer.document.get("revision")
    edition = f"第 {revision} 版。" if revision else ""
    if report:
        receipt = answer.document.get("receipt")
        today = site.clock.today()
        terms = (await site.rules(request)).on(today)
        straight = answer.document.get("stage") == "CITY_PASSED"
        limit = words.limit(terms.final_review if straight else terms.first_review)
        to = "已直接报省发改委审核" if straight else "已报送市发改委初审"
        said = Said(
            "ok",
            f"{to}，{limit}{words.until(answer.begun, today)}。",
            f"{f'回执 {receipt}，' if receipt else ''}{edition}",
        )
    else:
        said = Said("ok", f"草稿已存，{edition}还没有报送。", "填全后点“报送”，送市级初审。")
    return site.turn(request, f"/projects/{project}?after={answer.wrote}", said)


async def held(site: Site, visit: Visit, project_id: str) -> tuple[Answer, Paper]:
    """Give what intake holds of a project of this unit, laid out as the form."""
    try:
        answer = await site.ask(visit, f"/projects/{project_id}")
    except IntakeRefused as refused:
        raise not_in_scope() from refused
    facts = answer.document.get("facts")
    document = facts if isinstance(facts, Mapping) else answer.document
    return answer, paper_of(document, await _contact(site, visit, project_id))


async def _contact(site: Site, visit: Visit, project_id: str) -> Mapping[str, JsonValue]:
    try:
        return (await site.ask(visit, f"/projects/{project_id}/contact")).document
    except IntakeRefused:
        return {}  # a draft may not have one yet


async def _heed_hints(site: Site, visit: Visit, sheet: Sheet) -> None:
    """Have the form judged first, so that errors and open hints are seen together."""
    try:
        token = await site.sessions.token(visit.session, "intake")
        checked = await site.intake.check(token, body_of(sheet.paper), sheet.project_id)
    except Unavailable as silent:
        raise _Shown(_unsent(sheet, silent)) from silent
    except IntakeRefused as refused:
        raise _Shown(_refused(sheet, refused.problem)) from refused
    errors = checked.errors
    if not sheet.paper.not_secret:
        errors = (
            *errors,
            FieldProblem(
                field="not_secret",
                label="非涉密确认",
                rule="not_secret",
                message="还没有确认本项目不涉密。",
                remedy="涉密项目请按保密规定另行报送；不涉密的请勾选确认。",
            ),
        )
    open_hints = tuple(hint for hint in checked.hints if hint.rule not in sheet.paper.accepted)
    if errors or open_hints:
        title = f"没有报送：有 {len(errors)} 处要改。" if errors else "没有报送：有提示要确认。"
        problem = Problem(title=title, status=422, code="incomplete_facts", errors=errors)
        raise _Shown(
            Sheet(
                sheet.paper,
                sheet.key,
                sheet.project_id,
                sheet.version,
                problem,
                checked.hints,
                status=422,
            )
        )


async def _send(
    site: Site,
    visit: Visit,
    sheet: Sheet,
    path: str,
    body: Mapping[str, JsonValue],
    *,
    method: str = "POST",
    step: str = "",
) -> Answer:
    try:
        return await site.command(
            visit,
            path,
            body,
            key=f"{sheet.key}{f'-{step}' if step else ''}",
            version=sheet.version,
            method=method,
        )
    except Unavailable as silent:
        # The same key goes out again with the next try: sent twice, it happens once.
        raise _Shown(_unsent(sheet, silent)) from silent
    except IntakeRefused as refused:
        if refused.problem.code == "stale_version" and sheet.project_id:
            raise _Shown(await _overtaken(site, visit, sheet, refused.problem)) from refused
        raise _Shown(_refused(sheet, refused.problem)) from refused


def _unsent(sheet: Sheet, silent: Unavailable) -> Sheet:
    return Sheet(
        sheet.paper, sheet.key, sheet.project_id, sheet.version, outage=silent.detail, status=503
    )


def _refused(sheet: Sheet, problem: Problem) -> Sheet:
    return Sheet(
        sheet.paper,
        str(uuid4()),
        sheet.project_id,
        sheet.version,
        problem,
        status=problem.status,
    )


async def _overtaken(site: Site, visit: Visit, sheet: Sheet, problem: Problem) -> Sheet:
    """Show what others made of it beside what was typed; the next try goes against that."""
    answer, kept = await held(site, visit, sheet.project_id)
    differing = tuple(
        (_LABELS.get(key, key), kept[key], sheet.paper[key])
        for key in _LABELS
        if kept[key] != sheet.paper[key]
    )
    return Sheet(
        sheet.paper,
        str(uuid4()),
        sheet.project_id,
        answer.version,
        problem,
        conflict=differing,
        status=412,
    )


def key_of(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text if 8 <= len(text) <= 64 and text.replace("-", "").isalnum() else str(uuid4())


_LABELS = {
    "name": "项目名称",
    "project_code": "项目代码",
    "content": "建设内容",
    "location.region": "县区",
    "location.address": "详细地址",
    "location.zone_id": "开发区",
    "builder.name": "建设单位",
    "builder.uscc": "统一社会信用代码",
    "total_investment": "总投资（万元）",
    **{f"funding.{source}": f"{name}（万元）" for source, name in words.FUNDING_SOURCES.items()},
    "planned_start": "开工时间",
    "contact.name": "项目负责人",
    "contact.phone": "联系电话",
    "category": "产业类别",
    "track": "谋划方向",
    "lead_side": "主导方",
    "industry": "行业大类",
    "industry_code": "行业代码",
    "preparation": "前期进展",
    "build_from": "建设起始年月",
    "build_until": "建设终止年月",
    "annual_plan": "年度计划",
    "needs": "需协调问题",
    "remarks": "备注",
}
