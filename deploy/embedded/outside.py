"""What can be said about a running stack from outside its launcher: readiness and memory."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import TypedDict, TypeVar

from deploy.embedded import guard
from deploy.embedded.home import Home, ProcessNote
from deploy.embedded.launcher import is_ready, local_place
from deploy.embedded.ports import KAFKA, LOOPBACK, POSTGRES, usual_ports
from deploy.stack import SERVICES, VERIFIER, database_of, principal_of, role_of
from shared.settings import Settings

STOP_SECONDS = 75.0
_PROC = Path("/proc")

NumberT = TypeVar("NumberT", int, float)


class ProcessStatus(TypedDict):
    """One row of `siku status`."""

    name: str
    pid: int | None
    port: int
    ready: bool
    state: str
    restarts: int


class Status(TypedDict):
    """The answer of `siku status --json`."""

    ready: bool
    home: str
    console: str
    processes: list[ProcessStatus]


async def status(home: Home) -> Status:
    """Ask every process itself; what the launcher wrote down is only where to ask."""
    note = home.read_note()
    running = note is not None and home.is_held()
    rows = note["processes"] if note is not None else []
    answers = await asyncio.gather(*(_answers(row) for row in rows)) if running else []
    processes: list[ProcessStatus] = [
        {**row, "ready": answer and row["state"] == "ready"}
        for row, answer in zip(rows, answers, strict=running)
    ]
    return {
        "ready": bool(processes)
        and (note is not None and note["complete"])
        and all(row["ready"] for row in processes),
        "home": str(home.path),
        "console": note["console"] if note is not None else "",
        "processes": processes,
    }


async def _answers(row: ProcessNote) -> bool:
    if row["name"] not in {POSTGRES, KAFKA}:
        return await is_ready(row["port"])
    try:
        async with asyncio.timeout(3):
            _, writer = await asyncio.open_connection(LOOPBACK, row["port"])
            writer.close()
    except (OSError, TimeoutError):
        return False
    return True


async def wait_ready(home: Home, seconds: float) -> Status:
    """Return the status as soon as everything is ready, or as it is when the time is over."""
    limit = time.monotonic() + seconds
    while not (found := await status(home))["ready"] and time.monotonic() < limit:
        await asyncio.sleep(0.3)
    return found


def stop(home: Home) -> bool:
    """Stop the launcher of this home and wait until nothing of it is left; tell if one ran."""
    note = home.read_note()
    if note is None:
        return False
    ran = home.is_held()
    if ran:
        os.kill(note["launcher"], signal.SIGTERM)
        limit = time.monotonic() + STOP_SECONDS
        while home.is_held() and time.monotonic() < limit:
            time.sleep(0.1)
        if home.is_held():
            os.kill(note["launcher"], signal.SIGKILL)
    guard.end_all(note["token"], guard.GRACE_SECONDS)
    return ran


def memory(home: Home) -> dict[str, int]:
    """Return the proportional set size, in bytes, of each process with its descendants."""
    return _summed(home, _proportional_size)


def processor_time(home: Home) -> dict[str, float]:
    """Return the processor seconds that each process with its living descendants has used."""
    return _summed(home, _processor_seconds)


def _summed(home: Home, measured: Callable[[int], NumberT]) -> dict[str, NumberT]:
    note = home.read_note()
    if note is None:
        return {}
    owners = {row["pid"]: row["name"] for row in note["processes"] if row["pid"] is not None}
    owners[note["launcher"]] = "launcher"
    parents = {int(entry.name): _parent(int(entry.name)) for entry in _PROC.glob("[0-9]*")}
    sums: dict[str, NumberT] = {}
    for pid in parents:
        ancestor: int | None = pid
        while ancestor is not None and ancestor not in owners:
            ancestor = parents.get(ancestor)
        if ancestor is not None:
            name = owners[ancestor]
            sums[name] = sums.get(name, 0) + measured(pid)
    return sums


def _stat(pid: int) -> list[str]:
    """Give the fields behind a process's name, which may hold anything."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return []


def _parent(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[1]) or None if fields else None


def _processor_seconds(pid: int) -> float:
    fields = _stat(pid)
    ticks = int(fields[11]) + int(fields[12]) if fields else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _proportional_size(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def own_settings(home: Home, service: str) -> Settings:
    """Give a service's own settings, for a command that acts in its place."""
    note = home.read_note()
    place = local_place(home, usual_ports() | (note["ports"] if note is not None else {}))
    principal = principal_of(service)
    return Settings.model_validate(
        {
            "home": home.path,
            "database_url": place.database_url(role_of(service), database_of(service)),
            "kafka": place.kafka,
            "kafka_user": principal,
            "kafka_password": place.kafka_passwords[principal],
        }
    )


def lend_addresses(home: Home, environment: MutableMapping[str, str]) -> None:
    """Put into the environment what a check of the whole stack needs to reach it."""
    note = home.read_note()
    ports = usual_ports() | (note["ports"] if note is not None else {})
    place = local_place(home, ports)
    lent = {
        "SIKU_HOME": place.home,
        "SIKU_KAFKA": place.kafka,
        "SIKU_KAFKA_USER": VERIFIER,
        "SIKU_KAFKA_PASSWORD": place.kafka_passwords[VERIFIER],
        **{
            f"SIKU_{service.upper()}_DATABASE_URL": place.database_url(
                place.admin, database_of(service)
            )
            for service in SERVICES
        },
        **{f"SIKU_{service.upper()}_URL": place.urls[f"{service}.web"] for service in SERVICES},
    }
    environment.update(lent)
