"""工作日历: on which days is work done, by which notice, and what did each notice change?"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts.reference import calendar_years
from services.console.pages.frame import Site
from services.console.pages.session import Visit
from services.console.pages.year_sheet import KINDS, lay_out, tell
from shared.deadline.calendars import FIRST, LAST
from shared.refusals import Unavailable
from shared.scope import may

ADDRESS = "/calendar"


class Recount(BaseModel):
    """How far intake has counted its open terms anew on an edition of the calendar."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    edition: int
    open: int
    done: int
    moved: int
    finished: datetime | None


class Recounts(BaseModel):
    """The recounts, the latest first; ``silent`` where intake does not answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    recounts: tuple[Recount, ...] = ()
    silent: bool = False

    def on(self, edition: int) -> Recount | None:
        """Give the recount on an edition, once it has begun."""
        return next((one for one in self.recounts if one.edition == edition), None)


class Asked(BaseModel):
    """Which year, and as of which edition of the calendar; 0 is the newest."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    year: Annotated[int, Field(ge=FIRST.year, le=LAST.year)] | None = None
    edition: Annotated[int, Field(ge=0, le=2**31)] = 0
    after: Annotated[str, Field(max_length=100)] = ""


def pages(site: Site) -> APIRouter:
    """Give the route of the calendar."""
    router = APIRouter()

    async def recounts(visit: Visit) -> Recounts:
        try:
            return Recounts.model_validate((await site.ask(visit, "/recounts")).document)
        except Unavailable:
            return Recounts(silent=True)

    @router.get(ADDRESS)
    async def calendar(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit = await site.visit(request)
        number = asked.year or site.clock.today().year
        arrived = await site.fresh(visit, asked.after)
        every = await site.reading.editions(number)
        editions = [one for one in every if not asked.edition or one.number <= asked.edition]
        # Until the first fact has come the reference data hold, as for those who count terms.
        known = {row.year: row for row in calendar_years()}
        year = editions[-1].event if editions else known.get(number)
        told = tell(editions)
        keeps = may(visit.actor, "keep_calendar")
        in_force = (await site.reading.in_force()).edition
        return await site.render(
            request,
            "calendar.html",
            visit,
            title="工作日历",
            current="calendar",
            sheet=lay_out(number, year, editions[-2].event if len(editions) > 1 else None),
            entered=year is not None,
            provisional=year is None or year.provisional,
            editions=told,
            later=len(every) - len(editions),
            years=sorted({*known, *await site.reading.calendar_years(), number}),
            kinds=KINDS.values(),
            first=FIRST.year,
            last=LAST.year,
            arrived=arrived,
            keeps=keeps,
            in_force=in_force,
            recounts=await recounts(visit) if keeps and not asked.edition else None,
        )

    return router
