"""What approval_tracking (审批) tells: working days, plans of approvals, their items, its rules.

Sources: 行政许可法 (terms, corrections, pauses), 国办发〔2019〕11号 (stages), 晋市政办〔2019〕16号
(承诺制, 代办制, 并联审批). An item is named by its row of the catalogue (``A13``), whose text is
told as a policy. Offices are organisations, officers and agents are accounts.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter

from contracts.approval_tracking.calendar import (
    CALENDAR,
    Holiday,
    YearEstimated,
    YearEvent,
    YearPublished,
    YearRevised,
)
from contracts.approval_tracking.item import (
    CommitmentChecked,
    CorrectionsAsked,
    FollowedUp,
    HandlingTransferred,
    ItemAccepted,
    ItemClocksMoved,
    ItemCommitted,
    ItemCorrected,
    ItemExtended,
    ItemGranted,
    ItemHandedOver,
    ItemNotAccepted,
    ItemOverdue,
    ItemPaused,
    ItemReceived,
    ItemRectified,
    ItemRefused,
    ItemResumed,
    ItemRevoked,
    ItemSoonOverdue,
    ItemTaken,
    ItemWaived,
    ItemWithdrawn,
    PauseOverrun,
)
from contracts.approval_tracking.plan import (
    AcceptanceCompleted,
    AgentAppointed,
    AgentReleased,
    NoLongerReady,
    PlanClosed,
    PlanDrawnUp,
    PlanReopened,
    PlanRevised,
    ReadyToStart,
    StageCompleted,
    StageReopened,
    StartedWithoutPermit,
    StartFlagLifted,
)
from contracts.approval_tracking.policy import PolicyPublished
from contracts.approval_tracking.result import (
    ResultDismissed,
    ResultMatched,
    ResultSetAside,
)
from contracts.approval_tracking.words import (
    Circumstances,
    Clock,
    ClockSort,
    ItemState,
    ItemTerm,
    LandMode,
    Management,
    Need,
    PlannedItem,
    ResultRow,
    ResultStep,
    Stage,
    StageLimit,
    Track,
    Unit,
)
from contracts.envelope import Fact

SERVICE = "approval_tracking"
TOPIC = "siku.approval_tracking.v1"
REFERENCE_TOPIC = "siku.approval_tracking.reference.v1"

PlanEvent = (
    PlanDrawnUp
    | PlanRevised
    | PlanClosed
    | PlanReopened
    | AgentAppointed
    | AgentReleased
    | StageCompleted
    | StageReopened
    | ReadyToStart
    | NoLongerReady
    | StartedWithoutPermit
    | StartFlagLifted
    | AcceptanceCompleted
    | ItemReceived
    | CorrectionsAsked
    | ItemCorrected
    | ItemAccepted
    | ItemNotAccepted
    | ItemPaused
    | ItemResumed
    | PauseOverrun
    | ItemExtended
    | ItemGranted
    | FollowedUp
    | ItemRefused
    | ItemWithdrawn
    | ItemRevoked
    | ItemCommitted
    | CommitmentChecked
    | ItemWaived
    | ItemRectified
    | ItemTaken
    | ItemHandedOver
    | HandlingTransferred
    | ItemSoonOverdue
    | ItemOverdue
    | ItemClocksMoved
)
"""What is told in the stream of a project's plan."""
ResultEvent = ResultSetAside | ResultMatched | ResultDismissed
ApprovalTrackingEvent = Annotated[YearEvent, Field(discriminator="kind")]
read_year_event: TypeAdapter[YearEvent] = TypeAdapter(ApprovalTrackingEvent)


def _by_kind(*facts: type[Fact]) -> Mapping[str, type[Fact]]:
    return {fact.model_fields["kind"].default: fact for fact in facts}


YEAR_KINDS = _by_kind(YearPublished, YearRevised, YearEstimated)
"""The facts of a year's own stream, by kind."""
PLAN_KINDS = _by_kind(
    PlanDrawnUp,
    PlanRevised,
    PlanClosed,
    PlanReopened,
    AgentAppointed,
    AgentReleased,
    StageCompleted,
    StageReopened,
    ReadyToStart,
    NoLongerReady,
    StartedWithoutPermit,
    StartFlagLifted,
    AcceptanceCompleted,
    ItemReceived,
    CorrectionsAsked,
    ItemCorrected,
    ItemAccepted,
    ItemNotAccepted,
    ItemPaused,
    ItemResumed,
    PauseOverrun,
    ItemExtended,
    ItemGranted,
    FollowedUp,
    ItemRefused,
    ItemWithdrawn,
    ItemRevoked,
    ItemCommitted,
    CommitmentChecked,
    ItemWaived,
    ItemRectified,
    ItemTaken,
    ItemHandedOver,
    HandlingTransferred,
    ItemSoonOverdue,
    ItemOverdue,
    ItemClocksMoved,
)
"""The facts of a plan of approvals, by kind."""
RESULT_KINDS = _by_kind(ResultSetAside, ResultMatched, ResultDismissed)
"""The facts of results that were set aside, by kind."""
POLICY_KINDS = _by_kind(PolicyPublished)
"""The facts of rules, by kind."""

__all__ = [
    "CALENDAR",
    "PLAN_KINDS",
    "POLICY_KINDS",
    "REFERENCE_TOPIC",
    "RESULT_KINDS",
    "SERVICE",
    "TOPIC",
    "YEAR_KINDS",
    "AcceptanceCompleted",
    "AgentAppointed",
    "AgentReleased",
    "ApprovalTrackingEvent",
    "Circumstances",
    "Clock",
    "ClockSort",
    "CommitmentChecked",
    "CorrectionsAsked",
    "FollowedUp",
    "HandlingTransferred",
    "Holiday",
    "ItemAccepted",
    "ItemClocksMoved",
    "ItemCommitted",
    "ItemCorrected",
    "ItemExtended",
    "ItemGranted",
    "ItemHandedOver",
    "ItemNotAccepted",
    "ItemOverdue",
    "ItemPaused",
    "ItemReceived",
    "ItemRectified",
    "ItemRefused",
    "ItemResumed",
    "ItemRevoked",
    "ItemSoonOverdue",
    "ItemState",
    "ItemTaken",
    "ItemTerm",
    "ItemWaived",
    "ItemWithdrawn",
    "LandMode",
    "Management",
    "Need",
    "NoLongerReady",
    "PauseOverrun",
    "PlanClosed",
    "PlanDrawnUp",
    "PlanEvent",
    "PlanReopened",
    "PlanRevised",
    "PlannedItem",
    "PolicyPublished",
    "ReadyToStart",
    "ResultDismissed",
    "ResultEvent",
    "ResultMatched",
    "ResultRow",
    "ResultSetAside",
    "ResultStep",
    "Stage",
    "StageCompleted",
    "StageLimit",
    "StageReopened",
    "StartFlagLifted",
    "StartedWithoutPermit",
    "Track",
    "Unit",
    "YearEstimated",
    "YearEvent",
    "YearPublished",
    "YearRevised",
    "read_year_event",
]
