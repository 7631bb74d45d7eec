"""What the clock tells of a dossier: once a term, and never of what has moved on."""

from datetime import date, timedelta

import pytest

from contracts.intake import Holder, Level, Term
from services.intake.dossier import DossierEvent
from services.intake.policies import terms_on
from services.intake.review.commands import Verdict
from tests.intake.dossiers import (
    DAYS,
    TERMS,
    approved,
    discarded,
    dossier,
    drafted,
    overdue,
    passed_first,
    pooled,
    recount_term,
    rejected,
    report,
    returned,
    review_finally,
    review_first,
    submitted,
    tell_overdue,
    term_moved,
    withdrawn,
)

RED = TERMS.city.red_from
REPORTED = dossier.given(drafted(), submitted())
PASSED = REPORTED.given(passed_first())
BACK = REPORTED.given(returned())
DAY = timedelta(days=1)


def later(term: Term, days: int = 1, calendar: int = 7) -> Term:
    """The same term on a revised calendar."""
    moved = {"due": term.due + days * DAY, "red_from": term.red_from + days * DAY}
    return term.model_copy(update={**moved, "calendar": calendar})


# Beginning.


def test_a_report_begins_the_term_of_the_city() -> None:
    dossier.given(drafted()).when([report()]).then(submitted(term=TERMS.city))


def test_a_pass_begins_the_term_of_the_province() -> None:
    REPORTED.when([review_first()]).then(passed_first(term=TERMS.province))


def test_a_return_begins_the_term_of_the_reporter() -> None:
    opinion = "请补充资金落实情况。"
    asked = review_first(Verdict.RETURN, opinion=opinion)
    REPORTED.when([asked]).then(returned(term=TERMS.reporter))


def test_a_return_to_the_city_begins_its_term_anew() -> None:
    asked = review_finally(Verdict.RETURN, on=date(2019, 5, 6), to=Level.CITY, opinion="请重审。")
    PASSED.when([asked]).then(
        returned(
            returned_by="PROVINCE",
            to=Level.CITY,
            opinion="请重审。",
            term=terms_on(date(2019, 5, 6), DAYS).city,
        )
    )


# Overdue.


def test_a_term_is_overdue_on_the_day_after_its_last() -> None:
    REPORTED.when([tell_overdue(RED)]).then(overdue(due=TERMS.city.due, told_on=RED))


def test_on_its_last_day_a_term_is_not_overdue() -> None:
    REPORTED.when([tell_overdue(TERMS.city.due)]).then_nothing()


def test_a_sweep_that_comes_late_says_on_which_day_it_told() -> None:
    REPORTED.when([tell_overdue(RED + 9 * DAY)]).then(overdue(told_on=RED + 9 * DAY))


def test_a_term_is_told_overdue_once() -> None:
    REPORTED.given(overdue()).when([tell_overdue(RED + DAY)]).then_nothing()


@pytest.mark.parametrize(
    ("story", "level", "term"),
    [
        (PASSED, Holder.PROVINCE, TERMS.province),
        (BACK, Holder.REPORTER, TERMS.reporter),
        (PASSED.given(returned(to=Level.CITY)), Holder.CITY, TERMS.city),
    ],
)
def test_each_level_can_be_overdue(story: object, level: Holder, term: Term) -> None:
    assert isinstance(story, type(dossier))
    story.when([tell_overdue(term.red_from, level)]).then(
        overdue(level=level, due=term.due, told_on=term.red_from)
    )


def test_a_term_that_began_anew_may_be_told_overdue_again() -> None:
    anew = REPORTED.given(overdue(), returned(), submitted(round=2))
    anew.when([tell_overdue(RED)]).then(overdue())


@pytest.mark.parametrize(
    "since",
    [
        (passed_first(),),
        (returned(),),
        (withdrawn(),),
        (rejected(),),
        (passed_first(), approved(), pooled()),
        (returned(), discarded()),
    ],
)
def test_what_has_moved_on_is_not_overdue(since: tuple[DossierEvent, ...]) -> None:
    REPORTED.given(*since).when([tell_overdue(date(2020, 1, 1))]).then_nothing()


def test_a_dossier_that_was_given_up_owes_nothing() -> None:
    story = BACK.given(discarded())
    story.when([tell_overdue(date(2020, 1, 1), Holder.REPORTER)]).then_nothing()
    story.when([recount_term(later(TERMS.reporter), Holder.REPORTER)]).then_nothing()


def test_overdue_or_not_the_way_goes_on() -> None:
    REPORTED.given(overdue()).when([review_first()]).then(passed_first())
    BACK.given(overdue(level=Holder.REPORTER)).when([report()]).then(submitted(round=2))


# A revised calendar.


def test_a_revised_calendar_moves_a_running_term_and_keeps_the_old_answer() -> None:
    new = later(TERMS.city)
    REPORTED.when([recount_term(new)]).then(term_moved(new, old=TERMS.city))


def test_a_term_that_moved_is_overdue_after_its_new_last_day() -> None:
    new = later(TERMS.city)
    story = REPORTED.given(term_moved(new))
    story.when([tell_overdue(new.due)]).then_nothing()
    story.when([tell_overdue(new.red_from)]).then(overdue(due=new.due, told_on=new.red_from))


def test_a_calendar_that_leaves_the_days_alone_moves_nothing() -> None:
    REPORTED.when([recount_term(later(TERMS.city, days=0))]).then_nothing()


def test_a_calendar_that_was_published_makes_a_provisional_term_firm() -> None:
    guess = TERMS.city.model_copy(update={"provisional": True})
    firm = later(TERMS.city, days=0)
    story = dossier.given(drafted(), submitted(term=guess))
    story.when([recount_term(firm)]).then(term_moved(firm, old=guess))


def test_a_term_is_moved_once_by_one_calendar() -> None:
    new = later(TERMS.city)
    REPORTED.given(term_moved(new)).when([recount_term(new)]).then_nothing()


def test_an_older_calendar_does_not_move_a_term_back() -> None:
    story = REPORTED.given(term_moved(later(TERMS.city, calendar=9)))
    story.when([recount_term(later(TERMS.city, days=2, calendar=8))]).then_nothing()
    story.when([recount_term(later(TERMS.city, days=2, calendar=9))]).then_nothing()


def test_what_is_over_stays_over_whatever_the_calendar() -> None:
    REPORTED.when([recount_term(later(TERMS.city), on=RED)]).then_nothing()
    REPORTED.given(overdue()).when([recount_term(later(TERMS.city))]).then_nothing()
    new = later(TERMS.city)
    REPORTED.when([recount_term(new, on=TERMS.city.due)]).then(term_moved(new))


def test_a_count_of_an_earlier_step_does_not_move_the_present_one() -> None:
    anew = terms_on(date(2019, 5, 6), DAYS).city
    story = BACK.given(submitted(round=2, term=anew))
    story.when([recount_term(later(TERMS.city))]).then_nothing()
    PASSED.when([recount_term(later(TERMS.city))]).then_nothing()


# Facts from before terms were counted.


def test_a_term_that_its_fact_does_not_name_is_taken_as_it_was_counted() -> None:
    story = dossier.given(drafted(), submitted(term=None))
    story.when([tell_overdue(TERMS.city.due)]).then_nothing()
    story.when([tell_overdue(RED)]).then(overdue())
    story.when([recount_term(later(TERMS.city))]).then(term_moved(later(TERMS.city)))


def test_a_term_that_its_fact_names_is_not_taken_from_the_asker() -> None:
    early = later(TERMS.city, days=-2)
    REPORTED.when([tell_overdue(early.red_from, counted=early)]).then_nothing()
