"""A tiny decider for tests of the mechanisms: an account that counts what is put in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from contracts.envelope import Fact
from shared.deciding import Ask, Asked, Cause, Command, Decider, Wrote, handle
from shared.journal import Claim, Journal
from shared.refusals import Refusal


class Put(Fact):
    """An amount was put in."""

    kind: Literal["test.ledger.put.v1"] = "test.ledger.put.v1"
    amount: int
    label: str = ""


@dataclass(frozen=True)
class Sum:
    """What is in, how often something was put in, and the label held."""

    total: int = 0
    count: int = 0
    label: str = ""


class TooMuch(Refusal):
    """More than the ledger takes."""

    code = "too_much"


@dataclass(frozen=True)
class PutIn:
    """Put an amount in, under a label that nobody else may hold."""

    amount: int
    label: str = ""


def decide(command: PutIn, state: Sum) -> Sequence[Put]:
    """Refuse what is too much; do nothing for nothing."""
    if command.amount > 1000:
        raise TooMuch("太多了")
    if command.amount == 0:
        return []
    return [Put(amount=command.amount, label=command.label or state.label)]


def evolve(state: Sum, event: Put) -> Sum:
    """Add up."""
    return Sum(state.total + event.amount, state.count + 1, event.label)


def holds(state: Sum) -> frozenset[Claim]:
    """Hold the label."""
    return frozenset({Claim("label", state.label)}) if state.label else frozenset()


LEDGER: Decider[PutIn, Sum, Put] = Decider(
    initial=Sum(), decide=decide, evolve=evolve, read=TypeAdapter(Put), holds=holds
)


def cause(now: datetime | None = None) -> Cause:
    """Somebody asks now."""
    return Cause(
        account="tester",
        role="tester",
        org="T",
        now=now or datetime.now(UTC),
        correlation_id="c",
        causation_id="c",
    )


async def put(
    journal: Journal,
    stream: str,
    amount: int,
    *,
    label: str = "",
    key: str | None = None,
    body: bytes = b"body",
    if_match: int | None = None,
    now: datetime | None = None,
) -> Asked[Any, Any]:
    """Put an amount into a stream."""

    def reply(wrote: Wrote[Sum, Put]) -> bytes:
        return f"{wrote.token}={wrote.state.total}".encode()

    ask = Ask(
        stream,
        stream,
        PutIn(amount, label),
        reply,
        identity=Command(key, body) if key else None,
        if_match=if_match,
    )
    return await handle(journal, LEDGER, ask, cause(now))
