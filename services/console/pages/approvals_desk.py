"""审批台: what an office has to do, most urgent first, and every list of items behind a figure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from services.console.pages import names
from services.console.pages.exporting import give, not_too_many
from services.console.pages.filters import Option
from services.console.pages.frame import Site
from services.console.pages.item_clocks import stands
from services.console.pages.item_lists import (
    EVERYBODY,
    PATH,
    TAKEN,
    Asked,
    Line,
    asked_of,
    average,
    columns,
    rate,
    said,
    scope_of,
    total,
    works_on_items,
)
from services.console.pages.item_reading import LISTS, PAGE_ROWS, Ask, Item
from services.console.pages.moment import present
from services.console.pages.session import Visit
from services.console.pages.sharing import colleagues
from shared.deadline import Calendar
from shared.scope import may
from shared.seeing import Scope


def pages(site: Site) -> APIRouter:
    """Give the routes of the desk of approvals."""
    router = APIRouter()

    @router.get(PATH)
    async def desk(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit, when = await site.visit(request), present(site.clock)
        scope, calendar = scope_of(site, visit), (await site.reading.in_force()).calendar
        ask, show = asked_of(site, visit, asked, calendar), asked.list
        reading = site.reading.items
        counts = await reading.counts(scope, ask)
        count = counts[show] if show in counts else await reading.count(scope, ask, show)
        if asked.export:
            not_too_many(count)
            lines = _lines(site, visit, await reading.listed(scope, ask, show, None), calendar)
            name = f"审批事项 {LISTS[show].name}"
            laid_out = columns(visit.units, when.today)
            spoken = said(asked, ask, visit.units, when.today)
            return await give(site, request, visit, when, name, laid_out, lines, spoken)
        last = max(1, -(-count // PAGE_ROWS))
        number = min(asked.number, last)
        rows = await reading.listed(scope, ask, show, number)
        fresh = await site.fresh(visit, asked.after)
        month = asked_of(site, visit, Asked(office=asked.office, region=asked.region), calendar)
        acts = may(visit.actor, "handle_items")
        return await site.render(
            request,
            "approvals_desk.html",
            visit,
            title="审批台",
            current="approvals",
            asked=asked,
            ask=ask,
            show=show,
            lists=LISTS,
            counts=counts,
            count=count,
            number=number,
            last=last,
            lines=_lines(site, visit, rows, calendar),
            over=total(await reading.over(scope, month, "handling", calendar)),
            offices=await _offices(site, visit, scope, ask, asked),
            regions=(*names.county_regions(when.today), *names.zones(when.today)),
            acts=acts,
            reports=may(visit.actor, "report"),
            taken=TAKEN,
            officers=await reading.officers(scope, ask) if acts and ask.office else {},
            colleagues=await colleagues(site, visit) if works_on_items(visit) else {},
            rate=rate,
            average=average,
            key=str(uuid4()),
            fresh=fresh,
        )

    return router


def _lines(site: Site, visit: Visit, rows: Sequence[Item], calendar: Calendar) -> tuple[Line, ...]:
    today, own = site.clock.today(), site.reader(visit).own("org")
    handles = may(visit.actor, "handle_items")
    return tuple(
        Line(
            row,
            stands(row, calendar, today),
            is_mine=handles and (row.handling in own or row.competent in own),
        )
        for row in rows
    )


async def _offices(
    site: Site, visit: Visit, scope: Scope, ask: Ask, asked: Asked
) -> tuple[Option, ...]:
    everywhere = replace(ask, office="", officer="")
    found = await site.reading.items.at_work(scope, everywhere, "handling")
    chosen = {asked.office} if asked.office and asked.office != EVERYBODY else set()
    own = {visit.actor.org} if works_on_items(visit) else set()
    return tuple(
        Option(
            org,
            f"{names.organisation(org, visit.units, ask.today)}"
            f"（{found[org].open if org in found else 0}）",
        )
        for org in sorted({*found, *chosen, *own})
    )
