"""Which port everything listens on: the usual ones, a row from a base, or whatever is free."""

import socket
from collections.abc import Iterable, Mapping

from deploy.stack import CONTROLLER_PORT, KAFKA_PORT, POSTGRES_PORT, PROCESSES, Process

POSTGRES, KAFKA, CONTROLLER = "postgres", "kafka", "kafka.controller"
LOOPBACK = "127.0.0.1"


class PortTaken(Exception):
    """Something else already listens on a port that the stack needs."""


def usual_ports(processes: Iterable[Process] = PROCESSES) -> dict[str, int]:
    """Return the ports of the table."""
    own = {process.name: process.port for process in processes}
    return own | {POSTGRES: POSTGRES_PORT, KAFKA: KAFKA_PORT, CONTROLLER: CONTROLLER_PORT}


def ports_from(base: int) -> dict[str, int]:
    """Return consecutive ports; the console, which people type, comes first."""
    names = sorted(usual_ports(), key=lambda name: (name != "console.web", name))
    return {name: base + number for number, name in enumerate(names)}


def free_ports(names: Iterable[str] | None = None) -> dict[str, int]:
    """Return ports that nobody uses at the moment, one for each name."""
    sockets = {name: socket.socket() for name in names or usual_ports()}
    try:
        for opened in sockets.values():
            opened.bind((LOOPBACK, 0))
        return {name: opened.getsockname()[1] for name, opened in sockets.items()}
    finally:
        for opened in sockets.values():
            opened.close()


def check_free(ports: Mapping[str, int]) -> None:
    """Refuse to start next to a stranger on one of our ports.

    Raises:
        PortTaken: with the name and the number of each port in use.
    """
    taken = []
    for name, port in ports.items():
        with socket.socket() as probe:
            # As the servers themselves do: a connection that just closed is no stranger.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                taken.append(f"{name} {port}")
    if taken:
        raise PortTaken(", ".join(taken))
