"""机构: the units of a day, how each came to be, and what a document changes about one."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.console.adapters.office import OfficeRefused
from services.console.pages import names
from services.console.pages.administering import Administering, Filled, read
from services.console.pages.deeds import KINDS, PATHS, read_deeds, read_people, tell
from services.console.pages.exporting import give
from services.console.pages.frame import Said, Site
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.refusals import NotFound

_PATH = "/organisations"
_ID = r"^[A-Z][A-Z0-9-]{1,15}$"


class Named(BaseModel):
    """What a unit is called from a day on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    short_name: str
    valid_from: date


class Unit(BaseModel):
    """A unit as it is on a day."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    organisation_id: str
    name: str
    short_name: str
    organisation_kind: str
    path: str
    planning_body: bool
    region: str = ""
    zone_id: str = ""
    aliases: tuple[str, ...] = ()
    valid_from: date
    valid_to: date | None = None
    into: tuple[str, ...] = ()
    accounts_to: str | None = None
    exists: bool
    names: tuple[Named, ...] = ()
    accounts: int = 0


_COLUMNS = (
    Column[Unit]("机构编号", lambda row: row.organisation_id),
    Column[Unit]("名称", lambda row: row.name),
    Column[Unit]("简称", lambda row: row.short_name),
    Column[Unit]("存续", lambda row: "存续" if row.exists else "不存续"),
    Column[Unit]("类别", lambda row: KINDS[row.organisation_kind]),
    Column[Unit]("报送路径", lambda row: PATHS[row.path]),
    Column[Unit]("谋划主体", lambda row: "是" if row.planning_body else ""),
    Column[Unit]("自", lambda row: row.valid_from),
    Column[Unit]("至", lambda row: row.valid_to),
)


class Asked(BaseModel):
    """On which day, and which words the name holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    on: date | None = None
    q: Annotated[str, Field(max_length=64)] = ""

    def means(self, unit: Unit) -> bool:
        """Tell whether the words stand in a unit's id or name."""
        return self.q.strip().upper() in f"{unit.organisation_id} {unit.name}".upper()


async def _taken(
    site: Site, request: Request, visit: Visit, asked: Asked, shown: Sequence[Unit]
) -> Response:
    said, when = list(filter(None, (asked.q, str(asked.on or "")))), await site.moment("")
    return await give(site, request, visit, when, "机构", _COLUMNS, shown, said)


def pages(site: Site) -> APIRouter:
    """Give the routes over units."""
    router = APIRouter()
    desk = Administering(site)

    async def units(visit: Visit, on: date | None = None) -> tuple[Unit, ...]:
        path = f"{_PATH}?on={on}" if on else _PATH
        found = (await desk.read(visit, path)).document["organisations"]
        return tuple(Unit.model_validate(row) for row in found) if isinstance(found, list) else ()

    @router.get(_PATH)
    async def listed(request: Request, export: str = "") -> Response:
        visit = await desk.visit(request)
        asked = _asked(request)
        found = await units(visit, asked.on)
        shown = [one for one in found if asked.means(one)]
        if export:
            return await _taken(site, request, visit, asked, shown)
        return await site.render(
            request,
            "organisations.html",
            visit,
            title="机构",
            current="organisations",
            asked=asked,
            units=shown,
            everything=len(found),
            kinds=KINDS,
            paths=PATHS,
        )

    async def form(request: Request, visit: Visit, filled: Filled) -> Response:
        return await site.render(
            request,
            "organisation_new.html",
            visit,
            status=filled.status,
            title="设立机构",
            current="organisations",
            filled=filled,
            regions=names.county_regions(site.clock.today()),
            zones=names.zones(site.clock.today()),
            kinds=KINDS,
            paths=PATHS,
        )

    @router.get(f"{_PATH}/new")
    async def new(request: Request) -> Response:
        return await form(request, await desk.visit(request), Filled("establish"))

    @router.post(_PATH)
    async def establish(request: Request) -> Response:
        visit = await desk.visit(request)
        filled = read(await request.form(), "establish")
        typed = filled.values
        body = _texts(
            typed,
            *("organisation_id", "name", "short_name", "organisation_kind", "path"),
            *("region", "zone_id", "valid_from", "basis"),
        )
        aliases = re.split(r"[，,、；;]", typed.get("aliases", ""))
        body["aliases"] = [alias for alias in map(str.strip, aliases) if alias]
        body["planning_body"] = typed.get("planning_body") == "yes"
        try:
            await desk.command(visit, _PATH, body, filled.key)
        except OfficeRefused as refused:
            return await form(request, visit, Filled("establish", typed, refused.problem))
        said = Said("ok", f"已设立{typed['name']}，自 {typed['valid_from']} 起。")
        return site.turn(request, f"{_PATH}/{typed['organisation_id']}", said)

    async def show(request: Request, visit: Visit, unit: str, filled: Filled) -> Response:
        document = (await desk.read(visit, f"{_PATH}/{unit}")).document
        people, today = read_people(document["people"]), site.clock.today()
        return await site.render(
            request,
            "organisation.html",
            visit,
            status=filled.status,
            title="机构",
            current="organisations",
            unit=Unit.model_validate(document),
            lines=[
                tell(deed, people, visit.units, today) for deed in read_deeds(document["history"])
            ],
            others=[one for one in await units(visit) if one.organisation_id != unit],
            filled=filled,
            kinds=KINDS,
            paths=PATHS,
        )

    @router.get(f"{_PATH}/{{unit}}")
    async def one(request: Request, unit: Annotated[str, Field(pattern=_ID)]) -> Response:
        return await show(request, await desk.visit(request), unit, Filled())

    @router.post(f"{_PATH}/{{unit}}/{{act}}")
    async def carry_out(
        request: Request, unit: Annotated[str, Field(pattern=_ID)], act: str
    ) -> Response:
        visit = await desk.visit(request)
        filled = read(await request.form(), act)
        typed = filled.values
        match act:
            case "rename":
                body = _texts(typed, "name", "short_name", "valid_from", "basis")
                said = f"已登记：自 {typed.get('valid_from')} 起称{typed.get('name')}。"
            case "end":
                body = _texts(typed, "accounts_to", "valid_to", "basis")
                heirs = (typed.get("into", ""), typed.get("into_too", ""))
                body["into"] = [one for one in heirs if one]
                said = f"已登记：最后一日 {typed.get('valid_to')}。以前报送的仍记在它名下。"
            case _:
                raise NotFound("没有这个地址。")
        try:
            await desk.command(visit, f"{_PATH}/{unit}/{act}", body, filled.key)
        except OfficeRefused as refused:
            if refused.problem.status == 404:
                raise
            return await show(request, visit, unit, Filled(act, typed, refused.problem))
        return site.turn(request, f"{_PATH}/{unit}", Said("ok", said))

    return router


def _asked(request: Request) -> Asked:
    """Read the filter; an empty day is today."""
    given = {name: value for name, value in request.query_params.items() if value}
    try:
        return Asked.model_validate(given)
    except ValueError as error:
        raise NotFound("日期读不出来，请按年-月-日填写。") from error


def _texts(typed: Mapping[str, str], *fields: str) -> dict[str, JsonValue]:
    return {name: typed.get(name, "") for name in fields}
