"""Which approvals does each project need, where is each, who has it, by when, since when?"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, assert_never

from contracts import approval_tracking
from contracts.approval_tracking import (
    Clock,
    ClockSort,
    CommitmentChecked,
    CorrectionsAsked,
    FollowedUp,
    HandlingTransferred,
    ItemAccepted,
    ItemClocksMoved,
    ItemCommitted,
    ItemCorrected,
    ItemEvent,
    ItemExtended,
    ItemGranted,
    ItemHandedOver,
    ItemNotAccepted,
    ItemOverdue,
    ItemPaused,
    ItemReceived,
    ItemRectified,
    ItemRefused,
    ItemResumed,
    ItemRevoked,
    ItemSoonOverdue,
    ItemState,
    ItemTaken,
    ItemWaived,
    ItemWithdrawn,
    Need,
    PauseOverrun,
    PlanDrawnUp,
    PlannedItem,
    PlanRevised,
)
from contracts.envelope import Part
from shared.viewing import Owner, Told, View

NAME, VERSION = "approval_items", 1
OF_PLANS = (
    "views.approval_items as items join views.approval_plans as plans"
    " on plans.key = items.project_id and plans.edition = items.edition"
)
"""The items that stand in a plan; one that a newer edition left out keeps its row, not a place."""
OPEN = "(state in ('RECEIVED', 'CORRECTING', 'ACCEPTED', 'PAUSED') or running is not null)"
"""What somebody has to do something about: an application, or what was promised at a grant."""


class ItemRow(NamedTuple):
    """One item of a plan, and where its latest attempt is.

    ``planned`` is the item as the plan holds it, ``done_on`` the day from which it is satisfied,
    ``ended_on`` that of an attempt that came to nothing. ``running`` names the clock that runs out
    first, whose days the next three columns are; while none runs they are None. ``clocks`` are all
    of them, ``pauses`` and ``extensions`` those of the attempt, as canonical text.
    """

    project_id: str
    owner_org: str
    edition: int
    item: str
    name: str
    stage: str
    track: str
    need: str
    competent: str
    handling: str
    gate: bool
    planned: str
    state: str
    attempt: int
    officer: str | None
    received_on: date | None
    asked_on: date | None
    corrections: str
    corrected_on: date | None
    accepted_on: date | None
    deemed: bool
    lacking: str
    catalogue: date | None
    done_on: date | None
    ended_on: date | None
    document_number: str | None
    valid_until: date | None
    follow_up: str | None
    followed_up_on: date | None
    checked_on: date | None
    kept: bool | None
    reason: str | None
    basis: str | None
    late: str
    paused_from: date | None
    procedure: str | None
    paused_until: date | None
    pauses: str
    extensions: str
    running: str | None
    due: date | None
    yellow_from: date | None
    red_from: date | None
    soon_told: str
    overdue_told: str
    statutory_unit: str | None
    statutory_total: int | None
    statutory_elapsed: int | None
    statutory_due: date | None
    promised_unit: str | None
    promised_total: int | None
    promised_elapsed: int | None
    promised_due: date | None
    clocks: str
    version: int
    updated_at: datetime


def fold(row: ItemRow | None, told: Told) -> ItemRow | None:
    """Fold a fact into the row of one item; a plan's own facts are asked about for each item."""
    event: PlanDrawnUp | PlanRevised | ItemEvent = told.fact  # type: ignore[assignment]
    version, at = told.envelope.version, told.envelope.recorded
    if isinstance(event, PlanDrawnUp | PlanRevised):
        planned = next(one for one in event.items if _key(event, one.item) == told.key)
        laid_out = _planned(event, planned)
        if row is None:
            state = ItemState.SERVED if planned.need is Need.SERVED else ItemState.NOT_BEGUN
            began = {**_BLANK, "state": state.value, "attempt": 0, "officer": None}
            return ItemRow(**laid_out, **began, version=version, updated_at=at)
        return row._replace(**laid_out, version=version, updated_at=at)
    if row is None:
        return None
    changed = row._replace(version=version, updated_at=at, **_changes(row, event))
    return changed._replace(**_counted(changed))


