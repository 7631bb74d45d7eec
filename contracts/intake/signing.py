"""What is told of 招商签约: from a lead to the contract and the projects that come of it.

"谁签约，谁负责，谁协调" (晋市政办〔2019〕16号 七条): every signing has an owner. What was signed
counts by its contract, what is planned by its project; neither amount is counted in the other.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.intake.words import Evidence, Yuan


class LeadRegistered(Fact):
    """A unit has a lead (线索): somebody who may invest here."""

    kind: Literal["intake.signing.lead_registered.v1"] = "intake.signing.lead_registered.v1"
    signing_id: UUID
    owner_org: str
    owner_name: str
    title: str
    investor: str
    investor_uscc: str | None = None
    investor_place: str
    region: str | None
    zone_id: str | None
    industry: str | None
    intended_investment: Yuan | None = None
    registered_on: date


class SigningRectified(Fact):
    """What was said of a signing was wrong (更正); from now on it is described so."""

    kind: Literal["intake.signing.rectified.v1"] = "intake.signing.rectified.v1"
    signing_id: UUID
    title: str
    investor: str
    investor_uscc: str | None = None
    investor_place: str
    region: str | None
    zone_id: str | None
    industry: str | None
    intended_investment: Yuan | None = None
    reason: str
    rectified_on: date


class NegotiationBegun(Fact):
    """Both sides talk (洽谈)."""

    kind: Literal["intake.signing.negotiation_begun.v1"] = "intake.signing.negotiation_begun.v1"
    signing_id: UUID
    begun_on: date
    note: str | None = None


class FrameworkSigned(Fact):
    """A framework agreement (框架协议). It does not count as signed."""

    kind: Literal["intake.signing.framework_signed.v1"] = "intake.signing.framework_signed.v1"
    signing_id: UUID
    signed_on: date
    intended_investment: Yuan
    evidence: tuple[Evidence, ...] = ()


class ContractSigned(Fact):
    """The formal contract (正式签约). A project must be linked by ``link_due``."""

    kind: Literal["intake.signing.contract_signed.v1"] = "intake.signing.contract_signed.v1"
    signing_id: UUID
    owner_org: str
    contract_number: str | None = None
    contract_investment: Yuan
    signed_on: date
    link_due: date
    evidence: tuple[Evidence, ...] = ()


class ContractAmended(Fact):
    """The contract's amount changed (合同变更); from that day on this one counts."""

    kind: Literal["intake.signing.contract_amended.v1"] = "intake.signing.contract_amended.v1"
    signing_id: UUID
    contract_investment: Yuan
    reason: str
    amended_on: date
    evidence: tuple[Evidence, ...] = ()


class SigningLinked(Fact):
    """A project of the pools carries the signing out (关联项目). A signing may have several."""

    kind: Literal["intake.signing.linked.v1"] = "intake.signing.linked.v1"
    signing_id: UUID
    project_id: UUID
    project_name: str
    linked_on: date


class SigningUnlinked(Fact):
    """A project was linked in error."""

    kind: Literal["intake.signing.unlinked.v1"] = "intake.signing.unlinked.v1"
    signing_id: UUID
    project_id: UUID
    reason: str
    unlinked_on: date


class SigningLinkOverdue(Fact):
    """A contract had no project when its days were over (逾期未关联). Told once."""

    kind: Literal["intake.signing.link_overdue.v1"] = "intake.signing.link_overdue.v1"
    signing_id: UUID
    link_due: date
    told_on: date


class SigningEnded(Fact):
    """Nothing comes of it (终止): the lead went cold, the contract was dissolved."""

    kind: Literal["intake.signing.ended.v1"] = "intake.signing.ended.v1"
    signing_id: UUID
    reason: str
    ended_on: date


class SigningTransferred(Fact):
    """Another unit answers for it from now on (变更责任单位)."""

    kind: Literal["intake.signing.transferred.v1"] = "intake.signing.transferred.v1"
    signing_id: UUID
    from_org: str
    to_org: str
    to_name: str
    reason: str
    transferred_on: date
