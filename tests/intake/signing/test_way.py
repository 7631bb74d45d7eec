"""From a lead to the contract: each step forward, none back, the amount counted once."""

from datetime import date

import pytest

from services.intake.project.decider import SecretProject
from services.intake.signing.answering import NotYourSigning, SigningIsOver
from services.intake.signing.contracting import ContractAlreadySigned, NoContractYet, StepIsBehind
from services.intake.signing.decider import claimed, holds
from services.intake.signing.registering import AlreadyRegistered
from shared.refusals import NotAllowed, NotFound, UnreadableInput
from tests.intake.signings import (
    APRIL_22,
    APRIL_25,
    CITY,
    MAY_1,
    MAY_25,
    NEIGHBOUR,
    PAPER,
    YI,
    amend,
    amended,
    contract,
    described,
    end,
    ended,
    framework,
    link,
    linked,
    negotiate,
    negotiating,
    rectified,
    rectify,
    register,
    registered,
    sign,
    sign_framework,
    signing,
    transfer,
    transferred,
)

TOMORROW = date(2019, 5, 26)


def rules(refusal: UnreadableInput) -> list[tuple[str, str]]:
    return [(one.field, one.rule) for one in refusal.errors]


def test_a_lead_is_registered_and_the_unit_answers_for_it() -> None:
    signing.when(register()).then(registered())


def test_a_lead_is_registered_once() -> None:
    signing.given(registered()).when(register()).then_refused(AlreadyRegistered)


def test_of_a_secret_lead_not_a_word_is_kept() -> None:
    signing.when(register(not_secret=False)).then_refused(SecretProject)
    signing.given(registered()).when(
        rectify(described(title="二期"), not_secret=False)
    ).then_refused(SecretProject)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("title", " ", "required"),
        ("investor", "", "required"),
        ("investor_place", "", "required"),
        ("title", "光" * 101, "text_length"),
        ("title", "机密★10年 光机电", "marked_secret"),
        ("investor", "张三 13903560088", "personal_data"),
        ("investor_uscc", "91140500MA0T000119", "uscc"),
        ("region", "140523", "region_code"),
        ("zone_id", "Z-XX", "zone_id"),
        ("industry", "98", "industry_code"),
        ("industry", "３9", "industry_code"),
        ("intended_investment", 0, "amount_positive"),
    ],
)
def test_a_wrong_column_is_named(column: str, value: object, rule: str) -> None:
    refused = signing.when(register(described(**{column: value}))).then_refused(UnreadableInput)
    assert rules(refused) == [(column, rule)]


def test_what_is_not_known_yet_may_be_left_open() -> None:
    bare = described(region=None, industry=None, intended_investment=None)
    signing.when(register(bare)).then(registered(bare))


def test_the_steps_follow_one_another() -> None:
    signing.given(registered()).when(negotiate()).then(negotiating())
    signing.given(registered(), negotiating()).when(sign_framework()).then(framework())
    signing.given(registered(), negotiating(), framework()).when(sign()).then(contract())


def test_steps_may_be_left_out() -> None:
    signing.given(registered()).when(sign_framework()).then(framework())
    signing.given(registered()).when(sign()).then(contract())


def test_a_step_is_not_taken_back() -> None:
    signing.given(registered(), framework()).when(negotiate()).then_refused(StepIsBehind)
    signing.given(registered(), contract()).when(sign_framework()).then_refused(StepIsBehind)


def test_a_step_that_was_taken_is_nothing_new() -> None:
    signing.given(registered(), negotiating()).when(negotiate()).then_nothing()
    signing.given(registered(), framework()).when(sign_framework()).then_nothing()
    signing.given(registered(), contract()).when(sign()).then_nothing()


def test_no_day_is_still_to_come() -> None:
    for ask in (
        negotiate(TOMORROW),
        sign_framework(TOMORROW),
        sign(TOMORROW),
        end(TOMORROW),
    ):
        refused = signing.given(registered()).when(ask).then_refused(UnreadableInput)
        assert [rule for _, rule in rules(refused)] == ["day_to_come"]
    signing.given(registered()).when(sign(MAY_25)).then(contract(MAY_25))


def test_a_contract_is_not_older_than_its_framework() -> None:
    story = signing.given(registered(), framework(APRIL_25))
    refused = story.when(sign(APRIL_22)).then_refused(UnreadableInput)
    assert rules(refused) == [("signed_on", "day_too_early")]
    story.when(sign(APRIL_25)).then(contract(APRIL_25))


