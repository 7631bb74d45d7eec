"""Which items of a project's plan of approvals are done, and may building start?"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import NamedTuple, assert_never, get_args
from uuid import UUID

import asyncpg

from contracts import approval_tracking
from contracts.approval_tracking import (
    PLAN_KINDS,
    RESULT_KINDS,
    AcceptanceCompleted,
    CommitmentChecked,
    ItemAccepted,
    ItemCommitted,
    ItemGranted,
    ItemNotAccepted,
    ItemPaused,
    ItemReceived,
    ItemRectified,
    ItemRefused,
    ItemResumed,
    ItemRevoked,
    ItemState,
    ItemWaived,
    ItemWithdrawn,
    Need,
    NoLongerReady,
    PlanDrawnUp,
    PlannedItem,
    PlanRevised,
    ReadyToStart,
    Stage,
    StageReopened,
)
from services.intake.move.permits import Permit, Permits
from shared.refusals import Unavailable
from shared.viewing import Owner, Told, View

NAME, VERSION = "permits", 1

ItemTold = (
    ItemReceived
    | ItemAccepted
    | ItemNotAccepted
    | ItemPaused
    | ItemResumed
    | ItemGranted
    | ItemRectified
    | ItemRefused
    | ItemWithdrawn
    | ItemRevoked
    | ItemCommitted
    | CommitmentChecked
    | ItemWaived
)
PermitFact = (
    PlanDrawnUp
    | PlanRevised
    | ReadyToStart
    | NoLongerReady
    | StageReopened
    | AcceptanceCompleted
    | ItemTold
)
KINDS = {kind: fact for kind, fact in PLAN_KINDS.items() if fact in get_args(PermitFact)}


class PermitsRow(NamedTuple):
    """What a move may rest on; ``items`` are the plan's, as canonical JSON in its order."""

    items: str
    ready_on: date | None = None
    accepted_on: date | None = None


def fold(row: PermitsRow | None, told: Told) -> PermitsRow | None:
    """Fold a fact of a project's plan; what its plan says stays when it is closed."""
    fact: PermitFact = told.fact  # type: ignore[assignment]
    row = row or PermitsRow("[]")
    match fact:
        case PlanDrawnUp(items=items, drawn_up_on=on) | PlanRevised(items=items, revised_on=on):
            known = _read(row.items)
            return row._replace(items=_spelled({one.item: _of(one, known, on) for one in items}))
        case ReadyToStart(ready_on=on):
            return row._replace(ready_on=on)
        case NoLongerReady():
            return row._replace(ready_on=None)
        case AcceptanceCompleted(completed_on=on):
            return row._replace(accepted_on=on)
        case StageReopened(stage=stage):
            return row._replace(accepted_on=None) if stage is Stage.ACCEPTANCE else row
        case _:
            known = _read(row.items)
            before = known.get(fact.item) or Permit(fact.item, fact.item)
            return row._replace(items=_spelled({**known, fact.item: _after(before, fact)}))


def _of(planned: PlannedItem, known: Mapping[str, Permit], on: date) -> Permit:
    if planned.item in known:
        return replace(known[planned.item], name=planned.name)
    served = planned.need is Need.SERVED
    state = ItemState.SERVED if served else ItemState.NOT_BEGUN
    return Permit(planned.item, planned.name, state, since=on if served else None)


def _after(permit: Permit, fact: ItemTold) -> Permit:
    match fact:
        case ItemReceived(received_on=on):
            return _now(permit, ItemState.RECEIVED, on)
        case ItemAccepted(accepted_on=on):
            return _now(permit, ItemState.ACCEPTED, on)
        case ItemPaused(first=on):
            return _now(permit, ItemState.PAUSED, on)
        case ItemResumed(last=on):
            return _now(permit, ItemState.ACCEPTED, on)
        case ItemGranted(granted_on=on) | ItemRectified(granted_on=on):
            return _now(permit, ItemState.GRANTED, on, fact.document_number)
        case ItemCommitted(signed_on=on):
            return _now(permit, ItemState.COMMITTED, on, fact.document_number)
        case CommitmentChecked(kept=kept, checked_on=on):
            # What was not kept is to be applied for like anything else.
            return permit if kept else _now(permit, ItemState.NOT_BEGUN, on)
        case ItemWaived(waived_on=on):
            return _now(permit, ItemState.WAIVED, on)
        case ItemNotAccepted(decided_on=on) | ItemRefused(refused_on=on):
            return _now(permit, ItemState.REFUSED, on)
        case ItemWithdrawn(withdrawn_on=on):
            return _now(permit, ItemState.WITHDRAWN, on)
        case ItemRevoked(revoked_on=on):
            return _now(permit, ItemState.REVOKED, on)
        case _:
            assert_never(fact)


def _now(permit: Permit, state: ItemState, since: date, number: str | None = None) -> Permit:
    return replace(permit, state=state, since=since, document_number=number)


def _spelled(items: Mapping[str, Permit]) -> str:
    return json.dumps(
        [asdict(one) for one in items.values()],
        ensure_ascii=False,
        separators=(",", ":"),
        default=str,
    )


def _read(text: str) -> dict[str, Permit]:
    return {
        one["item"]: Permit(
            one["item"],
            one["name"],
            ItemState(one["state"]),
            one["document_number"],
            one["since"] and date.fromisoformat(one["since"]),
        )
        for one in json.loads(text)
    }


async def permits_of(pool: asyncpg.Pool, project_id: UUID) -> Permits:
    """Give what was told of a project's approvals; nothing, while it has no plan.

    Raises:
        Unavailable: nothing was heard of yet.
    """
    try:
        row = await pool.fetchrow(
            "select items, ready_on, accepted_on from views.permits where key = $1", str(project_id)
        )
    except asyncpg.UndefinedTableError as error:
        raise Unavailable("手续办理情况还在准备，请过几秒再提交，内容没有丢失。") from error
    return permits_in(PermitsRow(*row)) if row else Permits()


def permits_in(row: PermitsRow) -> Permits:
    """Give what a row says."""
    return Permits(_read(row.items), row.ready_on, row.accepted_on)


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=PermitsRow,
            kinds=KINDS,
            ignored={
                kind: "changes nothing that a move rests on"
                for kind in (*PLAN_KINDS, *RESULT_KINDS)
                if kind not in KINDS
            },
            fold=fold,
        ),
    ),
)
