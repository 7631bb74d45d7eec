"""查阅记录: who read whose name and telephone, what for, and when. Ids only, never a name."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.console.pages.administering import Administering
from services.console.pages.deeds import moment
from services.console.pages.exporting import every_page, give
from services.console.pages.frame import Site
from services.console.pages.names import organisation, role
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.refusals import NotFound
from shared.scope import may
from shared.units import Units

_PATH = "/contact-reads"
PURPOSES = {
    "REACH": "联系负责人",
    "VERIFY": "核对填报",
    "MARKED_FILE": "下载标注文件",
    "ERASURE": "查找以便删除",
}


def _blank_is_none(value: object) -> object:
    return value or None


class Asked(BaseModel):
    """The filter, as it stands in the address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    org: Annotated[str, Field(max_length=16, pattern=r"^[^\x00]*$")] = ""
    project: Annotated[UUID | None, BeforeValidator(_blank_is_none)] = None
    day: Annotated[date | None, BeforeValidator(_blank_is_none)] = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    @property
    def said(self) -> tuple[str, ...]:
        """The filter in words."""
        return tuple(str(one) for one in (self.q, self.org, self.project, self.day) if one)

    def address(self, **changes: object) -> str:
        """Give the address of the list with other answers to some questions."""
        asked = {**self.model_dump(mode="json"), "page": 1, **changes}
        query = {name: value for name, value in asked.items() if value not in {None, "", 1}}
        return f"{_PATH}?{urlencode(query)}"


class Read(BaseModel):
    """One reading."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: str
    account: str
    on_behalf_of: str = ""
    role: str
    org: str
    owner_org: str = ""
    project_id: str | None = None
    upload_id: str | None = None
    purpose: str


class _Account(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str
    username: str
    name: str


def pages(site: Site) -> APIRouter:
    """Give the route of the reads."""
    router = APIRouter()
    desk = Administering(site)

    @router.get(_PATH)
    async def reads(request: Request, export: str = "") -> Response:
        visit = await site.visit(request)
        if not (may(visit.actor, "administer") or may(visit.actor, "report")):
            raise NotFound("没有这个地址。")
        try:
            asked = Asked.model_validate(dict(request.query_params))
        except ValueError as error:
            raise NotFound("筛选条件读不出来，请从查阅记录页重新进入。") from error
        people = await accounts(visit, asked.q)
        # Nobody is called so: nothing can be found, and no filter would ask for everybody's.
        unknown = bool(asked.q) and not people

        async def page(number: int) -> tuple[list[Read], bool]:
            if unknown:
                return [], False
            query = [("account", account) for account in people if asked.q]
            query += [
                (name, str(value))
                for name, value in {**asked.model_dump(mode="json"), "page": number}.items()
                if value and name != "q"
            ]
            document = (await site.ask(visit, f"{_PATH}?{urlencode(query)}")).document
            rows = document["rows"]
            found = [Read.model_validate(row) for row in rows] if isinstance(rows, list) else []
            return found, bool(document["more"])

        if export:
            columns = _columns(people, visit.units, site.clock.today())
            reads, when = await every_page(page), await site.moment("")
            return await give(site, request, visit, when, "查阅记录", columns, reads, asked.said)
        found, more = await page(asked.page)
        return await site.render(
            request,
            "contact_reads.html",
            visit,
            title="查阅记录",
            current="contact-reads",
            asked=asked,
            found=found,
            more=more,
            people=people,
            names=await names(visit, found),
            administers=may(visit.actor, "administer"),
            purposes=PURPOSES,
            when_at=moment,
        )

    async def accounts(visit: Visit, wanted: str) -> dict[str, _Account]:
        """Give who is behind account ids, for whoever may know: those looked for, or all."""
        if not may(visit.actor, "administer"):
            return {}
        rows = (await desk.read(visit, f"/accounts?{urlencode({'q': wanted})}")).document[
            "accounts"
        ]
        found = [_Account.model_validate(row) for row in rows] if isinstance(rows, list) else []
        return {one.account: one for one in found}

    async def names(visit: Visit, found: list[Read]) -> dict[str, str]:
        """Give the names of those projects that this account sees."""
        known = {}
        for project_id in {one.project_id for one in found if one.project_id}:
            project = await site.reading.project(site.scope(visit), project_id)
            if project is not None:
                known[project_id] = project.name
        return known

    return router


def _columns(people: Mapping[str, _Account], units: Units, on: date) -> tuple[Column[Read], ...]:
    """Give the columns of a file: a reader by name where who asks may know it, else by id."""
    return (
        Column("时间", lambda row: moment(row.at)),
        Column(
            "谁", lambda row: people[row.account].name if row.account in people else row.account
        ),
        Column("角色", lambda row: role(row.role)),
        Column("单位", lambda row: organisation(row.org, units, on)),
        Column("项目编号", lambda row: row.project_id),
        Column("表格编号", lambda row: row.upload_id),
        Column("填报单位", lambda row: organisation(row.owner_org, units, on)),
        Column("用于", lambda row: PURPOSES.get(row.purpose, row.purpose)),
    )
