"""Signing in at the issuer and coming back with a code; signing out."""

import base64
import binascii
import hmac
import json
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request, Response

from services.console.adapters.provider import Beginning, Refused
from services.console.pages.frame import Site
from services.console.pages.session import SESSION_SECONDS
from shared.refusals import NotSignedIn

# Long enough to ask a colleague for a password, short enough for a page left open to be forgotten.
_MINUTES = 30


def pages(site: Site) -> APIRouter:
    """Give the routes of signing in and out."""
    router = APIRouter()

    @router.get("/sign-in")
    async def sign_in(
        request: Request,
        next: str = "/",  # noqa: A002
        moved: bool = False,
    ) -> Response:
        address = _local(next)
        # A browser that knows us by another name would not bring back there what it is given here.
        # Once only: a proxy may hide from us by which name we were asked.
        if not moved and request.url.netloc != urlsplit(site.provider.home).netloc:
            there = f"{site.provider.home}/sign-in?next={quote(address, safe='')}&moved=1"
            return await site.onward(request, there, "正在前往登录")
        beginning = Beginning.make()
        answer = await site.onward(
            request, await site.provider.way_in(beginning), "正在前往统一登录"
        )
        name = site.cookies.signing_in(beginning.state)
        value = _remembered(beginning, address)
        site.cookies.put(request, answer, name, value, _MINUTES * 60, lax=True)
        return answer

    @router.get("/signed-in")
    async def signed_in(
        request: Request, code: str = "", state: str = "", iss: str = "", error: str = ""
    ) -> Response:
        """Come back from the issuer."""
        site.limits.take(request.client.host if request.client else "", request)
        name = site.cookies.signing_in(state)
        beginning, address = _read(request.cookies.get(name, ""))
        ours = beginning is not None and hmac.compare_digest(
            beginning.state.encode(), state.encode()
        )
        if beginning is None or not ours or not site.provider.is_from(iss):
            return await _not_done(request, "这次登录不是从这个浏览器开始的，或开始得太久了。")
        if error or not code:
            answer = await _not_done(request, "统一登录没有让你进来。")
            site.cookies.drop(answer, name)
            return answer
        try:
            session = await site.sessions.open(await site.provider.redeem(code, beginning))
        except (Refused, NotSignedIn):
            answer = await _not_done(request, "登录凭证已经用过、过期，或不是给本系统的。")
            site.cookies.drop(answer, name)
            return answer
        answer = await site.onward(request, address, "正在进入")
        site.cookies.put(request, answer, site.cookies.session, session, SESSION_SECONDS)
        site.cookies.drop(answer, name)
        return answer

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        session = request.cookies.get(site.cookies.session)
        address = await site.sessions.close(session) if session else "/signed-out"
        answer = await site.onward(request, address, "正在退出")
        site.cookies.drop(answer, site.cookies.session)
        return answer

    @router.get("/signed-out")
    async def signed_out(request: Request) -> Response:
        return await site.render(
            request, "gate.html", None, title="已退出", text="登录已经结束。", again="登录"
        )

    async def _not_done(request: Request, text: str) -> Response:
        return await site.render(
            request, "gate.html", None, status=400, title="没有登录", text=text, again="重新登录"
        )

    return router


def _local(address: str) -> str:
    """Keep only an address of our own; anything else leads to the first page."""
    outside = not address.startswith("/") or address.startswith(("//", "/\\"))
    return "/" if outside or address.startswith(("/sign-", "/signed-")) else address


def _remembered(beginning: Beginning, address: str) -> str:
    fields = [beginning.state, beginning.nonce, beginning.verifier, address]
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()


def _read(value: str) -> tuple[Beginning | None, str]:
    try:
        state, nonce, verifier, address = json.loads(base64.urlsafe_b64decode(value))
    except (ValueError, TypeError, binascii.Error):
        return None, "/"
    return Beginning(str(state), str(nonce), str(verifier)), _local(str(address))
