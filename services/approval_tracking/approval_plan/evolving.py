"""What a plan is after a fact. A stored fact is true, also where today's rules would forbid it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import assert_never

from contracts.approval_tracking import (
    AcceptanceCompleted,
    AgentAppointed,
    AgentReleased,
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
    NoLongerReady,
    PauseOverrun,
    PlanClosed,
    PlanDrawnUp,
    PlanEvent,
    PlanReopened,
    PlanRevised,
    ReadyToStart,
    StageCompleted,
    StageReopened,
    StartedWithoutPermit,
    StartFlagLifted,
)
from contracts.approval_tracking.item import ItemFact
from services.approval_tracking.approval_plan.states import (
    Attempt,
    Item,
    NotDrawn,
    Plan,
    PlanState,
    begin,
)
from shared.deadline import Pause

SOON, OVERDUE = "soon", "overdue"


def evolve(plan: PlanState, event: PlanEvent) -> PlanState:
    """Take in a fact."""
    if isinstance(event, PlanDrawnUp):
        items = {one.item: begin(one) for one in event.items}
        return _laid_out(event, items)
    if isinstance(plan, NotDrawn):
        return plan
    match event:
        case ItemFact():
            item = plan.items.get(event.item)
            if item is None:
                return plan
            after = _holding(item, _with(item, event))
            return replace(plan, items={**plan.items, event.item: after})
        case PlanRevised():
            return _revised(plan, event)
        case PlanClosed():
            return replace(plan, closed=True)
        case PlanReopened():
            return replace(plan, closed=False)
        case AgentAppointed():
            return replace(plan, agent=event.agent, agent_org=event.agent_org)
        case AgentReleased():
            return replace(plan, agent="", agent_org="")
        case StageCompleted():
            return replace(plan, completed=plan.completed | {event.stage})
        case StageReopened():
            return replace(plan, completed=plan.completed - {event.stage})
        case ReadyToStart():
            return replace(plan, ready=True)
        case NoLongerReady():
            return replace(plan, ready=False)
        case StartedWithoutPermit():
            return replace(plan, flagged=event.started_on)
        case StartFlagLifted():
            return replace(plan, flagged=None)
        case AcceptanceCompleted():
            return replace(plan, accepted=True)
        case _:
            assert_never(event)


def _laid_out(event: PlanDrawnUp | PlanRevised, items: Mapping[str, Item]) -> Plan:
    return Plan(
        owner_org=event.owner_org,
        edition=event.edition,
        project_revision=event.project_revision,
        circumstances=event.circumstances,
        flow_name=event.flow_name,
        catalogue=event.catalogue,
        items=items,
        stages=event.stages,
        total_limit=event.total_limit,
    )


def _revised(plan: Plan, event: PlanRevised) -> Plan:
    """Lay the plan out anew around what has begun."""
    items = {
        one.item: replace(plan.items.get(one.item, begin(one)), planned=one) for one in event.items
    }
    items = {
        name: one if one.begun else replace(begin(one.planned), transferred=one.transferred)
        for name, one in items.items()
    }
    return replace(
        _laid_out(event, items),
        agent=plan.agent,
        agent_org=plan.agent_org,
        completed=plan.completed,
        ready=plan.ready,
        accepted=plan.accepted,
        flagged=plan.flagged,
        closed=plan.closed,
        stated=plan.stated or event.stated,
    )


def _with(item: Item, event: ItemEvent) -> Item:
    attempt = item.attempt
    match event:
        case ItemReceived():
            begun = Attempt(
                number=event.attempt,
                last_day=event.received_on,
                received_on=event.received_on,
                clocks=_by_sort(event.clocks),
            )
            return replace(item, state=ItemState.RECEIVED, attempt=begun, officer="")
        case CorrectionsAsked():
            asked = replace(attempt, asked_on=event.asked_on)
            return _at(item, ItemState.CORRECTING, event.asked_on, asked)
        case ItemCorrected(corrected_on=day):
            corrected = replace(attempt, corrected_on=day)
            return _at(item, ItemState.RECEIVED, day, corrected, event.clocks)
        case ItemAccepted(accepted_on=day):
            accepted = replace(attempt, accepted_on=day)
            return _settled(_at(item, ItemState.ACCEPTED, day, accepted, event.clocks))
        case ItemNotAccepted(decided_on=day) | ItemRefused(refused_on=day):
            return _at(item, ItemState.REFUSED, day, replace(attempt, done_on=day))
        case ItemPaused():
            stopped = Pause(event.first, None, event.reason, event.basis)
            paused = replace(
                attempt,
                pauses=(*attempt.pauses, stopped),
                expected_days=event.expected_days,
                overrun_told=False,
            )
            return _at(item, ItemState.PAUSED, event.first, paused, event.clocks)
        case ItemResumed():
            ended = tuple(
                replace(one, last=event.last) if one.last is None else one for one in attempt.pauses
            )
            resumed = replace(attempt, pauses=ended)
            return _at(item, ItemState.ACCEPTED, event.last, resumed, event.clocks)
        case PauseOverrun():
            return replace(item, attempt=replace(attempt, overrun_told=True))
        case ItemExtended():
            longer = replace(attempt, extended_by=event.length)
            return _at(item, item.state, event.extended_on, longer, event.clocks)
        case ItemGranted(granted_on=day):
            granted = replace(
                attempt,
                done_on=day,
                document_number=event.document_number,
                valid_until=event.valid_until,
                follow_up=event.follow_up,
            )
            return _at(item, ItemState.GRANTED, day, granted, event.clocks)
        case FollowedUp(followed_up_on=day):
            whole = replace(attempt, follow_up=None, followed_up_on=day)
            return _at(item, item.state, day, whole)
        case ItemWithdrawn(withdrawn_on=day):
            return _at(item, ItemState.WITHDRAWN, day, attempt)
        case ItemRevoked(revoked_on=day):
            return _at(item, ItemState.REVOKED, day, attempt)
        case ItemCommitted(signed_on=day):
            signed = Attempt(
                number=event.attempt,
                last_day=day,
                done_on=day,
                document_number=event.document_number,
                clocks=_by_sort(event.clocks),
            )
            return _settled(replace(item, state=ItemState.COMMITTED, attempt=signed))
        case CommitmentChecked(checked_on=day):
            state = item.state if event.kept else ItemState.REVOKED
            return _at(item, state, day, replace(attempt, checked_on=day))
        case ItemWaived(waived_on=day):
            waived = replace(attempt, done_on=day)
            return _settled(_at(item, ItemState.WAIVED, day, waived))
        case ItemRectified():
            rectified = replace(
                attempt,
                done_on=event.granted_on,
                document_number=event.document_number,
                valid_until=event.valid_until,
            )
            return _at(item, item.state, event.granted_on, rectified, event.clocks)
        case ItemTaken():
            return replace(item, officer=event.officer)
        case ItemHandedOver():
            return replace(item, officer=event.officer or "")
        case HandlingTransferred():
            planned = item.planned.model_copy(update={"handling": event.handling})
            return replace(item, planned=planned, officer="", transferred=True)
        case ItemSoonOverdue():
            return _told(item, event.clock, SOON)
        case ItemOverdue():
            return _told(item, event.clock, OVERDUE)
        case ItemClocksMoved():
            moved = {**attempt.clocks, **_by_sort(event.clocks)}
            return replace(item, attempt=replace(attempt, clocks=moved))
        case _:
            assert_never(event)


def _at(
    item: Item, state: ItemState, day: date, attempt: Attempt, clocks: Iterable[Clock] = ()
) -> Item:
    """Give an item after a step; what was accepted by silence lies before its last step."""
    after = replace(
        attempt,
        last_day=max(day, attempt.last_day or day),
        clocks={**attempt.clocks, **_by_sort(clocks)},
    )
    return replace(item, state=state, attempt=after)


def _holding(before: Item, after: Item) -> Item:
    """Write down from when an item is done, and on which day it is not any more."""
    held, since = before.held, after.attempt.done_on
    if before.done:
        (first, _), held = held[-1], held[:-1]
        if not after.done:
            return replace(after, held=(*held, (first, after.attempt.last_day)))
    if not after.done or since is None:
        return after
    return replace(after, held=(*held, (since, None)))


def _settled(item: Item) -> Item:
    return replace(item, settled=True)


def _told(item: Item, clock: ClockSort, what: str) -> Item:
    return replace(item, attempt=replace(item.attempt, told=item.attempt.told | {(clock, what)}))


def _by_sort(clocks: Iterable[Clock]) -> Mapping[ClockSort, Clock]:
    return {one.sort: one for one in clocks}
