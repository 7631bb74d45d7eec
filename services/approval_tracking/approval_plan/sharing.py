"""Who does an item: 领取, 转办, 划转 to another office."""

from collections.abc import Sequence

from contracts.approval_tracking import (
    HandlingTransferred,
    ItemHandedOver,
    ItemTaken,
    PlanEvent,
)
from services.approval_tracking.approval_plan.commands import HandOver, Take, TransferHandling
from services.approval_tracking.approval_plan.finding import item_of, refuse_taken, wrong_state
from services.approval_tracking.approval_plan.refusals import demand
from services.approval_tracking.approval_plan.states import UNDER_WAY, PlanState


def take(ask: Take, plan: PlanState) -> Sequence[PlanEvent]:
    """Let an officer take an item that lies with his office."""
    item = item_of(ask, plan)
    if item.officer and ask.by.answers_for(item.officer):
        return []
    if item.state not in UNDER_WAY and not item.running:
        raise wrong_state(item, "没有可领取的。")
    refuse_taken(ask.by, item)
    return [
        ItemTaken(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            officer=ask.by.account,
        )
    ]


def hand_over(ask: HandOver, plan: PlanState) -> Sequence[PlanEvent]:
    """Hand an item to a colleague or back to the desk; any of the office may: people fall ill."""
    item = item_of(ask, plan)
    if (ask.officer or "") == item.officer:
        return []
    if item.state not in UNDER_WAY and not item.running:
        raise wrong_state(item, "没有可转办的。")
    return [
        ItemHandedOver(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            officer=ask.officer,
            reason=demand("reason", ask.reason, "转办要写明理由。"),
        )
    ]


def transfer(ask: TransferHandling, plan: PlanState) -> Sequence[PlanEvent]:
    """Let another office do the item; whose matter it is stays."""
    item = item_of(ask, plan)
    if ask.handling == item.planned.handling:
        return []
    if item.done and not item.running:
        raise wrong_state(item, "不能再划转。")
    return [
        HandlingTransferred(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            handling=ask.handling,
            reason=demand("reason", ask.reason, "划转要写明依据或理由。"),
            transferred_on=ask.day,
        )
    ]
