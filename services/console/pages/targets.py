"""目标: how far each target of the year is, for the city and unit by unit."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Request, Response

from services.console.pages import figure_words, target
from services.console.pages.exporting import give
from services.console.pages.frame import Site
from services.console.pages.target_figures import FIGURE_COLUMNS, TargetFigures
from services.console.targets import figures
from services.console.targets.plan import Each

LEVELS: Mapping[str, tuple[str, tuple[Each, ...]]] = {
    "city": ("全市", ("",)),
    "county": ("县区、开发区", ("county", "zone", "region")),
    "others": ("市直、企业", ("department", "group")),
    "bodies": ("按时报送", ("body",)),
}


def pages(site: Site) -> APIRouter:
    """Give the routes of the targets."""
    router = APIRouter()
    reckoning = TargetFigures(site)
    target.add_page(router, site, reckoning)

    @router.get("/targets")
    async def overview(
        request: Request, level: str = "", as_of: str = "", export: str = ""
    ) -> Response:
        now = await reckoning.asked(request, as_of)
        laid_out = {
            key: [table for each in eaches if (table := now.table(each, now.of_kind(each))).lines]
            for key, (_, eaches) in LEVELS.items()
        }
        # A unit of one kind has nothing at the levels of the others.
        tabs = {key: LEVELS[key][0] for key, tables in laid_out.items() if tables}
        chosen = level if level in tabs else next(iter(tabs), "county")
        tables = laid_out[chosen]
        others = [
            (key, table)
            for key, of_level in laid_out.items()
            for table in of_level
            if chosen == "city" and key != "city"
        ]
        if export:
            shown = [one for table in (*tables, *(t for _, t in others)) for one in table.shown]
            said = (LEVELS[chosen][0],)
            return await give(
                site, request, now.visit, now.when, "年度目标", FIGURE_COLUMNS, shown, said
            )
        today = now.when.today
        return await site.render(
            request,
            "targets.html",
            now.visit,
            title=f"{today.year} 年度目标",
            current="targets",
            when=now.when,
            tabs=tabs,
            level=chosen,
            tables=tables,
            others=others,
            elapsed=figures.elapsed(today, date(today.year, 12, 31)),
            day_of_year=(today - date(today.year, 1, 1)).days + 1,
            written=figure_words,
        )

    return router
