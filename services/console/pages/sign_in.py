"""Sign in and out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from services.console.adapters.identity import SignInRefused
from services.console.pages import words
from services.console.pages.frame import Site
from shared.refusals import Unavailable

_DEFAULT_SECONDS = 12 * 3600


@dataclass(frozen=True)
class _Failure:
    message: str
    on_form: bool = False


def pages(site: Site) -> APIRouter:
    """Give the routes of signing in and out."""
    router = APIRouter()

    async def show(
        request: Request,
        *,
        next_address: str,
        username: str = "",
        failure: _Failure | None = None,
        must_change: bool = False,
        new_failure: str = "",
        status: int = 200,
    ) -> Response:
        examples = await site.identity.examples() if site.clock.demonstration else None
        return await site.render(
            request,
            "sign_in.html",
            None,
            title="登录",
            status=status,
            next_address=next_address,
            username=username,
            failure=failure,
            must_change=must_change,
            new_failure=new_failure,
            examples=examples,
        )

    @router.get("/sign-in")
    async def form(request: Request, next: str = "/") -> Response:  # noqa: A002
        return await show(request, next_address=_local(next))

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        username: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        new_password: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",  # noqa: A002
    ) -> Response:
        # Each try costs a hash, whatever name it is for; the lock counts for each name.
        site.limits.take(request.client.host if request.client else "", request)
        address = _local(next)
        if not username.strip() or not password:
            failure = _Failure("请填账号和密码。")
            return await show(
                request, next_address=address, username=username, failure=failure, status=422
            )
        if new_password != again:
            return await show(
                request,
                next_address=address,
                username=username,
                must_change=True,
                new_failure="两次填的新密码不一样，请重新填写。",
                status=422,
            )
        try:
            signed_in = await site.sessions.open(username.strip(), password, new_password or None)
        except SignInRefused as refused:
            # The new password is judged only after the old one was right.
            if refused.code in {"password_must_be_changed", "unreadable_input"}:
                return await show(
                    request,
                    next_address=address,
                    username=username,
                    must_change=True,
                    new_failure=refused.detail if new_password else "",
                    status=422 if new_password else 403,
                )
            failure = _Failure(_sentence(refused))
            return await show(
                request, next_address=address, username=username, failure=failure, status=401
            )
        except Unavailable as silent:
            failure = _Failure(f"{silent.detail}请稍后再试。", on_form=True)
            return await show(
                request, next_address=address, username=username, failure=failure, status=503
            )
        answer = site.turn(request, address)
        site.cookies.put(
            request,
            answer,
            site.cookies.session,
            signed_in.session or "",
            signed_in.session_expires_in or _DEFAULT_SECONDS,
        )
        return answer

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        session = request.cookies.get(site.cookies.session)
        answer = site.turn(request, "/sign-in")
        site.cookies.drop(answer, site.cookies.session)
        if session:
            await site.sessions.close(session)
        return answer

    return router


def _local(address: str) -> str:
    """Keep only an address of our own; anything else leads to the first page."""
    if not address.startswith("/") or address.startswith(("//", "/\\", "/sign-")):
        return "/"
    return address


def _sentence(refused: SignInRefused) -> str:
    if refused.code == "account_locked":
        until = _time_of_day(refused.until)
        return f"账号已锁定{until}。连续输错 5 次锁定 15 分钟，也可联系本单位管理员。"
    if refused.tries_left is not None:
        return f"账号或密码不对。再错 {refused.tries_left} 次将锁定 15 分钟。"
    return refused.detail


def _time_of_day(until: str | None) -> str:
    if not until:
        return ""
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        return ""
    return f"，{words.full_moment(moment)[-5:]} 后可再试"
