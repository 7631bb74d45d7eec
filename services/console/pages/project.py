"""项目页: what is it, where is it, how did it get here, and what may I do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from pydantic import JsonValue

from contracts.intake import ProjectFacts, ProjectMoved, ProjectPooled, Standing
from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages import fields, words
from services.console.pages.difference import compare
from services.console.pages.entry import Entry
from services.console.pages.frame import REVIEWS, Said, Site, not_in_scope
from services.console.pages.moment import Moment, present
from services.console.pages.moving import wanted
from services.console.pages.reading import Project, editions
from services.console.pages.reckoning import Reckoning
from services.console.pages.session import Visit
from services.console.pages.tag_reading import Tagged
from services.console.pages.tag_words import name_of
from services.console.pages.telling import Told, tell
from shared.refusals import Unavailable
from shared.scope import PROJECT_SCOPES, SIGNING_SCOPES, may
from shared.seeing import Reader

State = Literal["past", "now", ""]


@dataclass(frozen=True)
class Step:
    """One step of the bar."""

    name: str
    note: str
    state: State
    css: str = ""


@dataclass(frozen=True)
class Actions:
    """What this account may do with this project now."""

    edit: bool
    withdraw: bool
    discard: bool
    review: bool
    name_contact: bool
    move: bool
    correct: bool


NO_ACTIONS = Actions(
    edit=False,
    withdraw=False,
    discard=False,
    review=False,
    name_contact=False,
    move=False,
    correct=False,
)
PURPOSES = {"REACH": "联系负责人", "VERIFY": "核对填报"}
"""What a telephone may be looked at for, as intake's door takes it."""


@dataclass(frozen=True)
class Trouble:
    """An act that was refused, with what was typed."""

    act: str
    problem: Problem
    reason: str = ""
    name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Contact:
    """The responsible officer as intake shows him to this account: masked, unless he was read."""

    name: str = ""
    phone: str = ""
    erased: bool = False
    may_read: bool = False
    whole: bool = False
    silent: bool = False


