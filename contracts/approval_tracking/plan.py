"""What is told of a project's plan of approvals (审批计划) as a whole, and of its milestones."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.approval_tracking.words import (
    Circumstances,
    PlannedItem,
    Stage,
    StageLimit,
)
from contracts.envelope import Fact


class PlanDrawnUp(Fact):
    """The approvals that a project needs were laid out, when it had entered 前期库.

    ``edition`` counts plans of the project from 1; ``project_revision`` is the edition of the
    project's columns that it rests on, ``catalogue`` the first day of the edition of the catalogue.
    ``total_limit`` are the working days for all stages together (None where no cap applies).
    """

    kind: Literal["approval_tracking.approval_plan.drawn_up.v1"] = (
        "approval_tracking.approval_plan.drawn_up.v1"
    )
    project_id: UUID
    owner_org: str
    edition: int
    project_revision: int
    circumstances: Circumstances
    flow_name: str
    catalogue: date
    items: tuple[PlannedItem, ...]
    stages: tuple[StageLimit, ...]
    total_limit: int | None
    drawn_up_on: date


class PlanRevised(Fact):
    """The plan was laid out anew: what has begun stays, what has not follows what is so now.

    ``stated``: somebody said what the project is like; else its columns or the catalogue changed.
    """

    kind: Literal["approval_tracking.approval_plan.revised.v1"] = (
        "approval_tracking.approval_plan.revised.v1"
    )
    project_id: UUID
    owner_org: str
    edition: int
    project_revision: int
    circumstances: Circumstances
    flow_name: str
    catalogue: date
    items: tuple[PlannedItem, ...]
    stages: tuple[StageLimit, ...]
    total_limit: int | None
    reason: str
    stated: bool = False
    revised_on: date


class PlanClosed(Fact):
    """The project is no longer to be approved: ended, taken out, merged, or back in 谋划库."""

    kind: Literal["approval_tracking.approval_plan.closed.v1"] = (
        "approval_tracking.approval_plan.closed.v1"
    )
    project_id: UUID
    reason: str
    closed_on: date


class PlanReopened(Fact):
    """A closed plan goes on: its project is in 前期库 or 建设库 again."""

    kind: Literal["approval_tracking.approval_plan.reopened.v1"] = (
        "approval_tracking.approval_plan.reopened.v1"
    )
    project_id: UUID
    reopened_on: date


class AgentAppointed(Fact):
    """Somebody goes from office to office for the project (代办员); his name is his account's."""

    kind: Literal["approval_tracking.approval_plan.agent_appointed.v1"] = (
        "approval_tracking.approval_plan.agent_appointed.v1"
    )
    project_id: UUID
    agent: str
    agent_org: str
    appointed_on: date


class AgentReleased(Fact):
    """Nobody does that for the project any more."""

    kind: Literal["approval_tracking.approval_plan.agent_released.v1"] = (
        "approval_tracking.approval_plan.agent_released.v1"
    )
    project_id: UUID
    agent: str
    reason: str
    released_on: date


class StageCompleted(Fact):
    """All items of a stage's main track are done. ``used`` are its working days, pauses left out.

    ``limit`` is None where the flow has no limits.
    """

    kind: Literal["approval_tracking.approval_plan.stage_completed.v1"] = (
        "approval_tracking.approval_plan.stage_completed.v1"
    )
    project_id: UUID
    stage: Stage
    completed_on: date
    used: int
    limit: int | None


class StageReopened(Fact):
    """A stage that was complete is not any more: an item was revoked or has come to the plan."""

    kind: Literal["approval_tracking.approval_plan.stage_reopened.v1"] = (
        "approval_tracking.approval_plan.stage_reopened.v1"
    )
    project_id: UUID
    stage: Stage
    reopened_on: date


class ReadyToStart(Fact):
    """Everything is there that must be before building starts (具备开工条件)."""

    kind: Literal["approval_tracking.approval_plan.ready_to_start.v1"] = (
        "approval_tracking.approval_plan.ready_to_start.v1"
    )
    project_id: UUID
    items: tuple[str, ...]
    ready_on: date


class NoLongerReady(Fact):
    """Something that must be there before building starts is not any more."""

    kind: Literal["approval_tracking.approval_plan.no_longer_ready.v1"] = (
        "approval_tracking.approval_plan.no_longer_ready.v1"
    )
    project_id: UUID
    missing: tuple[str, ...]
    since: date


class StartedWithoutPermit(Fact):
    """Building was told to have started before everything was there (未批先建线索).

    The start stays a fact; this only flags it. ``missing`` are the items that were not done.
    """

    kind: Literal["approval_tracking.approval_plan.started_without_permit.v1"] = (
        "approval_tracking.approval_plan.started_without_permit.v1"
    )
    project_id: UUID
    started_on: date
    missing: tuple[str, ...]
    told_on: date


class StartFlagLifted(Fact):
    """The start that was flagged had not happened, or on a day on which all was there."""

    kind: Literal["approval_tracking.approval_plan.start_flag_lifted.v1"] = (
        "approval_tracking.approval_plan.start_flag_lifted.v1"
    )
    project_id: UUID
    started_on: date
    reason: str
    lifted_on: date


class AcceptanceCompleted(Fact):
    """The finished works passed every acceptance, and the filing is made (竣工验收办结)."""

    kind: Literal["approval_tracking.approval_plan.acceptance_completed.v1"] = (
        "approval_tracking.approval_plan.acceptance_completed.v1"
    )
    project_id: UUID
    completed_on: date
