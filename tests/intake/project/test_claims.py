"""What a dossier keeps for itself: its name within its unit, its project code in the city."""

import pytest

from contracts.intake import ProjectEvent, ReviewEvent
from services.intake.dossier import DOSSIER, claimed
from shared.journal import Claim
from shared.refusals import AlreadyClaimed
from tests.intake.dossiers import (
    approved,
    discarded,
    dossier,
    drafted,
    facts,
    passed_first,
    pooled,
    rejected,
    returned,
    revised,
    submitted,
    withdrawn,
)

CODE = "2019-140525-30-03-002187"


def held(*past: ProjectEvent | ReviewEvent) -> frozenset[Claim]:
    return DOSSIER.holds(dossier.given(*past).state)


def named(name: str, org: str = "JC-ZZ") -> frozenset[Claim]:
    return held(drafted(facts(name=name), owner_org=org))


def test_a_draft_holds_its_name_from_the_first_day() -> None:
    assert held(drafted()) == {Claim("name:JC-ZZ", "巴公装备制造产业园一期")}


@pytest.mark.parametrize(
    "spelling",
    ["ABC产业园12", "abc产业园12", "ＡＢＣ产业园１２", " ABC 产业园　12 ", "abc产业园\t12"],
)
def test_a_name_in_other_width_blanks_or_case_is_the_same_name(spelling: str) -> None:
    assert named(spelling) == named("ABC产业园12")


def test_another_name_is_another_name() -> None:
    assert named("ABC产业园13") != named("ABC产业园12")


def test_two_units_may_use_the_same_name() -> None:
    assert named("产业园", org="JC-ZZ").isdisjoint(named("产业园", org="JC-GP"))


def test_a_project_code_is_unique_over_all_units() -> None:
    here = held(drafted(facts(project_code=CODE)))
    there = held(drafted(facts(project_code=CODE, name="别的项目"), owner_org="JC-GP"))
    assert here & there == {Claim("project_code", CODE)}


def test_a_new_name_frees_the_old_one() -> None:
    past = (drafted(), revised(facts(name="巴公装备制造产业园二期")))
    assert held(*past) == {Claim("name:JC-ZZ", "巴公装备制造产业园二期")}


def test_a_code_that_is_taken_out_is_free() -> None:
    past = (drafted(facts(project_code=CODE)), revised(facts()))
    assert Claim("project_code", CODE) not in held(*past)


@pytest.mark.parametrize(
    "past",
    [
        (submitted(),),
        (submitted(), withdrawn()),
        (submitted(), returned()),
        (submitted(), passed_first()),
        (submitted(), passed_first(), approved(), pooled()),
    ],
    ids=["reported", "withdrawn", "returned", "passed first", "pooled"],
)
def test_name_and_code_stay_held_on_the_way(past: tuple[ProjectEvent | ReviewEvent, ...]) -> None:
    assert held(drafted(), *past) == held(drafted())


@pytest.mark.parametrize(
    "past",
    [
        (discarded(),),
        (submitted(), rejected()),
        (submitted(), passed_first(), rejected(rejected_by="PROVINCE")),
    ],
    ids=["given up", "rejected by the city", "rejected by the province"],
)
def test_what_was_given_up_or_rejected_holds_nothing(
    past: tuple[ProjectEvent | ReviewEvent, ...],
) -> None:
    assert held(drafted(facts(project_code=CODE)), *past) == frozenset()


def test_the_refusal_says_what_is_taken_and_what_to_do() -> None:
    name = claimed(Claim("name:JC-ZZ", "产业园"))
    code = claimed(Claim("project_code", CODE))
    assert isinstance(name, AlreadyClaimed)
    assert "你单位已有同名项目" in str(name)
    assert CODE in str(code)
    assert (name.more["scope"], code.more["scope"]) == ("name", "project_code")
