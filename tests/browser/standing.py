"""A console on sample rows, served on a port of its own, and people who look at it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from playwright.async_api import Browser, ViewportSize

from shared.cookies import Cookies
from tests.browser.conftest import DESKTOP, Visitors
from tests.browser.visitor import Visitor
from tests.console.city import PORT, City


@dataclass(frozen=True)
class Standing:
    """The console, and who has come to look at it."""

    city: City
    visitors: Visitors
    address: str

    async def come(self, size: ViewportSize = DESKTOP, user: str = "city") -> Visitor:
        """Let somebody sit down who is signed in."""
        visitor = await self.visitors.come(size)
        session = {"name": Cookies(PORT).session, "value": f"session:{user}", "url": self.address}
        await visitor.page.context.add_cookies([session])  # type: ignore[list-item]
        return visitor


@asynccontextmanager
async def served(city: City, chromium: Browser) -> AsyncIterator[Standing]:
    """Serve a console for as long as the block lasts."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(city.app, port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    people = Visitors(chromium, f"http://127.0.0.1:{port}")
    yield Standing(city, people, f"http://127.0.0.1:{port}")
    await people.leave()
    server.should_exit = True
    await serving
