"""暂缓、恢复、终止、调出: a project waits, goes on, ends, or was never this city's."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import Pool, ProjectEnded, ProjectResumed, ProjectTakenOut, Standing
from services.intake.dossier import DOSSIER
from services.intake.move.refusals import ConditionsMissing, MoveNotOpen
from tests.intake.dossiers import PROJECT, passed_first, review_finally
from tests.intake.move.moves import (
    MAY_6,
    applied,
    apply,
    held,
    move_approved,
    moved,
    papers,
    ready,
)

WAITING: dict[str, Any] = {
    "reason": "贷款没有到位。",
    "resume_when": "授信批复后",
    "hold_until": date(2020, 5, 6),
}
waiting = ready.given(
    applied("TX2", to_pool=Pool.PLAN, **WAITING),
    passed_first(revision=2),
    move_approved(),
    held(),
)
in_prod = ready.given(moved("T13"), moved("T34"))


def test_a_project_waits_until_a_day_and_for_a_condition() -> None:
    ready.when([apply("TX2", **WAITING)]).then(applied("TX2", to_pool=Pool.PLAN, **WAITING))
    asked = ready.given(applied("TX2", to_pool=Pool.PLAN, **WAITING), passed_first(revision=2))
    asked.when([review_finally(on_revision=2, on=MAY_6)]).then(move_approved(), held())


@pytest.mark.parametrize(
    ("until", "missing"),
    [
        (date(2020, 5, 6), []),
        (date(2019, 5, 7), []),
        (date(2020, 5, 7), ["hold_until"]),
        (MAY_6, ["hold_until"]),
        (None, ["hold_until"]),
    ],
    ids=["twelve months", "tomorrow", "a day more", "today", "open"],
)
def test_a_project_waits_twelve_months_at_the_most(until: date | None, missing: list[str]) -> None:
    outcome = ready.when([apply("TX2", **{**WAITING, "hold_until": until})])
    if missing:
        refusal = outcome.then_refused(ConditionsMissing)
        assert [problem.rule for problem in refusal.errors] == missing
        assert "不超过 12 个月" in refusal.errors[0].message
    else:
        assert outcome.refusal is None


def test_waiting_needs_a_reason_and_a_condition_to_go_on() -> None:
    refusal = ready.when([apply("TX2", hold_until=date(2019, 12, 31))]).then_refused(
        ConditionsMissing
    )
    assert [problem.field for problem in refusal.errors] == ["reason", "resume_when"]


def test_what_waits_goes_on_in_the_pool_that_it_waited_in() -> None:
    asked = applied("TX3", to_pool=Pool.PLAN, reason="授信已批复。", revision=3)
    waiting.when([apply("TX3", reason="授信已批复。")]).then(asked)
    judged = waiting.given(asked, passed_first(revision=3))
    resumed = ProjectResumed(
        project_id=PROJECT, pool=Pool.PLAN, reason="授信已批复。", resumed_on=MAY_6
    )
    judged.when([review_finally(on_revision=3, on=MAY_6)]).then(move_approved(revision=3), resumed)
    after = judged.given(move_approved(revision=3), resumed)
    assert after.when([apply("TX2", **WAITING)]).refusal is None


def test_only_what_waits_resumes() -> None:
    ready.when([apply("TX3", reason="授信已批复。")]).then_refused(MoveNotOpen)


@pytest.mark.parametrize("story", [ready, waiting], ids=["in its pool", "on hold"])
def test_a_project_ends_for_a_reason_and_with_a_paper(story: Any) -> None:
    refusal = story.when([apply("TX4")]).then_refused(ConditionsMissing)
    assert [problem.rule for problem in refusal.errors] == ["reason_end", "paper_end"]
    assert story.when([apply("TX4", reason="不再实施。", evidence=papers("decision"))]).facts


def test_the_end_keeps_the_project_and_its_name() -> None:
    asked = applied("TX4", reason="不再实施。", evidence=papers("decision"))
    judged = ready.given(asked, passed_first(revision=2))
    ended = ProjectEnded(project_id=PROJECT, pool=Pool.PLAN, reason="不再实施。", ended_on=MAY_6)
    judged.when([review_finally(on_revision=2, on=MAY_6)]).then(move_approved(), ended)
    after = judged.given(move_approved(), ended)
    assert DOSSIER.holds(after.state) == DOSSIER.holds(ready.state)
    for transition in ("T12", "TX1", "TX2", "TX3", "TX4", "TX5", "TX6"):
        after.when([apply(transition, reason="原因")]).then_refused(MoveNotOpen)


def test_a_finished_project_neither_waits_nor_ends() -> None:
    for asked in (apply("TX2", **WAITING), apply("TX4", reason="不再实施。")):
        in_prod.when([asked]).then_refused(MoveNotOpen)


@pytest.mark.parametrize("story", [ready, in_prod, waiting], ids=["planned", "finished", "waiting"])
def test_a_project_that_is_not_ours_leaves_from_any_pool(story: Any) -> None:
    story.when([apply("TX1")]).then_refused(ConditionsMissing)
    assert story.when([apply("TX1", reason="属邻市管理，误报。")]).facts


def test_what_was_taken_out_leaves_its_name_to_others() -> None:
    asked = applied("TX1", reason="误报。")
    judged = ready.given(asked, passed_first(revision=2))
    out = ProjectTakenOut(
        project_id=PROJECT,
        pool=Pool.PLAN,
        total_investment=1_200_000_000,
        reason="误报。",
        taken_out_on=MAY_6,
    )
    judged.when([review_finally(on_revision=2, on=MAY_6)]).then(move_approved(), out)
    after = judged.given(move_approved(), out).state
    assert getattr(after.project, "standing", None) is Standing.OUT
    assert not DOSSIER.holds(after)
