"""项目清单: every project in scope, drafts and those under review included."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.console.pages import words
from services.console.pages.exporting import not_too_many
from services.console.pages.filters import PERMITS, SORTS, Asked, chips, options, read_filter
from services.console.pages.frame import Site
from services.console.pages.project_files import give_projects
from services.console.pages.reading import PAGE_ROWS, Project


def pages(site: Site) -> APIRouter:
    """Give the routes of the list."""
    router = APIRouter()

    @router.get("/projects")
    async def projects(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit = await site.visit(request)
        when = await site.moment(asked.as_of)
        asked, scope, today = asked.of(when), site.scope(visit), when.today
        fresh = when.past or await site.fresh(visit, asked.after)
        units = await site.units(visit, when)
        ask = read_filter(asked, units, today)
        async with site.reading_of(when).laid_out() as reading:
            listing = await reading.listing(scope, ask, asked.order, asked.number)
            choices = await reading.choices(scope)
            rows: tuple[Project, ...] = ()
            if asked.export:
                not_too_many(listing.count)
                rows = await reading.everything(scope, ask, asked.order)
        filtered = chips(asked, "/projects", units, today)
        if asked.export:
            said = [chip.text for chip in filtered]
            return await give_projects(site, request, visit, when, asked.export, rows, said)
        last = max(1, -(-listing.count // PAGE_ROWS))
        if asked.number > last:
            return site.turn(request, asked.address("/projects", page=last))
        page = await site.render(
            request,
            "projects.html",
            visit,
            title="项目清单",
            current="projects",
            when=when,
            asked=asked,
            chips=filtered,
            options=options(choices, asked, units, today),
            listing=listing,
            last=last,
            sorts=SORTS,
            sees_nothing=scope.nothing,
            categories=words.CATEGORIES,
            permits=PERMITS,
            fresh=fresh,
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        return page

    return router
