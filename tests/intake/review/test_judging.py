"""查重裁定: what may be another project does not pass before the city has judged it."""

from uuid import UUID

import pytest

from services.intake.dossier import DossierEvent
from services.intake.project.commands import By
from services.intake.review.commands import Verdict
from services.intake.review.judging import (
    ComparedOldEdition,
    CountyComesFirst,
    DuplicateOfAnother,
    DuplicateUndecided,
    JudgedByItsReporter,
)
from services.intake.review.likeness import Suspect, likeness_of
from shared.refusals import NotFound, UnreadableInput
from tests.intake.dossiers import (
    CLERK,
    OTHER,
    OTHERS,
    OWN,
    PROJECT,
    approved,
    dossier,
    drafted,
    duplicate,
    facts,
    judge,
    passed_first,
    pooled,
    rejected,
    returned,
    review_finally,
    review_first,
    revised,
    submitted,
    withdrawn,
)

SUSPECT = Suspect(OTHER, OTHERS, 92)
reported = dossier.given(drafted(), submitted())
passing = review_first(suspects=(SUSPECT,))


def test_the_city_judges_that_two_projects_are_not_the_same() -> None:
    reported.when([judge()]).then(duplicate())


def test_what_may_be_another_project_does_not_pass_the_city_undecided() -> None:
    refusal = reported.when([passing]).then_refused(DuplicateUndecided, code="duplicate_undecided")
    assert "1 件疑似重复" in refusal.detail


def test_what_may_be_another_project_is_returned_or_rejected_without_a_verdict() -> None:
    said = {"opinion": "请核对是否与他件重复。", "suspects": (SUSPECT,)}
    reported.when([review_first(Verdict.RETURN, **said)]).then(returned(opinion=said["opinion"]))
    reported.when([review_first(Verdict.REJECT, **said)]).then(rejected(opinion=said["opinion"]))


def test_once_judged_to_be_another_it_passes() -> None:
    dossier.given(drafted(), submitted(), duplicate()).when([passing]).then(passed_first())


def test_a_duplicate_of_which_the_other_stays_does_not_pass() -> None:
    lost = duplicate(verdict="DUPLICATE", keeps=OTHER)
    story = dossier.given(drafted(), submitted(), lost)
    refusal = story.when([passing]).then_refused(DuplicateOfAnother, code="duplicate_of_another")
    assert "保留另一件" in refusal.detail


def test_a_duplicate_that_stays_itself_passes() -> None:
    kept = duplicate(verdict="DUPLICATE", keeps=PROJECT)
    dossier.given(drafted(), submitted(), kept).when([passing]).then(passed_first())


def test_the_province_lets_in_nothing_that_is_undecided_either() -> None:
    asked = review_finally(suspects=(SUSPECT,))
    past = (drafted(), submitted(), passed_first())
    refusal = dossier.given(*past).when([asked]).then_refused(DuplicateUndecided)
    assert OTHERS.name not in refusal.detail, "the province may not know the other yet"
    dossier.given(*past, duplicate()).when([asked]).then(approved(), pooled())


def test_a_verdict_holds_as_long_as_both_are_what_was_compared() -> None:
    judged = (drafted(), submitted(), duplicate())
    same_but_remarks = (returned(), revised(facts(remarks="补正")), submitted(revision=2, round=2))
    asked = review_first(on_revision=2, suspects=(SUSPECT,))
    dossier.given(*judged, *same_but_remarks).when([asked]).then(passed_first(revision=2))
    renamed = (returned(), revised(facts(name="巴公装备园")), submitted(revision=2, round=2))
    dossier.given(*judged, *renamed).when([asked]).then_refused(DuplicateUndecided)
    other_changed = SUSPECT._replace(likeness=OTHERS.model_copy(update={"total_investment": 1}))
    again = review_first(suspects=(other_changed,))
    dossier.given(*judged).when([again]).then_refused(DuplicateUndecided)


def test_of_two_that_are_one_the_countys_stays() -> None:
    countys = judge(same=True, own_of_county=True)
    reported.when([countys]).then(duplicate(verdict="DUPLICATE", keeps=PROJECT))
    others = judge(same=True, other_of_county=True, keeps=OTHER)
    reported.when([others]).then(duplicate(verdict="DUPLICATE", keeps=OTHER))
    against = judge(same=True, own_of_county=True, keeps=OTHER)
    reported.when([against]).then_refused(CountyComesFirst, code="county_comes_first")


@pytest.mark.parametrize("of_county", [True, False])
def test_between_equals_the_city_says_which_one_stays(of_county: bool) -> None:
    both = {"same": True, "own_of_county": of_county, "other_of_county": of_county}
    refusal = reported.when([judge(**both)]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("keeps", "required")]
    stranger = judge(**both, keeps=UUID(int=99))
    reported.when([stranger]).then_refused(UnreadableInput)
    reported.when([judge(**both, keeps=OTHER)]).then(duplicate(verdict="DUPLICATE", keeps=OTHER))


def test_a_verdict_gives_its_reason_and_holds_no_personal_data() -> None:
    refusal = reported.when([judge(reason=" ")]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("reason", "required")]
    refusal = reported.when([judge(reason="问13835601234")]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("reason", "personal_data")]


def test_the_same_verdict_again_is_none_and_another_one_replaces_it() -> None:
    judged = dossier.given(drafted(), submitted(), duplicate())
    judged.when([judge(reason="换一种说法")]).then_nothing()
    changed = judge(same=True, own_of_county=True)
    judged.when([changed]).then(duplicate(verdict="DUPLICATE", keeps=PROJECT))


def test_nobody_judges_what_he_reported_nor_his_substitute() -> None:
    reported.when([judge(by=CLERK)]).then_refused(JudgedByItsReporter)
    stand_in = By(account="colleague", org="D-DRC", acting_for=CLERK.account)
    reported.when([judge(by=stand_in)]).then_refused(JudgedByItsReporter)


def test_a_verdict_is_about_the_edition_that_lies_there() -> None:
    refusal = reported.when([judge(on_revision=2)]).then_refused(ComparedOldEdition)
    assert "第 1 版" in refusal.detail


@pytest.mark.parametrize("past", [(), (drafted(),)], ids=["nothing", "draft"])
def test_what_was_never_reported_looks_absent(past: tuple[DossierEvent, ...]) -> None:
    dossier.given(*past).when([judge()]).then_refused(NotFound)


def test_what_is_in_a_pool_or_taken_back_is_judged_as_well() -> None:
    in_pool = (drafted(), submitted(), passed_first(), approved(), pooled())
    dossier.given(*in_pool).when([judge()]).then(duplicate())
    dossier.given(drafted(), submitted(), withdrawn()).when([judge()]).then(duplicate())


def test_what_is_compared_is_what_the_form_says() -> None:
    assert likeness_of("泽州县", facts()) == OWN
