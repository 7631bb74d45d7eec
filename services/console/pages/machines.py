"""机器账号: which systems of the city come in, for whom, with which scopes; their secrets."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from contracts.reference import roles
from services.console.adapters.office import OfficeRefused
from services.console.pages import names
from services.console.pages.accounts import Came, Unit
from services.console.pages.administering import Administering, Filled, read
from services.console.pages.deeds import (
    MACHINE_RESULTS,
    MACHINE_STATES,
    SCOPES,
    moment,
    read_deeds,
    read_people,
    tell,
)
from services.console.pages.exporting import give
from services.console.pages.frame import Said, Site
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.refusals import NotFound

_PATH = "/machines"
ACTS = {
    "scopes": "已调整权限，一分钟内生效。",
    "rotate": "",
    "revoke": "旧密钥已作废，一分钟内不能再用。",
    "disable": "已停用，不再给令牌；已给出的令牌一分钟内失效。",
    "enable": "已启用，可用现有密钥换取令牌。",
    "close": "已注销，密钥全部作废。办过的件仍记在这个账号名下。",
}
OVERLAPS = {
    "24": "旧密钥再用 24 小时",
    "72": "旧密钥再用 3 天",
    "168": "旧密钥再用 7 天",
    "0": "旧密钥立即作废",
}
_OPENING = (
    *("name", "purpose", "basis"),
    *("role", "organisation", "uscc", "valid_from", "valid_to"),
)


class Asked(BaseModel):
    """The filter, as it stands in the address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    state: Literal["", "IN_USE", "OUT_OF_TERM", "DISABLED", "CLOSED"] = ""


