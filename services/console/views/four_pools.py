"""Which projects are there, in which pool, at which stage of review, with which newest facts?"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, assert_never

from contracts import approval_tracking, intake
from contracts.approval_tracking import (
    CommitmentChecked,
    HandlingTransferred,
    ItemCommitted,
    ItemGranted,
    ItemRevoked,
    ItemWaived,
    Need,
    NoLongerReady,
    PlanDrawnUp,
    PlanRevised,
    ReadyToStart,
    StartedWithoutPermit,
    StartFlagLifted,
)
from contracts.envelope import Fact
from contracts.intake import (
    CorrectionApproved,
    CorrectionEvent,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    DossierEvent,
    DuplicateJudged,
    Holder,
    Level,
    Matter,
    MoveApplied,
    MoveApproved,
    MoveEvent,
    MoveRefused,
    MoveWithdrawn,
    Pool,
    ProjectAbsorbed,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectFacts,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectRevised,
    ProjectSplit,
    ProjectTagged,
    ProjectTakenOut,
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
    Source,
    Standing,
    Term,
)
from services.console.searching import found_by
from services.console.views.approval_items import NO_RESULTS, listed
from shared.viewing import Owner, Told, View

NAME, VERSION = "four_pools", 5


class PoolRow(NamedTuple):
    """One project as the lists and the board show it; money in yuan, ``found_by`` for the search.

    ``pool`` is the last one of a project that has left (``standing``); ``pooled_on`` is the day on
    which it entered that pool, ``entered_on`` its first one. ``stage`` is where the application
    about a ``matter`` is, APPROVED where none is under way.
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
    entered_on: date | None
    source: str | None
    standing: str | None
    hold_until: date | None
    parent_id: str | None
    report_month: str | None
    matter: str | None
    stage: str
    stage_since: datetime
    round: int
    returned_to_city: bool
    submitted_by: str | None
    submitted_at: datetime | None
    first_reviewed_by: str | None
    taken_by: str | None
    reviewed_revision: int | None
    term_from: date | None
    due: date | None
    yellow_from: date | None
    red_from: date | None
    provisional: bool | None
    calendar: int | None
    found_by: str
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
    if row is None and isinstance(event, ProjectPooled):
        # Opening stock and the parts of a split were never drafted.
        row = _begun(event, at)
    if row is None or isinstance(event, ProjectDiscarded):
        return None
    # When a term ends or moves, or a contact is erased, nobody worked on the project: lists of
    # what was worked on last stay as they are.
    worked_at = row.updated_at if isinstance(event, _NO_WORK) else at
    # Replaced once: a row of many columns is copied each time.
    return row._replace(
        version=told.envelope.version, updated_at=worked_at, **_changes(row, event, at)
    )


