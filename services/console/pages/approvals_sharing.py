"""领取、转办 on the desk of approvals: one item, those that were ticked, a whole desk."""

from dataclasses import replace
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request, Response
from pydantic import JsonValue

from services.console.adapters.office import Answer, Body, OfficeRefused
from services.console.pages.frame import Said, Site
from services.console.pages.item_lists import PATH, Asked, asked_of, scope_of
from services.console.pages.session import Visit
from services.console.pages.sharing import QUEUE
from shared.refusals import NotAllowed, Unavailable, UnreadableInput
from shared.scope import may

AUDIENCE = "approval_tracking"
MOST_AT_ONCE = 500
_MOST_FORM_FIELDS = 2_000


def pages(site: Site) -> APIRouter:
    """Give the routes of sharing the desk."""
    router = APIRouter()

    @router.post(f"{PATH}/take")
    async def take(
        request: Request,
        one: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        visit = await _officer(site, request)
        project_id, item = _place(one)
        path = f"/plans/{project_id}/items/{item}/take"
        done = Said("ok", "已领取。", "本单位的同事看到这一项由你在办；期限不变。")
        return await _sent(site, request, visit, path, {}, done, key, _back(back))

    @router.post(f"{PATH}/hand-over")
    async def hand_over(request: Request) -> Response:
        visit = await _officer(site, request)
        form = await request.form(max_fields=_MOST_FORM_FIELDS)
        back = _back(str(form.get("back") or ""))
        to, reason = str(form.get("to") or ""), str(form.get("reason") or "").strip()
        places = [_place(str(one)) for one in form.getlist("one")]
        whose = str(form.get("whose") or "")
        if whose:
            calendar = (await site.reading.in_force()).calendar
            ask = asked_of(site, visit, Asked(office=str(form.get("office") or "")), calendar)
            of_him = replace(ask, officer=whose)
            places = list(await site.reading.items.of_officer(scope_of(site, visit), of_him))
        if not places or not to:
            why = "请先勾选事项，并选择转给谁。" if not whose else "这位同事手上没有在办的事项。"
            return site.turn(request, back, Said("near", "没有转办：", why))
        key = str(form.get("key") or uuid4())
        # Each call takes so many; each part has a key of its own, so that a repetition is none.
        answer = Response()
        for first in range(0, len(places), MOST_AT_ONCE):
            items: list[JsonValue] = [
                {"project_id": project_id, "item": item}
                for project_id, item in places[first : first + MOST_AT_ONCE]
            ]
            body = {"items": items, "officer": None if to == QUEUE else to, "reason": reason}
            done = Said("ok", "", "期限不变。")
            answer = await _sent(
                site, request, visit, "/desk/hand-over", body, done, f"{key}-{first}", back
            )
        return answer

    return router


async def _officer(site: Site, request: Request) -> Visit:
    visit = await site.visit(request)
    if not may(visit.actor, "handle_items"):
        raise NotAllowed("领取和转办由审批人员办理。")
    return visit


async def _sent(
    site: Site,
    request: Request,
    visit: Visit,
    path: str,
    body: Body,
    done: Said,
    key: str,
    back: str,
) -> Response:
    """Send an act on, and give the page that it leads back to with what came of it."""
    try:
        token = await site.sessions.token(visit.session, AUDIENCE)
        answer = await site.approvals.command(token, path, body, key=key or str(uuid4()))
    except OfficeRefused as refused:
        problem = refused.problem
        note = "".join(f"{one.message}{one.remedy}" for one in problem.errors)
        return site.turn(request, back, Said("late", f"{problem.title}：", problem.detail + note))
    except Unavailable as silent:
        return site.turn(request, back, Said("late", "没有办成：", silent.detail))
    sign = "&" if "?" in back else "?"
    address = f"{back}{sign}after={answer.wrote}" if answer.wrote else back
    return site.turn(request, address, _told(answer, done))


def _told(answer: Answer, done: Said) -> Said:
    refused = answer.document.get("refused")
    whys = (
        {str(one.get("why")) for one in refused if isinstance(one, dict)}
        if isinstance(refused, list)
        else set()
    )
    text = done.text or str(answer.document.get("message") or "已办理。")
    return Said("near" if whys else done.tone, text, "".join(sorted(whys)) or done.note)


def _place(text: str) -> tuple[str, str]:
    project_id, _, item = text.partition("|")
    if not (project_id and item and project_id.replace("-", "").isalnum() and item.isalnum()):
        raise UnreadableInput("没有这一项，请从审批台重新选择。")
    return project_id, item


def _back(text: str) -> str:
    """Give where to go back to: a page of the desk, whatever the form says."""
    return text if text == PATH or text.startswith(f"{PATH}?") else PATH
