"""The account of one project's months and works, folded from what was told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from contracts.intake import (
    ConstructionFinished,
    ConstructionNeverStopped,
    ConstructionRectified,
    ConstructionResumed,
    ConstructionStarted,
    ConstructionStopped,
    Evidence,
    ProgressMissed,
    ProgressOpened,
    ProgressReported,
)
from services.console.pages.entry import Entry

WORKS: Mapping[str, str] = {
    "STARTED": "开工",
    "STOPPED": "停工",
    "RESUMED": "复工",
    "NEVER_STOPPED": "未停工",
    "FINISHED": "竣工",
}


@dataclass(frozen=True)
class Edition:
    """One edition of a month, and the fact that it stands in."""

    entry: Entry
    report: ProgressReported


@dataclass(frozen=True)
class Work:
    """Something that happened to the works, as it holds now; ``said`` are the facts about it."""

    what: str
    on: date
    note: str = ""
    evidence: tuple[Evidence, ...] = ()
    said: tuple[Entry, ...] = ()

    @property
    def name(self) -> str:
        """What it is called."""
        return WORKS[self.what]

    @property
    def rectified(self) -> bool:
        """Whether its day was another at first."""
        return len(self.said) > 1


@dataclass(frozen=True)
class Month:
    """A month of the account, its newest edition last; totals are up to its end, in yuan."""

    month: str
    editions: tuple[Edition, ...] = ()
    missed: ProgressMissed | None = None
    this_year: int = 0
    in_all: int = 0

    @property
    def report(self) -> ProgressReported | None:
        """The edition in force."""
        return self.editions[-1].report if self.editions else None


@dataclass(frozen=True)
class Account:
    """Months by their name, works in the order of their days, what came before."""

    opening: ProgressOpened | None = None
    months: Mapping[str, Month] = field(default_factory=dict)
    works: tuple[Work, ...] = ()
    taken_back: tuple[Work, ...] = ()

    def year(self, year: str) -> tuple[Month, ...]:
        """Give the twelve months of a year, those without a report as well, with their totals."""
        return tuple(self._month(f"{year}-{number:02}") for number in range(1, 13))

    def _month(self, month: str) -> Month:
        opening = self.opening
        in_all = opening.invested_in_all if opening and month > f"{opening.as_of:%Y-%m}" else 0
        opened_here = opening is not None and f"{opening.as_of:%Y}" == month[:4] and in_all > 0
        this_year = opening.invested_this_year if opening and opened_here else 0
        for name, one in self.months.items():
            if one.report and name <= month:
                in_all += one.report.invested.total
                this_year += one.report.invested.total if name[:4] == month[:4] else 0
        known = self.months.get(month, Month(month))
        return replace(known, this_year=this_year, in_all=in_all)

    @property
    def years(self) -> tuple[str, ...]:
        """The years in which something was reported."""
        return tuple(sorted({month[:4] for month in self.months}))

    @property
    def milestones(self) -> Mapping[str, tuple[int, date | None]]:
        """How far each milestone is by the last month that says so, and since when reached."""
        reached: dict[str, tuple[int, date | None]] = {}
        parts = list(self.opening.milestones) if self.opening else []
        for _, one in sorted(self.months.items()):
            parts += one.report.milestones if one.report else ()
        for part in parts:
            reached[part.milestone] = (part.percent, part.reached_on)
        return reached

    @property
    def latest(self) -> Month | None:
        """The last month that was reported, with its totals."""
        reported = [name for name, one in self.months.items() if one.report]
        return self._month(max(reported)) if reported else None


def account_of(told: Sequence[Entry]) -> Account:
    """Fold what was told, oldest first."""
    account = Account()
    for entry in told:
        account = _after(account, entry)
    return account


def _after(account: Account, entry: Entry) -> Account:
    match entry.event:
        case ProgressOpened() as opening:
            return replace(account, opening=opening)
        case ProgressReported() as report:
            month = account.months.get(report.month, Month(report.month))
            month = replace(month, editions=(*month.editions, Edition(entry, report)))
            return replace(account, months={**account.months, report.month: month})
        case ProgressMissed() as missed:
            month = account.months.get(missed.month, Month(missed.month))
            months = {**account.months, missed.month: replace(month, missed=missed)}
            return replace(account, months=months)
        case ConstructionStarted() as fact:
            return _worked(account, entry, "STARTED", fact.started_on, fact.evidence, fact.note)
        case ConstructionStopped() as fact:
            return _worked(account, entry, "STOPPED", fact.stopped_on, fact.evidence, fact.reason)
        case ConstructionResumed() as fact:
            return _worked(account, entry, "RESUMED", fact.resumed_on, fact.evidence)
        case ConstructionNeverStopped() as fact:
            return _worked(account, entry, "NEVER_STOPPED", fact.said_on, fact.evidence)
        case ConstructionFinished() as fact:
            return _worked(account, entry, "FINISHED", fact.finished_on, fact.evidence)
        case ConstructionRectified() as fact:
            return _rectified(account, entry, fact)
        case _:
            return account


def _worked(
    account: Account,
    entry: Entry,
    what: str,
    on: date,
    evidence: tuple[Evidence, ...],
    note: str | None = None,
) -> Account:
    work = Work(what, on, note or "", evidence, (entry,))
    return replace(account, works=_in_order((*account.works, work)))


def _rectified(account: Account, entry: Entry, fact: ConstructionRectified) -> Account:
    wrong = [one for one in account.works if (one.what, one.on) == (fact.what, fact.was_on)]
    others = tuple(one for one in account.works if one not in wrong)
    said = [replace(one, said=(*one.said, entry)) for one in wrong]
    if fact.is_on is None:
        return replace(account, works=others, taken_back=(*account.taken_back, *said))
    right = [replace(one, on=fact.is_on) for one in said]
    return replace(account, works=_in_order((*others, *right)))


def _in_order(works: Sequence[Work]) -> tuple[Work, ...]:
    return tuple(sorted(works, key=lambda one: one.on))
