"""What identity (身份) tells: organisations over time, accounts, substitutes, machine accounts.

No fact holds a name of a person, a user name, a password, a secret or a telephone number: an
account is an opaque id that holds posts; what belongs to a person lies in identity's own tables.
Days are business dates in Asia/Shanghai; a last day (``valid_to``) still counts.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts.envelope import Fact
from contracts.erasing import ErasureReason

SERVICE = "identity"
REFERENCE_TOPIC = "siku.identity.reference.v1"
ORGANISATIONS = "organisations"
"""The partition key of all organisations together: a merger is never heard before its parties."""

OrganisationKind = Literal["county", "zone", "department", "group", "other", "province"]
ReportingPath = Literal["county", "direct"]


class OrganisationEstablished(Fact):
    """A unit exists from a day on (设立); ``basis`` is the document that says so, if known."""

    kind: Literal["identity.organisation.established.v1"] = "identity.organisation.established.v1"
    organisation_id: str
    name: str
    short_name: str
    aliases: tuple[str, ...] = ()
    organisation_kind: OrganisationKind
    region: str = ""
    zone_id: str = ""
    planning_body: bool = False
    path: ReportingPath
    valid_from: date
    basis: str = ""


class OrganisationRenamed(Fact):
    """A unit bears another name from a day on (更名); it stays the same unit."""

    kind: Literal["identity.organisation.renamed.v1"] = "identity.organisation.renamed.v1"
    organisation_id: str
    name: str
    short_name: str
    valid_from: date
    basis: str = ""


class OrganisationMerged(Fact):
    """A unit went into another (并入); its accounts go there, its old figures stay its own."""

    kind: Literal["identity.organisation.merged.v1"] = "identity.organisation.merged.v1"
    organisation_id: str
    into: str
    valid_to: date
    basis: str = ""

    @property
    def successors(self) -> tuple[str, ...]:
        """Who takes its work over."""
        return (self.into,)

    @property
    def accounts_to(self) -> str:
        """Who takes its accounts over: the same unit."""
        return self.into


class OrganisationSplit(Fact):
    """A unit was divided among others (拆分); ``accounts_to`` takes its accounts, None if none."""

    kind: Literal["identity.organisation.split.v1"] = "identity.organisation.split.v1"
    organisation_id: str
    into: tuple[str, ...]
    accounts_to: str | None = None
    valid_to: date
    basis: str = ""

    @property
    def successors(self) -> tuple[str, ...]:
        """Who takes its work over."""
        return self.into


class OrganisationClosed(Fact):
    """A unit ended (撤销); ``accounts_to`` takes its accounts over, None where it had none."""

    kind: Literal["identity.organisation.closed.v1"] = "identity.organisation.closed.v1"
    organisation_id: str
    accounts_to: str | None = None
    valid_to: date
    basis: str = ""

    @property
    def successors(self) -> tuple[str, ...]:
        """Who takes its work over: nobody."""
        return ()


class AccountOpened(Fact):
    """An account was opened with its first post (开通).

    ``uscc`` is the 统一社会信用代码 against which an enterprise's account was checked.
    """

    kind: Literal["identity.account.opened.v1"] = "identity.account.opened.v1"
    account_id: UUID
    role: str
    organisation_id: str
    uscc: str | None = None
    valid_from: date
    valid_to: date | None = None


class AccountAssigned(Fact):
    """An account has another post from a day on (任职变动); the one before ends on the eve."""

    kind: Literal["identity.account.assigned.v1"] = "identity.account.assigned.v1"
    account_id: UUID
    role: str
    organisation_id: str
    uscc: str | None = None
    valid_from: date
    valid_to: date | None = None


class AccountDisabled(Fact):
    """An account may not sign in until it is enabled (停用)."""

    kind: Literal["identity.account.disabled.v1"] = "identity.account.disabled.v1"
    account_id: UUID
    reason: str


class AccountEnabled(Fact):
    """A disabled account may sign in again (启用)."""

    kind: Literal["identity.account.enabled.v1"] = "identity.account.enabled.v1"
    account_id: UUID


class AccountClosed(Fact):
    """An account ended for good (注销); whoever comes back gets another one."""

    kind: Literal["identity.account.closed.v1"] = "identity.account.closed.v1"
    account_id: UUID
    reason: str


class AccountErased(Fact):
    """Of a closed account the user name and the name are gone (删除账号信息); its id stays."""

    kind: Literal["identity.account.erased.v1"] = "identity.account.erased.v1"
    account_id: UUID
    reason: ErasureReason


class PasswordReset(Fact):
    """An administrator gave a one-time password (重置密码), which is told once and not here."""

    kind: Literal["identity.account.password_reset.v1"] = "identity.account.password_reset.v1"
    account_id: UUID


class PasswordChanged(Fact):
    """The holder of an account chose another password (修改密码)."""

    kind: Literal["identity.account.password_changed.v1"] = "identity.account.password_changed.v1"
    account_id: UUID


class SignedOutEverywhere(Fact):
    """All sessions of an account were ended (全部退出)."""

    kind: Literal["identity.account.signed_out.v1"] = "identity.account.signed_out.v1"
    account_id: UUID


class SubstituteAppointed(Fact):
    """During an absence an account may act for another of its unit (请假代理)."""

    kind: Literal["identity.substitute.appointed.v1"] = "identity.substitute.appointed.v1"
    account_id: UUID
    substitute_id: UUID
    valid_from: date
    valid_to: date


class SubstituteEnded(Fact):
    """A substitution ended before its last day (提前结束代理)."""

    kind: Literal["identity.substitute.ended.v1"] = "identity.substitute.ended.v1"
    account_id: UUID
    substitute_id: UUID
    valid_to: date


class MachineOpened(Fact):
    """A system of the city may act for a unit (开通机器账号), within what it was given.

    ``scopes`` are acts of its role, and ``read``; ``basis`` is the document of the unit that
    answers for it, if it has one.
    """

    kind: Literal["identity.machine.opened.v1"] = "identity.machine.opened.v1"
    machine_id: UUID
    role: str
    organisation_id: str
    uscc: str | None = None
    scopes: tuple[str, ...]
    purpose: str
    basis: str = ""
    valid_from: date
    valid_to: date | None = None


class MachineScopesChanged(Fact):
    """A machine account may do more or less than before (调整权限)."""

    kind: Literal["identity.machine.scopes_changed.v1"] = "identity.machine.scopes_changed.v1"
    machine_id: UUID
    scopes: tuple[str, ...]


class MachineSecretRotated(Fact):
    """A machine account got another secret (密钥轮换), which is told once and not here.

    The one before holds for ``overlap_hours`` more; with 0 it ended at once.
    """

    kind: Literal["identity.machine.secret_rotated.v1"] = "identity.machine.secret_rotated.v1"
    machine_id: UUID
    overlap_hours: int


class MachineSecretRevoked(Fact):
    """The secret before the last rotation ended at once (作废旧密钥)."""

    kind: Literal["identity.machine.secret_revoked.v1"] = "identity.machine.secret_revoked.v1"
    machine_id: UUID


class MachineDisabled(Fact):
    """A machine account gets no tokens until it is enabled (停用)."""

    kind: Literal["identity.machine.disabled.v1"] = "identity.machine.disabled.v1"
    machine_id: UUID
    reason: str


class MachineEnabled(Fact):
    """A disabled machine account gets tokens again (启用)."""

    kind: Literal["identity.machine.enabled.v1"] = "identity.machine.enabled.v1"
    machine_id: UUID


class MachineClosed(Fact):
    """A machine account ended for good (注销)."""

    kind: Literal["identity.machine.closed.v1"] = "identity.machine.closed.v1"
    machine_id: UUID
    reason: str


OrganisationEvent = (
    OrganisationEstablished
    | OrganisationRenamed
    | OrganisationMerged
    | OrganisationSplit
    | OrganisationClosed
)
AccountEvent = (
    AccountOpened
    | AccountAssigned
    | AccountDisabled
    | AccountEnabled
    | AccountClosed
    | AccountErased
    | PasswordReset
    | PasswordChanged
    | SignedOutEverywhere
)
SubstituteEvent = SubstituteAppointed | SubstituteEnded
MachineEvent = (
    MachineOpened
    | MachineScopesChanged
    | MachineSecretRotated
    | MachineSecretRevoked
    | MachineDisabled
    | MachineEnabled
    | MachineClosed
)

read_organisation_event: TypeAdapter[OrganisationEvent] = TypeAdapter(
    Annotated[OrganisationEvent, Field(discriminator="kind")]
)
read_account_event: TypeAdapter[AccountEvent] = TypeAdapter(
    Annotated[AccountEvent, Field(discriminator="kind")]
)
read_substitute_event: TypeAdapter[SubstituteEvent] = TypeAdapter(
    Annotated[SubstituteEvent, Field(discriminator="kind")]
)
read_machine_event: TypeAdapter[MachineEvent] = TypeAdapter(
    Annotated[MachineEvent, Field(discriminator="kind")]
)

ORGANISATION_KINDS: Mapping[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact
    for fact in (
        OrganisationEstablished,
        OrganisationRenamed,
        OrganisationMerged,
        OrganisationSplit,
        OrganisationClosed,
    )
}
"""The facts of an organisation's own stream, by kind."""

OTHER_KINDS = tuple(
    fact.model_fields["kind"].default
    for fact in get_args(AccountEvent | SubstituteEvent | MachineEvent)
)
"""The other kinds on the same topic: of accounts, substitutes and machine accounts."""
