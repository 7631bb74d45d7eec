"""What is told of an uploaded workbook."""

from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.intake.words import FileNoted, Yuan


class WorkbookReceived(Fact):
    """A unit sent a workbook and it was checked (核对); nothing of it was taken in yet.

    ``rows`` counts its filled rows, of which ``acceptable`` may be taken in, ``wrong`` may not
    and ``unchanged`` are there already; ``total_investment`` is the sum of the acceptable ones.
    """

    kind: Literal["intake.workbook.received.v1"] = "intake.workbook.received.v1"
    upload_id: UUID
    receipt: str
    org: str
    file: FileNoted
    rows: int
    acceptable: int
    wrong: int
    unchanged: int
    total_investment: Yuan


class WorkbookAccepted(Fact):
    """The rows of a workbook were taken in (接收); each is a fact of its own project."""

    kind: Literal["intake.workbook.accepted.v1"] = "intake.workbook.accepted.v1"
    upload_id: UUID
    org: str
    mode: Literal["valid", "all"]
    accepted: int
    refused: int
    unchanged: int
