"""操作记录: what was done and by whom, what was refused to whom, who came in from where."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from services.console.pages.accounts import Came
from services.console.pages.administering import Administering
from services.console.pages.deeds import (
    RESULTS,
    People,
    moment,
    page_of,
    read_deeds,
    read_people,
    tell,
    who,
)
from services.console.pages.exporting import every_page, give
from services.console.pages.frame import Site
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Cell, Column
from shared.refusals import NotFound
from shared.units import Units

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
    async def trail(request: Request, export: str = "") -> Response:
        visit = await desk.visit(request)
        try:
            asked = Asked.model_validate(dict(request.query_params))
        except ValueError as error:
            raise NotFound("筛选条件读不出来，请从操作记录页重新进入。") from error
        if export:
            return await taken(request, visit, asked)
        document = await page_of_trail(visit, asked)
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

    async def page_of_trail(visit: Visit, asked: Asked) -> Mapping[str, JsonValue]:
        query = urlencode(asked.model_dump(mode="json", exclude_defaults=True))
        return (await desk.read(visit, f"{_PATH}?{query}")).document

    async def taken(request: Request, visit: Visit, asked: Asked) -> Response:
        today = site.clock.today()

        async def page(number: int) -> tuple[list[tuple[str, ...]], bool]:
            document = await page_of_trail(visit, asked.model_copy(update={"page": number}))
            people, rows = read_people(document["people"]), document["rows"]
            lines = list(_lines(asked.what, rows, people, visit.units, today))
            return lines, bool(document["more"])

        said = list(filter(None, (asked.q, str(asked.day or ""))))
        rows, when = await every_page(page), await site.moment("")
        return await give(
            site, request, visit, when, WHAT[asked.what], _COLUMNS[asked.what], rows, said
        )

    return router


def _lines(
    what: str, rows: JsonValue, people: People, units: Units, today: date
) -> Iterator[tuple[str, ...]]:
    if what == "acts":
        for line in (tell(deed, people, units, today) for deed in read_deeds(rows)):
            yield line.at, line.what, line.about, line.words, line.by
    for row in rows if isinstance(rows, list) else ():
        if what == "refused":
            one = Refused.model_validate(row)
            asked = f"{one.method} {one.path}"
            by = who(one.account, people)
            yield moment(one.at), asked, str(one.status), one.detail, by, one.address
        elif what == "sign-ins":
            came = Came.model_validate(row)
            by = who(came.account, people) if came.account else "没有这个账号"
            result = RESULTS.get(came.result, ("", came.result))[1]
            yield moment(came.at), by, result, came.address


def _text_columns(*titles: str) -> tuple[Column[tuple[str, ...]], ...]:
    def at(place: int) -> Callable[[tuple[str, ...]], Cell]:
        return lambda row: row[place]

    return tuple(Column(title, at(place)) for place, title in enumerate(titles))


_COLUMNS = {
    "acts": _text_columns("时间", "办理", "对象", "内容", "由谁"),
    "refused": _text_columns("时间", "请求", "结果", "说明", "由谁", "来自"),
    "sign-ins": _text_columns("时间", "账号", "结果", "来自"),
}
