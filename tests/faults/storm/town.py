"""A stack with several instances of what may have several, each behind wires of its own."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from deploy.embedded.launcher import Stack
from deploy.embedded.ports import KAFKA, LOOPBACK, POSTGRES, free_ports, usual_ports
from deploy.stack import PROCESSES, Link, Process
from tests.faults.clerks import TIRELESS
from tests.faults.storm.links import Links

INSTANCES = {"intake.web": 2, "intake.relay": 2, "console.views": 3, "intake.views": 2}
READS_KAFKA = {"relay", "views"}


@dataclass(frozen=True)
class Trembling(Process):
    """View workers whose handler fails at random."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Run the trembling ones instead of the product's own."""
        return ("-m", "tests.faults.storm.trembling", self.service, self.part)


def processes() -> list[Process]:
    """Give the table with its instances; ports come later."""
    return [
        (Trembling if row.part == "views" else Process)(row.service, row.part, 0, number)
        for row in PROCESSES
        for number in range(1, INSTANCES.get(row.name, 1) + 1)
    ]


@dataclass(frozen=True)
class Town:
    """The running stack and its wires."""

    stack: Stack
    links: Links
    rows: tuple[Process, ...]

    def instances(self, name: str) -> list[str]:
        """Give the names of all instances of a process such as ``intake.web``."""
        service, part = name.split(".")
        return [row.name for row in self.rows if (row.service, row.part) == (service, part)]

    def wires(self, server: str) -> list[str]:
        """Give the names of all wires to a server."""
        return [wire_of(row.name, server) for row in self.rows if server in servers_of(row)]

    async def leads(self, relay: str) -> bool:
        """Tell whether a relay says that it leads."""
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
                said = await http.get(f"{self.stack.url(relay)}/metrics")
            return "siku_relay_leading 1.0" in said.text
        return False


def servers_of(row: Process) -> list[str]:
    """Give the servers that a process talks to."""
    return [POSTGRES, *([KAFKA] if row.part in READS_KAFKA else [])]


def wire_of(process: str, server: str) -> str:
    """Name the wire between a process and a server."""
    return f"{process}-{server}"


@asynccontextmanager
async def town(home: Path) -> AsyncIterator[Town]:
    """Run the town in a home that is thrown away."""
    if "DATABASE_URL" in os.environ:
        raise RuntimeError("the storm stops PostgreSQL: it needs one of its own")
    rows = processes()
    own = list(usual_ports(rows))
    wires = [wire_of(row.name, server) for row in rows for server in servers_of(row)]
    doors = [f"door of {wire}" for wire in wires if wire.endswith(KAFKA)]
    ports = free_ports([*own, *wires, *doors, "toxiproxy"])

    def link(row: Process) -> Link:
        door = ports.get(f"door of {wire_of(row.name, KAFKA)}")
        kafka = ports[wire_of(row.name, KAFKA)] if door else ports[KAFKA]
        return Link(
            postgres=f"{LOOPBACK}:{ports[wire_of(row.name, POSTGRES)]}",
            kafka=f"{LOOPBACK}:{kafka}",
            kafka_door=door,
        )

    leads_to = {wire: ports.get(f"door of {wire}", ports[POSTGRES]) for wire in wires}
    laid = {wire: (ports[wire], leads_to[wire]) for wire in wires}
    async with (
        Links(ports["toxiproxy"], laid, home / "toxiproxy.log") as links,
        Stack(
            home=home / "home",
            processes=rows,
            ports={name: ports[name] for name in own},
            links={row.name: link(row) for row in rows},
            environment=TIRELESS,
        ) as stack,
    ):
        yield Town(stack, links, tuple(rows))


@asynccontextmanager
async def reading(stack: Stack, service: str) -> AsyncIterator[asyncpg.Connection]:
    """Read a service's database as its owner, past all wires."""
    connection = await asyncpg.connect(
        stack.admin_database_url(service), timeout=5, command_timeout=120
    )
    try:
        yield connection
    finally:
        await connection.close(timeout=2)
