"""What may be asked of a dossier's way through the three levels."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.intake import Evidence, Holder, Level, Likeness, Remark, Term
from services.intake.move.others import Other
from services.intake.move.rules import Entry, MoveRules, Works
from services.intake.project.commands import Ended, ProjectCommand
from services.intake.project.rules import Form
from services.intake.review.likeness import Suspect
from services.intake.review.terms import Terms


class Verdict(StrEnum):
    """通过, 退回补正, 不予入库."""

    PASS = "PASS"  # noqa: S105
    RETURN = "RETURN"
    REJECT = "REJECT"


class DirectEntry(BaseModel):
    """直接入库: what was not planned here goes straight into a later pool, and why it may."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    way: Entry
    rules: MoveRules
    reason: str
    works: Works
    evidence: tuple[Evidence, ...] = ()


class ReportProject(ProjectCommand):
    """报送, or report again after a return. ``on`` is the business day.

    ``ended`` says that the dossier's unit is no more: what it had reported goes on, no more.
    Without ``entry`` the project is planned and goes into 谋划库.
    """

    on: date
    form: Form
    terms: Terms
    not_secret: bool
    accepted_hints: tuple[str, ...] = ()
    ended: Ended | None = None
    entry: DirectEntry | None = None


class WithdrawReport(ProjectCommand):
    """Take back what was handed in, before the city has looked at it."""

    reason: str


class ReviewFirst(ProjectCommand):
    """The city's first review of the edition ``on_revision``; ``suspects`` look like it."""

    verdict: Verdict
    on_revision: int
    terms: Terms
    opinion: str
    remarks: tuple[Remark, ...] = ()
    suspects: tuple[Suspect, ...] = ()


class ReviewFinally(ProjectCommand):
    """The province's review; a return goes to the reporter or to the city.

    ``beside`` are the other projects that an approval changes in the same append, as they stand
    now; None when nobody looked for any.
    """

    verdict: Verdict
    on_revision: int
    on: date
    terms: Terms
    opinion: str
    to: Level = Level.REPORTER
    remarks: tuple[Remark, ...] = ()
    document_number: str | None = None
    beside: tuple[Other, ...] | None = None
    suspects: tuple[Suspect, ...] = ()


class TakeReview(ProjectCommand):
    """领取: the asker means to review what lies with his level."""

    level: Holder


class HandOver(ProjectCommand):
    """转办: what lies with a level goes to a colleague, or to nobody (放回)."""

    level: Holder
    handed_to: str | None
    reason: str


class JudgeDuplicate(ProjectCommand):
    """The city's verdict on this project, as of ``on_revision``, and another that looks like it.

    ``keeps`` names the one that stays if they are the ``same``; whose are a county's was looked up.
    """

    other_id: UUID
    other: Likeness
    on_revision: int
    on: date
    same: bool
    keeps: UUID | None
    own_of_county: bool
    other_of_county: bool
    similarity: int
    reason: str


class TermCommand(BaseModel):
    """What the clock asks on the day ``on`` about the term of a level.

    ``counted`` is that term as the asker read or counted it; it stands in where the fact that
    began the step names none. Who counted it asks with the version that he counted at.
    """

    model_config = ConfigDict(frozen=True)

    project_id: UUID
    level: Holder
    on: date
    counted: Term


class TellOverdue(TermCommand):
    """Tell that a term was over."""


class RecountTerm(TermCommand):
    """Move a term to the days that it has on a revised calendar."""

    new: Term