def _planned(event: PlanDrawnUp | PlanRevised, planned: PlannedItem) -> dict[str, Any]:
    return {
        "project_id": str(event.project_id),
        "owner_org": event.owner_org,
        "edition": event.edition,
        "item": planned.item,
        "name": planned.name,
        "stage": planned.stage.value,
        "track": planned.track.value,
        "need": planned.need.value,
        "competent": planned.competent,
        "handling": planned.handling,
        "gate": planned.gate,
        "planned": canonical(planned),
    }


def _changes(row: ItemRow, event: ItemEvent) -> dict[str, Any]:
    match event:
        case ItemReceived():
            return {
                **_BLANK,
                "state": ItemState.RECEIVED.value,
                "attempt": event.attempt,
                "handling": event.handling,
                "received_on": event.received_on,
                "clocks": canonical(event.clocks),
            }
        case CorrectionsAsked():
            return {
                "state": ItemState.CORRECTING.value,
                "asked_on": event.asked_on,
                "corrections": canonical(event.corrections),
            }
        case ItemCorrected():
            return {
                "state": ItemState.RECEIVED.value,
                "corrected_on": event.corrected_on,
                **_moved(row, event.clocks),
            }
        case ItemAccepted():
            return {
                "state": ItemState.ACCEPTED.value,
                "attempt": event.attempt,
                "handling": event.handling,
                "received_on": row.received_on or event.accepted_on,
                "accepted_on": event.accepted_on,
                "deemed": event.deemed,
                "lacking": listed(event.lacking),
                "catalogue": event.catalogue,
                **_moved(row, event.clocks),
            }
        case ItemNotAccepted():
            return {
                "state": ItemState.REFUSED.value,
                "reason": event.reason,
                "basis": event.basis,
                "ended_on": event.decided_on,
            }
        case ItemPaused() | ItemResumed() | PauseOverrun():
            return _of_pause(row, event)
        case ItemExtended():
            given = {
                "length": event.length,
                "approver": event.approver,
                "reason": event.reason,
                "extended_on": event.extended_on.isoformat(),
            }
            return {
                "extensions": canonical([*json.loads(row.extensions), given]),
                **_moved(row, event.clocks),
            }
        case ItemTaken() | ItemHandedOver():
            return {"officer": event.officer}
        case HandlingTransferred():
            return {"handling": event.handling, "officer": None}
        case ItemSoonOverdue():
            return {"soon_told": _also(row.soon_told, event.clock)}
        case ItemOverdue():
            return {"overdue_told": _also(row.overdue_told, event.clock)}
        case ItemClocksMoved():
            return _moved(row, event.clocks)
        case _:
            return _ended(row, event)


def _of_pause(row: ItemRow, event: ItemPaused | ItemResumed | PauseOverrun) -> dict[str, Any]:
    pauses = json.loads(row.pauses)
    match event:
        case ItemPaused():
            began = {
                "first": event.first.isoformat(),
                "last": None,
                "procedure": event.procedure,
                "reason": event.reason,
                "basis": event.basis,
                "notice": event.notice,
                "expected_days": event.expected_days,
            }
            return {
                "state": ItemState.PAUSED.value,
                "paused_from": event.first,
                "procedure": event.procedure,
                "paused_until": None,
                "pauses": canonical([*pauses, began]),
                **_moved(row, event.clocks),
            }
        case ItemResumed():
            over = [{**one, "last": one["last"] or event.last.isoformat()} for one in pauses]
            return {
                "state": ItemState.ACCEPTED.value,
                "paused_from": None,
                "procedure": None,
                "paused_until": None,
                "pauses": canonical(over),
                **_moved(row, event.clocks),
            }
        case PauseOverrun():
            return {"paused_until": event.expected_until}
        case _:
            assert_never(event)


