"""转库: from planning over preparation to building and production, and back again."""

from typing import Any

import pytest

from contracts.intake import Level, Pool
from services.intake.move.refusals import ConditionsMissing, MoveNotOpen, UnderApplication
from services.intake.move.rules import Works
from services.intake.project.commands import By
from services.intake.review.commands import Verdict
from services.intake.review.refusals import (
    DecidedOnOldRevision,
    ReviewedByItsReporter,
    TooLateToWithdraw,
)
from shared.refusals import NotFound, UnreadableInput
from tests.intake.dossiers import (
    CITY,
    CLERK,
    NEIGHBOUR,
    dossier,
    drafted,
    passed_first,
    pooled,
    report,
    returned,
    review_finally,
    review_first,
    revise,
    submitted,
    withdraw,
)
from tests.intake.move.moves import (
    FOR_BUILD,
    FOR_PREP,
    MAY_6,
    applied,
    apply,
    coded,
    held,
    in_plan,
    move_approved,
    move_refused,
    move_withdrawn,
    moved,
    papers,
    ready,
)

PREP = papers(*FOR_PREP)
BUILD = papers(*FOR_BUILD)
STARTED = Works(started=True)

in_prep = ready.given(applied(evidence=PREP), passed_first(revision=2), move_approved(), moved())
in_build = in_prep.given(moved("T23"))


def test_a_unit_applies_with_what_the_next_pool_asks_for() -> None:
    ready.when([apply("T12", evidence=PREP)]).then(applied(evidence=PREP))


def test_what_is_missing_is_named_with_its_rule_and_source() -> None:
    refusal = in_plan.when([apply("T12")]).then_refused(ConditionsMissing)
    assert [(p.field, p.rule) for p in refusal.errors] == [
        ("project_code", "code"),
        ("evidence", "first_approval"),
        ("evidence", "preparation_plan"),
    ]
    assert all("系统默认" in problem.message and problem.remedy for problem in refusal.errors)


def test_a_move_is_judged_at_both_levels_and_takes_effect_with_the_approval() -> None:
    reported = ready.given(applied(evidence=PREP))
    reported.when([review_first(on_revision=2)]).then(passed_first(revision=2))
    reported.given(passed_first(revision=2)).when([review_finally(on_revision=2, on=MAY_6)]).then(
        move_approved(), moved()
    )


def test_the_works_may_stand_for_a_paper_that_is_not_there() -> None:
    refusal = in_prep.when([apply("T23", evidence=BUILD)]).then_refused(ConditionsMissing)
    assert [problem.rule for problem in refusal.errors] == ["started"]
    in_prep.when([apply("T23", evidence=BUILD, works=STARTED)]).then(
        applied("T23", evidence=BUILD, from_pool=Pool.PREP, revision=3)
    )


@pytest.mark.parametrize("paper", ["construction_permit", "start_report", "start_ready"])
def test_who_can_build_this_year_need_not_have_begun(paper: str) -> None:
    evidence = papers(*FOR_BUILD, paper)
    in_prep.when([apply("T23", evidence=evidence)]).then(
        applied("T23", evidence=evidence, from_pool=Pool.PREP, revision=3)
    )


def test_a_commitment_stands_for_land_planning_and_environment() -> None:
    evidence = papers("project_approval", "commitment")
    in_prep.when([apply("T23", evidence=evidence, works=STARTED)]).then(
        applied("T23", evidence=evidence, from_pool=Pool.PREP, revision=3)
    )


def test_a_fast_track_needs_what_both_pools_need_and_a_reason() -> None:
    refusal = ready.when([apply("T13", works=STARTED)]).then_refused(ConditionsMissing)
    assert [problem.rule for problem in refusal.errors] == [
        "first_approval",
        "preparation_plan",
        "project_approval",
        "land",
        "planning",
        "environment",
        "fast_track_reason",
    ]
    evidence = papers("preparation_plan", *FOR_BUILD)
    asked = apply("T13", evidence=evidence, works=STARTED, reason="手续已齐，已开工。")
    ready.when([asked]).then(applied("T13", evidence=evidence, reason="手续已齐，已开工。"))


def test_production_needs_acceptance_and_proof_of_production() -> None:
    refusal = in_build.when([apply("T34")]).then_refused(ConditionsMissing)
    assert [problem.rule for problem in refusal.errors] == ["accepted", "producing"]
    finished = Works(started=True, finished=True)
    for evidence, works in [
        (papers("trial_production"), Works()),
        (papers("joint_acceptance", "production_proof"), Works()),
        (papers("production_proof"), finished),
    ]:
        in_build.when([apply("T34", evidence=evidence, works=works)]).then(
            applied("T34", evidence=evidence, from_pool=Pool.BUILD, revision=3)
        )


@pytest.mark.parametrize(
    ("story", "transition", "pool"),
    [(in_prep, "T21", Pool.PREP), (in_build, "T32", Pool.BUILD)],
    ids=["to planning", "to preparation"],
)
def test_a_project_goes_back_for_a_reason(story: Any, transition: str, pool: Pool) -> None:
    refusal = story.when([apply(transition)]).then_refused(ConditionsMissing)
    assert [problem.rule for problem in refusal.errors] == ["reason_back"]
    story.when([apply(transition, reason="用地批复被撤销。")]).then(
        applied(transition, reason="用地批复被撤销。", from_pool=pool, revision=3)
    )


@pytest.mark.parametrize("transition", ["T23", "T34", "T21", "T32", "TX3"])
def test_a_move_begins_where_the_project_is(transition: str) -> None:
    asked = apply(transition, reason="原因", evidence=BUILD, works=STARTED)
    ready.when([asked]).then_refused(MoveNotOpen, code="move_not_open")


