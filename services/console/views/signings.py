"""Which signings are there, how far has each come, whose are they, what was signed?"""

from datetime import date, datetime
from typing import Any, NamedTuple, assert_never

from contracts import intake
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
from shared.viewing import Owner, Told, View

NAME, VERSION = "signings", 1


class SigningRow(NamedTuple):
    """One signing; money in yuan.

    ``stage`` is how far it came: LEAD, NEGOTIATION, FRAMEWORK, CONTRACT; one that ended keeps it.
    ``contract_investment`` is the contract's amount as it was amended last, None before one was
    signed. ``projects`` counts those that are linked.
    """

    owner_org: str
    owner_name: str
    title: str
    investor: str
    investor_uscc: str | None
    investor_place: str
    region: str | None
    zone_id: str | None
    industry: str | None
    stage: str
    intended_investment: int | None
    registered_on: date
    begun_on: date | None
    framework_on: date | None
    contract_number: str | None
    contract_investment: int | None
    signed_on: date | None
    link_due: date | None
    overdue_told: bool
    projects: int
    first_linked_on: date | None
    ended_on: date | None
    version: int
    updated_at: datetime


def fold(row: SigningRow | None, told: Told) -> SigningRow | None:
    """Fold a fact of a signing into its row."""
    event: SigningEvent = told.fact  # type: ignore[assignment]
    at = told.envelope.recorded
    if isinstance(event, LeadRegistered):
        return _registered(event, at)
    if row is None:
        return None
    return row._replace(version=told.envelope.version, updated_at=at, **_changes(row, event))


def _changes(
    row: SigningRow,
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
) -> dict[str, Any]:
    match event:
        case SigningRectified():
            return _described(event)
        case NegotiationBegun():
            return {"stage": "NEGOTIATION", "begun_on": event.begun_on}
        case FrameworkSigned():
            return {
                "stage": "FRAMEWORK",
                "framework_on": event.signed_on,
                "intended_investment": event.intended_investment,
            }
        case ContractSigned():
            return {
                "stage": "CONTRACT",
                "contract_number": event.contract_number,
                "contract_investment": event.contract_investment,
                "signed_on": event.signed_on,
                "link_due": event.link_due,
            }
        case ContractAmended():
            return {"contract_investment": event.contract_investment}
        case SigningLinked():
            first = row.first_linked_on or event.linked_on
            return {"projects": row.projects + 1, "first_linked_on": first}
        case SigningUnlinked():
            left = row.projects - 1
            return {"projects": left, "first_linked_on": row.first_linked_on if left else None}
        case SigningLinkOverdue():
            return {"overdue_told": True}
        case SigningEnded():
            return {"ended_on": event.ended_on}
        case SigningTransferred():
            return {"owner_org": event.to_org, "owner_name": event.to_name}
        case _:
            assert_never(event)


def _registered(event: LeadRegistered, at: datetime) -> SigningRow:
    return SigningRow(
        owner_org=event.owner_org,
        owner_name=event.owner_name,
        **_described(event),
        stage="LEAD",
        registered_on=event.registered_on,
        begun_on=None,
        framework_on=None,
        contract_number=None,
        contract_investment=None,
        signed_on=None,
        link_due=None,
        overdue_told=False,
        projects=0,
        first_linked_on=None,
        ended_on=None,
        version=1,
        updated_at=at,
    )


def _described(event: LeadRegistered | SigningRectified) -> dict[str, Any]:
    return {
        "title": event.title,
        "investor": event.investor,
        "investor_uscc": event.investor_uscc,
        "investor_place": event.investor_place,
        "region": event.region,
        "zone_id": event.zone_id,
        "industry": event.industry,
        "intended_investment": event.intended_investment,
    }


IGNORED = intake.not_of_a(
    "a signing",
    intake.DOSSIER_KINDS,
    intake.PROGRESS_KINDS,
    intake.PROMOTION_KINDS,
    intake.UPLOAD_KINDS,
)

VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=SigningRow,
            kinds=intake.SIGNING_KINDS,
            ignored=IGNORED,
            fold=fold,
        ),
    ),
    indexes=("(owner_org, stage)", "(region)", "(zone_id)", "(signed_on)"),
    history=True,  # Told of every project, of interest to few: each batch costs a transaction.
    gathers=True,
)
