"""What is told of the three levels: 县级报送, 市级初审, 省级审核 (晋市政办〔2019〕16号 十六条)."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.intake.words import (
    Evidence,
    Holder,
    Level,
    Likeness,
    Month,
    Pool,
    Remark,
    Term,
)


class ReviewSubmitted(Fact):
    """The unit reported an edition of the dossier for review (报送).

    ``submitted_by`` is the opaque account id: nobody may review what he reported himself.
    What the province sent back goes straight ``to`` it again where the rules say so.
    ``term`` is that of whoever it goes to; facts from before terms were counted have none, here
    and below.
    ``transition`` and ``pool`` say where to: T01 into 谋划库, T02 or T03 straight into a later pool
    (直接入库), for a ``reason`` and with papers.
    """

    kind: Literal["intake.review.submitted.v1"] = "intake.review.submitted.v1"
    project_id: UUID
    owner_org: str
    revision: int
    round: int
    report_month: Month
    submitted_on: date
    submitted_by: str
    hints_accepted: tuple[str, ...] = ()
    to: Holder = Holder.CITY
    term: Term | None = None
    transition: str = "T01"
    pool: Pool = Pool.PLAN
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class ReviewWithdrawn(Fact):
    """The unit took its report back before the city had looked at it (撤回)."""

    kind: Literal["intake.review.withdrawn.v1"] = "intake.review.withdrawn.v1"
    project_id: UUID
    revision: int
    reason: str


class ReviewPassedFirst(Fact):
    """The city passed its first review (市级初审通过); the province's ``term`` begins."""

    kind: Literal["intake.review.passed_first.v1"] = "intake.review.passed_first.v1"
    project_id: UUID
    revision: int
    reviewed_by: str
    opinion: str
    term: Term | None = None


class ReviewReturned(Fact):
    """A reviewer sent the dossier back with remarks (退回补正). A verdict, not an exit.

    ``term`` is the reporter's to report again, or the city's to review anew.
    """

    kind: Literal["intake.review.returned.v1"] = "intake.review.returned.v1"
    project_id: UUID
    revision: int
    returned_by: Literal["CITY", "PROVINCE"]
    to: Level
    opinion: str
    remarks: tuple[Remark, ...] = ()
    term: Term | None = None


class ReviewRejected(Fact):
    """City or province refused admission for good (不予入库)."""

    kind: Literal["intake.review.rejected.v1"] = "intake.review.rejected.v1"
    project_id: UUID
    revision: int
    rejected_by: Literal["CITY", "PROVINCE"]
    opinion: str


class ReviewApproved(Fact):
    """The province approved (省级审核通过); the admission takes effect with it."""

    kind: Literal["intake.review.approved.v1"] = "intake.review.approved.v1"
    project_id: UUID
    revision: int
    opinion: str
    document_number: str | None = None


class ReviewOverdue(Fact):
    """A term of review was over with nothing done (超期). Told once a term."""

    kind: Literal["intake.review.overdue.v1"] = "intake.review.overdue.v1"
    project_id: UUID
    level: Holder
    due: date
    told_on: date


class ReviewTermMoved(Fact):
    """The calendar was revised while a term ran, and its days moved (期限重算)."""

    kind: Literal["intake.review.term_moved.v1"] = "intake.review.term_moved.v1"
    project_id: UUID
    level: Holder
    old: Term
    new: Term


class ReviewTaken(Fact):
    """A reviewer took a dossier from his level's queue (领取): the others see that he is at it."""

    kind: Literal["intake.review.taken.v1"] = "intake.review.taken.v1"
    project_id: UUID
    level: Holder
    taken_by: str


class ReviewHandedOver(Fact):
    """A dossier went from one reviewer to another of the same level (转办), or to nobody."""

    kind: Literal["intake.review.handed_over.v1"] = "intake.review.handed_over.v1"
    project_id: UUID
    level: Holder
    handed_to: str | None
    reason: str


class DuplicateJudged(Fact):
    """The city looked at two projects side by side and judged whether they are one (查重裁定).

    It is told in both projects' streams. ``keeps`` is the one that stays where they are one.
    ``own`` and ``other`` are what was compared: of the same two it is not asked again.
    """

    kind: Literal["intake.review.duplicate_judged.v1"] = "intake.review.duplicate_judged.v1"
    project_id: UUID
    other_id: UUID
    verdict: Literal["DISTINCT", "DUPLICATE"]
    keeps: UUID | None
    own: Likeness
    other: Likeness
    similarity: int
    reason: str
    judged_on: date
    judged_by: str
