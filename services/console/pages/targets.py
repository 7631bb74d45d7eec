"""目标: how far each target of the year is, for the city and unit by unit, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response

from services.console.pages import figure_words
from services.console.pages.counting import PAGE_ROWS
from services.console.pages.frame import Site
from services.console.pages.moment import Moment, end_of
from services.console.pages.session import Visit
from services.console.pages.target_chart import Curve
from services.console.pages.whose import Whose, sees_the_city, whose
from services.console.targets import figures
from services.console.targets.figures import Figure, Line
from services.console.targets.parts import Cell
from services.console.targets.plan import Each, Target, Targets, targets_on
from shared.refusals import NotAllowed, NotFound
from shared.scope import ALL_WHO_SEE
from shared.seeing import Reader
from shared.units import Units

LEVELS: Mapping[str, tuple[str, tuple[Each, ...]]] = {
    "city": ("全市", ("",)),
    "county": ("县区、开发区", ("county", "zone", "region")),
    "others": ("市直、企业", ("department", "group")),
}
_HEADS: Mapping[Each, str] = {
    "": "全市",
    "county": "县（市、区）、开发区管委会",
    "zone": "建设地点在开发区",
    "region": "建设地点在开发区外",
    "department": "市直单位",
    "group": "企业集团",
    "body": "谋划主体",
}


@dataclass(frozen=True)
class Shown:
    """A figure with whose it is, and the page that says why."""

    figure: Figure
    whose: Whose
    address: str


@dataclass(frozen=True)
class Table:
    """Units of a kind and their targets: one line a unit, one column a target it may have."""

    head: str
    targets: tuple[Target, ...]
    lines: tuple[tuple[Whose, tuple[Shown | None, ...]], ...]

    def reached(self, place: int) -> tuple[int, int]:
        """Count the units that have reached a target, and those that have it."""
        has = [one for _, shown in self.lines if (one := shown[place]) is not None]
        return sum(one.figure.reached for one in has), len(has)


@dataclass(frozen=True)
class Asked:
    """What a page of targets rests on: who asks, of when, the plan of that year, the sums."""

    visit: Visit
    reader: Reader
    when: Moment
    plan: Targets
    units: Units
    cells: Sequence[Cell]

    def holders(self, target: Target) -> tuple[Whose, ...]:
        """Give whose a target is, of those that the reader is shown."""
        return whose(target, self.units, self.reader, self.when.today)

    def shown(self, target: Target, one: Whose) -> Shown:
        """Reckon a target for one of its holders."""
        cells = [cell for cell in self.cells if one.place.holds(cell)]
        address = f"/targets/{target.code}" + (f"?unit={one.id}" if one.id else "")
        return Shown(
            figures.figure(target, cells, self.when.today), one, self.when.keep(address)
        )

    def table(self, each: Each, targets: Sequence[Target]) -> Table:
        """Lay targets of one kind of unit out; a unit may have some of them alone."""
        holders = [self.holders(target) for target in targets]
        return Table(
            _HEADS[each],
            tuple(targets),
            tuple(
                (
                    one,
                    tuple(
                        self.shown(target, one) if one in of else None
                        for target, of in zip(targets, holders, strict=True)
                    ),
                )
                for one in dict.fromkeys(one for of in holders for one in of)
            ),
        )

    def of_kind(self, each: Each) -> list[Target]:
        """Give the targets that units of a kind have each for itself."""
        return [target for target in self.plan.target if target.each == each]


class NoTargets(NotFound):
    """No targets are laid down for the year of the day asked about."""

    code = "no_targets"
    title = "这一年没有目标"


def pages(site: Site) -> APIRouter:
    """Give the routes of the targets."""
    router = APIRouter()

    async def asked(request: Request, as_of: str) -> Asked:
        visit = await site.visit(request)
        if visit.actor.role not in ALL_WHO_SEE:
            raise NotAllowed("目标由谋划主体、审核单位和看全市项目的部门查看。")
        when = await site.moment(as_of)
        plan = targets_on(when.today)
        if plan is None:
            raise NoTargets(
                f"{when.today.year} 年的目标还没有录入。可以在“截至”里选有目标的年份。"
            )
        units = await site.units(visit, when)
        cells = await (await site.counting(when)).cells(
            site.scope(visit), plan.parts, when.today.year
        )
        return Asked(visit, site.reader(visit), when, plan, units, cells)

    @router.get("/targets")
    async def overview(request: Request, level: str = "", as_of: str = "") -> Response:
        now = await asked(request, as_of)
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

    @router.get("/targets/{code}")
    async def one(
        request: Request,
        code: Annotated[str, Path(pattern=r"^[KG]\d{2}$")],
        unit: str = "",
        part: str = "",
        page: str = "",
        as_of: str = "",
    ) -> Response:
        now = await asked(request, as_of)
        targets = now.plan.of_code(code)
        if not targets:
            raise NotFound("没有这一项目标。")
        holders = [(target, one) for target in targets for one in now.holders(target)]
        if not holders:
            raise NotAllowed("这项目标由审核单位和看全市项目的部门查看。")
        chosen = next((pair for pair in holders if pair[1].id == unit), None)
        if chosen is None and unit:
            raise NotFound("没有这个单位的这一项目标，或者它不在你单位的范围内。")
        # One's own needs no choosing.
        chosen = chosen or (holders[0] if len(holders) == 1 else None)
        found = now.shown(*chosen) if chosen else None
        sets = sets_of(found.figure) if found else {}
        listed = sets.get(part) or next(iter(sets.values()), None)
        number = max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1
        members = None
        if found and listed:
            members = await (await site.counting(now.when)).members(
                site.scope(now.visit),
                listed.part,
                found.whose.place,
                now.when.today.year,
                number,
            )
            last = max(1, -(-members.sum.count // PAGE_ROWS))
            if number > last:
                return site.turn(request, now.when.keep(_address(found, listed, last)))
        return await site.render(
            request,
            "target.html",
            now.visit,
            title=f"{code} {targets[0].name}",
            current="targets",
            when=now.when,
            code=code,
            targets=targets,
            found=found,
            several=len(holders) > 1,
            tables=[] if found else [now.table(target.each, [target]) for target in targets],
            curve=await curve(now, found) if found and found.figure.ratio else None,
            sets=sets,
            listed=listed,
            members=members,
            number=number,
            turn_to=lambda one, to: now.when.keep(_address(found, one, to)) if found else "",
            written=figure_words,
        )

    async def curve(now: Asked, found: Shown) -> Curve:
        """Ask how the figure stood at the end of each month that was recorded, and stands."""
        first = await site.reading.first_day() or now.when.today
        year, target = now.when.today.year, found.figure.target
        points: list[Fraction | None] = []
        for month in range(1, now.when.today.month):
            end = date(year, month + 1, 1) - timedelta(days=1)
            if end < first:
                points.append(None)
                continue
            then = end_of(end)
            cells = await (await site.counting(then)).cells(
                site.scope(now.visit), target.parts, year
            )
            of_his = [cell for cell in cells if found.whose.place.holds(cell)]
            points.append(figures.figure(target, of_his, end).value)
        return Curve(found.figure, (*points, found.figure.value))

    return router


def sets_of(figure: Figure) -> dict[str, Line]:
    """Give every set that a figure is made of, its variants' too, by name."""
    ratios = [figure.ratio, *(other.ratio for other in figure.others)]
    return {
        line.part.what.value: line
        for ratio in ratios
        if ratio is not None
        for line in (*ratio.counts, *ratio.of)
    }


def _address(found: Shown, listed: Line, page: int) -> str:
    asked = {"unit": found.whose.id, "part": listed.part.what.value, "page": page if page > 1 else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/targets/{found.figure.target.code}?{query}"
