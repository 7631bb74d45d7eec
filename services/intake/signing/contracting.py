"""From talks to the contract: steps go forward, one may be left out, none is taken back."""

from collections.abc import Iterator, Sequence

from contracts.intake import (
    ContractAmended,
    ContractSigned,
    FrameworkSigned,
    NegotiationBegun,
    SigningEvent,
)
from services.intake.signing.answering import answered_for
from services.intake.signing.commands import (
    AmendContract,
    BeginNegotiation,
    SignContract,
    SignFramework,
)
from services.intake.signing.rules import (
    amount_problems,
    day_problems,
    demand,
    problem,
    reason_problems,
    text_problems,
)
from services.intake.signing.states import ORDER, Open, Signing, Stage
from shared.refusals import Problem, Refusal

NAMES = {
    Stage.LEAD: "线索",
    Stage.NEGOTIATION: "洽谈",
    Stage.FRAMEWORK: "框架协议",
    Stage.CONTRACT: "正式签约",
}


class StepIsBehind(Refusal):
    """The signing has come further already."""

    code = "step_is_behind"
    title = "已经到了后面的阶段"


class ContractAlreadySigned(Refusal):
    """There is one contract; another amount is an amendment."""

    code = "contract_already_signed"
    title = "已经正式签约"


class NoContractYet(Refusal):
    """Only a contract can be amended."""

    code = "no_contract_yet"
    title = "还没有正式签约"


def begin_negotiation(ask: BeginNegotiation, signing: Signing) -> Sequence[SigningEvent]:
    """Both sides talk."""
    known = answered_for(signing, ask)
    if known.begun_on == ask.begun_on:
        return []
    _demand_ahead(Stage.NEGOTIATION, known)
    demand(day_problems("begun_on", ask.begun_on, ask.bounds.on))
    demand(text_problems("note", ask.note, ask.bounds.longest_text))
    return [
        NegotiationBegun(
            signing_id=ask.signing_id, begun_on=ask.begun_on, note=ask.note.strip() or None
        )
    ]


def sign_framework(ask: SignFramework, signing: Signing) -> Sequence[SigningEvent]:
    """Sign a framework agreement; it does not count as signed."""
    known = answered_for(signing, ask)
    if known.framework_on == ask.signed_on:
        return []
    _demand_ahead(Stage.FRAMEWORK, known)
    demand(day_problems("signed_on", ask.signed_on, ask.bounds.on, known.begun_on))
    demand(amount_problems("intended_investment", ask.intended_investment))
    return [
        FrameworkSigned(
            signing_id=ask.signing_id,
            signed_on=ask.signed_on,
            intended_investment=ask.intended_investment,
            evidence=ask.evidence,
        )
    ]


def sign_contract(ask: SignContract, signing: Signing) -> Sequence[SigningEvent]:
    """Sign the formal contract, which counts from its day, proved by its number or its paper."""
    known = answered_for(signing, ask)
    if held := known.contract:
        if (held.signed_on, held.first_investment, held.number) == (
            ask.signed_on,
            ask.contract_investment,
            ask.contract_number,
        ):
            return []
        raise ContractAlreadySigned(
            f"这件已于 {held.signed_on} 正式签约。金额有变的请用“合同变更”；另一份合同请另行登记。"
        )
    demand(_contract_problems(ask, known))
    return [
        ContractSigned(
            signing_id=ask.signing_id,
            owner_org=known.owner_org,
            contract_number=ask.contract_number,
            contract_investment=ask.contract_investment,
            signed_on=ask.signed_on,
            link_due=ask.link_due,
            evidence=ask.evidence,
        )
    ]


def _contract_problems(ask: SignContract, known: Open) -> Iterator[Problem]:
    earliest = known.framework_on or known.begun_on
    yield from day_problems("signed_on", ask.signed_on, ask.bounds.on, earliest)
    yield from amount_problems("contract_investment", ask.contract_investment)
    if ask.contract_number is not None:
        yield from text_problems("contract_number", ask.contract_number, ask.bounds.longest_title)
    elif not any(one.file for one in ask.evidence):
        yield problem(
            "contract_number",
            "contract_unproved",
            "和合同文件都没有。",
            "请填写合同编号，或上传合同的扫描件。",
        )


def amend_contract(ask: AmendContract, signing: Signing) -> Sequence[SigningEvent]:
    """Change the contract's amount; it counts from then on in place of the old one."""
    known = answered_for(signing, ask)
    held = known.contract
    if held is None:
        raise NoContractYet("这件还没有正式签约，没有合同可以变更。")
    if ask.contract_investment == held.investment:
        return []
    earliest = held.amended_on or held.signed_on
    demand(day_problems("amended_on", ask.amended_on, ask.bounds.on, earliest))
    demand(amount_problems("contract_investment", ask.contract_investment))
    demand(reason_problems("reason", ask.reason, ask.bounds.longest_text))
    return [
        ContractAmended(
            signing_id=ask.signing_id,
            contract_investment=ask.contract_investment,
            reason=ask.reason.strip(),
            amended_on=ask.amended_on,
            evidence=ask.evidence,
        )
    ]


def _demand_ahead(step: Stage, known: Open) -> None:
    if ORDER.index(known.stage) >= ORDER.index(step):
        raise StepIsBehind(f"这件已到“{NAMES[known.stage]}”，不能再记“{NAMES[step]}”。")
