"""Knocks at the operators' door of each service that keeps views, with the operator's own token."""

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from shared.refusals import NotFound, Refusal, Unavailable
from shared.viewing.door import PREFIX, Given, Outcomes, Page, Shown

# Trying every stream of a view again may take longer than a page may otherwise.
_PATIENT = 120.0

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class NotDone(Refusal):
    """The service that keeps the view says no; its own sentence says why."""

    code = "not_done"
    title = "没有办成"


class _Problem(BaseModel):
    detail: str = "没有办成。"


class ViewsDoor:
    """The services that keep views, by name: each answers the same questions over its own."""

    def __init__(self, services: Mapping[str, httpx.AsyncClient]) -> None:
        """Bind to a client for each service."""
        self._services = services

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the services."""
        return tuple(self._services)

    async def listed(self, service: str, token: str, asked: Mapping[str, str]) -> Page:
        """Give a page of what is set aside."""
        return await self._ask(Page, service, token, "GET", "/parked", params=asked)

    async def shown(self, service: str, token: str, view: str, stream: str, version: int) -> Shown:
        """Give one fact set aside, without what it says."""
        place = {"view": view, "stream": stream, "version": str(version)}
        return await self._ask(Shown, service, token, "GET", "/parked/fact", params=place)

    async def given_up(self, service: str, token: str) -> Given:
        """Give what operators gave up."""
        return await self._ask(Given, service, token, "GET", "/discarded")

    async def replay(self, service: str, token: str, view: str, stream: str | None) -> Outcomes:
        """Have one stream, or all of a view, tried again."""
        asked = {"view": view, "stream": stream}
        return await self._ask(
            Outcomes, service, token, "POST", "/parked/replay", json=asked, timeout=_PATIENT
        )

    async def discard(
        self, service: str, token: str, view: str, stream: str, version: int, reason: str
    ) -> Outcomes:
        """Have one fact given up."""
        asked = {"view": view, "stream": stream, "version": version, "reason": reason}
        return await self._ask(Outcomes, service, token, "POST", "/parked/discard", json=asked)

    async def _ask(
        self,
        answer: type[AnswerT],
        service: str,
        token: str,
        method: str,
        path: str,
        **sent: Any,
    ) -> AnswerT:
        """Ask one service.

        Raises:
            NotFound: there is no such service, view or fact.
            NotDone: the service refuses.
            Unavailable: it does not answer.
        """
        client = self._services.get(service)
        if client is None:
            raise NotFound("没有这项服务。")
        try:
            said = await client.request(
                method, PREFIX + path, headers={"Authorization": f"Bearer {token}"}, **sent
            )
        except httpx.HTTPError as error:
            raise Unavailable("保存视图的服务暂时没有回应。") from error
        if said.is_success:
            return answer.model_validate_json(said.content)
        if said.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable("保存视图的服务暂时不能办理。")
        try:
            problem = _Problem.model_validate_json(said.content)
        except ValidationError:
            problem = _Problem()
        raise NotFound(problem.detail) if said.status_code == 404 else NotDone(problem.detail)
