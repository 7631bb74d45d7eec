"""Appends of one process that come at the same moment go to the database together.

A commit costs a round trip and a flush of the log, whether it holds one fact or fifty. Two calls
are under way at most; what is asked for meanwhile waits for the next and shares it. Nobody sees
the others: when a shared call is refused, each of its appends is tried again by itself.
"""

import asyncio
import json
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from contracts.envelope import Envelope, Fact
from shared.journal.canonical import canonical
from shared.postgres import Connection
from shared.refusals import ClaimTaken, StreamMoved

CALLS_AT_ONCE = 2
MOST_STREAMS = 500
"""Bulk work appends this many streams at a time; a shared call takes no more either."""

PATIENCE_MS = 100
"""How long a shared call waits for a lock before each of its appends goes its own way."""


class Claim(NamedTuple):
    """Something that at most one stream may hold: a scope (``project_code``) and a value."""

    scope: str
    value: str


@dataclass(frozen=True)
class Writing:
    """What one stream gets in an append: the facts with their envelopes, claims taken and freed.

    ``expected`` is the version that the decision rested on; no facts at all only checks it.
    """

    stream: str
    partition_key: str
    expected: int
    facts: Sequence[tuple[Envelope, Fact]]
    takes: frozenset[Claim] = frozenset()
    frees: frozenset[Claim] = frozenset()


@dataclass(frozen=True)
class Remembered:
    """A command's id, the hash of its body and the reply to keep."""

    command_id: str
    body_hash: bytes
    reply: bytes


@dataclass(frozen=True)
class Wanted:
    """One append: all of it or nothing."""

    writings: Sequence[Writing]
    recorded: datetime
    remember: Sequence[Remembered] = ()


_Asked = tuple[Wanted, "asyncio.Future[None]"]


class Appending:
    """Collects the appends of one process."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Nothing is asked for yet."""
        self._pool = pool
        self._asked: deque[_Asked] = deque()
        self._calls = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def append(self, wanted: Wanted) -> None:
        """Append all or nothing; raises what a call of its own would raise."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append((wanted, done))
        if self._calls < CALLS_AT_ONCE:
            self._calls += 1
            self._start(self._call_until_nothing_is_asked())
        await done

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        # The loop itself keeps only a weak reference to a task.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call_until_nothing_is_asked(self) -> None:
        try:
            while shared := self._next_ones():
                await self._call(shared, PATIENCE_MS)
        finally:
            self._calls -= 1

    def _next_ones(self) -> list[_Asked]:
        """Take what is asked for, in order, up to the first that would meet an earlier one."""
        taken: list[_Asked] = []
        streams: set[str] = set()
        while self._asked:
            wanted, done = self._asked[0]
            its_own = {writing.stream for writing in wanted.writings}
            if taken and (streams & its_own or len(streams) + len(its_own) > MOST_STREAMS):
                break
            self._asked.popleft()
            if not done.done():
                streams |= its_own
                taken.append((wanted, done))
        return taken

    async def _call(self, shared: list[_Asked], patience_ms: int) -> None:
        try:
            async with self._pool.acquire() as connection:
                await call(connection, [wanted for wanted, _ in shared], patience_ms)
        except Exception as error:  # noqa: BLE001 - it is raised where the append was asked for
            if patience_ms and _may_be_anothers(error, len(shared)):
                for one in shared:
                    self._start(self._call([one], 0))
                return
            for _, done in shared:
                if not done.done():
                    done.set_exception(error)
        else:
            for _, done in shared:
                if not done.done():
                    done.set_result(None)


def _may_be_anothers(error: Exception, appends: int) -> bool:
    """Tell whether nothing was written for a reason that an append of its own might not meet."""
    if isinstance(error, asyncpg.LockNotAvailableError):
        return True
    if isinstance(error, StreamMoved | ClaimTaken):
        return appends > 1
    # When the connection or the server went away, nobody knows what was written.
    gone = ("08", "57", "58")
    return (
        appends > 1
        and isinstance(error, asyncpg.PostgresError)
        and not (error.sqlstate or gone[0]).startswith(gone)
    )


async def call(connection: Connection, together: Sequence[Wanted], patience_ms: int = 0) -> None:
    """Append all that is wanted or nothing, in one round trip; no stream is wanted twice.

    With ``patience_ms`` it gives up on a lock that it does not get in that time.

    Raises:
        StreamMoved, ClaimTaken, asyncpg.PostgresError: nothing was written.
    """
    # Locks are taken in the order of the stream ids, or two bulk appends could wait in a circle.
    ordered = sorted(
        ((writing, wanted.recorded) for wanted in together for writing in wanted.writings),
        key=lambda one: one[0].stream,
    )
    numbered = [(n, writing) for n, (writing, _) in enumerate(ordered, start=1)]
    facts = [(n, envelope, fact) for n, w in numbered for envelope, fact in w.facts]
    frees = [(n, claim) for n, w in numbered for claim in sorted(w.frees)]
    takes = sorted(((claim, n) for n, w in numbered for claim in w.takes))
    kept = [(one, wanted.recorded) for wanted in together for one in wanted.remember]
    try:
        await connection.execute(
            "select set_config('lock_timeout', $1, true), journal.append($2,$3,$4,$5,$6,$7,$8,$9,"
            "$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)",
            str(patience_ms),
            [w.stream for w, _ in ordered],
            [w.partition_key for w, _ in ordered],
            [w.expected for w, _ in ordered],
            [recorded for _, recorded in ordered],
            [n for n, _, _ in facts],
            [UUID(envelope.id) for _, envelope, _ in facts],
            [fact.kind for _, _, fact in facts],
            [canonical(envelope.model_dump()) for _, envelope, _ in facts],
            [canonical(fact.model_dump(mode="json")) for _, _, fact in facts],
            [n for n, _ in frees],
            [claim.scope for _, claim in frees],
            [claim.value for _, claim in frees],
            [n for _, n in takes],
            [claim.scope for claim, _ in takes],
            [claim.value for claim, _ in takes],
            [one.command_id for one, _ in kept],
            [one.body_hash for one, _ in kept],
            [one.reply for one, _ in kept],
            [recorded for _, recorded in kept],
        )
    except asyncpg.PostgresError as error:
        if error.sqlstate == "SK001":
            raise StreamMoved(json.loads(error.detail or "[]")) from error
        if error.sqlstate == "SK002":
            taken = json.loads(error.detail or "[]")
            raise ClaimTaken([(s, scope, value) for s, scope, value in taken]) from error
        raise
