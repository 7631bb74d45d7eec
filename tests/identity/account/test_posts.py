"""An account is opened with a post, gets others, and never is on both sides of a unit."""

from datetime import date
from uuid import UUID

import pytest

from contracts.identity import AccountAssigned, AccountEvent, AccountOpened
from services.identity.account.commands import AnyAccountCommand, AssignPost, OpenAccount, Wanted
from services.identity.account.decider import (
    ACCOUNT,
    Account,
    AlreadyOpened,
    OwnAccount,
    post_on,
    works_after,
)
from services.identity.account.posts import (
    CompanyCodeWrong,
    EndsBeforeItBegins,
    FillsAndApproves,
    NoSuchOrganisation,
    NoSuchRole,
    PostNotLater,
    side_of,
)
from shared.refusals import NotFound
from shared.testing import Story

account: Story[AnyAccountCommand, Account, AccountEvent] = Story(ACCOUNT)
ID = UUID("01970000-0000-7000-8000-0000000000a1")
APRIL_22, APRIL_30, MAY_1, JUNE_1 = (
    date(2019, 4, 22),
    date(2019, 4, 30),
    date(2019, 5, 1),
    date(2019, 6, 1),
)
COMPANY = "91140500MA0T00011Y"


def wanted(
    role: str = "dept_reporter",
    unit: str = "D-DRC",
    since: date = APRIL_22,
    until: date | None = None,
    *,
    uscc: str | None = None,
    stands: bool = True,
) -> Wanted:
    return Wanted(role, unit, uscc, since, until, side_of(role), stands)


def opening(post: Wanted | None = None) -> OpenAccount:
    return OpenAccount(ID, by="admin", post=post or wanted())


def assigning(post: Wanted, by: str = "admin") -> AssignPost:
    return AssignPost(ID, by=by, post=post)


def opened(
    role: str = "dept_reporter",
    unit: str = "D-DRC",
    since: date = APRIL_22,
    until: date | None = None,
    uscc: str | None = None,
) -> AccountOpened:
    return AccountOpened(
        account_id=ID, role=role, organisation_id=unit, uscc=uscc, valid_from=since, valid_to=until
    )


def assigned(role: str, unit: str, since: date, until: date | None = None) -> AccountAssigned:
    return AccountAssigned(
        account_id=ID, role=role, organisation_id=unit, valid_from=since, valid_to=until
    )


def test_an_account_is_opened_with_its_first_post() -> None:
    account.when(opening()).then(opened())


def test_an_account_is_opened_once() -> None:
    account.given(opened()).when(opening()).then_refused(AlreadyOpened)


def test_nobody_gets_a_role_that_does_not_exist() -> None:
    refusal = account.when(opening(wanted("mayor"))).then_refused(NoSuchRole)
    assert "mayor" in refusal.detail


def test_nobody_gets_a_post_in_a_unit_that_does_not_exist_on_its_first_day() -> None:
    account.when(opening(wanted(stands=False))).then_refused(NoSuchOrganisation)


def test_a_post_ends_no_earlier_than_it_begins() -> None:
    account.when(opening(wanted(since=MAY_1, until=APRIL_30))).then_refused(EndsBeforeItBegins)
    one_day = wanted(since=MAY_1, until=MAY_1)
    account.when(opening(one_day)).then(opened(since=MAY_1, until=MAY_1))


@pytest.mark.parametrize(
    "code", [None, "", "91140500MA0T00011X", COMPANY[:17], "9114050OMA0T00011Y"]
)
def test_an_enterprise_comes_in_with_a_code_whose_check_character_holds(code: str | None) -> None:
    post = wanted("enterprise", "E-LH", uscc=code)
    account.when(opening(post)).then_refused(CompanyCodeWrong)
    right = wanted("enterprise", "E-LH", uscc=COMPANY)
    account.when(opening(right)).then(opened("enterprise", "E-LH", uscc=COMPANY))


def test_another_post_follows_on_its_day_and_the_one_before_ends_on_the_eve() -> None:
    moved = account.given(opened()).when(assigning(wanted("county_reporter", "JC-ZZ", MAY_1)))
    moved.then(assigned("county_reporter", "JC-ZZ", MAY_1))
    state = account.given(opened(), assigned("county_reporter", "JC-ZZ", MAY_1)).state
    on_the_eve, on_the_day = post_on(state, APRIL_30), post_on(state, MAY_1)
    assert on_the_eve is not None
    assert on_the_day is not None
    assert (on_the_eve.organisation_id, on_the_eve.valid_to) == ("D-DRC", APRIL_30)
    assert on_the_day.organisation_id == "JC-ZZ"


def test_the_same_post_again_is_nothing_new() -> None:
    past = account.given(opened(), assigned("county_reporter", "JC-ZZ", MAY_1))
    past.when(assigning(wanted("county_reporter", "JC-ZZ", MAY_1))).then_nothing()


def test_a_post_that_was_held_is_not_rewritten() -> None:
    past = account.given(opened(since=MAY_1))
    for day in (APRIL_22, MAY_1):
        past.when(assigning(wanted("county_reporter", "JC-ZZ", day))).then_refused(PostNotLater)


@pytest.mark.parametrize(
    ("before", "after"),
    [("dept_reporter", "city_reviewer"), ("city_reviewer", "dept_reporter")],
)
def test_who_filled_in_for_a_unit_does_not_approve_in_it_nor_the_other_way_round(
    before: str, after: str
) -> None:
    past = account.given(opened(before), assigned("agent", "D-ASP", MAY_1))
    past.when(assigning(wanted(after, "D-DRC", JUNE_1))).then_refused(FillsAndApproves)


def test_who_filled_in_for_one_unit_may_approve_in_another() -> None:
    past = account.given(opened("county_reporter", "JC-ZZ"))
    past.when(assigning(wanted("city_reviewer", "D-DRC", MAY_1))).then(
        assigned("city_reviewer", "D-DRC", MAY_1)
    )


def test_nobody_gives_himself_another_post() -> None:
    asked = assigning(wanted("admin", "D-DRC", MAY_1), by=str(ID))
    account.given(opened()).when(asked).then_refused(OwnAccount)


def test_an_account_that_is_not_there_gets_no_post() -> None:
    account.when(assigning(wanted())).then_refused(NotFound)


def test_before_its_first_and_after_its_last_day_a_post_lets_nobody_in() -> None:
    state = account.given(opened(since=MAY_1, until=MAY_1)).state
    assert post_on(state, APRIL_30) is None
    assert post_on(state, MAY_1) is not None
    assert post_on(state, date(2019, 5, 2)) is None


def test_an_account_works_in_a_unit_until_its_last_day_there() -> None:
    state = account.given(opened(until=MAY_1)).state
    assert works_after(state, "D-DRC", APRIL_30)
    assert not works_after(state, "D-DRC", MAY_1)
    assert not works_after(state, "JC-ZZ", APRIL_22)
