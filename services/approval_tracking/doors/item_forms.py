"""The bodies of what is done about an item, each with the command that it asks for."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from services.approval_tracking.approval_plan.commands import (
    Accept,
    Acted,
    AskCorrections,
    CheckCommitment,
    Commit,
    Correct,
    DeclineAcceptance,
    Extend,
    FollowUp,
    Grant,
    HandOver,
    Pause,
    Receive,
    Rectify,
    Refuse,
    Resume,
    Revoke,
    Take,
    TransferHandling,
    Waive,
    Withdraw,
)
from shared.free_text import fit

MOST_CORRECTIONS = 30
LONGEST_PAUSE = 366


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def blank_is_open(value: object) -> object:
    """Take an empty cell for one that nobody filled in."""
    return None if isinstance(value, str) and not value.strip() else value


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    BeforeValidator(_trimmed),
    AfterValidator(fit),
]
OpenLine = Annotated[Line | None, BeforeValidator(blank_is_open)]
Number = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    BeforeValidator(_trimmed),
    AfterValidator(fit),
]
"""The number of a document, as it is printed."""
OpenNumber = Annotated[Number | None, BeforeValidator(blank_is_open)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
OpenDay = Annotated[Day | None, BeforeValidator(blank_is_open)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_-]{1,31}$"), BeforeValidator(_trimmed)]
AccountId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$"), BeforeValidator(_trimmed)]


class Body(BaseModel):
    """A body at a door: nothing that is not in the form."""

    model_config = ConfigDict(extra="forbid")


class ActForm(Body):
    """What is done about an item; ``happened_on`` is the day of the act, today where left open."""

    happened_on: OpenDay = None

    @abstractmethod
    def command(self, of: Mapping[str, Any]) -> Acted:
        """Ask for it; ``of`` is what every act on an item begins with."""


class ReceiveForm(ActForm):
    """收件."""

    def command(self, of: Mapping[str, Any]) -> Receive:
        """Ask for it."""
        return Receive(**of, happened_on=self.happened_on)


class AskCorrectionsForm(ActForm):
    """一次性告知补正: everything that is missing or wrong, at once."""

    corrections: Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_CORRECTIONS)]

    def command(self, of: Mapping[str, Any]) -> AskCorrections:
        """Ask for it."""
        return AskCorrections(
            **of, happened_on=self.happened_on, corrections=tuple(self.corrections)
        )


class CorrectForm(ActForm):
    """补正材料."""

    def command(self, of: Mapping[str, Any]) -> Correct:
        """Ask for it."""
        return Correct(**of, happened_on=self.happened_on)


class AcceptForm(ActForm):
    """受理."""

    def command(self, of: Mapping[str, Any]) -> Accept:
        """Ask for it."""
        return Accept(**of, happened_on=self.happened_on)


class ReasonForm(ActForm):
    """An act that needs its reason and what it rests on."""

    reason: Line
    basis: Line


class DeclineForm(ReasonForm):
    """不予受理."""

    def command(self, of: Mapping[str, Any]) -> DeclineAcceptance:
        """Ask for it."""
        return DeclineAcceptance(
            **of, happened_on=self.happened_on, reason=self.reason, basis=self.basis
        )


class PauseForm(ActForm):
    """停表 from the day of the act on, by a procedure of the catalogue."""

    procedure: Code
    reason: Line
    notice: OpenNumber = None
    expected_days: Annotated[int, Field(ge=1, le=LONGEST_PAUSE)]

    def command(self, of: Mapping[str, Any]) -> Pause:
        """Ask for it."""
        return Pause(
            **of,
            happened_on=self.happened_on,
            procedure=self.procedure,
            reason=self.reason,
            notice=self.notice,
            expected_days=self.expected_days,
        )


class ResumeForm(ActForm):
    """复表: the day of the act is the last that does not count."""

    def command(self, of: Mapping[str, Any]) -> Resume:
        """Ask for it."""
        return Resume(**of, happened_on=self.happened_on)


class ExtendForm(ActForm):
    """延长."""

    length: Annotated[int, Field(ge=1, le=60)]
    approver: Line
    reason: Line

    def command(self, of: Mapping[str, Any]) -> Extend:
        """Ask for it."""
        return Extend(
            **of,
            happened_on=self.happened_on,
            length=self.length,
            approver=self.approver,
            reason=self.reason,
        )


class GrantForm(ActForm):
    """办结; ``follow_up`` names what is still missing (容缺)."""

    document_number: OpenNumber = None
    valid_until: OpenDay = None
    note: OpenLine = None
    follow_up: OpenLine = None

    def command(self, of: Mapping[str, Any]) -> Grant:
        """Ask for it."""
        return Grant(
            **of,
            happened_on=self.happened_on,
            document_number=self.document_number,
            valid_until=self.valid_until,
            note=self.note,
            follow_up=self.follow_up,
        )


class FollowUpForm(ActForm):
    """容缺补齐."""

    note: OpenLine = None

    def command(self, of: Mapping[str, Any]) -> FollowUp:
        """Ask for it."""
        return FollowUp(**of, happened_on=self.happened_on, note=self.note)


class RefuseForm(ReasonForm):
    """不予许可."""

    def command(self, of: Mapping[str, Any]) -> Refuse:
        """Ask for it."""
        return Refuse(**of, happened_on=self.happened_on, reason=self.reason, basis=self.basis)


class WithdrawForm(ActForm):
    """撤回申请."""

    reason: Line

    def command(self, of: Mapping[str, Any]) -> Withdraw:
        """Ask for it."""
        return Withdraw(**of, happened_on=self.happened_on, reason=self.reason)


class RevokeForm(ReasonForm):
    """撤销."""

    def command(self, of: Mapping[str, Any]) -> Revoke:
        """Ask for it."""
        return Revoke(**of, happened_on=self.happened_on, reason=self.reason, basis=self.basis)


class CommitForm(ActForm):
    """承诺; the day of the act is that of the signature."""

    document_number: OpenNumber = None

    def command(self, of: Mapping[str, Any]) -> Commit:
        """Ask for it."""
        return Commit(**of, happened_on=self.happened_on, document_number=self.document_number)


class CheckCommitmentForm(ActForm):
    """承诺兑现核查."""

    kept: bool
    findings: Line

    def command(self, of: Mapping[str, Any]) -> CheckCommitment:
        """Ask for it."""
        return CheckCommitment(
            **of, happened_on=self.happened_on, kept=self.kept, findings=self.findings
        )


class WaiveForm(ReasonForm):
    """免办."""

    def command(self, of: Mapping[str, Any]) -> Waive:
        """Ask for it."""
        return Waive(**of, happened_on=self.happened_on, reason=self.reason, basis=self.basis)


class RectifyForm(ActForm):
    """更正办结信息: the whole of it as it shall be."""

    granted_on: Day
    document_number: OpenNumber = None
    valid_until: OpenDay = None
    reason: Line

    def command(self, of: Mapping[str, Any]) -> Rectify:
        """Ask for it."""
        return Rectify(
            **of,
            happened_on=self.happened_on,
            granted_on=self.granted_on,
            document_number=self.document_number,
            valid_until=self.valid_until,
            reason=self.reason,
        )


class TakeForm(ActForm):
    """领取."""

    def command(self, of: Mapping[str, Any]) -> Take:
        """Ask for it."""
        return Take(**of, happened_on=self.happened_on)


class HandOverForm(ActForm):
    """转办 to a colleague's account, or back to the office's desk where it is left open."""

    officer: Annotated[AccountId | None, BeforeValidator(blank_is_open)] = None
    reason: Line

    def command(self, of: Mapping[str, Any]) -> HandOver:
        """Ask for it."""
        return HandOver(
            **of, happened_on=self.happened_on, officer=self.officer, reason=self.reason
        )


class TransferForm(ActForm):
    """划转 to another office, by its id."""

    handling: Code
    reason: Line

    def command(self, of: Mapping[str, Any]) -> TransferHandling:
        """Ask for it."""
        return TransferHandling(
            **of, happened_on=self.happened_on, handling=self.handling, reason=self.reason
        )
