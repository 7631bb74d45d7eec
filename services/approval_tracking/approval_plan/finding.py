"""Finds what an act is about, and refuses what no act may do whatever it is."""

from collections.abc import Collection
from datetime import date

from contracts.approval_tracking import ItemState
from services.approval_tracking.approval_plan.commands import APPROVER, By, ItemCommand
from services.approval_tracking.approval_plan.refusals import (
    BeforeTheLastStep,
    InTheFuture,
    ItemTakenByAnother,
    NotInThatState,
    PlanClosedNow,
)
from services.approval_tracking.approval_plan.states import Item, NotDrawn, Plan, PlanState
from shared.refusals import NotFound

STATE_NAMES = {
    ItemState.NOT_BEGUN: "未开始",
    ItemState.RECEIVED: "已收件",
    ItemState.CORRECTING: "待补正",
    ItemState.ACCEPTED: "已受理",
    ItemState.PAUSED: "已停表",
    ItemState.GRANTED: "已办结",
    ItemState.REFUSED: "不予许可",
    ItemState.WITHDRAWN: "已撤回",
    ItemState.REVOKED: "已撤销",
    ItemState.COMMITTED: "已承诺",
    ItemState.WAIVED: "已免办",
    ItemState.SERVED: "政府统一服务",
}


def open_plan(plan: PlanState) -> Plan:
    """Give the plan, if there is one and it goes on."""
    found = any_plan(plan)
    if found.closed:
        raise PlanClosedNow("这个项目的审批计划已关闭。项目恢复后计划会重新打开，届时再办。")
    return found


def any_plan(plan: PlanState) -> Plan:
    """Give the plan, closed or not."""
    if isinstance(plan, NotDrawn):
        raise NotFound("这个项目还没有审批计划。项目进入前期库后自动生成。")
    return plan


def item_of(ask: ItemCommand, plan: PlanState) -> Item:
    """Give the item that an act is about."""
    found = open_plan(plan).items.get(ask.item)
    if found is None:
        raise NotFound(f"审批计划里没有事项 {ask.item}。请核对事项编码，或先调整办理条件。")
    return found


def named(names: Collection[str], plan: Plan) -> str:
    """Name items as people do."""
    return "、".join(f"{one} {plan.items[one].planned.name}" for one in names)


def wrong_state(item: Item, remedy: str) -> NotInThatState:
    """Say where an item is, and what can be done instead."""
    return NotInThatState(
        f"{item.planned.item} {item.planned.name}现在是“{STATE_NAMES[item.state]}”，{remedy}",
        state=item.state.value,
    )


def demand_day(ask: ItemCommand, item: Item) -> date:
    """Give the day of an act: not after today, not before what was done last."""
    if ask.day > ask.on:
        raise InTheFuture(f"办理日期 {ask.day} 还没有到，今天是 {ask.on}。请改为今天或以前。")
    last = item.attempt.last_day
    if last is not None and ask.day < last:
        raise BeforeTheLastStep(
            f"办理日期 {ask.day} 早于这个事项上一步的日期 {last}。请核对日期。",
            last_day=last.isoformat(),
        )
    return ask.day


def refuse_taken(by: By, item: Item) -> None:
    """Leave what an officer took to him; whoever tells it for a platform is none of his office."""
    if by.role == APPROVER and item.officer and not by.answers_for(item.officer):
        raise ItemTakenByAnother("这件已由同单位的另一位经办人领取。需要接办的，请先“转办”给自己。")
