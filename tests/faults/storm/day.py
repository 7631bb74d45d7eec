"""One storm from the first command to the last check."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from services.intake.dossier import stream_of
from tests.faults.storm.found import Found
from tests.faults.storm.invariants import examine
from tests.faults.storm.people import CITY, Office, office
from tests.faults.storm.strays import Strays
from tests.faults.storm.town import Town, town
from tests.faults.storm.visitors import Visitor
from tests.faults.storm.watching import watching
from tests.faults.storm.weather import Weather

QUIET_WITHIN = 180.0


@dataclass
class Day:
    """Everything that is known after a storm."""

    seed: int
    seconds: float
    town: Town
    office: Office
    weather: Weather
    found: Found
    words: dict[str, int]
    looks: int
    pages: Counter[int]

    @property
    def violations(self) -> list[str]:
        """What is not as it must be."""
        return self.found.violations


async def storm(home: Path, minutes: float, seed: int, tell: Callable[[str], None]) -> Day:
    """Let a storm rage for at least so many minutes and look at what is left.

    Raises:
        ExceptionGroup: somebody got no answer for minutes, or one that says that he is wrong.
    """
    async with town(home) as place, httpx.AsyncClient(trust_env=False, timeout=8) as http:
        identity = place.stack.url("identity.web")
        doors = [place.stack.url(name) for name in place.instances("intake.web")]
        people = await office(http, identity, doors, seed)
        strays = Strays(place.stack, random.Random(f"{seed}-strays"))  # noqa: S311
        weather = Weather(place, seed, lambda: _progress(place, people), tell)
        tell(f"seed {seed}: {minutes:g} minutes or more, {len(place.rows)} processes")
        visitor = Visitor(
            place.stack.url("console.web"),
            CITY[0],
            people.callers[CITY[0]].password,
            random.Random(f"{seed}-visitor"),  # noqa: S311
        )
        over = asyncio.Event()
        async with watching(place) as watch:
            async with asyncio.TaskGroup() as together:
                together.create_task(people.work(over))
                together.create_task(strays.go_astray(over))
                together.create_task(visitor.look_around(over))
                await weather.rage(minutes * 60)
                over.set()
            seconds = time.monotonic() - weather.begun
            tell(f"{seconds:6.0f} s  the storm is over; everything is checked")
            await place.stack.wait_ready(QUIET_WITHIN)
            found = await examine(place, people.book, tell)
        found.violations += weather.violations + watch.violations + visitor.violations
        words = _words(place)
        if words["unexpected"]:
            found.violations.append(f"{words['unexpected']} outages answered as our own fault")
        return Day(
            seed, seconds, place, people, weather, found, words, watch.looks, visitor.answers
        )


async def _progress(place: Town, people: Office) -> None:
    """Wait until a command that was begun just now is answered, and its facts are shown."""
    # Whoever is waiting for an answer began before: each has at most one command under way.
    answers = people.book.answers + len(people.callers) + 1
    while people.book.answers < answers:
        await asyncio.sleep(0.02)
    newest = people.book.newest
    if newest is None:
        return
    stream = stream_of(UUID(newest.project_id))
    while True:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            console = await asyncpg.connect(
                place.stack.admin_database_url("console"), timeout=3, command_timeout=3
            )
            try:
                while not await console.fetchval(
                    "select version >= $2 from views.four_pools_streams where stream = $1",
                    stream,
                    newest.version,
                ):
                    await asyncio.sleep(0.02)
                return
            finally:
                await console.close(timeout=2)
        await asyncio.sleep(0.2)


def _words(place: Town) -> dict[str, int]:
    """Count in the logs what the system said about its troubles."""
    wanted = {
        "trembled": '"event": "trembled"',
        "batches_failed": '"event": "view_batch_failed"',
        "fenced": '"event": "view_fenced"',
        "leaders": '"event": "relay_leads"',
        "sent_again": '"event": "relay_sends_again"',
        "unexpected": '"event": "unexpected_error"',
        "ended": '"event": "worker_ended"',
    }
    counts = dict.fromkeys(wanted, 0)
    for log in place.stack.home.logs.glob("*.log"):
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                for word, sign in wanted.items():
                    counts[word] += sign in line
    return counts
