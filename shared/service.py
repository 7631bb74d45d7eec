"""One call turns a service's rooms and wiring into running processes.

A service runs in parts, each a process of its own: ``web`` answers HTTP, ``relay`` tells Kafka
what its journal holds and anchors it each day, ``views`` reads topics into its read models and
sweeps what becomes due by them. Every part serves ``/livez``, ``/readyz`` and ``/metrics`` on its
port, logs JSON lines and stops gracefully.
Run one with ``python -m shared.running intake web``.
"""

import asyncio
import contextlib
import hmac
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import Clock
from shared.deciding import new_id
from shared.erasing import Erasures
from shared.files import Files
from shared.files.sweeping import sweep_for_ever
from shared.issuer import issuer_of
from shared.journal import Journal, open_pool
from shared.limiting import Limits, TooManyRequests
from shared.protecting import Protected, Unbroken
from shared.refusals import NotFound, Problem, Refusal, Unavailable, UnreadableInput
from shared.settings import Settings
from shared.sweeping import Sweep, Sweeping
from shared.tokens import Verifier
from shared.viewing import View, ViewStore, current_at, door
from shared.wording import problems_of

log = structlog.get_logger()
_CORRELATION = re.compile(rb"[\x21-\x7e]{1,64}")

requests_total = Counter("siku_http_requests_total", "HTTP requests", ["route", "method", "status"])
request_seconds = Histogram(
    "siku_http_request_seconds",
    "HTTP request time",
    ["route"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)


@dataclass
class Runtime:
    """What a service's doors work with."""

    service: "Service"
    settings: Settings
    pool: asyncpg.Pool
    clock: Clock
    tokens: Verifier
    journal: Journal
    files: Files
    limits: Limits = field(default_factory=Limits)
    log: Any = log

    @property
    def erasures(self) -> Erasures:
        """The list of what this service has erased."""
        return Erasures(self.settings.home, self.service.name)


@dataclass(frozen=True)
class Service:
    """One office: what it tells, what it reads, how it answers.

    ``tells`` maps a room to the topic of its facts and is empty for a service without a journal;
    ``started`` runs in the web part before the first request; ``labels`` names the fields of its
    forms in Chinese; ``most_bytes`` bounds a request's body, ``largest_upload`` one that
    brings files along (multipart). ``keeps_files`` gives it a place for files, swept in its web
    part. Before its views ``stands_on`` have read all that there was its web part is not ready.
    ``sweeps`` find in its views what became due. ``limits`` names routes (``POST /workbooks``) that
    one account may ask less often than others, so many times a minute. ``refused`` notes what its
    doors say no to. ``erase`` erases what stands on the list of erasures (``shared.erasing``), at
    every start of the web part before anything else, since a restored database may hold it again.
    """

    name: str
    title: str
    http: Callable[[FastAPI, Runtime], None]
    tells: Mapping[str, str] = field(default_factory=dict)
    views: Sequence[View] = ()
    stands_on: Sequence[View] = ()
    sweeps: Sequence[Sweep[Any, Any, Any]] = ()
    migrations: Path | None = None
    started: Callable[[FastAPI, Runtime], Awaitable[None]] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = 1_048_576
    largest_upload: int = 0
    keeps_files: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    refused: "NoteRefusal | None" = None
    erase: "Callable[[Runtime], Awaitable[None]] | None" = None

    @property
    def writes(self) -> bool:
        """True when the service has a journal of its own."""
        return bool(self.tells)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that its relay tells on."""
        return tuple(sorted(set(self.tells.values())))

    def topic_of(self, kind: str) -> str:
        """Give the topic of a kind ``<service>.<room>.<participle>.v<N>``."""
        return self.tells[kind.split(".")[1]]

    @property
    def parts(self) -> tuple[str, ...]:
        """The processes that it runs as."""
        return (
            "web",
            *(("relay",) if self.writes else ()),
            *(("views",) if self.views else ()),
        )


NoteRefusal = Callable[[Runtime, Request, Refusal], Awaitable[None]]
"""Notes a refusal before it is answered; whoever asked stands in ``request.state.actor``."""

Ready = Callable[[], Awaitable[str | None]]
"""Says what is wrong, or None when everything is well."""


def web_app(service: Service, settings: Settings) -> FastAPI:
    """Make the web part of a service; its pool opens with the application."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = await open_pool(settings.database_url.get_secret_value())
        app.state.runtime.pool = pool
        app.state.runtime.journal = Journal(pool, service.name)
        app.state.runtime.files = Files(settings.home, service.name, pool)
        if service.erase is not None:
            await service.erase(app.state.runtime)
        sweeping = (
            asyncio.create_task(sweep_for_ever(app.state.runtime.files, app.state.runtime.clock))
            if service.keeps_files
            else None
        )
        try:
            if service.started is not None:
                await service.started(app, app.state.runtime)
            yield
        finally:
            if sweeping is not None:
                sweeping.cancel()
            await asyncio.wait_for(pool.close(), 10)

    app = FastAPI(
        title=service.title,
        version="1",
        lifespan=lifespan,
        # The documents are in contracts/openapi; a running service hands none out.
        openapi_url=None,
        responses=_REFUSED,
    )
    runtime = Runtime(
        service=service,
        settings=settings,
        pool=_Closed(),  # type: ignore[arg-type]
        clock=Clock(settings.home),
        tokens=Verifier(issuer_of(settings), service.name),
        journal=_Closed(),  # type: ignore[arg-type]
        files=_Closed(),  # type: ignore[arg-type]
        limits=Limits(settings.reads_a_minute, settings.writes_a_minute, service.limits),
    )
    app.state.runtime = runtime

    async def ready() -> str | None:
        try:
            await runtime.pool.fetchval("select 1", timeout=2)
            for view in service.stands_on:
                if await current_at(runtime.pool, view) is None:
                    return f"views: {view.name} has not read its topics to the end yet"
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return f"database: {error!r}"
        return None

    _add_probes(app, ready, settings)
    _add_refusals(app, service.labels, _noting(service, runtime))
    service.http(app, runtime)
    if service.views:
        app.mount(door.PREFIX, views_door(service.views, runtime))
    app.add_middleware(_Observed, most_bytes=service.most_bytes, upload=service.largest_upload)
    app.add_middleware(Protected, only_tls=settings.only_tls)
    return app


def views_door(views: Sequence[View], runtime: Runtime) -> FastAPI:
    """Make the operators' door over a service's views: the same routes and refusals everywhere."""
    app = FastAPI(openapi_url=None)
    app.state.runtime = runtime
    _add_refusals(app, door.LABELS)
    app.include_router(door.routes(door.Stores(views, lambda: runtime.pool)))
    return app


class _Closed:
    """Stands where the pool will be, so that a route used before the start fails by name."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"{name}: the application has not started")


def _worker_app(
    service: Service,
    part: str,
    ready: Ready,
    run: Callable[[], Awaitable[None]],
    settings: Settings,
) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_to_the_end(run))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, 15)

    app = FastAPI(title=f"{service.title} {part}", lifespan=lifespan, openapi_url=None)
    _add_probes(app, ready, settings)
    _add_refusals(app, {})
    app.add_middleware(Protected, only_tls=settings.only_tls)
    return app


async def _to_the_end(run: Callable[[], Awaitable[None]]) -> None:
    try:
        await run()
    except asyncio.CancelledError:
        raise
    # A worker that cannot go on ends its process; the supervisor starts a fresh one.
    except Exception:
        log.exception("worker_ended")
        os._exit(1)


def _add_probes(app: FastAPI, ready: Ready, settings: Settings) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request) -> Response:
        trouble = await ready()
        if trouble is None:
            return JSONResponse({"status": "ready"})
        why = {"why": trouble} if _is_operator(request) else {}
        return JSONResponse({"status": "not ready", **why}, status_code=503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if not (_is_operator(request) or _is_collector(request, settings)):
            raise NotFound("没有这个地址。")
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_operator(request: Request) -> bool:
    """Tell whether the request comes from this very machine and through no proxy."""
    local = request.client is not None and request.client.host in {"127.0.0.1", "::1"}
    return local and "x-forwarded-for" not in request.headers


def _is_collector(request: Request, settings: Settings) -> bool:
    """Tell whether the request brings the token of whoever collects the metrics from elsewhere."""
    wanted = settings.metrics_token.get_secret_value()
    said = request.headers.get("authorization", "")
    return bool(wanted) and hmac.compare_digest(said.encode(), f"Bearer {wanted}".encode())


def problem(refusal: Refusal, request: Request) -> JSONResponse:
    """Answer a refusal as an RFC 9457 problem document."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    if isinstance(refusal, TooManyRequests):
        headers["Retry-After"] = str(refusal.more["retry_after"])
    return JSONResponse(
        refusal.document(request.url.path),
        status_code=refusal.status,
        media_type="application/problem+json",
        headers=headers,
    )


def _noting(service: Service, runtime: Runtime) -> Callable[[Request, Refusal], Awaitable[None]]:
    async def note(request: Request, refusal: Refusal) -> None:
        if service.refused is not None:
            await service.refused(runtime, request, refusal)

    return note


async def _note_nothing(_: Request, __: Refusal) -> None:
    """Leave no trace: what is refused is in the log."""


def _add_refusals(
    app: FastAPI,
    labels: Mapping[str, str],
    note: Callable[[Request, Refusal], Awaitable[None]] = _note_nothing,
) -> None:
    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, Refusal):
            await note(request, error)
            return problem(error, request)
        if isinstance(error, RequestValidationError):
            found = problems_of(error.errors(), labels)
            return problem(
                UnreadableInput("填报内容有误，请按提示修改后再提交。", errors=found), request
            )
        if isinstance(error, HTTPException):
            known = {400: _unreadable(), 404: NotFound("没有这个地址。")}.get(error.status_code)
            return problem(known or _OtherStatus(error.status_code), request)
        reason = Unavailable("数据库或消息服务暂时联系不上，内容没有丢失，请稍后用同一编号再提交。")
        return problem(reason, request)

    for kind in (Refusal, RequestValidationError, HTTPException, *_OUTSIDE):
        app.add_exception_handler(kind, refused)

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected_error", path=request.url.path, exc_info=error)
        return problem(
            _Unexpected(
                "系统出错，已记录。请把编号告诉运维人员。",
                correlation_id=request.scope.get("correlation_id", ""),
            ),
            request,
        )

    app.add_exception_handler(Exception, unexpected)
    app.add_middleware(Unbroken)


