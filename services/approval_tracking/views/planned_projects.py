"""Which projects need a plan of approvals, what decides it, and what has their plan come to?"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from contracts import approval_tracking, intake
from contracts.approval_tracking import (
    HandlingTransferred,
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
from shared.seeing import Scope
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

    ``gated`` says that something must be done before building may start, ``ready_on`` since when
    it was all done, ``shut_on`` since when it is not any more; ``approving`` are the
    offices that its items are a matter of, each between commas.
    """

    edition: int
    project_revision: int
    catalogue: date
    gated: bool
    approving: str
    closed: bool = False
    ready_on: date | None = None
    shut_on: date | None = None
    flagged: date | None = None

    @property
    def ready_since(self) -> date | None:
        """Since when building may start; None while it may not."""
        return self.ready_on if self.shut_on is None else None


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
            return PlanRow(
                event.edition,
                event.project_revision,
                event.catalogue,
                _gated(event),
                _approving(event),
            )
        case _ if row is None:
            return None
        case PlanRevised():
            return row._replace(
                edition=event.edition,
                project_revision=event.project_revision,
                catalogue=event.catalogue,
                gated=_gated(event),
                approving=_approving(event),
            )
        case HandlingTransferred():
            return row._replace(approving=_listed({event.handling, *_offices(row.approving)}))
        case PlanClosed():
            return row._replace(closed=True)
        case PlanReopened():
            return row._replace(closed=False)
        case ReadyToStart():
            return row._replace(ready_on=event.ready_on, shut_on=None)
        case NoLongerReady():
            return row._replace(shut_on=event.since)
        case StartedWithoutPermit():
            return row._replace(flagged=event.started_on)
        case StartFlagLifted():
            return row._replace(flagged=None)
        case _:
            return row


def _approving(event: PlanDrawnUp | PlanRevised) -> str:
    return _listed({office for one in event.items for office in (one.handling, one.competent)})


def _listed(offices: Collection[str]) -> str:
    return f",{','.join(sorted(offices))},"


def _offices(listed: str) -> Sequence[str]:
    return listed.strip(",").split(",")


def _gated(event: PlanDrawnUp | PlanRevised) -> bool:
    return any(item.gate for item in event.items)


_GOES_ON = f"standing in ('{Standing.ACTIVE}', '{Standing.HELD}')"
TO_DRAW = f"edition is null and pool = '{Pool.PREP}' and {_GOES_ON}"
TO_REVISE = "not closed and (project_revision < revision or catalogue < $3)"
TO_CLOSE = f"not closed and (pool = '{Pool.PLAN}' or not {_GOES_ON})"
TO_REOPEN = f"closed and pool in ('{Pool.PREP}', '{Pool.BUILD}') and {_GOES_ON}"
# Whatever is flagged is compared with what is told of the start now.
TO_FLAG = (
    "gated and flagged is distinct from "
    "case when ready_on <= started_on and (shut_on is null or shut_on > started_on) "
    "then null else started_on end"
)


async def waiting(
    pool: asyncpg.Pool, which: str, most: int, *more: object
) -> AsyncIterator[Sequence[Planned]]:
    """Give the projects for whose plan something is to be done, some at a time."""
    after = ""
    while True:
        rows = await pool.fetch(
            f"select * from views.planned_projects where {which} "  # noqa: S608
            "and key > $1 order by key limit $2",
            after,
            most,
            *more,
        )
        if not rows:
            return
        yield [_planned(row) for row in rows]
        after = rows[-1]["key"]


async def of_projects(
    pool: asyncpg.Pool, which: str, project_ids: Sequence[UUID], *more: object
) -> Sequence[Planned]:
    """Give those of some projects for whose plan it is still to be done."""
    rows = await pool.fetch(
        f"select * from views.planned_projects where {which} "  # noqa: S608
        "and key = any($1) order by key limit $2",
        [str(one) for one in project_ids],
        len(project_ids),
        *more,
    )
    return [_planned(row) for row in rows]


async def planned(pool: asyncpg.Pool, project_id: UUID) -> Planned | None:
    """Give what is known of a project; None where nothing is."""
    row = await pool.fetchrow(
        "select * from views.planned_projects where key = $1", str(project_id)
    )
    return None if row is None else _planned(row)


async def within(pool: asyncpg.Pool, scope: Scope, after: str, most: int) -> Sequence[Planned]:
    """Give projects that have a plan, those of a scope in the order of their ids."""
    seen, parameters = scope.where(3)
    rows = await pool.fetch(
        "select * from views.planned_projects "  # noqa: S608
        f"where edition is not null and key > $1 and {seen} order by key limit $2",
        after,
        most,
        *parameters,
    )
    return [_planned(row) for row in rows]


async def coded(pool: asyncpg.Pool, codes: Sequence[str]) -> Mapping[str, UUID]:
    """Give the projects that bear these codes, by code."""
    rows = await pool.fetch(
        "select project_code, key from views.planned_projects where project_code = any($1)",
        list(codes),
    )
    return {row["project_code"]: UUID(row["key"]) for row in rows}


_OF_PROJECT = len(ProjectRow._fields)


def _planned(row: asyncpg.Record) -> Planned:
    key, *columns = tuple(row)
    plan = None if row["edition"] is None else PlanRow._make(columns[_OF_PROJECT:])
    return Planned(UUID(key), ProjectRow._make(columns[:_OF_PROJECT]), plan)


_KINDS: Mapping[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact
    for fact in (
        ProjectPooled,
        ProjectCorrected,
        ProjectAbsorbed,
        ProjectMoved,
        ProjectHeld,
        ProjectResumed,
        ProjectEnded,
        ProjectTakenOut,
        ProjectMerged,
        ProjectSplit,
        ConstructionStarted,
        ConstructionRectified,
    )
}
_PLAN_KINDS: Mapping[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact
    for fact in (
        PlanDrawnUp,
        PlanRevised,
        PlanClosed,
        PlanReopened,
        ReadyToStart,
        NoLongerReady,
        StartedWithoutPermit,
        StartFlagLifted,
        HandlingTransferred,
    )
}
VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=ProjectRow,
            kinds=_KINDS,
            ignored={
                **{
                    kind: "changes nothing that decides a plan"
                    for kind in (*intake.DOSSIER_KINDS, *intake.PROGRESS_KINDS)
                    if kind not in _KINDS
                },
                **intake.not_of_a(
                    "a project",
                    intake.SIGNING_KINDS,
                    intake.PROMOTION_KINDS,
                    intake.UPLOAD_KINDS,
                ),
            },
            fold=fold,
        ),
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=PlanRow,
            kinds=_PLAN_KINDS,
            ignored={
                **{
                    kind: "tells of items, not of the plan"
                    for kind in approval_tracking.PLAN_KINDS
                    if kind not in _PLAN_KINDS
                },
                **dict.fromkeys(approval_tracking.RESULT_KINDS, "tells nothing of a plan"),
            },
            fold=fold_plan,
        ),
    ),
    indexes=(
        "(project_code)",
        f"(key) where {TO_DRAW}",
        "(key) where not closed and project_revision < revision",
        "(catalogue) where not closed",
        f"(key) where {TO_CLOSE}",
        f"(key) where {TO_REOPEN}",
        f"(key) where {TO_FLAG}",
    ),
    gathers=True,
)