def _changes(
    row: PoolRow,
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
    if isinstance(event, ReviewEvent):
        return _of_review(event, at)
    if isinstance(event, MoveEvent):
        return _of_move(row, event, at)
    if isinstance(event, CorrectionEvent):
        return _of_correction(row, event, at)
    match event:
        case ProjectRevised():
            return {"revision": event.revision, **_columns(row.owner_name, event.facts)}
        case ProjectPooled():
            return {
                "revision": event.revision,
                "transition": event.transition,
                # Stock was reported to nobody here: it makes no body's month.
                "report_month": None if event.source is Source.OPENING else event.report_month,
                "source": event.source.value,
                "standing": Standing.ACTIVE.value,
                "parent_id": event.parent_id and str(event.parent_id),
                "entered_on": event.entered_on or event.approved_on,
                **_settled(at),
                **_in_pool(
                    event.pool, event.pool_since or event.entered_on or event.approved_on, at
                ),
                **_columns(row.owner_name, event.facts),
            }
        case ProjectContactNamed() | ProjectContactErased() | ProjectTagged() | ProjectUntagged():
            return {}
        case _:
            assert_never(event)


def _of_review(event: ReviewEvent, at: datetime) -> dict[str, Any]:
    match event:
        case ReviewSubmitted():
            return {
                **_handed_in(Matter.ADMISSION, event.round, event.submitted_by),
                **_with_level(event.to, at, event.term),
                "report_month": event.report_month,
                "submitted_at": at,
            }
        case ReviewWithdrawn():
            return {"matter": None, **_staged("DRAFT", at)}
        case ReviewPassedFirst():
            return {
                **_staged("CITY_PASSED", at, event.term),
                "first_reviewed_by": event.reviewed_by,
                "returned_to_city": False,
            }
        case ReviewReturned():
            city = event.to is Level.CITY
            return {
                **_staged("SUBMITTED" if city else "RETURNED", at, event.term),
                **({"returned_to_city": True} if city else {}),
                "reviewed_revision": event.revision,
            }
        case ReviewRejected():
            return {"matter": None, **_staged("REJECTED", at), "reviewed_revision": event.revision}
        case ReviewApproved():
            return {**_settled(at), "reviewed_revision": event.revision}
        case ReviewTermMoved():
            return _days(event.new)
        case ReviewTaken():
            return {"taken_by": event.taken_by}
        case ReviewHandedOver():
            return {"taken_by": event.handed_to}
        case ReviewOverdue() | DuplicateJudged():
            return {}
        case _:
            assert_never(event)


def _of_move(row: PoolRow, event: MoveEvent, at: datetime) -> dict[str, Any]:
    match event:
        case MoveApplied():
            return {
                **_handed_in(Matter.MOVE, event.round, event.applied_by),
                **_with_level(event.to, at, event.term),
                "revision": event.revision,
            }
        case MoveApproved() | MoveRefused():
            return {**_settled(at), "reviewed_revision": event.revision}
        case MoveWithdrawn():
            return _settled(at)
        case ProjectMoved():
            return {"transition": event.transition, **_in_pool(event.to_pool, event.moved_on, at)}
        case ProjectAbsorbed():
            return {"revision": event.revision, **_columns(row.owner_name, event.facts)}
        case ProjectHeld():
            return {"standing": Standing.HELD.value, "hold_until": event.hold_until}
        case ProjectResumed():
            return {"standing": Standing.ACTIVE.value, "hold_until": None}
        case ProjectEnded() | ProjectTakenOut() | ProjectMerged() | ProjectSplit():
            return {"standing": _LEFT[type(event)].value, "hold_until": None}
        case _:
            assert_never(event)


_LEFT: Mapping[type[MoveEvent], Standing] = {
    ProjectEnded: Standing.ENDED,
    ProjectTakenOut: Standing.OUT,
    ProjectMerged: Standing.MERGED,
    ProjectSplit: Standing.SPLIT,
}


def _of_correction(row: PoolRow, event: CorrectionEvent, at: datetime) -> dict[str, Any]:
    match event:
        case CorrectionRequested():
            return {
                **_handed_in(Matter.CORRECTION, event.round, event.requested_by),
                **_with_level(event.to, at, event.term),
                "revision": event.revision,
            }
        case CorrectionApproved() | CorrectionRefused():
            return {**_settled(at), "reviewed_revision": event.revision}
        case CorrectionWithdrawn():
            return _settled(at)
        case ProjectCorrected():
            return {"revision": event.revision, **_columns(row.owner_name, event.facts)}
        case _:
            assert_never(event)


def _handed_in(matter: Matter, round_: int, by: str) -> dict[str, Any]:
    return {
        "matter": matter.value,
        "round": round_,
        "returned_to_city": False,
        "submitted_by": by,
    }


def _with_level(to: Holder, at: datetime, term: Term | None) -> dict[str, Any]:
    """Give where what was handed in lies: with the city, or straight with the province again."""
    if to is Holder.PROVINCE:
        return _staged("CITY_PASSED", at, term)
    return {**_staged("SUBMITTED", at, term), "first_reviewed_by": None}


def _settled(at: datetime) -> dict[str, Any]:
    return {"matter": None, **_staged("APPROVED", at)}


def _in_pool(pool: Pool, on: date, at: datetime) -> dict[str, Any]:
    return {"pool": pool.value, "pooled_on": on, "pooled_at": at}


def _staged(stage: str, at: datetime, term: Term | None = None) -> dict[str, Any]:
    return {"stage": stage, "stage_since": at, "taken_by": None, **_days(term)}


def _days(term: Term | None) -> dict[str, Any]:
    return {
        "term_from": term and term.start,
        "due": term and term.due,
        "yellow_from": term and term.yellow_from,
        "red_from": term and term.red_from,
        "provisional": term and term.provisional,
        "calendar": term and term.calendar,
    }


def _begun(event: ProjectDrafted | ProjectPooled, at: datetime) -> PoolRow:
    return PoolRow(
        owner_org=event.owner_org,
        owner_name=event.owner_name,
        revision=event.revision,
        pool=None,
        transition=None,
        pooled_on=None,
        pooled_at=None,
        entered_on=None,
        source=None,
        standing=None,
        hold_until=None,
        parent_id=None,
        report_month=None,
        matter=None,
        stage="DRAFT",
        stage_since=at,
        round=0,
        returned_to_city=False,
        submitted_by=None,
        submitted_at=None,
        first_reviewed_by=None,
        taken_by=None,
        reviewed_revision=None,
        version=1,
        created_at=at,
        updated_at=at,
        **_days(None),
        **_columns(event.owner_name, event.facts),
    )


def _columns(owner_name: str, facts: ProjectFacts) -> dict[str, Any]:
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
        "found_by": found_by(owner_name, facts),
    }


