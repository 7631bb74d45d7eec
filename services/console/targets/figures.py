"""How far a target is: pure arithmetic over the sums of its parts, with what it was made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from services.console.targets.parts import Cell, Part, Sum, What, total
from services.console.targets.plan import By, Target, Variant

Light = Literal["ok", "near", "late", "none"]


@dataclass(frozen=True)
class Line:
    """A part with its sum, as a figure adds it up (1) or takes it off (-1)."""

    sign: int
    part: Part
    sum: Sum

    def by(self, by: By) -> int:
        """Give what it contributes."""
        return self.sign * (self.sum.count if by == "count" else self.sum.money)


@dataclass(frozen=True)
class Ratio:
    """What is counted, and for a rate what it is divided by."""

    counts: tuple[Line, ...]
    of: tuple[Line, ...]
    by: By

    @property
    def top(self) -> int:
        """The sum of what is counted."""
        return sum(line.by(self.by) for line in self.counts)

    @property
    def under(self) -> int:
        """The sum of what a rate is divided by."""
        return sum(line.by(self.by) for line in self.of)

    @property
    def value(self) -> Fraction | None:
        """The count or sum, or the rate in percent; a rate of nothing has none."""
        if not self.of:
            return Fraction(self.top)
        return Fraction(100 * self.top, self.under) if self.under else None

    def grown(self, by: Fraction) -> Fraction | None:
        """Give the value if all but what stood there when the year began grows by a factor."""
        if not self.of:
            return by * self.top
        stock = sum(line.by(self.by) for line in self.of if line.part.what is What.STOCK)
        under = stock + by * (self.under - stock)
        return by * 100 * self.top / under if under else None


@dataclass(frozen=True)
class Forecast:
    """Where the pace of the year so far leads by the last day of the target."""

    value: Fraction
    days: int
    whole: int


@dataclass(frozen=True)
class Other:
    """A rate counted another way."""

    variant: Variant
    ratio: Ratio


@dataclass(frozen=True)
class Figure:
    """One target of the city or of one unit as it stands on a day.

    ``ratio`` is None where the figure is told by another office, which has not told it.
    """

    target: Target
    ratio: Ratio | None
    others: tuple[Other, ...] = ()
    forecast: Forecast | None = None
    over: bool = False

    @property
    def value(self) -> Fraction | None:
        """The value in the target's own unit: yuan, number or percent."""
        return self.ratio.value if self.ratio else None

    @property
    def reached(self) -> bool:
        """Tell whether the goal is reached: 以上 and 达到 include it."""
        return self.value is not None and self.value >= self.target.goal

    @property
    def share(self) -> Fraction | None:
        """The part of the goal that is done, in percent."""
        return None if self.value is None else 100 * self.value / self.target.goal

    @property
    def lacking(self) -> Fraction:
        """What lacks to the goal: by the forecast where there is one, else by now."""
        by = self.forecast.value if self.forecast else self.value
        return max(Fraction(0), self.target.goal - (by or Fraction(0)))

    @property
    def light(self) -> Light:
        """How it stands: no data, reached, on the way, behind, missed."""
        if self.value is None:
            return "none"
        if self.reached:
            return "ok"
        if self.over:
            return "late"
        return "near" if self.lacking else "ok"


def last_day(target: Target, year: int) -> date:
    """Give the day by which a target is to be reached."""
    return target.until or date(year, 12, 31)


def figure(target: Target, cells: Sequence[Cell], today: date) -> Figure:
    """Reckon a target from the cells that are its unit's."""
    until = last_day(target, today.year)
    if target.teller:
        return Figure(target, None, over=today > until)
    by: By = "money" if target.measure == "money" else "count"
    ratio = _ratio(target, cells, target.counts, target.of, by)
    return Figure(
        target,
        ratio,
        tuple(
            Other(variant, _ratio(target, cells, variant.counts, variant.of, variant.by))
            for variant in target.variant
        ),
        # A month that is over does not become on time.
        None if target.each == "body" else forecast(ratio, today, until),
        today > until,
    )


def forecast(ratio: Ratio, today: date, until: date) -> Forecast | None:
    """Lead the pace since the first day of the year to the last day; None once that is there."""
    first = date(today.year, 1, 1)
    days, whole = (today - first).days + 1, (until - first + timedelta(days=1)).days
    if days >= whole:
        return None
    value = ratio.grown(Fraction(whole, days))
    return None if value is None else Forecast(value, days, whole)


def elapsed(today: date, until: date) -> Fraction:
    """Give the part of the time until a day that is over, in percent."""
    first = date(today.year, 1, 1)
    whole = (until - first).days + 1
    return min(Fraction(100), Fraction(100 * ((today - first).days + 1), whole))


def _ratio(
    target: Target,
    cells: Sequence[Cell],
    counts: tuple[str, ...],
    of: tuple[str, ...],
    by: By,
) -> Ratio:
    def lines(written: tuple[str, ...]) -> tuple[Line, ...]:
        return tuple(Line(sign, part, total(cells, part)) for sign, part in target.signed(written))

    return Ratio(lines(counts), lines(of), by)
