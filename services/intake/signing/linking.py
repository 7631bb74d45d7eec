"""A signing and the projects that carry it out: linked, unlinked, or missing in time."""

from collections.abc import Sequence
from typing import assert_never

from contracts.intake import SigningEvent, SigningLinked, SigningLinkOverdue, SigningUnlinked
from services.intake.signing.answering import answered_for
from services.intake.signing.commands import LinkProject, TellLinkOverdue, UnlinkProject
from services.intake.signing.rules import demand, reason_problems
from services.intake.signing.states import NotRegistered, Open, Over, Signing
from shared.refusals import Refusal


class NotInAPool(Refusal):
    """Only a project that entered a pool carries a signing out."""

    code = "not_in_a_pool"
    title = "项目还没有入库"


class NotLinked(Refusal):
    """The project does not belong to this signing."""

    code = "not_linked"
    title = "没有关联"


def link(ask: LinkProject, signing: Signing) -> Sequence[SigningEvent]:
    """Name a project that carries the signing out."""
    known = answered_for(signing, ask)
    if ask.project_id in known.projects:
        return []
    if ask.pool is None:
        raise NotInAPool(
            f"“{ask.project_name}”还没有入库，不能关联。请先报送，审核通过进入谋划库后再关联。"
        )
    return [
        SigningLinked(
            signing_id=ask.signing_id,
            project_id=ask.project_id,
            project_name=ask.project_name,
            linked_on=ask.bounds.on,
        )
    ]


def unlink(ask: UnlinkProject, signing: Signing) -> Sequence[SigningEvent]:
    """Take a link back that was made in error."""
    known = answered_for(signing, ask)
    if ask.project_id not in known.projects:
        raise NotLinked("这个项目没有关联到这件招商签约，不用取消。")
    demand(reason_problems("reason", ask.reason, ask.bounds.longest_text))
    return [
        SigningUnlinked(
            signing_id=ask.signing_id,
            project_id=ask.project_id,
            reason=ask.reason.strip(),
            unlinked_on=ask.bounds.on,
        )
    ]


def tell_link_overdue(ask: TellLinkOverdue, signing: Signing) -> Sequence[SigningEvent]:
    """Tell once that a contract has no project although its days are over."""
    match signing:
        case Open(contract=contract, projects=projects):
            late = contract is not None and not projects and ask.on > contract.link_due
            if contract is None or not late or contract.overdue_told:
                return []
            return [
                SigningLinkOverdue(
                    signing_id=ask.signing_id, link_due=contract.link_due, told_on=ask.on
                )
            ]
        case Over() | NotRegistered():
            return []
        case _:
            assert_never(signing)
