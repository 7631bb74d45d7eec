"""A colleague of the same unit acts for somebody who is away, and never on the other side."""

from datetime import date
from uuid import UUID

import pytest

from contracts.identity import SubstituteAppointed, SubstituteEnded, SubstituteEvent
from services.identity.account.posts import Post
from services.identity.substitute.commands import (
    AppointSubstitute,
    EndSubstitute,
    SubstituteCommand,
)
from services.identity.substitute.decider import (
    SUBSTITUTE,
    AlreadySubstituted,
    NoSubstituteForOneself,
    SubstituteOnBothSides,
    Substitutes,
    SubstituteUnfit,
    SubstitutionDaysWrong,
)
from shared.refusals import NotFound
from shared.testing import Story

desk: Story[SubstituteCommand, Substitutes, SubstituteEvent] = Story(SUBSTITUTE)
ABSENT, COLLEAGUE, OTHER = (UUID(int=n) for n in (1, 2, 3))
APRIL_22, MAY_6, MAY_8, MAY_10 = (
    date(2019, 4, 22),
    date(2019, 5, 6),
    date(2019, 5, 8),
    date(2019, 5, 10),
)
REVIEWER = Post("city_reviewer", "D-DRC", date(2019, 1, 1))


def appoint(
    who: UUID = COLLEAGUE,
    since: date = MAY_6,
    until: date = MAY_10,
    *,
    post: Post | None = REVIEWER,
    own: Post | None = REVIEWER,
    on: date = APRIL_22,
) -> AppointSubstitute:
    return AppointSubstitute(ABSENT, who, since, until, on, post, own)


def appointed(
    who: UUID = COLLEAGUE, since: date = MAY_6, until: date = MAY_10
) -> SubstituteAppointed:
    return SubstituteAppointed(
        account_id=ABSENT, substitute_id=who, valid_from=since, valid_to=until
    )


def ended(on: date) -> SubstituteEnded:
    return SubstituteEnded(account_id=ABSENT, substitute_id=COLLEAGUE, valid_to=on)


def test_a_colleague_of_the_same_unit_stands_in() -> None:
    desk.when(appoint()).then(appointed())
    desk.given(appointed()).when(appoint()).then_nothing()


def test_nobody_stands_in_for_himself() -> None:
    desk.when(appoint(ABSENT)).then_refused(NoSubstituteForOneself)


def test_both_hold_a_post_in_the_same_unit() -> None:
    for own in (None, Post("city_reviewer", "D-ASP", date(2019, 1, 1))):
        desk.when(appoint(own=own)).then_refused(SubstituteUnfit)
    desk.when(appoint(post=None)).then_refused(SubstituteUnfit)


@pytest.mark.parametrize("sides", [("city_reviewer", "dept_reporter"), ("enterprise", "approver")])
def test_who_fills_in_never_approves_for_another_nor_the_other_way_round(
    sides: tuple[str, str],
) -> None:
    post, own = (Post(role, "D-DRC", date(2019, 1, 1)) for role in sides)
    desk.when(appoint(post=post, own=own)).then_refused(SubstituteOnBothSides)
    desk.when(appoint(post=own, own=post)).then_refused(SubstituteOnBothSides)


def test_the_days_are_in_order_and_not_over() -> None:
    desk.when(appoint(since=MAY_10, until=MAY_6)).then_refused(SubstitutionDaysWrong)
    desk.when(appoint(on=date(2019, 5, 11))).then_refused(SubstitutionDaysWrong)
    desk.when(appoint(on=MAY_10)).then(appointed())


def test_on_each_day_at_most_one_stands_in() -> None:
    taken = desk.given(appointed())
    for since, until in ((MAY_10, MAY_10), (APRIL_22, MAY_6), (MAY_8, MAY_8)):
        taken.when(appoint(OTHER, since, until)).then_refused(AlreadySubstituted)
    after = date(2019, 5, 11)
    taken.when(appoint(OTHER, after, after)).then(appointed(OTHER, after, after))


def test_who_comes_back_early_ends_the_substitution_on_that_day() -> None:
    taken = desk.given(appointed())
    taken.when(EndSubstitute(ABSENT, COLLEAGUE, MAY_8)).then(ended(MAY_8))
    (left,) = taken.given(ended(MAY_8)).state
    assert left.holds_on(MAY_8)
    assert not left.holds_on(date(2019, 5, 9))


def test_a_substitution_that_is_ended_before_it_begins_never_was() -> None:
    assert desk.given(appointed(), ended(APRIL_22)).state == ()


def test_what_is_over_is_not_ended_again() -> None:
    desk.given(appointed()).when(EndSubstitute(ABSENT, COLLEAGUE, MAY_10)).then_nothing()


def test_a_substitution_that_is_not_there_is_not_ended() -> None:
    desk.when(EndSubstitute(ABSENT, COLLEAGUE, MAY_8)).then_refused(NotFound)
