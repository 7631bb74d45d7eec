"""Permits that were granted are evidence that nobody uploads."""

from dataclasses import replace
from datetime import date
from typing import Any

from contracts.approval_tracking import ItemState
from contracts.intake import Evidence, MoveApplied, Pool
from services.intake.move.commands import ApplyForMove
from services.intake.move.permits import Permit, Permits
from services.intake.move.refusals import ConditionsMissing
from services.intake.move.rules import Works
from shared.refusals import UnreadableInput
from tests.intake.dossiers import passed_first
from tests.intake.move.moves import (
    FOR_PREP,
    applied,
    apply,
    move_approved,
    moved,
    papers,
    ready,
)

MAY_20 = date(2019, 5, 20)
NAMES = {"A10": "项目备案", "A12": "供地", "B07": "建设工程规划许可证", "B01": "环评审批"}
BUILDING = Works(started=True)


def permits(**changes: ItemState) -> Permits:
    """Everything that 转建设 rests on is granted, but for what is named."""
    return Permits(
        {
            item: Permit(
                item, name, changes.get(item, ItemState.GRANTED), f"晋市审〔2019〕{item}号", MAY_20
            )
            for item, name in NAMES.items()
        }
    )


in_preparation = ready.given(
    applied(evidence=papers(*FOR_PREP)), passed_first(revision=2), move_approved(), moved("T12")
)


def to_build(told: Permits, **changes: Any) -> ApplyForMove:
    return apply("T23", works=BUILDING, permits=told, **changes)


def applied_on(*evidence: Evidence) -> MoveApplied:
    return applied("T23", revision=3, from_pool=Pool.PREP, evidence=evidence)


def test_a_project_moves_into_building_on_its_permits_without_an_upload() -> None:
    in_preparation.when([to_build(permits())]).then(
        applied_on(
            *(
                Evidence(
                    sort="approval",
                    document_number=f"晋市审〔2019〕{item}号",
                    dated_on=MAY_20,
                    note=name,
                )
                for item, name in NAMES.items()
            )
        )
    )


def test_a_permit_that_is_not_granted_is_missing() -> None:
    asked = to_build(permits(B07=ItemState.ACCEPTED))
    refused = in_preparation.when([asked]).then_refused(ConditionsMissing)
    assert [problem.rule for problem in refused.errors] == ["planning"]


def test_what_is_not_granted_may_still_be_proved_on_paper() -> None:
    (paper,) = papers("planning_permit")
    told = permits(B07=ItemState.ACCEPTED)
    done = told.papers({"approval.A10", "approval.A12", "approval.B01"})
    in_preparation.when([to_build(told, evidence=(paper,))]).then(applied_on(paper, *done))


def test_the_gate_of_building_stands_for_a_start() -> None:
    told = replace(permits(), ready_on=MAY_20)
    asked = apply("T23", permits=told)
    in_preparation.when([asked]).then(
        applied_on(*told.papers(asked.rules.transitions["T23"].grounds))
    )
    in_preparation.when([apply("T23", permits=permits())]).then_refused(ConditionsMissing)


def test_nobody_attaches_a_permit_himself() -> None:
    forged = Evidence(sort="approval", document_number="自编1号")
    in_preparation.when([to_build(permits(), evidence=(forged,))]).then_refused(UnreadableInput)


def test_a_move_takes_only_the_permits_that_it_asks_for() -> None:
    asked = apply("TX1", reason="误报", permits=permits())
    out = applied("TX1", reason="误报", to_pool=None)
    ready.when([asked]).then(out)