_REFUSED: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "没有办理：RFC 9457 问题说明，写明原因和办法",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "code", "instance"],
                    "properties": {
                        **{
                            name: {"type": "string"}
                            for name in ("type", "title", "detail", "code", "instance")
                        },
                        "status": {"type": "integer"},
                        "errors": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    part.name: {"type": "string"} for part in fields(Problem)
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}
"""How every refusal looks, for whoever reads the service's OpenAPI document."""

_OUTSIDE = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.TooManyConnectionsError,
)


class _Unexpected(Refusal):
    """Our own fault."""

    code = "unexpected"
    status = 500
    title = "系统出错"


def _unreadable() -> UnreadableInput:
    message, remedy = "内容不是合法的 JSON。", "请核对括号、引号和编码（UTF-8）。"
    return UnreadableInput(
        "提交的内容读不出来。",
        errors=[Problem("body", "内容", "json_invalid", message, remedy)],
    )


class _OtherStatus(Refusal):
    """What the framework itself refuses, with its own status."""

    def __init__(self, status: int) -> None:
        words = {
            405: "这个地址不接受这种请求方式。",
            413: "提交的内容太大，没有读取。请删减文字，材料另行上传。",
        }
        super().__init__(words.get(status, "请求没有办理。"))
        self.status = status