def test_a_contract_has_its_number_or_its_paper() -> None:
    story = signing.given(registered())
    refused = story.when(sign(contract_number=None)).then_refused(UnreadableInput)
    assert rules(refused) == [("contract_number", "contract_unproved")]
    story.when(sign(contract_number=None, evidence=(PAPER,))).then(
        contract(contract_number=None, evidence=(PAPER,))
    )


def test_there_is_one_contract_and_another_amount_is_an_amendment() -> None:
    story = signing.given(registered(), contract())
    story.when(sign(investment=13 * YI)).then_refused(ContractAlreadySigned)
    story.when(amend(11 * YI)).then(amended(11 * YI))
    story.given(amended(11 * YI)).when(amend(11 * YI)).then_nothing()


def test_an_amendment_has_its_reason_and_follows_the_contract() -> None:
    story = signing.given(registered(), contract(APRIL_25), amended(11 * YI, MAY_1))
    assert rules(story.when(amend(YI, reason=" ")).then_refused(UnreadableInput)) == [
        ("reason", "required")
    ]
    refused = story.when(amend(YI, APRIL_25)).then_refused(UnreadableInput)
    assert rules(refused) == [("amended_on", "day_too_early")]
    signing.given(registered()).when(amend(YI)).then_refused(NoContractYet)


def test_only_who_answers_for_it_changes_it() -> None:
    story = signing.given(registered())
    story.when(negotiate(by=NEIGHBOUR)).then_refused(NotYourSigning)
    story.when(negotiate(by=CITY, oversees=True)).then(negotiating())
    signing.when(negotiate()).then_refused(NotFound)


def test_another_unit_answers_for_it_when_the_city_says_so() -> None:
    story = signing.given(registered())
    story.when(transfer(oversees=False, by=NEIGHBOUR)).then_refused(NotYourSigning)
    story.when(transfer(oversees=False, by=register().by)).then_refused(NotAllowed)
    story.when(transfer()).then(transferred())
    handed = story.given(transferred("JC-GP", "高平市"))
    handed.when(negotiate()).then_refused(NotYourSigning)
    handed.when(negotiate(by=NEIGHBOUR)).then(negotiating())
    handed.when(transfer("JC-GP", "高平市")).then_nothing()


def test_what_was_wrong_is_said_anew_with_its_reason() -> None:
    story, better = signing.given(registered()), described(title="光机电产业园（一期）")
    story.when(rectify(better)).then(rectified(better))
    story.when(rectify(described())).then_nothing()
    assert rules(story.when(rectify(better, reason="")).then_refused(UnreadableInput)) == [
        ("reason", "required")
    ]


def test_what_has_ended_goes_on_no_more() -> None:
    signing.given(registered(), contract()).when(end()).then(ended())
    over = signing.given(registered(), ended())
    over.when(end()).then_nothing()
    for ask in (negotiate(), sign(), link(), rectify(described(title="另一个"))):
        over.when(ask).then_refused(SigningIsOver)


def test_a_contract_does_not_end_before_it_was_signed() -> None:
    story = signing.given(registered(), contract(APRIL_25))
    refused = story.when(end(APRIL_22)).then_refused(UnreadableInput)
    assert rules(refused) == [("ended_on", "day_too_early")]


def test_one_contract_is_held_once_whoever_enters_it_and_whatever_it_is_called() -> None:
    ours = signing.given(registered(), contract(), linked()).state
    theirs = signing.given(
        registered(described(title="光启项目"), owner_org="D-INV", owner_name="市招商局"),
        contract(),
        linked(),
    ).state
    both = holds(ours) & holds(theirs)
    assert {claim.scope for claim in both} == {"contract", "signed_project"}
    assert all("只计一次" in str(claimed(c)) or "不重复计" in str(claimed(c)) for c in both)


@pytest.mark.parametrize(
    "other",
    [
        (registered(described(investor="另一家公司")), contract()),
        (registered(), contract(APRIL_22)),
        (registered(), contract(investment=12 * YI + 1)),
    ],
)
def test_another_investor_day_or_amount_is_another_contract(other: tuple[object, ...]) -> None:
    one = {c for c in holds(signing.given(registered(), contract()).state) if c.scope == "contract"}
    assert not one & holds(signing.given(*other).state)  # type: ignore[arg-type]


def test_an_amendment_leaves_the_contract_the_same_and_an_end_frees_it() -> None:
    story = signing.given(registered(), contract(), linked())
    assert holds(story.state) == holds(story.given(amended(11 * YI)).state)
    assert holds(story.given(ended()).state) == frozenset()
