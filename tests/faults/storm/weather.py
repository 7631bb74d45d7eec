"""What goes wrong and when: three lanes of faults, dealt from a seed, one after another."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from signal import SIGCONT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM, Signals

import asyncpg

from deploy.embedded.ports import KAFKA, POSTGRES
from tests.faults.storm.town import Town

# Longer than a consumer's session (10 s); shorter than the whole patience of a command.
STANDS_STILL = (11.0, 15.0)
WIRE_HURTS = (3.0, 12.0)
WEATHERED_WITHIN = 150.0
_SIGNALS: dict[str, Signals] = {"kill -9": SIGKILL, "SIGTERM": SIGTERM}
_IMMEDIATELY = SIGQUIT  # what `pg_ctl stop -m immediate` sends


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong: what, and with whom (a process, a server, wires to a server)."""

    what: str
    whom: str

    def __str__(self) -> str:
        return f"{self.what}: {self.whom}"


PROCESSES = ("intake.web", "intake.relay", "console.views", "console.web", "identity.web")
WIRES = tuple(
    Fault(how, f"{which} to {server}")
    for server in (KAFKA, POSTGRES)
    for how in ("cut", "silent", "slow", "reset")
    for which in ("one wire", "all wires")
)
LANES: dict[str, tuple[Fault, ...]] = {
    "processes": tuple(
        Fault(what, whom) for whom in PROCESSES for what in ("kill -9", "SIGTERM", "stands still")
    ),
    "servers": (
        Fault("kill -9", KAFKA),
        Fault("stands still", KAFKA),
        Fault("SIGTERM", KAFKA),
        Fault("stopped at once", POSTGRES),
        Fault("sessions ended", POSTGRES),
    ),
    "wires": WIRES,
}


def dealt(deck: tuple[Fault, ...], dice: random.Random) -> Iterator[Fault]:
    """Deal a deck again and again: every fault comes once before any comes twice."""
    while True:
        yield from dice.sample(deck, len(deck))


@dataclass
class Weathered:
    """A fault that came and went: when it struck, how long it lasted, and the system after it."""

    fault: Fault
    at: float
    lasted: float
    recovered: float


Progress = Callable[[], Awaitable[None]]
"""Returns when a command that was begun just now is acknowledged and shown."""


@dataclass
class Weather:
    """Lets the faults loose on a town."""

    town: Town
    seed: int
    progress: Progress
    tell: Callable[[str], None]
    begun: float = field(default_factory=time.monotonic)
    weathered: list[Weathered] = field(default_factory=list)

    async def rage(self, closed: asyncio.Event) -> None:
        """Strike on every lane until the storm is over; each fault is healed before its lane ends.

        Raises:
            TimeoutError: the town did not get over a fault.
        """
        async with asyncio.TaskGroup() as together:
            for lane, deck in LANES.items():
                together.create_task(self._lane(lane, deck, closed), name=lane)

    async def _lane(self, lane: str, deck: tuple[Fault, ...], closed: asyncio.Event) -> None:
        dice = random.Random(f"{self.seed}-{lane}")  # noqa: S311
        for fault in dealt(deck, dice):
            await asyncio.sleep(dice.uniform(0.5, 3.0))
            if closed.is_set():
                return
            struck = time.monotonic()
            await self._strike(fault, dice)
            healed = time.monotonic()
            try:
                async with asyncio.timeout(WEATHERED_WITHIN):
                    await self.progress()
            except TimeoutError:
                raise TimeoutError(f"{fault}: no progress for {WEATHERED_WITHIN:g} s") from None
            now = time.monotonic()
            one = Weathered(fault, struck - self.begun, healed - struck, now - healed)
            self.weathered.append(one)
            self.tell(
                f"{one.at:6.0f} s  {fault!s:<34} lasted {one.lasted:4.1f} s, "
                f"progress {one.recovered:4.1f} s later"
            )

    async def _strike(self, fault: Fault, dice: random.Random) -> None:
        match fault.what:
            case "kill -9" | "SIGTERM":
                await self._signal(self._one(fault, dice), _SIGNALS[fault.what])
            case "stands still":
                whom = self._one(fault, dice)
                if await self._signal(whom, SIGSTOP):
                    try:
                        await asyncio.sleep(dice.uniform(*STANDS_STILL))
                    finally:
                        await self._signal(whom, SIGCONT)
            case "stopped at once":
                await self._signal(POSTGRES, _IMMEDIATELY)
            case "sessions ended":
                await self._end_sessions()
            case _:
                await self._hurt_wires(fault, dice)

    def _one(self, fault: Fault, dice: random.Random) -> str:
        if fault.whom in {KAFKA, POSTGRES}:
            return fault.whom
        return dice.choice(self.town.instances(fault.whom))

    async def _signal(self, name: str, number: Signals) -> bool:
        """Send a signal; whoever is just being started again is given a moment."""
        for _ in range(100):
            try:
                self.town.stack.kill(name, number)
            except ProcessLookupError:
                await asyncio.sleep(0.1)
            else:
                return True
        return False

    async def _end_sessions(self) -> None:
        try:
            admin = await asyncpg.connect(self.town.stack.admin_database_url(), timeout=5)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return
        try:
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'svc_%'"
            )
        finally:
            await admin.close(timeout=2)

    async def _hurt_wires(self, fault: Fault, dice: random.Random) -> None:
        which, _, server = fault.whom.partition(" to ")
        wires = self.town.wires(server)
        chosen = wires if which == "all wires" else [dice.choice(wires)]
        try:
            for wire in chosen:
                await self.town.links.hurt(wire, fault.what)
            await asyncio.sleep(dice.uniform(*WIRE_HURTS))
        finally:
            for wire in chosen:
                await self.town.links.heal(wire)
