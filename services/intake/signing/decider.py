"""What may happen to a signing: 谁签约，谁负责，谁协调 (晋市政办〔2019〕16号 七条).

One contract is one amount: whoever enters it a second time is refused, and a project carries out
one signing at a time, so that no amount is counted twice.
"""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts.intake import SigningEnded, SigningEvent, SigningLinkOverdue, SigningTransferred
from services.intake.project.rules import claimed_name
from services.intake.signing.answering import answered_for
from services.intake.signing.commands import (
    AmendContract,
    Asked,
    BeginNegotiation,
    EndSigning,
    LinkProject,
    RectifySigning,
    RegisterLead,
    SignContract,
    SignFramework,
    TellLinkOverdue,
    TransferSigning,
    UnlinkProject,
)
from services.intake.signing.contracting import (
    amend_contract,
    begin_negotiation,
    sign_contract,
    sign_framework,
)
from services.intake.signing.linking import link, tell_link_overdue, unlink
from services.intake.signing.registering import rectify, register
from services.intake.signing.rules import day_problems, demand, reason_problems
from services.intake.signing.states import INITIAL, NotRegistered, Open, Over, Signing, evolve
from shared.deciding import Decider
from shared.journal import Claim
from shared.refusals import AlreadyClaimed, NotAllowed, Refusal
from shared.seeing import Row

SigningCommand = Asked | TellLinkOverdue


def decide(command: SigningCommand, signing: Signing) -> Sequence[SigningEvent]:
    """Answer a command."""
    match command:
        case RegisterLead():
            return register(command, signing)
        case RectifySigning():
            return rectify(command, signing)
        case BeginNegotiation():
            return begin_negotiation(command, signing)
        case SignFramework():
            return sign_framework(command, signing)
        case SignContract():
            return sign_contract(command, signing)
        case AmendContract():
            return amend_contract(command, signing)
        case LinkProject():
            return link(command, signing)
        case UnlinkProject():
            return unlink(command, signing)
        case TransferSigning():
            return transfer(command, signing)
        case EndSigning():
            return end(command, signing)
        case TellLinkOverdue():
            return tell_link_overdue(command, signing)
        case _:
            assert_never(command)


def transfer(ask: TransferSigning, signing: Signing) -> Sequence[SigningEvent]:
    """Let another unit answer for it; 市招商局 decides that."""
    known = answered_for(signing, ask)
    if not ask.oversees:
        raise NotAllowed("变更责任单位由市招商局办理。")
    if ask.to_org == known.owner_org:
        return []
    demand(reason_problems("reason", ask.reason, ask.bounds.longest_text))
    return [
        SigningTransferred(
            signing_id=ask.signing_id,
            from_org=known.owner_org,
            to_org=ask.to_org,
            to_name=ask.to_name,
            reason=ask.reason.strip(),
            transferred_on=ask.bounds.on,
        )
    ]


def end(ask: EndSigning, signing: Signing) -> Sequence[SigningEvent]:
    """Say that nothing comes of it."""
    if isinstance(signing, Over) and signing.ended_on == ask.ended_on:
        return []
    known = answered_for(signing, ask)
    earliest = known.contract.signed_on if known.contract else None
    demand(day_problems("ended_on", ask.ended_on, ask.bounds.on, earliest))
    demand(reason_problems("reason", ask.reason, ask.bounds.longest_text))
    return [
        SigningEnded(signing_id=ask.signing_id, reason=ask.reason.strip(), ended_on=ask.ended_on)
    ]


def holds(signing: Signing) -> frozenset[Claim]:
    """Give what a signing keeps for itself: its title, its contract, its projects."""
    match signing:
        case Open(owner_org=org, described=of, contract=contract, projects=projects):
            claims = {Claim(f"signing:{org}", claimed_name(f"{of.investor} {of.title}"))}
            claims |= {Claim("signed_project", str(project)) for project in projects}
            if contract is not None:
                investor = claimed_name(of.investor)
                spelt = f"{investor}|{contract.signed_on}|{contract.first_investment}"
                claims.add(Claim("contract", spelt))
            return frozenset(claims)
        case NotRegistered() | Over():
            return frozenset()
        case _:
            assert_never(signing)


def claimed(claim: Claim) -> Refusal:
    """Word the refusal when another signing holds it; whose that is is not for everybody."""
    match claim.scope:
        case "contract":
            return AlreadyClaimed(
                "同一投资方、同一天、同一金额的合同已经登记过，一份合同只计一次。"
                "确为两份合同的，请合在一件里登记，金额填合计。",
                scope="contract",
            )
        case "signed_project":
            return AlreadyClaimed(
                "这个项目已关联到另一件招商签约，投资额不重复计。请核对；关联错的请先在那一件取消。",
                scope="signed_project",
            )
        case _:
            return AlreadyClaimed(
                "你单位已登记过这个投资方的同名事项。请在原来那件上办理，或改用能区分的名称。",
                scope="signing",
            )


def row_of(signing: Signing) -> Row | None:
    """Give what counts for who sees a signing; None where there never was one."""
    match signing:
        case Open() as known:
            return _row(known)
        case Over(was=known):
            return _row(known)
        case NotRegistered():
            return None
        case _:
            assert_never(signing)


def _row(known: Open) -> Row:
    of = known.described
    return {"owner_org": known.owner_org, "region": of.region, "zone_id": of.zone_id}


def by_clock(event: SigningEvent) -> bool:
    """Tell the facts that nobody did: they refuse nobody who has the signing open."""
    return isinstance(event, SigningLinkOverdue)


def stream_of(signing_id: UUID) -> str:
    """Give the stream of a signing."""
    return f"signing-{signing_id}"


SIGNING: Decider[SigningCommand, Signing, SigningEvent] = Decider(
    initial=INITIAL,
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[SigningEvent, Field(discriminator="kind")]),
    holds=holds,
    claimed=claimed,
    by_clock=by_clock,
)
