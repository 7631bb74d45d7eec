"""Browsers that are watched: nothing leaves the host, the console stays silent."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from deploy.embedded.launcher import Stack
from tests.browser.visitor import ARTIFACTS, Dossiers, Visitor, prepare

DESKTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
WALL: ViewportSize = {"width": 1920, "height": 1080}


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    path = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--lang=zh-CN",
            ],
        )
        yield browser
        await browser.close()


class Visitors:
    """Makes visitors and looks at what they noticed at the end."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self.address = address
        self._contexts: list[BrowserContext] = []
        self._visitors: list[Visitor] = []

    async def come(self, size: ViewportSize = DESKTOP, *, scripts: bool = True) -> Visitor:
        """Open a browser window of its own."""
        context = await self._browser.new_context(
            base_url=self.address,
            viewport=size,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
        )
        self._contexts.append(context)
        page: Page = await context.new_page()
        visitor = Visitor(page, self.address)
        self._visitors.append(visitor)
        return visitor

    async def leave(self) -> None:
        """Close every window and say what should not have happened."""
        for context in self._contexts:
            await context.close()
        for visitor in self._visitors:
            assert visitor.outside == [], "a request left the host"
            assert visitor.noises == [], "the browser's console was not silent"


@pytest.fixture
async def visitors(chromium: Browser, city: Stack) -> AsyncIterator[Visitors]:
    """People at their desks; whatever they do is watched."""
    people = Visitors(chromium, city.url("console.web"))
    yield people
    await people.leave()


@pytest.fixture(scope="session")
async def dossiers(city: Stack) -> Dossiers:
    """One dossier at every stage, made through the services' own doors."""
    return await prepare(city)


@pytest.fixture(scope="session", autouse=True)
def artifacts() -> Path:
    """Pictures are kept for looking at, never committed."""
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / ".gitignore").write_text("*\n")
    return ARTIFACTS
