"""What intake (申报) tells: projects, their review, moves and months, signings, policies.

Sources: 晋市政办〔2019〕16号 附件 "项目内容" (the eight elements) and 十六条 (县级报送、市级初审、
省级审核).
Money is whole yuan, months are ``YYYY-MM``, business days are dates in Asia/Shanghai.
A responsible officer's name and telephone never enter a fact: they lie behind ``contact_id``.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter

from contracts.envelope import Fact
from contracts.intake.correction import (
    CorrectionApproved,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    ProjectCorrected,
)
from contracts.intake.move import (
    MoveApplied,
    MoveApproved,
    MoveRefused,
    MoveWithdrawn,
    ProjectAbsorbed,
    ProjectEnded,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectResumed,
    ProjectSplit,
    ProjectTakenOut,
    SplitPart,
)
from contracts.intake.policy import PolicyPublished
from contracts.intake.progress import (
    ConstructionFinished,
    ConstructionNeverStopped,
    ConstructionRectified,
    ConstructionResumed,
    ConstructionStarted,
    ConstructionStopped,
    FundsReceived,
    InvestmentByUse,
    MilestoneReached,
    ProblemNamed,
    ProgressMissed,
    ProgressOpened,
    ProgressReported,
)
from contracts.intake.project import (
    ProjectContactErased,
    ProjectContactNamed,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectPooled,
    ProjectRevised,
    ProjectTagged,
    ProjectUntagged,
)
from contracts.intake.promotion import PromotionHeld, PromotionWithdrawn
from contracts.intake.report_month import NothingNewReported, NothingNewWithdrawn
from contracts.intake.review import (
    DuplicateJudged,
    ReviewApproved,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
)
from contracts.intake.signing import (
    ContractAmended,
    ContractSigned,
    FrameworkSigned,
    LeadRegistered,
    NegotiationBegun,
    SigningEnded,
    SigningLinked,
    SigningLinkOverdue,
    SigningRectified,
    SigningTransferred,
    SigningUnlinked,
)
from contracts.intake.words import (
    APPROVED_ITEM,
    Builder,
    Category,
    Evidence,
    FileNoted,
    Funding,
    FundingSource,
    Holder,
    LeadSide,
    Level,
    Likeness,
    Location,
    Matter,
    Month,
    MoveEffect,
    Pool,
    ProjectFacts,
    Remark,
    Source,
    Standing,
    Term,
    Track,
    Yuan,
)
from contracts.intake.workbook import WorkbookAccepted, WorkbookReceived

SERVICE = "intake"
TOPIC = "siku.intake.v1"
REFERENCE_TOPIC = "siku.intake.reference.v1"

ProjectEvent = (
    ProjectDrafted
    | ProjectRevised
    | ProjectDiscarded
    | ProjectPooled
    | ProjectContactNamed
    | ProjectContactErased
    | ProjectTagged
    | ProjectUntagged
)
ReviewEvent = (
    ReviewSubmitted
    | ReviewWithdrawn
    | ReviewPassedFirst
    | ReviewReturned
    | ReviewRejected
    | ReviewApproved
    | ReviewOverdue
    | ReviewTermMoved
    | ReviewTaken
    | ReviewHandedOver
    | DuplicateJudged
)
MoveEvent = (
    MoveApplied
    | MoveWithdrawn
    | MoveRefused
    | MoveApproved
    | ProjectMoved
    | ProjectHeld
    | ProjectResumed
    | ProjectEnded
    | ProjectTakenOut
    | ProjectAbsorbed
    | ProjectMerged
    | ProjectSplit
)
CorrectionEvent = (
    CorrectionRequested
    | CorrectionWithdrawn
    | CorrectionRefused
    | CorrectionApproved
    | ProjectCorrected
)
ProgressEvent = (
    ProgressReported
    | ProgressOpened
    | ProgressMissed
    | ConstructionStarted
    | ConstructionStopped
    | ConstructionResumed
    | ConstructionNeverStopped
    | ConstructionFinished
    | ConstructionRectified
)
WorkbookEvent = WorkbookReceived | WorkbookAccepted
ReportMonthEvent = NothingNewReported | NothingNewWithdrawn
SigningEvent = (
    LeadRegistered
    | SigningRectified
    | NegotiationBegun
    | FrameworkSigned
    | ContractSigned
    | ContractAmended
    | SigningLinked
    | SigningUnlinked
    | SigningLinkOverdue
    | SigningEnded
    | SigningTransferred
)
PromotionEvent = PromotionHeld | PromotionWithdrawn
DossierEvent = ProjectEvent | ReviewEvent | MoveEvent | CorrectionEvent
"""What is told in a project's own stream."""

IntakeEvent = Annotated[
    ProjectEvent
    | ReviewEvent
    | MoveEvent
    | CorrectionEvent
    | ProgressEvent
    | SigningEvent
    | PromotionEvent
    | WorkbookEvent
    | ReportMonthEvent
    | PolicyPublished,
    Field(discriminator="kind"),
]
read_intake_event: TypeAdapter[
    ProjectEvent
    | ReviewEvent
    | MoveEvent
    | CorrectionEvent
    | ProgressEvent
    | SigningEvent
    | PromotionEvent
    | WorkbookEvent
    | ReportMonthEvent
    | PolicyPublished
] = TypeAdapter(IntakeEvent)


def _by_kind(*facts: type[Fact]) -> Mapping[str, type[Fact]]:
    return {fact.model_fields["kind"].default: fact for fact in facts}


