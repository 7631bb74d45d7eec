"""个人设置: everybody's own password, own sign-ins, and the way out everywhere."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from services.console.adapters.office import FieldProblem, OfficeRefused, Problem
from services.console.pages.accounts import Came
from services.console.pages.administering import AUDIENCE, read
from services.console.pages.deeds import RESULTS, moment
from services.console.pages.frame import Said, Site
from services.console.pages.session import SESSION_SECONDS, Visit
from shared.refusals import NotFound

_PATH = "/settings"


class Absent(BaseModel):
    """Somebody whom one may stand in for today."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: UUID
    name: str


class Own(BaseModel):
    """One's own account."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    username: str
    name: str
    role: str
    organisation_name: str
    shortest_password: int
    sessions: int
    sign_ins: tuple[Came, ...]
    absent: tuple[Absent, ...] = ()


def pages(site: Site) -> APIRouter:
    """Give the routes of one's own settings."""
    router = APIRouter()

    async def token(visit: Visit) -> str:
        return await site.sessions.token(visit.session, AUDIENCE)

    async def show(request: Request, visit: Visit, problem: Problem | None = None) -> Response:
        own = Own.model_validate(
            (await site.identity_desk.read(await token(visit), "/own")).document
        )
        return await site.render(
            request,
            "settings.html",
            visit,
            status=problem.status if problem else 200,
            title="个人设置",
            current="settings",
            own=own,
            problem=problem,
            faults={one.field: one for one in problem.errors} if problem else {},
            results=RESULTS,
            when_at=moment,
        )

    @router.get(_PATH)
    async def settings(request: Request) -> Response:
        return await show(request, await site.visit(request))

    @router.post(f"{_PATH}/password")
    async def change_password(request: Request) -> Response:
        visit = await site.visit(request)
        typed = read(await request.form(), "password").values
        if typed.get("new_password") != typed.get("again"):
            return await show(request, visit, _DIFFERENT)
        body = {name: typed.get(name, "") for name in ("password", "new_password")}
        try:
            await site.identity_desk.ask("POST", await token(visit), "/own/password", body, {})
        except OfficeRefused as refused:
            return await show(request, visit, _worded(refused.problem))
        return await leave(request, visit, "密码已修改，请用新密码登录。其他地方的登录也已退出。")

    @router.post(f"{_PATH}/sign-out")
    async def sign_out(request: Request) -> Response:
        visit = await site.visit(request)
        filled = read(await request.form(), "sign-out")
        await site.identity_desk.command(await token(visit), "/own/sign-out", {}, key=filled.key)
        return await leave(request, visit, "所有地方的登录都已退出。")

    @router.post(f"{_PATH}/stand-in")
    async def stand_in(request: Request) -> Response:
        """Act for somebody absent, or for oneself again where nobody is named."""
        visit = await site.visit(request)
        absent = read(await request.form(), "stand-in").values.get("absent", "")
        own = Own.model_validate(
            (await site.identity_desk.read(await token(visit), "/own")).document
        )
        found = next((one for one in own.absent if str(one.account) == absent), None)
        if absent and found is None:
            raise NotFound("今天没有登记由你代理。")
        secret = await site.sessions.act_for(visit.session, absent)
        text = f"现在代{found.name}办理，记录里两人都写明。" if found else "现在以本人身份办理。"
        answer = site.turn(request, _PATH, Said("ok", text))
        site.cookies.put(request, answer, site.cookies.session, secret, SESSION_SECONDS)
        return answer

    async def leave(request: Request, visit: Visit, text: str) -> Response:
        await site.sessions.close_all(visit.actor.account)
        answer = site.turn(request, "/signed-out", Said("ok", text))
        site.cookies.drop(answer, site.cookies.session)
        return answer

    return router


_DIFFERENT = Problem(
    status=422,
    title="没有修改",
    detail="两次填的新密码不一样。",
    errors=(FieldProblem(field="again", message="两次填的新密码不一样。", remedy="请重新填写。"),),
)


def _worded(problem: Problem) -> Problem:
    """Say where it stands that the old password is wrong; a lock stands over the form."""
    if problem.code != "wrong_credentials":
        return problem
    wrong = FieldProblem(field="password", message=problem.detail)
    return problem.model_copy(update={"status": 422, "title": "没有修改", "errors": (wrong,)})
