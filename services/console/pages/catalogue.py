"""审批事项目录: which approvals there are on a day, by whom, within how long, and from where."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts.approval_tracking import ItemTerm, LandMode, Need, Stage, Track, Unit
from services.console.pages import names
from services.console.pages.frame import Site
from services.console.pages.plan import AUDIENCE
from services.console.pages.plan_words import LAND_MODES
from shared.units import Units

NEEDS = {
    Need.REQUIRED: "必办",
    Need.CONDITIONAL: "按条件",
    Need.COMMITTED: "企业承诺",
    Need.SERVED: "统一服务",
    Need.FREE: "可列入",
}
TRACKS = {Track.MAIN: "", Track.PARALLEL: "并行轨", Track.OUTSIDE: "不计时"}
_HERE = {"ground": "属地县区、开发区", "unit": "建设单位", "OWN": "建设单位（自主）"}


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Edge(_Told):
    """An item that comes before; ``only`` where the land is supplied that way."""

    item: str
    only: LandMode | None = None

    @property
    def text(self) -> str:
        """The item, and when it counts."""
        return f"{self.item}（{LAND_MODES[self.only]}）" if self.only else self.item


class Item(_Told):
    """A row of the catalogue."""

    item: str
    name: str
    stage: Stage
    track: Track
    competent: str
    handling: str
    statutory: ItemTerm | None
    promised: ItemTerm | None
    gate: bool
    after: tuple[Edge, ...]
    beside: tuple[Edge, ...]
    needs: Mapping[str, Need]
    questions: tuple[str, ...]
    source: str


class Flow(_Told):
    """A flow, and how many working days its stages may take."""

    flow: str
    name: str
    land_mode: LandMode
    limits: Mapping[Stage, int]


class StageName(_Told):
    """A stage and what it is called."""

    stage: Stage
    name: str


class Question(_Told):
    """What a unit is asked."""

    name: str
    question: str
    source: str


class Procedure(_Told):
    """What may stop the clocks."""

    name: str
    basis: str


class Catalogue(_Told):
    """An edition as approval_tracking tells it."""

    valid_from: date
    policy: str
    total_limit: int
    stages: tuple[StageName, ...]
    flows: tuple[Flow, ...]
    questions: tuple[Question, ...]
    procedures: tuple[Procedure, ...]
    items: tuple[Item, ...]


class Asked(BaseModel):
    """Of which day, and of which flow; of all where none is named."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    day: Annotated[date | None, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))] = None
    flow: Annotated[str, Field(max_length=10)] = ""


def pages(site: Site) -> APIRouter:
    """Give the route of the catalogue."""
    router = APIRouter()

    @router.get("/catalogue")
    async def catalogue(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit = await site.visit(request)
        day = asked.day or site.clock.today()
        token = await site.sessions.token(visit.session, AUDIENCE)
        answer = await site.approvals.read(token, f"/catalogue?day={day.isoformat()}")
        found = Catalogue.model_validate(answer.document)
        flow = next((one for one in found.flows if one.flow == asked.flow), None)
        shown = [one for one in found.items if flow is None or flow.flow in one.needs]
        return await site.render(
            request,
            "catalogue.html",
            visit,
            title="审批事项目录",
            active="catalogue",
            day_asked=day,
            catalogue=found,
            flow=flow,
            groups=[
                (stage, [one for one in shown if one.stage is stage.stage])
                for stage in found.stages
            ],
            asked_of={one.name: one.question for one in found.questions},
            needs=NEEDS,
            tracks=TRACKS,
            term=term,
            office=lambda org: office(org, visit.units, day),
        )

    return router


def term(of: ItemTerm | None) -> str:
    """Say how long; nothing where no term was set."""
    if of is None:
        return "—"
    if of.length == 0:
        return "即办"
    return f"{of.length} 个工作日" if of.unit is Unit.WORKING_DAYS else f"{of.length} 日（自然日）"


def office(org: str, units: Units, on: date) -> str:
    """Name an office, or what stands for one that differs from project to project."""
    return _HERE.get(org) or names.organisation(org, units, on)