def pages(site: Site) -> APIRouter:
    """Give the routes of one project."""
    router = APIRouter()

    async def show(
        request: Request,
        visit: Visit,
        project_id: UUID,
        *,
        when: Moment | None = None,
        fresh: bool = True,
        revision: int | None = None,
        read: Contact | None = None,
        trouble: Trouble | None = None,
    ) -> Response:
        when = when or present(site.clock)
        reading = site.reading_of(when)
        project = await reading.project(site.scope(visit), str(project_id))
        if project is None:
            if not fresh:
                return await _not_yet(site, request, visit)
            raise not_in_scope()
        history = await reading.history(project.project_id)
        known = editions(history)
        newest = known.get(project.revision)
        if newest is None:
            return await _not_yet(site, request, visit)
        if revision is not None and revision not in known:
            raise not_in_scope()
        facts = newest if revision is None else known[revision]
        today = when.today
        reckoning = await site.reckoning(request, when)
        told = told_for(
            site,
            visit,
            project,
            tell(history, await site.units(visit, when), today, reckoning.rules),
        )
        page = await site.render(
            request,
            "project.html",
            visit,
            title=project.name,
            current="projects",
            when=when,
            status=trouble.problem.status if trouble else 200,
            project=project,
            facts=facts,
            newest=newest,
            revision=revision,
            changed=compare(known.get(revision - 1), facts, today) if revision else (),
            told=told[::-1],
            steps=_steps(project, history, reckoning, when),
            asked=wanted(project, history, today),
            papers=await site.paper_names(when),
            shows_evidence=PROJECT_SCOPES.shown_to(site.reader(visit), "evidence").holds(
                vars(project)
            ),
            actions=NO_ACTIONS if when.past else actions(project, visit, site.reader(visit)),
            contact=read
            or (
                await _contact(site, visit, project)
                if revision is None and not when.past
                else Contact()
            ),
            purposes=PURPOSES,
            tags=await _tags(site, visit, project.project_id, when),
            tag_name=name_of,
            signing=await site.signings(when).signing_of(
                SIGNING_SCOPES.seen_by(site.reader(visit)), project.project_id
            ),
            shares=_shares(facts),
            funded=fields.funding_sum(facts),
            fresh=fresh,
            trouble=trouble,
            key=str(uuid4()),
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        if read:
            page.headers["Cache-Control"] = "no-store"
        return page

    @router.get("/projects/{project_id}")
    async def project(
        request: Request,
        project_id: UUID,
        after: str = "",
        revision: int | None = None,
        as_of: str = "",
    ) -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        fresh = when.past or await site.fresh(visit, after)
        return await show(
            request,
            visit,
            project_id,
            when=when,
            fresh=fresh,
            revision=revision,
        )

    @router.get("/projects/{project_id}/events/{version}")
    async def event(request: Request, project_id: UUID, version: int, as_of: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        project, history = await recorded(site, visit, when, project_id)
        units, rules = await site.units(visit, when), await site.rules(request, when)
        told = told_for(site, visit, project, tell(history, units, when.today, rules))
        found = next((line for line in told if line.entry.version == version), None)
        if found is None:
            raise not_in_scope()
        return await site.render(
            request,
            "event.html",
            visit,
            title=f"原始记录 {found.title}",
            current="projects",
            when=when,
            crumbs=(("/projects", "项目清单"), (f"/projects/{project.project_id}", project.name)),
            told=found,
        )

    async def act(
        request: Request,
        project_id: UUID,
        verb: str,
        body: Mapping[str, JsonValue],
        said: Said,
        *,
        key: str,
        version: str,
        reason: str = "",
        address: str = "",
    ) -> Response:
        visit = await site.visit(request)
        path = f"/projects/{project_id}"
        try:
            answer = await site.command(
                visit, f"{path}/{verb}", body, key=key or str(uuid4()), version=version
            )
        except (IntakeRefused, Unavailable) as refused:
            trouble = Trouble(verb, _problem(refused), reason)
            return await show(request, visit, project_id, trouble=trouble)
        return site.turn(request, f"{address or path}?after={answer.wrote}", said)

    @router.post("/projects/{project_id}/withdraw")
    async def withdraw(
        request: Request,
        project_id: UUID,
        reason: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
        version: Annotated[str, Form()] = "",
    ) -> Response:
        said = Said("ok", "已撤回，这件回到你单位。", "改好后可以重新报送。")
        return await act(
            request,
            project_id,
            "withdraw",
            {"reason": reason.strip()},
            said,
            key=key,
            version=version,
            reason=reason,
        )

    @router.post("/projects/{project_id}/discard")
    async def discard(
        request: Request,
        project_id: UUID,
        key: Annotated[str, Form()] = "",
        version: Annotated[str, Form()] = "",
    ) -> Response:
        said = Said("ok", "草稿已撤销，不再出现在清单里。", "名称已空出，可以重新申报。")
        return await act(
            request,
            project_id,
            "discard",
            {},
            said,
            key=key,
            version=version,
            address="/projects",
        )

    _add_contact(router, site, show)
    return router


async def _tags(site: Site, visit: Visit, project_id: str, when: Moment) -> Sequence[Tagged]:
    """Give the tags that the project carries on the day of the page."""
    known = await site.tags(when).carrying(site.scope(visit), when.today, project_id=project_id)
    return [one for one in known if one.until_on is None]


def _add_contact(router: APIRouter, site: Site, show: Callable[..., Awaitable[Response]]) -> None:
    """Add the routes of whom to call."""

    @router.post("/projects/{project_id}/contact/reading")
    async def read_contact(
        request: Request, project_id: UUID, purpose: Annotated[str, Form()] = ""
    ) -> Response:
        visit = await site.visit(request)
        path = f"/projects/{project_id}/contact/reading"
        try:
            answer = await site.command(visit, path, {"purpose": purpose}, key=str(uuid4()))
        except (IntakeRefused, Unavailable) as refused:
            trouble = Trouble("read-contact", _problem(refused))
            return await show(request, visit, project_id, trouble=trouble)
        document = answer.document
        whole = Contact(str(document["name"]), str(document["phone"]), whole=True)
        return await show(request, visit, project_id, read=whole)

    @router.post("/projects/{project_id}/contact")
    async def name_contact(
        request: Request,
        project_id: UUID,
        name: Annotated[str, Form()] = "",
        phone: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        visit = await site.visit(request)
        path = f"/projects/{project_id}"
        body: Mapping[str, JsonValue] = {"name": name.strip(), "phone": phone.strip()}
        try:
            answer = await site.command(
                visit, f"{path}/contact", body, key=key or str(uuid4()), method="PUT"
            )
        except (IntakeRefused, Unavailable) as refused:
            trouble = Trouble("name-contact", _problem(refused), name=name, phone=phone)
            return await show(request, visit, project_id, trouble=trouble)
        said = Said("ok", "联系人已更换。", "项目内容的版本不变。")
        return site.turn(request, f"{path}?after={answer.wrote}", said)


def actions(project: Project, visit: Visit, reader: Reader) -> Actions:
    """Tell what this account may do with this project now; intake has the last word."""
    own = project.owner_org in reader.own("org") and may(visit.actor, "report")
    return Actions(
        edit=own and project.pool is None and project.stage in {"DRAFT", "RETURNED"},
        withdraw=own
        and (
            (project.stage == "SUBMITTED" and not project.returned_to_city)
            or (project.pool is not None and project.stage == "RETURNED")
        ),
        discard=own and project.stage == "DRAFT",
        review=REVIEWS.get(visit.actor.role) == project.stage,
        # In its own hands the whole form is at hand.
        name_contact=own
        and (project.pool is not None or project.stage not in {"DRAFT", "RETURNED", "REJECTED"}),
        move=own and may_move(project),
        correct=own and may_correct(project),
    )


def may_correct(project: Project) -> bool:
    """Tell whether a correction may be asked now, or a returned request completed."""
    returned = project.stage == "RETURNED" and project.matter == "CORRECTION"
    stands = project.standing in {"ACTIVE", "HELD"}
    return stands and (project.stage == "APPROVED" or returned)


def may_move(project: Project) -> bool:
    """Tell whether a move may be asked now, or a returned application completed."""
    stands = project.standing in {"ACTIVE", "HELD"}
    settled = project.stage == "APPROVED"
    returned = project.stage == "RETURNED" and project.matter == "MOVE"
    return stands and (settled or returned)


async def recorded(
    site: Site, visit: Visit, when: Moment, project_id: UUID
) -> tuple[Project, tuple[Entry, ...]]:
    reading = site.reading_of(when)
    project = await reading.project(site.scope(visit), str(project_id))
    if project is None:
        raise not_in_scope()
    return project, await reading.history(project.project_id)


def told_for(site: Site, visit: Visit, project: Project, told: Sequence[Told]) -> tuple[Told, ...]:
    """Leave out which fields of the history are not for this account."""
    reader, row = site.reader(visit), vars(project)
    comments, placed = (
        PROJECT_SCOPES.shown_to(reader, field).holds(row)
        for field in ("review_comments", "place_in_journal")
    )
    duplicates = PROJECT_SCOPES.shown_to(reader, "duplicates").holds(row)
    return tuple(
        line.for_reader(comments=comments, placed=placed, duplicates=duplicates) for line in told
    )


async def _not_yet(site: Site, request: Request, visit: Visit) -> Response:
    page = await site.render(request, "not_yet.html", visit, title="处理中", current="projects")
    page.headers["Siku-Stale"] = "true"
    return page


async def _contact(site: Site, visit: Visit, project: Project) -> Contact:
    try:
        document = (await site.ask(visit, f"/projects/{project.project_id}/contact")).document
    except Unavailable:
        return Contact(silent=True)
    except IntakeRefused:
        return Contact()
    return Contact(
        str(document.get("name") or ""),
        str(document.get("phone") or ""),
        erased=document.get("erased") is True,
        may_read=document.get("may_read") is True,
    )


def _problem(refused: IntakeRefused | Unavailable) -> Problem:
    if isinstance(refused, IntakeRefused):
        return refused.problem
    return Problem(title="没有办成", status=503, detail=refused.detail)


def _steps(
    project: Project, history: Sequence[Entry], reckoning: Reckoning, when: Moment
) -> tuple[Step, ...]:
    today = when.today
    if project.pool is not None:
        return _pool_steps(project, history, when)
    begun = history[0].recorded if history else project.created_at
    since = words.moment(project.stage_since, today)
    ahead = reckoning.rules.on(today)
    place = {"SUBMITTED": 1, "CITY_PASSED": 2}.get(project.stage, 0)
    notes = [
        f"{words.moment(begun, today)} 建立草稿",
        words.limit(ahead.first_review),
        words.limit(ahead.final_review),
        "省级审核通过即入库",
    ]
    current = {
        "DRAFT": "草稿，还没有报送",
        "RETURNED": f"{since} 退回，{_limit(project, reckoning, '内补正')}",
        "REJECTED": f"{since} 不予入库，已终结",
        "SUBMITTED": f"{since} 起，{_limit(project, reckoning)}",
        "CITY_PASSED": f"{since} 起，{_limit(project, reckoning)}",
    }
    notes[place] = current.get(project.stage, since)
    titles = ("填报", "市级初审", "省级审核", "谋划库")
    return tuple(
        Step(title, notes[number], "past" if number < place else "now" if number == place else "")
        for number, title in enumerate(titles)
    )


def _pool_steps(project: Project, history: Sequence[Entry], when: Moment) -> tuple[Step, ...]:
    """Show the four pools; a project that came straight into a later one was in none before."""
    today, place = when.today, [pool.code for pool in words.POOLS].index(project.pool or "")
    been = {
        event.pool if isinstance(event, ProjectPooled) else event.to_pool
        for entry in history
        if isinstance(event := entry.event, ProjectPooled | ProjectMoved)
    }
    stay = (today - project.pooled_on).days if project.pooled_on else 0
    since = words.day(project.pooled_on, today)
    notes = ["", "", "", ""]
    notes[place] = (
        f"{since} 入库，已 {stay} 天" if stay else "当天入库" if when.past else "今天入库"
    )
    if project.standing == Standing.HELD:
        notes[place] = f"暂缓，至 {words.day(project.hold_until, today)}"
    elif project.standing not in {None, Standing.ACTIVE}:
        notes[place] = words.STANDINGS[Standing(project.standing)]
    elif place < len(notes) - 1:
        notes[place + 1] = "具备条件后申请转入"
    return tuple(
        Step(
            pool.short,
            notes[number] or ("" if number > place or pool.code in been else "没有经过"),
            "now" if number == place else "past" if number < place and pool.code in been else "",
            pool.css,
        )
        for number, pool in enumerate(words.POOLS)
    )


def _limit(project: Project, reckoning: Reckoning, rest: str = "") -> str:
    standing = reckoning.standing(project)
    if standing is None:
        return words.limit(None)
    due = words.day(standing.term.due, reckoning.today)
    return f"{words.limit(standing.total, rest)}，{due} 到期"


@dataclass(frozen=True)
class Share:
    """One source of money as a part of the bar: name, yuan, and its place in percent."""

    name: str
    money: int
    begins: float
    width: float
    colour: str


_COLOURS = ("#123f6e", "#5b8fc2", "#2368a8", "#7b8a9a", "#9fb1c3", "#46525f")


def _shares(facts: ProjectFacts) -> tuple[Share, ...]:
    whole = fields.funding_sum(facts)
    shares, begins = [], 0.0
    for number, row in enumerate(facts.funding):
        width = 100 * row.amount / whole if whole else 0.0
        name = words.FUNDING_SOURCES[row.source]
        colour = _COLOURS[number % len(_COLOURS)]
        shares.append(Share(name, row.amount, round(begins, 2), round(width, 2), colour))
        begins += width
    return tuple(shares)
