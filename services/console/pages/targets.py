"""目标: how far each target of the year is, for the city and unit by unit."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Request, Response

from services.console.pages import figure_words, target
from services.console.pages.exporting import give
from services.console.pages.frame import Site
from services.console.pages.target_figures import FIGURE_COLUMNS, TargetFigures
from services.console.pages.whose import sees_the_city
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
    router.include_router(target.pages(site, reckoning))

    @router.get("/targets")
    async def overview(
        request: Request, level: str = "", as_of: str = "", export: str = ""
    ) -> Response:
        now = await reckoning.asked(request, as_of)
        everybody = sees_the_city(now.reader)
        tabs = {key: name for key, (name, _) in LEVELS.items() if everybody or key != "city"}
        chosen = level if level in tabs else next(iter(tabs))
        tables = [now.table(each, now.of_kind(each)) for each in LEVELS[chosen][1]]
        others = (
            [
                (key, now.table(each, now.of_kind(each)))
                for key, (_, eaches) in LEVELS.items()
                for each in eaches
                if each
            ]
            if chosen == "city"
            else []
        )
        if export:
            shown = [one for table in (*tables, *(t for _, t in others)) for one in table.shown]
            said = (tabs[chosen],)
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
            tables=[one for one in tables if one.lines],
            others=[(key, one) for key, one in others if one.lines],
            elapsed=figures.elapsed(today, date(today.year, 12, 31)),
            day_of_year=(today - date(today.year, 1, 1)).days + 1,
            written=figure_words,
        )

    return router
