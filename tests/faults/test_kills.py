"""Each process is killed once in the middle of 2,000 reports by eight clerks.

The storm has every fault and any number of each; this one day is small enough to be counted
command by command.
"""

import asyncio
import os
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from deploy.embedded.launcher import Stack
from deploy.stack import VERIFIER
from services.console.main import SERVICE as CONSOLE
from services.intake.main import SERVICE as INTAKE
from shared.verifying import Asking, Checked, verify
from tests.faults.clerks import ACCOUNTS, TIRELESS, Clerk
from tests.shared.broker import reach

KILLED = ("intake.relay", "console.views", "intake.views", "intake.web", "kafka", "postgres")
EACH = 250
PATIENCE = 90.0

pytestmark = pytest.mark.faults


async def test_nothing_is_lost_and_nothing_doubled_while_everything_is_killed_once(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("SEED", "0")) or secrets.randbelow(10**9)
    dice = random.Random(seed)  # noqa: S311
    victims = dice.sample(KILLED, len(KILLED))
    figures = [f"SEED={seed} {' '.join(victims)}"]
    home = tmp_path_factory.mktemp("killed")
    try:
        async with (
            Stack(home=home, environment=TIRELESS) as stack,
            httpx.AsyncClient(timeout=20) as http,
        ):
            examples = (await http.get(f"{stack.url('identity.web')}/accounts/examples")).json()
            clerks = [Clerk(stack, http, name, examples["password"], seed) for name in ACCOUNTS]
            began = time.monotonic()
            working = asyncio.gather(*(work(clerk) for clerk in clerks))
            for number, victim in enumerate(victims):
                part = EACH * len(clerks) // len(victims)
                await reach_count(
                    clerks, number * part + dice.randint(part // 8, part // 2), working
                )
                figures.append(await killed(stack, victim, clerks))
            await working
            seconds = time.monotonic() - began
            figures.append(f"{EACH * len(clerks)} reports in {seconds:.0f} s")
            acknowledged = {k: p for clerk in clerks for k, p in clerk.acknowledged.items()}
            assert len(acknowledged) == EACH * len(clerks)
            await each_is_stored_once(stack, acknowledged)
            report = await verify(
                [
                    Checked(INTAKE, stack.admin_database_url("intake")),
                    Checked(CONSOLE, stack.admin_database_url("console")),
                ],
                reach(stack, VERIFIER),
                Asking(patience=PATIENCE),
            )
            assert report.set_aside == []
            await each_is_shown_once(stack, acknowledged)
            figures += report.lines
    finally:
        with capsys.disabled():
            sys.stdout.write("\n" + "\n".join(figures) + "\n")


async def work(clerk: Clerk) -> None:
    """Report one project after another; now and then twice at once."""
    for number in range(EACH):
        if number % 20 == 0:
            await asyncio.gather(clerk.report(number), clerk.report(number))
        else:
            await clerk.report(number)


async def reach_count(
    clerks: list[Clerk], count: int, working: "asyncio.Future[list[None]]"
) -> None:
    """Wait until so many reports are acknowledged."""
    while sum(len(clerk.acknowledged) for clerk in clerks) < count:
        if working.done():
            working.result()
        await asyncio.sleep(0.005)


async def killed(stack: Stack, victim: str, clerks: list[Clerk]) -> str:
    """Kill a process and wait until what was acknowledged then is shown; say how long it took."""
    restarts, struck = stack.children[victim].restarts, time.monotonic()
    stack.kill(victim)
    while stack.children[victim].restarts == restarts:
        await asyncio.sleep(0.02)
    await stack.wait_ready(PATIENCE)
    ready = time.monotonic() - struck
    newest = [list(c.acknowledged.values())[-1] for c in clerks if c.acknowledged]
    async with asyncio.timeout(PATIENCE), reading(stack, "console") as console:
        while await console.fetchval(
            "select count(*) from views.four_pools where key = any($1) and stage = 'SUBMITTED'",
            newest,
        ) < len(newest):
            await asyncio.sleep(0.02)
    return f"{victim}: ready after {ready:.1f} s, seen after {time.monotonic() - struck:.1f} s"


@asynccontextmanager
async def reading(stack: Stack, service: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.admin_database_url(service))
    try:
        yield connection
    finally:
        await connection.close()


async def each_is_stored_once(stack: Stack, acknowledged: dict[str, str]) -> None:
    """Each acknowledged command is one project with its two facts; no fact without a command."""
    async with reading(stack, "intake") as intake:
        facts = await intake.fetch(
            "select stream, array_agg(kind order by version) as kinds from journal.events "
            "where stream like 'project-%' group by stream"
        )
        commands = [
            row["command_id"].partition(":")[2]
            for row in await intake.fetch(
                "select command_id from journal.commands where command_id not like 'policy:%'"
            )
        ]
    assert {row["stream"] for row in facts} == {f"project-{p}" for p in acknowledged.values()}
    assert Counter(tuple(row["kinds"]) for row in facts) == {
        ("intake.project.drafted.v1", "intake.review.submitted.v1"): len(acknowledged)
    }
    assert sorted(commands) == sorted(acknowledged)


async def each_is_shown_once(stack: Stack, acknowledged: dict[str, str]) -> None:
    async with reading(stack, "console") as console:
        rows = await console.fetch("select key, stage, round, version from views.four_pools")
        entries = await console.fetchval("select count(*) from views.project_history")
    assert {row["key"] for row in rows} == set(acknowledged.values())
    assert {(row["stage"], row["round"], row["version"]) for row in rows} == {("SUBMITTED", 1, 2)}
    assert entries == 2 * len(acknowledged)
