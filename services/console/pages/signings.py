"""招商签约: how far has each come, whose is it, what was signed, what carries it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages import names, words
from services.console.pages.evidence import Attached, as_saved, attached
from services.console.pages.exporting import give, not_too_many
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.moment import Moment, present
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from services.console.pages.signing_form import body_of, found, signer, silent_problem, typed_in
from services.console.pages.signing_reading import PAGE_ROWS, Ask, Signing
from services.console.pages.signing_words import SHOWS, STAGES, Line, lines_of
from shared.refusals import NotAllowed, Unavailable
from shared.scope import REPORTERS, SIGNING_SCOPES, may
from shared.units import Units

_FIRST_YEAR = 2000


@dataclass(frozen=True)
class Act:
    """One act on a signing: its columns, the papers that it takes, what is said when it is done."""

    columns: tuple[str, ...]
    said: str
    papers: tuple[str, ...] = ()


ACTS: Mapping[str, Act] = {
    "negotiation": Act(("begun_on", "note"), "已记为洽谈。"),
    "framework": Act(
        ("signed_on", "intended_investment"),
        "已记框架协议，不计入签约额。",
        ("framework_agreement",),
    ),
    "contract": Act(
        ("signed_on", "contract_number", "contract_investment"),
        "已记正式签约，按合同额计入签约。",
        ("contract",),
    ),
    "amend": Act(
        ("amended_on", "contract_investment", "reason"),
        "合同投资额已变更，原来的留在记录里。",
        ("amendment",),
    ),
    "link": Act(("project_id",), "已关联项目。"),
    "unlink": Act(("project_id", "reason"), "已取消关联。"),
    "transfer": Act(("to_org", "reason"), "责任单位已变更。"),
    "end": Act(("ended_on", "reason"), "已终止。"),
}


class Asked(BaseModel):
    """What the address of the list asks for."""

    model_config = ConfigDict(frozen=True)

    show: str = ""
    year: str = ""
    org: str = ""
    region: str = ""
    name: str = ""
    page: str = ""
    as_of: str = ""
    after: str = ""
    export: str = ""

    def address(self, **changes: object) -> str:
        """Give the address with some of it changed; an export and a wait are asked for once."""
        kept = self.model_dump(exclude={"page", "after", "export"}) | changes
        asked = {name: value for name, value in kept.items() if value not in {"", None}}
        return f"/signings?{urlencode(asked)}" if asked else "/signings"


@dataclass(frozen=True)
class Trouble:
    """An act that was refused, with what was typed."""

    act: str
    problem: Problem
    typed: Mapping[str, str]
    attached: Attached


NOTHING_ATTACHED = Attached()
_COLUMNS = (
    Column[Signing]("签约事项", lambda one: one.title),
    Column[Signing]("投资方", lambda one: one.investor),
    Column[Signing]("投资方所在地", lambda one: one.investor_place),
    Column[Signing]("责任单位", lambda one: one.owner_name),
    Column[Signing]("阶段", lambda one: STAGES[one.stage]),
    Column[Signing]("意向投资（万元）", lambda one: words.in_wan(one.intended_investment)),
    Column[Signing]("合同编号", lambda one: one.contract_number),
    Column[Signing]("合同投资（万元）", lambda one: words.in_wan(one.contract_investment)),
    Column[Signing]("签订日期", lambda one: one.signed_on),
    Column[Signing]("关联期限", lambda one: one.link_due),
    Column[Signing]("关联项目数", lambda one: one.projects),
    Column[Signing]("首个项目开工", lambda one: one.started_on),
    Column[Signing]("终止日期", lambda one: one.ended_on),
)


def pages(site: Site) -> APIRouter:
    """Give the routes of signings."""
    router = APIRouter()
    room = _Room(site)

    @router.get("/signings")
    async def listed(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        return await room.listed(request, asked)

    @router.get("/signings/{signing_id}")
    async def one(request: Request, signing_id: UUID, as_of: str = "", after: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        fresh = when.past or await site.fresh(visit, after)
        return await room.one(request, visit, str(signing_id), when, fresh=fresh)

    @router.get("/signings/{signing_id}/events/{version}")
    async def event(request: Request, signing_id: UUID, version: int, as_of: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        return await room.event(request, visit, str(signing_id), version, when)

    @router.get("/signings/{signing_id}/files/{sha256}")
    async def file(request: Request, signing_id: UUID, sha256: str) -> Response:
        visit = await site.visit(request)
        return await as_saved(site, visit, f"/signings/{signing_id}", sha256)

    @router.post("/signings/{signing_id}/{act}")
    async def act(request: Request, signing_id: UUID, act: str) -> Response:
        visit = await signer(site, request)
        if act not in ACTS:
            raise not_in_scope()
        return await room.act(request, visit, str(signing_id), act)

    return router


class _Room:
    """What the pages share."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def listed(self, request: Request, asked: Asked) -> Response:
        site = self._site
        visit = await site.visit(request)
        when = await site.moment(asked.as_of)
        asked = asked.model_copy(update={"as_of": when.asked})
        scope = SIGNING_SCOPES.seen_by(site.reader(visit))
        if scope.nothing:
            raise NotAllowed("招商签约由县区、开发区、市招商局和看全市招商的部门查看。")
        fresh = when.past or await site.fresh(visit, asked.after)
        ask = _ask(asked, when)
        reading = site.signings(when)
        chips = _chips(asked, ask, await site.units(visit, when), when)
        if asked.export:
            rows, total = await reading.listing(scope, ask, None)
            not_too_many(total.count)
            said = [text for text, _ in chips]
            return await give(site, request, visit, when, "招商签约", _COLUMNS, rows, said)
        rows, total = await reading.listing(scope, ask, _page(asked))
        owners = await reading.owners(scope)
        units = await site.units(visit, when)
        return await site.render(
            request,
            "signings.html",
            visit,
            title="招商签约",
            current="signings",
            when=when,
            asked=asked,
            ask=ask,
            chips=chips,
            sums=await reading.sums(scope, ask),
            rows=rows,
            total=total,
            number=_page(asked),
            last=max(1, -(-total.count // PAGE_ROWS)),
            shows=SHOWS,
            stages=STAGES,
            years=range(when.today.year, when.today.year - 5, -1),
            owners=[unit for unit in units.so_far(when.today) if unit.id in owners],
            regions=(*names.county_regions(when.today), *names.zones(when.today)),
            signs=may(visit.actor, "sign") and not when.past,
            fresh=fresh,
        )

    async def one(
        self,
        request: Request,
        visit: Visit,
        signing_id: str,
        when: Moment,
        *,
        fresh: bool = True,
        trouble: Trouble | None = None,
    ) -> Response:
        site = self._site
        reading, reader = site.signings(when), site.reader(visit)
        scope = SIGNING_SCOPES.seen_by(reader)
        signing = await reading.one(scope, signing_id)
        if signing is None:
            if not fresh:
                return await site.render(
                    request, "not_yet.html", visit, title="处理中", current="signings"
                )
            raise not_in_scope()
        oversees = may(visit.actor, "oversee_signings")
        own = signing.owner_org in reader.own("org")
        acts = may(visit.actor, "sign") and (own or oversees) and not when.past
        return await site.render(
            request,
            "signing.html",
            visit,
            title=signing.title,
            current="signings",
            status=trouble.problem.status if trouble else 200,
            when=when,
            signing=signing,
            stages=STAGES,
            order=tuple(STAGES),
            lines=(await self._lines(visit, signing, when))[::-1],
            projects=await reading.carrying(signing_id, site.scope(visit)),
            acts=acts and signing.ended_on is None,
            transfers=oversees and not when.past and signing.ended_on is None,
            candidates=await reading.candidates(signing, site.scope(visit)) if acts else (),
            bodies=visit.units.on(site.clock.today()) if oversees else (),
            papers=self._papers(visit, signing),
            trouble=trouble,
            attached=trouble.attached if trouble else NOTHING_ATTACHED,
            typed=lambda act, key: _again(trouble, act, key),
            key=str(uuid4()),
            fresh=fresh,
        )

    async def _lines(self, visit: Visit, signing: Signing, when: Moment) -> Sequence[Line]:
        history = await self._site.reading_of(when).history(f"signing-{signing.signing_id}")
        return lines_of(
            history,
            await self._site.units(visit, when),
            when.today,
            papers=self._papers(visit, signing),
            placed=visit.actor.role not in REPORTERS,
        )

    def _papers(self, visit: Visit, signing: Signing) -> bool:
        shown = SIGNING_SCOPES.shown_to(self._site.reader(visit), "signing_papers")
        return shown.holds(
            {
                "owner_org": signing.owner_org,
                "region": signing.region,
                "zone_id": signing.zone_id,
            }
        )

    async def event(
        self, request: Request, visit: Visit, signing_id: str, version: int, when: Moment
    ) -> Response:
        signing = await found(self._site, visit, signing_id, when)
        lines = await self._lines(visit, signing, when)
        line = next((line for line in lines if line.entry.version == version), None)
        if line is None:
            raise not_in_scope()
        return await self._site.render(
            request,
            "event.html",
            visit,
            title=f"原始记录 {line.title}",
            current="signings",
            when=when,
            crumbs=(("/signings", "招商签约"), (f"/signings/{signing_id}", signing.title)),
            told=line,
        )

    async def act(self, request: Request, visit: Visit, signing_id: str, act: str) -> Response:
        site, spec = self._site, ACTS[act]
        form = await request.form()
        typed = typed_in(form.multi_items(), spec.columns)
        key = str(form.get("key") or uuid4())
        given = NOTHING_ATTACHED
        path = f"/signings/{signing_id}"
        try:
            if spec.papers:
                given = await attached(site, visit, form, spec.papers)
                if given.problem:
                    raise IntakeRefused(given.problem)
            body: dict[str, JsonValue] = dict(body_of(typed))
            if given.body:
                body["evidence"] = given.body
            version = str(form.get("version") or "")
            answer = await site.command(visit, f"{path}/{act}", body, key=key, version=version)
        except IntakeRefused as refused:
            problem = refused.problem
        except Unavailable as silent:
            problem = silent_problem(silent)
        else:
            said = Said("ok", str(answer.document.get("message", spec.said)))
            return site.turn(request, f"{path}?after={answer.wrote}", said)
        trouble = Trouble(act, problem, typed, given)
        return await self.one(request, visit, signing_id, present(site.clock), trouble=trouble)


def _ask(asked: Asked, when: Moment) -> Ask:
    year = int(asked.year) if asked.year.isdecimal() and len(asked.year) == len("2019") else 0
    return Ask(
        year=year if year >= _FIRST_YEAR else when.today.year,
        today=when.today,
        show=asked.show if asked.show in SHOWS else "",
        org=asked.org.strip()[:20],
        region=asked.region.strip()[:20],
        name=asked.name.strip()[:100],
    )


def _page(asked: Asked) -> int:
    return (
        max(1, int(asked.page)) if asked.page.isdecimal() and len(asked.page) < len("10000") else 1
    )


def _chips(asked: Asked, ask: Ask, units: Units, when: Moment) -> list[tuple[str, str]]:
    """Say the active filters in words, each with the address that takes it away."""
    said = {
        "show": SHOWS.get(ask.show, ""),
        "year": f"{ask.year} 年签约" if asked.year else "",
        "org": names.organisation(ask.org, units, when.today) if ask.org else "",
        "region": names.region(ask.region, when.today) or names.zone(ask.region, when.today),
        "name": f"“{ask.name}”" if ask.name else "",
    }
    return [(text, asked.address(**{name: ""})) for name, text in said.items() if text]


def _again(trouble: Trouble | None, act: str, key: str) -> str:
    return trouble.typed.get(key, "") if trouble and trouble.act == act else ""
