"""A lead is registered and described; what was wrong is said anew, with its reason."""

from collections.abc import Sequence
from typing import assert_never

from contracts.intake import LeadRegistered, SigningEvent, SigningRectified
from services.intake.project.decider import refuse_ended, refuse_secret
from services.intake.signing.answering import answered_for
from services.intake.signing.commands import RectifySigning, RegisterLead
from services.intake.signing.rules import demand, description_problems, reason_problems
from services.intake.signing.states import NotRegistered, Open, Over, Signing
from shared.refusals import Refusal


class AlreadyRegistered(Refusal):
    """A signing with this id exists."""

    code = "already_registered"


def register(ask: RegisterLead, signing: Signing) -> Sequence[SigningEvent]:
    """Register a lead; from now on the unit answers for it."""
    match signing:
        case NotRegistered():
            refuse_secret(ask.not_secret)
            refuse_ended(ask.ended)
            demand(description_problems(ask.described, ask.bounds))
            of = ask.described
            return [
                LeadRegistered(
                    signing_id=ask.signing_id,
                    owner_org=ask.by.org,
                    owner_name=ask.owner_name,
                    title=of.title,
                    investor=of.investor,
                    investor_uscc=of.investor_uscc,
                    investor_place=of.investor_place,
                    region=of.region,
                    zone_id=of.zone_id,
                    industry=of.industry,
                    intended_investment=of.intended_investment,
                    registered_on=ask.bounds.on,
                )
            ]
        case Open() | Over():
            raise AlreadyRegistered("这个编号的招商签约已经登记。")
        case _:
            assert_never(signing)


def rectify(ask: RectifySigning, signing: Signing) -> Sequence[SigningEvent]:
    """Describe it anew; what it said before stays on record."""
    known = answered_for(signing, ask)
    of = ask.described
    if of == known.described:
        return []
    refuse_secret(ask.not_secret)
    demand(description_problems(of, ask.bounds))
    demand(reason_problems("reason", ask.reason, ask.bounds.longest_text))
    return [
        SigningRectified(
            signing_id=ask.signing_id,
            title=of.title,
            investor=of.investor,
            investor_uscc=of.investor_uscc,
            investor_place=of.investor_place,
            region=of.region,
            zone_id=of.zone_id,
            industry=of.industry,
            intended_investment=of.intended_investment,
            reason=ask.reason.strip(),
            rectified_on=ask.bounds.on,
        )
    ]
