"""Until when? The terms of review on the published working days, at every boundary."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.intake import Holder, Term
from services.intake.policies import policy_of, term_rules_of, terms_on
from services.intake.review.terms import counted, period_of
from shared.deadline import Unit
from tests.intake.dossiers import DAYS

RULES = term_rules_of(date(2019, 4, 22))


def term(holder: Holder, start: date) -> Term:
    return counted(period_of(holder, start, RULES), DAYS.calendar, DAYS.edition)


@pytest.mark.parametrize(
    ("holder", "start", "due"),
    [
        (Holder.CITY, date(2019, 4, 22), date(2019, 4, 25)),
        (Holder.CITY, date(2019, 4, 30), date(2019, 5, 7)),
        (Holder.CITY, date(2019, 1, 31), date(2019, 2, 3)),
        (Holder.PROVINCE, date(2019, 4, 26), date(2019, 5, 6)),
        (Holder.REPORTER, date(2019, 4, 26), date(2019, 5, 6)),
        (Holder.PROVINCE, date(2019, 9, 27), date(2019, 10, 10)),
        (Holder.REPORTER, date(2019, 9, 30), date(2019, 10, 12)),
        (Holder.REPORTER, date(2026, 2, 13), date(2026, 2, 27)),
    ],
)
def test_the_last_day_is_counted_on_the_published_working_days(
    holder: Holder, start: date, due: date
) -> None:
    assert term(holder, start).due == due
    assert term(holder, start).red_from == due + timedelta(days=1)


@pytest.mark.parametrize(
    ("holder", "days"), [(Holder.CITY, 3), (Holder.PROVINCE, 5), (Holder.REPORTER, 5)]
)
def test_each_holder_has_his_own_term_in_working_days(holder: Holder, days: int) -> None:
    period = period_of(holder, date(2019, 4, 22), RULES)
    assert (period.term.length, period.term.unit) == (days, Unit.WORKING_DAYS)
    assert not period.policy.roll_over


def test_a_term_of_three_working_days_is_yellow_on_its_last_day_only() -> None:
    assert term(Holder.CITY, date(2019, 4, 22)).yellow_from == date(2019, 4, 25)


def test_a_term_of_five_is_yellow_from_three_working_days_left() -> None:
    # Monday; the fifth working day is Sunday the 28th, which is worked.
    five = term(Holder.PROVINCE, date(2019, 4, 22))
    assert (five.yellow_from, five.due) == (date(2019, 4, 24), date(2019, 4, 28))


def test_a_longer_term_is_yellow_from_half_of_it_left() -> None:
    ten = period_of(Holder.CITY, date(2019, 3, 1), replace(RULES, first_review_days=10))
    assert counted(ten, DAYS.calendar, DAYS.edition).yellow_from == date(2019, 3, 8)


def test_a_term_that_reaches_into_a_year_without_a_notice_is_provisional() -> None:
    assert term(Holder.CITY, date(2026, 12, 30)).provisional
    assert not term(Holder.CITY, date(2026, 12, 21)).provisional


def test_the_terms_of_a_day_name_who_has_the_dossier_next() -> None:
    start = date(2019, 4, 22)
    terms = terms_on(start, DAYS)
    assert terms.city == term(Holder.CITY, start)
    assert terms.province == term(Holder.PROVINCE, start)
    assert terms.reporter == term(Holder.REPORTER, start)
    assert {terms.of(holder).calendar for holder in Holder} == {0}


def test_what_the_plan_does_not_say_is_labelled_as_the_systems_own() -> None:
    assert policy_of("review", date(2019, 4, 22)).values["source"] == "系统默认"
