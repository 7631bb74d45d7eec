"""A year is published by its notice, revised by a later one, estimated where there is none."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from contracts.approval_tracking import YearEvent
from services.approval_tracking.calendar.decider import (
    AlreadyPublished,
    ChangesNothing,
    MustBeRevised,
    NotYetPublished,
    Published,
)
from tests.approval_tracking.years import (
    AS_PUBLISHED,
    AS_REVISED,
    FIRST_NOTICE,
    SECOND_NOTICE,
    estimate,
    estimated,
    publish,
    published,
    revise,
    revised,
    year,
)


def test_a_year_is_published_by_its_notice() -> None:
    year.when(publish()).then(published())


def test_a_notice_takes_the_place_of_an_estimate() -> None:
    year.given(estimated()).when(publish()).then(published())


def test_publishing_the_same_days_again_changes_nothing() -> None:
    year.given(published()).when(publish()).then_nothing()
    year.given(published()).when(publish(notice="国办发明电〔2018〕16号")).then_nothing()


def test_other_days_of_a_published_year_must_come_as_a_revision() -> None:
    refusal = year.given(published()).when(publish(AS_REVISED)).then_refused(MustBeRevised)
    assert FIRST_NOTICE in refusal.detail
    assert "修订" in refusal.detail


def test_a_later_notice_revises_a_published_year() -> None:
    year.given(published()).when(revise()).then(revised())


def test_a_revised_year_rests_on_both_notices_the_later_one_last() -> None:
    state = year.given(published(), revised()).state
    assert isinstance(state, Published)
    assert state.notices == (FIRST_NOTICE, SECOND_NOTICE)
    assert state.days == AS_REVISED


def test_the_same_revision_again_changes_nothing() -> None:
    year.given(published(), revised()).when(revise()).then_nothing()


def test_a_revision_that_was_entered_wrongly_is_put_right_under_the_same_notice() -> None:
    wrong = replace(AS_REVISED, make_up_days=AS_PUBLISHED.make_up_days)
    year.given(published(), revised(wrong)).when(revise()).then(revised())


def test_a_revision_that_changes_no_day_is_refused() -> None:
    year.given(published()).when(revise(AS_PUBLISHED)).then_refused(ChangesNothing)


def test_only_a_published_year_can_be_revised() -> None:
    year.when(revise()).then_refused(NotYetPublished)
    year.given(estimated()).when(revise()).then_refused(NotYetPublished)


def test_a_year_without_a_notice_is_estimated() -> None:
    year.when(estimate()).then(estimated())


def test_an_estimate_may_be_made_anew() -> None:
    year.given(estimated()).when(estimate(AS_PUBLISHED)).then(estimated(AS_PUBLISHED))
    year.given(estimated()).when(estimate()).then_nothing()


@pytest.mark.parametrize("past", [[published()], [published(), revised()]])
def test_what_a_notice_settled_is_never_set_back_to_a_guess(
    past: Sequence[YearEvent],
) -> None:
    year.given(*past).when(estimate()).then_refused(AlreadyPublished)
