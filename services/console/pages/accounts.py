"""账号: who may come in, with which post; opening, moving, disabling, resetting, closing."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts.reference import roles
from services.console.adapters.office import OfficeRefused
from services.console.pages import names
from services.console.pages.administering import Administering, Filled, read
from services.console.pages.deeds import RESULTS, STATES, moment, read_deeds, read_people, tell
from services.console.pages.exporting import every_page, give
from services.console.pages.frame import Said, Site
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from services.console.pages.words import ERASURE_REASONS
from shared.refusals import NotFound

_PATH = "/accounts"
ACTS = {
    "assign": "已登记任职变动。",
    "disable": "已停用，已登录的随即退出。",
    "enable": "已启用，可以登录。",
    "erase": "账号名和名称已删除。办过的件仍记在账号编号下。",
    "close": "已注销，不能再启用。办过的件仍记在这个账号名下。",
    "reset-password": "",
    "sign-out": "已全部退出。",
}
_POST = ("role", "organisation", "uscc", "valid_from", "valid_to")
_WANTED = {
    "assign": _POST,
    "disable": ("reason",),
    "close": ("reason",),
    "erase": ("reason", "document_number"),
}


class Asked(BaseModel):
    """The filter, as it stands in the address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    state: Literal["", "IN_USE", "NO_POST", "DISABLED", "CLOSED"] = ""
    role: Annotated[str, Field(max_length=32)] = ""
    organisation: Annotated[str, Field(max_length=16)] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    def address(self, page: int) -> str:
        """Give the address of a page of this list."""
        return f"{_PATH}?{urlencode({**self.model_dump(exclude_defaults=True), 'page': page})}"


class Post(BaseModel):
    """A role in a unit for some days."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: str
    organisation_id: str
    organisation_name: str = ""
    uscc: str | None = None
    valid_from: date
    valid_to: date | None = None


class Row(BaseModel):
    """An account in a list."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: UUID
    username: str
    name: str
    state: str
    reason: str = ""
    erased: bool = False
    role: str = ""
    organisation: str = ""
    organisation_name: str = ""
    one_time: bool = False
    last_at: str | None = None
    posts: tuple[Post, ...] = ()


class Came(BaseModel):
    """A sign-in, or an attempt at one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: str
    result: str
    address: str
    account: str = ""


class Account(Row):
    """One account with all that is known of it."""

    sessions: int = 0
    sign_ins: tuple[Came, ...] = ()


class Listed(BaseModel):
    """A page of accounts."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    accounts: tuple[Row, ...]
    count: int
    pages: int


_COLUMNS = (
    Column[Row]("账号", lambda row: row.username),
    Column[Row]("名称", lambda row: row.name),
    Column[Row]("角色", lambda row: names.role(row.role) if row.role else ""),
    Column[Row]("单位", lambda row: row.organisation_name),
    Column[Row]("机构编号", lambda row: row.organisation),
    Column[Row]("状态", lambda row: STATES[row.state][1]),
    Column[Row]("最近登录", lambda row: moment(row.last_at or "")),
    Column[Row]("编号", lambda row: str(row.account)),
)


