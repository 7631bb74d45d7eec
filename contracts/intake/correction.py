"""What is told of facts that were accepted and turn out wrong or changed (更正)."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.intake.words import Evidence, Holder, Month, ProjectFacts, Term


class CorrectionRequested(Fact):
    """The unit asks that accepted facts be corrected (更正申请); they hold until it is approved.

    ``facts`` are the columns as they would be, ``changed`` names those that differ.
    """

    kind: Literal["intake.correction.requested.v1"] = "intake.correction.requested.v1"
    project_id: UUID
    application_id: UUID
    owner_org: str
    revision: int
    round: int
    facts: ProjectFacts
    changed: tuple[str, ...]
    reason: str
    evidence: tuple[Evidence, ...] = ()
    report_month: Month
    requested_on: date
    requested_by: str
    to: Holder = Holder.CITY
    term: Term | None = None


class CorrectionWithdrawn(Fact):
    """The unit took its request back; nothing changed."""

    kind: Literal["intake.correction.withdrawn.v1"] = "intake.correction.withdrawn.v1"
    project_id: UUID
    application_id: UUID
    reason: str


class CorrectionRefused(Fact):
    """City or province refused the correction; what was accepted holds."""

    kind: Literal["intake.correction.refused.v1"] = "intake.correction.refused.v1"
    project_id: UUID
    application_id: UUID
    revision: int
    refused_by: Literal["CITY", "PROVINCE"]
    opinion: str


class CorrectionApproved(Fact):
    """The province approved the correction; the corrected facts are told beside it."""

    kind: Literal["intake.correction.approved.v1"] = "intake.correction.approved.v1"
    project_id: UUID
    application_id: UUID
    revision: int
    opinion: str
    document_number: str | None = None


class ProjectCorrected(Fact):
    """The facts of a project are these from now on (更正生效); what they were stays in the log."""

    kind: Literal["intake.correction.corrected.v1"] = "intake.correction.corrected.v1"
    project_id: UUID
    application_id: UUID
    revision: int
    facts: ProjectFacts
    changed: tuple[str, ...]
    reason: str
    corrected_on: date
