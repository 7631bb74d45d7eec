"""审批: which approvals a project needs, where each is, who has it, until when, and why then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from contracts.approval_tracking import ClockSort, ItemState
from services.console.adapters.office import Answer, Body, OfficeRefused, Problem
from services.console.pages import plan_gantt, plan_graph, plan_strip, plan_words
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.item_clocks import Stands, clocks_of, counted, stands
from services.console.pages.moment import Moment, present
from services.console.pages.plan_acts import (
    ACTS,
    Offer,
    Procedure,
    body_of,
    offers_of,
    procedures_of,
    typed_in,
)
from services.console.pages.plan_reading import DONE, OVER, Item, Plan
from services.console.pages.plan_schedule import Schedule, schedule
from services.console.pages.reading import Project
from services.console.pages.session import Visit
from services.console.pages.sharing import agents, colleagues
from services.console.pages.words import ITEM_STATES
from shared.deadline import Calendar
from shared.refusals import NotAllowed, Unavailable
from shared.scope import APPROVAL_SCOPES, PROJECT_SCOPES, may
from shared.seeing import Reader
from shared.units import Unit

AUDIENCE = "approval_tracking"
SHAPES: Mapping[ItemState, str] = {
    ItemState.NOT_BEGUN: "none",
    ItemState.RECEIVED: "before",
    ItemState.CORRECTING: "near",
    ItemState.ACCEPTED: "used",
    ItemState.PAUSED: "stop",
    ItemState.GRANTED: "done",
    ItemState.COMMITTED: "makeup",
    ItemState.WAIVED: "off",
    ItemState.SERVED: "done",
    ItemState.REFUSED: "late",
    ItemState.WITHDRAWN: "draft",
    ItemState.REVOKED: "late",
}
"""The shape beside the word of a state; colours come with them and say nothing alone."""


class Asked(BaseModel):
    """What the address asks for; ``seen`` is the mark of what the page shows already."""

    model_config = ConfigDict(frozen=True)

    item: str = ""
    as_of: str = ""
    after: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Line:
    """One item in the list: how it stands by its first clock, and by each of the two."""

    item: Item
    stands: Stands
    promised: Stands | None
    statutory: Stands | None
    waits_for: tuple[Item, ...]
    lacking: tuple[Item, ...]
    holder: str | None
    since: date | None
    by_applicant: bool


@dataclass(frozen=True)
class Acting:
    """What may be done about the chosen item, with what its forms choose from."""

    offers: tuple[Offer, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    colleagues: Mapping[str, str] | None = None
    offices: Sequence[Unit] = ()
    silent: str = ""


@dataclass(frozen=True)
class Trouble:
    """An act that was refused, with what was typed."""

    act: str
    problem: Problem
    typed: Mapping[str, str]


def pages(site: Site) -> APIRouter:
    """Give the routes of a project's approvals."""
    router = APIRouter()
    room = _Room(site)

    @router.get("/projects/{project_id}/approvals")
    async def plan(
        request: Request, project_id: UUID, asked: Annotated[Asked, Query()]
    ) -> Response:
        return await room.shown(request, str(project_id), asked)

    @router.get("/projects/{project_id}/approvals/events/{version}")
    async def event(request: Request, project_id: UUID, version: int, as_of: str = "") -> Response:
        return await room.event(request, str(project_id), version, as_of)

    @router.post("/projects/{project_id}/approvals/agent")
    async def agent(request: Request, project_id: UUID) -> Response:
        return await room.agent(request, str(project_id))

    @router.post("/projects/{project_id}/approvals/{item}/{act}")
    async def act(request: Request, project_id: UUID, item: str, act: str) -> Response:
        return await room.act(request, str(project_id), item, act)

    return router


