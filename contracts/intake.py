"""What intake (申报) tells: the facts of a project, its review at three levels, its pool.

Sources: 晋市政办〔2019〕16号 附件 "项目内容" (the eight elements) and 十六条 (县级报送、市级初审、
省级审核).
Money is whole yuan, months are ``YYYY-MM``, business days are dates in Asia/Shanghai.
A responsible officer's name and telephone never enter a fact: they lie behind ``contact_id``.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, TypeAdapter

from contracts.envelope import Fact, Part
from contracts.erasing import ErasureReason

SERVICE = "intake"
TOPIC = "siku.intake.v1"
REFERENCE_TOPIC = "siku.intake.reference.v1"

Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Yuan = Annotated[int, Field(ge=0)]


class Pool(StrEnum):
    """The four pools (四库)."""

    PLAN = "PLAN"
    PREP = "PREP"
    BUILD = "BUILD"
    PROD = "PROD"


class Category(StrEnum):
    """产业类别."""

    EMERGING = "EMERGING"
    TRADITIONAL = "TRADITIONAL"
    INFRASTRUCTURE = "INFRASTRUCTURE"
    WELFARE = "WELFARE"
    AGRICULTURE = "AGRICULTURE"
    SERVICES = "SERVICES"


class Track(StrEnum):
    """谋划方向: the four scopes that the plan names."""

    HARD_INFRASTRUCTURE = "HARD_INFRASTRUCTURE"
    INDUSTRIAL_CHAIN = "INDUSTRIAL_CHAIN"
    SCIENCE_SUPPORT = "SCIENCE_SUPPORT"
    POLICY_ORIENTED = "POLICY_ORIENTED"


class LeadSide(StrEnum):
    """主导方."""

    GOVERNMENT = "GOVERNMENT"
    MARKET = "MARKET"


class FundingSource(StrEnum):
    """资金来源."""

    BUDGET = "BUDGET"
    SPECIAL_BOND = "SPECIAL_BOND"
    LOAN = "LOAN"
    FOREIGN = "FOREIGN"
    SELF_RAISED = "SELF_RAISED"
    OTHER = "OTHER"


class Location(Part):
    """建设地点: a county-level region code, the rest of the address, a development zone if any."""

    region: str | None = None
    address: str | None = None
    zone_id: str | None = None


class Builder(Part):
    """组织（建设）单位: its name and, once it has one, its 统一社会信用代码."""

    name: str | None = None
    uscc: str | None = None


class Funding(Part):
    """One source of money and its amount in yuan."""

    source: FundingSource
    amount: Yuan


class ProjectFacts(Part):
    """The columns of 附件1 谋划项目基本情况表. A draft may leave any of them open but the name."""

    name: str
    project_code: str | None = None
    content: str | None = None
    location: Location = Location()
    builder: Builder = Builder()
    total_investment: Yuan | None = None
    funding: tuple[Funding, ...] = ()
    planned_start: Month | None = None
    contact_id: UUID | None = None
    category: Category | None = None
    track: Track | None = None
    lead_side: LeadSide | None = None
    industry: str | None = None
    preparation: str | None = None
    build_from: Month | None = None
    build_until: Month | None = None
    annual_plan: str | None = None
    needs: str | None = None
    remarks: str | None = None


class Level(StrEnum):
    """Where a returned application goes: back to who reported it, or to the city's first review."""

    REPORTER = "REPORTER"
    CITY = "CITY"


class Holder(StrEnum):
    """With whom a dossier lies, and whose term runs."""

    REPORTER = "REPORTER"
    CITY = "CITY"
    PROVINCE = "PROVINCE"


class Term(Part):
    """Until when a step is to be done (期限), as it was counted.

    It runs from ``start``, which does not count; ``red_from`` is the day after ``due``.
    ``calendar`` is the edition of the working days that it was counted on: 0 for the file in
    ``reference/``, else the journal position of the last revision of the calendar known then.
    """

    start: date
    due: date
    yellow_from: date
    red_from: date
    provisional: bool
    calendar: int


class Remark(Part):
    """A reviewer's remark on one column of the form."""

    field: str
    text: str