class _Observed:
    """Gives each request a correlation id, measures it and writes one line about it."""

    def __init__(self, app: ASGIApp, most_bytes: int, upload: int) -> None:
        self.app = app
        self._most_bytes = most_bytes
        self._upload = upload

    def _bounded(self, receive: Receive, most: int) -> Receive:
        """Stop reading a body that says nothing of its length and does not end."""
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise _OtherStatus(413)
            return message

        return receive_bounded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        correlation = str(new_id())
        brings_files = Headers(scope=scope).get("content-type", "").startswith("multipart/")
        most = max(self._most_bytes, self._upload if brings_files else 0)
        for name, value in scope["headers"]:
            if name == b"x-correlation-id" and _CORRELATION.fullmatch(value):
                correlation = value.decode()
        scope["correlation_id"] = correlation
        began = time.perf_counter()
        status = 500

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-correlation-id", correlation.encode()),
                ]
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation):
            try:
                length = Headers(scope=scope).get("content-length", "0")
                if length.isdecimal() and int(length) > most:
                    answer = problem(_OtherStatus(413), Request(scope))
                    await answer(scope, receive, observe)
                else:
                    await self.app(scope, self._bounded(receive, most), observe)
            finally:
                seconds = time.perf_counter() - began
                route = getattr(scope.get("route"), "path", "other")
                requests_total.labels(route, scope["method"], status).inc()
                request_seconds.labels(route).observe(seconds)
                if route not in {"/livez", "/readyz", "/metrics"}:
                    log.info(
                        "request",
                        method=scope["method"],
                        route=route,
                        status=status,
                        milliseconds=round(seconds * 1000, 1),
                    )


def _relay_app(service: Service, settings: Settings) -> FastAPI:
    from shared.anchoring.taking import Anchoring
    from shared.relay import Relay

    url, client = settings.database_url.get_secret_value(), settings.client()
    relay = Relay(url, client, service.name, service.topic_of, service.topics)
    anchoring = Anchoring(service.name, url, client, settings.home, lambda: relay.leads)

    async def run() -> None:
        async with asyncio.TaskGroup() as together:
            together.create_task(relay.run())
            together.create_task(anchoring.run())

    async def ready() -> str | None:
        return relay.wrong and f"relay: {relay.wrong}"

    return _worker_app(service, "relay", ready, run, settings)


def _views_app(service: Service, settings: Settings) -> FastAPI:
    from shared.viewing.worker import ViewWorkers

    workers: list[ViewWorkers] = []

    async def sweep(pool: asyncpg.Pool) -> None:
        await workers[0].opened.wait()
        await Sweeping(service.name, service.sweeps, pool, Clock(settings.home)).run()

    async def run() -> None:
        pool = await open_pool(settings.database_url.get_secret_value())
        workers.append(
            ViewWorkers(settings, service.name, [ViewStore(pool, view) for view in service.views])
        )
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(workers[0].run())
                if service.sweeps:
                    together.create_task(sweep(pool))
        finally:
            await asyncio.wait_for(pool.close(), 10)

    async def ready() -> str | None:
        wrong = workers[0].wrong if workers else "not started"
        return wrong and f"views: {wrong}"

    return _worker_app(service, "views", ready, run, settings)


def app_of(service: Service, part: str, settings: Settings) -> FastAPI:
    """Make the application of one part."""
    match part:
        case "web":
            return web_app(service, settings)
        case "relay":
            return _relay_app(service, settings)
        case "views":
            return _views_app(service, settings)
        case _:
            raise ValueError(part)
