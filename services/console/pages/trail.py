"""操作记录: what was done and by whom, what was refused to whom, who came in from where."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.console.pages.accounts import Came
from services.console.pages.administering import Administering
from services.console.pages.deeds import (
    RESULTS,
    moment,
    page_of,
    read_deeds,
    read_people,
    tell,
    who,
)
from services.console.pages.frame import Site
from shared.refusals import NotFound

_PATH = "/trail"
WHAT = {"acts": "办理", "refused": "被拒绝的请求", "sign-ins": "登录"}


class Asked(BaseModel):
    """The filter, as it stands in the address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    what: Literal["acts", "refused", "sign-ins"] = "acts"
    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    day: Annotated[date | None, BeforeValidator(lambda value: value or None)] = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    def address(self, **changes: object) -> str:
        """Give the address of the list with other answers to some questions."""
        asked = {**self.model_dump(mode="json"), "page": 1, **changes}
        query = {name: value for name, value in asked.items() if value not in {None, "", 1}}
        return f"{_PATH}?{urlencode(query)}"


class Refused(BaseModel):
    """What somebody was refused."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: str
    account: str
    role: str
    org: str
    method: str
    path: str
    status: int
    code: str
    detail: str
    address: str


def pages(site: Site) -> APIRouter:
    """Give the route of the trail."""
    router = APIRouter()
    desk = Administering(site)

    @router.get(_PATH)
    async def trail(request: Request) -> Response:
        visit = await desk.visit(request)
        try:
            asked = Asked.model_validate(dict(request.query_params))
        except ValueError as error:
            raise NotFound("筛选条件读不出来，请从操作记录页重新进入。") from error
        query = urlencode(asked.model_dump(mode="json", exclude_defaults=True))
        document = (await desk.read(visit, f"{_PATH}?{query}")).document
        rows, people = document["rows"], read_people(document["people"])
        given = rows if isinstance(rows, list) else []
        return await site.render(
            request,
            "trail.html",
            visit,
            title="操作记录",
            current="trail",
            asked=asked,
            what=WHAT,
            lines=(
                [tell(deed, people, visit.units, site.clock.today()) for deed in read_deeds(rows)]
                if asked.what == "acts"
                else []
            ),
            refused=[Refused.model_validate(r) for r in given] if asked.what == "refused" else [],
            came=[Came.model_validate(r) for r in given] if asked.what == "sign-ins" else [],
            more=document["more"],
            who=lambda account: who(account, people) if account else "没有这个账号",
            page_of=lambda account: page_of(account, people),
            results=RESULTS,
            when_at=moment,
        )

    return router