DOSSIER_KINDS = _by_kind(
    ProjectDrafted,
    ProjectRevised,
    ProjectDiscarded,
    ProjectPooled,
    ProjectContactNamed,
    ProjectContactErased,
    ProjectTagged,
    ProjectUntagged,
    ReviewSubmitted,
    ReviewWithdrawn,
    ReviewPassedFirst,
    ReviewReturned,
    ReviewRejected,
    ReviewApproved,
    ReviewOverdue,
    ReviewTermMoved,
    ReviewTaken,
    ReviewHandedOver,
    DuplicateJudged,
    MoveApplied,
    MoveWithdrawn,
    MoveRefused,
    MoveApproved,
    ProjectMoved,
    ProjectHeld,
    ProjectResumed,
    ProjectEnded,
    ProjectTakenOut,
    ProjectAbsorbed,
    ProjectMerged,
    ProjectSplit,
    CorrectionRequested,
    CorrectionWithdrawn,
    CorrectionRefused,
    CorrectionApproved,
    ProjectCorrected,
)
"""The facts of a project's own stream, by kind."""

PROGRESS_KINDS = _by_kind(
    ProgressReported,
    ProgressOpened,
    ProgressMissed,
    ConstructionStarted,
    ConstructionStopped,
    ConstructionResumed,
    ConstructionNeverStopped,
    ConstructionFinished,
    ConstructionRectified,
)
"""The facts of a project's months and works, by kind."""

SIGNING_KINDS = _by_kind(
    LeadRegistered,
    SigningRectified,
    NegotiationBegun,
    FrameworkSigned,
    ContractSigned,
    ContractAmended,
    SigningLinked,
    SigningUnlinked,
    SigningLinkOverdue,
    SigningEnded,
    SigningTransferred,
)
"""The facts of a signing, by kind."""

PROMOTION_KINDS = _by_kind(PromotionHeld, PromotionWithdrawn)
"""The facts of an event to win investors, by kind."""

UPLOAD_KINDS = _by_kind(WorkbookReceived, WorkbookAccepted)
"""The facts of uploads, by kind."""

REPORT_MONTH_KINDS = _by_kind(NothingNewReported, NothingNewWithdrawn)
"""The facts of a body's month, by kind."""


def not_of_a(what: str, *others: Mapping[str, type[Fact]]) -> Mapping[str, str]:
    """Give why a view of something takes none of these kinds of the same topic."""
    return {kind: f"tells nothing of {what}" for kinds in others for kind in kinds}


OF_NO_DOSSIER = not_of_a("a dossier", PROGRESS_KINDS, SIGNING_KINDS, PROMOTION_KINDS, UPLOAD_KINDS)
"""The facts on the topic that are of no project's own stream, and why its views take none."""

__all__ = [
    "APPROVED_ITEM",
    "DOSSIER_KINDS",
    "OF_NO_DOSSIER",
    "PROGRESS_KINDS",
    "PROMOTION_KINDS",
    "REFERENCE_TOPIC",
    "REPORT_MONTH_KINDS",
    "SERVICE",
    "SIGNING_KINDS",
    "TOPIC",
    "UPLOAD_KINDS",
    "Builder",
    "Category",
    "ConstructionFinished",
    "ConstructionNeverStopped",
    "ConstructionRectified",
    "ConstructionResumed",
    "ConstructionStarted",
    "ConstructionStopped",
    "ContractAmended",
    "ContractSigned",
    "CorrectionApproved",
    "CorrectionEvent",
    "CorrectionRefused",
    "CorrectionRequested",
    "CorrectionWithdrawn",
    "DossierEvent",
    "DuplicateJudged",
    "Evidence",
    "FileNoted",
    "FrameworkSigned",
    "Funding",
    "FundingSource",
    "FundsReceived",
    "Holder",
    "IntakeEvent",
    "InvestmentByUse",
    "LeadRegistered",
    "LeadSide",
    "Level",
    "Likeness",
    "Location",
    "Matter",
    "MilestoneReached",
    "Month",
    "MoveApplied",
    "MoveApproved",
    "MoveEffect",
    "MoveEvent",
    "MoveRefused",
    "MoveWithdrawn",
    "NegotiationBegun",
    "NothingNewReported",
    "NothingNewWithdrawn",
    "PolicyPublished",
    "Pool",
    "ProblemNamed",
    "ProgressEvent",
    "ProgressMissed",
    "ProgressOpened",
    "ProgressReported",
    "ProjectAbsorbed",
    "ProjectContactErased",
    "ProjectContactNamed",
    "ProjectCorrected",
    "ProjectDiscarded",
    "ProjectDrafted",
    "ProjectEnded",
    "ProjectEvent",
    "ProjectFacts",
    "ProjectHeld",
    "ProjectMerged",
    "ProjectMoved",
    "ProjectPooled",
    "ProjectResumed",
    "ProjectRevised",
    "ProjectSplit",
    "ProjectTagged",
    "ProjectTakenOut",
    "ProjectUntagged",
    "PromotionEvent",
    "PromotionHeld",
    "PromotionWithdrawn",
    "Remark",
    "ReportMonthEvent",
    "ReviewApproved",
    "ReviewEvent",
    "ReviewHandedOver",
    "ReviewOverdue",
    "ReviewPassedFirst",
    "ReviewRejected",
    "ReviewReturned",
    "ReviewSubmitted",
    "ReviewTaken",
    "ReviewTermMoved",
    "ReviewWithdrawn",
    "SigningEnded",
    "SigningEvent",
    "SigningLinkOverdue",
    "SigningLinked",
    "SigningRectified",
    "SigningTransferred",
    "SigningUnlinked",
    "Source",
    "SplitPart",
    "Standing",
    "Term",
    "Track",
    "WorkbookAccepted",
    "WorkbookEvent",
    "WorkbookReceived",
    "Yuan",
    "not_of_a",
    "read_intake_event",
]
