"""What may be asked of a project's way between the pools."""

from datetime import date
from uuid import UUID

from contracts.intake import Evidence, Pool, ProjectFacts, Source, SplitPart
from services.intake.move.others import Other
from services.intake.move.permits import Permits
from services.intake.move.rules import MoveRules, Works
from services.intake.project.commands import ProjectCommand
from services.intake.project.rules import Form
from services.intake.review.terms import Terms


class ApplyForMove(ProjectCommand):
    """调库申请, or the same once more after a return. ``on`` is the business day.

    ``absorbs`` is the project that a merger would end, ``works`` what was reported of the works
    and ``permits`` what was told of its approvals, all looked up.
    """

    application_id: UUID
    on: date
    transition: str
    reason: str
    rules: MoveRules
    works: Works
    permits: Permits = Permits()
    terms: Terms
    form: Form
    evidence: tuple[Evidence, ...] = ()
    hold_until: date | None = None
    resume_when: str = ""
    absorbs: Other | None = None
    duplicate: bool = False
    parts: tuple[SplitPart, ...] = ()


class MergeInto(ProjectCommand):
    """End a project because another takes it in: asked of its own stream."""

    into: UUID
    into_name: str
    duplicate: bool
    on: date


class EnterAsPart(ProjectCommand):
    """Begin a project that comes out of a split: asked of its own new stream."""

    owner_org: str
    owner_name: str
    facts: ProjectFacts
    pool: Pool
    parent_id: UUID
    entered_on: date
    pool_since: date
    on: date
    report_month: str
    source: Source
