"""标签: which projects stand under which programme; what the plan promised of those it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from contracts.reference.tags import Tag, items_of, known_tags, tags
from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages import words
from services.console.pages.exporting import give, not_too_many
from services.console.pages.frame import Said, Site, not_in_scope
from services.console.pages.moment import Moment, present
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from services.console.pages.tag_reading import Tagged
from services.console.pages.tag_words import SIGNS, kept, name_of
from shared.refusals import NotAllowed, Unavailable
from shared.scope import may

_COLUMNS = (
    Column[Tagged]("项目名称", lambda one: one.name),
    Column[Tagged]("标签", lambda one: name_of(one.tag, one.item)),
    Column[Tagged]("报送单位", lambda one: one.owner_name),
    Column[Tagged]("库", lambda one: words.POOL_BY_CODE[one.pool].name if one.pool else ""),
    Column[Tagged]("总投资（万元）", lambda one: words.in_wan(one.total_investment)),
    Column[Tagged]("标签起", lambda one: one.from_on),
    Column[Tagged]("开工", lambda one: one.started_on),
)


@dataclass(frozen=True)
class Line:
    """One tag with what carries it."""

    tag: Tag
    count: int
    money: int


def pages(site: Site) -> APIRouter:
    """Give the routes of tags."""
    router = APIRouter()

    async def tagged(visit: Visit, when: Moment, code: str = "") -> Sequence[Tagged]:
        scope = site.scope(visit)
        if scope.nothing:
            raise NotAllowed("你的角色不查看项目数据。")
        return await site.tags(when).carrying(scope, when.today, code)

    @router.get("/tags")
    async def listed(request: Request, as_of: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        carrying = await tagged(visit, when)
        return await site.render(
            request,
            "tags.html",
            visit,
            title="标签",
            current="tags",
            when=when,
            lines=[_line(tag, carrying) for tag in tags(when.today)],
        )

    @router.get("/tags/{code}")
    async def one(request: Request, code: str, as_of: str = "", export: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        tag = known_tags().get(code)
        if tag is None:
            raise not_in_scope()
        carrying = await tagged(visit, when, code)
        if export:
            not_too_many(len(carrying))
            return await give(
                site, request, visit, when, f"标签_{tag.name}", _COLUMNS, carrying, [tag.name]
            )
        return await site.render(
            request,
            "tag.html",
            visit,
            title=tag.name,
            current="tags",
            when=when,
            tag=tag,
            line=_line(tag, carrying),
            carrying=carrying,
            items={item.code: item.name for item in items_of(tag)},
            kept=kept(carrying, when.today) if tag.items == "named" else (),
            signs=SIGNS,
        )

    _add_of_project(router, site)
    return router


def _add_of_project(router: APIRouter, site: Site) -> None:
    """Add the routes of one project's tags."""

    async def show(
        request: Request,
        visit: Visit,
        project_id: str,
        *,
        fresh: bool = True,
        problem: Problem | None = None,
    ) -> Response:
        scope, now = site.scope(visit), present(site.clock)
        project = await site.reading.project(scope, project_id)
        if project is None:
            raise not_in_scope()
        own = await site.tags(now).carrying(scope, now.today, project_id=project_id)
        held = {one.tag for one in own if one.until_on is None}
        return await site.render(
            request,
            "project_tags.html",
            visit,
            title=f"标签 {project.name}",
            current="projects",
            status=problem.status if problem else 200,
            project=project,
            own=own,
            name_of=name_of,
            choices=[(tag, items_of(tag)) for tag in tags(now.today) if tag.code not in held],
            marks=may(visit.actor, "tag") and project.pool is not None,
            problem=problem,
            key=str(uuid4()),
            fresh=fresh,
        )

    @router.get("/projects/{project_id}/tags")
    async def of_project(request: Request, project_id: UUID, after: str = "") -> Response:
        visit = await site.visit(request)
        fresh = await site.fresh(visit, after)
        return await show(request, visit, str(project_id), fresh=fresh)

    async def carry_out(
        request: Request, project_id: UUID, path: str, body: dict[str, JsonValue], key: str
    ) -> Response:
        visit = await site.visit(request)
        if not may(visit.actor, "tag"):
            raise NotAllowed("标签由市级初审员维护。")
        place = f"/projects/{project_id}/tags"
        try:
            answer = await site.command(visit, f"{place}{path}", body, key=key)
        except IntakeRefused as refused:
            return await show(request, visit, str(project_id), problem=refused.problem)
        except Unavailable as silent:
            problem = Problem(
                title="没有办成", status=503, code="unavailable", detail=silent.detail
            )
            return await show(request, visit, str(project_id), problem=problem)
        said = Said("ok", str(answer.document["message"]))
        return site.turn(request, f"{place}?after={answer.wrote}", said)

    @router.post("/projects/{project_id}/tags")
    async def mark(request: Request, project_id: UUID) -> Response:
        form = await request.form()
        tag, _, item = str(form.get("tag") or "").partition("/")
        body: dict[str, JsonValue] = {"tag": tag, "from_on": str(form.get("from_on") or "")}
        if item:
            body["item"] = item
        return await carry_out(request, project_id, "", body, str(form.get("key") or uuid4()))

    @router.post("/projects/{project_id}/tags/{tag}/end")
    async def unmark(request: Request, project_id: UUID, tag: str) -> Response:
        if tag not in known_tags():
            raise not_in_scope()
        form = await request.form()
        body: dict[str, JsonValue] = {
            "until_on": str(form.get("until_on") or ""),
            "reason": str(form.get("reason") or "").strip(),
        }
        key = str(form.get("key") or uuid4())
        return await carry_out(request, project_id, f"/{tag}/end", body, key)


def _line(tag: Tag, carrying: Sequence[Tagged]) -> Line:
    own = [one for one in carrying if one.tag == tag.code]
    return Line(tag, len(own), sum(one.total_investment or 0 for one in own))
