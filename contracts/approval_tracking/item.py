"""What is told of one item of a plan (事项), from its receipt to its end.

``attempt`` counts how often an item was begun: what was refused or withdrawn may come again.
``clocks`` are those that the fact has moved, as they stand on its day.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.approval_tracking.words import Clock, ClockSort
from contracts.envelope import Fact


class ItemFact(Fact):
    """A fact about an item of a project's plan."""

    project_id: UUID
    item: str
    attempt: int


class ItemReceived(ItemFact):
    """The application was handed in (收件), at the office, at the one window or by the agent."""

    kind: Literal["approval_tracking.approval_plan.item_received.v1"] = (
        "approval_tracking.approval_plan.item_received.v1"
    )
    handling: str
    received_on: date
    clocks: tuple[Clock, ...]


class CorrectionsAsked(ItemFact):
    """The office said, once and of everything, what is missing or wrong (一次性告知补正)."""

    kind: Literal["approval_tracking.approval_plan.corrections_asked.v1"] = (
        "approval_tracking.approval_plan.corrections_asked.v1"
    )
    corrections: tuple[str, ...]
    asked_on: date


class ItemCorrected(ItemFact):
    """The applicant handed in what was asked for (补正材料)."""

    kind: Literal["approval_tracking.approval_plan.item_corrected.v1"] = (
        "approval_tracking.approval_plan.item_corrected.v1"
    )
    corrected_on: date
    clocks: tuple[Clock, ...]


class ItemAccepted(ItemFact):
    """The office took the application on (受理): both clocks run from the day after.

    ``deemed``: it said nothing within its days and so has accepted (视为受理), on the day of
    receipt. ``lacking`` are the items that are still open and must be done before it is granted
    (容缺受理). ``catalogue`` is the first day of the edition of the catalogue that it falls under.
    """

    kind: Literal["approval_tracking.approval_plan.item_accepted.v1"] = (
        "approval_tracking.approval_plan.item_accepted.v1"
    )
    handling: str
    accepted_on: date
    deemed: bool = False
    lacking: tuple[str, ...] = ()
    catalogue: date
    clocks: tuple[Clock, ...]


class ItemNotAccepted(ItemFact):
    """The office does not take the application on (不予受理)."""

    kind: Literal["approval_tracking.approval_plan.item_not_accepted.v1"] = (
        "approval_tracking.approval_plan.item_not_accepted.v1"
    )
    reason: str
    basis: str
    decided_on: date


class ItemPaused(ItemFact):
    """The clock stands still from ``first`` on (停表, 特别程序).

    ``procedure`` is a row of the policy (听证, 招标, 专家评审 …); ``notice`` is the number of the
    letter by which the applicant was told.
    """

    kind: Literal["approval_tracking.approval_plan.item_paused.v1"] = (
        "approval_tracking.approval_plan.item_paused.v1"
    )
    procedure: str
    reason: str
    basis: str
    notice: str | None
    first: date
    expected_days: int
    clocks: tuple[Clock, ...]


class ItemResumed(ItemFact):
    """The clock goes on the day after ``last`` (复表)."""

    kind: Literal["approval_tracking.approval_plan.item_resumed.v1"] = (
        "approval_tracking.approval_plan.item_resumed.v1"
    )
    first: date
    last: date
    clocks: tuple[Clock, ...]


class PauseOverrun(ItemFact):
    """A pause lasts longer than was expected of it; told once a pause."""

    kind: Literal["approval_tracking.approval_plan.pause_overrun.v1"] = (
        "approval_tracking.approval_plan.pause_overrun.v1"
    )
    first: date
    expected_until: date
    told_on: date


class ItemExtended(ItemFact):
    """The head of the office gave more days (延长): 行政许可法 42."""

    kind: Literal["approval_tracking.approval_plan.item_extended.v1"] = (
        "approval_tracking.approval_plan.item_extended.v1"
    )
    length: int
    approver: str
    reason: str
    extended_on: date
    clocks: tuple[Clock, ...]


class ItemGranted(ItemFact):
    """The item was approved, filed or passed (办结). ``late`` are the clocks that were over.

    With ``follow_up`` something may still be missing and is there by the day of its clock
    (容缺办结). ``clocks`` stand as on the day of the grant.
    """

    kind: Literal["approval_tracking.approval_plan.item_granted.v1"] = (
        "approval_tracking.approval_plan.item_granted.v1"
    )
    handling: str
    granted_on: date
    document_number: str | None = None
    valid_until: date | None = None
    note: str | None = None
    late: tuple[ClockSort, ...] = ()
    follow_up: str | None = None
    clocks: tuple[Clock, ...] = ()


