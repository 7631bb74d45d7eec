"""What stops a clock and what lengthens it: 停表, 复表, 延长 (行政许可法 42, 45)."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.approval_tracking import (
    ClockSort,
    ItemExtended,
    ItemPaused,
    ItemResumed,
    ItemState,
    PlanEvent,
)
from services.approval_tracking.approval_plan import commands
from services.approval_tracking.approval_plan.clocks import extended, late, recounted
from services.approval_tracking.approval_plan.finding import (
    demand_day,
    item_of,
    refuse_taken,
    wrong_state,
)
from services.approval_tracking.approval_plan.refusals import NotExtendable, demand, unreadable
from services.approval_tracking.approval_plan.states import PlanState
from shared.deadline import Pause


def pause(ask: commands.Pause, plan: PlanState) -> Sequence[PlanEvent]:
    """Stop both clocks of an item from a day on."""
    item = item_of(ask, plan)
    if any(one.first == ask.day for one in item.attempt.pauses):
        return []
    if item.state is not ItemState.ACCEPTED:
        raise wrong_state(item, "只有已受理的才能停表。")
    refuse_taken(ask.by, item)
    first = demand_day(ask, item)
    rules = ask.catalogue_of(item.attempt.accepted_on or first)
    procedure = rules.procedures.get(ask.procedure)
    if procedure is None:
        known = "、".join(one.name for one in rules.procedures.values())
        raise unreadable(
            "procedure", "unknown", "停表须有法定程序（行政许可法第四十五条）。", f"请选：{known}。"
        )
    if ask.expected_days < 1:
        raise unreadable("expected_days", "too_few", "预计天数至少为 1。", "请填预计的工作日数。")
    reason = demand("reason", ask.reason, "停表要写明理由。")
    stopped = Pause(first, None, reason, procedure.basis)
    return [
        ItemPaused(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            procedure=ask.procedure,
            reason=reason,
            basis=procedure.basis,
            notice=ask.notice,
            first=first,
            expected_days=ask.expected_days,
            clocks=recounted(item, rules, ask.days, first, pauses=(*item.attempt.pauses, stopped)),
        )
    ]


def resume(ask: commands.Resume, plan: PlanState) -> Sequence[PlanEvent]:
    """Let the clocks go on after a day."""
    item = item_of(ask, plan)
    pauses = item.attempt.pauses
    if item.state is not ItemState.PAUSED:
        if any(one.last == ask.day for one in pauses):
            return []
        raise wrong_state(item, "没有停表。")
    refuse_taken(ask.by, item)
    last = demand_day(ask, item)
    rules = ask.catalogue_of(item.attempt.accepted_on or last)
    ended = replace(pauses[-1], last=last)
    return [
        ItemResumed(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            first=ended.first,
            last=last,
            clocks=recounted(item, rules, ask.days, last, pauses=(*pauses[:-1], ended)),
        )
    ]


def extend(ask: commands.Extend, plan: PlanState) -> Sequence[PlanEvent]:
    """Give more days by law, once, while the term runs."""
    item = item_of(ask, plan)
    attempt = item.attempt
    if item.state not in {ItemState.ACCEPTED, ItemState.PAUSED}:
        raise wrong_state(item, "只有在办的才能延长。")
    refuse_taken(ask.by, item)
    day = demand_day(ask, item)
    rules = ask.catalogue_of(attempt.accepted_on or day)
    most = rules.extension(ask.item)
    clock = attempt.clocks.get(ClockSort.STATUTORY)
    if most == 0 or clock is None:
        raise NotExtendable("法律没有规定这个事项可以延长。")
    if attempt.extended_by:
        raise NotExtendable(f"已延长过 {attempt.extended_by} 日，只能延长一次。")
    if late([clock], day):
        raise NotExtendable(f"法定期限 {clock.due} 已过，不能再延长。请尽快办结，逾期如实记录。")
    if not 1 <= ask.length <= most:
        raise unreadable(
            "length", "out_of_bounds", f"延长须为 1 至 {most} 日。", f"请填 1 至 {most} 之间的数。"
        )
    return [
        ItemExtended(
            project_id=ask.project_id,
            item=ask.item,
            attempt=attempt.number,
            length=ask.length,
            approver=demand(
                "approver", ask.approver, "延长须经本机关负责人批准（行政许可法第四十二条）。"
            ),
            reason=demand("reason", ask.reason, "延长要把理由告知申请人。"),
            extended_on=day,
            clocks=(extended(item, ask.length, rules, ask.days, day),),
        )
    ]
