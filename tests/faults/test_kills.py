"""Every process is killed once in the middle of 2 000 reports; nothing is lost, nothing doubled."""

import asyncio
import os
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest

from deploy.embedded.launcher import Stack
from deploy.stack import VERIFIER
from services.console.main import SERVICE as CONSOLE
from services.intake.main import SERVICE as INTAKE
from shared.verifying import Checked, verify
from tests.faults.clerks import ACCOUNTS, Clerk, Gate, work
from tests.shared.broker import is_marker, reach, read_all

REPORTS = 2_000
VICTIMS = ("intake.relay", "console.views", "intake.web", "kafka", "postgres")
EACH = REPORTS // len(ACCOUNTS)
PHASE = EACH // len(VICTIMS)
PATIENCE = 90.0

pytestmark = pytest.mark.faults


@dataclass
class Day:
    """A working day of the city: who works, how far they are, what was measured."""

    stack: Stack
    clerks: list[Clerk]
    gate: Gate = field(default_factory=Gate)
    done: int = 0
    figures: list[str] = field(default_factory=list)

    def count(self) -> None:
        self.done += 1

    def acknowledged(self) -> dict[str, str]:
        return {key: project for c in self.clerks for key, project in c.acknowledged.items()}

    def newest(self) -> str:
        """Give a project that was acknowledged just now."""
        busiest = max(self.clerks, key=lambda clerk: len(clerk.acknowledged))
        return list(busiest.acknowledged.values())[-1]


@pytest.fixture
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Day, int]]:
    seed = int(os.environ.get("SEED", "0")) or secrets.randbelow(10**9)
    async with (
        Stack(home=tmp_path_factory.mktemp("killed")) as stack,
        httpx.AsyncClient(timeout=20) as http,
    ):
        examples = (await http.get(f"{stack.url('identity.web')}/accounts/examples")).json()
        clerks = [Clerk(stack, http, username, examples["password"], seed) for username in ACCOUNTS]
        yield Day(stack, clerks), seed


