"""Knocks at intake with the user's own token; hands back its answer or its refusal in full."""

from collections.abc import Mapping
from datetime import date
from typing import BinaryIO

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from shared.refusals import Unavailable

Body = Mapping[str, JsonValue]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Reading, checking and marking thousands of rows takes longer than any other request.
_PATIENT = 120.0


class FieldProblem(BaseModel):
    """What intake says about one column."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    field: str = ""
    label: str = ""
    rule: str = ""
    message: str = ""
    remedy: str = ""


class Problem(BaseModel):
    """An RFC 9457 problem document of intake's."""

    model_config = ConfigDict(frozen=True, extra="allow")

    title: str = "没有办理"
    status: int = 409
    detail: str = ""
    code: str = "refused"
    errors: tuple[FieldProblem, ...] = ()


class IntakeRefused(Exception):
    """Intake answered with a problem document."""

    def __init__(self, problem: Problem) -> None:
        """Keep the document."""
        super().__init__(problem.detail)
        self.problem = problem


class Begun(BaseModel):
    """The term that a command began, as its reply names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    due: date
    provisional: bool = False


class Answer(BaseModel):
    """A reply of intake's: the document, the version, and what the command wrote."""

    model_config = ConfigDict(frozen=True)

    document: dict[str, JsonValue]
    version: str
    wrote: str

    @property
    def begun(self) -> Begun | None:
        """The term that began, if one did."""
        term = self.document.get("term")
        return None if term is None else Begun.model_validate(term)


class Checked(BaseModel):
    """What a check of a form says without writing anything."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    errors: tuple[FieldProblem, ...] = ()
    hints: tuple[FieldProblem, ...] = ()


class Intake:
    """The intake service over HTTP."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        """Bind to a client whose base address is intake's."""
        self._http = http

    async def read(self, token: str, path: str) -> Answer:
        """Fetch a document.

        Raises:
            IntakeRefused: not there, or not in this account's scope.
            Unavailable: intake does not answer.
        """
        return await self._ask("GET", token, path, None, {})

    async def command(
        self,
        token: str,
        path: str,
        body: Body,
        *,
        key: str,
        version: str = "",
        method: str = "POST",
    ) -> Answer:
        """Send a command on; ``key`` makes repeating harmless, ``version`` guards against others.

        Raises:
            IntakeRefused: a rule says no, or the version is stale.
            Unavailable: intake does not answer.
        """
        headers = {"Idempotency-Key": key}
        if version:
            headers["If-Match"] = f'"{version}"'
        return await self._ask(method, token, path, body, headers)

    async def check(self, token: str, body: Body) -> Checked:
        """Have a form judged without writing anything."""
        answer = await self._ask("POST", token, "/check", body, {})
        return Checked.model_validate(answer.document)

    async def send_workbook(self, token: str, name: str, file: BinaryIO) -> bytes:
        """Send a spreadsheet on to be read and checked; give the document about it.

        Raises:
            IntakeRefused: it is no workbook that can be read; the sentence says why.
            Unavailable: intake does not answer.
        """
        answer = await self._request(
            "POST", token, "/workbooks", files={"file": (name, file, XLSX)}, patience=_PATIENT
        )
        return answer.content

    async def fetch(self, token: str, path: str) -> httpx.Response:
        """Fetch what is no single document: a list, a file.

        Raises:
            IntakeRefused: not there, or not in this account's scope.
            Unavailable: intake does not answer.
        """
        return await self._request("GET", token, path, patience=_PATIENT)

    async def review_many(self, token: str, path: str, body: Body, *, key: str) -> bytes:
        """Send one verdict on several projects; give what went through and what did not.

        Raises:
            IntakeRefused: none of them may be decided.
            Unavailable: intake does not answer; sent again under the same key it happens once.
        """
        answer = await self._request(
            "POST",
            token,
            path,
            json=dict(body),
            headers={"Idempotency-Key": key},
            patience=_PATIENT,
        )
        return answer.content

    async def _ask(
        self, method: str, token: str, path: str, body: Body | None, headers: Mapping[str, str]
    ) -> Answer:
        answer = await self._request(
            method, token, path, json=None if body is None else dict(body), headers=headers
        )
        return Answer(
            document=answer.json() if answer.content else {},
            version=answer.headers.get("ETag", "").strip('"'),
            wrote=answer.headers.get("Siku-Wrote", ""),
        )

    async def _request(
        self,
        method: str,
        token: str,
        path: str,
        *,
        json: Body | None = None,
        files: Mapping[str, tuple[str, BinaryIO, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float | None = None,
    ) -> httpx.Response:
        try:
            answer = await self._http.request(
                method,
                path,
                json=json,
                files=files,
                headers={"Authorization": f"Bearer {token}", **(headers or {})},
                timeout=httpx.USE_CLIENT_DEFAULT if patience is None else patience,
            )
        except httpx.HTTPError as error:
            raise Unavailable("申报服务暂时没有回应。") from error
        if answer.is_success:
            return answer
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable("申报服务暂时不能办理。")
        try:
            problem = Problem.model_validate(answer.json())
        except (ValidationError, ValueError):
            problem = Problem(status=answer.status_code)
        raise IntakeRefused(problem)
