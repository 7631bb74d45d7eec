"""The bodies of applications for a move, and of a report straight into a later pool."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from services.intake.doors.evidence import Papers
from services.intake.doors.forms import Body, ColumnsForm, Line, ReportForm, blank_is_open

Code = Annotated[str, StringConstraints(pattern=r"^T[A-Z0-9]{2}$")]


class MoveForm(Body):
    """调库申请; the parts of a split are filled in like any project, but for whom to call."""

    transition: Code
    reason: Line = ""
    evidence: Papers = ()
    hold_until: Annotated[date | None, BeforeValidator(blank_is_open)] = None
    resume_when: Line = ""
    absorbs: UUID | None = None
    duplicate: bool = False
    parts: Annotated[tuple[ColumnsForm, ...], Field(max_length=20)] = ()


class ReportOrEnterForm(ReportForm):
    """报送; with ``transition`` straight into a later pool (直接入库), for a reason, on papers."""

    transition: Code | None = None
    reason: Line = ""
    evidence: Papers = ()
