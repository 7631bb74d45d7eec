"""The sign-in page: a client sends a browser here and gets it back with a code."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import FastAPI, Form, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict
from starlette.responses import RedirectResponse

from services.identity import authorising
from services.identity.accounts import Attempt
from services.identity.authorising import AskedWrongly, NotOurClient, SignInAsked
from services.identity.doors.desk import Desk
from services.identity.doors.examples import examples_of
from services.identity.doors.noting import address_of
from services.identity.doors.pages import Pages
from services.identity.passwords import LONGEST as LONGEST_PASSWORD
from services.identity.refusals import AccountLocked, PasswordMustBeChanged, WrongCredentials
from services.identity.sessions import LONGEST, Session
from shared.clock import SHANGHAI
from shared.limiting import TooManyRequests
from shared.refusals import Refusal, UnreadableInput

_LONGEST_REQUEST = 8 * 1024
_LONGEST_NAME = 64


@dataclass(frozen=True)
class _Shown:
    """What stands on the page beside the empty form."""

    username: str = ""
    failure: str = ""
    on_form: bool = False
    must_change: bool = False
    new_failure: str = ""


class _Typed(BaseModel):
    """What somebody typed, with the request of the client that sent him here."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    asked: str = ""
    username: Annotated[str, BeforeValidator(lambda name: str(name).strip())] = ""
    password: str = ""
    new_password: str = ""
    again: str = ""

    def flaw(self) -> _Shown | None:
        """Say what cannot be tried."""
        if not self.username or not self.password:
            return _Shown(self.username, "请填账号和密码。")
        if not self.username.isprintable() or len(self.username) > _LONGEST_NAME:
            return _Shown("", "账号里有无法显示的字符，或太长。")
        if max(len(self.password), len(self.new_password)) > LONGEST_PASSWORD:
            return _Shown(self.username, f"密码最多 {LONGEST_PASSWORD} 位。")
        if self.new_password != self.again:
            unlike = "两次填的新密码不一样，请重新填写。"
            return _Shown(self.username, must_change=True, new_failure=unlike)
        return None


def routes(app: FastAPI, desk: Desk, pages: Pages) -> None:
    """Add the way in."""

    async def show(request: Request, asked: str, shown: _Shown, status: int = 200) -> Response:
        examples = await examples_of(desk) if desk.clock.demonstration else None
        return pages.show(
            request, "sign_in.html", status=status, asked=asked, shown=shown, examples=examples
        )

    def read(request: Request, query: str) -> SignInAsked | Response:
        try:
            if len(query) > _LONGEST_REQUEST:
                raise NotOurClient
            return authorising.read(parse_qsl(query, keep_blank_values=True), desk.clients)
        except NotOurClient:
            text = "要登录的系统没有在这里登记，或返回地址不是登记的那个。请从系统首页重新进入。"
            return pages.say(request, "不能登录", text, status=400)
        except AskedWrongly as wrong:
            told = {"error": wrong.error, "error_description": wrong.description}
            return RedirectResponse(wrong.back.with_answer(desk.issuing.issuer, **told), 303)

    async def let_in(wanted: SignInAsked, session: Session, now: datetime) -> Response:
        code = await desk.codes.issue(session, wanted.asked, now)
        return RedirectResponse(wanted.back.with_answer(desk.issuing.issuer, code=code), 303)

    @app.get("/authorize", include_in_schema=False)
    async def authorize(request: Request) -> Response:
        query = request.url.query
        wanted = read(request, query)
        if isinstance(wanted, Response):
            return wanted
        now = datetime.now(UTC)
        secret = request.cookies.get(pages.cookies.session)
        session = await desk.sessions.find(secret, now) if secret else None
        # The post is read anew: whoever lost it types a password, which then opens nothing.
        known = session and await desk.accounts.find(session.account, desk.today)
        if session and known and "login" not in wanted.prompt:
            return await let_in(wanted, session, now)
        if "none" in wanted.prompt:
            told = {"error": "login_required"}
            return RedirectResponse(wanted.back.with_answer(desk.issuing.issuer, **told), 303)
        return await show(request, query, _Shown())

    @app.post("/sign-in", include_in_schema=False)
    async def sign_in(request: Request, typed: Annotated[_Typed, Form()]) -> Response:
        asked = typed.asked
        wanted = read(request, asked)
        if isinstance(wanted, Response):
            return wanted
        if flaw := typed.flaw():
            return await show(request, asked, flaw, 422)
        now = datetime.now(UTC)
        attempt = Attempt(
            typed.username,
            typed.password,
            address=address_of(request),
            now=now,
            business_now=desk.clock.now(),
            new_password=typed.new_password or None,
        )
        try:
            # Each try costs a hash, whatever name it is for; the lock counts for each name.
            desk.runtime.limits.take(attempt.address, request)
            holder = await desk.accounts.sign_in(attempt)
        except Refusal as refused:
            shown, status = _said(refused, typed)
            answer = await show(request, asked, shown, status)
            if isinstance(refused, TooManyRequests):
                answer.headers["Retry-After"] = str(refused.more["retry_after"])
            return answer
        secret, session = await desk.sessions.begin(holder.account, now)
        answer = await let_in(wanted, session, now)
        seconds = int(LONGEST.total_seconds())
        pages.cookies.put(request, answer, pages.cookies.session, secret, seconds)
        return answer


def _said(refused: Refusal, typed: _Typed) -> tuple[_Shown, int]:
    """Say on the page why nobody came in, and with which status."""
    match refused:
        case PasswordMustBeChanged() | UnreadableInput():
            # The new password is judged only after the old one was right.
            said = refused.detail if typed.new_password else ""
            status = 422 if typed.new_password else 403
            return _Shown(typed.username, must_change=True, new_failure=said), status
        case AccountLocked() | WrongCredentials():
            return _Shown(typed.username, _sentence(refused)), refused.status
        case _:
            return _Shown(typed.username, refused.detail, on_form=True), refused.status


def _sentence(refused: AccountLocked | WrongCredentials) -> str:
    match refused:
        case AccountLocked(more={"until": str(until)}):
            at = datetime.fromisoformat(until).astimezone(SHANGHAI)
            return (
                f"账号已锁定，{at:%H:%M} 后可再试。"
                "连续输错 5 次锁定 15 分钟，也可联系本单位管理员。"
            )
        case WrongCredentials(more={"tries_left": int(left)}):
            return f"账号或密码不对。再错 {left} 次将锁定 15 分钟。"
        case _:
            return refused.detail
