"""What approval_tracking (审批) tells: working days, plans of approvals, their items, its rules.

Sources: 行政许可法 (terms, corrections, pauses), 国办发〔2019〕11号 (stages), 晋市政办〔2019〕16号
(承诺制, 代办制, 并联审批). An item is named by its row of the catalogue (``A13``), whose text is
told as a policy. Offices are organisations, officers and agents are accounts.
"""

from collections.abc import Mapping
from typing import Annotated, get_args

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

WholePlanEvent = (
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
)
"""What is told of a plan as a whole."""
ItemEvent = (
    ItemReceived
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
"""What is told of one item of a plan."""
PlanEvent = WholePlanEvent | ItemEvent
"""What is told in the stream of a project's plan."""
ResultEvent = ResultSetAside | ResultMatched | ResultDismissed
ApprovalTrackingEvent = Annotated[YearEvent, Field(discriminator="kind")]
read_year_event: TypeAdapter[YearEvent] = TypeAdapter(ApprovalTrackingEvent)


def _by_kind(*facts: type[Fact]) -> Mapping[str, type[Fact]]:
    return {fact.model_fields["kind"].default: fact for fact in facts}


YEAR_KINDS = _by_kind(YearPublished, YearRevised, YearEstimated)
"""The facts of a year's own stream, by kind."""
WHOLE_PLAN_KINDS = _by_kind(*get_args(WholePlanEvent))
"""The facts of a plan as a whole, by kind."""
ITEM_KINDS = _by_kind(*get_args(ItemEvent))
"""The facts of its items, by kind."""
PLAN_KINDS = {**WHOLE_PLAN_KINDS, **ITEM_KINDS}
"""The facts of the stream of a plan, by kind."""
RESULT_KINDS = _by_kind(ResultSetAside, ResultMatched, ResultDismissed)
"""The facts of results that were set aside, by kind."""
POLICY_KINDS = _by_kind(PolicyPublished)
"""The facts of rules, by kind."""

__all__ = [
    "CALENDAR",
    "ITEM_KINDS",
    "PLAN_KINDS",
    "POLICY_KINDS",
    "REFERENCE_TOPIC",
    "RESULT_KINDS",
    "SERVICE",
    "TOPIC",
    "WHOLE_PLAN_KINDS",
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
    "ItemEvent",
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
    "WholePlanEvent",
    "YearEstimated",
    "YearEvent",
    "YearPublished",
    "YearRevised",
    "read_year_event",
]
