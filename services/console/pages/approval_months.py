"""手续办理月: what was begun, granted and over in a month, by office and by county."""

from asyncio import gather
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.console.pages import names, words
from services.console.pages.exporting import give
from services.console.pages.frame import Site
from services.console.pages.item_figures import AtWork, Starting
from services.console.pages.item_lists import (
    PATH,
    Asked,
    asked_of,
    average,
    everybodys,
    period_of,
    rate,
    scope_of,
)
from services.console.pages.moment import present
from services.console.pages.overdue import columns, rows_of, sum_of
from shared.deadline.terms import months_after
from shared.scope import APPROVAL_SCOPES

SHOWS = {"ready": "具备开工条件", "flagged": "未批先建线索"}


def pages(site: Site) -> APIRouter:
    """Give the routes of a month of approvals."""
    router = APIRouter()

    @router.get(f"{PATH}/months")
    async def this_month(request: Request) -> Response:
        await site.visit(request)
        return site.turn(request, f"{PATH}/months/{site.clock.today():%Y-%m}")

    @router.get(f"{PATH}/months/{{month}}")
    async def one(request: Request, month: str, asked: Annotated[Asked, Query()]) -> Response:
        visit, when = await site.visit(request), present(site.clock)
        scope, calendar = scope_of(site, visit), (await site.reading.in_force()).calendar
        first, _ = period_of(month, when.today)
        show = asked.show if asked.show in SHOWS else ""
        ask = asked_of(site, visit, everybodys(Asked(period=month)), calendar)
        plans = APPROVAL_SCOPES.seen_by(site.reader(visit))
        figures, today = site.reading.item_figures, when.today
        offices, done, there, came, starting = await gather(
            figures.at_work(scope, ask, "handling"),
            figures.over(scope, ask, "handling", calendar),
            figures.at_work(scope, ask, "place"),
            figures.over(scope, ask, "place", calendar),
            figures.starting(plans, ask),
        )
        unit = {org: names.organisation(org, visit.units, today) for org in {**offices, **done}}
        by_office = rows_of(offices, done, calendar, today, unit)
        if asked.export:
            said, title = (words.month(month),), "手续办理月"
            return await give(
                site, request, visit, when, title, columns("实施单位"), by_office, said
            )
        where = {
            code: names.zone(code, today) if code.startswith("Z-") else names.region(code, today)
            for code in {**there, **came, **starting}
        }
        by_place = rows_of(
            {**dict.fromkeys(starting, AtWork()), **there}, came, calendar, today, where
        )
        placed = replace(ask, region=asked.region)
        following = months_after(first, 1)
        return await site.render(
            request,
            "approval_months.html",
            visit,
            title=f"手续办理月 {words.month(month)}",
            current="approval-months",
            month=month,
            earlier=f"{first - timedelta(days=1):%Y-%m}",
            later=f"{following:%Y-%m}" if following <= today else "",
            by_office=by_office,
            by_place=by_place,
            starting=starting,
            nothing=Starting(),
            whole=sum_of(by_office),
            shows=SHOWS,
            show=show,
            listed=await figures.plans(plans, placed, show) if show else (),
            rate=rate,
            average=average,
        )

    return router
