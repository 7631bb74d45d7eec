"""市级初审: the city passes, returns or rejects what was reported."""

import pytest

from contracts.intake import Level
from services.intake.dossier import DossierEvent
from services.intake.project.commands import By
from services.intake.project.rules import COLUMNS
from services.intake.review.commands import Verdict
from services.intake.review.refusals import (
    DecidedOnOldRevision,
    NotUnderReview,
    ReviewedByItsReporter,
)
from shared.refusals import NotFound, UnreadableInput
from tests.intake.dossiers import (
    CITY,
    CLERK,
    approved,
    discarded,
    dossier,
    drafted,
    facts,
    passed_first,
    pooled,
    rejected,
    remark,
    returned,
    review_first,
    revised,
    submitted,
    withdrawn,
)

reported = dossier.given(drafted(), submitted())


def test_the_city_passes_a_report_on_to_the_province() -> None:
    reported.when([review_first()]).then(passed_first())


def test_a_pass_needs_no_words() -> None:
    reported.when([review_first(opinion=" ")]).then(passed_first(opinion=""))


def test_the_city_returns_a_report_with_remarks_on_its_columns() -> None:
    remarks = (remark("funding", "贷款意向书未附"), remark("location.region"))
    asked = review_first(Verdict.RETURN, opinion=" 请补充资金落实情况。 ", remarks=remarks)
    reported.when([asked]).then(returned(remarks=remarks))


def test_the_city_rejects_a_report() -> None:
    asked = review_first(Verdict.REJECT, opinion="不属于谋划范围。")
    reported.when([asked]).then(rejected())


@pytest.mark.parametrize("verdict", [Verdict.RETURN, Verdict.REJECT])
def test_a_return_or_rejection_gives_its_reason(verdict: Verdict) -> None:
    refusal = reported.when([review_first(verdict, opinion="  ")]).then_refused(UnreadableInput)
    (problem,) = refusal.errors
    assert (problem.field, problem.rule) == ("opinion", "required")


def test_a_remark_is_about_a_column_of_the_form() -> None:
    for column in COLUMNS:
        asked = review_first(Verdict.RETURN, opinion="请改", remarks=(remark(column),))
        reported.when([asked]).then(returned(opinion="请改", remarks=(remark(column),)))
    for nothing in ("colour", "opinion", "not_secret"):
        asked = review_first(Verdict.RETURN, opinion="请改", remarks=(remark(nothing),))
        refusal = reported.when([asked]).then_refused(UnreadableInput)
        assert nothing in refusal.errors[0].message


def test_nobody_reviews_what_he_reported() -> None:
    asked = review_first(by=CLERK)
    reported.when([asked]).then_refused(ReviewedByItsReporter, code="reviewed_by_its_reporter")


def test_the_reporter_is_whoever_reported_last() -> None:
    past = (drafted(), submitted(submitted_by=CITY.account), withdrawn(), submitted(round=2))
    dossier.given(*past).when([review_first()]).then(passed_first())


def test_a_decision_on_an_older_edition_does_not_count() -> None:
    past = (drafted(), submitted(), returned(), revised(facts(remarks="已补正")))
    again = dossier.given(*past, submitted(revision=2, round=2))
    refusal = again.when([review_first(on_revision=1)]).then_refused(
        DecidedOnOldRevision, code="decided_on_old_revision"
    )
    assert refusal.more == {"present_revision": 2}
    again.when([review_first(on_revision=2)]).then(passed_first(revision=2))


@pytest.mark.parametrize(
    "past",
    [
        (submitted(), passed_first()),
        (submitted(), returned()),
        (submitted(), rejected()),
        (submitted(), passed_first(), approved(), pooled()),
    ],
    ids=["passed first", "returned", "rejected", "pooled"],
)
def test_what_does_not_lie_with_the_city_is_not_reviewed_there(
    past: tuple[DossierEvent, ...],
) -> None:
    story = dossier.given(drafted(), *past)
    story.when([review_first()]).then_refused(NotUnderReview, code="not_under_review")


@pytest.mark.parametrize(
    "past",
    [(), (drafted(),), (drafted(), submitted(), withdrawn()), (drafted(), discarded())],
    ids=["nothing", "draft", "withdrawn", "given up"],
)
def test_what_was_not_reported_looks_absent(past: tuple[DossierEvent, ...]) -> None:
    dossier.given(*past).when([review_first()]).then_refused(NotFound)


def test_what_the_province_returned_to_the_city_is_reviewed_there_again() -> None:
    back = dossier.given(
        drafted(), submitted(), passed_first(), returned(returned_by="PROVINCE", to=Level.CITY)
    )
    back.when([review_first(opinion="已核实，仍同意。")]).then(
        passed_first(opinion="已核实，仍同意。")
    )
    back.when([review_first(Verdict.RETURN, opinion="请补充资金落实情况。")]).then(returned())
    back.when([review_first(by=CLERK)]).then_refused(ReviewedByItsReporter)


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("number", ["13835601234", "11010519491231002X"])
def test_an_opinion_or_remark_holds_no_personal_data(verdict: Verdict, number: str) -> None:
    in_opinion = review_first(verdict, opinion=f"请联系{number}。")
    refusal = reported.when([in_opinion]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("opinion", "personal_data")]
    in_remark = review_first(verdict, remarks=(remark("name"), remark("funding", f"问{number}")))
    refusal = reported.when([in_remark]).then_refused(UnreadableInput)
    assert [(p.field, p.label) for p in refusal.errors] == [("remarks.1.text", "分栏意见")]


def test_an_opinion_holds_only_what_can_be_shown() -> None:
    refusal = reported.when([review_first(opinion="同意\0")]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("opinion", "unprintable")]


def test_a_substitute_does_not_review_what_the_absent_one_entered() -> None:
    stand_in = By(account="colleague", org="D-DRC", acting_for=CITY.account)
    entered = dossier.given(drafted(), submitted(submitted_by=CITY.account))
    entered.when([review_first(by=stand_in)]).then_refused(ReviewedByItsReporter)
    reported.when([review_first(by=stand_in)]).then(passed_first(reviewed_by="colleague"))
