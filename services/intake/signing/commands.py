"""What may be asked of a signing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.intake import Evidence
from services.intake.project.commands import By, Ended


@dataclass(frozen=True)
class Bounds:
    """What a signing is checked with: the policy of the day and the codes that are valid."""

    on: date
    longest_title: int
    longest_text: int
    regions: Mapping[str, str]
    zones: Mapping[str, str]
    industries: frozenset[str]


class Description(BaseModel):
    """What a signing is about; money in yuan."""

    model_config = ConfigDict(frozen=True)

    title: str
    investor: str
    investor_uscc: str | None = None
    investor_place: str
    region: str | None = None
    zone_id: str | None = None
    industry: str | None = None
    intended_investment: int | None = None


class SigningCommand(BaseModel):
    """A command of this room. ``oversees``: whoever asks keeps the signings of the whole city."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    signing_id: UUID
    by: By
    bounds: Bounds
    oversees: bool = False


class RegisterLead(SigningCommand):
    """Register a lead for one's own unit; ``not_secret`` is the clerk's declaration."""

    not_secret: bool
    owner_name: str
    ended: Ended | None = None
    described: Description


class RectifySigning(SigningCommand):
    """Say anew what a signing is about, because it was wrong."""

    not_secret: bool
    described: Description
    reason: str


class BeginNegotiation(SigningCommand):
    """洽谈."""

    begun_on: date
    note: str = ""


class SignFramework(SigningCommand):
    """框架协议."""

    signed_on: date
    intended_investment: int
    evidence: tuple[Evidence, ...] = ()


class SignContract(SigningCommand):
    """正式签约; ``link_due`` was counted from the day of the contract."""

    signed_on: date
    contract_number: str | None
    contract_investment: int
    link_due: date
    evidence: tuple[Evidence, ...] = ()


class AmendContract(SigningCommand):
    """合同变更."""

    amended_on: date
    contract_investment: int
    reason: str
    evidence: tuple[Evidence, ...] = ()


class LinkProject(SigningCommand):
    """关联项目; the project was looked up, and ``pool`` says whether it entered one."""

    project_id: UUID
    project_name: str
    pool: str | None


class UnlinkProject(SigningCommand):
    """取消关联."""

    project_id: UUID
    reason: str


class TransferSigning(SigningCommand):
    """变更责任单位, to a unit that stands."""

    to_org: str
    to_name: str
    reason: str


class EndSigning(SigningCommand):
    """终止."""

    ended_on: date
    reason: str


class TellLinkOverdue(BaseModel):
    """Ask whether a contract's days to name a project are over. Nobody asks but the clock."""

    model_config = ConfigDict(frozen=True)

    signing_id: UUID
    on: date


Asked = (
    RegisterLead
    | RectifySigning
    | BeginNegotiation
    | SignFramework
    | SignContract
    | AmendContract
    | LinkProject
    | UnlinkProject
    | TransferSigning
    | EndSigning
)
"""What people ask."""
