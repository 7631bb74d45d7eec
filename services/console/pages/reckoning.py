"""Until when, and how much is left: the term of a step as a page shows it on its day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from contracts.intake import Holder, Term
from services.console.pages import words
from services.console.pages.rules import Rules
from shared import deadline as counting
from shared.deadline import Period, Unit, deadline
from shared.working_days import InForce

HOLDERS = {
    "SUBMITTED": Holder.CITY,
    "CITY_PASSED": Holder.PROVINCE,
    "RETURNED": Holder.REPORTER,
}
"""Whose term runs at a stage; at the others none does."""


class Step(Protocol):
    """A project where it stands; ``term`` as its fact names it."""

    @property
    def stage(self) -> str: ...
    @property
    def stage_since(self) -> datetime: ...
    @property
    def term(self) -> Term | None: ...


@dataclass(frozen=True)
class Standing:
    """How a running term stands on a day; counts are working days."""

    term: Term
    light: Literal["ok", "near", "late"]
    left: str
    total: int
    used: int
    over: int


@dataclass(frozen=True)
class Reckoning:
    """Counts terms for a page: on its day, with the rules and the calendar known to it."""

    rules: Rules
    known: InForce
    today: date

    def period(self, holder: Holder, start: date) -> Period | None:
        """Give how long a step may take that began on a day; None as long as no rule has come."""
        terms = self.rules.on(start)
        days = terms.of(holder)
        if days is None:
            return None
        return Period(start, counting.Term(days, Unit.WORKING_DAYS), terms.yellow)

    def term(self, step: Step) -> Term | None:
        """Give the term that runs; a fact from before terms were told has it counted here."""
        holder = HOLDERS.get(step.stage)
        if holder is None or step.term is not None:
            return step.term if holder else None
        return self._counted(holder, words.local_day(step.stage_since))

    def standing(self, step: Step) -> Standing | None:
        """Say how the term of a step stands; None where none runs or none is known."""
        term = self.term(step)
        if term is None:
            return None
        worked = self.known.calendar.working_days_between
        total = worked(term.start, term.due)
        over = max(0, worked(term.due, self.today))
        used = total if self.today > term.due else max(0, worked(term.start, self.today))
        if self.today >= term.red_from:
            left = f"超期 {over} 个工作日" if over else "超期未满 1 个工作日"
            return Standing(term, "late", left, total, used, over)
        left = "今日到期" if self.today == term.due else f"剩 {total - used} 个工作日"
        light: Literal["ok", "near"] = "near" if self.today >= term.yellow_from else "ok"
        return Standing(term, light, left, total, used, 0)

    def limit(self, holder: Holder, rest: str = "") -> str:
        """Write the term of a step that would begin on this day: how long, and until when."""
        term = self._counted(holder, self.today)
        said = words.limit(self.rules.on(self.today).of(holder), rest)
        return f"{said}{words.until(term, self.today)}"

    def _counted(self, holder: Holder, start: date) -> Term | None:
        period = self.period(holder, start)
        if period is None:
            return None
        found = deadline(period, self.known.calendar, start)
        if found.due is None or found.yellow_from is None or found.red_from is None:
            raise AssertionError("review has no pauses")
        return Term(
            start=start,
            due=found.due,
            yellow_from=found.yellow_from,
            red_from=found.red_from,
            provisional=found.provisional,
            calendar=self.known.edition,
        )
