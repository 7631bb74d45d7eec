"""审核台: what changed since it was last looked at, and may it pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import JsonValue

from contracts.intake import (
    CorrectionRequested,
    Matter,
    MoveApplied,
    ProjectFacts,
    ReviewReturned,
    ReviewSubmitted,
)
from services.console.adapters.intake import Answer, IntakeRefused, Problem
from services.console.pages import names, words
from services.console.pages.difference import compare, unchanged
from services.console.pages.duplicates import Alike, alike_to
from services.console.pages.entry import Entry
from services.console.pages.exporting import give
from services.console.pages.fields import FIELDS, PARTS
from services.console.pages.filters import Asked, chips, options, read_filter
from services.console.pages.frame import REVIEWS, Said, Site, not_in_scope
from services.console.pages.moving import Wanted, wanted
from services.console.pages.reading import NOBODY, Filter, Project, Waiting, editions
from services.console.pages.rules import Terms
from services.console.pages.session import Visit
from services.console.pages.sharing import colleagues
from services.console.pages.sheet_file import Column
from services.console.pages.telling import last_return
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may
from shared.units import Units
from shared.viewing import parse_token

QUEUE_ROWS = 200

# What the form shows as one column but intake knows by its parts.
_REMARK_FIELDS = {"build_years": "build_from"}


@dataclass(frozen=True)
class Level:
    """One level of review: what it is called, where its decisions go."""

    stage: str
    word: str
    path: str
    many: str


CITY = Level("SUBMITTED", "初审", "first-review", "/reviews/first")
PROVINCE = Level("CITY_PASSED", "审核", "final-review", "/reviews/final")


@dataclass(frozen=True)
class Typed:
    """The reviewer's own text. It is shown again whatever happens."""

    verdict: str = "PASS"
    to: str = "REPORTER"
    opinion: str = ""
    document_number: str = ""
    confirmed: bool = False
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """One dossier on the desk."""

    project: Project
    facts: ProjectFacts | None
    old: ProjectFacts | None
    returned: ReviewReturned | None
    reporter: str
    reported_at: Entry | None
    position: int
    wanted: Wanted | None = None
    before: str = ""
    after: str = ""
    alike: tuple[Alike, ...] | None = ()
    """What may be the same project; None when intake did not say."""

    @property
    def undecided(self) -> int:
        """How many of those the city has not judged yet."""
        return sum(one.verdict is None for one in self.alike or ())


async def reviewer(site: Site, request: Request) -> tuple[Visit, Level]:
    """Give who reviews, and at which level.

    Raises:
        NotAllowed: the role does not review.
    """
    visit = await site.visit(request)
    if may(visit.actor, "first_review"):
        return visit, CITY
    if may(visit.actor, "final_review"):
        return visit, PROVINCE
    raise NotAllowed("审核台由市级初审员和省级审核员使用。")


def queue_filter(asked: Asked, level: Level, visit: Visit, on: date) -> Filter:
    """Read which part of the level's queue is asked for."""
    taken = {"mine": visit.actor.account, "free": NOBODY}.get(asked.taken, "")
    ask = read_filter(asked, visit.units, on)
    return replace(ask, stage=level.stage, pool="", taken=taken)


