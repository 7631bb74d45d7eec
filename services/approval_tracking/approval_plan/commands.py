"""What may be asked of a project's plan of approvals and of its items."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.approval_tracking import Circumstances, LandMode, Management
from services.approval_tracking.approval_plan.rules import CatalogueOf, Draw
from shared.working_days import InForce

APPROVER = "approver"


class By(BaseModel):
    """Who asks: the opaque account, its role and the organisation it acts for, from the token.

    ``acting_for`` is the absent account that it stands in for, empty for itself; ``heir_of`` are
    the organisations whose accounts its own took over.
    """

    model_config = ConfigDict(frozen=True)

    account: str
    role: str
    org: str
    heir_of: tuple[str, ...] = ()
    acting_for: str = ""

    def answers_for(self, account: str) -> bool:
        """Tell whether what an account did counts as this one's own."""
        return account in {self.account, self.acting_for} and bool(account)


class PlanCommand(BaseModel):
    """A command of this room; ``on`` is the business day on which it is asked."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    project_id: UUID
    on: date


class DrawUpPlan(PlanCommand):
    """Lay out the approvals of a project that has entered 前期库."""

    owner_org: str
    project_revision: int
    circumstances: Circumstances
    draw: Draw
    days: InForce


class RevisePlan(PlanCommand):
    """Lay the plan out anew for an edition of the project and what its columns suggest."""

    owner_org: str
    project_revision: int
    suggested: Circumstances
    draw: Draw
    days: InForce
    reason: str


class StateCircumstances(PlanCommand):
    """Say what decides the plan. An answer that is None is taken back."""

    by: By
    management: Management
    flow: str
    land_mode: LandMode
    answers: Mapping[str, bool | int | str | None]
    draw: Draw
    days: InForce
    reason: str


class ClosePlan(PlanCommand):
    """The project is no longer to be approved."""

    reason: str


class ReopenPlan(PlanCommand):
    """The project is to be approved again."""


class AppointAgent(PlanCommand):
    """Name who goes from office to office for the project (代办员)."""

    by: By
    agent: str
    agent_org: str


class ReleaseAgent(PlanCommand):
    """Name nobody any more."""

    by: By
    reason: str


class FlagStart(PlanCommand):
    """Hold a start of building against the gate; None where none is told any more."""

    started_on: date | None


class ItemCommand(PlanCommand):
    """A command about an item. ``happened_on`` is the day of the act, today where none is given."""

    by: By
    item: str
    days: InForce
    catalogue_of: CatalogueOf
    happened_on: date | None = None

    @property
    def day(self) -> date:
        """Give the day of the act."""
        return self.happened_on or self.on


class Receive(ItemCommand):
    """收件."""


class AskCorrections(ItemCommand):
    """一次性告知补正."""

    corrections: tuple[str, ...]


class Correct(ItemCommand):
    """补正材料."""


class Accept(ItemCommand):
    """受理."""


class DeclineAcceptance(ItemCommand):
    """不予受理."""

    reason: str
    basis: str


class Pause(ItemCommand):
    """停表 by a procedure of the catalogue, from the day of the act on."""

    procedure: str
    reason: str
    notice: str | None = None
    expected_days: int


class Resume(ItemCommand):
    """复表: the day of the act is the last that does not count."""


class Extend(ItemCommand):
    """延长."""

    length: int
    approver: str
    reason: str


class Grant(ItemCommand):
    """办结. ``follow_up`` names what is still missing (容缺)."""

    document_number: str | None = None
    valid_until: date | None = None
    note: str | None = None
    follow_up: str | None = None


class FollowUp(ItemCommand):
    """容缺补齐."""

    note: str | None = None


class Refuse(ItemCommand):
    """不予许可."""

    reason: str
    basis: str


class Withdraw(ItemCommand):
    """The applicant takes the application back."""

    reason: str


class Revoke(ItemCommand):
    """撤销."""

    reason: str
    basis: str


class Commit(ItemCommand):
    """承诺: the enterprise signs; the day of the act is that of the signature."""

    document_number: str | None = None


class CheckCommitment(ItemCommand):
    """承诺兑现核查."""

    kept: bool
    findings: str


class Waive(ItemCommand):
    """免办."""

    reason: str
    basis: str


class Rectify(ItemCommand):
    """Put right what was recorded of a grant."""

    granted_on: date
    document_number: str | None
    valid_until: date | None
    reason: str


class Take(ItemCommand):
    """领取."""


class HandOver(ItemCommand):
    """转办, or back to the desk."""

    officer: str | None
    reason: str


class TransferHandling(ItemCommand):
    """划转 to another office."""

    handling: str
    reason: str


class ClockCommand(PlanCommand):
    """What the clock asks of a whole plan; the calendar was last ``revised_on`` that day."""

    days: InForce
    revised_on: date
    catalogue_of: CatalogueOf


class TellDue(ClockCommand):
    """Tell what the days have brought: deemed acceptance, soon over, over, a pause too long."""


class RecountClocks(ClockCommand):
    """Move the running clocks to the days that they have on a revised calendar."""


Acted = (
    Receive
    | AskCorrections
    | Correct
    | Accept
    | DeclineAcceptance
    | Pause
    | Resume
    | Extend
    | Grant
    | FollowUp
    | Refuse
    | Withdraw
    | Revoke
    | Commit
    | CheckCommitment
    | Waive
    | Rectify
    | Take
    | HandOver
    | TransferHandling
)
"""Acts on one item."""
Command = (
    DrawUpPlan
    | RevisePlan
    | StateCircumstances
    | ClosePlan
    | ReopenPlan
    | AppointAgent
    | ReleaseAgent
    | FlagStart
    | TellDue
    | RecountClocks
    | Acted
)
