"""What may be asked of a project's months and works."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.intake import (
    Evidence,
    FundsReceived,
    InvestmentByUse,
    MilestoneReached,
    Month,
    ProblemNamed,
    Yuan,
)
from services.intake.progress.measures import ReportRules, WorkRules
from services.intake.progress.states import What
from services.intake.progress.underway import Underway
from services.intake.project.commands import By


class ProgressCommand(BaseModel):
    """A command of this room. ``on`` is the business day, ``project`` what was looked up."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    project_id: UUID
    on: date


class OwnCommand(ProgressCommand):
    """A command of the unit whose project it is."""

    by: By
    project: Underway


class ReportProgress(OwnCommand):
    """月报: what the project did in a month. Said again with a reason it corrects the month."""

    month: Month
    due: date
    invested: InvestmentByUse
    funds: tuple[FundsReceived, ...] = ()
    milestones: tuple[MilestoneReached, ...] = ()
    problems: tuple[ProblemNamed, ...] = ()
    text: str = ""
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    accepted_hints: tuple[str, ...] = ()
    rules: ReportRules


class OpenProgress(OwnCommand):
    """期初累计: what had been done before the first month that is reported here."""

    as_of: date
    invested_in_all: Yuan
    invested_this_year: Yuan
    milestones: tuple[MilestoneReached, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rules: ReportRules


class MonthDue(BaseModel):
    """A month, and until when it was to be reported."""

    model_config = ConfigDict(frozen=True)

    month: Month
    due: date


class TellMissed(ProgressCommand):
    """Tell that the days of months are over and nothing was reported."""

    owner_org: str
    months: tuple[MonthDue, ...]


class RecordWork(OwnCommand):
    """开工、停工、复工、未停工、竣工, on a day, with its papers."""

    what: What
    happened_on: date
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
    rules: WorkRules


class RectifyWork(OwnCommand):
    """更正: what was recorded of a day was another day's, or did not happen (``is_on`` None)."""

    what: What
    was_on: date
    is_on: date | None
    reason: str


Command = ReportProgress | OpenProgress | TellMissed | RecordWork | RectifyWork
