"""请假代理: who stands in for whom while somebody is away."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from services.console.adapters.office import FieldProblem, OfficeRefused, Problem
from services.console.pages.accounts import Listed
from services.console.pages.administering import Administering, Filled, read
from services.console.pages.exporting import give
from services.console.pages.frame import Said, Site
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column

_PATH = "/substitutes"


class Standing(BaseModel):
    """One stands in for another."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: UUID
    absent: str
    substitute_id: UUID
    substitute: str
    valid_from: date
    valid_to: date
    now: bool
    over: bool


_COLUMNS = (
    Column[Standing]("请假人", lambda one: one.absent),
    Column[Standing]("代理人", lambda one: one.substitute),
    Column[Standing]("自", lambda one: one.valid_from),
    Column[Standing]("至", lambda one: one.valid_to),
    Column[Standing](
        "现在", lambda one: "代理中" if one.now else "已结束" if one.over else "未开始"
    ),
)


def pages(site: Site) -> APIRouter:
    """Give the routes over substitutes."""
    router = APIRouter()
    desk = Administering(site)

    async def standings(visit: Visit) -> list[Standing]:
        rows = (await desk.read(visit, _PATH)).document["substitutes"]
        return [Standing.model_validate(row) for row in rows] if isinstance(rows, list) else []

    async def show(request: Request, visit: Visit, filled: Filled) -> Response:
        return await site.render(
            request,
            "substitutes.html",
            visit,
            status=filled.status,
            title="请假代理",
            current="substitutes",
            filled=filled,
            found=await standings(visit),
        )

    @router.get(_PATH)
    async def listed(request: Request, export: str = "") -> Response:
        visit = await desk.visit(request)
        if export:
            when, rows = await site.moment(""), await standings(visit)
            return await give(site, request, visit, when, "请假代理", _COLUMNS, rows)
        return await show(request, visit, Filled())

    @router.post(_PATH)
    async def appoint(request: Request) -> Response:
        visit = await desk.visit(request)
        filled = read(await request.form(), "appoint")
        typed = filled.values
        body = {name: typed.get(name, "") for name in ("substitute", "valid_from", "valid_to")}
        try:
            absent = await _account(visit, typed.get("absent", ""))
            await desk.command(visit, f"/accounts/{absent}/substitutes", body, filled.key)
        except OfficeRefused as refused:
            return await show(request, visit, Filled("appoint", typed, refused.problem))
        said = Said("ok", f"已登记：{typed['substitute']} 代理 {typed['absent']}。")
        return site.turn(request, _PATH, said)

    async def _account(visit: Visit, username: str) -> UUID:
        query = urlencode({"q": username[:64]})
        found = Listed.model_validate((await desk.read(visit, f"/accounts?{query}")).document)
        for row in found.accounts:
            if row.username == username.lower():
                return row.account
        unknown = FieldProblem(
            field="absent", message=f"没有账号“{username}”。", remedy="请在账号清单中核对。"
        )
        raise OfficeRefused(
            Problem(status=422, title="没有登记", detail="请假人账号不对。", errors=(unknown,))
        )

    @router.post(f"{_PATH}/{{account}}/{{substitute}}/end")
    async def end(request: Request, account: UUID, substitute: UUID) -> Response:
        visit = await desk.visit(request)
        filled = read(await request.form(), "end")
        path = f"/accounts/{account}/substitutes/{substitute}/end"
        await desk.command(visit, path, {}, filled.key)
        return site.turn(request, _PATH, Said("ok", "代理到今天为止。"))

    return router
