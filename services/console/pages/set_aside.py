"""搁置的事实: what no view could apply, for the operator to try again or to give up."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.console.adapters.views_door import NotDone
from services.console.pages.frame import Said, Site
from services.console.pages.session import Visit
from shared.refusals import NotFound
from shared.scope import may
from shared.viewing.door import Name, Version
from shared.viewing.parking import REASON_LENGTHS, Replayed

REASONS = {"failed": "出错", "queued": "排队", "ahead": "缺前一件"}
LIGHTS = {"failed": "late", "queued": "none", "ahead": "near"}
AGES = {"1": "1 小时内", "24": "24 小时内", "168": "7 天内"}
_PATH = "/set-aside"


class Asked(BaseModel):
    """The filter, as it stands in the address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: Annotated[str, Field(max_length=64)] = ""
    view: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""
    reason: Literal["", "failed", "queued", "ahead"] = ""
    hours: Literal["", "1", "24", "168"] = ""
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    def address(self, **changes: object) -> str:
        """Give the address of the list with other answers to some questions."""
        asked = {**self.model_dump(), "page": 1, **changes}
        query = urlencode({name: value for name, value in asked.items() if value not in {"", 1}})
        return f"{_PATH}?{query}" if query else _PATH

    def query(self, now: datetime) -> dict[str, str]:
        """Give the questions as the service is asked them."""
        since = (now - timedelta(hours=int(self.hours))).isoformat() if self.hours else ""
        asked = {"view": self.view, "reason": self.reason, "since": since, "page": str(self.page)}
        return {name: value for name, value in asked.items() if value}


class Place(BaseModel):
    """One fact set aside, by its address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: Annotated[str, Field(max_length=64)]
    view: Name
    stream: Name
    version: Version

    @property
    def address(self) -> str:
        """Give the page of this fact."""
        return f"{_PATH}/fact?{urlencode(self.model_dump())}"


def pages(site: Site) -> APIRouter:
    """Give the routes over what is set aside."""
    router = APIRouter()
    door = site.views_door

    async def operator(request: Request) -> Visit:
        visit = await site.visit(request)
        if not may(visit.actor, "operate"):
            raise NotFound("没有这个地址。")
        return visit

    async def token(visit: Visit, service: str) -> str:
        if service not in door.services:
            raise NotFound("没有这项服务。")
        return await site.sessions.token(visit.session, service)

    @router.get(_PATH)
    async def listed(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        visit = await operator(request)
        service = asked.service or door.services[0]
        now = datetime.now(UTC)
        allowed = await token(visit, service)
        found = await door.listed(service, allowed, asked.query(now))
        if asked.page > found.pages:
            return site.turn(request, asked.address(page=found.pages))
        return await site.render(
            request,
            "set_aside.html",
            visit,
            title="搁置的事实",
            current="set-aside",
            asked=asked,
            service=service,
            services=door.services,
            found=found,
            given_up=(await door.given_up(service, allowed)).discarded,
            now_real=now,
            reasons=REASONS,
            lights=LIGHTS,
            ages=AGES,
            place=Place,
        )

    async def show(
        request: Request,
        visit: Visit,
        place: Place,
        *,
        typed: str = "",
        problem: str = "",
    ) -> Response:
        allowed = await token(visit, place.service)
        shown = await door.shown(place.service, allowed, place.view, place.stream, place.version)
        return await site.render(
            request,
            "set_aside_fact.html",
            visit,
            status=409 if problem else 200,
            title="搁置的事实",
            current="set-aside",
            place=place,
            shown=shown,
            now_real=datetime.now(UTC),
            reasons=REASONS,
            lights=LIGHTS,
            least=REASON_LENGTHS[0],
            most=REASON_LENGTHS[1],
            typed=typed,
            problem=problem,
        )

    @router.get(f"{_PATH}/fact")
    async def fact(request: Request, place: Annotated[Place, Query()]) -> Response:
        return await show(request, await operator(request), place)

    @router.post(f"{_PATH}/replay")
    async def replay(request: Request, asked: Annotated[Asked, Query()]) -> Response:
        """Try one stream again, or with none named every stream of the view."""
        visit = await operator(request)
        form = await request.form()
        service, view, stream = (str(form.get(n, "")) for n in ("service", "view", "stream"))
        allowed = await token(visit, service)
        try:
            done = await door.replay(service, allowed, view, stream or None)
        except NotFound as gone:
            return site.turn(request, asked.address(), Said("info", gone.detail))
        return site.turn(request, asked.address(), _said(done.outcomes))

    @router.post(f"{_PATH}/discard")
    async def discard(request: Request, place: Annotated[Place, Query()]) -> Response:
        visit = await operator(request)
        form = await request.form()
        reason = str(form.get("reason", ""))
        if form.get("confirmed") != "yes":
            problem = "请勾选确认：放弃以后，这个视图永远不会办理这一件。"
            return await show(request, visit, place, typed=reason, problem=problem)
        try:
            done = await door.discard(
                place.service,
                await token(visit, place.service),
                place.view,
                place.stream,
                place.version,
                reason,
            )
        except NotDone as refused:
            return await show(request, visit, place, typed=reason, problem=refused.detail)
        (outcome,) = done.outcomes
        note = (
            f"排在后面的已办理 {outcome.applied} 件，还有 {outcome.left} 件搁置：{outcome.error}"
            if outcome.left
            else f"排在后面的 {outcome.applied} 件已依次办理。"
        )
        said = Said("near" if outcome.left else "ok", "已放弃，谁、何时、为何已留存。", note)
        return site.turn(request, _PATH, said)

    return router


def _said(outcomes: Sequence[Replayed]) -> Said:
    applied = sum(one.applied for one in outcomes)
    still = [one for one in outcomes if one.left]
    if not outcomes:
        return Said("info", "没有搁置的事实，不必重试。")
    if not still:
        return Said("ok", f"已重试：{len(outcomes)} 条流都已接上，办理 {applied} 件。")
    left = sum(one.left for one in still)
    return Said(
        "late",
        f"已重试：办理 {applied} 件；{len(still)} 条流仍不通，还搁置 {left} 件。",
        still[0].error,
    )