class ProjectDrafted(Fact):
    """A unit began a dossier (草稿). ``revision`` counts the editions of its facts from 1."""

    kind: Literal["intake.project.drafted.v1"] = "intake.project.drafted.v1"
    project_id: UUID
    owner_org: str
    owner_name: str
    revision: int
    facts: ProjectFacts


class ProjectRevised(Fact):
    """The unit changed the facts while the dossier was in its own hands."""

    kind: Literal["intake.project.revised.v1"] = "intake.project.revised.v1"
    project_id: UUID
    revision: int
    facts: ProjectFacts


class ProjectDiscarded(Fact):
    """The unit gave up a draft that it had never had accepted (撤销)."""

    kind: Literal["intake.project.discarded.v1"] = "intake.project.discarded.v1"
    project_id: UUID


class ProjectPooled(Fact):
    """A project entered a pool (入库生效): the province approved. ``transition`` T01 = 新增谋划."""

    kind: Literal["intake.project.pooled.v1"] = "intake.project.pooled.v1"
    project_id: UUID
    owner_org: str
    owner_name: str
    revision: int
    facts: ProjectFacts
    pool: Pool
    transition: str
    report_month: Month
    approved_on: date


class ProjectContactNamed(Fact):
    """The unit named another responsible officer (更换联系人), whatever the dossier waits for.

    The facts keep their edition: who to call is no part of what is reviewed.
    """

    kind: Literal["intake.project.contact_named.v1"] = "intake.project.contact_named.v1"
    project_id: UUID
    contact_id: UUID


class ProjectContactErased(Fact):
    """What was kept about a responsible officer is gone, because he asked (删除联系人信息).

    ``contact_id`` says who no more: nothing lies behind it.
    """

    kind: Literal["intake.project.contact_erased.v1"] = "intake.project.contact_erased.v1"
    project_id: UUID
    contact_id: UUID
    reason: ErasureReason


class ReviewSubmitted(Fact):
    """The unit reported an edition of the dossier for review (报送).

    ``submitted_by`` is the opaque account id: nobody may review what he reported himself.
    ``term`` is the city's; facts from before terms were counted have none, here and below.
    """

    kind: Literal["intake.review.submitted.v1"] = "intake.review.submitted.v1"
    project_id: UUID
    owner_org: str
    revision: int
    round: int
    report_month: Month
    submitted_on: date
    submitted_by: str
    hints_accepted: tuple[str, ...] = ()
    term: Term | None = None


class ReviewWithdrawn(Fact):
    """The unit took its report back before the city had looked at it (撤回)."""

    kind: Literal["intake.review.withdrawn.v1"] = "intake.review.withdrawn.v1"
    project_id: UUID
    revision: int
    reason: str


class ReviewPassedFirst(Fact):
    """The city passed its first review (市级初审通过); the province's ``term`` begins."""

    kind: Literal["intake.review.passed_first.v1"] = "intake.review.passed_first.v1"
    project_id: UUID
    revision: int
    reviewed_by: str
    opinion: str
    term: Term | None = None


class ReviewReturned(Fact):
    """A reviewer sent the dossier back with remarks (退回补正). A verdict, not an exit.

    ``term`` is the reporter's to report again, or the city's to review anew.
    """

    kind: Literal["intake.review.returned.v1"] = "intake.review.returned.v1"
    project_id: UUID
    revision: int
    returned_by: Literal["CITY", "PROVINCE"]
    to: Level
    opinion: str
    remarks: tuple[Remark, ...] = ()
    term: Term | None = None


class ReviewRejected(Fact):
    """City or province refused admission for good (不予入库)."""

    kind: Literal["intake.review.rejected.v1"] = "intake.review.rejected.v1"
    project_id: UUID
    revision: int
    rejected_by: Literal["CITY", "PROVINCE"]
    opinion: str


class ReviewApproved(Fact):
    """The province approved (省级审核通过); the admission takes effect with it."""

    kind: Literal["intake.review.approved.v1"] = "intake.review.approved.v1"
    project_id: UUID
    revision: int
    opinion: str
    document_number: str | None = None


