"""The values inside intake's facts: pools, columns, terms, files, evidence."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.envelope import Part

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


class Likeness(Part):
    """What of a project is compared with others to find duplicates (查重)."""

    owner_name: str
    name: str
    region: str
    total_investment: Yuan


class FileNoted(Part):
    """What a fact says of a file: never its content."""

    sha256: str
    name: str
    size: int
    media_type: str


class Standing(StrEnum):
    """Whether a project that entered a pool goes on there: 在库, 暂缓, or one of four ends."""

    ACTIVE = "ACTIVE"
    HELD = "HELD"
    ENDED = "ENDED"
    OUT = "OUT"
    MERGED = "MERGED"
    SPLIT = "SPLIT"


class Source(StrEnum):
    """How a project came into its first pool: planned, direct (直接入库), opening stock, a split.

    Only what was planned here and later built counts as converted.
    """

    PLANNED = "PLANNED"
    DIRECT = "DIRECT"
    OPENING = "OPENING"
    SPLIT = "SPLIT"


class MoveEffect(StrEnum):
    """What a move does to a project: 转库, 暂缓, 恢复, 终止, 调出, 合并, 拆分."""

    MOVE = "MOVE"
    HOLD = "HOLD"
    RESUME = "RESUME"
    END = "END"
    TAKE_OUT = "TAKE_OUT"
    MERGE = "MERGE"
    SPLIT = "SPLIT"


class Matter(StrEnum):
    """What an application asks for: admission to a pool, a move, the correction of facts."""

    ADMISSION = "ADMISSION"
    MOVE = "MOVE"
    CORRECTION = "CORRECTION"


APPROVED_ITEM = "approval"
"""The sort of a paper that fills itself: an item of the project's plan of approvals."""


class Evidence(Part):
    """A paper behind a statement (佐证材料).

    ``sort`` is a row of the policy that asks for it (``land_permit``, ``start_report``); either a
    file or the number of the document is there, mostly both. A paper of the sort ``approval`` was
    attached by nobody: it is an item that approval_tracking told as done, ``note`` its name.
    """

    sort: str
    file: FileNoted | None = None
    document_number: str | None = None
    dated_on: date | None = None
    note: str | None = None
