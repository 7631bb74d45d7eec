"""Knocks at intake with the user's own token; hands back its answer or its refusal in full."""

from typing import BinaryIO

import httpx
from pydantic import BaseModel, ConfigDict

from services.console.adapters.office import (
    Answer,
    Body,
    FieldProblem,
    OfficeDoor,
    OfficeRefused,
    Problem,
)
from shared.spreadsheets import XLSX

__all__ = [
    "Answer",
    "Body",
    "Checked",
    "FieldProblem",
    "Intake",
    "IntakeRefused",
    "KeptFile",
    "Problem",
]

IntakeRefused = OfficeRefused
# Reading, checking and marking thousands of rows takes longer than any other request.
_PATIENT = 120.0


class Checked(BaseModel):
    """What a check of a form says without writing anything."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    errors: tuple[FieldProblem, ...] = ()
    hints: tuple[FieldProblem, ...] = ()


class KeptFile(BaseModel):
    """A file that intake keeps until a fact names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sha256: str
    name: str
    size: int


class Intake(OfficeDoor):
    """The intake service over HTTP."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        """Bind to a client whose base address is intake's."""
        super().__init__(http, "申报")

    async def check(self, token: str, body: Body, project_id: str = "") -> Checked:
        """Have a form judged without writing anything; of a project that is there, if named."""
        of_project = f"?project={project_id}" if project_id else ""
        answer = await self.ask("POST", token, f"/check{of_project}", body, {})
        return Checked.model_validate(answer.document)

    async def send_workbook(
        self, token: str, name: str, file: BinaryIO, *, not_secret: bool
    ) -> bytes:
        """Send a spreadsheet on to be read and checked; give the document about it.

        Raises:
            IntakeRefused: it is no workbook that can be read; the sentence says why.
            Unavailable: intake does not answer.
        """
        answer = await self.request(
            "POST",
            token,
            "/workbooks",
            data={"not_secret": "true" if not_secret else "false"},
            files={"file": (name, file, XLSX)},
            patience=_PATIENT,
        )
        return answer.content

    async def send_sheet(self, token: str, path: str, name: str, file: BinaryIO) -> bytes:
        """Send a sheet of our own making on to be checked; give the document about it.

        Raises:
            IntakeRefused: it is no workbook that can be read; the sentence says why.
            Unavailable: intake does not answer.
        """
        answer = await self.request(
            "POST", token, path, files={"file": (name, file, XLSX)}, patience=_PATIENT
        )
        return answer.content

    async def send_file(self, token: str, name: str, file: BinaryIO) -> KeptFile:
        """Send evidence on to be kept.

        Raises:
            IntakeRefused: it is no file that is kept; the sentence says why.
            Unavailable: intake does not answer.
        """
        kind = "application/octet-stream"
        answer = await self.request(
            "POST", token, "/files", files={"file": (name, file, kind)}, patience=_PATIENT
        )
        return KeptFile.model_validate_json(answer.content)

    async def fetch(self, token: str, path: str) -> httpx.Response:
        """Fetch what is no single document: a list, a file.

        Raises:
            IntakeRefused: not there, or not in this account's scope.
            Unavailable: intake does not answer.
        """
        return await self.request("GET", token, path, patience=_PATIENT)

    async def review_many(self, token: str, path: str, body: Body, *, key: str) -> bytes:
        """Send one verdict on several projects; give what went through and what did not.

        Raises:
            IntakeRefused: none of them may be decided.
            Unavailable: intake does not answer; sent again under the same key it happens once.
        """
        answer = await self.request(
            "POST",
            token,
            path,
            json=dict(body),
            headers={"Idempotency-Key": key},
            patience=_PATIENT,
        )
        return answer.content
