"""The bodies of applications for a move, and of a report straight into a later pool."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from services.intake.doors.evidence import Papers
from services.intake.doors.forms import Body, Line, ProjectForm, ReportForm, blank_is_open

Code = Annotated[str, StringConstraints(pattern=r"^T[A-Z0-9]{2}$")]


class MoveForm(Body):
    """调库申请."""

    transition: Code
    reason: Line = ""
    evidence: Papers = ()
    hold_until: Annotated[date | None, BeforeValidator(blank_is_open)] = None
    resume_when: Line = ""
    absorbs: UUID | None = None
    duplicate: bool = False
    parts: Annotated[tuple[ProjectForm, ...], Field(max_length=20)] = ()


class EntryForm(Body):
    """直接入库: by which way, why, on which papers."""

    transition: Code
    reason: Line = ""
    evidence: Papers = ()


class ReportOrEnterForm(ReportForm):
    """报送; with ``entry`` straight into a later pool."""

    entry: EntryForm | None = None
