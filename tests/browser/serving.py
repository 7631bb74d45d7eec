"""A console on sample rows, served on a port of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from playwright.async_api import ViewportSize

from services.console.pages.session import Cookies
from tests.browser.conftest import DESKTOP, Visitors
from tests.browser.visitor import Visitor
from tests.console.city import PORT


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application; give its address."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def seated(visitors: Visitors, user: str, size: ViewportSize = DESKTOP) -> Visitor:
    """Let somebody sit down who is signed in already."""
    visitor = await visitors.come(size)
    session = {"name": Cookies(PORT).session, "value": f"session:{user}", "url": visitors.address}
    await visitor.page.context.add_cookies([session])  # type: ignore[list-item]
    return visitor
