"""Processes are killed and frozen in the middle of work; nothing is lost, nothing doubled."""

import asyncio
import os
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
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

KILLED = ("intake.relay", "console.views", "intake.web", "kafka", "postgres")
# Longer than a session in a consumer group lasts, and than the relay waits for Kafka.
FROZEN = {"console.views": 12.0, "intake.relay": 3.0, "intake.web": 3.0, "kafka": 14.0}
PHASE = 50
PATIENCE = 90.0

pytestmark = pytest.mark.faults


@dataclass
class Day:
    """A working day of the city: who works, how far they are, what was measured."""

    stack: Stack
    clerks: list[Clerk]
    dice: random.Random
    victims: list[str]
    gate: Gate = field(default_factory=Gate)
    done: int = 0
    figures: list[str] = field(default_factory=list)

    @property
    def reports(self) -> int:
        """How many projects are reported in the end."""
        return PHASE * len(self.victims) * len(self.clerks)

    def acknowledged(self) -> dict[str, str]:
        return {key: project for c in self.clerks for key, project in c.acknowledged.items()}

    async def go_by(self, strike: Callable[[str], Awaitable[None]]) -> None:
        """Let everybody work, and strike each victim in the middle of its phase."""
        began = time.monotonic()
        working = asyncio.gather(
            *(work(c, PHASE * len(self.victims), self.gate, self._count) for c in self.clerks)
        )
        try:
            for phase, victim in enumerate(self.victims):
                self.gate.open((phase + 1) * PHASE)
                of_phase = PHASE * len(self.clerks)
                await self._reach(phase * of_phase + self.dice.randint(20, of_phase // 2), working)
                struck = time.monotonic()
                await strike(victim)
                ready = time.monotonic() - struck
                # Whoever has reached the gate reports nothing more before the next phase.
                await self._reach(min(self.done + 1, (phase + 1) * of_phase), working)
                await self._shows_the_newest()
                seen = time.monotonic() - struck
                self.figures.append(f"{victim}: ready after {ready:.1f} s, seen after {seen:.1f} s")
            await working
        except BaseException:
            working.cancel()
            raise
        seconds = time.monotonic() - began
        again = sum(clerk.asked_again for clerk in self.clerks)
        rate = self.reports / seconds
        self.figures.append(
            f"{self.reports} reports in {seconds:.0f} s ({rate:.0f}/s), {again} asked again"
        )

    def _count(self) -> None:
        self.done += 1

    async def _reach(self, done: int, working: "asyncio.Future[Any]") -> None:
        while self.done < done:
            if working.done():
                await working
            await asyncio.sleep(0.005)

    async def _shows_the_newest(self) -> None:
        """Wait until the console shows a project that was acknowledged just now."""
        busiest = max(self.clerks, key=lambda clerk: len(clerk.acknowledged))
        newest = list(busiest.acknowledged.values())[-1]
        async with asyncio.timeout(PATIENCE), reading(self.stack, "console") as console:
            while not await console.fetchval(
                "select count(*) from views.four_pools where key = $1 and stage = 'SUBMITTED'",
                newest,
            ):
                await asyncio.sleep(0.02)


@asynccontextmanager
async def day_of(home: Path, victims: Iterable[str]) -> AsyncIterator[Day]:
    seed = int(os.environ.get("SEED", "0")) or secrets.randbelow(10**9)
    dice = random.Random(seed)  # noqa: S311
    ordered = dice.sample(sorted(victims), len(list(victims)))
    async with Stack(home=home) as stack, httpx.AsyncClient(timeout=20) as http:
        examples = (await http.get(f"{stack.url('identity.web')}/accounts/examples")).json()
        password = examples["password"]
        clerks = [Clerk(stack, http, username, password, seed) for username in ACCOUNTS]
        city = Day(stack, clerks, dice, ordered)
        city.figures.append(f"SEED={seed} {' '.join(ordered)}")
        yield city


async def test_nothing_is_lost_and_nothing_doubled_while_everything_is_killed_once(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    async with day_of(tmp_path_factory.mktemp("killed"), KILLED) as city:

        async def kill(victim: str) -> None:
            child = city.stack.children[victim]
            restarts = child.restarts
            city.stack.kill(victim)
            while child.restarts == restarts:
                await asyncio.sleep(0.02)
            await city.stack.wait_ready(PATIENCE)

        await watched(city, kill, capsys)


async def test_nothing_is_lost_and_nothing_doubled_while_processes_stand_still(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was on its way when Kafka froze arrives after its repeat; order holds all the same."""
    async with day_of(tmp_path_factory.mktemp("frozen"), FROZEN) as city:

        async def freeze(victim: str) -> None:
            city.stack.kill(victim, Signals.SIGSTOP)
            try:
                await asyncio.sleep(FROZEN[victim])
            finally:
                city.stack.kill(victim, Signals.SIGCONT)

        await watched(city, freeze, capsys)


async def watched(
    city: Day, strike: Callable[[str], Awaitable[None]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Let the day go by and check everything at its end; the figures are printed in any case."""
    try:
        await city.go_by(strike)
        assert len(city.acknowledged()) == city.reports
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
        city.figures += report.lines
    finally:
        with capsys.disabled():
            sys.stdout.write("\n" + "\n".join(city.figures) + "\n")


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
    assert len(streams) == city.reports
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
        while (
            await console.fetchval("select count(*) from views.project_history") < 2 * city.reports
        ):
            await asyncio.sleep(0.1)
        while (
            await console.fetchval("select count(*) from views.four_pools where version = 2")
            < city.reports
        ):
            await asyncio.sleep(0.1)
        rows = await console.fetch("select key, stage, round, version from views.four_pools")
        assert {row["key"] for row in rows} == expected
        assert {(row["stage"], row["round"], row["version"]) for row in rows} == {
            ("SUBMITTED", 1, 2)
        }
        assert (
            await console.fetchval("select count(*) from views.project_history") == 2 * city.reports
        )
        assert await console.fetchval("select count(*) from viewing.waiting") == 0
