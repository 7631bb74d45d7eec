"""What stands around every route: headers on each answer, and an answer to each error."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A document runs nothing and stands in no frame; pages bring a policy of their own.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_ONLY_TLS = "max-age=31536000"


class Protected:
    """ASGI middleware around everything: an answer without a header of its own gets ours."""

    def __init__(self, app: ASGIApp, *, only_tls: bool) -> None:
        """Wrap the application; ``only_tls`` tells browsers to come back by TLS alone."""
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _ONLY_TLS} if only_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the headers on the answer."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)


Unexpected = Callable[[Request, Exception], Awaitable[Response]]


class Unbroken:
    """ASGI middleware next to the routes: what nobody foresaw is answered inside all others.

    The framework itself would answer outside of them, without headers and uncounted.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the routes."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an error with the application's own handler, unless an answer has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def note(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        application = scope["app"]
        try:
            await self._app(scope, receive, note)
        except Exception as error:
            if begun:
                raise
            unexpected: Unexpected = application.exception_handlers[Exception]
            answer = await unexpected(Request(scope, receive), error)
            await answer(scope, receive, send)