class _Room:
    """What the pages share."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def shown(self, request: Request, project_id: str, asked: Asked) -> Response:
        site = self._site
        visit = await site.visit(request)
        when = await site.moment(asked.as_of)
        fresh = when.past or await site.fresh(visit, asked.after)
        if asked.seen and request.headers.get("HX-Request") and not when.past:
            # Whoever has seen it all is told so without the page being made.
            await self._project(visit, project_id, when)
            version = await site.reading.plans.version(project_id)
            if asked.seen == mark(version, when.today):
                nothing_new = Response(status_code=204)
                site.stamp(nothing_new, await site.as_of())
                return nothing_new
        return await self.page(request, visit, project_id, asked, when, fresh=fresh)

    async def page(
        self,
        request: Request,
        visit: Visit,
        project_id: str,
        asked: Asked,
        when: Moment,
        *,
        fresh: bool = True,
        trouble: Trouble | None = None,
    ) -> Response:
        site = self._site
        project = await self._project(visit, project_id, when)
        plans = site.plans(when)
        version = await plans.version(project_id)
        plan = await plans.plan(project_id)
        chosen = plan.item(asked.item) if plan else None
        content: dict[str, Any] = {"plan": None}
        if plan is not None:
            content = {
                **await self._content(visit, project, plan, chosen, when),
                "states_circumstances": states_circumstances(visit, site.reader(visit), plan)
                and not when.past,
            }
        steers = may(visit.actor, "steer_approvals") and not when.past
        page = await site.render(
            request,
            "plan.html",
            visit,
            title=f"审批 {project.name}",
            current="projects",
            when=when,
            status=trouble.problem.status if trouble else 200,
            project=project,
            fresh=fresh,
            mark=mark(version, when.today),
            # Acts are those of now: a day in the past has none.
            acting=None if when.past else await self._acting(visit, project_id, chosen),
            acts=ACTS,
            steers=steers,
            agents=await agents(site, visit) if steers and plan is not None else (),
            trouble=trouble,
            typed=lambda act, key: _again(trouble, act, key),
            key=str(uuid4()),
            **content,
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        return page

    async def _content(
        self, visit: Visit, project: Project, plan: Plan, chosen: Item | None, when: Moment
    ) -> dict[str, Any]:
        """Give what the page shows of a plan."""
        site, today = self._site, when.today
        known = await site.reading_of(when).in_force()
        calendar = known.calendar
        planned = schedule(plan, calendar, today)
        lines = [_line(item, plan, calendar, today) for item in plan.items]
        units = await site.units(visit, when)
        placed = PROJECT_SCOPES.shown_to(site.reader(visit), "place_in_journal")
        history = plan_words.lines_of(
            await site.plans(when).history(project.project_id),
            {item.id: item.row.name for item in plan.items},
            units,
            today,
            placed=placed.holds(vars(project)),
        )
        return {
            "plan": plan,
            "chosen": chosen,
            "chosen_line": next((one for one in lines if one.item is chosen), None),
            "strips": await self._strips(chosen, today) if chosen else (),
            "lines": lines,
            "open_lines": _most_pressing(lines),
            "planned": planned,
            "graph": plan_graph.lay_out(plan, planned.critical),
            "gantt": plan_gantt.lay_out(plan, planned, calendar, today),
            "critical": [plan.item(name) for name in planned.critical],
            "total": total_of(plan, planned),
            "shapes": SHAPES,
            "states": ITEM_STATES,
            "managements": plan_words.MANAGEMENTS,
            "land_modes": plan_words.LAND_MODES,
            "stage_names": plan_words.STAGES,
            "told": [
                one for one in reversed(history) if chosen is None or one.item in {"", chosen.id}
            ],
        }

    async def _strips(self, item: Item, today: date) -> tuple[plan_strip.ClockStrip, ...]:
        """Explain each clock on the calendar on which it was counted."""
        strips = []
        clocks = clocks_of(item.row.clocks)
        for sort in _explained(item):
            if (clock := clocks.get(sort)) is not None:
                years = await self._site.reading.known_at(clock.calendar)
                strips.append(
                    plan_strip.lay_out(item, clock, years.known.calendar, today, years.notices)
                )
        return tuple(strips)

    async def _acting(self, visit: Visit, project_id: str, chosen: Item | None) -> Acting | None:
        if chosen is None:
            return None
        site = self._site
        try:
            offers = offers_of((await self.ask(visit, f"/plans/{project_id}")).document, chosen.id)
            wanted = {offer.act for offer in offers if offer.open}
            procedures: tuple[Procedure, ...] = ()
            if "pause" in wanted:
                procedures = procedures_of((await self.ask(visit, "/catalogue")).document)
        except OfficeRefused:
            return Acting()
        except Unavailable as silent:
            return Acting(silent=silent.detail)
        return Acting(
            offers,
            procedures,
            await colleagues(site, visit) if "hand-over" in wanted else None,
            visit.units.on(site.clock.today()) if "transfer" in wanted else (),
        )

    async def event(self, request: Request, project_id: str, version: int, as_of: str) -> Response:
        site = self._site
        visit = await site.visit(request)
        when = await site.moment(as_of)
        project = await self._project(visit, project_id, when)
        plan = await site.plans(when).plan(project_id)
        placed = PROJECT_SCOPES.shown_to(site.reader(visit), "place_in_journal")
        lines = plan_words.lines_of(
            await site.plans(when).history(project_id),
            {item.id: item.row.name for item in plan.items} if plan else {},
            await site.units(visit, when),
            when.today,
            placed=placed.holds(vars(project)),
        )
        line = next((line for line in lines if line.entry.version == version), None)
        if line is None:
            raise not_in_scope()
        place = f"/projects/{project_id}"
        return await site.render(
            request,
            "event.html",
            visit,
            title=f"原始记录 {line.title}",
            current="projects",
            when=when,
            crumbs=((place, project.name), (f"{place}/approvals", "审批")),
            told=line,
        )

    async def act(self, request: Request, project_id: str, item: str, act: str) -> Response:
        site = self._site
        visit = await site.visit(request)
        if act not in ACTS or not item.isalnum():
            raise not_in_scope()
        await self._project(visit, project_id, present(site.clock))
        form = await request.form()
        fields = ACTS[act].fields
        typed = typed_in(form, fields)
        return await self._sent(
            request,
            visit,
            project_id,
            f"/plans/{project_id}/items/{item}/{act}",
            body_of(typed, fields),
            Trouble(act, Problem(), typed),
            Asked(item=item),
            key=str(form.get("key") or uuid4()),
            version=str(form.get("version") or ""),
        )

    async def agent(self, request: Request, project_id: str) -> Response:
        """Appoint who goes from office to office, or nobody any more."""
        site = self._site
        visit = await site.visit(request)
        await self._project(visit, project_id, present(site.clock))
        if not may(visit.actor, "steer_approvals"):
            raise NotAllowed("代办员由统筹审批的单位确定。")
        form = await request.form()
        agent, _, office = str(form.get("agent") or "").strip().partition("@")
        typed = {"agent": f"{agent}@{office}", "reason": str(form.get("reason") or "").strip()}
        path = f"/plans/{project_id}/agent"
        body: Body = {"agent": agent, "agent_org": office}
        if not agent:
            path, body = f"{path}/release", {"reason": typed["reason"]}
        return await self._sent(
            request,
            visit,
            project_id,
            path,
            body,
            Trouble("agent", Problem(), typed),
            Asked(),
            key=str(form.get("key") or uuid4()),
        )

    async def _sent(
        self,
        request: Request,
        visit: Visit,
        project_id: str,
        path: str,
        body: Body,
        asked_for: Trouble,
        back: Asked,
        *,
        key: str,
        version: str = "",
    ) -> Response:
        """Send a command on; what is refused is shown where it was asked, with what was typed."""
        site = self._site
        try:
            token = await site.sessions.token(visit.session, AUDIENCE)
            answer = await site.approvals.command(token, path, body, key=key, version=version)
        except OfficeRefused as refused:
            problem = refused.problem
        except Unavailable as silent:
            problem = Problem(title="没有办成", status=503, detail=silent.detail)
        else:
            said = Said("ok", str(answer.document.get("message") or "已办。"))
            query = f"item={back.item}&" if back.item else ""
            anchor = "#item" if back.item else ""
            address = f"/projects/{project_id}/approvals?{query}after={answer.wrote}{anchor}"
            return site.turn(request, address, said)
        trouble = Trouble(asked_for.act, problem, asked_for.typed)
        when = present(site.clock)
        return await self.page(request, visit, project_id, back, when, trouble=trouble)

    async def ask(self, visit: Visit, path: str) -> Answer:
        """Fetch a document from approval_tracking with the user's own token."""
        token = await self._site.sessions.token(visit.session, AUDIENCE)
        return await self._site.approvals.read(token, path)

    async def _project(self, visit: Visit, project_id: str, when: Moment) -> Project:
        site = self._site
        scope = APPROVAL_SCOPES.seen_by(site.reader(visit))
        project = await site.reading_of(when).project(scope, project_id)
        # Before it has entered a pool nothing is approved of a project.
        if project is None or project.pool is None:
            raise not_in_scope()
        return project


