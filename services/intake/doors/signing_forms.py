"""The bodies that the doors of signings and events accept, money in 万元."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from services.intake.doors.evidence import Papers
from services.intake.doors.forms import (
    Body,
    Line,
    OpenAmount,
    OpenCode,
    OpenLine,
    capitals,
    plain_number,
    yuan,
)
from services.intake.signing.commands import Description

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Amount = Annotated[
    Decimal, BeforeValidator(plain_number), Field(ge=0, max_digits=13, decimal_places=2)
]


class SigningForm(Body):
    """What a signing is about; without the word that nothing is secret nothing is kept."""

    title: Line
    investor: Line
    investor_uscc: Annotated[OpenCode, BeforeValidator(capitals)] = None
    investor_place: Line
    region: OpenCode = None
    zone_id: OpenCode = None
    industry: OpenCode = None
    intended_investment: OpenAmount = None
    not_secret: bool = False

    def description(self) -> Description:
        """Give what it says, money in yuan."""
        amount = self.intended_investment
        return Description(
            title=self.title,
            investor=self.investor,
            investor_uscc=self.investor_uscc,
            investor_place=self.investor_place,
            region=self.region,
            zone_id=self.zone_id,
            industry=self.industry,
            intended_investment=None if amount is None else yuan(amount),
        )


class RectificationForm(SigningForm):
    """更正登记."""

    reason: Line


class NegotiationForm(Body):
    """洽谈."""

    begun_on: Day
    note: Line = ""


class FrameworkForm(Body):
    """框架协议."""

    signed_on: Day
    intended_investment: Amount
    evidence: Papers = ()


class ContractForm(Body):
    """正式签约."""

    signed_on: Day
    contract_number: OpenLine = None
    contract_investment: Amount
    evidence: Papers = ()


class AmendmentForm(Body):
    """合同变更."""

    amended_on: Day
    contract_investment: Amount
    reason: Line
    evidence: Papers = ()


class LinkForm(Body):
    """关联项目."""

    project_id: UUID


class UnlinkForm(LinkForm):
    """取消关联."""

    reason: Line


class TransferForm(Body):
    """变更责任单位, by the unit's id."""

    to_org: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,15}$")]
    reason: Line


class EndForm(Body):
    """终止."""

    ended_on: Day
    reason: Line


class PromotionForm(Body):
    """招商活动."""

    title: Line
    place: Line
    outside_city: bool
    held_on: Day
    evidence: Papers = ()


class ReasonForm(Body):
    """A reason alone."""

    reason: Line
