"""What an item comes to: 办结, 容缺补齐, 不予许可, 撤回, 撤销, 免办, and a grant put right."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from contracts.approval_tracking import (
    Clock,
    FollowedUp,
    ItemGranted,
    ItemRectified,
    ItemRefused,
    ItemRevoked,
    ItemState,
    ItemWaived,
    ItemWithdrawn,
    PlanEvent,
)
from services.approval_tracking.approval_plan.clocks import follow_up_clock, late, recounted
from services.approval_tracking.approval_plan.commands import (
    FollowUp,
    Grant,
    ItemCommand,
    Rectify,
    Refuse,
    Revoke,
    Waive,
    Withdraw,
)
from services.approval_tracking.approval_plan.evolving import evolve
from services.approval_tracking.approval_plan.finding import (
    any_plan,
    demand_day,
    item_of,
    named,
    refuse_taken,
    wrong_state,
)
from services.approval_tracking.approval_plan.receiving import accepted, received
from services.approval_tracking.approval_plan.refusals import (
    BeforeTheLastStep,
    InTheFuture,
    PredecessorsOpen,
    demand,
    unreadable,
)
from services.approval_tracking.approval_plan.states import OVER, UNDER_WAY, Item, Plan, PlanState


def grant(ask: Grant, plan: PlanState) -> Sequence[PlanEvent]:
    """Grant, late or not; what is done at once (即办) is received and accepted by that."""
    item = item_of(ask, plan)
    attempt = item.attempt
    if item.state is ItemState.GRANTED and (attempt.done_on, attempt.document_number) == (
        ask.day,
        ask.document_number,
    ):
        return []
    refuse_taken(ask.by, item)
    day = demand_day(ask, item)
    facts = _steps_before(ask, any_plan(plan), item, day)
    for fact in facts:
        plan = evolve(plan, fact)
    item, known = item_of(ask, plan), any_plan(plan)
    if item.state is not ItemState.ACCEPTED:
        remedy = "请先复表。" if item.state is ItemState.PAUSED else "只有已受理的才能办结。"
        raise wrong_state(item, remedy)
    follow_up = (ask.follow_up or "").strip() or None
    missing = known.open_of((*item.planned.after, *item.planned.beside))
    if missing and follow_up is None:
        raise PredecessorsOpen(
            f"还须先办结：{named(missing, known)}。容缺办结的，请写明缺什么。",
            missing=list(missing),
        )
    _demand_validity(ask.valid_until, day)
    clocks = clocks_on(ask, item, day)
    more = (follow_up_clock(day, ask.catalogue_of(day), ask.days),) if follow_up else ()
    return [
        *facts,
        ItemGranted(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            handling=item.planned.handling,
            granted_on=day,
            document_number=ask.document_number,
            valid_until=ask.valid_until,
            note=ask.note,
            late=late(clocks, day),
            follow_up=follow_up,
            clocks=(*clocks, *more),
        ),
    ]


def _steps_before(ask: Grant, plan: Plan, item: Item, day: date) -> list[PlanEvent]:
    """Tell the receipt and the acceptance of what is done at once, or was accepted by silence."""
    facts: list[PlanEvent] = []
    at_once = _at_once(ask, plan, day)
    if at_once and item.state in {ItemState.NOT_BEGUN, *OVER}:
        facts.append(received(ask, item, day))
    for fact in facts:
        plan = any_plan(evolve(plan, fact))
    item = plan.items[ask.item]
    if item.state is ItemState.RECEIVED:
        acceptance = accepted(ask, plan, item, day)
        if at_once or acceptance.deemed:
            facts.append(acceptance)
    return facts


def _at_once(ask: Grant, plan: Plan, day: date) -> bool:
    """Tell whether an item has no days at all: 即办, or outside every clock."""
    statutory, promised = ask.catalogue_of(day).terms(ask.item, plan.circumstances)
    if statutory is None:
        return promised is None or promised.length == 0
    return statutory.length == 0


def clocks_on(ask: ItemCommand, item: Item, day: date) -> tuple[Clock, ...]:
    """Count the running clocks as they stand on a day, by the rules that they began under."""
    return recounted(item, ask.catalogue_of(item.attempt.accepted_on or day), ask.days, day)


def _demand_validity(until: date | None, granted_on: date) -> None:
    if until is not None and until < granted_on:
        raise unreadable(
            "valid_until",
            "before_the_grant",
            f"有效期至 {until}，早于办结日期 {granted_on}。",
            "请核对两个日期。",
        )


def follow_up(ask: FollowUp, plan: PlanState) -> Sequence[PlanEvent]:
    """Tell that what was missing at the grant is there."""
    item = item_of(ask, plan)
    if item.attempt.followed_up_on == ask.day:
        return []
    if item.state is not ItemState.GRANTED or item.attempt.follow_up is None:
        raise wrong_state(item, "没有待补齐的容缺内容。")
    return [
        FollowedUp(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            followed_up_on=demand_day(ask, item),
            note=ask.note,
        )
    ]


def refuse(ask: Refuse, plan: PlanState) -> Sequence[PlanEvent]:
    """Do not grant, with the reason and what the law says."""
    item = item_of(ask, plan)
    if item.state is ItemState.REFUSED and item.attempt.done_on == ask.day:
        return []
    if item.state is not ItemState.ACCEPTED:
        raise wrong_state(item, "只有已受理、未停表的才能不予许可。")
    refuse_taken(ask.by, item)
    day = demand_day(ask, item)
    clocks = clocks_on(ask, item, day)
    return [
        ItemRefused(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            reason=demand("reason", ask.reason, "不予许可要写明理由（行政许可法第三十八条）。"),
            basis=demand("basis", ask.basis, "不予许可要写明依据。"),
            refused_on=day,
            late=late(clocks, day),
            clocks=clocks,
        )
    ]


def withdraw(ask: Withdraw, plan: PlanState) -> Sequence[PlanEvent]:
    """Take an application back."""
    item = item_of(ask, plan)
    if item.state is ItemState.WITHDRAWN:
        return []
    if item.state not in UNDER_WAY:
        raise wrong_state(item, "没有在办的申请可撤回。")
    return [
        ItemWithdrawn(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            reason=demand("reason", ask.reason, "撤回申请要写明理由。"),
            withdrawn_on=demand_day(ask, item),
        )
    ]


def revoke(ask: Revoke, plan: PlanState) -> Sequence[PlanEvent]:
    """Say that what was granted holds no longer."""
    item = item_of(ask, plan)
    if item.state is ItemState.REVOKED:
        return []
    if item.state not in {ItemState.GRANTED, ItemState.WAIVED}:
        raise wrong_state(item, "只有已办结或已免办的才能撤销。")
    return [
        ItemRevoked(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            reason=demand("reason", ask.reason, "撤销要写明理由。"),
            basis=demand("basis", ask.basis, "撤销要写明依据。"),
            revoked_on=demand_day(ask, item),
        )
    ]


def waive(ask: Waive, plan: PlanState) -> Sequence[PlanEvent]:
    """Say that the item need not be done in this case."""
    item = item_of(ask, plan)
    if item.state is ItemState.WAIVED:
        return []
    if item.done:
        raise wrong_state(item, "不必免办。")
    return [
        ItemWaived(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            reason=demand("reason", ask.reason, "免办要写明理由。"),
            basis=demand("basis", ask.basis, "免办要写明依据。"),
            waived_on=demand_day(ask, item),
        )
    ]


def rectify(ask: Rectify, plan: PlanState) -> Sequence[PlanEvent]:
    """Put right the day, the document or the validity of a grant."""
    item = item_of(ask, plan)
    if item.state is not ItemState.GRANTED:
        raise wrong_state(item, "只有已办结的才能更正。")
    attempt = item.attempt
    if (ask.granted_on, ask.document_number, ask.valid_until) == (
        attempt.done_on,
        attempt.document_number,
        attempt.valid_until,
    ):
        return []
    if ask.granted_on > ask.on:
        raise InTheFuture(f"办结日期 {ask.granted_on} 还没有到，今天是 {ask.on}。")
    if attempt.accepted_on is not None and ask.granted_on < attempt.accepted_on:
        raise BeforeTheLastStep(
            f"办结日期 {ask.granted_on} 早于受理日期 {attempt.accepted_on}。请核对日期。",
            last_day=attempt.accepted_on.isoformat(),
        )
    _demand_validity(ask.valid_until, ask.granted_on)
    under_way = replace(item, state=ItemState.ACCEPTED)
    clocks = clocks_on(ask, under_way, ask.granted_on)
    return [
        ItemRectified(
            project_id=ask.project_id,
            item=ask.item,
            attempt=attempt.number,
            granted_on=ask.granted_on,
            document_number=ask.document_number,
            valid_until=ask.valid_until,
            late=late(clocks, ask.granted_on),
            clocks=clocks,
            reason=demand("reason", ask.reason, "更正要写明理由。"),
            rectified_on=ask.on,
        )
    ]