class Unit(BaseModel):
    """A unit to choose."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    organisation_id: str
    name: str
    short_name: str
    exists: bool


def pages(site: Site) -> APIRouter:
    """Give the routes over accounts."""
    router = APIRouter()
    desk = Administering(site)

    async def units(visit: Visit) -> tuple[Unit, ...]:
        found = (await desk.read(visit, "/organisations")).document["organisations"]
        return tuple(Unit.model_validate(row) for row in found) if isinstance(found, list) else ()

    @router.get(_PATH)
    async def listed(
        request: Request, asked: Annotated[Asked, Query()], export: str = ""
    ) -> Response:
        visit = await desk.visit(request)
        if export:
            return await taken(request, visit, asked)
        query = urlencode(asked.model_dump(exclude_defaults=True))
        found = Listed.model_validate((await desk.read(visit, f"{_PATH}?{query}")).document)
        return await site.render(
            request,
            "accounts.html",
            visit,
            title="账号",
            current="accounts",
            asked=asked,
            found=found,
            units=await units(visit),
            roles=roles(),
            states=STATES,
            when_at=moment,
        )

    async def taken(request: Request, visit: Visit, asked: Asked) -> Response:
        async def page(number: int) -> tuple[tuple[Row, ...], bool]:
            query = urlencode({**asked.model_dump(exclude_defaults=True), "page": number})
            found = Listed.model_validate((await desk.read(visit, f"{_PATH}?{query}")).document)
            return found.accounts, number < found.pages

        rows = await every_page(page)
        said = list(filter(None, (asked.q, asked.state, asked.role, asked.organisation)))
        when = await site.moment("")
        return await give(site, request, visit, when, "账号", _COLUMNS, rows, said)

    async def form(request: Request, visit: Visit, filled: Filled) -> Response:
        return await site.render(
            request,
            "account_new.html",
            visit,
            status=filled.status,
            title="开通账号",
            current="accounts",
            filled=filled,
            units=await units(visit),
            roles=roles(),
        )

    @router.get(f"{_PATH}/new")
    async def new(request: Request) -> Response:
        return await form(request, await desk.visit(request), Filled("open"))

    @router.post(_PATH)
    async def open_account(request: Request) -> Response:
        visit = await desk.visit(request)
        filled = read(await request.form(), "open")
        body = {name: filled.values.get(name, "") for name in ("username", "name", *_POST)}
        try:
            answer = await desk.command(visit, _PATH, body, filled.key)
        except OfficeRefused as refused:
            return await form(request, visit, Filled("open", filled.values, refused.problem))
        account = str(answer.document["account"])
        return await told_once(request, visit, account, answer.document, "已开通账号")

    async def told_once(
        request: Request, visit: Visit, account: str, document: object, done: str
    ) -> Response:
        found = await desk.read(visit, f"{_PATH}/{UUID(account)}")
        return await site.render(
            request,
            "one_time.html",
            visit,
            title="一次性密码",
            current="accounts",
            done=done,
            account=Account.model_validate(found.document),
            told=document,
            when_at=moment,
        )

    async def show(request: Request, visit: Visit, account: UUID, filled: Filled) -> Response:
        document = (await desk.read(visit, f"{_PATH}/{account}")).document
        people, today = read_people(document["people"]), site.clock.today()
        return await site.render(
            request,
            "account.html",
            visit,
            status=filled.status,
            title="账号",
            current="accounts",
            account=Account.model_validate(document),
            own=visit.actor.account == str(account),
            lines=[
                tell(deed, people, visit.units, today) for deed in read_deeds(document["history"])
            ],
            filled=filled,
            units=await units(visit),
            roles=roles(),
            states=STATES,
            results=RESULTS,
            erasure_reasons=ERASURE_REASONS,
            when_at=moment,
        )

    @router.get(f"{_PATH}/{{account}}")
    async def one(request: Request, account: UUID) -> Response:
        return await show(request, await desk.visit(request), account, Filled())

    @router.post(f"{_PATH}/{{account}}/{{act}}")
    async def carry_out(request: Request, account: UUID, act: str) -> Response:
        visit = await desk.visit(request)
        if act not in ACTS:
            raise NotFound("没有这个地址。")
        filled = read(await request.form(), act)
        wanted = _WANTED.get(act, ())
        body = {name: filled.values.get(name, "") for name in wanted}
        try:
            answer = await desk.command(visit, f"{_PATH}/{account}/{act}", body, filled.key)
        except OfficeRefused as refused:
            if refused.problem.status == 404:
                raise
            shown = Filled(act, filled.values, refused.problem)
            return await show(request, visit, account, shown)
        # Whatever was decided about an account holds for its next page.
        await site.sessions.forget(str(account))
        if act == "reset-password":
            return await told_once(request, visit, str(account), answer.document, "已重置密码")
        return site.turn(request, f"{_PATH}/{account}", Said("ok", ACTS[act]))

    return router
