"""申请更正: accepted facts as they shall be, on the same form; they change when it is approved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from contracts.intake import CorrectionRequested, ProjectFacts, ReviewReturned
from services.console.adapters.intake import Answer, IntakeRefused, Problem
from services.console.pages import words
from services.console.pages.entry import Entry
from services.console.pages.evidence import attached
from services.console.pages.form import Correcting, Sheet, held, key_of, show_sheet
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.paper import body_of, paper_of, read_paper
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may

ROOM = "correction"
"""The room whose rules name the papers."""


def pages(site: Site) -> APIRouter:
    """Give the routes of asking for a correction."""
    router = APIRouter()

    async def reporter(request: Request) -> Visit:
        visit = await site.visit(request)
        if not may(visit.actor, "report"):
            raise NotAllowed("更正由项目的填报单位申请。")
        return visit

    async def asking() -> Correcting:
        file = (await site.reading.rules(ROOM)).file_on(site.clock.today())
        sorts = file.values.get("evidence") if file else None
        found = sorts if isinstance(sorts, Mapping) else {}
        return Correcting({str(sort): str(name) for sort, name in found.items()})

    @router.get("/projects/{project_id}/correct")
    async def blank(request: Request, project_id: UUID) -> Response:
        visit = await reporter(request)
        answer, paper = await held(site, visit, str(project_id))
        correcting = await asking()
        project = await site.reading.project(site.scope(visit), str(project_id))
        if project is None:
            raise not_in_scope()
        if (project.matter, project.stage) == ("CORRECTION", "RETURNED"):
            # What was asked for goes on from where it was, not from what was accepted.
            asked, returned = _last(await site.reading.history(project.project_id))
            if asked is not None:
                paper = paper_of(document_of(asked.facts), {})
                opinion = returned.opinion if returned else ""
                correcting = replace(correcting, reason=asked.reason, opinion=opinion)
        sheet = Sheet(paper, str(uuid4()), str(project_id), answer.version)
        return await show_sheet(site, request, visit, sheet, correcting)

    @router.post("/projects/{project_id}/correct")
    async def send(request: Request, project_id: UUID) -> Response:
        visit = await reporter(request)
        form = await request.form()
        correcting = replace(await asking(), reason=str(form.get("reason") or "").strip())
        sheet = Sheet(
            read_paper(form.multi_items()),
            key_of(form.get("key")),
            str(project_id),
            str(form.get("version") or ""),
        )
        try:
            papers = await attached(site, visit, form, tuple(correcting.sorts))
            correcting = replace(correcting, attached=papers)
            if papers.problem is not None:
                raise IntakeRefused(papers.problem)
            answer = await site.command(
                visit,
                f"/projects/{project_id}/corrections",
                _body(sheet, correcting),
                key=sheet.key,
                version=sheet.version,
            )
        except IntakeRefused as refused:
            again = _refused(sheet, refused.problem)
            return await show_sheet(site, request, visit, again, correcting)
        except Unavailable as silent:
            again = replace(sheet, outage=silent.detail, status=503)
            return await show_sheet(site, request, visit, again, correcting)
        said = await _said(site, request, answer)
        return site.turn(request, f"/projects/{project_id}?after={answer.wrote}", said)

    return router


def _body(sheet: Sheet, correcting: Correcting) -> Mapping[str, JsonValue]:
    columns = {key: part for key, part in body_of(sheet.paper).items() if key != "contact"}
    return {
        **columns,
        "not_secret": sheet.paper.not_secret,
        "accepted_hints": [*sorted(sheet.paper.accepted)],
        "reason": correcting.reason,
        "evidence": correcting.attached.body,
    }


def _refused(sheet: Sheet, problem: Problem) -> Sheet:
    """Show what was typed with what is wrong; hints stand where they are confirmed."""
    if problem.status == 404:
        raise not_in_scope()
    hints = problem.errors if problem.code == "hints_to_confirm" else ()
    said = problem.model_copy(update={"errors": ()}) if hints else problem
    return replace(sheet, key=str(uuid4()), problem=said, hints=hints, status=problem.status)


async def _said(site: Site, request: Request, answer: Answer) -> Said:
    today = site.clock.today()
    terms = (await site.rules(request)).on(today)
    straight = answer.document.get("stage") == "CITY_PASSED"
    to = "省发改委审核" if straight else "市发改委初审"
    limit = words.limit(terms.final_review if straight else terms.first_review)
    receipt = answer.document.get("receipt")
    return Said(
        "ok",
        f"更正申请已送{to}，{limit}{words.until(answer.begun, today)}。批准之前原内容不变。",
        f"回执 {receipt}。" if receipt else "",
    )


def _last(
    history: Sequence[Entry],
) -> tuple[CorrectionRequested | None, ReviewReturned | None]:
    """Give the correction that was asked for last, and the last return."""
    events = [entry.event for entry in reversed(history)]
    asked = next((one for one in events if isinstance(one, CorrectionRequested)), None)
    return asked, next((one for one in events if isinstance(one, ReviewReturned)), None)


def document_of(facts: ProjectFacts) -> Mapping[str, JsonValue]:
    """Give facts as intake's form does, money in 万元."""
    document: dict[str, JsonValue] = facts.model_dump(mode="json", exclude={"contact_id"})
    total = facts.total_investment
    document["total_investment"] = None if total is None else str(words.in_wan(total))
    document["funding"] = [
        {"source": part.source.value, "amount": str(words.in_wan(part.amount))}
        for part in facts.funding
    ]
    return document
