"""An office's door over HTTP: asked with the user's own token, answered or refused in full."""

from collections.abc import Mapping
from datetime import date
from typing import BinaryIO

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from shared.refusals import Unavailable

Body = Mapping[str, JsonValue]


class FieldProblem(BaseModel):
    """What an office says about one column."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    field: str = ""
    label: str = ""
    rule: str = ""
    message: str = ""
    remedy: str = ""


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(frozen=True, extra="allow")

    title: str = "没有办理"
    status: int = 409
    detail: str = ""
    code: str = "refused"
    errors: tuple[FieldProblem, ...] = ()


class OfficeRefused(Exception):
    """An office answered with a problem document."""

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
    """A reply: the document, the version, and what the command wrote."""

    model_config = ConfigDict(frozen=True)

    document: dict[str, JsonValue]
    version: str
    wrote: str

    @property
    def begun(self) -> Begun | None:
        """The term that began, if one did."""
        term = self.document.get("term")
        return None if term is None else Begun.model_validate(term)


class OfficeDoor:
    """One office over HTTP."""

    def __init__(self, http: httpx.AsyncClient, name: str) -> None:
        """Bind to a client whose base address is the office's; ``name`` is what people call it."""
        self._http = http
        self._name = name

    async def read(self, token: str, path: str) -> Answer:
        """Fetch a document.

        Raises:
            OfficeRefused: not there, or not in this account's scope.
            Unavailable: the office does not answer.
        """
        return await self.ask("GET", token, path, None, {})

    async def command(
        self,
        token: str,
        path: str,
        body: Body,
        *,
        key: str,
        version: str = "",
        method: str = "POST",
        patience: float | None = None,
    ) -> Answer:
        """Send a command on; ``key`` makes repeating harmless, ``version`` guards against others.

        Raises:
            OfficeRefused: a rule says no, or the version is stale.
            Unavailable: the office does not answer.
        """
        headers = {"Idempotency-Key": key}
        if version:
            headers["If-Match"] = f'"{version}"'
        return await self.ask(method, token, path, body, headers, patience)

    async def ask(
        self,
        method: str,
        token: str,
        path: str,
        body: Body | None,
        headers: Mapping[str, str],
        patience: float | None = None,
    ) -> Answer:
        """Ask for a document.

        Raises:
            OfficeRefused: the office says no.
            Unavailable: the office does not answer.
        """
        answer = await self.request(
            method,
            token,
            path,
            json=None if body is None else dict(body),
            headers=headers,
            patience=patience,
        )
        return Answer(
            document=answer.json() if answer.content else {},
            version=answer.headers.get("ETag", "").strip('"'),
            wrote=answer.headers.get("Siku-Wrote", ""),
        )

    async def request(
        self,
        method: str,
        token: str,
        path: str,
        *,
        json: Body | None = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, BinaryIO, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float | None = None,
    ) -> httpx.Response:
        """Ask for whatever is no single document: a list, a file.

        Raises:
            OfficeRefused: the office says no.
            Unavailable: the office does not answer.
        """
        try:
            answer = await self._http.request(
                method,
                path,
                json=json,
                data=data,
                files=files,
                headers={"Authorization": f"Bearer {token}", **(headers or {})},
                timeout=httpx.USE_CLIENT_DEFAULT if patience is None else patience,
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"{self._name}服务暂时没有回应。") from error
        if answer.is_success:
            return answer
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable(f"{self._name}服务暂时不能办理。")
        try:
            problem = Problem.model_validate(answer.json())
        except (ValidationError, ValueError):
            problem = Problem(status=answer.status_code)
        raise OfficeRefused(problem)