class ApprovalRow(NamedTuple):
    """What a project's row says of its approvals.

    ``approving`` are the offices that have an item of it or had one, ``approved`` the items of its
    plan that are satisfied, both as ``,A01,A02,``; ``started_unready`` is the day of a start that
    came before all was there.
    """

    approving: str
    approved: str
    approvals: str
    approvals_done: int
    approvals_total: int
    ready_on: date | None
    started_unready: date | None


_ApprovalFact = (
    PlanDrawnUp
    | PlanRevised
    | ItemGranted
    | ItemRevoked
    | ItemCommitted
    | CommitmentChecked
    | ItemWaived
    | HandlingTransferred
    | ReadyToStart
    | NoLongerReady
    | StartedWithoutPermit
    | StartFlagLifted
)


def fold_approvals(row: ApprovalRow | None, told: Told) -> ApprovalRow | None:
    """Fold a fact of approval_tracking into the project's row."""
    event: _ApprovalFact = told.fact  # type: ignore[assignment]
    if row is None:
        if not isinstance(event, PlanDrawnUp | PlanRevised):
            return None
        row = ApprovalRow("", "", "", 0, 0, None, None)
    changed = row._replace(**_of_approvals(row, event))
    items = _names(changed.approvals)
    done = _names(changed.approved) & items
    return changed._replace(
        approved=listed(done), approvals_done=len(done), approvals_total=len(items)
    )


def _of_approvals(row: ApprovalRow, event: _ApprovalFact) -> dict[str, Any]:
    approved = _names(row.approved)
    match event:
        case PlanDrawnUp() | PlanRevised():
            served = {one.item for one in event.items if one.need is Need.SERVED}
            offices = {one.competent for one in event.items} | {one.handling for one in event.items}
            return {
                "approving": listed(offices | _names(row.approving)),
                "approvals": listed(one.item for one in event.items),
                "approved": listed(approved | served),
            }
        case ItemGranted() | ItemCommitted() | ItemWaived() | CommitmentChecked(kept=True):
            return {"approved": listed(approved | {event.item})}
        case ItemRevoked() | CommitmentChecked():
            return {"approved": listed(approved - {event.item})}
        case HandlingTransferred():
            return {"approving": listed(_names(row.approving) | {event.handling})}
        case ReadyToStart():
            return {"ready_on": event.ready_on}
        case NoLongerReady():
            return {"ready_on": None}
        case StartedWithoutPermit():
            return {"started_unready": event.started_on}
        case StartFlagLifted():
            return {"started_unready": None}
        case _:
            assert_never(event)


def _names(text: str) -> set[str]:
    return set(text.strip(",").split(",")) - {""}


_APPROVAL_KINDS: dict[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact
    for fact in (
        PlanDrawnUp,
        PlanRevised,
        ItemGranted,
        ItemRevoked,
        ItemCommitted,
        CommitmentChecked,
        ItemWaived,
        HandlingTransferred,
        ReadyToStart,
        NoLongerReady,
        StartedWithoutPermit,
        StartFlagLifted,
    )
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
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=ApprovalRow,
            kinds=_APPROVAL_KINDS,
            ignored={
                **{
                    kind: "changes nothing that a list of projects shows"
                    for kind in approval_tracking.PLAN_KINDS
                    if kind not in _APPROVAL_KINDS
                },
                **NO_RESULTS,
            },
            fold=fold_approvals,
        ),
    ),
    indexes=(
        "(pool, pooled_at desc)",
        "(updated_at desc)",
        # What lists, boards and drop-downs count is read from the index alone.
        "(stage, due nulls first, stage_since, key) include (owner_org, pool, total_investment)",
        "(owner_org, pool, stage) include (region, zone_id, total_investment, pooled_on,"
        " transition, standing, stage_since, version, updated_at)",
        "(region, zone_id, category, owner_org, stage, pool)",
    ),
    history=True,
)
