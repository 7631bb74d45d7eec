"""The console's web door: puts the parts together and hangs every page on its address."""

import asyncio
from pathlib import Path

import httpx
import structlog
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

from examples.doors import Doors
from examples.loading import Loaded, Watch, load
from services.console.adapters.export_log import ExportLog
from services.console.adapters.intake import Intake
from services.console.adapters.office import OfficeDoor
from services.console.adapters.provider import Provider
from services.console.adapters.session_store import SessionStore
from services.console.adapters.views_door import ViewsDoor
from services.console.pages import (
    accounts,
    approval_months,
    approvals_desk,
    approvals_sharing,
    board,
    bulk,
    calendar,
    calendar_form,
    catalogue,
    contact_reads,
    correcting,
    desk,
    duplicates,
    erasures,
    evidence,
    example_city,
    exports,
    form,
    importing,
    listing,
    machines,
    months,
    moves,
    my_work,
    organisations,
    overdue,
    plan,
    plan_circumstances,
    policy,
    printing,
    progress,
    progress_form,
    progress_upload,
    progress_year,
    project,
    promotions,
    ranking,
    results,
    roles,
    set_aside,
    settings,
    sharing,
    sign_in,
    signing_form,
    signings,
    strip,
    substitutes,
    tags,
    targets,
    trail,
    works,
)
from services.console.pages.errors import add_error_pages
from services.console.pages.frame import Site
from services.console.pages.reading import Reading
from services.console.pages.session import Sessions
from services.console.wiring import AWAITED, KEEPERS
from shared.cookies import Cookies, port_of
from shared.guarding import Guard, came_from
from shared.service import Runtime
from shared.viewing import View, parse_token, wait_for

_STATIC = Path(__file__).parent.parent / "static"
_SECONDS = 10.0
# Whole workbooks are read and taken in: longer than any other request.
_PATIENT = 120.0
_PAGES = (
    sign_in,
    board,
    listing,
    my_work,
    months,
    targets,
    ranking,
    signing_form,
    signings,
    promotions,
    tags,
    form,
    importing,
    project,
    printing,
    plan_circumstances,
    plan,
    moves,
    strip,
    bulk,
    desk,
    sharing,
    duplicates,
    approvals_desk,
    approvals_sharing,
    overdue,
    approval_months,
    calendar,
    catalogue,
    calendar_form,
    policy,
    results,
    set_aside,
    accounts,
    machines,
    roles,
    substitutes,
    organisations,
    trail,
    contact_reads,
    correcting,
    exports,
    erasures,
    settings,
    progress,
    progress_year,
    progress_form,
    progress_upload,
    works,
    evidence,
    example_city,
)


def add_pages(app: FastAPI, runtime: Runtime) -> None:
    """Add the console's pages to the application."""
    told = runtime.settings
    provider = Provider(
        runtime.tokens.issuer,
        runtime.tokens,
        told.client_id,
        told.client_secret.get_secret_value(),
        told.client_scope,
        told.public_url or told.console_url,
    )

    async def arrived(after: str) -> bool:
        views = awaited(after)
        return all(await asyncio.gather(*(wait_for(runtime.pool, view, after) for view in views)))

    async def load_examples(watch: Watch) -> Loaded:
        async with (
            client(runtime.settings.identity_url, _PATIENT) as identity_door,
            client(runtime.settings.intake_url, _PATIENT) as intake_door,
        ):
            return await load(Doors(identity_door, intake_door), watch)

    site = Site(
        reading=Reading(lambda: runtime.pool),
        arrived=arrived,
        provider=provider,
        intake=Intake(client(runtime.settings.intake_url)),
        identity_desk=OfficeDoor(client(runtime.settings.identity_url), "身份"),
        approvals=OfficeDoor(client(runtime.settings.approval_tracking_url), "审批"),
        views_door=ViewsDoor(
            {name: client(getattr(runtime.settings, f"{name}_url")) for name in KEEPERS}
        ),
        sessions=Sessions(provider, runtime.tokens, SessionStore(lambda: runtime.pool)),
        exports=ExportLog(lambda: runtime.pool),
        clock=runtime.clock,
        cookies=Cookies(port_of(provider.home) or told.port, only_tls=told.only_tls),
        load_examples=load_examples,
        limits=runtime.limits,
    )
    hang(app, site)


def awaited(after: str) -> tuple[View, ...]:
    """Give the views that hear of the write which ``after`` names."""
    stream, _ = parse_token(after) or ("", 0)
    return AWAITED.get(stream.partition("-")[0], ())


def hang(app: FastAPI, site: Site) -> None:
    """Hang every page on its address."""
    app.mount("/static", GZipMiddleware(StaticFiles(directory=_STATIC)), name="static")
    for page in _PAGES:
        app.include_router(page.pages(site), include_in_schema=False)
    add_error_pages(app, site)
    app.add_middleware(Guard)


def client(address: str, seconds: float = _SECONDS) -> httpx.AsyncClient:
    """Make a client of one service that hears the correlation id and where the user sits."""

    async def correlate(request: httpx.Request) -> None:
        correlation = structlog.contextvars.get_contextvars().get("correlation_id")
        if correlation:
            request.headers["X-Correlation-Id"] = str(correlation)
        if address := came_from.get():
            request.headers["X-Forwarded-For"] = address

    return httpx.AsyncClient(
        base_url=address,
        timeout=seconds,
        trust_env=False,
        event_hooks={"request": [correlate]},
    )