class FollowedUp(ItemFact):
    """What was missing at the grant is there (容缺补齐)."""

    kind: Literal["approval_tracking.approval_plan.followed_up.v1"] = (
        "approval_tracking.approval_plan.followed_up.v1"
    )
    followed_up_on: date
    note: str | None = None


class ItemRefused(ItemFact):
    """The item was not approved (不予许可), with its reason and what the law says."""

    kind: Literal["approval_tracking.approval_plan.item_refused.v1"] = (
        "approval_tracking.approval_plan.item_refused.v1"
    )
    reason: str
    basis: str
    refused_on: date
    late: tuple[ClockSort, ...] = ()
    clocks: tuple[Clock, ...] = ()


class ItemWithdrawn(ItemFact):
    """The applicant took the application back."""

    kind: Literal["approval_tracking.approval_plan.item_withdrawn.v1"] = (
        "approval_tracking.approval_plan.item_withdrawn.v1"
    )
    reason: str
    withdrawn_on: date


class ItemRevoked(ItemFact):
    """What was granted holds no longer (撤销, 撤回, 注销)."""

    kind: Literal["approval_tracking.approval_plan.item_revoked.v1"] = (
        "approval_tracking.approval_plan.item_revoked.v1"
    )
    reason: str
    basis: str
    revoked_on: date


class ItemCommitted(ItemFact):
    """The enterprise committed itself in writing (承诺): the item is met from ``signed_on``.

    It is checked by the day of its clock.
    """

    kind: Literal["approval_tracking.approval_plan.item_committed.v1"] = (
        "approval_tracking.approval_plan.item_committed.v1"
    )
    signed_on: date
    document_number: str | None = None
    clocks: tuple[Clock, ...]


class CommitmentChecked(ItemFact):
    """What was committed to was looked at. Where it was not kept the item is met no longer."""

    kind: Literal["approval_tracking.approval_plan.commitment_checked.v1"] = (
        "approval_tracking.approval_plan.commitment_checked.v1"
    )
    kept: bool
    findings: str
    checked_on: date


class ItemWaived(ItemFact):
    """The item need not be done in this case, and who says so (免办)."""

    kind: Literal["approval_tracking.approval_plan.item_waived.v1"] = (
        "approval_tracking.approval_plan.item_waived.v1"
    )
    reason: str
    basis: str
    waived_on: date


class ItemRectified(ItemFact):
    """What was recorded of a grant was wrong: the day, the document or its validity is another."""

    kind: Literal["approval_tracking.approval_plan.item_rectified.v1"] = (
        "approval_tracking.approval_plan.item_rectified.v1"
    )
    granted_on: date
    document_number: str | None
    valid_until: date | None
    late: tuple[ClockSort, ...] = ()
    clocks: tuple[Clock, ...] = ()
    reason: str
    rectified_on: date


class ItemTaken(ItemFact):
    """An officer took the item on (领取)."""

    kind: Literal["approval_tracking.approval_plan.item_taken.v1"] = (
        "approval_tracking.approval_plan.item_taken.v1"
    )
    officer: str


class ItemHandedOver(ItemFact):
    """The item went to a colleague, or back to the office's desk (转办); ``officer`` None."""

    kind: Literal["approval_tracking.approval_plan.item_handed_over.v1"] = (
        "approval_tracking.approval_plan.item_handed_over.v1"
    )
    officer: str | None
    reason: str


class HandlingTransferred(ItemFact):
    """Another office does the item from now on (划转); whose matter it is stays."""

    kind: Literal["approval_tracking.approval_plan.handling_transferred.v1"] = (
        "approval_tracking.approval_plan.handling_transferred.v1"
    )
    handling: str
    reason: str
    transferred_on: date


class ItemSoonOverdue(ItemFact):
    """A clock has turned yellow; told once a clock."""

    kind: Literal["approval_tracking.approval_plan.item_soon_overdue.v1"] = (
        "approval_tracking.approval_plan.item_soon_overdue.v1"
    )
    handling: str
    clock: ClockSort
    due: date
    told_on: date


class ItemOverdue(ItemFact):
    """A clock ran out; told once a clock."""

    kind: Literal["approval_tracking.approval_plan.item_overdue.v1"] = (
        "approval_tracking.approval_plan.item_overdue.v1"
    )
    handling: str
    clock: ClockSort
    due: date
    told_on: date


class ItemClocksMoved(ItemFact):
    """A newer calendar moved the clocks of an item that runs."""

    kind: Literal["approval_tracking.approval_plan.item_clocks_moved.v1"] = (
        "approval_tracking.approval_plan.item_clocks_moved.v1"
    )
    clocks: tuple[Clock, ...]
    calendar: int
    moved_on: date
