"""From a command to facts in the journal: load, fold, decide, append; ask again on a conflict."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
import uuid_utils.compat as uuids
from pydantic import TypeAdapter

from contracts.envelope import Envelope, Fact, instant
from shared.clock import SHANGHAI
from shared.journal import Claim, History, Journal, Remembered, Writing
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


Beside = Callable[[int, Connection], Awaitable[None]]
"""Writes something in the transaction of an append that lets so many streams tell something."""


def _holds_nothing(_: object) -> frozenset[Claim]:
    return frozenset()


def _never(_: object) -> bool:
    return False


def _claimed(claim: Claim) -> Refusal:
    return AlreadyClaimed(f"“{claim.value}”已被占用（{claim.scope}）。")


@dataclass(frozen=True)
class Decider(Generic[CommandT, StateT, EventT]):
    """The pure rules of one kind of stream.

    ``decide`` answers with facts, with ``[]`` when it already happened, or raises a Refusal.
    ``holds`` gives the claims that a state holds: the difference before and after a decision is
    what the append takes and frees. ``claimed`` words the refusal when another holds one.
    ``by_clock`` tells the facts that time brings about: who saw the version before them has seen
    all that people did.
    """

    initial: StateT
    decide: Callable[[CommandT, StateT], Sequence[EventT]]
    evolve: Callable[[StateT, EventT], StateT]
    read: TypeAdapter[EventT]
    holds: Callable[[StateT], frozenset[Claim]] = _holds_nothing
    claimed: Callable[[Claim], Refusal] = _claimed
    by_clock: Callable[[EventT], bool] = _never

    def fold(self, payloads: Sequence[bytes]) -> StateT:
        """Fold stored facts into the present state."""
        state = self.initial
        for payload in payloads:
            state = self.evolve(state, self.read.validate_json(payload))
        return state

    def is_seen(self, version: int, history: History) -> bool:
        """Tell whether whoever saw a version has seen all but what the clock told since."""
        since = map(self.read.validate_json, history.payloads[version:])
        return version <= history.version and all(map(self.by_clock, since))


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


@dataclass(frozen=True)
class Ask(Generic[CommandT, StateT, EventT]):
    """One command for one stream.

    ``reply`` writes the reply from what the command came to; ``identity`` makes it safe to send
    again; ``if_match`` is the version that the asker saw (``Decider.is_seen``);
    ``on_behalf_of`` names another office than the cause does; ``also`` runs in the transaction.
    ``admit`` raises ``NotFound`` where the asker may not know of the state that he would change;
    it is asked before anything else is said about it.
    """

    stream: str
    partition_key: str
    command: CommandT
    reply: Callable[[Wrote[StateT, EventT]], bytes]
    identity: Command | None = None
    if_match: int | None = None
    on_behalf_of: str = ""
    also: Callable[[Connection], Awaitable[None]] | None = None
    admit: Callable[[StateT], None] | None = None


@dataclass(frozen=True)
class _Decided(Generic[StateT, EventT]):
    """A decision that only needs to be written down."""

    writing: Writing
    wrote: Wrote[StateT, EventT]
    reply: bytes
    recorded: datetime


async def handle(
    journal: Journal,
    decider: Decider[CommandT, StateT, EventT],
    ask: Ask[CommandT, StateT, EventT],
    cause: Cause,
) -> Asked[StateT, EventT]:
    """Carry out a command once.

    The facts, the claims and the kept reply are one transaction. The same identity with the
    same body gets the same reply and no new fact. A refused command is not remembered.

    Raises:
        Refusal: a rule says no, ``if_match`` is stale, a claim is taken, the key was reused,
            or the stream kept moving.
    """
    (outcome,) = await handle_many(journal, decider, [ask], cause)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def handle_many(
    journal: Journal,
    decider: Decider[CommandT, StateT, EventT],
    asks: Sequence[Ask[CommandT, StateT, EventT]],
    cause: Cause,
    *,
    together: bool = False,
    beside: Beside | None = None,
) -> list[Asked[StateT, EventT] | Refusal]:
    """Carry out commands for different streams, each once, in one append where nothing moves.

    Gives one outcome per command, in order: its answer or its refusal. What moved or whose claim
    is taken is left out and the rest appended; what moved is asked again. Every command is
    all or nothing by itself; with ``together`` they are all or nothing as a whole, and one
    refusal leaves every command undone. ``beside`` writes in the transaction of each append.
    """
    outcomes: dict[int, Asked[StateT, EventT] | Refusal] = {}
    for _ in range(TRIES):
        open_asks = {n: ask for n, ask in enumerate(asks) if n not in outcomes}
        if not open_asks:
            break
        answered = await _answered_before(journal, open_asks)
        if together and answered:
            return _done_before(asks, answered)
        outcomes |= answered
        open_asks = {n: ask for n, ask in open_asks.items() if n not in outcomes}
        histories = await journal.load_many([ask.stream for ask in open_asks.values()])
        decided: dict[int, _Decided[StateT, EventT]] = {}
        refused: dict[int, Refusal] = {}
        for n, ask in open_asks.items():
            try:
                decided[n] = _decide(journal, decider, ask, cause, histories[ask.stream])
            except Refusal as refusal:
                refused[n] = refusal
        if together and refused:
            return await _undone(journal, asks, refused)
        written, taken = await _append_what_stands(
            journal, asks, decided, beside, together=together
        )
        if together and taken:
            claimed: dict[int, Refusal] = {n: decider.claimed(c) for n, c in taken.items()}
            return await _undone(journal, asks, claimed)
        outcomes |= {n: Asked(decided[n].reply, decided[n].wrote) for n in written}
        refused |= {n: decider.claimed(claim) for n, claim in taken.items()}
        # Whoever was faster may have been this very command, sent twice at once.
        outcomes |= await _answered_before(journal, {n: asks[n] for n in refused})
        outcomes = {**refused, **outcomes}
    busy = BusyStream("同时有多人在办理这一件，请稍候重试。")
    return [outcomes.get(n, busy) for n in range(len(asks))]


class LeftUndone(Refusal):
    """Nothing is wrong with this one, but it was to be done together with one that is."""

    code = "left_undone"
    title = "没有办理"


def _done_before(
    asks: Sequence[object], answered: Mapping[int, Asked[StateT, EventT] | Refusal]
) -> list[Asked[StateT, EventT] | Refusal]:
    """Give the kept replies of commands of which all were carried out, since one was."""
    one = next(iter(answered.values()))
    return [answered.get(n, one) for n in range(len(asks))]


async def _undone(
    journal: Journal,
    asks: Sequence[Ask[CommandT, StateT, EventT]],
    refused: Mapping[int, Refusal],
) -> list[Asked[StateT, EventT] | Refusal]:
    # Whoever was faster may have been these very commands, sent twice at once.
    answered: Mapping[int, Asked[StateT, EventT] | Refusal] = await _answered_before(
        journal, dict(enumerate(asks))
    )
    return _done_before(asks, answered) if answered else _nothing_done(asks, refused)


def _nothing_done(
    asks: Sequence[object], refused: Mapping[int, Refusal]
) -> list[Asked[StateT, EventT] | Refusal]:
    undone = LeftUndone("同一批中有办不成的，这一件没有办理。")
    return [refused.get(n, undone) for n in range(len(asks))]


async def _answered_before(
    journal: Journal, asks: Mapping[int, Ask[CommandT, StateT, EventT]]
) -> dict[int, Asked[StateT, EventT] | Refusal]:
    identities = {n: ask.identity for n, ask in asks.items() if ask.identity is not None}
    if not identities:
        return {}
    kept = await journal.replies_to([identity.command_id for identity in identities.values()])
    answers: dict[int, Asked[StateT, EventT] | Refusal] = {}
    for n, identity in identities.items():
        reply = kept.get(identity.command_id)
        if reply is not None:
            same = reply.body_hash == identity.body_hash
            answers[n] = Asked(reply.reply, None) if same else _reused()
    return answers


def _reused() -> Refusal:
    return CommandReused("这个办理编号（Idempotency-Key）已用于另一份内容。请换一个新编号再提交。")


def _decide(
    journal: Journal,
    decider: Decider[CommandT, StateT, EventT],
    ask: Ask[CommandT, StateT, EventT],
    cause: Cause,
    history: History,
) -> _Decided[StateT, EventT]:
    before = decider.fold(history.payloads)
    if ask.admit is not None:
        ask.admit(before)
    if ask.if_match is not None and not decider.is_seen(ask.if_match, history):
        raise StaleVersion(
            f"你看到的是第 {ask.if_match} 号记录时的内容，现在已到第 {history.version} 号。"
            "请看过新内容再提交。",
            current_version=history.version,
        )
    facts = decider.decide(ask.command, before)
    after = before
    for fact in facts:
        after = decider.evolve(after, fact)
    # Several processes share no clock to the microsecond; within a stream time never turns.
    recorded = max(cause.now, history.recorded or cause.now)
    wrote = Wrote(ask.stream, history.version + len(facts), facts, after)
    held, holds = decider.holds(before), decider.holds(after)
    cause = replace(cause, now=recorded, on_behalf_of=ask.on_behalf_of or cause.on_behalf_of)
    writing = Writing(
        ask.stream,
        ask.partition_key,
        history.version,
        _surround(journal, facts, cause, ask.stream, ask.partition_key, history.version),
        takes=holds - held,
        frees=held - holds,
    )
    return _Decided(writing, wrote, ask.reply(wrote), recorded)


async def _append_what_stands(
    journal: Journal,
    asks: Sequence[Ask[CommandT, StateT, EventT]],
    decided: Mapping[int, _Decided[StateT, EventT]],
    beside: Beside | None,
    *,
    together: bool,
) -> tuple[set[int], dict[int, Claim]]:
    """Append all that neither moved nor wants what is taken; give what was written and taken."""
    # Who has nothing to tell, and asked for no reply to be kept, has nothing to write.
    quiet = {
        n
        for n, one in decided.items()
        if not one.writing.facts and asks[n].identity is None and asks[n].also is None
    }
    standing = {n: one for n, one in decided.items() if n not in quiet}
    taken: dict[int, Claim] = {}
    while standing:
        number_of = {one.writing.stream: n for n, one in standing.items()}
        identities = {n: asks[n].identity for n in standing}
        also = [also for n in standing if (also := asks[n].also) is not None]
        if beside is not None:
            tell = sum(bool(one.writing.facts) for one in standing.values())
            also.append(partial(beside, tell))
        try:
            await journal.append(
                [one.writing for one in standing.values()],
                max(one.recorded for one in standing.values()),
                [
                    Remembered(identity.command_id, identity.body_hash, standing[n].reply)
                    for n, identity in identities.items()
                    if identity is not None
                ],
                also,
            )
        except StreamMoved as moved:
            if together:
                return set(), taken
            for stream in moved.streams:
                del standing[number_of[stream]]
        except ClaimTaken as error:
            # With nobody named, the holder let go meanwhile, and the next try says.
            for stream, scope, value in error.taken:
                if (n := number_of[stream]) in standing:
                    taken[n] = Claim(scope, value)
                    del standing[n]
            if together and taken:
                return set(), taken
        except asyncpg.UniqueViolationError:
            # One of these commands was carried out meanwhile; the next round finds its reply.
            if not any(identities.values()):
                raise
            return quiet, taken
        else:
            return quiet | set(standing), taken
    return quiet, taken


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
