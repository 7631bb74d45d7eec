"""导出记录: who took which list away as a file, under which filter; for the administrator."""

from datetime import date
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.console.adapters.export_log import Noted
from services.console.pages import names
from services.console.pages.administering import Administering
from services.console.pages.exporting import MOST_ROWS, give
from services.console.pages.frame import Site
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.refusals import NotFound
from shared.units import Units

_PATH = "/exports"
_WORDS = {
    "as_of": "截至",
    "category": "产业类别",
    "least": "总投资不低于（万元）",
    "matter": "事项",
    "name": "查找",
    "org": "单位",
    "pool": "库",
    "q": "查找",
    "region": "地区",
    "reported": "报送月份",
    "show": "只看",
    "sort": "次序",
    "stage": "状态",
    "standing": "在库状态",
    "view": "查看方式",
}
"""What the parts of an address are called; others stand as they are."""
_PAGE_ROWS = 50


class Asked(BaseModel):
    """The filter, as it stands in the address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    org: Annotated[str, Field(max_length=16, pattern=r"^[^\x00]*$")] = ""
    day: Annotated[date | None, BeforeValidator(lambda value: value or None)] = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    @property
    def said(self) -> tuple[str, ...]:
        """The filter in words."""
        return tuple(filter(None, (self.q, self.org, str(self.day or ""))))

    def address(self, **changes: object) -> str:
        """Give the address of the list with other answers to some questions."""
        asked = {**self.model_dump(mode="json"), "page": 1, **changes}
        query = {name: value for name, value in asked.items() if value not in {None, "", 1}}
        return f"{_PATH}?{urlencode(query)}"


class _Account(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    account: UUID
    name: str


def pages(site: Site) -> APIRouter:
    """Give the route of the log."""
    router = APIRouter()
    desk = Administering(site)

    @router.get(_PATH)
    async def exports(request: Request, export: str = "") -> Response:
        visit = await desk.visit(request)
        try:
            asked = Asked.model_validate(dict(request.query_params))
        except ValueError as error:
            raise NotFound("筛选条件读不出来，请从导出记录页重新进入。") from error
        people = await who(visit, asked.q)
        accounts = list(people) if asked.q else None
        if export:
            rows = await site.exports.last(accounts, asked.org, asked.day, 1, MOST_ROWS)
            when, columns = await site.moment(""), _columns(people, visit.units, site.clock.today())
            return await give(site, request, visit, when, "导出记录", columns, rows, asked.said)
        rows = await site.exports.last(accounts, asked.org, asked.day, asked.page, _PAGE_ROWS)
        return await site.render(
            request,
            "exports.html",
            visit,
            title="导出记录",
            current="exports",
            asked=asked,
            found=rows[:_PAGE_ROWS],
            more=len(rows) > _PAGE_ROWS,
            people=people,
            filter_of=filter_of,
        )

    async def who(visit: Visit, wanted: str) -> dict[str, str]:
        """Give the names behind account ids: of those looked for, or of all."""
        document = (await desk.read(visit, f"/accounts?{urlencode({'q': wanted})}")).document
        rows = document["accounts"]
        found = [_Account.model_validate(row) for row in rows] if isinstance(rows, list) else []
        return {str(one.account): one.name for one in found}

    return router


def filter_of(noted: Noted) -> str:
    """Give what was asked for: the names and values of the filter as they stood in the address."""
    asked = parse_qsl(urlsplit(noted.taken.asked).query)
    return "；".join(f"{_WORDS.get(name, name)}：{value}" for name, value in asked) or "全部"


def _columns(people: dict[str, str], units: Units, on: date) -> tuple[Column[Noted], ...]:
    return (
        Column("时间", lambda row: row.at),
        Column("谁", lambda row: people.get(row.account, row.account)),
        Column("角色", lambda row: names.role(row.role)),
        Column("单位", lambda row: names.organisation(row.org, units, on)),
        Column("清单", lambda row: row.taken.list),
        Column("地址和筛选", lambda row: row.taken.asked),
        Column("格式", lambda row: row.taken.format),
        Column("行数", lambda row: row.taken.rows),
        Column("编号", lambda row: str(row.taken.export_id)),
        Column("文件指纹", lambda row: row.taken.sha256),
    )