async def test_nothing_is_lost_and_nothing_doubled_while_everything_is_killed_once(
    day: tuple[Day, int], capsys: pytest.CaptureFixture[str]
) -> None:
    city, seed = day
    dice = random.Random(seed)  # noqa: S311
    victims = dice.sample(VICTIMS, len(VICTIMS))
    with capsys.disabled():
        sys.stdout.write(f"\nSEED={seed} {' '.join(victims)}\n")
    began = time.monotonic()
    working = asyncio.gather(*(work(c, EACH, city.gate, city.count) for c in city.clerks))
    try:
        for phase, victim in enumerate(victims):
            city.gate.open((phase + 1) * PHASE)
            at = phase * PHASE * len(ACCOUNTS) + dice.randint(20, PHASE * len(ACCOUNTS) // 2)
            while city.done < at and not working.done():
                await asyncio.sleep(0.005)
            assert not working.done(), "the clerks stopped early"
            await kill(city, victim, phase)
        city.gate.open(EACH)
        await working
    except BaseException:
        working.cancel()
        raise
    seconds = time.monotonic() - began
    again = sum(clerk.asked_again for clerk in city.clerks)
    city.figures.append(
        f"{REPORTS} reports in {seconds:.0f} s ({REPORTS / seconds:.0f}/s), {again} asked again"
    )
    assert len(city.acknowledged()) == REPORTS
    await quiet(city.stack)
    await intake_holds(city)
    await topic_holds(city)
    await views_hold(city)
    report = await verify(
        [
            Checked(INTAKE, city.stack.admin_database_url("intake")),
            Checked(CONSOLE, city.stack.admin_database_url("console")),
        ],
        reach(city.stack, VERIFIER),
    )
    assert report.set_aside == []
    with capsys.disabled():
        sys.stdout.write("\n".join([*city.figures, *report.lines]) + "\n")


async def kill(city: Day, victim: str, phase: int) -> None:
    """Kill a process and wait until what is reported afterwards is seen in the console again."""
    child = city.stack.children[victim]
    restarts = child.restarts
    began = time.monotonic()
    city.stack.kill(victim)
    while child.restarts == restarts:
        await asyncio.sleep(0.02)
    await city.stack.wait_ready(PATIENCE)
    ready = time.monotonic() - began
    # Whoever has reached the gate reports nothing more before the next phase.
    after = min(city.done + 1, (phase + 1) * PHASE * len(ACCOUNTS))
    while city.done < after:
        await asyncio.sleep(0.01)
    newest = city.newest()
    async with reading(city.stack, "console") as console:
        while not await console.fetchval(
            "select count(*) from views.four_pools where key = $1 and stage = 'SUBMITTED'", newest
        ):
            if time.monotonic() - began > PATIENCE:
                raise AssertionError(f"{victim}: the console does not show {newest}")
            await asyncio.sleep(0.02)
    seen = time.monotonic() - began
    city.figures.append(f"{victim}: ready after {ready:.1f} s, seen in the console {seen:.1f} s")


@asynccontextmanager
async def reading(stack: Stack, service: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.admin_database_url(service))
    try:
        yield connection
    finally:
        await connection.close()


async def quiet(stack: Stack) -> None:
    """Wait until everything is told and acknowledged."""
    async with asyncio.timeout(PATIENCE), reading(stack, "intake") as intake:
        while await intake.fetchval(
            "select exists(select from journal.untold) or acknowledged <> "
            "(select max(position) from journal.told) from journal.relay"
        ):
            await asyncio.sleep(0.1)


async def intake_holds(city: Day) -> None:
    """Each acknowledged command is one project, reported once; no fact without a command."""
    acknowledged = city.acknowledged()
    async with reading(city.stack, "intake") as intake:
        rows = await intake.fetch(
            "select stream, version, kind, envelope from journal.events "
            "where stream like 'project-%' order by stream, version"
        )
        # The service itself asks at its start, to publish its policies.
        commands = {
            row["command_id"]
            for row in await intake.fetch("select command_id from journal.commands")
            if not row["command_id"].startswith("policy:")
        }
        told, acknowledged_to = (
            await intake.fetchval("select max(position) from journal.told"),
            await intake.fetchval("select acknowledged from journal.relay"),
        )
        facts = await intake.fetchval("select count(*) from journal.events")
        assert await intake.fetchval("select count(*) from journal.untold") == 0
    assert told == acknowledged_to == facts
    streams: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        streams.setdefault(row["stream"], []).append((row["version"], row["kind"]))
    assert streams == {
        f"project-{project}": [
            (1, "intake.project.drafted.v1"),
            (2, "intake.review.submitted.v1"),
        ]
        for project in acknowledged.values()
    }
    assert len(streams) == REPORTS
    keys = {command.partition(":")[2] for command in commands}
    assert keys == set(acknowledged)
    causes = Counter(orjson.loads(row["envelope"])["causationid"] for row in rows)
    assert set(causes) == commands
    assert set(causes.values()) == {2}


async def topic_holds(city: Day) -> None:
    """The topic is the journal after dropping repeats, each stream in its order."""
    async with reading(city.stack, "intake") as intake:
        stored = {
            row["event_id"] for row in await intake.fetch("select event_id from journal.events")
        }
    seen: set[UUID] = set()
    stands: Counter[str] = Counter()
    repeats = 0
    for record in await read_all(city.stack, *INTAKE.topics):
        if is_marker(record):
            continue
        names: dict[str, Any] = {name: value.decode() for name, value in record.headers}
        if UUID(names["ce_id"]) in seen:
            repeats += 1
            continue
        seen.add(UUID(names["ce_id"]))
        stands[names["ce_subject"]] += 1
        assert stands[names["ce_subject"]] == int(names["ce_streamversion"])
    assert seen == stored
    city.figures.append(f"{len(seen)} facts in the topics, {repeats} of them repeated")


async def views_hold(city: Day) -> None:
    """The console shows every project once, as reported, and every fact of its history once."""
    expected = set(city.acknowledged().values())
    async with asyncio.timeout(PATIENCE), reading(city.stack, "console") as console:
        while await console.fetchval("select count(*) from views.project_history") < 2 * REPORTS:
            await asyncio.sleep(0.1)
        while (
            await console.fetchval("select count(*) from views.four_pools where version = 2")
            < REPORTS
        ):
            await asyncio.sleep(0.1)
        rows = await console.fetch("select key, stage, round, version from views.four_pools")
        assert {row["key"] for row in rows} == expected
        assert {(row["stage"], row["round"], row["version"]) for row in rows} == {
            ("SUBMITTED", 1, 2)
        }
        assert await console.fetchval("select count(*) from views.project_history") == 2 * REPORTS
        assert await console.fetchval("select count(*) from viewing.waiting") == 0
