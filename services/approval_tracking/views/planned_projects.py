"""Which projects need a plan of approvals, what decides it, and what has their plan come to?"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from contracts import approval_tracking, intake
from contracts.approval_tracking import (
    NoLongerReady,
    PlanClosed,
    PlanDrawnUp,
    PlanReopened,
    PlanRevised,
    ReadyToStart,
    StartedWithoutPermit,
    StartFlagLifted,
)
from contracts.envelope import Fact
from contracts.intake import (
    ConstructionRectified,
    ConstructionStarted,
    Pool,
    ProjectAbsorbed,
    ProjectCorrected,
    ProjectEnded,
    ProjectFacts,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectSplit,
    ProjectTakenOut,
    Standing,
)
from shared.viewing import Owner, Told, View

NAME, VERSION = "planned_projects", 1


class ProjectRow(NamedTuple):
    """What intake tells of a project; money in yuan.

    ``revision`` is the last edition of its columns that was accepted. The works may be told of
    before the project has entered a pool.
    """

    name: str | None = None
    owner_org: str | None = None
    region: str | None = None
    zone_id: str | None = None
    builder: str | None = None
    pool: str | None = None
    standing: str | None = None
    category: str | None = None
    lead_side: str | None = None
    industry: str | None = None
    total_investment: int | None = None
    project_code: str | None = None
    revision: int | None = None
    started_on: date | None = None


class PlanRow(NamedTuple):
    """What was told of its plan: which edition, resting on which edition of the project's columns.

    ``gated`` says that something must be done before building may start.
    """

    edition: int
    project_revision: int
    gated: bool
    closed: bool = False
    ready_on: date | None = None
    flagged: date | None = None


class Planned(NamedTuple):
    """A project with what was told of its plan, None where it has none."""

    project_id: UUID
    project: ProjectRow
    plan: PlanRow | None


def fold(row: ProjectRow | None, told: Told) -> ProjectRow | None:
    """Fold a fact of intake into the project's columns."""
    row, event = row or ProjectRow(), told.fact
    match event:
        case ProjectPooled():
            return _with(row, event.facts, event.revision)._replace(
                owner_org=event.owner_org,
                pool=event.pool.value,
                standing=Standing.ACTIVE.value,
            )
        case ProjectCorrected() | ProjectAbsorbed():
            return _with(row, event.facts, event.revision)
        case ProjectMoved():
            return row._replace(pool=event.to_pool.value)
        case ProjectHeld():
            return row._replace(standing=Standing.HELD.value)
        case ProjectResumed():
            return row._replace(standing=Standing.ACTIVE.value)
        case ProjectEnded() | ProjectTakenOut() | ProjectMerged() | ProjectSplit():
            return row._replace(standing=_LEFT[type(event)].value)
        case ConstructionStarted():
            return row._replace(started_on=event.started_on)
        case ConstructionRectified(what="STARTED"):
            return row._replace(started_on=event.is_on)
        case _:
            return row


_LEFT: Mapping[type[Fact], Standing] = {
    ProjectEnded: Standing.ENDED,
    ProjectTakenOut: Standing.OUT,
    ProjectMerged: Standing.MERGED,
    ProjectSplit: Standing.SPLIT,
}


def _with(row: ProjectRow, facts: ProjectFacts, revision: int) -> ProjectRow:
    return row._replace(
        name=facts.name,
        region=facts.location.region,
        zone_id=facts.location.zone_id,
        builder=facts.builder.name,
        category=facts.category and facts.category.value,
        lead_side=facts.lead_side and facts.lead_side.value,
        industry=facts.industry,
        total_investment=facts.total_investment,
        project_code=facts.project_code,
        revision=revision,
    )


def fold_plan(row: PlanRow | None, told: Told) -> PlanRow | None:
    """Fold a fact of the plan into its columns."""
    event = told.fact
    match event:
        case PlanDrawnUp():
            return PlanRow(event.edition, event.project_revision, _gated(event))
        case _ if row is None:
            return None
        case PlanRevised():
            return row._replace(
                edition=event.edition,
                project_revision=event.project_revision,
                gated=_gated(event),
            )
        case PlanClosed():
            return row._replace(closed=True)
        case PlanReopened():
            return row._replace(closed=False)
        case ReadyToStart():
            return row._replace(ready_on=event.ready_on)
        case NoLongerReady():
            return row._replace(ready_on=None)
        case StartedWithoutPermit():
            return row._replace(flagged=event.started_on)
        case StartFlagLifted():
            return row._replace(flagged=None)
        case _:
            return row


def _gated(event: PlanDrawnUp | PlanRevised) -> bool:
    return any(item.gate for item in event.items)


_IN_PREPARATION = f"pool = '{Pool.PREP}' and standing in ('{Standing.ACTIVE}', '{Standing.HELD}')"
_TO_BE_APPROVED = (
    f"pool in ('{Pool.PREP}', '{Pool.BUILD}') "
    f"and standing in ('{Standing.ACTIVE}', '{Standing.HELD}')"
)
_TO_BE_APPROVED_NO_MORE = (
    f"(pool = '{Pool.PLAN}' or standing not in ('{Standing.ACTIVE}', '{Standing.HELD}'))"
)
_NOT_DRAWN = f"edition is null and {_IN_PREPARATION}"
_OUTDATED = "edition is not null and not closed and project_revision < revision"
_TO_CLOSE = f"edition is not null and not closed and {_TO_BE_APPROVED_NO_MORE}"
_TO_REOPEN = f"closed and {_TO_BE_APPROVED}"
_IN_ORDER = "(ready_on is not null and ready_on <= started_on)"
_TO_FLAG = (
    f"edition is not null and gated and started_on is not null and not coalesce({_IN_ORDER}, false) "
    "and flagged is distinct from started_on"
)
_TO_LIFT = (
    f"flagged is not null and (started_on is null or {_IN_ORDER})"
)