class Row(BaseModel):
    """A machine account in a list."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    machine: UUID
    name: str
    state: str
    reason: str = ""
    role: str
    organisation: str
    organisation_name: str
    uscc: str | None = None
    scopes: tuple[str, ...]
    purpose: str
    basis: str
    valid_from: date
    valid_to: date | None = None
    last_used_at: str | None = None
    last_used_from: str | None = None
    old_secret_until: str | None = None

    @property
    def scope_words(self) -> str:
        """What it may do, in the words of the office."""
        return "、".join(SCOPES.get(one, one) for one in self.scopes)


_COLUMNS = (
    Column[Row]("名称", lambda row: row.name),
    Column[Row]("角色", lambda row: names.role(row.role)),
    Column[Row]("单位", lambda row: row.organisation_name),
    Column[Row]("权限", lambda row: row.scope_words),
    Column[Row]("用途", lambda row: row.purpose),
    Column[Row]("依据", lambda row: row.basis),
    Column[Row]("起", lambda row: row.valid_from),
    Column[Row]("止", lambda row: row.valid_to),
    Column[Row]("状态", lambda row: MACHINE_STATES[row.state][1]),
    Column[Row]("最近使用", lambda row: moment(row.last_used_at or "")),
    Column[Row]("编号", lambda row: str(row.machine)),
)


class Machine(Row):
    """One machine account with who came in with it."""

    sign_ins: tuple[Came, ...] = ()


def pages(site: Site) -> APIRouter:
    """Give the routes over machine accounts."""
    router = APIRouter()
    desk = Administering(site)

    @router.get(_PATH)
    async def listed(
        request: Request, asked: Annotated[Asked, Query()], export: str = ""
    ) -> Response:
        visit = await desk.visit(request)
        query = urlencode(asked.model_dump(exclude_defaults=True))
        found = (await desk.read(visit, f"{_PATH}?{query}")).document["machines"]
        rows = [Row.model_validate(row) for row in found] if isinstance(found, list) else []
        if export:
            when, said = await site.moment(""), list(filter(None, (asked.q, asked.state)))
            return await give(site, request, visit, when, "机器账号", _COLUMNS, rows, said)
        return await site.render(
            request,
            "machines.html",
            visit,
            title="机器账号",
            current="machines",
            asked=asked,
            machines=rows,
            states=MACHINE_STATES,
            when_at=moment,
        )

    async def form(request: Request, visit: Visit, filled: Filled) -> Response:
        units = (await desk.read(visit, "/organisations")).document["organisations"]
        return await site.render(
            request,
            "machine_new.html",
            visit,
            status=filled.status,
            title="开通机器账号",
            current="machines",
            filled=filled,
            scopes=SCOPES,
            units=[Unit.model_validate(row) for row in units] if isinstance(units, list) else [],
            roles=roles(),
        )

    @router.get(f"{_PATH}/new")
    async def new(request: Request) -> Response:
        return await form(request, await desk.visit(request), Filled("open"))

    @router.post(_PATH)
    async def open_machine(request: Request) -> Response:
        visit = await desk.visit(request)
        filled = await _typed(request, "open")
        body: dict[str, JsonValue] = {name: filled.values.get(name, "") for name in _OPENING}
        body["scopes"] = _chosen(filled)
        try:
            answer = await desk.command(visit, _PATH, body, filled.key)
        except OfficeRefused as refused:
            return await form(request, visit, Filled("open", filled.values, refused.problem))
        machine = UUID(str(answer.document["machine"]))
        return await told_once(request, visit, machine, answer.document, "已开通机器账号")

    async def told_once(
        request: Request, visit: Visit, machine: UUID, document: object, done: str
    ) -> Response:
        found = await desk.read(visit, f"{_PATH}/{machine}")
        return await site.render(
            request,
            "machine_secret.html",
            visit,
            title="密钥",
            current="machines",
            done=done,
            machine=Machine.model_validate(found.document),
            told=document,
            when_at=moment,
        )

    async def show(request: Request, visit: Visit, machine: UUID, filled: Filled) -> Response:
        document = (await desk.read(visit, f"{_PATH}/{machine}")).document
        people, today = read_people(document["people"]), site.clock.today()
        return await site.render(
            request,
            "machine.html",
            visit,
            status=filled.status,
            title="机器账号",
            current="machines",
            machine=Machine.model_validate(document),
            lines=[
                tell(deed, people, visit.units, today) for deed in read_deeds(document["history"])
            ],
            filled=filled,
            scopes=SCOPES,
            overlaps=OVERLAPS,
            states=MACHINE_STATES,
            results=MACHINE_RESULTS,
            when_at=moment,
        )

    @router.get(f"{_PATH}/{{machine}}")
    async def one(request: Request, machine: UUID) -> Response:
        return await show(request, await desk.visit(request), machine, Filled())

    @router.post(f"{_PATH}/{{machine}}/{{act}}")
    async def carry_out(request: Request, machine: UUID, act: str) -> Response:
        visit = await desk.visit(request)
        if act not in ACTS:
            raise NotFound("没有这个地址。")
        filled = await _typed(request, act)
        try:
            answer = await desk.command(
                visit, f"{_PATH}/{machine}/{act}", _body(act, filled), filled.key
            )
        except OfficeRefused as refused:
            if refused.problem.status == 404:
                raise
            shown = Filled(act, filled.values, refused.problem)
            return await show(request, visit, machine, shown)
        if act == "rotate":
            return await told_once(request, visit, machine, answer.document, "已轮换密钥")
        return site.turn(request, f"{_PATH}/{machine}", Said("ok", ACTS[act]))

    return router


async def _typed(request: Request, act: str) -> Filled:
    """Read a form; the boxes that were ticked are kept in one word list."""
    form = await request.form()
    filled = read(form, act)
    ticked = " ".join(str(one) for one in form.getlist("scopes"))
    return Filled(act, {**filled.values, "scopes": ticked}, key=filled.key)


def _chosen(filled: Filled) -> list[JsonValue]:
    return [*filled.values["scopes"].split()]


def _body(act: str, filled: Filled) -> dict[str, JsonValue]:
    match act:
        case "scopes":
            return {"scopes": _chosen(filled)}
        case "rotate":
            return {"overlap_hours": filled.values.get("overlap_hours", "")}
        case "disable" | "close":
            return {"reason": filled.values.get("reason", "")}
        case _:
            return {}
