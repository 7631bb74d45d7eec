"""What is told of moves between pools (调库): the application, its end, what became of it.

Between application and end the three levels speak as they do of an admission (``review``).
"""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.envelope import Fact, Part
from contracts.intake.words import (
    Evidence,
    Holder,
    Month,
    MoveEffect,
    Pool,
    ProjectFacts,
    Term,
    Yuan,
)


class SplitPart(Part):
    """One project that comes out of a split (拆分): its id and its own columns."""

    project_id: UUID
    facts: ProjectFacts


class MoveApplied(Fact):
    """The unit applied for a move (调库申请). A resubmission is a new edition and round.

    ``transition`` is a row of the policy of moves (T12 转前期 … TX6 拆分), ``effect`` what it does.
    ``revision`` is an edition of the dossier of its own, with the same facts: a verdict names it,
    and so can mean no other application. ``to_pool`` is None where the project leaves its
    pool for none; ``absorbs`` is the project that a merger ends; ``hold_until`` and
    ``resume_when`` say how long and for what a project waits.
    """

    kind: Literal["intake.move.applied.v1"] = "intake.move.applied.v1"
    project_id: UUID
    application_id: UUID
    owner_org: str
    revision: int
    round: int
    transition: str
    effect: MoveEffect
    from_pool: Pool
    to_pool: Pool | None
    fast_track: bool = False
    reason: str
    evidence: tuple[Evidence, ...] = ()
    hold_until: date | None = None
    resume_when: str | None = None
    absorbs: UUID | None = None
    duplicate: bool = False
    parts: tuple[SplitPart, ...] = ()
    report_month: Month
    applied_on: date
    applied_by: str
    to: Holder = Holder.CITY
    term: Term | None = None


class MoveWithdrawn(Fact):
    """The unit took its application back; the project stays where it was."""

    kind: Literal["intake.move.withdrawn.v1"] = "intake.move.withdrawn.v1"
    project_id: UUID
    application_id: UUID
    reason: str


class MoveRefused(Fact):
    """City or province refused the move; the project stays where it was."""

    kind: Literal["intake.move.refused.v1"] = "intake.move.refused.v1"
    project_id: UUID
    application_id: UUID
    revision: int
    refused_by: Literal["CITY", "PROVINCE"]
    opinion: str


class MoveApproved(Fact):
    """The province approved the move; what it came to is told beside it."""

    kind: Literal["intake.move.approved.v1"] = "intake.move.approved.v1"
    project_id: UUID
    application_id: UUID
    revision: int
    opinion: str
    document_number: str | None = None


class ProjectMoved(Fact):
    """A project went from one pool to another: forward, or back where it does not belong (回库).

    ``total_investment`` is that of the day, by which conversion by amount is reckoned.
    """

    kind: Literal["intake.move.moved.v1"] = "intake.move.moved.v1"
    project_id: UUID
    transition: str
    from_pool: Pool
    to_pool: Pool
    fast_track: bool = False
    total_investment: Yuan
    reason: str
    moved_on: date


class ProjectHeld(Fact):
    """A project waits (暂缓), until a day and for a reason; it stays in its pool's count."""

    kind: Literal["intake.move.held.v1"] = "intake.move.held.v1"
    project_id: UUID
    pool: Pool
    reason: str
    resume_when: str
    hold_until: date
    held_on: date


class ProjectResumed(Fact):
    """What a project waited for is there; it goes on in the pool that it waited in (恢复)."""

    kind: Literal["intake.move.resumed.v1"] = "intake.move.resumed.v1"
    project_id: UUID
    pool: Pool
    reason: str
    resumed_on: date


class ProjectEnded(Fact):
    """A project will not be carried out (终止). It stays in the denominator of conversion."""

    kind: Literal["intake.move.ended.v1"] = "intake.move.ended.v1"
    project_id: UUID
    pool: Pool
    reason: str
    ended_on: date


class ProjectTakenOut(Fact):
    """A project is not this city's, was reported in error or twice (调出); it counts no more."""

    kind: Literal["intake.move.taken_out.v1"] = "intake.move.taken_out.v1"
    project_id: UUID
    pool: Pool
    total_investment: Yuan
    reason: str
    taken_out_on: date


class ProjectAbsorbed(Fact):
    """A project took in another (合并): told in the stream of the one that stays.

    ``added_investment`` is 0 where both were the same project reported twice (``duplicate``).
    """

    kind: Literal["intake.move.absorbed.v1"] = "intake.move.absorbed.v1"
    project_id: UUID
    absorbed_id: UUID
    absorbed_name: str
    duplicate: bool
    added_investment: Yuan
    revision: int
    facts: ProjectFacts
    pool: Pool
    absorbed_on: date


class ProjectMerged(Fact):
    """A project went into another (合并): told in the stream of the one that ends."""

    kind: Literal["intake.move.merged.v1"] = "intake.move.merged.v1"
    project_id: UUID
    merged_into: UUID
    merged_into_name: str
    duplicate: bool
    pool: Pool
    total_investment: Yuan
    merged_on: date


class ProjectSplit(Fact):
    """A project became several (拆分), whose investment adds up to its own.

    Each part is pooled beside it (``ProjectPooled`` with ``parent_id``).
    """

    kind: Literal["intake.move.split.v1"] = "intake.move.split.v1"
    project_id: UUID
    parts: tuple[UUID, ...]
    pool: Pool
    total_investment: Yuan
    split_on: date
