"""Rules in force: dated files beside the rooms, each told once when it comes into use.

A room keeps its rules as ``<room>/policy/<first day>.toml``; the file says ``valid_from`` itself.
"""

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from shared.deciding import Ask, Cause, Command, Decider, EventT, handle
from shared.journal import Journal


@dataclass(frozen=True)
class Policy:
    """One dated file of rules. ``sha256`` names it in the envelope of a decision."""

    room: str
    valid_from: date
    sha256: str
    text: str

    @property
    def values(self) -> dict[str, Any]:
        """The file's values."""
        return _read(self.text)

    @property
    def stream(self) -> str:
        """The stream in which the file is told."""
        return f"policy-{self.room}-{self.valid_from}"


@cache
def _read(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


@cache
def policies(rooms: Path) -> tuple[Policy, ...]:
    """Give every policy file of the rooms in a folder, oldest first."""
    found = []
    for path in sorted(rooms.glob("*/policy/*.toml")):
        text = path.read_text(encoding="utf-8")
        found.append(
            Policy(
                room=path.parent.parent.name,
                valid_from=_read(text)["valid_from"],
                sha256=hashlib.sha256(text.encode()).hexdigest(),
                text=text,
            )
        )
    return tuple(sorted(found, key=lambda policy: (policy.valid_from, policy.room)))


def in_force(rooms: Path, room: str, on: date) -> Policy:
    """Give the policy of a room on a day; before the first one, the first one counts.

    Raises ``LookupError`` where the room has none.
    """
    dated = [policy for policy in policies(rooms) if policy.room == room]
    if not dated:
        raise LookupError(f"{room} has no policy")
    begun = [policy for policy in dated if policy.valid_from <= on]
    return begun[-1] if begun else dated[0]


PolicyDecider = Decider[Policy, EventT | None, EventT]
"""Its command is the file, its state the fact that told the file last."""


def policy_decider(
    tell: Callable[[Policy], EventT], read: TypeAdapter[EventT]
) -> PolicyDecider[EventT]:
    """Give the decider of policy streams: a file is told when it is new or reads otherwise."""

    def publish(policy: Policy, told: EventT | None) -> Sequence[EventT]:
        fact = tell(policy)
        return [] if fact == told else [fact]

    return Decider(initial=None, decide=publish, evolve=lambda _, fact: fact, read=read)


async def publish(
    journal: Journal, decider: PolicyDecider[EventT], rooms: Path, now: datetime
) -> None:
    """Tell the policy files of the rooms in a folder; what was told before stays quiet."""
    for policy in policies(rooms):
        command_id = f"policy:{policy.sha256}"
        await handle(
            journal,
            decider,
            Ask(
                policy.stream,
                policy.stream,
                policy,
                lambda wrote: wrote.token.encode(),
                identity=Command(command_id, bytes.fromhex(policy.sha256)),
            ),
            Cause(
                account="system",
                role="system",
                org="system",
                now=now,
                correlation_id=command_id,
                causation_id=command_id,
                policy=policy.sha256,
            ),
        )
