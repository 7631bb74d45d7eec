"""A project's months and works as its facts have left them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Literal

from contracts.intake import FundingSource, ProgressOpened, ProgressReported

What = Literal["STARTED", "STOPPED", "RESUMED", "NEVER_STOPPED", "FINISHED"]


@dataclass(frozen=True)
class Work:
    """One thing that happened to the works, and on which day."""

    what: What
    on: date


@dataclass(frozen=True)
class Progress:
    """Months by their name, each with the edition in force; works in the order of their days."""

    opening: ProgressOpened | None = None
    months: Mapping[str, ProgressReported] = field(default_factory=dict)
    missed: frozenset[str] = frozenset()
    works: tuple[Work, ...] = ()

    def invested_until(self, month: str) -> int:
        """Give all that was invested up to the end of a month."""
        before = self.opening.invested_in_all if self.opening else 0
        return before + sum(r.invested.total for m, r in self.months.items() if m <= month)

    def invested_in_year(self, month: str) -> int:
        """Give what was invested in the year of a month, up to its end."""
        opening, year = self.opening, month[:4]
        counts = opening is not None and f"{opening.as_of:%Y}" == year
        before = opening.invested_this_year if opening and counts else 0
        return before + sum(
            report.invested.total
            for reported, report in self.months.items()
            if year <= reported <= month
        )

    def lowest(self) -> tuple[str, int] | None:
        """Give the month in which the sum of all investment is lowest, and that sum."""
        months = sorted(self.months)
        if not months:
            return None
        start = self.opening.invested_in_all if self.opening else 0
        sums = accumulate((self.months[month].invested.total for month in months), initial=start)
        return min(zip(months, list(sums)[1:], strict=True), key=lambda one: one[1])

    def received(self) -> Mapping[FundingSource, int]:
        """Give what was received of each source over all months."""
        sums: dict[FundingSource, int] = {}
        for report in self.months.values():
            for part in report.funds:
                sums[part.source] = sums.get(part.source, 0) + part.amount
        return sums

    def milestones_before(self, month: str) -> Mapping[str, int]:
        """Give how far each milestone was at the end of the month before."""
        reached = {m.milestone: m.percent for m in self.opening.milestones} if self.opening else {}
        for reported in sorted(self.months):
            if reported < month:
                reached |= {m.milestone: m.percent for m in self.months[reported].milestones}
        return reached

    @property
    def started_on(self) -> date | None:
        """The day on which building began."""
        return self._last("STARTED")

    @property
    def finished_on(self) -> date | None:
        """The day on which it was finished."""
        return self._last("FINISHED")

    @property
    def rests(self) -> bool:
        """Whether the works rest now."""
        turns = [work.what for work in self.works if work.what in {"STOPPED", "RESUMED"}]
        return bool(turns) and turns[-1] == "STOPPED"

    def _last(self, what: What) -> date | None:
        return next((work.on for work in reversed(self.works) if work.what == what), None)
