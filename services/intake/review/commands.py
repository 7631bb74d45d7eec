"""What may be asked of a dossier's way through the three levels."""

from datetime import date
from enum import StrEnum

from contracts.intake import Level, Remark
from services.intake.project.commands import ProjectCommand
from services.intake.project.rules import Form


class Verdict(StrEnum):
    """通过, 退回补正, 不予入库."""

    PASS = "PASS"  # noqa: S105
    RETURN = "RETURN"
    REJECT = "REJECT"


class ReportProject(ProjectCommand):
    """报送, or report again after a return. ``on`` is the business day."""

    on: date
    form: Form
    not_secret: bool
    accepted_hints: tuple[str, ...] = ()


class WithdrawReport(ProjectCommand):
    """Take a report back before the city has looked at it."""

    reason: str


class ReviewFirst(ProjectCommand):
    """The city's first review of the edition ``on_revision``."""

    verdict: Verdict
    on_revision: int
    opinion: str
    remarks: tuple[Remark, ...] = ()


class ReviewFinally(ProjectCommand):
    """The province's review; a return goes to the reporter or to the city."""

    verdict: Verdict
    on_revision: int
    on: date
    opinion: str
    to: Level = Level.REPORTER
    remarks: tuple[Remark, ...] = ()
    document_number: str | None = None