def states_circumstances(visit: Visit, reader: Reader, plan: Plan) -> bool:
    """Tell whether an account may say what is so of a project; its office has the last word."""
    own = plan.row.owner_org in reader.own("org")
    appointed = plan.row.agent is not None and plan.row.agent == visit.actor.account
    applying = may(visit.actor, "apply_for_items") and (own or appointed)
    return applying or may(visit.actor, "steer_approvals")


def mark(version: int, today: date) -> str:
    """Name what a page shows: the version of the plan, and the day that lights depend on."""
    return f"{version}-{today:%m%d}"


@dataclass(frozen=True)
class Total:
    """The stages together against what they may take."""

    used: int
    whole: int
    limit: int | None
    done: int
    count: int

    @property
    def over(self) -> int:
        """By how many days it will be longer than it may be."""
        return max(0, self.whole - self.limit) if self.limit is not None else 0


def total_of(plan: Plan, planned: Schedule) -> Total:
    """Add the stages up."""
    return Total(
        planned.used,
        planned.whole,
        plan.row.total_limit,
        sum(item.done for item in plan.items),
        len(plan.items),
    )


def _line(item: Item, plan: Plan, calendar: Calendar, today: date) -> Line:
    waits_for = plan.open_of(item.planned.after)
    clocks = clocks_of(item.row.clocks)
    paused = item.state is ItemState.PAUSED
    at_work = item.state in {ItemState.ACCEPTED, ItemState.PAUSED}

    def of(sort: ClockSort) -> Stands | None:
        clock = clocks.get(sort)
        return counted(clock, calendar, today, paused=paused) if clock and at_work else None

    holder, by_applicant = _holder(item, plan, ready=not waits_for)
    return Line(
        item=item,
        stands=stands(item.row, calendar, today),
        promised=of(ClockSort.PROMISED),
        statutory=of(ClockSort.STATUTORY),
        waits_for=waits_for,
        lacking=plan.open_of(item.planned.beside),
        holder=holder,
        since=_since(item, plan, ready=not waits_for),
        by_applicant=by_applicant,
    )


