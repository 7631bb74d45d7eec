"""我的工作: what waits for this account, what it handed on, what came back, what it has done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from services.console.pages import item_lists, names, words
from services.console.pages.exporting import MOST_ROWS, give, not_too_many
from services.console.pages.frame import REVIEWS, Site
from services.console.pages.own_deeds import RETURNS, Deed
from services.console.pages.progress import own_month
from services.console.pages.project_files import plain_columns
from services.console.pages.reading import PAGE_ROWS, Filter, Project
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.scope import ITEM_SCOPES, may
from shared.units import Units

_PATH = "/work"


class Asked(BaseModel):
    """Which part of the work, and which page of it."""

    show: str = ""
    page: str = ""
    export: str = ""

    @property
    def number(self) -> int:
        """The page asked for, from 1."""
        return max(1, int(self.page)) if self.page.isdecimal() and len(self.page) < 7 else 1


@dataclass(frozen=True)
class Part:
    """One part of the work: projects where they stand, or else acts of this account."""

    code: str
    name: str
    empty: str
    stages: tuple[str, ...] = ()
    own: bool = False
    """Only what is the account's unit's own."""
    kinds: tuple[str, ...] | None = None
    """Acts of these kinds, all for none."""

    @property
    def lists_deeds(self) -> bool:
        """Whether it lists acts."""
        return not self.stages


@dataclass(frozen=True)
class Items:
    """How many items wait, list by list, and how many of them this account has taken."""

    counts: Mapping[str, int]
    mine: int
    handles: bool


_UNDER_REVIEW = ("SUBMITTED", "CITY_PASSED")
_DONE = Part("done", "已办", "还没有用这个账号办过件。", kinds=())


def parts_of(visit: Visit) -> tuple[Part, ...]:
    """Give the parts that an account's role has."""
    if may(visit.actor, "report"):
        return (
            Part("todo", "待办", "没有草稿和退回的件。", ("RETURNED", "DRAFT"), own=True),
            Part("waiting", "已报待审", "没有在审的件。", _UNDER_REVIEW, own=True),
            Part("returned", "退回", "没有退回待补正的件。", ("RETURNED",), own=True),
            _DONE,
        )
    if stage := REVIEWS.get(visit.actor.role):
        return (
            Part("todo", "待办", "没有待审核的件。", (stage,)),
            Part("returned", "退回", "还没有退回过件。", kinds=RETURNS),
            _DONE,
        )
    return (_DONE,)


def pages(site: Site) -> APIRouter:
    """Give the route of one's own work."""
    router = APIRouter()

    @router.get(_PATH)
    async def work(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit, when = await site.visit(request), await site.moment("")
        parts = parts_of(visit)
        part = next((one for one in parts if one.code == asked.show), parts[0])
        mine = _Mine(site, visit)
        counts = {one.code: await mine.count(one) for one in parts}
        if asked.export:
            not_too_many(counts[part.code])
            name, said = f"我的工作 {part.name}", (visit.actor.name,)
            if part.lists_deeds:
                columns = _columns(visit.units, when.today)
                deeds = await mine.deeds(part, 1, MOST_ROWS)
                return await give(site, request, visit, when, name, columns, deeds, said)
            listed = plain_columns(visit.units, when.today)
            rows = await mine.projects(part)
            return await give(site, request, visit, when, name, listed, rows, said)
        last = max(1, -(-counts[part.code] // PAGE_ROWS))
        number = min(asked.number, last)
        return await site.render(
            request,
            "work.html",
            visit,
            title="我的工作",
            current="work",
            parts=parts,
            part=part,
            counts=counts,
            projects=() if part.lists_deeds else await mine.page(part, number),
            deeds=await mine.deeds(part, number, PAGE_ROWS) if part.lists_deeds else (),
            number=number,
            last=last,
            reviews=visit.actor.role in REVIEWS,
            months=await own_month(site, visit),
            items=await _items(site, visit),
        )

    return router


async def _items(site: Site, visit: Visit) -> Items | None:
    """Count the items that wait for an officer at his office, or for a unit in its projects."""
    handles, scope = may(visit.actor, "handle_items"), ITEM_SCOPES.seen_by(site.reader(visit))
    if scope.nothing or not (handles or may(visit.actor, "report")):
        return None
    calendar = (await site.reading.in_force()).calendar
    own = item_lists.Asked(taken="" if handles else "own")
    ask, reading = item_lists.asked_of(site, visit, own, calendar), site.reading.items
    mine = await reading.count(scope, replace(ask, officer=visit.actor.account), "")
    return Items(await reading.counts(scope, ask), mine, handles=handles)


class _Mine:
    """What of the rows belongs to the work of one account."""

    def __init__(self, site: Site, visit: Visit) -> None:
        self._reading = site.reading
        self._scope = site.scope(visit)
        self._account = visit.actor.account
        self._own = site.reader(visit).own("org")

    async def count(self, part: Part) -> int:
        if part.lists_deeds:
            return await self._reading.count_deeds(self._scope, self._account, part.kinds or ())
        return (await self._reading.listing(self._scope, self._filter(part), "due", 1)).count

    async def page(self, part: Part, number: int) -> Sequence[Project]:
        return (await self._reading.listing(self._scope, self._filter(part), "due", number)).rows

    async def projects(self, part: Part) -> Sequence[Project]:
        return await self._reading.everything(self._scope, self._filter(part), "due")

    async def deeds(self, part: Part, number: int, most: int) -> Sequence[Deed]:
        kinds = part.kinds or ()
        return await self._reading.deeds(self._scope, self._account, kinds, number, most)

    def _filter(self, part: Part) -> Filter:
        if part.own:
            return Filter(org=self._own[0], orgs=self._own, stages=part.stages)
        return Filter(stages=part.stages)


def _columns(units: Units, on: date) -> tuple[Column[Deed], ...]:
    return (
        Column("时间", lambda row: row.at),
        Column("办理", lambda row: row.word),
        Column("项目名称", lambda row: row.name),
        Column("报送单位", lambda row: names.owner(row.owner_org, row.owner_name, units, on)),
        Column("现在的状态", lambda row: words.STAGE_BY_CODE[row.stage].name),
        Column("库", lambda row: words.POOL_BY_CODE[row.pool].name if row.pool else "未入库"),
        Column("项目编号", lambda row: row.project_id),
    )
