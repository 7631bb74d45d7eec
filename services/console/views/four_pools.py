"""Which projects are there, in which pool, at which stage of review, with which newest facts?"""

from datetime import date, datetime
from typing import Any, NamedTuple, assert_never

from contracts import intake
from contracts.intake import (
    CorrectionEvent,
    DossierEvent,
    DuplicateJudged,
    Level,
    MoveEvent,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectFacts,
    ProjectPooled,
    ProjectRevised,
    ProjectTagged,
    ProjectUntagged,
    ReviewApproved,
    ReviewEvent,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
    Term,
)
from shared.viewing import Owner, Told, View

NAME, VERSION = "four_pools", 3


class PoolRow(NamedTuple):
    """One project as the lists and the board show it; money in yuan.

    The days of its term are None where none runs, or where the fact that began it named none.
    """

    owner_org: str
    owner_name: str
    name: str
    revision: int
    project_code: str | None
    region: str | None
    zone_id: str | None
    builder_name: str | None
    category: str | None
    industry: str | None
    total_investment: int | None
    planned_start: str | None
    pool: str | None
    transition: str | None
    pooled_on: date | None
    pooled_at: datetime | None
    report_month: str | None
    stage: str
    stage_since: datetime
    round: int
    returned_to_city: bool
    submitted_by: str | None
    submitted_at: datetime | None
    first_reviewed_by: str | None
    reviewed_revision: int | None
    term_from: date | None
    due: date | None
    yellow_from: date | None
    red_from: date | None
    provisional: bool | None
    calendar: int | None
    version: int
    created_at: datetime
    updated_at: datetime


_NO_WORK = (ReviewOverdue, ReviewTermMoved, ProjectContactErased)


def fold(row: PoolRow | None, told: Told) -> PoolRow | None:
    """Fold a fact of intake into the project's row."""
    event: DossierEvent = told.fact  # type: ignore[assignment]
    at = told.envelope.recorded
    if isinstance(event, ProjectDrafted):
        return _begun(event, at)
    if row is None or isinstance(event, ProjectDiscarded):
        return None
    # When a term ends or moves, or a contact is erased, nobody worked on the project: lists of
    # what was worked on last stay as they are.
    worked_at = row.updated_at if isinstance(event, _NO_WORK) else at
    # Replaced once: a row of many columns is copied each time.
    return row._replace(version=told.envelope.version, updated_at=worked_at, **_changes(event, at))


def _changes(
    event: ProjectRevised
    | ProjectPooled
    | ProjectContactNamed
    | ProjectContactErased
    | ProjectTagged
    | ProjectUntagged
    | ReviewEvent
    | MoveEvent
    | CorrectionEvent,
    at: datetime,
) -> dict[str, Any]:
    if isinstance(event, MoveEvent | CorrectionEvent):
        return {}
    match event:
        case ProjectRevised():
            return {"revision": event.revision, **_columns(event.facts)}
        case ProjectPooled():
            return {
                "revision": event.revision,
                "pool": event.pool.value,
                "transition": event.transition,
                "pooled_on": event.approved_on,
                "pooled_at": at,
                "report_month": event.report_month,
                **_columns(event.facts),
            }
        case ReviewSubmitted():
            return {
                **_staged("SUBMITTED", at, event.term),
                "round": event.round,
                "report_month": event.report_month,
                "returned_to_city": False,
                "submitted_by": event.submitted_by,
                "submitted_at": at,
                "first_reviewed_by": None,
            }
        case ReviewWithdrawn():
            return _staged("DRAFT", at)
        case ReviewPassedFirst():
            return {
                **_staged("CITY_PASSED", at, event.term),
                "first_reviewed_by": event.reviewed_by,
                "returned_to_city": False,
            }
        case ReviewReturned(to=Level.CITY):
            return {
                **_staged("SUBMITTED", at, event.term),
                "returned_to_city": True,
                "reviewed_revision": event.revision,
            }
        case ReviewReturned():
            return {
                **_staged("RETURNED", at, event.term),
                "reviewed_revision": event.revision,
            }
        case ReviewRejected():
            return {**_staged("REJECTED", at), "reviewed_revision": event.revision}
        case ReviewApproved():
            return {**_staged("APPROVED", at), "reviewed_revision": event.revision}
        case (
            ReviewOverdue()
            | ReviewTaken()
            | ReviewHandedOver()
            | DuplicateJudged()
            | ProjectContactNamed()
            | ProjectContactErased()
            | ProjectTagged()
            | ProjectUntagged()
        ):
            return {}
        case ReviewTermMoved():
            return _days(event.new)
        case _:
            assert_never(event)


def _staged(stage: str, at: datetime, term: Term | None = None) -> dict[str, Any]:
    return {"stage": stage, "stage_since": at, **_days(term)}


def _days(term: Term | None) -> dict[str, Any]:
    return {
        "term_from": term and term.start,
        "due": term and term.due,
        "yellow_from": term and term.yellow_from,
        "red_from": term and term.red_from,
        "provisional": term and term.provisional,
        "calendar": term and term.calendar,
    }


def _begun(event: ProjectDrafted, at: datetime) -> PoolRow:
    return PoolRow(
        owner_org=event.owner_org,
        owner_name=event.owner_name,
        revision=event.revision,
        pool=None,
        transition=None,
        pooled_on=None,
        pooled_at=None,
        report_month=None,
        stage="DRAFT",
        stage_since=at,
        round=0,
        returned_to_city=False,
        submitted_by=None,
        submitted_at=None,
        first_reviewed_by=None,
        reviewed_revision=None,
        version=1,
        created_at=at,
        updated_at=at,
        **_days(None),
        **_columns(event.facts),
    )


def _columns(facts: ProjectFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "project_code": facts.project_code,
        "region": facts.location.region,
        "zone_id": facts.location.zone_id,
        "builder_name": facts.builder.name,
        "category": facts.category,
        "industry": facts.industry,
        "total_investment": facts.total_investment,
        "planned_start": facts.planned_start,
    }


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=PoolRow,
            kinds=intake.DOSSIER_KINDS,
            ignored=intake.OF_NO_DOSSIER,
            fold=fold,
        ),
    ),
    indexes=(
        "(pool, pooled_at desc)",
        "(updated_at desc)",
        # What lists, boards and drop-downs count is read from the index alone.
        "(stage, due nulls first, stage_since, key) include (owner_org, pool, total_investment)",
        "(owner_org, pool, stage) include (region, zone_id, total_investment, pooled_on,"
        " transition, stage_since, version, updated_at)",
        "(region, zone_id, category, owner_org, stage, pool)",
    ),
    history=True,
)
