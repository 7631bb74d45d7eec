"""超期清单: office by office what is over, what was granted in time, and how long it took."""

from asyncio import gather
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.console.pages import names
from services.console.pages.exporting import give
from services.console.pages.frame import Site
from services.console.pages.item_clocks import stands
from services.console.pages.item_figures import AtWork, Over
from services.console.pages.item_lists import (
    PATH,
    Asked,
    Line,
    asked_of,
    average,
    everybodys,
    rate,
    scope_of,
    total,
)
from services.console.pages.moment import present
from services.console.pages.sheet_file import Column
from shared.deadline import Calendar


@dataclass(frozen=True)
class Row:
    """What of one office, or one place, is open, and what came of it in the period."""

    of: str
    name: str
    at_work: AtWork
    over: Over
    longest: int
    """Working days by which the oldest that is open is over."""


def rows_of(
    at_work: Mapping[str, AtWork],
    over: Mapping[str, Over],
    calendar: Calendar,
    today: date,
    name: Mapping[str, str],
) -> tuple[Row, ...]:
    """Put together what is open and what was done, whoever has most that is over first."""
    found = [
        Row(
            of,
            name[of],
            work := at_work.get(of, AtWork()),
            over.get(of, Over()),
            calendar.working_days_between(work.oldest, today) if work.oldest else 0,
        )
        for of in {**at_work, **over}
    ]
    return tuple(sorted(found, key=lambda row: (-row.at_work.overdue, -row.over.late, row.of)))


def sum_of(rows: tuple[Row, ...]) -> Row:
    """Add rows up; the longest is the longest of all."""
    at_work = AtWork(
        open=sum(row.at_work.open for row in rows),
        overdue=sum(row.at_work.overdue for row in rows),
        paused=sum(row.at_work.paused for row in rows),
    )
    over = total({row.of: row.over for row in rows})
    return Row("", "合计", at_work, over, max((row.longest for row in rows), default=0))


def columns(title: str) -> tuple[Column[Row], ...]:
    """Give the columns of the file."""
    return (
        Column(title, lambda row: row.name),
        Column("在办", lambda row: row.at_work.open),
        Column("超期", lambda row: row.at_work.overdue),
        Column("最长已超（工作日）", lambda row: row.longest),
        Column("停表", lambda row: row.at_work.paused),
        Column("受理", lambda row: row.over.begun),
        Column("办结", lambda row: row.over.done),
        Column("超期办结", lambda row: row.over.late),
        Column("按期办结率", lambda row: rate(row.over)),
        Column("平均用时（工作日）", lambda row: average(row.over.used, row.over)),
        Column("平均承诺（工作日）", lambda row: average(row.over.promised, row.over)),
        Column("最长用时（工作日）", lambda row: row.over.longest_used),
        Column("办结最长超期（工作日）", lambda row: row.over.longest_over),
    )


def pages(site: Site) -> APIRouter:
    """Give the route of the list of what is over."""
    router = APIRouter()

    @router.get(f"{PATH}/overdue")
    async def overdue(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit, when = await site.visit(request), present(site.clock)
        scope, calendar = scope_of(site, visit), (await site.reading.in_force()).calendar
        asked = asked.model_copy(update={"show": "", "taken": ""})
        ask = asked_of(site, visit, everybodys(asked), calendar)
        reading, figures = site.reading.items, site.reading.item_figures
        at_work, over, found = await gather(
            figures.at_work(scope, ask, "handling"),
            figures.over(scope, ask, "handling", calendar),
            reading.listed(scope, ask, "overdue", 1),
        )
        name = {
            org: names.organisation(org, visit.units, when.today) for org in {**at_work, **over}
        }
        rows = rows_of(at_work, over, calendar, when.today, name)
        if asked.export:
            said = (f"{ask.since} 至 {ask.until}",)
            title = "各单位超期和按期办结"
            return await give(site, request, visit, when, title, columns("实施单位"), rows, said)
        return await site.render(
            request,
            "overdue.html",
            visit,
            title="超期清单",
            current="overdue",
            asked=asked,
            ask=ask,
            rows=rows,
            whole=sum_of(rows),
            lines=[Line(row, stands(row, calendar, when.today), is_mine=False) for row in found],
            months=_periods(when.today),
            regions=(*names.county_regions(when.today), *names.zones(when.today)),
            rate=rate,
            average=average,
        )

    return router


def _periods(today: date) -> tuple[tuple[str, str], ...]:
    """Offer this month, the one before, and this year."""
    before = (today.replace(day=1).toordinal()) - 1
    last = date.fromordinal(before)
    return (
        (f"{today:%Y-%m}", "本月"),
        (f"{last:%Y-%m}", "上月"),
        (f"{today:%Y}", "本年"),
    )
