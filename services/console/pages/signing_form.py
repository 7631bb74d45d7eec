"""登记线索、更正登记: what a signing is about, as typed; nothing is lost between two tries."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from contracts import reference
from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages import names, words
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.moment import Moment, present
from services.console.pages.paper import amount
from services.console.pages.session import Visit
from services.console.pages.signing_reading import Signing
from shared.refusals import NotAllowed, Unavailable
from shared.scope import SIGNING_SCOPES, may

DESCRIBED = (
    "title",
    "investor",
    "investor_uscc",
    "investor_place",
    "region",
    "zone_id",
    "industry",
    "intended_investment",
)
_MONEY = frozenset({"intended_investment", "contract_investment"})


def pages(site: Site) -> APIRouter:
    """Give the routes of the form."""
    router = APIRouter()

    @router.get("/signings/new")
    async def blank(request: Request) -> Response:
        visit = await signer(site, request)
        own = visit.units.get(visit.actor.org, site.clock.today())
        typed = {"region": own.region, "zone_id": own.zone_id} if own else {}
        return await _form(site, request, visit, typed)

    @router.post("/signings/new")
    async def register(request: Request) -> Response:
        visit = await signer(site, request)
        form = await request.form()
        typed = typed_in(form.multi_items(), DESCRIBED)
        body = {**body_of(typed), "not_secret": "not_secret" in form}
        key = str(form.get("key") or uuid4())
        try:
            answer = await site.command(visit, "/signings", body, key=key)
        except IntakeRefused as refused:
            return await _form(site, request, visit, typed, refused.problem)
        except Unavailable as silent:
            return await _form(site, request, visit, typed, silent_problem(silent), key=key)
        said = Said("ok", str(answer.document["message"]), "洽谈、签约以后在这一页接着办。")
        signing_id = answer.document["signing_id"]
        return site.turn(request, f"/signings/{signing_id}?after={answer.wrote}", said)

    @router.get("/signings/{signing_id}/edit")
    async def edit(request: Request, signing_id: UUID) -> Response:
        visit = await signer(site, request)
        signing = await found(site, visit, str(signing_id), present(site.clock))
        return await _form(site, request, visit, _described(signing), signing=signing)

    @router.post("/signings/{signing_id}/edit")
    async def rectify(request: Request, signing_id: UUID) -> Response:
        visit = await signer(site, request)
        signing = await found(site, visit, str(signing_id), present(site.clock))
        form = await request.form()
        typed = typed_in(form.multi_items(), (*DESCRIBED, "reason"))
        body = {**body_of(typed), "not_secret": "not_secret" in form}
        path, key = f"/signings/{signing_id}", str(form.get("key") or uuid4())
        version = str(form.get("version") or "")
        try:
            answer = await site.command(visit, path, body, key=key, version=version, method="PUT")
        except IntakeRefused as refused:
            return await _form(site, request, visit, typed, refused.problem, signing=signing)
        except Unavailable as silent:
            return await _form(site, request, visit, typed, silent_problem(silent), key, signing)
        said = Said("ok", "已更正登记。", "原来的内容留在流转记录里。")
        return site.turn(request, f"{path}?after={answer.wrote}", said)

    return router


async def signer(site: Site, request: Request) -> Visit:
    """Give who is looking, if he may register and take on signings."""
    visit = await site.visit(request)
    if not may(visit.actor, "sign"):
        raise NotAllowed("招商签约由县区、开发区的填报账号和市招商局办理。")
    return visit


async def found(site: Site, visit: Visit, signing_id: str, when: Moment) -> Signing:
    """Give a signing in the reader's scope."""
    scope = SIGNING_SCOPES.seen_by(site.reader(visit))
    signing = await site.signings(when).one(scope, signing_id)
    if signing is None:
        raise not_in_scope()
    return signing


async def _form(
    site: Site,
    request: Request,
    visit: Visit,
    typed: Mapping[str, str],
    problem: Problem | None = None,
    key: str = "",
    signing: Signing | None = None,
) -> Response:
    today = site.clock.today()
    own = visit.units.get(visit.actor.org, today)
    return await site.render(
        request,
        "signing_form.html",
        visit,
        title="更正登记" if signing else "登记线索",
        current="signings",
        status=problem.status if problem else 200,
        signing=signing,
        typed=typed,
        problem=problem,
        wrong={error.field: error for error in problem.errors} if problem else {},
        counties=names.county_regions(today),
        zones=names.zones(today),
        industries=[(one.code, f"{one.code} {one.name}") for one in reference.industries()],
        own=own.short_name if own else visit.actor.org_name,
        key=key or str(uuid4()),
    )


def typed_in(form: Iterable[tuple[str, object]], columns: Sequence[str]) -> dict[str, str]:
    """Read the columns of a sent form; what is not among them is left out."""
    given = {name: value.strip() for name, value in form if isinstance(value, str)}
    return {name: given.get(name, "")[:2000] for name in columns}


def body_of(typed: Mapping[str, str]) -> dict[str, JsonValue]:
    """Write what was typed as intake's doors take it; empty columns stay away."""
    return {
        name: amount(value) if name in _MONEY else value for name, value in typed.items() if value
    }


def _described(signing: Signing) -> dict[str, str]:
    money = signing.intended_investment
    return {name: str(getattr(signing, name) or "") for name in DESCRIBED if name not in _MONEY} | {
        "intended_investment": "" if money is None else str(words.in_wan(money))
    }


def silent_problem(silent: Unavailable) -> Problem:
    """Say that intake does not answer, and that nothing typed is lost."""
    return Problem(
        title="没有办成",
        status=503,
        code="unavailable",
        detail=f"{silent.detail}你填的内容都在，稍后再点一次即可，不会重复。",
    )
