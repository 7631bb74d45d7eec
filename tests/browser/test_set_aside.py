"""The operator's page of facts set aside, with facts on it: readable, accessible, at every size."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.embedded.launcher import Stack
from deploy.stack import database_of
from shared.relay import headers_of
from shared.viewing import Record
from tests.browser.conftest import DESKTOP, PHONE, Visitors
from tests.browser.visitor import ARTIFACTS, faults_of
from tests.console.builders import Dossier

TELLING = Dossier(name="只在这一页上的项目").drafted().submitted().passed_first()
SIZES = {"1366": DESKTOP, "390": PHONE}
STREAM = f"project-{TELLING.project_id}"


@pytest.fixture
async def set_aside(city: Stack) -> AsyncIterator[str]:
    """A report that could not be read and what the city did about it, set aside by one view."""
    parts = urlsplit(city.admin_database_url())
    url = urlunsplit(parts._replace(path=f"/{database_of('console')}"))
    connection = await asyncpg.connect(url)
    await connection.execute("insert into views.four_pools_streams values ($1, 1)", STREAM)
    for told in TELLING.told[1:]:
        envelope = told.envelope
        headers = [*headers_of(envelope.model_dump(), 1, b"chain")]
        if envelope.version == 2:
            headers = [(n, b"\xff\xfe" if n == "ce_time" else v) for n, v in headers]
        record = Record("siku.intake.v1", 0, 0, b"", headers, told.payload)
        await connection.execute(
            "insert into viewing.waiting (view, stream, version, reason, error, topic, partition, "
            '"offset", key, headers, body) values '
            "('four_pools', $1, $2, $3, $4, 'siku.intake.v1', 3, $5, $6, $7, $8)",
            STREAM,
            envelope.version,
            "failed" if envelope.version == 2 else "queued",
            "UnicodeDecodeError: bytes 0-1 are no UTF-8" if envelope.version == 2 else "",
            1480 + envelope.version,
            envelope.partitionkey.encode(),
            record.headers_text(),
            told.payload,
        )
    yield STREAM
    for table in ("viewing.waiting", "views.four_pools_streams"):
        await connection.execute(f"delete from {table} where stream = $1", STREAM)
    await connection.close()


@pytest.mark.parametrize("name", SIZES)
async def test_the_operator_looks_tries_again_and_is_asked_before_giving_up(
    visitors: Visitors, set_aside: str, name: str
) -> None:
    operator = await visitors.come(SIZES[name])
    await operator.sign_in("admin")
    page = operator.page
    found: list[str] = []

    async def look(picture: str) -> None:
        await page.screenshot(path=ARTIFACTS / f"{picture}-{name}.png", full_page=True)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{picture}: scrolls sideways")
        found.extend(f"{picture}: {fault}" for fault in await faults_of(page))

    await page.goto("/set-aside")
    await look("set-aside")
    await page.get_by_role("link", name=set_aside[:20]).first.click()
    await page.get_by_role("heading", name="内容的样子").wait_for()
    await look("set-aside-fact")
    await page.get_by_role("button", name="重试这条流").click()
    await page.get_by_text("1 条流仍不通").wait_for()
    await look("set-aside-tried")
    await page.get_by_role("link", name=set_aside[:20]).first.click()
    await page.get_by_label("为何放弃").fill("源数据有误")
    await page.get_by_role("button", name="放弃").click()
    await page.get_by_text("请勾选确认").wait_for()
    assert await page.get_by_label("为何放弃").input_value() == "源数据有误"
    await look("set-aside-asked")
    assert found == []
