"""Who stands at a door for a command: an account of a demonstration, or a machine account."""

import os
from collections.abc import Callable
from typing import Protocol

from examples.doors import DoorT

SECRET = "SIKU_MACHINE_SECRET"  # noqa: S105 -- the name of the variable, not a secret


class ComeIn(Protocol):
    """Lets somebody in at a door, whatever its service."""

    async def __call__(self, doors: DoorT) -> DoorT:
        """Give the same door with somebody before it."""


def by_machine(machine: str, secret: Callable[[], str]) -> ComeIn:
    """Let a machine account come in; its secret comes from the environment, or is asked for."""
    known: list[str] = []

    async def come_in(doors: DoorT) -> DoorT:
        if not known:
            known.append(os.environ.get(SECRET) or secret())
        return await doors.machine_in(machine, known[0])

    return come_in


def by_account(username: str, password: Callable[[], str]) -> ComeIn:
    """Let an account of a demonstration come in."""

    async def come_in(doors: DoorT) -> DoorT:
        known = await doors.example_password(username)
        return await doors.signed_in(username, known or password())

    return come_in
