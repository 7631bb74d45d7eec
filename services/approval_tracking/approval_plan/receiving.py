"""From receipt to acceptance: 收件, 一次性告知补正, 补正, 受理 (行政许可法 32, 82)."""

from collections.abc import Sequence
from datetime import date

from contracts.approval_tracking import (
    ClockSort,
    CorrectionsAsked,
    ItemAccepted,
    ItemCorrected,
    ItemNotAccepted,
    ItemReceived,
    ItemState,
    PlanEvent,
)
from services.approval_tracking.approval_plan.clocks import item_clocks, late, receipt_clock
from services.approval_tracking.approval_plan.commands import (
    Accept,
    AskCorrections,
    ClockCommand,
    Correct,
    DeclineAcceptance,
    ItemCommand,
    Receive,
)
from services.approval_tracking.approval_plan.finding import (
    any_plan,
    demand_day,
    item_of,
    named,
    refuse_taken,
    wrong_state,
)
from services.approval_tracking.approval_plan.refusals import (
    CorrectionsAskedBefore,
    PredecessorsOpen,
    TooLateToAskCorrections,
    demand,
    unreadable,
)
from services.approval_tracking.approval_plan.states import OVER, Item, Plan, PlanState


def receive(ask: Receive, plan: PlanState) -> Sequence[PlanEvent]:
    """Take an application in; what came to nothing before is a new attempt."""
    item = item_of(ask, plan)
    if item.state not in OVER and item.attempt.received_on == ask.day:
        return []
    if item.state not in {ItemState.NOT_BEGUN, *OVER}:
        raise wrong_state(item, "不能再收件。")
    return [received(ask, item, demand_day(ask, item))]


def received(ask: ItemCommand, item: Item, day: date) -> ItemReceived:
    """Tell that an item was handed in on a day."""
    return ItemReceived(
        project_id=ask.project_id,
        item=ask.item,
        attempt=item.attempt.number + 1,
        handling=item.planned.handling,
        received_on=day,
        clocks=(receipt_clock(day, ask.catalogue_of(day), ask.days),),
    )


def ask_corrections(ask: AskCorrections, plan: PlanState) -> Sequence[PlanEvent]:
    """Say once what is missing."""
    item = item_of(ask, plan)
    corrections = tuple(one.strip() for one in ask.corrections if one.strip())
    if item.attempt.asked_on is not None and item.attempt.asked_on == ask.day:
        return []
    if item.state is not ItemState.RECEIVED:
        raise wrong_state(item, "只有已收件、未受理的才能要求补正。")
    refuse_taken(ask.by, item)
    if item.attempt.asked_on is not None:
        raise CorrectionsAskedBefore(
            f"{item.attempt.asked_on} 已一次性告知过，不能再次要求补正（行政许可法第三十二条）。"
            "请受理，或写明理由不予受理。"
        )
    day = demand_day(ask, item)
    if late([item.attempt.clocks[ClockSort.RECEIPT]], day):
        raise TooLateToAskCorrections(
            "收件满五个工作日没有告知补正，自收件之日起即为受理（行政许可法第三十二条）。请继续办理。"
        )
    if not corrections:
        raise unreadable(
            "corrections",
            "required",
            "要求补正须一次写明全部内容。",
            "请逐条填写缺什么、错在哪里。",
        )
    return [
        CorrectionsAsked(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            corrections=corrections,
            asked_on=day,
        )
    ]


def correct(ask: Correct, plan: PlanState) -> Sequence[PlanEvent]:
    """Take in what was asked for; the office has its days for acceptance once more."""
    item = item_of(ask, plan)
    if item.attempt.corrected_on == ask.day:
        return []
    if item.state is not ItemState.CORRECTING:
        raise wrong_state(item, "没有待补正的内容。")
    day = demand_day(ask, item)
    return [
        ItemCorrected(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            corrected_on=day,
            clocks=(receipt_clock(day, ask.catalogue_of(day), ask.days),),
        )
    ]


def accept(ask: Accept, plan: PlanState) -> Sequence[PlanEvent]:
    """Take an application on."""
    item = item_of(ask, plan)
    if item.state not in OVER and item.attempt.accepted_on == ask.day:
        return []
    if item.state is not ItemState.RECEIVED:
        raise wrong_state(item, "只有已收件、未受理的才能受理。")
    refuse_taken(ask.by, item)
    return [accepted(ask, any_plan(plan), item, demand_day(ask, item))]


def accepted(ask: ItemCommand, plan: Plan, item: Item, day: date) -> ItemAccepted:
    """Tell that an office took an item on: on a day, or long before by saying nothing."""
    if late([item.attempt.clocks[ClockSort.RECEIPT]], day):
        return deemed_accepted(ask, plan, ask.item, day)
    missing = plan.open_of(item.planned.after)
    if missing:
        raise PredecessorsOpen(
            f"前置事项还没有办结：{named(missing, plan)}。请待其办结后再受理。",
            missing=list(missing),
        )
    return _accepted(ask, plan, ask.item, day, plan.open_of(item.planned.beside))


def deemed_accepted(
    ask: ItemCommand | ClockCommand, plan: Plan, name: str, as_of: date
) -> ItemAccepted:
    """Tell that an office accepted by saying nothing, on the day on which all was handed in."""
    planned = plan.items[name].planned
    lacking = plan.open_of((*planned.after, *planned.beside))
    return _accepted(ask, plan, name, as_of, lacking, deemed=True)


def _accepted(
    ask: ItemCommand | ClockCommand,
    plan: Plan,
    name: str,
    as_of: date,
    lacking: tuple[str, ...],
    *,
    deemed: bool = False,
) -> ItemAccepted:
    item = plan.items[name]
    start = item.attempt.clocks[ClockSort.RECEIPT].start if deemed else as_of
    rules = ask.catalogue_of(start)
    terms = rules.terms(name, plan.circumstances)
    return ItemAccepted(
        project_id=ask.project_id,
        item=name,
        attempt=item.attempt.number,
        handling=item.planned.handling,
        accepted_on=start,
        deemed=deemed,
        lacking=lacking,
        catalogue=rules.valid_from,
        clocks=item_clocks(start, terms, rules, ask.days, as_of),
    )


def decline_acceptance(ask: DeclineAcceptance, plan: PlanState) -> Sequence[PlanEvent]:
    """Do not take an application on."""
    item = item_of(ask, plan)
    if item.state is ItemState.REFUSED and item.attempt.done_on == ask.day:
        return []
    if item.state not in {ItemState.RECEIVED, ItemState.CORRECTING}:
        raise wrong_state(item, "只有未受理的才能不予受理。")
    refuse_taken(ask.by, item)
    day = demand_day(ask, item)
    if item.state is ItemState.RECEIVED and late([item.attempt.clocks[ClockSort.RECEIPT]], day):
        raise TooLateToAskCorrections(
            "收件满五个工作日没有答复，自收件之日起即为受理（行政许可法第三十二条）。请继续办理。"
        )
    return [
        ItemNotAccepted(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            reason=demand("reason", ask.reason, "不予受理要写明理由。"),
            basis=demand("basis", ask.basis, "不予受理要写明依据。"),
            decided_on=day,
        )
    ]