def _ended(
    row: ItemRow,
    event: ItemGranted
    | FollowedUp
    | ItemRefused
    | ItemWithdrawn
    | ItemRevoked
    | ItemCommitted
    | CommitmentChecked
    | ItemWaived
    | ItemRectified,
) -> dict[str, Any]:
    """Fold what an item came to."""
    match event:
        case ItemGranted():
            return {
                "state": ItemState.GRANTED.value,
                "handling": event.handling,
                "done_on": event.granted_on,
                "document_number": event.document_number,
                "valid_until": event.valid_until,
                "follow_up": event.follow_up,
                "late": listed(event.late),
                **_moved(row, event.clocks),
            }
        case ItemRectified():
            return {
                "done_on": event.granted_on,
                "document_number": event.document_number,
                "valid_until": event.valid_until,
                "late": listed(event.late),
                **_moved(row, event.clocks),
            }
        case FollowedUp():
            return {"followed_up_on": event.followed_up_on}
        case ItemRefused():
            return {
                **_over(ItemState.REFUSED, event.refused_on, event.reason, event.basis),
                "late": listed(event.late),
                **_moved(row, event.clocks),
            }
        case ItemWithdrawn():
            return _over(ItemState.WITHDRAWN, event.withdrawn_on, event.reason, None)
        case ItemRevoked():
            return _over(ItemState.REVOKED, event.revoked_on, event.reason, event.basis)
        case ItemCommitted():
            return {
                **_BLANK,
                "state": ItemState.COMMITTED.value,
                "attempt": event.attempt,
                "done_on": event.signed_on,
                "document_number": event.document_number,
                "clocks": canonical(event.clocks),
            }
        case CommitmentChecked():
            checked = {"checked_on": event.checked_on, "kept": event.kept}
            if event.kept:
                return checked
            over = _over(ItemState.REVOKED, event.checked_on, event.findings, None)
            return {**checked, **over}
        case ItemWaived():
            return {
                **_BLANK,
                "state": ItemState.WAIVED.value,
                "attempt": event.attempt,
                "done_on": event.waived_on,
                "reason": event.reason,
                "basis": event.basis,
            }
        case _:
            assert_never(event)


def _over(state: ItemState, on: date, reason: str, basis: str | None) -> dict[str, Any]:
    return {
        "state": state.value,
        "done_on": None,
        "ended_on": on,
        "reason": reason,
        "basis": basis,
        "paused_from": None,
        "procedure": None,
        "paused_until": None,
    }


def _moved(row: ItemRow, clocks: Iterable[Clock]) -> dict[str, Any]:
    """Put clocks in the place of those of the same sort."""
    stood = {one["sort"]: one for one in json.loads(row.clocks)}
    moved = {one.sort.value: one.model_dump(mode="json") for one in clocks}
    return {"clocks": canonical(list((stood | moved).values()))}


def _counted(row: ItemRow) -> dict[str, Any]:
    """Give the columns that are read off the clocks: the two terms, and what runs out first."""
    clocks = {one.sort: one for one in map(Clock.model_validate, json.loads(row.clocks))}
    runs = [
        clock
        for sort in _running(row)
        if (clock := clocks.get(sort)) is not None and clock.due is not None
    ]
    first = min(runs, key=lambda clock: clock.due or date.max, default=None)
    return {
        "running": first and first.sort.value,
        "due": first and first.due,
        "yellow_from": first and first.yellow_from,
        "red_from": first and first.red_from,
        **_term("statutory", clocks.get(ClockSort.STATUTORY)),
        **_term("promised", clocks.get(ClockSort.PROMISED)),
    }


def _term(name: str, clock: Clock | None) -> dict[str, Any]:
    return {
        f"{name}_unit": clock and clock.unit.value,
        f"{name}_total": clock and clock.total,
        f"{name}_elapsed": clock and clock.elapsed,
        f"{name}_due": clock and clock.due,
    }