def pages(site: Site) -> APIRouter:
    """Give the routes of the desk."""
    router = APIRouter()

    async def show(
        request: Request,
        visit: Visit,
        level: Level,
        project_id: str | None,
        asked: Asked,
        *,
        fresh: bool = True,
        typed: Typed | None = None,
        problem: Problem | None = None,
        key: str = "",
    ) -> Response:
        scope, today = site.scope(visit), site.clock.today()
        ask = queue_filter(asked, level, visit, today)
        queue = await site.reading.head(scope, ask, QUEUE_ROWS, beside=project_id or "")
        lagging = "" if fresh else (parse_token(asked.after) or ("", 0))[0].removeprefix("project-")
        waiting = [project for project in queue.near if project.project_id != lagging]
        piece = None
        chosen = project_id or (waiting[0].project_id if waiting else None)
        if chosen:
            project = await site.reading.project(scope, chosen)
            if project is None:
                raise not_in_scope()
            piece = await _piece(site, visit, level, project, waiting)
        facts = piece.facts if piece else None
        page = await site.render(
            request,
            "desk.html",
            visit,
            title=piece.project.name if piece and project_id else "审核台",
            current="desk",
            status=problem.status if problem else 200,
            level=level,
            asked=asked,
            chips=chips(
                asked.model_copy(update={"stage": "", "pool": ""}), "/desk", visit.units, today
            ),
            options=options(await site.reading.choices(scope), asked, visit.units, today),
            queue=queue,
            lagging=lagging,
            piece=piece,
            opened=project_id is not None,
            papers=await site.paper_names(await site.moment("")),
            changes=compare(piece.old, facts, today) if piece and facts else (),
            same=unchanged(piece.old, facts, today) if piece and piece.old and facts else (),
            last=_last_remarks(piece),
            barred=_barred(piece, visit, level) if piece else "",
            typed=typed or Typed(),
            problem=problem,
            phrases=(await site.rules(request)).phrases_on(today),
            colleagues=await colleagues(site, visit) if piece else {},
            key=key or str(uuid4()),
            fresh=fresh,
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        return page

    @router.get("/desk")
    async def desk(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit, level = await reviewer(site, request)
        if asked.export:
            return await _queue_file(site, request, visit, level, asked)
        return await show(
            request, visit, level, None, asked, fresh=await site.fresh(visit, asked.after)
        )

    @router.get("/desk/{project_id}")
    async def one(request: Request, project_id: UUID, asked: Annotated[Asked, Query()]) -> Response:
        visit, level = await reviewer(site, request)
        fresh = await site.fresh(visit, asked.after)
        return await show(request, visit, level, str(project_id), asked, fresh=fresh)

    @router.post("/desk/{project_id}")
    async def decide(
        request: Request, project_id: UUID, asked: Annotated[Asked, Query()]
    ) -> Response:
        visit, level = await reviewer(site, request)
        form = {
            key: value.strip()
            for key, value in (await request.form()).multi_items()
            if isinstance(value, str)
        }
        typed = Typed(
            verdict=form.get("verdict", ""),
            to=form.get("to", "REPORTER"),
            opinion=form.get("opinion", ""),
            document_number=form.get("document_number", ""),
            confirmed="confirmed" in form,
            remarks={
                key.removeprefix("remark."): text
                for key, text in form.items()
                if key.startswith("remark.") and text
            },
        )
        key = form.get("key", "") or str(uuid4())

        async def again(problem: Problem, again_key: str = "") -> Response:
            return await show(
                request,
                visit,
                level,
                str(project_id),
                asked,
                typed=typed,
                problem=problem,
                key=again_key,
            )

        if typed.verdict == "REJECT" and not typed.confirmed:
            return await again(
                Problem(
                    title="请再确认一次",
                    status=422,
                    code="confirm_reject",
                    detail="否定的结论不可撤回。确认后再提交一次。",
                )
            )
        project = await site.reading.project(site.scope(visit), str(project_id))
        if project is None:
            raise not_in_scope()
        try:
            answer = await site.command(
                visit,
                f"/projects/{project_id}/{level.path}",
                _body(typed, form, level),
                key=key,
                version=form.get("version", ""),
            )
        except IntakeRefused as refused:
            return await again(refused.problem)
        except Unavailable as silent:
            return await again(
                Problem(title="没有办成", status=503, code="unavailable", detail=silent.detail), key
            )
        today = site.clock.today()
        ask = queue_filter(asked, level, visit, today)
        queue = await site.reading.head(site.scope(visit), ask, QUEUE_ROWS, beside=str(project_id))
        following = _neighbours(queue.near, str(project_id))[1]
        terms = (await site.rules(request)).on(today)
        until = words.until(answer.begun, today)
        said = _said(project, typed, level, answer, terms, until)
        address = asked.address(f"/desk/{following}" if following else "/desk")
        mark = "&" if "?" in address else "?"
        return site.turn(request, f"{address}{mark}after={answer.wrote}", said)

    return router


async def _piece(
    site: Site, visit: Visit, level: Level, project: Project, waiting: Sequence[Waiting]
) -> Piece:
    admitting = project.matter in {Matter.ADMISSION, Matter.CORRECTION}
    compared = admitting and level is CITY and project.stage == level.stage
    history = await site.reading.history(project.project_id)
    known = editions(history)
    seen = project.reviewed_revision
    submitted = [
        entry
        for entry in history
        if isinstance(entry.event, ReviewSubmitted | MoveApplied | CorrectionRequested)
    ]
    again = project.round > 1 or project.returned_to_city
    before, after = _neighbours(waiting, project.project_id)
    facts, old = known.get(project.revision), known.get(seen) if seen else None
    asked = submitted[-1].event if submitted else None
    if project.matter == Matter.CORRECTION and isinstance(asked, CorrectionRequested):
        # What was accepted beside what it shall become.
        facts, old = asked.facts, facts
    return Piece(
        project=project,
        facts=facts,
        old=old,
        returned=last_return(history) if again else None,
        reporter=submitted[-1].role if submitted else "",
        reported_at=submitted[-1] if submitted else None,
        position=next(
            (other.place for other in waiting if other.project_id == project.project_id), 0
        ),
        wanted=wanted(project, history, site.clock.today()),
        before=before,
        after=after,
        alike=await _alike(site, visit, project.project_id) if compared else (),
    )


async def _alike(site: Site, visit: Visit, project_id: str) -> tuple[Alike, ...] | None:
    try:
        return await alike_to(site, visit, project_id)
    except (IntakeRefused, Unavailable):
        return None


def _neighbours(queue: Sequence[Waiting], project_id: str) -> tuple[str, str]:
    ids = [project.project_id for project in queue]
    if project_id not in ids:
        return "", ids[0] if ids else ""
    place = ids.index(project_id)
    before = ids[place - 1] if place else ""
    after = ids[place + 1] if place + 1 < len(ids) else before
    return before, after


def _last_remarks(piece: Piece | None) -> dict[str, list[str]]:
    remarks: dict[str, list[str]] = {}
    if piece and piece.returned:
        for remark in piece.returned.remarks:
            top = remark.field.split(".", maxsplit=1)[0]
            remarks.setdefault(PARTS.get(top, top), []).append(remark.text)
    return remarks


def _barred(piece: Piece, visit: Visit, level: Level) -> str:
    """Say why this account may not decide this dossier; intake would refuse it all the same."""
    project = piece.project
    if project.stage != REVIEWS[visit.actor.role]:
        return f"这件现在是“{words.STAGE_BY_CODE[project.stage].name}”，不在待{level.word}之列。"
    return same_person(project, visit, level) or taken_by_another(project, visit)


def same_person(project: Project | Waiting, visit: Visit, level: Level) -> str:
    """Say whether this account had a hand in the dossier before: three steps, three people."""
    if project.submitted_by == visit.actor.account:
        return f"这件由你报送，{level.word}须由他人办理（报送、初审、审核不得是同一人）。"
    if level is PROVINCE and project.first_reviewed_by == visit.actor.account:
        return "这件由你初审，审核须由他人办理（报送、初审、审核不得是同一人）。"
    return ""


def taken_by_another(project: Project | Waiting, visit: Visit) -> str:
    """Say whether a colleague is at it."""
    if project.taken_by in {None, visit.actor.account, visit.actor.on_behalf_of}:
        return ""
    return "这件已由同事领取。需要接办的，先转办给自己。"


def _body(typed: Typed, form: Mapping[str, str], level: Level) -> dict[str, JsonValue]:
    revision = form.get("on_revision", "")
    order = {column.key: number for number, column in enumerate(FIELDS)}
    remarks: list[JsonValue] = [
        {"field": _REMARK_FIELDS.get(key, key), "text": text}
        for key, text in sorted(typed.remarks.items(), key=lambda pair: order.get(pair[0], 99))
    ]
    body: dict[str, JsonValue] = {
        "verdict": typed.verdict,
        "opinion": typed.opinion,
        "on_revision": int(revision) if revision.isdecimal() else 0,
        "remarks": remarks if typed.verdict == "RETURN" else [],
    }
    if level is PROVINCE:
        body["to"] = typed.to
        if typed.document_number:
            body["document_number"] = typed.document_number
    return body


def _said(
    project: Project, typed: Typed, level: Level, answer: Answer, terms: Terms, until: str
) -> Said:
    name = f"“{project.name}”"
    receipt = answer.document.get("receipt")
    link = (f"/projects/{project.project_id}", "看流转记录")
    note = f"回执 {receipt}。" if receipt else ""
    match typed.verdict, level.stage, typed.to:
        case "PASS", "SUBMITTED", _:
            text = f"{name}初审通过，已送省发改委审核，{words.limit(terms.final_review)}{until}。"
        case "PASS", _, _ if project.pool:
            text = f"{name}{answer.document.get('message', '')}"
        case "PASS", _, _:
            text = f"{name}审核通过，已进入谋划库，看板随即更新。"
        case "RETURN", "CITY_PASSED", "CITY":
            text = f"{name}已退回市发改委重新初审，{words.limit(terms.first_review)}{until}。"
        case "RETURN", _, _:
            term = words.limit(terms.resubmission, "内重报")
            text = f"{name}已退回{project.owner_name}补正，{term}{until}。"
        case _:
            no = words.refusal(project.matter)
            text = f"{name}{no}，{project.owner_name}可以看到理由。"
    return Said("ok", text, note, *link)


async def _queue_file(
    site: Site, request: Request, visit: Visit, level: Level, asked: Asked
) -> Response:
    today, when = site.clock.today(), await site.moment("")
    ask = queue_filter(asked, level, visit, today)
    waiting = await site.reading.queue(site.scope(visit), ask)
    kept = asked.model_copy(update={"stage": "", "pool": ""})
    said = [chip.text for chip in chips(kept, "/desk", visit.units, today)]
    columns = _columns(visit.units, today)
    return await give(site, request, visit, when, f"待{level.word}", columns, waiting, said)


def _columns(units: Units, on: date) -> tuple[Column[Waiting], ...]:
    """Give the columns of the queue as a file."""
    return (
        Column("项目名称", lambda row: row.name),
        Column("报送单位", lambda row: names.owner(row.owner_org, row.owner_name, units, on)),
        Column("总投资（万元）", lambda row: words.in_wan(row.total_investment)),
        Column("事项", lambda row: words.matter(row.matter)),
        Column("第几版", lambda row: row.revision),
        Column("第几次报送", lambda row: row.round),
        Column("到本环节", lambda row: row.stage_since),
        Column("到期", lambda row: row.term.due if row.term else None),
        Column("省级退回重审", lambda row: "是" if row.returned_to_city else ""),
        Column("项目编号", lambda row: row.project_id),
    )
