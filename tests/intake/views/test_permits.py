"""What a move may rest on: which items of the plan are done, by which document, since when."""

from datetime import date
from uuid import UUID

from contracts.approval_tracking import (
    AcceptanceCompleted,
    CommitmentChecked,
    ItemCommitted,
    ItemRectified,
    ItemRevoked,
    ItemWaived,
    Need,
    NoLongerReady,
    PlanClosed,
    PlanRevised,
    ReadyToStart,
    Stage,
    StageReopened,
)
from contracts.envelope import Fact
from services.intake.move.permits import Permits
from services.intake.views.permits import VIEW, PermitsRow, fold, permits_in
from shared.viewing import Told
from tests.intake.approvals import MAY_6, NUMBERS, accepted, drawn_up, granted, planned
from tests.shared.writing import surrounded

PROJECT = UUID("00000000-0000-7000-8000-000000000001")
JUNE_3 = date(2019, 6, 3)
PLAN = drawn_up(PROJECT)
KEPT, BROKEN = (
    CommitmentChecked(
        project_id=PROJECT, item="B07", attempt=1, kept=kept, findings="现场核查", checked_on=JUNE_3
    )
    for kept in (True, False)
)
COMMITTED = ItemCommitted(project_id=PROJECT, item="B07", attempt=1, signed_on=MAY_6, clocks=())


def told(*facts: Fact) -> Permits:
    row: PermitsRow | None = None
    (owner,) = VIEW.owners
    for envelope, fact in surrounded(f"approval-{PROJECT}", 1, *facts):
        if fact.kind in owner.kinds:
            row = fold(row, Told(envelope, fact, 1, "", b""))
    assert row is not None
    return permits_in(row)


def grounds(*facts: Fact) -> set[str]:
    return set(told(PLAN, *facts).grounds())


def test_a_plan_alone_proves_nothing() -> None:
    assert grounds() == set()
    assert list(told(PLAN).items) == list(NUMBERS)


def test_what_was_accepted_has_begun_and_what_was_granted_is_done() -> None:
    assert grounds(accepted(PROJECT, "B07")) == {"approval.begun"}
    done = granted(PROJECT, "B07", JUNE_3)
    assert grounds(accepted(PROJECT, "B07"), done) == {"approval.begun", "approval.B07"}
    permit = told(PLAN, done).items["B07"]
    assert (permit.name, permit.document_number, permit.since) == (
        "建设工程规划许可证",
        NUMBERS["B07"],
        JUNE_3,
    )


def test_what_was_revoked_proves_nothing_any_more() -> None:
    revoked = ItemRevoked(
        project_id=PROJECT,
        item="B07",
        attempt=1,
        reason="误发",
        basis="六十九条",
        revoked_on=JUNE_3,
    )
    assert grounds(granted(PROJECT, "B07"), revoked) == set()


def test_a_rectified_grant_has_its_right_number_and_day() -> None:
    rectified = ItemRectified(
        project_id=PROJECT,
        item="B07",
        attempt=1,
        granted_on=JUNE_3,
        document_number="更正号",
        valid_until=None,
        reason="笔误",
        rectified_on=JUNE_3,
    )
    permit = told(PLAN, granted(PROJECT, "B07"), rectified).items["B07"]
    assert (permit.document_number, permit.since, permit.done) == ("更正号", JUNE_3, True)


def test_a_commitment_counts_until_it_was_found_broken() -> None:
    assert "approval.B07" in grounds(COMMITTED)
    assert "approval.B07" in grounds(COMMITTED, KEPT)
    assert "approval.B07" not in grounds(COMMITTED, BROKEN)


def test_what_is_waived_or_served_by_the_government_is_done() -> None:
    waived = ItemWaived(
        project_id=PROJECT, item="B01", attempt=1, reason="豁免", basis="名录", waived_on=MAY_6
    )
    assert "approval.B01" in grounds(waived)
    served = drawn_up(PROJECT, (planned("B01", need=Need.SERVED),))
    assert set(told(served).grounds()) == {"approval.begun", "approval.B01"}


def test_a_revised_plan_keeps_what_was_done_and_drops_what_it_no_longer_asks() -> None:
    rest = (planned("B07", name="建设工程规划许可"), planned("C06"))
    revised = PlanRevised(
        **{**PLAN.model_dump(exclude={"kind", "drawn_up_on"}), "items": rest, "edition": 2},
        reason="用地方式变更",
        revised_on=JUNE_3,
    )
    after = told(PLAN, granted(PROJECT, "B07"), revised)
    assert list(after.items) == ["B07", "C06"]
    assert after.items["B07"].done
    assert after.items["B07"].name == "建设工程规划许可"


def test_a_closed_plan_still_tells_what_was_granted() -> None:
    closed = PlanClosed(project_id=PROJECT, reason="回到谋划库", closed_on=JUNE_3)
    assert "approval.A10" in grounds(granted(PROJECT, "A10"), closed)


def test_the_gate_and_the_acceptance_hold_until_they_are_taken_back() -> None:
    ready = ReadyToStart(project_id=PROJECT, items=("C06",), ready_on=MAY_6)
    gone = NoLongerReady(project_id=PROJECT, missing=("C06",), since=JUNE_3)
    assert grounds(ready) == {"approval.ready"}
    assert grounds(ready, gone) == set()
    completed = AcceptanceCompleted(project_id=PROJECT, completed_on=MAY_6)
    reopened, other = (
        StageReopened(project_id=PROJECT, stage=stage, reopened_on=JUNE_3)
        for stage in (Stage.ACCEPTANCE, Stage.DESIGN)
    )
    assert grounds(completed, other) == {"approval.accepted"}
    assert grounds(completed, reopened) == set()