class ReviewOverdue(Fact):
    """A term of review was over with nothing done (超期). Told once a term."""

    kind: Literal["intake.review.overdue.v1"] = "intake.review.overdue.v1"
    project_id: UUID
    level: Holder
    due: date
    told_on: date


class ReviewTermMoved(Fact):
    """The calendar was revised while a term ran, and its days moved (期限重算)."""

    kind: Literal["intake.review.term_moved.v1"] = "intake.review.term_moved.v1"
    project_id: UUID
    level: Holder
    old: Term
    new: Term


class FileNoted(Part):
    """What a fact says of a file: never its content."""

    sha256: str
    name: str
    size: int
    media_type: str


class WorkbookReceived(Fact):
    """A unit sent a workbook and it was checked (核对); nothing of it was taken in yet.

    ``rows`` counts its filled rows, of which ``acceptable`` may be taken in, ``wrong`` may not
    and ``unchanged`` are there already; ``total_investment`` is the sum of the acceptable ones.
    """

    kind: Literal["intake.workbook.received.v1"] = "intake.workbook.received.v1"
    upload_id: UUID
    receipt: str
    org: str
    file: FileNoted
    rows: int
    acceptable: int
    wrong: int
    unchanged: int
    total_investment: Yuan


class WorkbookAccepted(Fact):
    """The rows of a workbook were taken in (接收); each is a fact of its own project."""

    kind: Literal["intake.workbook.accepted.v1"] = "intake.workbook.accepted.v1"
    upload_id: UUID
    org: str
    mode: Literal["valid", "all"]
    accepted: int
    refused: int
    unchanged: int


class NothingNewReported(Fact):
    """A planning body has no new project this month and says so (零报告); it has reported.

    A body that was silent said nothing: that is not the same.
    """

    kind: Literal["intake.report_month.nothing_new_reported.v1"] = (
        "intake.report_month.nothing_new_reported.v1"
    )
    org: str
    org_name: str
    month: Month
    reported_on: date


class NothingNewWithdrawn(Fact):
    """The body takes back, in the same month, that it had nothing new (撤回零报告)."""

    kind: Literal["intake.report_month.nothing_new_withdrawn.v1"] = (
        "intake.report_month.nothing_new_withdrawn.v1"
    )
    org: str
    month: Month
    withdrawn_on: date


class PolicyPublished(Fact):
    """A file of rules came into use; decisions name it by ``sha256`` in their envelope."""

    kind: Literal["intake.policy.published.v1"] = "intake.policy.published.v1"
    room: str
    valid_from: date
    sha256: str
    text: str


ProjectEvent = (
    ProjectDrafted
    | ProjectRevised
    | ProjectDiscarded
    | ProjectPooled
    | ProjectContactNamed
    | ProjectContactErased
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
)
WorkbookEvent = WorkbookReceived | WorkbookAccepted
ReportMonthEvent = NothingNewReported | NothingNewWithdrawn
IntakeEvent = Annotated[
    ProjectEvent | ReviewEvent | WorkbookEvent | ReportMonthEvent | PolicyPublished,
    Field(discriminator="kind"),
]
read_intake_event: TypeAdapter[
    ProjectEvent | ReviewEvent | WorkbookEvent | ReportMonthEvent | PolicyPublished
] = TypeAdapter(IntakeEvent)

DOSSIER_KINDS: Mapping[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact
    for fact in (
        ProjectDrafted,
        ProjectRevised,
        ProjectDiscarded,
        ProjectPooled,
        ProjectContactNamed,
        ProjectContactErased,
        ReviewSubmitted,
        ReviewWithdrawn,
        ReviewPassedFirst,
        ReviewReturned,
        ReviewRejected,
        ReviewApproved,
        ReviewOverdue,
        ReviewTermMoved,
    )
}
"""The facts of a project's own stream, by kind."""

UPLOAD_KINDS: Mapping[str, str] = {
    "intake.workbook.received.v1": "an upload is no project; its rows become facts of their own",
    "intake.workbook.accepted.v1": "an upload is no project; its rows became facts of their own",
}
"""The facts of uploads, and why a view of projects takes none of them."""

REPORT_MONTH_KINDS: Mapping[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact for fact in (NothingNewReported, NothingNewWithdrawn)
}
"""The facts of a body's month, by kind."""
