"""What is told of a project under way: its monthly report, and when building began, rested, ended.

These figures are of the key-project basis (形象进度): the statistics return is a document of its
own (统计法), and neither ever overwrites the other. What 开工, 复工 and 竣工 mean stands in the
glossary.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Fact, Part
from contracts.intake.words import Evidence, FundingSource, Month, Yuan


class InvestmentByUse(Part):
    """完成投资按构成分, in yuan; a month below zero takes back what was reported too high."""

    construction: int = 0
    installation: int = 0
    equipment: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """The sum of the four."""
        return self.construction + self.installation + self.equipment + self.other


class FundsReceived(Part):
    """到位资金 of one source in the month, in yuan."""

    source: FundingSource
    amount: int


class MilestoneReached(Part):
    """形象进度: how far a milestone is, in percent, and the day on which it was reached."""

    milestone: str
    percent: int = Field(ge=0, le=100)
    reached_on: date | None = None


class ProblemNamed(Part):
    """A problem that holds a project up (存在问题), and who is asked to solve it."""

    text: str
    asks: str | None = None


class ProgressReported(Fact):
    """The unit reported what a project did in a month (月报). ``edition`` counts from 1.

    A later edition of the same month corrects it and says why. The totals hold on the day of the
    report, over the editions that were in force then.
    """

    kind: Literal["intake.progress.reported.v1"] = "intake.progress.reported.v1"
    project_id: UUID
    owner_org: str
    month: Month
    edition: int
    invested: InvestmentByUse
    funds: tuple[FundsReceived, ...] = ()
    invested_this_year: int
    invested_in_all: Yuan
    milestones: tuple[MilestoneReached, ...] = ()
    problems: tuple[ProblemNamed, ...] = ()
    text: str = ""
    evidence: tuple[Evidence, ...] = ()
    due: date
    reported_on: date
    late: bool
    reason: str | None = None


class ProgressOpened(Fact):
    """What a project had done before it was first reported here (期初累计), as of a day."""

    kind: Literal["intake.progress.opened.v1"] = "intake.progress.opened.v1"
    project_id: UUID
    owner_org: str
    as_of: date
    invested_in_all: Yuan
    invested_this_year: Yuan
    milestones: tuple[MilestoneReached, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class ProgressMissed(Fact):
    """A month was due and not reported (漏报). Told once a project and month."""

    kind: Literal["intake.progress.missed.v1"] = "intake.progress.missed.v1"
    project_id: UUID
    owner_org: str
    month: Month
    due: date
    told_on: date


class ConstructionStarted(Fact):
    """Permanent works began (开工): the first ground broken or pile driven."""

    kind: Literal["intake.progress.construction_started.v1"] = (
        "intake.progress.construction_started.v1"
    )
    project_id: UUID
    owner_org: str
    started_on: date
    evidence: tuple[Evidence, ...] = ()
    note: str | None = None


class ConstructionStopped(Fact):
    """Works rest (停工)."""

    kind: Literal["intake.progress.construction_stopped.v1"] = (
        "intake.progress.construction_stopped.v1"
    )
    project_id: UUID
    owner_org: str
    stopped_on: date
    reason: str
    evidence: tuple[Evidence, ...] = ()


class ConstructionResumed(Fact):
    """Works go on after a rest, people and machines are on the site (复工)."""

    kind: Literal["intake.progress.construction_resumed.v1"] = (
        "intake.progress.construction_resumed.v1"
    )
    project_id: UUID
    owner_org: str
    resumed_on: date
    evidence: tuple[Evidence, ...] = ()


class ConstructionNeverStopped(Fact):
    """A project carried over from last year did not rest over the winter (未停工)."""

    kind: Literal["intake.progress.construction_never_stopped.v1"] = (
        "intake.progress.construction_never_stopped.v1"
    )
    project_id: UUID
    owner_org: str
    year: int
    said_on: date
    evidence: tuple[Evidence, ...] = ()


class ConstructionFinished(Fact):
    """The works are built as designed and accepted (竣工)."""

    kind: Literal["intake.progress.construction_finished.v1"] = (
        "intake.progress.construction_finished.v1"
    )
    project_id: UUID
    owner_org: str
    finished_on: date
    evidence: tuple[Evidence, ...] = ()


class ConstructionRectified(Fact):
    """A day of the works was recorded wrongly: it was another day, or there was no such thing."""

    kind: Literal["intake.progress.construction_rectified.v1"] = (
        "intake.progress.construction_rectified.v1"
    )
    project_id: UUID
    owner_org: str
    what: Literal["STARTED", "STOPPED", "RESUMED", "NEVER_STOPPED", "FINISHED"]
    was_on: date
    is_on: date | None
    reason: str
    rectified_on: date
