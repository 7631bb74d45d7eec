"""Guards every answer (security headers) and every change (same origin only)."""

import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

came_from: ContextVar[str] = ContextVar("came_from", default="")
"""The address that the request under way came from, for whoever notes sign-ins and refusals."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# The address of a static file carries its age, so browsers may keep it.
_LASTING = "public, max-age=31536000, immutable"
# What every answer of Siku carries is put on by shared/protecting.py.
_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def policy(nonce: str, form_action: str = "") -> str:
    """Write the content security policy: nothing inline, nothing from another host.

    ``form_action`` names other origins to which an answer to a form may lead.
    """
    forms = f"'self' {form_action}".strip()
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self';"
        " img-src 'self' data:; object-src 'none'; base-uri 'none';"
        f" form-action {forms}; frame-ancestors 'none'"
    )


def same_origin(headers: Mapping[str, str], host: str) -> bool:
    """Tell whether a change comes from one of our own pages.

    Browsers say so in Sec-Fetch-Site; older ones send at least an Origin. Neither is a refusal.
    """
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == host


def from_a_program(headers: Mapping[str, str]) -> bool:
    """Tell whether a token speaks for the request, not a cookie.

    No page of another host can make a browser send one along.
    """
    return headers.get("authorization", "")[:7].lower() == "bearer " and "cookie" not in headers


def _everywhere(_: str) -> bool:
    return True


class Guard:
    """ASGI middleware around pages; what stands at other addresses is left to itself."""

    def __init__(
        self, app: ASGIApp, *, pages: Callable[[str], bool] = _everywhere, form_action: str = ""
    ) -> None:
        """Wrap the application; ``pages`` tells a page by its address."""
        self._app = app
        self._pages = pages
        self._form_action = form_action

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse changes from elsewhere; put the headers on every answer."""
        if scope["type"] != "http" or not self._pages(scope["path"]):
            await self._app(scope, receive, send)
            return
        came_from.set((scope.get("client") or ("",))[0])
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", policy(nonce, self._form_action))
                lasting = scope["path"].startswith("/static/")
                headers.setdefault("Cache-Control", _LASTING if lasting else "no-store")
            await send(message)

        headers = Headers(scope=scope)
        own = from_a_program(headers) or same_origin(headers, headers.get("host", ""))
        if scope["method"] not in _SAFE and not own:
            refused = PlainTextResponse("没有办理：这次提交不是从本系统的页面发出的。", 403)
            await refused(scope, receive, answer)
            return
        await self._app(scope, receive, answer)
