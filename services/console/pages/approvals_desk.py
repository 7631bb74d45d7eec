"""审批台: what an office has to do, most urgent first, and every list of items behind a figure."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from services.console.pages import names
from services.console.pages.exporting import give, not_too_many
from services.console.pages.filters import Option
from services.console.pages.frame import Site
from services.console.pages.item_clocks import stands
from services.console.pages.item_figures import AtWork
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


def pages(site: Site) -> APIRouter:
    """Give the routes of the desk of approvals."""
    router = APIRouter()

    @router.get(PATH)
    async def desk(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit, when = await site.visit(request), present(site.clock)
        scope, calendar = scope_of(site, visit), (await site.reading.in_force()).calendar
        ask, show = asked_of(site, visit, asked, calendar), asked.list
        reading, figures = site.reading.items, site.reading.item_figures
        fresh = await site.fresh(visit, asked.after)
        month = asked_of(site, visit, Asked(office=asked.office, region=asked.region), calendar)
        acts = may(visit.actor, "handle_items")
        # Each is a question of its own, and the answers do not wait for one another.
        counts, rows, over, offices, officers, people = await gather(
            reading.counts(scope, ask),
            reading.listed(scope, ask, show, asked.number),
            figures.over(scope, month, "handling", calendar),
            figures.at_work(scope, replace(ask, office="", officer=""), "handling"),
            reading.officers(scope, ask),
            colleagues(site, visit),
        )
        count = counts[show] if show in counts else await reading.count(scope, ask, show)
        if asked.export:
            not_too_many(count)
            lines = _lines(site, visit, await reading.listed(scope, ask, show, None), calendar)
            name = f"审批事项 {LISTS[show].name}"
            laid_out = columns(visit.units, when.today)
            spoken = said(asked, ask, visit.units, when.today)
            return await give(site, request, visit, when, name, laid_out, lines, spoken)
        last = max(1, -(-count // PAGE_ROWS))
        if asked.number > last:
            return site.turn(request, asked.address(page=last))
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
            number=asked.number,
            last=last,
            lines=_lines(site, visit, rows, calendar),
            over=total(over),
            offices=_offices(visit, ask, asked, offices),
            regions=(*names.county_regions(when.today), *names.zones(when.today)),
            acts=acts,
            reports=may(visit.actor, "report"),
            taken=TAKEN,
            officers=officers if acts and ask.office else {},
            colleagues=people,
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


def _offices(
    visit: Visit, ask: Ask, asked: Asked, found: Mapping[str, AtWork]
) -> tuple[Option, ...]:
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
