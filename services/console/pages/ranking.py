"""月度排队: in which order the units stand each month, the counties and zones, and all others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fastapi import APIRouter, Request, Response

from services.console.pages import figure_words, words
from services.console.pages.counting import Counting, Place, by_place
from services.console.pages.due_days import Due, due_of
from services.console.pages.exporting import give
from services.console.pages.frame import Site
from services.console.pages.moment import Moment, end_of
from services.console.pages.months import first_month, read_month
from services.console.pages.reported import entered, reported
from services.console.pages.rules import REPORT_MONTH
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from services.console.pages.whose import sees_the_city
from services.console.targets import figures, ranking
from services.console.targets.plan import targets_on
from shared.refusals import NotAllowed, NotFound
from shared.scope import ALL_WHO_SEE, MONTH_SCOPES
from shared.units import Unit

CLOSES_ON = 10
"""The list closes on the 10th at 24:00, or with the due day of reports where that is later."""
SEQUENCES: Mapping[str, tuple[str, ...]] = {
    "县（市、区）、开发区": ("county", "zone"),
    "市直单位、企业集团": ("department", "group"),
}
_CONVERSION = "G03"


@dataclass(frozen=True)
class Listed:
    """One unit's line of the list; only counties and zones have a rate of conversion."""

    place: ranking.Place
    name: str
    rate: Fraction | None


@dataclass(frozen=True)
class Order:
    """One of the two lists. ``bodies`` counts all of it, whoever of them is shown."""

    name: str
    lines: tuple[Listed, ...]
    bodies: int
    rated: bool


def pages(site: Site) -> APIRouter:
    """Give the routes of the monthly ranking."""
    router = APIRouter()

    @router.get("/ranking")
    async def this_month(request: Request) -> Response:
        await site.visit(request)
        return site.turn(request, f"/ranking/{site.clock.today():%Y-%m}")

    @router.get("/ranking/{month}")
    async def one(
        request: Request, month: str, unit: str = "", as_of: str = "", export: str = ""
    ) -> Response:
        visit = await site.visit(request)
        if visit.actor.role not in ALL_WHO_SEE:
            raise NotAllowed("月度排队由谋划主体、审核单位和看全市项目的部门查看。")
        when = await site.moment(as_of)
        first = await first_month(site, when)
        begins = read_month(month, first, when.today)
        closes, due = await closing(begins, when)
        began = await site.reading.first_day() or when.today
        # Of a list that was closed before anything was recorded there is only what stands now.
        recorded = closes.today >= began
        closed = closes.now <= when.now
        at = closes if closed and recorded else when
        units = await site.units(visit, at)
        bodies = units.planning_bodies(at.today)
        orders = await ordered(visit, at, month, bodies)
        own = next((body for body in bodies if body.id == unit), None)
        placed = sees_the_city(site.reader(visit))
        if export:
            lines = [line for order in orders for line in order.lines]
            said = (words.month(month),)
            return await give(
                site, request, visit, when, "月度排队", columns(placed=placed), lines, said
            )
        seen = MONTH_SCOPES.seen_by(site.reader(visit))
        if unit and (own is None or not seen.holds({"org": unit})):
            raise NotFound("没有这个单位，或者它不在你单位的范围内。")
        listed = (
            await entered(await site.counting(at), site.scope(visit), unit, month) if own else ()
        )
        return await site.render(
            request,
            "ranking.html",
            visit,
            title=f"月度排队 {words.month(month)}",
            current="ranking",
            when=when,
            month=month,
            earlier=_month_before(begins) if begins > first else "",
            later=_month_after(begins) if _month_after(begins) <= f"{when.today:%Y-%m}" else "",
            closes=closes,
            closed=closed,
            recorded=recorded,
            due=due,
            orders=orders,
            placed=placed,
            own=own,
            listed=listed,
            written=figure_words,
        )

    async def closing(begins: date, when: Moment) -> tuple[Moment, Due | None]:
        reading = site.reading_of(when)
        due = due_of(
            begins,
            await reading.rules(REPORT_MONTH),
            (await reading.in_force()).calendar,
            when.today,
        )
        tenth = begins.replace(day=CLOSES_ON)
        return end_of(max(tenth, due.day) if due else tenth), due

    async def ordered(
        visit: Visit, at: Moment, month: str, bodies: tuple[Unit, ...]
    ) -> tuple[Order, ...]:
        counting = await site.counting(at)
        found = await reported(counting, month)
        rates = await rates_of(counting, at, bodies)
        seen = MONTH_SCOPES.seen_by(site.reader(visit))
        by_id = {body.id: body for body in bodies}
        orders = []
        for name, kinds in SEQUENCES.items():
            orgs = [body.id for body in bodies if body.kind in kinds]
            lines = tuple(
                Listed(place, by_id[place.org].short_name, rates.get(place.org))
                for place in ranking.ranked(orgs, found)
                # What its place is tells how much others have done: the bulletin says it.
                if seen.holds({"org": place.org})
            )
            if lines:
                orders.append(Order(name, lines, len(orgs), rated="county" in kinds))
        return tuple(orders)

    async def rates_of(
        counting: Counting, at: Moment, bodies: tuple[Unit, ...]
    ) -> dict[str, Fraction | None]:
        plan = targets_on(at.today)
        if plan is None:
            return {}
        (target,) = plan.of_code(_CONVERSION)
        cells = by_place(await counting.everybodys(plan.parts, at.today.year))
        return {
            body.id: figures.figure(target, cells.get(Place(org=body.id), ()), at.today).value
            for body in bodies
        }

    return router


_SIZES: Mapping[str, Callable[[ranking.Reported], ranking.Size]] = {
    "本年已入库": lambda found: found.year_pooled,
    "本年已报送": lambda found: found.year,
    "本月已报送": lambda found: found.month,
}


def columns(*, placed: bool) -> tuple[Column[Listed], ...]:
    """Give the columns of the file; without a place where only the own line is shown."""
    place = (Column[Listed]("名次", lambda line: line.place.number),) if placed else ()
    sizes = (column for title, of in _SIZES.items() for column in _of_size(title, of))
    rate = Column[Listed](
        "转化率（%）", lambda line: figure_words.rate(line.rate) if line.rate is not None else None
    )
    return (*place, Column("单位", lambda line: line.name), *sizes, rate)


def _of_size(
    title: str, of: Callable[[ranking.Reported], ranking.Size]
) -> tuple[Column[Listed], ...]:
    return (
        Column(f"{title}项数", lambda line: of(line.place.found).count),
        Column(f"{title}亿元以上", lambda line: of(line.place.found).large),
        Column(f"{title}10亿元以上", lambda line: of(line.place.found).largest),
        Column(f"{title}总投资（万元）", lambda line: words.in_wan(of(line.place.found).money)),
    )


def _month_before(month: date) -> str:
    return f"{month.year - (month.month == 1)}-{(month.month - 2) % 12 + 1:02}"


def _month_after(month: date) -> str:
    return f"{month.year + (month.month == 12)}-{month.month % 12 + 1:02}"
