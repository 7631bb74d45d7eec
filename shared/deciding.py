"""From a command to facts in the journal: load, fold, decide, append; ask again on a conflict."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
import uuid_utils.compat as uuids
from pydantic import TypeAdapter

from contracts.envelope import Envelope, Fact, instant
from shared.clock import SHANGHAI
from shared.journal import Claim, Journal, Remembered, Writing
from shared.postgres import Connection
from shared.refusals import (
    AlreadyClaimed,
    BusyStream,
    ClaimTaken,
    CommandReused,
    Refusal,
    StaleVersion,
    StreamMoved,
)

TRIES = 3

CommandT = TypeVar("CommandT")
StateT = TypeVar("StateT")
EventT = TypeVar("EventT", bound=Fact)


def _holds_nothing(_: object) -> frozenset[Claim]:
    return frozenset()


def _claimed(claim: Claim) -> Refusal:
    return AlreadyClaimed(f"“{claim.value}”已被占用（{claim.scope}）。")


@dataclass(frozen=True)
class Decider(Generic[CommandT, StateT, EventT]):
    """The pure rules of one kind of stream.

    ``decide`` answers with facts, with ``[]`` when it already happened, or raises a Refusal.
    ``holds`` gives the claims that a state holds: the difference before and after a decision is
    what the append takes and frees. ``claimed`` words the refusal when another holds one.
    """

    initial: StateT
    decide: Callable[[CommandT, StateT], Sequence[EventT]]
    evolve: Callable[[StateT, EventT], StateT]
    read: TypeAdapter[EventT]
    holds: Callable[[StateT], frozenset[Claim]] = _holds_nothing
    claimed: Callable[[Claim], Refusal] = _claimed

    def fold(self, payloads: Sequence[bytes]) -> StateT:
        """Fold stored facts into the present state."""
        state = self.initial
        for payload in payloads:
            state = self.evolve(state, self.read.validate_json(payload))
        return state


@dataclass(frozen=True)
class Cause:
    """Who asks, when, why and under which policy: everything that the envelope needs."""

    account: str
    role: str
    org: str
    now: datetime
    correlation_id: str
    causation_id: str
    on_behalf_of: str = ""
    policy: str = ""


@dataclass(frozen=True)
class Command:
    """A command's identity at the door: its key, bound to the account, and its body's hash."""

    command_id: str
    body_hash: bytes


@dataclass(frozen=True)
class Wrote(Generic[StateT, EventT]):
    """What a command came to: the stream, its version now, the facts and the state after them."""

    stream: str
    version: int
    facts: Sequence[EventT]
    state: StateT

    @property
    def token(self) -> str:
        """The value of ``Siku-Wrote``, to be handed to a query as ``?after=``."""
        return f"{self.stream}@{self.version}"


@dataclass(frozen=True)
class Asked(Generic[StateT, EventT]):
    """The answer to a command: the reply's bytes, and whether it was given before."""

    reply: bytes
    wrote: Wrote[StateT, EventT] | None


async def handle(
    journal: Journal,
    decider: Decider[CommandT, StateT, EventT],
    stream: str,
    command: CommandT,
    cause: Cause,
    *,
    partition_key: str,
    reply: Callable[[Wrote[StateT, EventT]], bytes],
    identity: Command | None = None,
    if_match: int | None = None,
    also: Callable[[Connection], Awaitable[None]] | None = None,
) -> Asked[StateT, EventT]:
    """Carry out a command once.

    The facts, the claims and the kept reply are one transaction. The same identity with the
    same body gets the same reply and no new fact. A refused command is not remembered.

    Raises:
        Refusal: a rule says no, ``if_match`` is stale, a claim is taken, the key was reused,
            or the stream kept moving.
    """
    for _ in range(TRIES):
        if identity is not None and (kept := await _kept(journal, identity)) is not None:
            return Asked(kept, None)
        try:
            return await _once(
                journal,
                decider,
                stream,
                command,
                cause,
                partition_key=partition_key,
                reply=reply,
                identity=identity,
                if_match=if_match,
                also=also,
            )
        except StreamMoved:
            continue
        except (Refusal, ClaimTaken, asyncpg.UniqueViolationError) as error:
            # Whoever was faster may have been this very command, sent twice at once.
            if identity is not None and (kept := await _kept(journal, identity)) is not None:
                return Asked(kept, None)
            if isinstance(error, ClaimTaken):
                raise decider.claimed(Claim(*error.taken[0][1:])) from error
            raise
    raise BusyStream("同时有多人在办理这一件，请稍候重试。")


async def _once(
    journal: Journal,
    decider: Decider[CommandT, StateT, EventT],
    stream: str,
    command: CommandT,
    cause: Cause,
    *,
    partition_key: str,
    reply: Callable[[Wrote[StateT, EventT]], bytes],
    identity: Command | None,
    if_match: int | None,
    also: Callable[[Connection], Awaitable[None]] | None,
) -> Asked[StateT, EventT]:
    history = await journal.load(stream)
    if if_match is not None and if_match != history.version:
        raise StaleVersion(
            f"你看到的是第 {if_match} 号记录时的内容，现在已到第 {history.version} 号。"
            "请看过新内容再提交。",
            current_version=history.version,
        )
    before = decider.fold(history.payloads)
    facts = decider.decide(command, before)
    after = before
    for fact in facts:
        after = decider.evolve(after, fact)
    # Several processes share no clock to the microsecond; within a stream time never turns.
    recorded = max(cause.now, history.recorded or cause.now)
    wrote = Wrote(stream, history.version + len(facts), facts, after)
    answer = reply(wrote)
    held, holds = decider.holds(before), decider.holds(after)
    writing = Writing(
        stream,
        partition_key,
        history.version,
        _surround(
            journal, facts, replace(cause, now=recorded), stream, partition_key, history.version
        ),
        takes=holds - held,
        frees=held - holds,
    )
    await journal.append(
        [writing],
        recorded,
        [Remembered(identity.command_id, identity.body_hash, answer)] if identity else [],
        also,
    )
    return Asked(answer, wrote)


async def _kept(journal: Journal, identity: Command) -> bytes | None:
    kept = await journal.reply_to(identity.command_id)
    if kept is None:
        return None
    if kept.body_hash != identity.body_hash:
        raise CommandReused(
            "这个办理编号（Idempotency-Key）已用于另一份内容。请换一个新编号再提交。"
        )
    return kept.reply


def _surround(
    journal: Journal,
    facts: Sequence[EventT],
    cause: Cause,
    stream: str,
    partition_key: str,
    version: int,
) -> list[tuple[Envelope, Fact]]:
    return [
        (
            Envelope(
                id=str(new_id()),
                type=fact.kind,
                source=journal.source,
                subject=stream,
                time=instant(cause.now),
                partitionkey=partition_key,
                streamversion=str(number),
                occurred=cause.now.astimezone(SHANGHAI).date().isoformat(),
                actoraccount=cause.account,
                actorrole=cause.role,
                actororg=cause.org,
                onbehalfof=cause.on_behalf_of,
                correlationid=cause.correlation_id,
                causationid=cause.causation_id,
                policy=cause.policy,
            ),
            fact,
        )
        for number, fact in enumerate(facts, start=version + 1)
    ]


def new_id() -> UUID:
    """Give a new time-ordered id (UUIDv7, real time)."""
    return uuids.uuid7()
