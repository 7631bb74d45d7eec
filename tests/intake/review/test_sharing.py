"""领取、转办: colleagues of one level share its queue without doing the same twice."""

import pytest

from contracts.intake import Holder, ReviewHandedOver, ReviewTaken
from services.intake.dossier import DossierEvent
from services.intake.project.commands import By
from services.intake.review.commands import HandOver, TakeReview
from services.intake.review.refusals import (
    HandedToItsReporter,
    NotUnderReview,
    ReviewedByItsReporter,
    ReviewedTwiceByOne,
    TakenByAnother,
)
from shared.refusals import UnreadableInput
from tests.intake.dossiers import (
    CITY,
    CLERK,
    PROJECT,
    PROVINCE,
    approved,
    dossier,
    drafted,
    passed_first,
    pooled,
    returned,
    review_finally,
    review_first,
    submitted,
)

SECOND = By(account="second", org="D-DRC")
reported = dossier.given(drafted(), submitted())
passed = reported.given(passed_first())


def take(by: By = CITY, level: Holder = Holder.CITY) -> TakeReview:
    return TakeReview(project_id=PROJECT, by=by, level=level)


def taken(by: By = CITY, level: Holder = Holder.CITY) -> ReviewTaken:
    return ReviewTaken(project_id=PROJECT, level=level, taken_by=by.account)


def hand_over(to: str | None, by: By = CITY, reason: str = "出差。") -> HandOver:
    return HandOver(project_id=PROJECT, by=by, level=Holder.CITY, handed_to=to, reason=reason)


def handed_over(to: str | None) -> ReviewHandedOver:
    return ReviewHandedOver(project_id=PROJECT, level=Holder.CITY, handed_to=to, reason="出差。")


def test_a_reviewer_takes_what_lies_with_his_level() -> None:
    reported.when([take()]).then(taken())
    passed.when([take(PROVINCE, Holder.PROVINCE)]).then(taken(PROVINCE, Holder.PROVINCE))


def test_taking_twice_happens_once_and_a_colleague_is_told_who_is_not_free() -> None:
    reported.given(taken()).when([take()]).then_nothing()
    reported.given(taken()).when([take(SECOND)]).then_refused(
        TakenByAnother, code="taken_by_another"
    )


def test_what_a_colleague_has_taken_is_his_to_decide() -> None:
    mine = reported.given(taken(SECOND))
    mine.when([review_first()]).then_refused(TakenByAnother)
    mine.when([review_first(by=SECOND)]).then(passed_first(reviewed_by="second"))
    stand_in = By(account="stand-in", org="D-DRC", acting_for="second")
    mine.when([review_first(by=stand_in)]).then(passed_first(reviewed_by="stand-in"))
    reported.when([review_first()]).then(passed_first())


def test_what_nobody_has_taken_anybody_of_the_level_decides() -> None:
    reported.when([review_first(by=SECOND)]).then(passed_first(reviewed_by="second"))


def test_a_step_that_is_done_takes_the_taking_with_it() -> None:
    on = reported.given(taken(), passed_first())
    on.when([review_finally()]).then(approved(), pooled())
    back = reported.given(taken(), returned(), submitted(round=2))
    back.when([take(SECOND)]).then(taken(SECOND))


def test_it_is_handed_to_a_colleague_who_then_decides() -> None:
    mine = reported.given(taken())
    mine.when([hand_over("second")]).then(handed_over("second"))
    his = mine.given(handed_over("second"))
    his.when([review_first()]).then_refused(TakenByAnother)
    his.when([review_first(by=SECOND)]).then(passed_first(reviewed_by="second"))


def test_a_colleague_takes_over_what_an_absent_one_has_taken() -> None:
    reported.given(taken()).when([hand_over("second", by=SECOND)]).then(handed_over("second"))


def test_it_is_put_back_into_the_queue() -> None:
    mine = reported.given(taken())
    mine.when([hand_over(None)]).then(handed_over(None))
    mine.given(handed_over(None)).when([take(SECOND)]).then(taken(SECOND))
    reported.when([hand_over(None)]).then_nothing()


def test_handing_over_gives_its_reason() -> None:
    for reason, rule in ((" ", "required"), ("问13835601234", "personal_data")):
        asked = hand_over("second", reason=reason)
        refusal = reported.when([asked]).then_refused(UnreadableInput)
        assert [(p.field, p.rule) for p in refusal.errors] == [("reason", rule)]


def test_neither_the_reporter_nor_the_first_reviewer_takes_it_or_is_given_it() -> None:
    reported.when([take(CLERK)]).then_refused(ReviewedByItsReporter)
    passed.when([take(CITY, Holder.PROVINCE)]).then_refused(ReviewedTwiceByOne)
    reported.when([hand_over(CLERK.account)]).then_refused(HandedToItsReporter)
    to_first = HandOver(
        project_id=PROJECT,
        by=PROVINCE,
        level=Holder.PROVINCE,
        handed_to=CITY.account,
        reason="忙。",
    )
    passed.when([to_first]).then_refused(HandedToItsReporter)


@pytest.mark.parametrize(
    "past",
    [(passed_first(),), (returned(),), (passed_first(), approved(), pooled())],
    ids=["with the province", "sent back", "pooled"],
)
def test_only_what_lies_with_the_level_is_taken(past: tuple[DossierEvent, ...]) -> None:
    reported.given(*past).when([take()]).then_refused(NotUnderReview)
    reported.given(*past).when([hand_over("second")]).then_refused(NotUnderReview)
