"""What a sweep is: where to look for what may be due, and whom to ask about it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple, TypeVar

import asyncpg

from contracts.envelope import Fact
from shared.clock import Clock
from shared.deciding import Ask, Beside, Decider

CommandT = TypeVar("CommandT")
StateT = TypeVar("StateT")
EventT = TypeVar("EventT", bound=Fact)


class Moment(NamedTuple):
    """The database in which is looked, the business day for which, and what time it is by."""

    pool: asyncpg.Pool
    today: date
    clock: Clock


@dataclass(frozen=True)
class Due(Generic[CommandT, StateT, EventT]):
    """A stream that may have something to tell; ``ask`` makes the command when its turn comes."""

    stream: str
    ask: Callable[[], Ask[CommandT, StateT, EventT]]


@dataclass(frozen=True)
class Page(Generic[CommandT, StateT, EventT]):
    """Streams that are asked together, each at most once a run.

    ``beside`` writes in the transaction of every append that comes of them.
    """

    due: Sequence[Due[CommandT, StateT, EventT]]
    beside: Beside | None = None


@dataclass(frozen=True)
class Sweep(Generic[CommandT, StateT, EventT]):
    """Something that happens because a day came, or because of something else that was heard.

    What is found is only a hint, and may be old: ``decider`` knows the stream as it is, answers
    with facts once and with ``[]`` ever after. That, and the expected versions, make it exactly
    once; nothing is kept of what was told.

    ``find`` gives page after page; it goes on when the page before is dealt with, so what it
    notes after a ``yield`` is true. ``again`` finds streams that failed before; one that it does
    not give has nothing to tell any more. ``policy`` names the rules of a day by their hash.
    ``standing`` says, where there is more to say than what a run came to, how far it is.
    ``prompt`` is for what was heard, where somebody waits for what comes of it: it looks every
    second, so what it asks to find nothing must cost next to nothing.
    """

    name: str
    decider: Decider[CommandT, StateT, EventT]
    find: Callable[[Moment], AsyncIterator[Page[CommandT, StateT, EventT]]]
    again: Callable[[Moment, Sequence[str]], Awaitable[Page[CommandT, StateT, EventT]]]
    policy: Callable[[date], str]
    standing: Callable[[asyncpg.Pool], Awaitable[Sequence[str]]] | None = None
    prompt: bool = False
