"""What the administrator's pages share: for everybody else they are not there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from fastapi import Request
from starlette.datastructures import FormData

from services.console.adapters.office import Answer, Body, FieldProblem, Problem
from services.console.pages.frame import Site
from services.console.pages.session import Visit
from shared.refusals import NotFound
from shared.scope import may

AUDIENCE = "identity"


@dataclass(frozen=True)
class Filled:
    """A form as it was typed: nothing is lost by a refusal."""

    act: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.problem.status if self.problem else 200

    def of(self, act: str, name: str, otherwise: str = "") -> str:
        """Give what was typed into a field of an act."""
        return self.values.get(name, otherwise) if self.act == act else otherwise

    def faults(self, act: str) -> Mapping[str, FieldProblem]:
        """Give what is wrong with the fields of an act."""
        if self.problem is None or self.act != act:
            return {}
        return {one.field.partition(".")[0]: one for one in self.problem.errors}


def read(form: FormData, act: str) -> Filled:
    """Read a form as it was typed."""
    values = {name: str(value).strip() for name, value in form.items() if name != "key"}
    return Filled(act, values, key=str(form.get("key") or uuid4()))


class Administering:
    """Asks identity with the administrator's own token."""

    def __init__(self, site: Site) -> None:
        """Bind to the site."""
        self._site = site

    async def visit(self, request: Request) -> Visit:
        """Give the administrator who is looking.

        Raises:
            NotFound: whoever looks administers nothing.
        """
        visit = await self._site.visit(request)
        if not may(visit.actor, "administer"):
            raise NotFound("没有这个地址。")
        return visit

    async def read(self, visit: Visit, path: str) -> Answer:
        """Fetch a document."""
        return await self._site.identity_desk.read(await self._token(visit), path)

    async def command(self, visit: Visit, path: str, body: Body, key: str) -> Answer:
        """Have something done."""
        token = await self._token(visit)
        return await self._site.identity_desk.command(token, path, body, key=key)

    async def _token(self, visit: Visit) -> str:
        return await self._site.sessions.token(visit.session, AUDIENCE)
