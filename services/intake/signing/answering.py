"""Who may change a signing, and what is said to whoever may not."""

from typing import assert_never

from services.intake.signing.commands import SigningCommand
from services.intake.signing.states import NotRegistered, Open, Over, Signing
from shared.refusals import NotFound, Refusal


class NotYourSigning(Refusal):
    """Whoever signed answers for it (谁签约，谁负责): nobody else changes it."""

    code = "not_your_signing"
    title = "不由你单位负责"


class SigningIsOver(Refusal):
    """The signing has ended."""

    code = "signing_is_over"
    title = "已经终止"


def answered_for(signing: Signing, ask: SigningCommand) -> Open:
    """Give the signing, if it goes on and whoever asks answers for it."""
    match signing:
        case Open():
            if not (ask.oversees or ask.by.works_for(signing.owner_org)):
                raise NotYourSigning(
                    f"这件由{signing.owner_name}负责，请由责任单位办理；"
                    "要换责任单位的，请市招商局变更。"
                )
            return signing
        case Over():
            raise SigningIsOver(f"这件已于 {signing.ended_on} 终止，不能再办。")
        case NotRegistered():
            raise absent()
        case _:
            assert_never(signing)


def absent() -> NotFound:
    """Give the refusal of what is not there, or may not be known of."""
    return NotFound("没有这件招商签约，或它不在你单位的范围内。")
