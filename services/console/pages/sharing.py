"""领取、转办: what a reviewer takes from the queue, and to whom he gives it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from pydantic import JsonValue

from services.console.adapters.office import OfficeRefused
from services.console.pages.administering import AUDIENCE
from services.console.pages.frame import REVIEWS, Said, Site
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, Unavailable

QUEUE = "queue"
"""Stands in the form for nobody: it goes back into the queue."""


class Agent(NamedTuple):
    """Somebody who may be appointed, and his office."""

    account: str
    name: str
    office: str


async def colleagues(site: Site, visit: Visit) -> Mapping[str, str]:
    """Ask identity who is in the same post; where it does not say, there is nobody to choose."""
    rows = await _people(site, visit, "colleagues")
    return {str(row.get("account")): str(row.get("name")) for row in rows}


async def agents(site: Site, visit: Visit) -> Sequence[Agent]:
    """Ask identity who may go from office to office for a project (代办员)."""
    rows = await _people(site, visit, "agents")
    return [
        Agent(str(row.get("account")), str(row.get("name")), str(row.get("organisation")))
        for row in rows
    ]


async def _people(site: Site, visit: Visit, which: str) -> Sequence[Mapping[str, JsonValue]]:
    try:
        token = await site.sessions.token(visit.session, AUDIENCE)
        answer = await site.identity_desk.read(token, f"/own/{which}")
    except (OfficeRefused, Unavailable):
        return []
    rows = answer.document.get(which)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def pages(site: Site) -> APIRouter:
    """Give the routes of sharing a queue."""
    router = APIRouter()

    async def act(
        request: Request,
        project_id: UUID,
        verb: str,
        body: Mapping[str, JsonValue],
        done: Said,
        key: str,
    ) -> Response:
        visit = await site.visit(request)
        if visit.actor.role not in REVIEWS:
            raise NotAllowed("审核台由市级初审员和省级审核员使用。")
        address = f"/desk/{project_id}"
        try:
            answer = await site.command(
                visit, f"/projects/{project_id}/{verb}", body, key=key or str(uuid4())
            )
        except OfficeRefused as refused:
            problem = refused.problem
            if problem.status == 404:
                raise
            note = "".join(f"{one.message}{one.remedy}" for one in problem.errors)
            return site.turn(
                request, address, Said("late", f"{problem.title}：", problem.detail + note)
            )
        except Unavailable as silent:
            return site.turn(request, address, Said("late", "没有办成：", silent.detail))
        return site.turn(request, f"{address}?after={answer.wrote}", done)

    @router.post("/desk/{project_id}/take")
    async def take(
        request: Request, project_id: UUID, key: Annotated[str, Form()] = ""
    ) -> Response:
        done = Said("ok", "已领取。", "同级的其他审核人看到这件由你在办。")
        return await act(request, project_id, "take", {}, done, key)

    @router.post("/desk/{project_id}/hand-over")
    async def hand_over(
        request: Request,
        project_id: UUID,
        to: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        handed_to = None if to in {"", QUEUE} else to
        body: Mapping[str, JsonValue] = {"handed_to": handed_to, "reason": reason.strip()}
        done = Said("ok", "已转办。" if handed_to else "已放回待办。", "期限不变。")
        return await act(request, project_id, "hand-over", body, done, key)

    return router
