"""查重: two projects side by side, and the city's verdict whether they are one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter

from contracts.intake import ProjectFacts
from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages import names, words
from services.console.pages.difference import Change, compare, unchanged
from services.console.pages.exporting import give
from services.console.pages.fields import Field
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.reading import Project, editions
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may
from shared.units import Units

_KEPT_OUT = "查重由市级初审员办理。"


class Verdict(BaseModel):
    """What the city judged of two projects as they are now."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    verdict: Literal["DISTINCT", "DUPLICATE"]
    keeps: str | None = None
    reason: str
    judged_on: str


class Alike(BaseModel):
    """A project that may be the same as another, as intake tells of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project_id: str
    name: str
    owner_org: str
    owner_name: str
    total_investment: str
    revision: int
    pool: str | None = None
    similarity: int = 0
    verdict: Verdict | None = None
    stays: str | None = None

    @property
    def money(self) -> int:
        """Yuan of the total investment."""
        return int(Decimal(self.total_investment) * words.YUAN_PER_WAN)


class Pair(Alike):
    """Two of which one waits for the first review."""

    other: Alike


class _Waiting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    waiting: int
    pairs: tuple[Pair, ...]


_ALIKE: TypeAdapter[tuple[Alike, ...]] = TypeAdapter(tuple[Alike, ...])


@dataclass(frozen=True)
class Side:
    """Another project beside the one that is judged: its columns, those that differ first."""

    alike: Alike
    project: Project
    changes: tuple[Change, ...]
    same: tuple[tuple[Field, str], ...]


@dataclass(frozen=True)
class Typed:
    """A verdict as it was typed; it is shown again when it was refused."""

    other: str = ""
    same: str = ""
    keeps: str = ""
    reason: str = ""
    problem: Problem | None = None


async def alike_to(site: Site, visit: Visit, project_id: str) -> tuple[Alike, ...]:
    """Ask intake which projects may be the same as this one."""
    answer = await site.ask(visit, f"/projects/{project_id}/duplicates")
    return _ALIKE.validate_python(answer.document["suspects"])


def _columns(units: Units, on: date) -> tuple[Column[Pair], ...]:
    def owner(one: Alike) -> str:
        return names.owner(one.owner_org, one.owner_name, units, on)

    def judged(pair: Pair) -> str:
        if pair.verdict is None:
            return "待裁定"
        return "同一项目" if pair.verdict.verdict == "DUPLICATE" else "不是同一项目"

    return (
        Column("待初审的一件", lambda pair: pair.name),
        Column("报送单位", owner),
        Column("总投资（万元）", lambda pair: Decimal(pair.total_investment)),
        Column("疑似重复的另一件", lambda pair: pair.other.name),
        Column("另一件的报送单位", lambda pair: owner(pair.other)),
        Column("另一件的总投资（万元）", lambda pair: Decimal(pair.other.total_investment)),
        Column("名称相似（%）", lambda pair: pair.similarity),
        Column("裁定", judged),
        Column("裁定日期", lambda pair: pair.verdict.judged_on if pair.verdict else None),
        Column("裁定理由", lambda pair: pair.verdict.reason if pair.verdict else None),
    )


def pages(site: Site) -> APIRouter:
    """Give the routes of 查重."""
    router = APIRouter()

    async def reviewer(request: Request) -> Visit:
        visit = await site.visit(request)
        if not may(visit.actor, "first_review"):
            raise NotAllowed(_KEPT_OUT)
        return visit

    @router.get("/duplicates")
    async def listed(request: Request, export: str = "") -> Response:
        visit = await reviewer(request)
        found = _Waiting.model_validate((await site.ask(visit, "/duplicates")).document)
        if export:
            when, columns = await site.moment(""), _columns(visit.units, site.clock.today())
            return await give(site, request, visit, when, "查重", columns, found.pairs)
        return await site.render(
            request,
            "duplicates.html",
            visit,
            title="查重",
            current="duplicates",
            found=found,
            open_pairs=sum(pair.verdict is None for pair in found.pairs),
        )

    async def show(
        request: Request, visit: Visit, project_id: UUID, typed: Typed, *, fresh: bool = True
    ) -> Response:
        own, facts = await _newest(site, visit, str(project_id))
        sides = []
        for alike in await alike_to(site, visit, own.project_id):
            other, others = await _newest(site, visit, alike.project_id)
            today = site.clock.today()
            # Whom to call says nothing of whether they are one.
            changes = tuple(one for one in compare(facts, others, today) if not one.personal)
            sides.append(Side(alike, other, changes, unchanged(facts, others, today)))
        return await site.render(
            request,
            "duplicate.html",
            visit,
            title=f"查重 {own.name}",
            current="duplicates",
            status=typed.problem.status if typed.problem else 200,
            project=own,
            sides=sides,
            typed=typed,
            key=str(uuid4()),
            fresh=fresh,
        )

    @router.get("/duplicates/{project_id}")
    async def one(request: Request, project_id: UUID, after: str = "") -> Response:
        visit = await reviewer(request)
        fresh = await site.fresh(visit, after)
        return await show(request, visit, project_id, Typed(), fresh=fresh)

    @router.post("/duplicates/{project_id}")
    async def judge(
        request: Request,
        project_id: UUID,
        other: Annotated[str, Form()] = "",
        on_revision: Annotated[str, Form()] = "",
        other_revision: Annotated[str, Form()] = "",
        same: Annotated[str, Form()] = "",
        keeps: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        visit = await reviewer(request)
        typed = Typed(other, same, keeps, reason)

        async def again(problem: Problem) -> Response:
            refused = Typed(other, same, keeps, reason, problem)
            return await show(request, visit, project_id, refused)

        if typed.same not in {"yes", "no"}:
            return await again(
                Problem(title="没有裁定", status=422, detail="还没有选是重复还是不重复。")
            )
        try:
            answer = await site.command(
                visit,
                f"/projects/{project_id}/duplicates",
                {
                    "other_id": other,
                    "on_revision": _number(on_revision),
                    "other_revision": _number(other_revision),
                    "same": same == "yes",
                    "keeps": keeps or None,
                    "reason": reason.strip(),
                },
                key=key or str(uuid4()),
            )
        except IntakeRefused as refused:
            return await again(refused.problem)
        except Unavailable as silent:
            return await again(Problem(title="没有办成", status=503, detail=silent.detail))
        said = Said(
            "ok",
            "已裁定为重复。" if same == "yes" else "已裁定为不重复。",
            "两件的流转记录里都有这条裁定；两件内容不变就不再问。",
            f"/desk/{project_id}",
            "回到这件的初审",
        )
        return site.turn(request, f"/duplicates/{project_id}?after={answer.wrote}", said)

    return router


async def _newest(site: Site, visit: Visit, project_id: str) -> tuple[Project, ProjectFacts]:
    """Give a project that the reader sees, with the facts of its newest edition."""
    project = await site.reading.project(site.scope(visit), project_id)
    if project is None:
        raise not_in_scope()
    known = editions(await site.reading.history(project_id))
    if project.revision not in known:
        raise not_in_scope()
    return project, known[project.revision]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
