"""A tiny decider for tests of sweeping: something that is due on a day and then said once."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Annotated, Literal

import asyncpg
from pydantic import Field, TypeAdapter

from contracts.envelope import Fact
from shared.deciding import Ask, Decider, handle_many
from shared.journal import MOST_STREAMS, Journal
from shared.sweeping import Due, Moment, Page, Sweep
from tests.shared.ledger import cause


class Promised(Fact):
    """Something was promised for a day."""

    kind: Literal["test.promise.promised.v1"] = "test.promise.promised.v1"
    day: date


class Reminded(Fact):
    """It was not done by its day."""

    kind: Literal["test.promise.reminded.v1"] = "test.promise.reminded.v1"
    on: date


class Kept(Fact):
    """It was done."""

    kind: Literal["test.promise.kept.v1"] = "test.promise.kept.v1"


@dataclass(frozen=True)
class Promise:
    """What is promised, and whether it is over."""

    day: date | None = None
    reminded: bool = False
    kept: bool = False


@dataclass(frozen=True)
class Remind:
    """Remind of what is due on a day."""

    on: date


Event = Promised | Reminded | Kept
Command = Promised | Kept | Remind
UNLUCKY = date(2019, 4, 13)
"""A promise for this day breaks the decider."""


def decide(command: Command, promise: Promise) -> Sequence[Event]:
    """Remind once of what is due and was not kept."""
    if not isinstance(command, Remind):
        return [command]
    if promise.day == UNLUCKY:
        raise ZeroDivisionError
    if promise.day is None or promise.kept or promise.reminded or command.on < promise.day:
        return []
    return [Reminded(on=command.on)]


def evolve(promise: Promise, event: Event) -> Promise:
    """Take in a fact."""
    match event:
        case Promised():
            return Promise(event.day)
        case Reminded():
            return replace(promise, reminded=True)
        case Kept():
            return replace(promise, kept=True)


PROMISES: Decider[Command, Promise, Event] = Decider(
    initial=Promise(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[Event, Field(discriminator="kind")]),
)


async def happen(pool: asyncpg.Pool, told: dict[str, Command]) -> None:
    """Let something happen to many streams at once."""
    streams = list(told)
    for begin in range(0, len(streams), MOST_STREAMS):
        asks = [_ask(s, told[s]) for s in streams[begin : begin + MOST_STREAMS]]
        await handle_many(Journal(pool, "test"), PROMISES, asks, cause())


async def reminded(pool: asyncpg.Pool) -> list[str]:
    """Give the streams of all reminders, as often as they were told."""
    rows = await pool.fetch(
        "select stream from journal.events where kind = 'test.promise.reminded.v1' order by 1"
    )
    return [row["stream"] for row in rows]


def _ask(stream: str, command: Command) -> Ask[Command, Promise, Event]:
    return Ask(stream, stream, command, lambda wrote: wrote.token.encode())


def reminder(*hints: str, size: int = MOST_STREAMS) -> Sweep[Command, Promise, Event]:
    """A sweep that finds the streams of a list, right or wrong, some at a time.

    The list stands for a view: it may be behind and name what is over, or leave out what is due.
    """

    def page(moment: Moment, streams: Sequence[str]) -> Page[Command, Promise, Event]:
        return Page([Due(s, partial(_ask, s, Remind(moment.today))) for s in streams])

    async def find(moment: Moment) -> AsyncIterator[Page[Command, Promise, Event]]:
        for begin in range(0, len(hints), size):
            yield page(moment, hints[begin : begin + size])

    async def again(moment: Moment, streams: Sequence[str]) -> Page[Command, Promise, Event]:
        return page(moment, [stream for stream in streams if stream in hints])

    return Sweep("reminder", PROMISES, find, again, lambda _: "")