def _running(row: ItemRow) -> Sequence[ClockSort]:
    """Name the clocks that count in a state, the promised one first: it is what people ask for."""
    match row.state:
        case ItemState.RECEIVED:
            return (ClockSort.RECEIPT,)
        # A pause after the last day changes nothing; one before it leaves the clock without a day.
        case ItemState.ACCEPTED | ItemState.PAUSED:
            return (ClockSort.PROMISED, ClockSort.STATUTORY)
        case ItemState.COMMITTED if row.checked_on is None:
            return (ClockSort.COMMITMENT,)
        case ItemState.GRANTED if row.follow_up and row.followed_up_on is None:
            return (ClockSort.FOLLOW_UP,)
        case _:
            return ()


def _also(told: str, clock: ClockSort) -> str:
    return listed({*told.strip(",").split(",")} - {""} | {clock.value})


def listed(words: Iterable[str]) -> str:
    """Give words as ``,A01,A02,``: each can be looked for with its commas."""
    ordered = sorted(words)
    return f",{','.join(ordered)}," if ordered else ""


def canonical(value: Part | Iterable[Any] | Mapping[str, Any]) -> str:
    """Give a value as text, the same text for the same value."""
    plain = value if isinstance(value, Part | Mapping) else list(value)
    return json.dumps(
        plain,
        default=lambda part: part.model_dump(mode="json"),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


_BLANK: Mapping[str, Any] = {
    **dict.fromkeys(ItemRow._fields[ItemRow._fields.index("received_on") : -2]),
    "corrections": "[]",
    "deemed": False,
    "lacking": "",
    "late": "",
    "pauses": "[]",
    "extensions": "[]",
    "soon_told": "",
    "overdue_told": "",
    "clocks": "[]",
}
"""An attempt of which nothing is known yet. Who had the item before has it again."""


def _key(event: PlanDrawnUp | PlanRevised | ItemEvent, item: str) -> str:
    return f"{event.project_id}|{item}"


def _rows_of_a_fact(told: Told) -> tuple[str, ...]:
    event: PlanDrawnUp | PlanRevised | ItemEvent = told.fact  # type: ignore[assignment]
    if isinstance(event, PlanDrawnUp | PlanRevised):
        return tuple(_key(event, planned.item) for planned in event.items)
    return (_key(event, event.item),)


_OF_THE_PLAN = {
    fact.model_fields["kind"].default: "is about a plan as a whole"
    for fact in (
        approval_tracking.PlanClosed,
        approval_tracking.PlanReopened,
        approval_tracking.AgentAppointed,
        approval_tracking.AgentReleased,
        approval_tracking.StageCompleted,
        approval_tracking.StageReopened,
        approval_tracking.ReadyToStart,
        approval_tracking.NoLongerReady,
        approval_tracking.StartedWithoutPermit,
        approval_tracking.StartFlagLifted,
        approval_tracking.AcceptanceCompleted,
    )
}
NO_RESULTS = dict.fromkeys(
    approval_tracking.RESULT_KINDS, "a result that was set aside is of no plan yet"
)

VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=ItemRow,
            kinds={
                kind: fact
                for kind, fact in approval_tracking.PLAN_KINDS.items()
                if kind not in _OF_THE_PLAN
            },
            ignored=_OF_THE_PLAN | NO_RESULTS,
            fold=fold,
            keys=_rows_of_a_fact,
        ),
    ),
    # Rows are wide, and most are over or not begun: what is counted over many lies in the index.
    indexes=(
        "(project_id)",
        "(handling, due) include (key, project_id, edition, owner_org, competent, state, officer,"
        f" red_from) where {OPEN}",
        "(done_on) include (key, project_id, owner_org, competent, handling, late,"
        " accepted_on, promised_due, promised_total, promised_elapsed)"
        " where done_on is not null and promised_total is not null",
        "(accepted_on) include (key, project_id, owner_org, competent, handling)"
        " where accepted_on is not null and promised_total is not null",
    ),
    history=True,
)
