"""Units begin, change their names, merge, split and end, each with its day."""

from collections.abc import Set as AbstractSet
from datetime import date

import pytest

from contracts.identity import (
    OrganisationClosed,
    OrganisationEstablished,
    OrganisationEvent,
    OrganisationMerged,
    OrganisationRenamed,
    OrganisationSplit,
)
from services.identity.organisation.commands import (
    EndOrganisation,
    EstablishOrganisation,
    OrganisationCommand,
    RenameOrganisation,
)
from services.identity.organisation.decider import (
    ORGANISATION,
    AccountsRemain,
    AlreadyEstablished,
    Ended,
    EndsBeforeItBegan,
    NameNotLater,
    Organisation,
    OrganisationEnded,
    SuccessorMissing,
    name_on,
    unit_on,
)
from shared.refusals import NotFound
from shared.testing import Story

unit: Story[OrganisationCommand, Organisation, OrganisationEvent] = Story(ORGANISATION)
JANUARY_1, MAY_1, JUNE_30, JULY_1 = (
    date(2019, 1, 1),
    date(2019, 5, 1),
    date(2019, 6, 30),
    date(2019, 7, 1),
)
BASIS = "晋市编〔2019〕12号"


def establish(name: str = "市环保局") -> EstablishOrganisation:
    return EstablishOrganisation(
        "D-EEB", f"晋城{name}", name, "department", "direct", JANUARY_1, planning_body=True
    )


def rename(name: str = "市生态环境局", since: date = MAY_1) -> RenameOrganisation:
    return RenameOrganisation("D-EEB", f"晋城{name}", name, since, BASIS)


def end(
    *into: str,
    accounts_to: str | None = None,
    on: date = JUNE_30,
    accounts: int = 0,
    standing: AbstractSet[str] = frozenset({"D-EEB", "D-NRP", "D-ENE"}),
) -> EndOrganisation:
    return EndOrganisation("D-EEB", into, accounts_to, on, BASIS, accounts, standing)


ESTABLISHED = OrganisationEstablished(
    organisation_id="D-EEB",
    name="晋城市环保局",
    short_name="市环保局",
    organisation_kind="department",
    planning_body=True,
    path="direct",
    valid_from=JANUARY_1,
)
RENAMED = OrganisationRenamed(
    organisation_id="D-EEB",
    name="晋城市生态环境局",
    short_name="市生态环境局",
    valid_from=MAY_1,
    basis=BASIS,
)
MERGED = OrganisationMerged(organisation_id="D-EEB", into="D-NRP", valid_to=JUNE_30, basis=BASIS)
CLOSED = OrganisationClosed(organisation_id="D-EEB", valid_to=JUNE_30, basis=BASIS)


def test_a_unit_is_established_under_a_code_of_its_own() -> None:
    unit.when(establish()).then(ESTABLISHED)
    unit.given(ESTABLISHED).when(establish()).then_nothing()
    unit.given(ESTABLISHED).when(establish("另一个局")).then_refused(AlreadyEstablished)


def test_a_code_is_not_used_again_after_its_unit_has_ended() -> None:
    unit.given(ESTABLISHED, CLOSED).when(establish()).then_refused(AlreadyEstablished)


def test_a_unit_is_called_by_the_name_of_the_day() -> None:
    unit.given(ESTABLISHED).when(rename()).then(RENAMED)
    found = unit_on(unit.given(ESTABLISHED, RENAMED).state, MAY_1)
    assert found is not None
    assert name_on(found, date(2019, 4, 30)).short_name == "市环保局"
    assert name_on(found, MAY_1).short_name == "市生态环境局"
    assert name_on(found, date(2018, 1, 1)).short_name == "市环保局"


def test_the_same_name_again_is_nothing_new() -> None:
    unit.given(ESTABLISHED, RENAMED).when(rename(since=JUNE_30)).then_nothing()


def test_a_name_holds_from_a_later_day_than_the_one_before() -> None:
    for day in (JANUARY_1, MAY_1):
        past = unit.given(ESTABLISHED, RENAMED)
        past.when(rename("市环境局", since=day)).then_refused(NameNotLater)


def test_a_unit_that_went_into_another_leaves_its_accounts_there() -> None:
    unit.given(ESTABLISHED).when(end("D-NRP", accounts=3)).then(MERGED)
    ended = unit.given(ESTABLISHED, MERGED).state
    assert isinstance(ended, Ended)
    assert ended.accounts_to == "D-NRP"


def test_the_last_day_still_counts() -> None:
    ended = unit.given(ESTABLISHED, MERGED).state
    assert unit_on(ended, JUNE_30) is not None
    assert unit_on(ended, JULY_1) is None
    assert unit_on(ended, date(2018, 12, 31)) is None


def test_a_unit_that_is_divided_says_where_its_accounts_go() -> None:
    here = unit.given(ESTABLISHED)
    here.when(end("D-NRP", "D-ENE", accounts=2)).then_refused(AccountsRemain)
    here.when(end("D-NRP", "D-ENE", accounts_to="D-ENE", accounts=2)).then(
        OrganisationSplit(
            organisation_id="D-EEB",
            into=("D-NRP", "D-ENE"),
            accounts_to="D-ENE",
            valid_to=JUNE_30,
            basis=BASIS,
        )
    )


def test_a_unit_with_accounts_is_not_closed_without_saying_where_they_go() -> None:
    here = unit.given(ESTABLISHED)
    refusal = here.when(end(accounts=2)).then_refused(AccountsRemain)
    assert "2 个账号" in refusal.detail
    here.when(end(accounts=0)).then(CLOSED)
    here.when(end(accounts_to="D-ENE", accounts=2)).then(
        CLOSED.model_copy(update={"accounts_to": "D-ENE"})
    )


@pytest.mark.parametrize("heir", ["D-NIX", "D-EEB"])
def test_whoever_takes_over_exists_then_and_is_another_unit(heir: str) -> None:
    unit.given(ESTABLISHED).when(end(heir)).then_refused(SuccessorMissing)
    unit.given(ESTABLISHED).when(end(accounts_to=heir)).then_refused(SuccessorMissing)


def test_a_unit_does_not_end_before_its_latest_name_holds() -> None:
    past = unit.given(ESTABLISHED, RENAMED)
    past.when(end(on=date(2019, 4, 30))).then_refused(EndsBeforeItBegan)
    past.when(end(on=MAY_1)).then(CLOSED.model_copy(update={"valid_to": MAY_1}))


def test_ending_twice_happens_once_and_otherwise_an_end_is_an_end() -> None:
    gone = unit.given(ESTABLISHED, MERGED)
    gone.when(end("D-NRP")).then_nothing()
    gone.when(end("D-ENE")).then_refused(OrganisationEnded)
    gone.when(rename(since=date(2020, 1, 1))).then_refused(OrganisationEnded)


def test_what_is_not_there_is_neither_renamed_nor_ended() -> None:
    unit.when(rename()).then_refused(NotFound)
    unit.when(end()).then_refused(NotFound)
