"""招商活动: which events were held this year, by whom, and which of them outside the city?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages.evidence import Attached, attached
from services.console.pages.exporting import give, not_too_many
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.moment import Moment, present
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from services.console.pages.signing_reading import Promotion
from shared.refusals import NotAllowed, Unavailable
from shared.scope import PROMOTION_SCOPES, may

LEVELS = {"CITY": "市级", "COUNTY": "县级"}
_PHOTOGRAPHS = "photograph"
_COLUMNS = (
    Column[Promotion]("活动名称", lambda one: one.title),
    Column[Promotion]("日期", lambda one: one.held_on),
    Column[Promotion]("地点", lambda one: one.place),
    Column[Promotion]("市内市外", lambda one: "市外" if one.outside_city else "市内"),
    Column[Promotion]("举办单位", lambda one: one.org_name),
    Column[Promotion]("层级", lambda one: LEVELS[one.level]),
)


NOTHING_ATTACHED = Attached()


@dataclass(frozen=True)
class Count:
    """How many events a unit held in the year."""

    org: str
    name: str
    level: str
    outside: int
    inside: int


@dataclass(frozen=True)
class Typed:
    """The form of an event as typed, and why it was not taken."""

    title: str = ""
    place: str = ""
    held_on: str = ""
    outside_city: bool = False
    problem: Problem | None = None
    attached: Attached = NOTHING_ATTACHED


NOTHING_TYPED = Typed()


def pages(site: Site) -> APIRouter:
    """Give the routes of events."""
    router = APIRouter()
    room = _Room(site)

    @router.get("/promotions")
    async def listed(
        request: Request, year: str = "", as_of: str = "", after: str = "", export: str = ""
    ) -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        asked = int(year) if year.isdecimal() and len(year) == len("2019") else when.today.year
        if export:
            events = await room.events(visit, when, asked)
            not_too_many(len(events))
            said = [f"{asked} 年"]
            return await give(site, request, visit, when, "招商活动", _COLUMNS, events, said)
        fresh = when.past or await site.fresh(visit, after)
        return await room.show(request, visit, when, asked, fresh=fresh)

    @router.post("/promotions")
    async def record(request: Request) -> Response:
        visit = await room.signer(request)
        form = await request.form()
        given = await attached(site, visit, form, (_PHOTOGRAPHS,))
        typed = Typed(
            title=str(form.get("title") or "").strip(),
            place=str(form.get("place") or "").strip(),
            held_on=str(form.get("held_on") or "").strip(),
            outside_city="outside_city" in form,
            problem=given.problem,
            attached=given,
        )
        return await room.record(request, visit, typed, str(form.get("key") or uuid4()))

    @router.post("/promotions/{promotion_id}/withdraw")
    async def withdraw(request: Request, promotion_id: UUID) -> Response:
        visit = await room.signer(request)
        form = await request.form()
        body: dict[str, JsonValue] = {"reason": str(form.get("reason") or "").strip()}
        path, key = f"/promotions/{promotion_id}/withdraw", str(form.get("key") or uuid4())
        try:
            answer = await site.command(visit, path, body, key=key)
        except IntakeRefused as refused:
            if refused.problem.code == "not_found":
                raise not_in_scope() from refused
            return await room.again(request, visit, Typed(problem=refused.problem))
        said = Said("ok", "已撤销登记，不再计数。")
        return site.turn(request, f"/promotions?after={answer.wrote}", said)

    return router


class _Room:
    """What the pages share."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def signer(self, request: Request) -> Visit:
        visit = await self._site.visit(request)
        if not may(visit.actor, "sign"):
            raise NotAllowed("招商活动由县区、开发区的填报账号和市招商局登记。")
        return visit

    async def events(self, visit: Visit, when: Moment, year: int) -> Sequence[Promotion]:
        scope = PROMOTION_SCOPES.seen_by(self._site.reader(visit))
        if scope.nothing:
            raise NotAllowed("招商活动由县区、开发区、市招商局和看全市招商的部门查看。")
        return await self._site.signings(when).promotions(scope, year)

    async def record(self, request: Request, visit: Visit, typed: Typed, key: str) -> Response:
        if typed.problem:
            return await self.again(request, visit, typed)
        body: dict[str, JsonValue] = {
            "title": typed.title,
            "place": typed.place,
            "held_on": typed.held_on,
            "outside_city": typed.outside_city,
            "evidence": typed.attached.body,
        }
        try:
            answer = await self._site.command(visit, "/promotions", body, key=key)
        except IntakeRefused as refused:
            problem = refused.problem
        except Unavailable as silent:
            problem = Problem(
                title="没有办成", status=503, code="unavailable", detail=silent.detail
            )
        else:
            said = Said("ok", str(answer.document["message"]))
            return self._site.turn(request, f"/promotions?after={answer.wrote}", said)
        return await self.again(
            request,
            visit,
            Typed(
                typed.title,
                typed.place,
                typed.held_on,
                outside_city=typed.outside_city,
                problem=problem,
                attached=typed.attached,
            ),
        )

    async def again(self, request: Request, visit: Visit, typed: Typed) -> Response:
        now = present(self._site.clock)
        return await self.show(request, visit, now, now.today.year, typed=typed)

    async def show(
        self,
        request: Request,
        visit: Visit,
        when: Moment,
        year: int,
        *,
        fresh: bool = True,
        typed: Typed = NOTHING_TYPED,
    ) -> Response:
        site = self._site
        events, reader = await self.events(visit, when, year), site.reader(visit)
        signs = may(visit.actor, "sign") and not when.past
        everywhere = may(visit.actor, "oversee_signings")
        problem = typed.problem
        return await site.render(
            request,
            "promotions.html",
            visit,
            title="招商活动",
            current="promotions",
            status=problem.status if problem else 200,
            when=when,
            year=year,
            years=range(when.today.year, when.today.year - 5, -1),
            events=events,
            counts=_counts(events),
            outside={
                level: sum(one.outside_city and one.level == level for one in events)
                for level in LEVELS
            },
            levels=LEVELS,
            signs=signs,
            withdraws=lambda one: signs and (everywhere or one.org in reader.own("org")),
            typed=typed,
            wrong={error.field: error for error in problem.errors} if problem else {},
            key=str(uuid4()),
            fresh=fresh,
        )


def _counts(events: Sequence[Promotion]) -> list[Count]:
    """Count by unit, the city's before the counties', whoever held most first."""
    held = Counter((one.org, one.org_name, one.level, one.outside_city) for one in events)
    units = {(org, name, level) for org, name, level, _ in held}
    counts = [
        Count(org, name, level, held[org, name, level, True], held[org, name, level, False])
        for org, name, level in units
    ]
    return sorted(counts, key=lambda one: (one.level, -one.outside, one.org))
