"""A unit begins a dossier, changes it, gives it up."""

import pytest

from contracts.intake import ProjectEvent, ReviewEvent
from services.intake.dossier import stream_of
from services.intake.project.decider import AlreadyBegun, InReview, SecretProject
from services.intake.review.refusals import IncompleteFacts
from shared.refusals import NotFound, UnreadableInput
from tests.intake.dossiers import (
    COLLEAGUE,
    NEIGHBOUR,
    PROJECT,
    approved,
    discard,
    discarded,
    dossier,
    draft,
    drafted,
    facts,
    passed_first,
    pooled,
    rejected,
    report,
    returned,
    revise,
    revised,
    submitted,
    withdrawn,
)

CHANGED = facts(total_investment=13 * 100_000_000, funding=())


def test_a_unit_begins_a_dossier() -> None:
    dossier.when([draft()]).then(drafted())


def test_a_name_is_enough_to_begin() -> None:
    only_a_name = facts().model_validate({"name": "丹河新城水系治理"})
    dossier.when([draft(only_a_name)]).then(drafted(only_a_name))


def test_not_a_word_is_kept_of_a_project_that_nobody_declared_not_to_be_secret() -> None:
    refused = dossier.when([draft(not_secret=False)]).then_refused(
        SecretProject, code="secret_project"
    )
    assert [problem.field for problem in refused.errors] == ["not_secret"]


def test_words_that_are_added_are_declared_anew() -> None:
    dossier.given(drafted()).when([revise(CHANGED, not_secret=False)]).then_refused(SecretProject)


def test_a_dossier_begins_once() -> None:
    dossier.given(drafted()).when([draft()]).then_refused(AlreadyBegun, code="already_begun")
    dossier.given(drafted(), discarded()).when([draft()]).then_refused(AlreadyBegun)


def test_drafting_and_reporting_at_once_is_one_decision() -> None:
    dossier.when([draft(), report()]).then(drafted(), submitted())


def test_a_report_that_is_refused_leaves_no_draft_behind() -> None:
    dossier.when([draft(facts(content=None)), report()]).then_refused(IncompleteFacts)


def test_a_draft_may_be_changed_by_anyone_of_its_unit() -> None:
    dossier.given(drafted()).when([revise(CHANGED, by=COLLEAGUE)]).then(revised(CHANGED))


def test_each_change_is_an_edition_of_its_own() -> None:
    back = facts()
    dossier.given(drafted(), revised(CHANGED)).when([revise(back)]).then(revised(back, revision=3))


def test_the_same_facts_again_are_no_new_edition() -> None:
    dossier.given(drafted()).when([revise(facts())]).then_nothing()


def test_a_change_is_held_to_the_rules_of_its_columns() -> None:
    refusal = (
        dossier.given(drafted())
        .when([revise(facts(industry="00"))])
        .then_refused(UnreadableInput, code="unreadable_input")
    )
    assert [problem.field for problem in refusal.errors] == ["industry"]


def test_what_is_returned_may_be_changed() -> None:
    dossier.given(drafted(), submitted(), returned()).when([revise(CHANGED)]).then(revised(CHANGED))


def test_what_was_withdrawn_may_be_changed() -> None:
    (
        dossier.given(drafted(), submitted(), withdrawn())
        .when([revise(CHANGED)])
        .then(revised(CHANGED))
    )


@pytest.mark.parametrize(
    "past",
    [
        (submitted(),),
        (submitted(), passed_first()),
        (submitted(), passed_first(), returned(returned_by="PROVINCE", to="CITY")),
        (submitted(), passed_first(), approved(), pooled()),
        (submitted(), rejected()),
    ],
    ids=["reported", "passed first", "returned to the city", "pooled", "rejected"],
)
def test_what_is_under_review_or_decided_is_neither_changed_nor_given_up(
    past: tuple[ReviewEvent | ProjectEvent, ...],
) -> None:
    story = dossier.given(drafted(), *past)
    story.when([revise(CHANGED)]).then_refused(InReview, code="in_review")
    story.when([discard()]).then_refused(InReview, code="in_review")


def test_a_unit_gives_up_a_draft() -> None:
    dossier.given(drafted()).when([discard()]).then(discarded())


def test_what_was_returned_may_be_given_up() -> None:
    dossier.given(drafted(), submitted(), returned()).when([discard()]).then(discarded())


def test_giving_up_twice_happens_once() -> None:
    dossier.given(drafted(), discarded()).when([discard()]).then_nothing()


def test_another_units_dossier_looks_absent() -> None:
    for story in (dossier.given(drafted()), dossier.given(drafted(), discarded()), dossier):
        for asked in (revise(CHANGED, by=NEIGHBOUR), discard(NEIGHBOUR), report(by=NEIGHBOUR)):
            refusal = story.when([asked]).then_refused(NotFound, code="not_found")
            assert refusal.detail == "没有这个项目，或它不在你单位的范围内。"


def test_what_was_given_up_is_gone_for_its_unit_too() -> None:
    gone = dossier.given(drafted(), discarded())
    gone.when([revise(CHANGED)]).then_refused(NotFound)
    gone.when([report()]).then_refused(NotFound)


def test_a_dossier_has_one_stream() -> None:
    assert stream_of(PROJECT) == f"project-{PROJECT}"