def test_only_what_is_in_a_pool_moves() -> None:
    for past in ((), (submitted(),), (submitted(), returned())):
        story = dossier.given(drafted(coded), *past)
        story.when([apply("T12", evidence=PREP)]).then_refused(MoveNotOpen)


def test_a_verdict_is_about_one_application_at_a_time() -> None:
    reported = ready.given(applied(evidence=PREP))
    for asked in (apply("T12", evidence=PREP), apply("TX1", reason="误报")):
        reported.when([asked]).then_refused(UnderApplication)


def test_what_was_returned_is_completed_and_judged_again_as_another_edition() -> None:
    sent_back = ready.given(applied(evidence=PREP), returned(revision=2))
    sent_back.when([apply("T12", evidence=PREP)]).then(applied(evidence=PREP, revision=3, round=2))
    again = sent_back.given(applied(evidence=PREP, revision=3, round=2))
    again.when([review_first(on_revision=2)]).then_refused(DecidedOnOldRevision)
    again.when([review_first(on_revision=3)]).then(passed_first(revision=3))


def test_a_returned_application_is_completed_or_taken_back_before_another() -> None:
    sent_back = ready.given(applied(evidence=PREP), returned(revision=2))
    sent_back.when([apply("TX1", reason="误报")]).then_refused(UnderApplication)
    sent_back.when([withdraw("补充材料")]).then(move_withdrawn())
    sent_back.given(move_withdrawn()).when([apply("TX1", reason="误报")]).then(
        applied("TX1", reason="误报", revision=3)
    )


def test_a_returned_application_leaves_the_accepted_facts_alone() -> None:
    sent_back = ready.given(applied(evidence=PREP), returned(revision=2))
    assert sent_back.when([revise(coded)]).refusal is not None
    assert sent_back.when([report()]).refusal is not None


@pytest.mark.parametrize("level", ["CITY", "PROVINCE"])
def test_a_refused_move_leaves_the_project_where_it_was(level: str) -> None:
    reported = ready.given(applied(evidence=PREP))
    if level == "CITY":
        asked = review_first(Verdict.REJECT, on_revision=2, opinion="手续没有办结。")
        reported.when([asked]).then(move_refused())
    else:
        last = review_finally(Verdict.REJECT, on_revision=2, opinion="手续没有办结。")
        reported.given(passed_first(revision=2)).when([last]).then(
            move_refused(refused_by="PROVINCE")
        )
    after = reported.given(move_refused())
    assert getattr(after.state.project, "pool", None) is Pool.PLAN
    after.when([apply("T12", evidence=PREP)]).then(applied(evidence=PREP, revision=3))


def test_a_refusal_of_a_move_gives_its_reason() -> None:
    asked = review_first(Verdict.REJECT, on_revision=2, opinion="")
    ready.given(applied(evidence=PREP)).when([asked]).then_refused(UnreadableInput)


def test_an_application_is_taken_back_before_the_city_has_looked_at_it() -> None:
    reported = ready.given(applied(evidence=PREP))
    reported.when([withdraw("补充材料")]).then(move_withdrawn())
    passed = reported.given(passed_first(revision=2))
    assert passed.when([withdraw()]).refusal is not None
    ready.when([withdraw()]).then_refused(TooLateToWithdraw)


def test_reporter_and_reviewers_of_a_move_are_three_people() -> None:
    reporter = By(account=CLERK.account, org="X-PRC")
    reported = ready.given(applied(evidence=PREP))
    reported.when([review_first(by=reporter, on_revision=2)]).then_refused(ReviewedByItsReporter)
    passed = reported.given(passed_first(revision=2))
    first = By(account=CITY.account, org="X-PRC")
    assert passed.when([review_finally(by=first, on_revision=2)]).refusal is not None


def test_the_province_sends_a_move_back_to_the_city() -> None:
    passed = ready.given(applied(evidence=PREP), passed_first(revision=2))
    asked = review_finally(Verdict.RETURN, to=Level.CITY, on_revision=2, opinion="请核对用地。")
    passed.when([asked]).then(
        returned(
            returned_by="PROVINCE",
            to=Level.CITY,
            revision=2,
            opinion="请核对用地。",
        )
    )


def test_another_units_project_looks_absent() -> None:
    ready.when([apply("T12", by=NEIGHBOUR, evidence=PREP)]).then_refused(NotFound)


def test_papers_are_of_a_sort_that_the_rules_know() -> None:
    refusal = ready.when([apply("T12", evidence=papers("dream"))]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("evidence.0.sort", "unknown_evidence")]


def test_a_move_that_the_rules_do_not_know_is_none() -> None:
    refusal = ready.when([apply("T99")]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("transition", "unknown_transition")]


@pytest.mark.parametrize("field", ["reason", "resume_when"])
def test_the_words_of_an_application_hold_no_personal_data(field: str) -> None:
    asked = apply("TX1", **{"reason": "误报", field: "问13835601234"})
    refusal = ready.when([asked]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [(field, "personal_data")]


def test_what_is_on_hold_goes_nowhere_until_it_resumes() -> None:
    story = ready.given(held())
    story.when([apply("T12", evidence=PREP)]).then_refused(MoveNotOpen)


def test_a_project_that_was_never_drafted_here_moves_like_any_other() -> None:
    # Opening stock, and the parts of a split.
    dossier.given(pooled(coded)).when([apply("T12", evidence=PREP)]).then(applied(evidence=PREP))
