"""承诺制: the enterprise commits itself in writing; whether it kept its word is looked at."""

from collections.abc import Sequence

from contracts.approval_tracking import (
    CommitmentChecked,
    ItemCommitted,
    ItemState,
    Need,
    PlanEvent,
)
from services.approval_tracking.approval_plan.clocks import commitment_clock
from services.approval_tracking.approval_plan.commands import CheckCommitment, Commit
from services.approval_tracking.approval_plan.finding import (
    any_plan,
    demand_day,
    item_of,
    named,
    wrong_state,
)
from services.approval_tracking.approval_plan.refusals import (
    NotCommittable,
    PredecessorsOpen,
    demand,
)
from services.approval_tracking.approval_plan.states import OVER, PlanState


def commit(ask: Commit, plan: PlanState) -> Sequence[PlanEvent]:
    """Take a commitment: the item is met from the day of the signature."""
    item, known = item_of(ask, plan), any_plan(plan)
    if item.planned.need is not Need.COMMITTED:
        raise NotCommittable(
            f"{ask.item} {item.planned.name}不是企业承诺事项，须按程序办理。"
            "适用承诺制的，请先在办理条件中改用承诺制流程。"
        )
    if item.state is ItemState.COMMITTED and item.attempt.done_on == ask.day:
        return []
    if item.state not in {ItemState.NOT_BEGUN, *OVER}:
        raise wrong_state(item, "不能再作承诺。")
    missing = known.open_of(item.planned.after)
    if missing:
        raise PredecessorsOpen(
            f"前置事项还没有办结：{named(missing, known)}。", missing=list(missing)
        )
    day = demand_day(ask, item)
    return [
        ItemCommitted(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number + 1,
            signed_on=day,
            document_number=ask.document_number,
            clocks=(commitment_clock(day, ask.catalogue_of(day), ask.days),),
        )
    ]


def check_commitment(ask: CheckCommitment, plan: PlanState) -> Sequence[PlanEvent]:
    """Tell whether a commitment was kept; what was not kept is met no longer."""
    item = item_of(ask, plan)
    if item.state is not ItemState.COMMITTED or item.attempt.checked_on is not None:
        raise wrong_state(item, "没有待核查的承诺。")
    return [
        CommitmentChecked(
            project_id=ask.project_id,
            item=ask.item,
            attempt=item.attempt.number,
            kept=ask.kept,
            findings=demand("findings", ask.findings, "核查结果要写明。"),
            checked_on=demand_day(ask, item),
        )
    ]
