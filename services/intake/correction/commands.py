"""What a unit may ask about facts that were accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.intake import Evidence, ProjectFacts
from services.intake.project.commands import ProjectCommand
from services.intake.project.rules import Form
from services.intake.review.terms import Terms


@dataclass(frozen=True)
class CorrectionRules:
    """Which columns are corrected on papers only, and which sorts of papers there are."""

    columns_on_papers: frozenset[str]
    evidence: Mapping[str, str]


class RequestCorrection(ProjectCommand):
    """更正申请: the columns as they shall be, and why; once more after a return."""

    application_id: UUID
    on: date
    facts: ProjectFacts
    reason: str
    evidence: tuple[Evidence, ...]
    form: Form
    terms: Terms
    rules: CorrectionRules
    not_secret: bool
    accepted_hints: tuple[str, ...] = ()
