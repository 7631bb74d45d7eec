"""Where a signing is on its way, and what each fact makes of it."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from contracts.intake import (
    ContractAmended,
    ContractSigned,
    FrameworkSigned,
    LeadRegistered,
    NegotiationBegun,
    SigningEnded,
    SigningEvent,
    SigningLinked,
    SigningLinkOverdue,
    SigningRectified,
    SigningTransferred,
    SigningUnlinked,
)
from services.intake.signing.commands import Description


class Stage(StrEnum):
    """How far a signing came; the members stand in order."""

    LEAD = "LEAD"
    NEGOTIATION = "NEGOTIATION"
    FRAMEWORK = "FRAMEWORK"
    CONTRACT = "CONTRACT"


ORDER = tuple(Stage)


@dataclass(frozen=True)
class Contract:
    """The formal contract; ``first_investment`` is the amount that it was signed with."""

    signed_on: date
    number: str | None
    first_investment: int
    investment: int
    link_due: date
    amended_on: date | None = None
    overdue_told: bool = False


@dataclass(frozen=True)
class NotRegistered:
    """Nobody has registered this signing."""


@dataclass(frozen=True)
class Open:
    """A signing that somebody answers for."""

    owner_org: str
    owner_name: str
    described: Description
    stage: Stage = Stage.LEAD
    begun_on: date | None = None
    framework_on: date | None = None
    contract: Contract | None = None
    projects: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Over:
    """Nothing comes of it; ``was`` is how it stood."""

    was: Open
    ended_on: date


Signing = NotRegistered | Open | Over
INITIAL: Signing = NotRegistered()


def evolve(signing: Signing, event: SigningEvent) -> Signing:
    """Take in a fact."""
    if isinstance(event, LeadRegistered):
        return Open(event.owner_org, event.owner_name, _described(event))
    match signing:
        case Open():
            return _after(signing, event)
        case Over():
            # What the clock or a late record tells of it changes nothing any more.
            return signing
        case NotRegistered():
            return signing
        case _:
            assert_never(signing)


def _after(
    signing: Open,
    event: SigningRectified
    | NegotiationBegun
    | FrameworkSigned
    | ContractSigned
    | ContractAmended
    | SigningLinked
    | SigningUnlinked
    | SigningLinkOverdue
    | SigningEnded
    | SigningTransferred,
) -> Signing:
    match event:
        case SigningRectified():
            return replace(signing, described=_described(event))
        case NegotiationBegun():
            return replace(signing, stage=Stage.NEGOTIATION, begun_on=event.begun_on)
        case FrameworkSigned():
            described = signing.described.model_copy(
                update={"intended_investment": event.intended_investment}
            )
            return replace(
                signing, stage=Stage.FRAMEWORK, framework_on=event.signed_on, described=described
            )
        case ContractSigned():
            contract = Contract(
                event.signed_on,
                event.contract_number,
                event.contract_investment,
                event.contract_investment,
                event.link_due,
            )
            return replace(signing, stage=Stage.CONTRACT, contract=contract)
        case ContractAmended():
            amended = signing.contract and replace(
                signing.contract,
                investment=event.contract_investment,
                amended_on=event.amended_on,
            )
            return replace(signing, contract=amended)
        case SigningLinkOverdue():
            told = signing.contract and replace(signing.contract, overdue_told=True)
            return replace(signing, contract=told)
        case SigningLinked():
            return replace(signing, projects=signing.projects | {event.project_id})
        case SigningUnlinked():
            return replace(signing, projects=signing.projects - {event.project_id})
        case SigningTransferred():
            return replace(signing, owner_org=event.to_org, owner_name=event.to_name)
        case SigningEnded():
            return Over(signing, event.ended_on)
        case _:
            assert_never(event)


def _described(event: LeadRegistered | SigningRectified) -> Description:
    return Description(
        title=event.title,
        investor=event.investor,
        investor_uscc=event.investor_uscc,
        investor_place=event.investor_place,
        region=event.region,
        zone_id=event.zone_id,
        industry=event.industry,
        intended_investment=event.intended_investment,
    )
