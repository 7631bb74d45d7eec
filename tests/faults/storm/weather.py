"""What goes wrong and when: lanes of faults, each dealt from the seed."""

import asyncio
import itertools
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


def _of(whats: tuple[str, ...], *whom: str) -> tuple[Fault, ...]:
    return tuple(Fault(what, one) for one in whom for what in whats)


_PROCESS = ("kill -9", "SIGTERM", "stands still")
_WIRE = ("cut", "silent", "slow", "reset")
LANES: dict[str, tuple[Fault, ...]] = {
    "workers": _of(_PROCESS, "intake.web", "intake.relay", "console.views", "intake.views"),
    "others": _of(_PROCESS, "identity.web", "console.web"),
    "servers": (
        *_of(_PROCESS, KAFKA),
        *_of(("stopped at once", "sessions ended"), POSTGRES),
    ),
    "wires to Kafka": _of(_WIRE, f"one wire to {KAFKA}", f"all wires to {KAFKA}"),
    "wires to PostgreSQL": _of(_WIRE, f"one wire to {POSTGRES}", f"all wires to {POSTGRES}"),
}


@dataclass
class Weathered:
    """A fault that came and went: when it struck, how long it lasted, and the system after it."""

    fault: Fault
    at: float
    lasted: float
    recovered: float


def _dealt(deck: tuple[Fault, ...], dice: random.Random) -> Iterator[list[Fault]]:
    while True:
        yield dice.sample(deck, len(deck))


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
    violations: list[str] = field(default_factory=list)

    async def rage(self, seconds: float) -> None:
        """Strike on every lane for some time and until every fault has come once.

        It ends as soon as the town does not get over a fault.
        """
        async with asyncio.TaskGroup() as together:
            for lane, deck in LANES.items():
                together.create_task(self._lane(lane, deck, seconds), name=lane)

    async def _lane(self, lane: str, deck: tuple[Fault, ...], seconds: float) -> None:
        dice = random.Random(f"{self.seed}-{lane}")  # noqa: S311
        # Dealt like cards: every fault of the lane comes once before any comes again.
        for number, fault in enumerate(itertools.chain.from_iterable(_dealt(deck, dice))):
            dealt = number >= len(deck) and time.monotonic() - self.begun > seconds
            if dealt or self.violations:
                return
            await asyncio.sleep(dice.uniform(0.5, 3.0))
            struck = time.monotonic()
            await self._strike(fault, dice)
            healed = time.monotonic()
            try:
                async with asyncio.timeout(WEATHERED_WITHIN):
                    await self.progress()
            except TimeoutError:
                self.violations.append(f"{fault}: no progress for {WEATHERED_WITHIN:g} s")
                return
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
                await self._signal(await self._one(fault, dice), _SIGNALS[fault.what])
            case "stands still":
                whom = await self._one(fault, dice)
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

    async def _one(self, fault: Fault, dice: random.Random) -> str:
        """Choose an instance; of the relays the one that leads, or the fault would be none."""
        if fault.whom in {KAFKA, POSTGRES}:
            return fault.whom
        instances = self.town.instances(fault.whom)
        for name in instances if fault.whom == "intake.relay" else ():
            if await self.town.leads(name):
                return name
        return dice.choice(instances)

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
