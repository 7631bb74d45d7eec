"""The values inside the facts of approvals: items, clocks, circumstances, papers."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from contracts.envelope import Part


class Management(StrEnum):
    """How the state manages an investment (管理方式): 审批制, 核准制, 备案制."""

    APPROVAL = "APPROVAL"
    VERIFY = "VERIFY"
    FILING = "FILING"


class LandMode(StrEnum):
    """How the land is supplied (供地方式): 划拨, 出让."""

    ALLOCATED = "ALLOCATED"
    GRANTED = "GRANTED"


class Stage(StrEnum):
    """The four stages of 国办发〔2019〕11号, in their order."""

    SITING = "SITING"
    """立项用地规划许可."""
    DESIGN = "DESIGN"
    """工程建设许可."""
    PERMIT = "PERMIT"
    """施工许可."""
    ACCEPTANCE = "ACCEPTANCE"
    """竣工验收."""


class Need(StrEnum):
    """Why an item stands in a plan."""

    REQUIRED = "REQUIRED"
    """必办."""
    CONDITIONAL = "CONDITIONAL"
    """按条件办理: its condition is met, or not yet denied."""
    COMMITTED = "COMMITTED"
    """企业承诺: the enterprise commits itself in writing instead (承诺制)."""
    SERVED = "SERVED"
    """政府统一服务: done by the government before the land is supplied; met from the start."""
    FREE = "FREE"
    """自由事项: entered by hand in a plan that follows no flow (重大工程)."""


class Track(StrEnum):
    """Which clock of the plan an item belongs to."""

    MAIN = "MAIN"
    """It counts within its stage's limit."""
    PARALLEL = "PARALLEL"
    """并行轨: a clock of its own beside the stages."""
    OUTSIDE = "OUTSIDE"
    """Outside the clock of approvals: 出让竞拍, 省级批准, 招标."""


class Unit(StrEnum):
    """What a term counts."""

    WORKING_DAYS = "WORKING_DAYS"
    CALENDAR_DAYS = "CALENDAR_DAYS"


class ItemTerm(Part):
    """How long an item may take. 0 is 即办: on the day itself."""

    length: int
    unit: Unit


class PlannedItem(Part):
    """An item as a plan holds it (事项).

    ``after`` are the items of this plan that must be done before it can be accepted, ``beside``
    those that may run with it and must be done before it is granted. Both are of this plan alone:
    what does not apply is bridged. ``gate`` items must be done before building may start.
    ``competent`` is the office whose matter it is (主管), ``handling`` the one that does it (实施).
    ``unanswered`` are the questions that could still take it out of the plan (待确认).
    """

    item: str
    name: str
    stage: Stage
    track: Track
    need: Need
    competent: str
    handling: str
    statutory: ItemTerm | None = None
    promised: ItemTerm | None = None
    after: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    gate: bool = False
    unanswered: tuple[str, ...] = ()

    @property
    def counted_days(self) -> int:
        """The working days that it is planned to take: what is outside the clock takes none.

        Nor does what the government has served, or the enterprise commits itself to.
        """
        if self.track is Track.OUTSIDE or self.need in (Need.SERVED, Need.COMMITTED):
            return 0
        term = self.promised or self.statutory
        return 0 if term is None else term.length


class StageLimit(Part):
    """The working days within which the items of a stage's main track are to be done."""

    stage: Stage
    name: str
    limit: int | None


class Circumstances(Part):
    """What of a project decides which approvals it needs.

    ``answers`` are given to the questions of the catalogue by their names: a number, a choice or
    yes and no. What is not answered counts as the catalogue assumes.
    """

    management: Management
    flow: str
    land_mode: LandMode
    answers: Mapping[str, bool | int | str] = {}


class ItemState(StrEnum):
    """Where an item is. GRANTED, COMMITTED, WAIVED and SERVED satisfy what comes after it."""

    NOT_BEGUN = "NOT_BEGUN"
    RECEIVED = "RECEIVED"
    CORRECTING = "CORRECTING"
    ACCEPTED = "ACCEPTED"
    PAUSED = "PAUSED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"
    COMMITTED = "COMMITTED"
    WAIVED = "WAIVED"
    SERVED = "SERVED"


class ClockSort(StrEnum):
    """Which term of an item a clock counts."""

    STATUTORY = "STATUTORY"
    """法定."""
    PROMISED = "PROMISED"
    """承诺时限."""
    RECEIPT = "RECEIPT"
    """收件: within it the office accepts or asks for corrections, else it has accepted."""
    COMMITMENT = "COMMITMENT"
    """承诺兑现: by then a commitment is checked."""
    FOLLOW_UP = "FOLLOW_UP"
    """容缺补齐: by then what was missing is there."""


class Clock(Part):
    """How a term stands on the day on which it was told.

    ``due``, ``yellow_from`` and ``red_from`` are None while the clock stands still (停表): what is
    left then is ``total - elapsed``. ``calendar`` is the edition of the working days that it was
    counted on: 0 for the years known beforehand, else the journal position of the last revision.
    """

    sort: ClockSort
    unit: Unit
    start: date
    total: int
    elapsed: int
    due: date | None
    yellow_from: date | None
    red_from: date | None
    provisional: bool
    calendar: int


class ResultStep(StrEnum):
    """What another platform says happened to an item."""

    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    CORRECTIONS_ASKED = "CORRECTIONS_ASKED"
    CORRECTED = "CORRECTED"
    PAUSED = "PAUSED"
    RESUMED = "RESUMED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"


class ResultRow(Part):
    """One row of results of another platform: of which project and item, what, when.

    ``project_code``, ``project_name`` and ``item`` stand as the platform writes them.
    """

    project_code: str
    project_name: str | None = None
    item: str
    step: ResultStep
    happened_on: date
    document_number: str | None = None
    valid_until: date | None = None
    reason: str | None = None
    basis: str | None = None
    procedure: str | None = None
    expected_days: int | None = None
    platform: str
