"""补正后重报: what the province sent back goes straight to it again, where the rules say so."""

from contracts.intake import Holder, Level
from services.intake.review.commands import Verdict
from services.intake.review.refusals import ReviewedByItsReporter, ReviewedTwiceByOne
from services.intake.views.open_terms import fold
from shared.viewing import Told
from tests.intake.dossiers import (
    CITY,
    CLERK,
    PROVINCE,
    TERMS,
    approved,
    dossier,
    drafted,
    passed_first,
    pooled,
    report,
    returned,
    review_finally,
    submitted,
    withdrawn,
)
from tests.shared.writing import surrounded

BACK = returned(returned_by="PROVINCE")
PASSED = drafted(), submitted(), passed_first()
AGAIN = submitted(round=2, to=Holder.PROVINCE, term=TERMS.province)
sent_back = dossier.given(*PASSED, BACK)


def test_what_the_province_sent_back_goes_straight_to_it_again_with_a_term_of_its_own() -> None:
    sent_back.when([report()]).then(AGAIN)


def test_where_the_rules_say_so_it_goes_through_the_city_once_more() -> None:
    through = TERMS._replace(straight=False)
    sent_back.when([report(terms=through)]).then(submitted(round=2))


def test_what_the_city_sent_back_goes_to_the_city() -> None:
    dossier.given(drafted(), submitted(), returned()).when([report()]).then(submitted(round=2))


def test_what_the_province_had_passed_on_to_the_city_goes_to_the_city() -> None:
    through_city = returned(returned_by="PROVINCE", to=Level.CITY)
    story = dossier.given(*PASSED, through_city, returned())
    story.when([report()]).then(submitted(round=2))


def test_what_was_taken_back_after_a_return_goes_the_whole_way() -> None:
    taken_back = (submitted(round=2), withdrawn())
    story = dossier.given(drafted(), submitted(), returned(), *taken_back)
    story.when([report()]).then(submitted(round=3))


def test_the_province_decides_on_what_came_straight_and_three_people_stay_three() -> None:
    straight = sent_back.given(AGAIN)
    straight.when([review_finally()]).then(approved(), pooled())
    straight.when([review_finally(by=CITY)]).then_refused(ReviewedTwiceByOne)
    straight.when([review_finally(by=CLERK)]).then_refused(ReviewedByItsReporter)


def test_what_came_straight_may_be_sent_back_once_more() -> None:
    asked = review_finally(Verdict.RETURN, opinion="请补充资金落实情况。", by=PROVINCE)
    sent_back.given(AGAIN).when([asked]).then(BACK)
    sent_back.given(AGAIN, BACK).when([report()]).then(
        submitted(round=3, to=Holder.PROVINCE, term=TERMS.province)
    )


def test_the_provinces_term_runs_from_a_straight_resubmission() -> None:
    row = None
    for envelope, fact in surrounded("project-1", 1, *PASSED, BACK, AGAIN):
        row = fold(row, Told(envelope, fact, envelope.version, "", b""))
    assert row is not None
    assert (row.level, row.due) == ("PROVINCE", TERMS.province.due)
