"""A signing names the projects that carry it out, within its days."""

from datetime import date, timedelta

import pytest

from contracts.intake import SigningEvent
from services.intake.policies import link_due_of
from services.intake.signing.linking import NotInAPool, NotLinked
from shared.deadline import Calendar
from shared.refusals import UnreadableInput
from tests.intake.signings import (
    MAY_25,
    OTHER,
    contract,
    ended,
    framework,
    link,
    link_overdue,
    linked,
    registered,
    signing,
    tell_overdue,
    unlink,
    unlinked,
)

MAY_26 = date(2019, 5, 26)


def test_a_project_of_a_pool_is_linked_at_any_step() -> None:
    for before in ((), (framework(),), (contract(),)):
        signing.given(registered(), *before).when(link()).then(linked())


def test_a_project_that_is_in_no_pool_is_not_linked() -> None:
    signing.given(registered(), contract()).when(link(pool=None)).then_refused(NotInAPool)


def test_a_signing_may_have_several_projects_each_once() -> None:
    story = signing.given(registered(), contract(), linked())
    story.when(link()).then_nothing()
    story.when(link(OTHER)).then(linked(OTHER))


def test_a_wrong_link_is_taken_back_with_its_reason() -> None:
    story = signing.given(registered(), contract(), linked())
    story.when(unlink()).then(unlinked())
    story.when(unlink(OTHER)).then_refused(NotLinked)
    story.when(unlink(reason="")).then_refused(UnreadableInput)


def test_a_contract_has_thirty_days_every_one_of_which_counts() -> None:
    calendar = Calendar(())
    assert link_due_of(date(2019, 4, 25), calendar) == MAY_25
    assert link_due_of(date(2019, 9, 15), calendar) == date(2019, 10, 15), "over the days off"


def test_a_contract_without_a_project_is_overdue_the_day_after_its_last() -> None:
    story = signing.given(registered(), contract())
    story.when(tell_overdue(MAY_25)).then_nothing()
    story.when(tell_overdue(MAY_26)).then(link_overdue(MAY_26))


def test_it_is_told_once() -> None:
    story = signing.given(registered(), contract(), link_overdue(MAY_26))
    story.when(tell_overdue(MAY_26 + timedelta(days=9))).then_nothing()


@pytest.mark.parametrize(
    "facts", [(registered(),), (registered(), contract(), linked()), (registered(), ended())]
)
def test_nothing_is_overdue_without_a_contract_with_a_project_or_after_the_end(
    facts: tuple[SigningEvent, ...],
) -> None:
    signing.given(*facts).when(tell_overdue(MAY_26)).then_nothing()


def test_a_link_that_was_taken_back_does_not_save_it() -> None:
    story = signing.given(registered(), contract(), linked(), unlinked())
    story.when(tell_overdue(MAY_26)).then(link_overdue(MAY_26))
