"""省级审核: the province lets a project into 谋划库, returns or rejects it."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import Level
from services.intake.dossier import DossierEvent
from services.intake.project.commands import By
from services.intake.review.commands import Verdict
from services.intake.review.refusals import (
    DecidedOnOldRevision,
    NotUnderReview,
    ReviewedByItsReporter,
    ReviewedTwiceByOne,
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
    review_finally,
    revised,
    submitted,
    withdrawn,
)

passed = dossier.given(drafted(), submitted(), passed_first())


def test_an_approval_lets_the_project_into_the_pool_at_once() -> None:
    passed.when([review_finally()]).then(approved(), pooled())


def test_the_admission_carries_the_edition_that_was_approved() -> None:
    changed = facts(remarks="已补正")
    past = (drafted(), submitted(), returned(), revised(changed), submitted(revision=2, round=2))
    (
        dossier.given(*past, passed_first(revision=2))
        .when([review_finally(on_revision=2)])
        .then(approved(revision=2), pooled(changed, revision=2))
    )


def test_the_month_is_that_of_the_report_and_the_day_that_of_the_approval() -> None:
    in_may = date(2019, 5, 6)
    passed.when([review_finally(on=in_may)]).then(
        approved(), pooled(report_month="2019-04", approved_on=in_may)
    )


def test_the_month_survives_a_return_to_the_city() -> None:
    past = (returned(returned_by="PROVINCE", to=Level.CITY), passed_first())
    passed.given(*past).when([review_finally(on=date(2019, 5, 6))]).then(
        approved(), pooled(report_month="2019-04", approved_on=date(2019, 5, 6))
    )


def test_the_document_number_is_kept() -> None:
    number = "晋发改审〔2019〕88号"
    passed.when([review_finally(document_number=number)]).then(
        approved(document_number=number), pooled()
    )


@pytest.mark.parametrize("to", list(Level))
def test_the_province_returns_to_the_reporter_or_to_the_city(to: Level) -> None:
    remarks = (remark("funding"),)
    asked = review_finally(Verdict.RETURN, to=to, opinion="请补充资金落实情况。", remarks=remarks)
    passed.when([asked]).then(returned(returned_by="PROVINCE", to=to, remarks=remarks))


def test_the_province_rejects() -> None:
    asked = review_finally(Verdict.REJECT, opinion="不属于谋划范围。")
    passed.when([asked]).then(rejected(rejected_by="PROVINCE"))


@pytest.mark.parametrize("verdict", [Verdict.RETURN, Verdict.REJECT])
def test_a_return_or_rejection_gives_its_reason(verdict: Verdict) -> None:
    refusal = passed.when([review_finally(verdict, opinion="")]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [("opinion", "required")]


def test_reporter_first_reviewer_and_final_reviewer_are_three_people() -> None:
    reporter, first = By(account=CLERK.account, org="X-PRC"), By(account=CITY.account, org="X-PRC")
    passed.when([review_finally(by=reporter)]).then_refused(
        ReviewedByItsReporter, code="reviewed_by_its_reporter"
    )
    passed.when([review_finally(by=first)]).then_refused(
        ReviewedTwiceByOne, code="reviewed_twice_by_one"
    )


def test_the_first_reviewer_is_whoever_passed_it_last() -> None:
    past = (returned(returned_by="PROVINCE", to=Level.CITY), passed_first(reviewed_by="other"))
    passed.given(*past).when([review_finally(by=CITY)]).then(approved(), pooled())


def test_a_decision_on_an_older_edition_does_not_count() -> None:
    past = (drafted(), submitted(), returned(), revised(facts(remarks="已补正")))
    again = dossier.given(*past, submitted(revision=2, round=2), passed_first(revision=2))
    refusal = again.when([review_finally(on_revision=1)]).then_refused(DecidedOnOldRevision)
    assert refusal.more == {"present_revision": 2}


@pytest.mark.parametrize(
    "past",
    [
        (submitted(),),
        (submitted(), passed_first(), returned(returned_by="PROVINCE", to=Level.CITY)),
        (submitted(), passed_first(), returned(returned_by="PROVINCE")),
        (submitted(), rejected()),
        (submitted(), passed_first(), approved(), pooled()),
    ],
    ids=["with the city", "back with the city", "back with its unit", "rejected", "pooled"],
)
def test_what_does_not_lie_with_the_province_is_not_decided_there(
    past: tuple[DossierEvent, ...],
) -> None:
    story = dossier.given(drafted(), *past)
    for verdict in Verdict:
        story.when([review_finally(verdict)]).then_refused(NotUnderReview, code="not_under_review")


@pytest.mark.parametrize(
    "past",
    [(), (drafted(),), (drafted(), submitted(), withdrawn()), (drafted(), discarded())],
    ids=["nothing", "draft", "withdrawn", "given up"],
)
def test_what_was_not_reported_looks_absent(past: tuple[DossierEvent, ...]) -> None:
    dossier.given(*past).when([review_finally()]).then_refused(NotFound)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"opinion": "问13835601234"}, "opinion"),
        ({"document_number": "0356-2198345"}, "document_number"),
        ({"remarks": (remark("name", "问0356 2198345"),)}, "remarks.0.text"),
    ],
)
def test_the_words_of_a_review_hold_no_personal_data(changes: dict[str, Any], field: str) -> None:
    refusal = passed.when([review_finally(**changes)]).then_refused(UnreadableInput)
    assert [(p.field, p.rule) for p in refusal.errors] == [(field, "personal_data")]
