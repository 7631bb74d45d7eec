"""The way out: a client sends a browser here to end its session (RP-Initiated Logout 1.0)."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from starlette.responses import RedirectResponse

from services.identity.doors.desk import Desk
from services.identity.doors.pages import Pages

_OUT = ("已退出", "这个浏览器的登录已经结束。")


def routes(app: FastAPI, desk: Desk, pages: Pages) -> None:
    """Add the way out."""

    @app.get("/end-session", include_in_schema=False)
    async def end_session(
        request: Request,
        id_token_hint: str = "",
        post_logout_redirect_uri: str = "",
        state: str = "",
    ) -> Response:
        now = datetime.now(UTC)
        told = await desk.issuing.signed_in(id_token_hint, now) if id_token_hint else None
        if told is None:
            # Any page may lead here; without a client's word the person himself says it.
            title, text = "退出登录", "要结束这个浏览器的登录吗？"
            return pages.show(request, "said.html", title=title, text=text, leave=True)
        await desk.families.end_session_of(told.family)
        secret = request.cookies.get(pages.cookies.session)
        session = await desk.sessions.find(secret, now) if secret else None
        if secret and session and session.account == told.account:
            await desk.sessions.end(secret)
        client = desk.clients.find(told.client)
        answer: Response
        if client and post_logout_redirect_uri in client.signed_out_uris:
            query = f"?{urlencode({'state': state})}" if state else ""
            answer = RedirectResponse(f"{post_logout_redirect_uri}{query}", 303)
        else:
            answer = pages.say(request, *_OUT)
        pages.cookies.drop(answer, pages.cookies.session)
        return answer

    @app.post("/end-session", include_in_schema=False)
    async def end_own_session(request: Request) -> Response:
        if secret := request.cookies.get(pages.cookies.session):
            await desk.sessions.end(secret)
        answer = pages.say(request, *_OUT)
        pages.cookies.drop(answer, pages.cookies.session)
        return answer