def _holder(item: Item, plan: Plan, *, ready: bool) -> tuple[str | None, bool]:
    """Say who has to do the next step, and whether that is the applicant."""
    if item.state is ItemState.CORRECTING or item.state in OVER:
        return plan.row.owner_org, True
    if item.state is ItemState.NOT_BEGUN:
        return (plan.row.owner_org, True) if ready else (None, False)
    if item.state in DONE and item.row.running is None:
        return None, False
    return item.row.handling, False


def _since(item: Item, plan: Plan, *, ready: bool) -> date | None:
    row = item.row
    match item.state:
        case ItemState.NOT_BEGUN if ready:
            before = [plan.item(name) for name in item.planned.after]
            days = [one.row.done_on for one in before if one and one.row.done_on]
            return max(days, default=plan.row.drawn_up_on)
        case ItemState.RECEIVED:
            return row.corrected_on or row.received_on
        case ItemState.CORRECTING:
            return row.asked_on
        case ItemState.ACCEPTED:
            return row.accepted_on
        case ItemState.PAUSED:
            return row.paused_from
        case ItemState.REFUSED | ItemState.WITHDRAWN | ItemState.REVOKED:
            return row.ended_on
        case _:
            return row.done_on


def _explained(item: Item) -> tuple[ClockSort, ...]:
    """Name the clocks of an item that its page explains."""
    match item.state:
        case ItemState.RECEIVED | ItemState.CORRECTING:
            return (ClockSort.RECEIPT,)
        case ItemState.COMMITTED:
            return (ClockSort.COMMITMENT,)
        case ItemState.GRANTED if item.row.running is not None:
            return (ClockSort.FOLLOW_UP, ClockSort.PROMISED, ClockSort.STATUTORY)
        case _:
            return (ClockSort.PROMISED, ClockSort.STATUTORY)


def _most_pressing(lines: Sequence[Line]) -> list[Line]:
    """Give what somebody has to do now, first what the applicant has, then by day."""
    held = [line for line in lines if line.holder is not None]
    return sorted(
        held, key=lambda line: (not line.by_applicant, line.item.row.due or date.max, line.item.id)
    )


def _again(trouble: Trouble | None, act: str, key: str) -> str:
    return trouble.typed.get(key, "") if trouble and trouble.act == act else ""
