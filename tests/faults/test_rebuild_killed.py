"""The board is rebuilt while people work, and the rebuild is killed twice on the way."""

import asyncio
import itertools
import random
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts import examples
from contracts.envelope import Fact, instant
from contracts.intake import ProjectDrafted, ProjectRevised
from deploy.embedded.launcher import Stack
from shared.clock import Clock
from shared.journal import Journal, Writing, open_pool
from tests.faults.clerks import ACCOUNTS, TIRELESS, Clerk
from tests.shared.writing import surrounded
from tests.signing_in import come_in

BEFORE, AT_ONCE = 4_000, 500
"""So many dossiers are there already, that a rebuild takes its time."""
RATE = 100
LOOK_EVERY = 0.1
PATIENCE = 120.0

pytestmark = pytest.mark.faults


async def test_a_rebuild_that_is_killed_twice_ends_equal_and_no_reader_saw_a_gap(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path_factory.mktemp("rebuilt")
    async with Stack(home=home, environment=TIRELESS) as stack, reading(stack) as console:
        await fill(stack)
        await shown(console, BEFORE)
        async with httpx.AsyncClient(timeout=20) as http, visiting(stack, http) as visitor:
            password = await example_password(stack, http)
            clerks = [Clerk(stack, http, name, password, 7) for name in ACCOUNTS]
            stop = asyncio.Event()
            working = asyncio.create_task(work(clerks, stop))
            looking = asyncio.create_task(look(visitor, stop))
            try:
                await killed_while(home, console, "reading")
                second = await killed_while(home, console, "indexing", "catching_up", "comparing")
                third = await rebuilt(home)
            finally:
                stop.set()
            reported, seen = await working, await looking
        await shown(console, BEFORE + reported)
        # Once more with nobody at work: what was swapped in and grew on is what the facts say.
        last = await rebuilt(home)
    assert "中断" in second
    assert "中断" in third
    assert "中断" not in last
    assert "逐行核对一致" in third
    assert "逐行核对一致" in last
    assert seen == sorted(seen)
    assert seen[0] >= BEFORE
    assert reported > RATE
    with capsys.disabled():
        sys.stdout.write(
            f"\nrebuilt under {reported} reports, {len(seen)} looks at {seen[0]} to {seen[-1]} "
            f"projects: {third.strip().splitlines()[-1]}\n"
        )


async def fill(stack: Stack) -> None:
    """Put dossiers into intake's journal as if they had been begun long ago."""
    pool = await open_pool(stack.database_url("intake"))
    journal = Journal(pool, "intake")
    now = Clock(stack.home.path).now()
    for _ in range(BEFORE // AT_ONCE):
        await journal.append([dossier(now) for _ in range(AT_ONCE)], now)
    await pool.close()


def dossier(now: datetime) -> Writing:
    project = uuid4()
    facts: list[Fact] = [
        ProjectDrafted(
            project_id=project,
            owner_org="JC-ZZ",
            owner_name="泽州县",
            revision=1,
            facts=examples.DRAFT,
        ),
        *(
            ProjectRevised(project_id=project, revision=revision, facts=examples.FORM)
            for revision in range(2, 6)
        ),
    ]
    placed = {"partitionkey": str(project), "time": instant(now)}
    told = [
        (envelope.model_copy(update=placed), fact)
        for envelope, fact in surrounded(f"project-{project}", 1, *facts)
    ]
    return Writing(f"project-{project}", str(project), 0, told)


@asynccontextmanager
async def reading(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.admin_database_url("console"))
    try:
        yield connection
    finally:
        await connection.close()


async def shown(console: asyncpg.Connection, count: int) -> None:
    """Wait until the board holds so many projects."""
    async with asyncio.timeout(PATIENCE):
        while await console.fetchval("select count(*) from views.four_pools") < count:
            await asyncio.sleep(0.1)


async def example_password(stack: Stack, http: httpx.AsyncClient) -> str:
    answer = await http.get(f"{stack.url('identity.web')}/accounts/examples")
    return str(answer.json()["password"])


@asynccontextmanager
async def visiting(stack: Stack, http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Sign in at the console as somebody who sees every dossier that was handed in or begun."""
    password = await example_password(stack, http)
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(
        base_url=stack.url("console.web"), headers=headers, timeout=20
    ) as browser:
        await come_in(browser, "zezhou", password)
        yield browser


async def look(visitor: httpx.AsyncClient, stop: asyncio.Event) -> list[int]:
    """Read the list as its readers do, all the time; give how many projects each look showed."""
    counts = []
    while not stop.is_set():
        page = await visitor.get("/projects")
        assert page.status_code == 200, page.text
        found = re.search(r"合计 (\d+) 项", page.text)
        assert found is not None
        counts.append(int(found[1]))
        await asyncio.sleep(LOOK_EVERY)
    return counts


async def work(clerks: list[Clerk], stop: asyncio.Event) -> int:
    """Report so many projects a second; give how many were acknowledged."""
    began = time.monotonic()
    asked: list[asyncio.Task[None]] = []
    for number in itertools.count():
        if stop.is_set():
            break
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        clerk = clerks[number % len(clerks)]
        asked.append(asyncio.create_task(clerk.report(number)))
    await asyncio.gather(*asked)
    return sum(len(clerk.acknowledged) for clerk in clerks)


async def start(home: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "rebuild", "four_pools", "--verify"),
        *("--home", str(home)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def rebuilt(home: Path) -> str:
    """Rebuild to the end; give what was said."""
    process = await start(home)
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    return said


async def killed_while(home: Path, console: asyncpg.Connection, *phases: str) -> str:
    """Kill a rebuild in the middle of a phase, at a moment of chance; give what it had said."""
    for _ in range(20):
        process = await start(home)
        while process.returncode is None:
            phase = await console.fetchval(
                "select phase from viewing.rebuilds order by generation desc limit 1"
            )
            if phase in phases:
                await asyncio.sleep(random.random() * 0.1)  # noqa: S311
                break
            await asyncio.sleep(0.002)
        if process.returncode is None:
            process.kill()
        said = (await process.communicate())[0].decode()
        phase = await console.fetchval(
            "select phase from viewing.rebuilds order by generation desc limit 1"
        )
        if phase in phases:
            return said
    raise AssertionError(f"never caught in {phases}")
