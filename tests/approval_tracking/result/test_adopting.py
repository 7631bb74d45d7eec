"""A row of another platform becomes the act that an office would have entered itself."""

from datetime import date
from typing import Any

import pytest

from contracts.approval_tracking import ItemState, ResultStep
from services.approval_tracking.approval_plan.commands import Accept, By, Grant, Receive
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.refusals import NotInThatState
from services.approval_tracking.approval_plan.states import Plan, PlanState
from services.approval_tracking.result.adopting import (
    Adopting,
    NoSuchItem,
    NoSuchPlan,
    NoSuchProcedure,
    item_named,
)
from tests.approval_tracking.plans import DAYS, PROJECT, act, catalogue_of, draw_up, told
from tests.approval_tracking.result.rows import row

MAY_20 = date(2019, 5, 20)
PLATFORM = By(account="m-platform", role="city_reviewer", org="D-DRC")
ADOPTING = Adopting(PLATFORM, MAY_20, DAYS, catalogue_of)


def plan_after(*commands: Any) -> PlanState:
    state: PlanState = PLAN.initial
    for fact in told(draw_up(), *commands):
        state = PLAN.evolve(state, fact)
    return state


def taken(plan: PlanState, *rows: Any) -> Plan:
    """Let a plan take rows, one after another."""
    for said in rows:
        for command in ADOPTING.commands(said, PROJECT, said.item, plan):
            for fact in PLAN.decide(command, plan):
                plan = PLAN.evolve(plan, fact)
    assert isinstance(plan, Plan)
    return plan


def step(kind: ResultStep, day: int, item: str = "A10", **more: Any) -> Any:
    return row(step=kind, item=item, happened_on=date(2019, 5, day), **more)


def granted_a01() -> Any:
    return act(Grant, "A01", date(2019, 4, 23), document_number="2019-140525-34-03-002187")


def begun() -> PlanState:
    return plan_after(act(Receive, "A01"), act(Accept, "A01"), granted_a01())


def test_an_item_is_found_by_its_number_and_by_its_whole_name() -> None:
    plan = plan_after()
    assert item_named("A10", plan) == "A10"
    assert item_named("a10", plan) == "A10"
    assert item_named("事项A10", plan) == "A10"


def test_an_item_that_is_not_in_the_plan_is_not_guessed() -> None:
    with pytest.raises(NoSuchItem, match="A11"):
        item_named("A11", plan_after())
    with pytest.raises(NoSuchItem, match="事项A1"):
        item_named("事项A1", plan_after())


def test_a_project_without_a_plan_takes_nothing() -> None:
    with pytest.raises(NoSuchPlan):
        ADOPTING.commands(row(), PROJECT, "A13", PLAN.initial)


def test_the_steps_of_a_platform_lead_an_item_to_its_grant() -> None:
    plan = taken(
        begun(),
        step(ResultStep.RECEIVED, 6),
        step(ResultStep.CORRECTIONS_ASKED, 7, reason="缺用地红线图；申请表没有盖章"),
        step(ResultStep.CORRECTED, 9),
        step(ResultStep.ACCEPTED, 10),
        step(
            ResultStep.PAUSED,
            13,
            reason="组织评审",
            procedure="专家评审",
            expected_days=3,
            document_number="晋市告〔2019〕7号",
        ),
        step(ResultStep.RESUMED, 14),
        step(ResultStep.GRANTED, 17, document_number="晋市备〔2019〕12号"),
    )
    item = plan.items["A10"]
    assert item.state is ItemState.GRANTED
    assert item.attempt.asked_on == date(2019, 5, 7)
    assert [(one.first.day, one.last and one.last.day) for one in item.attempt.pauses] == [(13, 14)]
    assert (item.attempt.document_number, item.attempt.done_on) == (
        "晋市备〔2019〕12号",
        date(2019, 5, 17),
    )


def test_who_accepts_without_a_receipt_has_received_on_that_day() -> None:
    attempt = taken(begun(), step(ResultStep.ACCEPTED, 10)).items["A10"].attempt
    assert (attempt.received_on, attempt.accepted_on) == (date(2019, 5, 10), date(2019, 5, 10))


def test_what_was_never_accepted_is_not_granted_by_a_row() -> None:
    with pytest.raises(NotInThatState):
        taken(begun(), step(ResultStep.GRANTED, 17))


def test_an_item_comes_to_nothing_as_the_platform_says() -> None:
    accepted = taken(begun(), step(ResultStep.ACCEPTED, 6))
    refused = step(ResultStep.REFUSED, 8, reason="选址不符", basis="城乡规划法第三十六条")
    assert taken(accepted, refused).items["A10"].state is ItemState.REFUSED
    withdrawn = step(ResultStep.WITHDRAWN, 8, reason="方案要改")
    assert taken(accepted, withdrawn).items["A10"].state is ItemState.WITHDRAWN
    granted = taken(accepted, step(ResultStep.GRANTED, 8))
    revoked = step(ResultStep.REVOKED, 10, reason="材料不实", basis="行政许可法第六十九条")
    assert taken(granted, revoked).items["A10"].state is ItemState.REVOKED


def test_a_clock_stands_still_only_for_what_the_rules_know() -> None:
    accepted = taken(begun(), step(ResultStep.ACCEPTED, 6))
    with pytest.raises(NoSuchProcedure, match="专家评审"):
        taken(
            accepted,
            step(ResultStep.PAUSED, 8, reason="等等", procedure="领导出差", expected_days=3),
        )
