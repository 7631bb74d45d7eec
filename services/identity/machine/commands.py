"""What may be asked of a machine account."""

from dataclasses import dataclass
from uuid import UUID

from services.identity.account.commands import Side, Wanted


@dataclass(frozen=True)
class MachineCommand:
    """A command of this room."""

    machine_id: UUID


@dataclass(frozen=True)
class OpenMachine(MachineCommand):
    """开通. ``sides`` are those of the unit's other machine accounts that are not closed."""

    post: Wanted
    scopes: frozenset[str]
    purpose: str
    basis: str
    sides: frozenset[Side | None]


@dataclass(frozen=True)
class ChangeScopes(MachineCommand):
    """调整权限."""

    scopes: frozenset[str]


@dataclass(frozen=True)
class RotateSecret(MachineCommand):
    """密钥轮换: the secret before holds for so many hours more."""

    overlap_hours: int


@dataclass(frozen=True)
class RevokeSecret(MachineCommand):
    """作废旧密钥: the secret before ends at once."""


@dataclass(frozen=True)
class DisableMachine(MachineCommand):
    """停用."""

    reason: str


@dataclass(frozen=True)
class EnableMachine(MachineCommand):
    """启用."""


@dataclass(frozen=True)
class CloseMachine(MachineCommand):
    """注销."""

    reason: str


AnyMachineCommand = (
    OpenMachine
    | ChangeScopes
    | RotateSecret
    | RevokeSecret
    | DisableMachine
    | EnableMachine
    | CloseMachine
)
