"""What a page says when it cannot be shown, in the same frame as every other page."""

from dataclasses import dataclass

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from services.console.adapters.office import OfficeRefused
from services.console.pages.frame import Site, sign_in_address
from services.console.pages.session import Visit
from shared.limiting import TooManyRequests
from shared.refusals import NotFound, NotSignedIn, Refusal, StaleVersion

log = structlog.get_logger()

_OUTSIDE = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.TooManyConnectionsError,
)


@dataclass(frozen=True)
class _Page:
    """What to say: the sentence, what still works, and whether trying again helps."""

    status: int
    title: str
    detail: str
    works: str = ""
    again: bool = False


_GONE = _Page(
    404,
    "没有找到",
    "没有这个地址，或这件不在你单位的范围内。",
    "可以从看板或清单重新进入。",
)
_NOT_THIS_WAY = _Page(405, "没有办理", "这个地址不接受这种方式。", "可以从看板或清单重新进入。")
_DATABASE = _Page(
    503,
    "暂时看不了",
    "数据库暂时没有回应，你没有丢失任何已办的事。",
    "已经办完的事都在，恢复后即可查看。",
    again=True,
)
_PREPARING = _Page(
    503,
    "正在准备",
    "看板的数据正在由记录重新算出，通常不到一分钟。",
    "申报、审核等已办的事不受影响。",
    again=True,
)


def add_error_pages(app: FastAPI, site: Site) -> None:
    """Answer whatever goes wrong with a page instead of a document."""

    async def say(request: Request, page: _Page, *, alone: bool = False) -> Response:
        visit = None if alone else await _visit(site, request)
        try:
            answer: Response = await site.render(
                request, "error.html", visit, title=page.title, status=page.status, error=page
            )
        except (*_OUTSIDE, asyncpg.UndefinedTableError):
            # The menu counts what waits; without a database the frame goes without it.
            answer = await site.render(
                request, "error.html", None, title=page.title, status=page.status, error=page
            )
        return answer

    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, NotSignedIn):
            if request.headers.get("HX-Request"):
                # A fetch would follow the redirect by itself and hand the form to the board.
                return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
            answer = site.turn(request, sign_in_address(request))
            site.cookies.drop(answer, site.cookies.session)
            return answer
        if isinstance(error, OfficeRefused):
            problem = error.problem
            return await say(request, _Page(problem.status, problem.title, problem.detail))
        if not isinstance(error, Refusal):
            return await say(request, _DATABASE)
        again = error.status == 503
        works = {
            TooManyRequests.status: "已经办完的事都在，稍后回到这一页即可。",
            NotFound.status: "可以从看板或清单重新进入。",
            StaleVersion.status: "请打开最新的一版再办。",
            503: "看板、清单和项目页不受影响的部分仍可使用。",
        }.get(error.status, "")
        answer = await say(
            request, _Page(error.status, error.title, error.detail, works, again=again)
        )
        if isinstance(error, TooManyRequests):
            answer.headers["Retry-After"] = str(error.more["retry_after"])
        return answer

    async def unreadable(request: Request, _: Exception) -> Response:
        return await say(request, _GONE)

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return await say(request, _NOT_THIS_WAY if status == 405 else _GONE)

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected_error", path=request.url.path, exc_info=error)
        number = request.scope.get("correlation_id", "")
        said = f"系统出错，已记录。请把编号告诉运维人员：{number}"
        return await say(request, _Page(500, "系统出错", said, "已经办完的事都在。"), alone=True)

    async def outside(request: Request, error: Exception) -> Response:
        log.warning("database_silent", error=repr(error))
        return await say(request, _DATABASE)

    async def preparing(request: Request, _: Exception) -> Response:
        return await say(request, _PREPARING)

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(OfficeRefused, refused)
    app.add_exception_handler(RequestValidationError, unreadable)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(asyncpg.UndefinedTableError, preparing)
    app.add_exception_handler(Exception, unexpected)
    for kind in _OUTSIDE:
        app.add_exception_handler(kind, outside)


async def _visit(site: Site, request: Request) -> Visit | None:
    try:
        return await site.uncounted_visit(request)
    except (Refusal, *_OUTSIDE):
        return None
