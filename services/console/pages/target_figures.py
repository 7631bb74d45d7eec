"""What stands on a page of targets: whose figures a reader is shown, reckoned for one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fastapi import Request

from services.console.pages import figure_words, words
from services.console.pages.counting import Place, by_place, scope_of
from services.console.pages.frame import Site
from services.console.pages.moment import Moment
from services.console.pages.on_time import DueMonth, MonthsOnTime, cells_of
from services.console.pages.session import Visit
from services.console.pages.sets import SETS
from services.console.pages.sheet_file import Column
from services.console.pages.whose import Whose, whose
from services.console.targets import figures
from services.console.targets.figures import Figure
from services.console.targets.parts import Cell
from services.console.targets.plan import Each, Target, Targets, targets_on
from shared.refusals import NotAllowed, NotFound
from shared.scope import ALL_WHO_SEE
from shared.seeing import Reader
from shared.units import Units

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

    @property
    def shown(self) -> tuple[Shown, ...]:
        """Every figure of it, unit by unit."""
        return tuple(one for _, line in self.lines for one in line if one is not None)

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
    cells: Mapping[Place, Sequence[Cell]]
    months: Sequence[DueMonth]

    def holders(self, target: Target) -> tuple[Whose, ...]:
        """Give whose a target is, of those that the reader is shown."""
        kinds = {SETS[part.what].kind for part in target.parts if part.what in SETS}
        if any(scope_of(kind, self.reader).nothing for kind in kinds):
            return ()
        return whose(target, self.units, self.reader, self.when.today)

    def shown(self, target: Target, one: Whose) -> Shown:
        """Reckon a target for one of its holders."""
        cells = self.cells.get(one.place, ())
        address = f"/targets/{target.code}" + (f"?unit={one.id}" if one.id else "")
        return Shown(figures.figure(target, cells, self.when.today), one, self.when.keep(address))

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


def _number(figure: Figure, value: Fraction | None) -> Decimal | None:
    """Give an exact number for a file: 亿元, percent to two digits, or how many."""
    if value is None:
        return None
    match figure.target.measure:
        case "money":
            return Decimal(int(value)) / words.YUAN_PER_YI
        case "rate":
            return Decimal(int(value * 100)) / 100
        case "count":
            return Decimal(int(value))


FIGURE_COLUMNS = (
    Column[Shown]("编号", lambda one: one.figure.target.code),
    Column[Shown]("目标", lambda one: one.figure.target.name),
    Column[Shown]("单位", lambda one: one.whose.name),
    Column[Shown]("牵头", lambda one: one.figure.target.lead),
    Column[Shown]("要求", lambda one: _number(one.figure, Fraction(one.figure.target.goal))),
    Column[Shown]("计量", lambda one: one.figure.target.unit),
    Column[Shown]("已完成", lambda one: _number(one.figure, one.figure.value)),
    Column[Shown](
        "怎么来的",
        lambda one: (
            figure_words.worked_out(one.figure.ratio, one.figure.target.unit)
            if one.figure.ratio
            else f"由{one.figure.target.teller}告知"
        ),
    ),
    Column[Shown](
        "预计",
        lambda one: _number(one.figure, one.figure.forecast.value) if one.figure.forecast else None,
    ),
    Column[Shown]("情况", lambda one: figure_words.light(one.figure)),
)


class NoTargets(NotFound):
    """No targets are laid down for the year of the day asked about."""

    code = "no_targets"
    title = "这一年没有目标"


class TargetFigures:
    """Reckons what a page of targets shows."""

    def __init__(self, site: Site) -> None:
        """Stand on the console."""
        self._site = site
        self._on_time = MonthsOnTime(site)

    async def asked(self, request: Request, as_of: str) -> Asked:
        """Reckon for who asks and for the moment of the address.

        Raises:
            NotAllowed: the role sees no figures.
            NoTargets: the year has none.
        """
        visit = await self._site.visit(request)
        if visit.actor.role not in ALL_WHO_SEE:
            raise NotAllowed("目标由谋划主体、审核单位和看全市项目的部门查看。")
        when = await self._site.moment(as_of)
        plan = targets_on(when.today)
        if plan is None:
            raise NoTargets(f"{when.today.year} 年的目标还没有录入。可以在“截至”里选有目标的年份。")
        units = await self._site.units(visit, when)
        months = await self._on_time.of_year(when, units)
        cells = await (await self._site.counting(when)).cells(
            self._site.reader(visit), plan.parts, when.today.year
        )
        return Asked(
            visit,
            self._site.reader(visit),
            when,
            plan,
            units,
            by_place((*cells, *cells_of(months))),
            months,
        )
