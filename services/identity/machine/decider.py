"""What may happen to a machine account, and what it is afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.identity import (
    MachineClosed,
    MachineDisabled,
    MachineEnabled,
    MachineEvent,
    MachineOpened,
    MachineScopesChanged,
    MachineSecretRevoked,
    MachineSecretRotated,
    read_machine_event,
)
from services.identity.account.posts import FillsAndApproves, Post, opposed, refuse_unfit
from services.identity.machine.commands import (
    AnyMachineCommand,
    ChangeScopes,
    CloseMachine,
    DisableMachine,
    EnableMachine,
    OpenMachine,
    RevokeSecret,
    RotateSecret,
)
from services.identity.machine.scopes import refuse_unfit_scopes
from shared.deciding import Decider
from shared.refusals import NotFound, Refusal


@dataclass(frozen=True)
class NotOpened:
    """There is no such machine account."""


@dataclass(frozen=True)
class Given:
    """What a machine account was opened with; ``two_secrets`` tells of an overlap not yet ended."""

    post: Post
    scopes: frozenset[str]
    purpose: str
    basis: str
    two_secrets: bool = False


@dataclass(frozen=True)
class InUse:
    """A machine account that gets tokens on the days of its post."""

    given: Given


@dataclass(frozen=True)
class Disabled:
    """A machine account that gets no tokens for the time being."""

    given: Given
    reason: str


@dataclass(frozen=True)
class Closed:
    """A machine account that ended for good."""

    given: Given
    reason: str


Machine = NotOpened | InUse | Disabled | Closed
INITIAL: Machine = NotOpened()


class MachineAlreadyOpened(Refusal):
    """A machine account with this id exists."""

    code = "machine_already_opened"
    title = "机器账号已经开通"


class MachineEnded(Refusal):
    """A closed machine account stays closed."""

    code = "machine_ended"
    title = "机器账号已注销"


def decide(command: AnyMachineCommand, machine: Machine) -> Sequence[MachineEvent]:
    """Answer a command."""
    match command:
        case OpenMachine():
            return open_machine(command, machine)
        case ChangeScopes():
            return change_scopes(command, machine)
        case RotateSecret(overlap_hours=hours):
            _not_ended(machine)
            return [MachineSecretRotated(machine_id=command.machine_id, overlap_hours=hours)]
        case RevokeSecret():
            revoked = MachineSecretRevoked(machine_id=command.machine_id)
            return [revoked] if _not_ended(machine).given.two_secrets else []
        case DisableMachine():
            return disable(command, machine)
        case EnableMachine():
            return enable(command, machine)
        case CloseMachine():
            return close(command, machine)
        case _:
            assert_never(command)


def open_machine(ask: OpenMachine, machine: Machine) -> Sequence[MachineEvent]:
    """Open a machine account with its one post."""
    match machine:
        case NotOpened():
            refuse_unfit(ask.post, ())
            refuse_unfit_scopes(ask.post.role, ask.scopes)
            # Whoever runs one system of a unit is likely to run the other, with both secrets.
            if any(opposed(ask.post.side, side) for side in ask.sides):
                raise FillsAndApproves(
                    "这个单位已有另一方的机器账号，同一单位的系统不能既填报又审核。"
                    "请先注销那一个，或由人工审核。"
                )
            return [
                MachineOpened(
                    machine_id=ask.machine_id,
                    role=ask.post.role,
                    organisation_id=ask.post.organisation_id,
                    uscc=ask.post.uscc,
                    scopes=tuple(sorted(ask.scopes)),
                    purpose=ask.purpose,
                    basis=ask.basis,
                    valid_from=ask.post.valid_from,
                    valid_to=ask.post.valid_to,
                )
            ]
        case InUse() | Disabled() | Closed():
            raise MachineAlreadyOpened("这个机器账号已经开通。")
        case _:
            assert_never(machine)


def change_scopes(ask: ChangeScopes, machine: Machine) -> Sequence[MachineEvent]:
    """Give other scopes; the same again is nothing new."""
    given = _not_ended(machine).given
    if ask.scopes == given.scopes:
        return []
    refuse_unfit_scopes(given.post.role, ask.scopes)
    return [MachineScopesChanged(machine_id=ask.machine_id, scopes=tuple(sorted(ask.scopes)))]


def disable(ask: DisableMachine, machine: Machine) -> Sequence[MachineEvent]:
    """Give no more tokens until it is enabled."""
    match _not_ended(machine):
        case InUse():
            return [MachineDisabled(machine_id=ask.machine_id, reason=ask.reason)]
        case Disabled():
            return []


def enable(ask: EnableMachine, machine: Machine) -> Sequence[MachineEvent]:
    """Give tokens again."""
    match _not_ended(machine):
        case Disabled():
            return [MachineEnabled(machine_id=ask.machine_id)]
        case InUse():
            return []


def close(ask: CloseMachine, machine: Machine) -> Sequence[MachineEvent]:
    """End a machine account for good; what it did stays under its id."""
    match _known(machine):
        case InUse() | Disabled():
            return [MachineClosed(machine_id=ask.machine_id, reason=ask.reason)]
        case Closed():
            return []


def _known(machine: Machine) -> InUse | Disabled | Closed:
    if isinstance(machine, NotOpened):
        raise NotFound("没有这个机器账号。")
    return machine


def _not_ended(machine: Machine) -> InUse | Disabled:
    known = _known(machine)
    if isinstance(known, Closed):
        raise MachineEnded("机器账号已注销，不能再办理。请另开一个。")
    return known


def evolve(machine: Machine, event: MachineEvent) -> Machine:
    """Take in a fact."""
    if isinstance(event, MachineOpened):
        return InUse(_given(event))
    if isinstance(machine, NotOpened):
        return machine
    given = machine.given
    match event:
        case MachineScopesChanged():
            return replace(machine, given=replace(given, scopes=frozenset(event.scopes)))
        case MachineSecretRotated():
            return replace(machine, given=replace(given, two_secrets=event.overlap_hours > 0))
        case MachineSecretRevoked():
            return replace(machine, given=replace(given, two_secrets=False))
        case MachineDisabled():
            return Disabled(given, event.reason)
        case MachineEnabled():
            return InUse(given)
        case MachineClosed():
            return Closed(given, event.reason)
        case _:
            assert_never(event)


def _given(event: MachineOpened) -> Given:
    post = Post(event.role, event.organisation_id, event.valid_from, event.valid_to, event.uscc)
    return Given(post, frozenset(event.scopes), event.purpose, event.basis)


def given_on(machine: Machine, day: date) -> Given | None:
    """Give what lets a machine account in on a day, or None."""
    match machine:
        case InUse(given=given) if given.post.holds_on(day):
            return given
        case NotOpened() | InUse() | Disabled() | Closed():
            return None
        case _:
            assert_never(machine)


def stream_of(machine_id: UUID) -> str:
    """Give the stream of a machine account."""
    return f"machine-{machine_id}"


MACHINE: Decider[AnyMachineCommand, Machine, MachineEvent] = Decider(
    initial=INITIAL,
    decide=decide,
    evolve=evolve,
    read=read_machine_event,
)
