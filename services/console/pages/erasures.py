"""个人信息删除: look a person up, see how much is kept, have it erased; what was done is listed."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from services.console.adapters.office import OfficeRefused
from services.console.pages.administering import Filled, read
from services.console.pages.deeds import ERASURES, moment
from services.console.pages.exporting import give
from services.console.pages.frame import Said, Site
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.refusals import NotFound
from shared.scope import may

_PATH = "/erasures"
# Every uploaded workbook that is still kept is searched.
_PATIENT = 120.0
_PERSON = ("name", "phone", "contact_id")


class Found(BaseModel):
    """How much is kept about whoever was looked up."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    contacts: int
    projects: int
    uploads: int


class Done(BaseModel):
    """One erasure that was carried out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: str
    account: str
    reason: str
    document_number: str
    contacts: int
    projects: int
    uploads: int


_COLUMNS = (
    Column[Done]("时间", lambda one: moment(one.at)),
    Column[Done]("文号", lambda one: one.document_number),
    Column[Done]("事由", lambda one: ERASURES.get(one.reason, one.reason)),
    Column[Done]("联系人", lambda one: one.contacts),
    Column[Done]("项目", lambda one: one.projects),
    Column[Done]("表格", lambda one: one.uploads),
)


def pages(site: Site) -> APIRouter:
    """Give the routes of erasing."""
    router = APIRouter()

    async def eraser(request: Request) -> Visit:
        visit = await site.visit(request)
        if not may(visit.actor, "erase_personal_data"):
            raise NotFound("没有这个地址。")
        return visit

    async def carried_out(visit: Visit) -> list[Done]:
        rows = (await site.ask(visit, _PATH)).document["rows"]
        return [Done.model_validate(row) for row in rows] if isinstance(rows, list) else []

    async def show(
        request: Request, visit: Visit, filled: Filled, found: Found | None = None
    ) -> Response:
        page = await site.render(
            request,
            "erasures.html",
            visit,
            status=filled.status,
            title="个人信息删除",
            current="erasures",
            filled=filled,
            found=found,
            done=await carried_out(visit),
            reasons=ERASURES,
            when_at=moment,
        )
        # It may hold the very name that is to be nowhere.
        page.headers["Cache-Control"] = "no-store"
        return page

    @router.get(_PATH)
    async def listed(request: Request, export: str = "") -> Response:
        visit = await eraser(request)
        if export:
            when, rows = await site.moment(""), await carried_out(visit)
            return await give(site, request, visit, when, "个人信息删除记录", _COLUMNS, rows)
        return await show(request, visit, Filled())

    @router.post(f"{_PATH}/search")
    async def search(request: Request) -> Response:
        visit = await eraser(request)
        filled = read(await request.form(), "search")
        try:
            found = await _look_up(visit, filled)
        except OfficeRefused as refused:
            return await show(request, visit, Filled("search", filled.values, refused.problem))
        return await show(request, visit, filled, found)

    @router.post(_PATH)
    async def erase(request: Request) -> Response:
        visit = await eraser(request)
        filled = read(await request.form(), "erase")
        body = {
            **_person(filled),
            **{name: filled.values.get(name, "") for name in ("contacts", "uploads")},
            **{name: filled.values.get(name, "") for name in ("reason", "document_number")},
        }
        try:
            answer = await site.command(visit, _PATH, body, key=filled.key, patience=_PATIENT)
        except OfficeRefused as refused:
            again = Filled("erase", filled.values, refused.problem)
            try:
                found = await _look_up(visit, filled)
            except OfficeRefused:
                found = None
            return await show(request, visit, again, found)
        contacts, uploads = answer.document["contacts"], answer.document["uploads"]
        said = Said(
            "ok",
            f"已删除 {contacts} 条联系人、{uploads} 份表格的文件。",
            "有关项目已提示填报单位重新登记联系人；恢复备份后也会再次删除。",
        )
        return site.turn(request, _PATH, said)

    async def _look_up(visit: Visit, filled: Filled) -> Found:
        answer = await site.command(
            visit, f"{_PATH}/search", _person(filled), key=filled.key, patience=_PATIENT
        )
        return Found.model_validate(answer.document)

    return router


def _person(filled: Filled) -> dict[str, JsonValue]:
    return {name: filled.values.get(name, "") for name in _PERSON}
