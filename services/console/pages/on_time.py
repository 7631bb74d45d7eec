"""In which months of a year has each body reported on time?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.console.pages import words
from services.console.pages.counting import Member, Members
from services.console.pages.due_days import due_of
from services.console.pages.frame import Site
from services.console.pages.moment import Moment
from services.console.pages.months import first_month
from services.console.pages.rules import REPORT_MONTH
from services.console.targets.parts import Cell, Part, Sum, What
from shared.units import Units

_ON_TIME, _DUE = Part(What.MONTHS_ON_TIME), Part(What.MONTHS_DUE)


@dataclass(frozen=True)
class DueMonth:
    """A month whose due day is over, the bodies of that day, and those that had reported by it."""

    month: str
    due: date
    bodies: frozenset[str]
    on_time: frozenset[str]


class MonthsOnTime:
    """Looks at the months of a year as they stood at their due days; a past day is looked at once.

    What had been recorded by then does not change any more.
    """

    def __init__(self, site: Site) -> None:
        """Keep nothing yet."""
        self._site = site
        self._kept: dict[tuple[str, date, frozenset[str]], frozenset[str]] = {}

    async def of_year(self, when: Moment, units: Units) -> tuple[DueMonth, ...]:
        """Give the months of the year whose due day is over at the moment."""
        reading = self._site.reading_of(when)
        rules, calendar = await reading.rules(REPORT_MONTH), (await reading.in_force()).calendar
        first = await first_month(self._site, when)
        found = []
        for number in range(1, when.today.month + 1):
            begins = date(when.today.year, number, 1)
            due = due_of(begins, rules, calendar, when.today)
            if begins < first or due is None or not due.asked or not due.over:
                continue
            bodies = frozenset(body.id for body in units.planning_bodies(due.day))
            month = f"{begins:%Y-%m}"
            on_time = await self._reported(month, due.moment, bodies)
            found.append(DueMonth(month, due.day, bodies, on_time))
        return tuple(found)

    async def _reported(self, month: str, due: Moment, bodies: frozenset[str]) -> frozenset[str]:
        key = month, due.today, bodies
        if key not in self._kept:
            stood = await self._site.reading_of(due).stood(month, sorted(bodies))
            reported = frozenset(org for org, one in stood.items() if one.has_reported)
            if not await self._site.heard_to(due):
                return reported
            self._kept[key] = reported
        return self._kept[key]


def cells_of(months: Sequence[DueMonth]) -> tuple[Cell, ...]:
    """Sum months up by body."""
    bodies = sorted(frozenset().union(*(month.bodies for month in months)))
    return tuple(Cell("month", org, None, None, _sums(months, org)) for org in bodies)


def _sums(months: Sequence[DueMonth], org: str) -> Mapping[Part, Sum]:
    return {
        _DUE: Sum(sum(org in month.bodies for month in months)),
        _ON_TIME: Sum(sum(org in month.on_time for month in months)),
    }


def members_of(months: Sequence[DueMonth], org: str, part: Part) -> Members:
    """Give the months behind a body's figure."""
    asked = [
        month for month in months if org in (month.on_time if part == _ON_TIME else month.bodies)
    ]
    return Members(
        tuple(
            Member(
                address=f"/months/{month.month}",
                name=words.month(month.month),
                owner_org=org,
                owner_name="",
                amount=None,
                since=month.due,
                note="截止时已报送" if org in month.on_time else "截止时没有报送",
            )
            for month in asked
        ),
        Sum(len(asked)),
    )
