"""What may be asked of an uploaded workbook."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.intake import FileNoted


class UploadCommand(BaseModel):
    """A command of this room."""

    model_config = ConfigDict(frozen=True)

    upload_id: UUID
    org: str


class ReceiveWorkbook(UploadCommand):
    """Note a workbook that was read and checked, with what was counted."""

    receipt: str
    file: FileNoted
    rows: int
    acceptable: int
    wrong: int
    unchanged: int
    total_investment: int


class FinishAcceptance(UploadCommand):
    """Note that the rows were taken in."""

    mode: Literal["valid", "all"]
    accepted: int
    refused: int
    unchanged: int
