"""查重: names much alike, the same county, nearly the same money; each boundary to the yuan."""

import pytest

from services.intake.policies import alike_on
from services.intake.review.likeness import core, likeness_of, percent_alike, plain, similar
from tests.intake.dossiers import APRIL_25, facts

RULES = alike_on(APRIL_25)
YI = 100_000_000


def alike(name: str, other: str) -> bool:
    return bool(dict(similar(name, [("other", plain(other))], RULES)))


@pytest.mark.parametrize(
    "spelled",
    [
        "丹河新材料产业园 一期",
        "丹河新材料产业园（一期）",
        "“丹河”新材料产业园·一期",
        "丹河新材料产业园一期项目",
        "丹河新材料产业园一期建设工程",
        "丹河新材料产业园一期工程建设项目",
    ],
)
def test_width_blanks_punctuation_and_endings_make_no_other_name(spelled: str) -> None:
    assert percent_alike("丹河新材料产业园一期", spelled, RULES) == 100


def test_letter_case_and_full_width_digits_make_no_other_name() -> None:
    assert percent_alike("5G基站二期", "５g 基站二期工程", RULES) == 100


def test_endings_within_a_name_count() -> None:
    assert core("项目管理中心建设", RULES.endings) == "项目管理中心"


def test_a_name_that_is_nothing_but_endings_stays() -> None:
    assert core("建设项目", RULES.endings) == "建设项目"


def test_names_are_suspected_from_exactly_85_percent() -> None:
    # 20 signs each: 3 others leave 17 of 20, which is 85 %; 4 others leave 80 %.
    name = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    assert percent_alike(name, name[:17] + "戌亥春", RULES) == 85
    assert alike(name, name[:17] + "戌亥春")
    assert not alike(name, name[:16] + "戌亥春夏")


def test_just_below_85_percent_is_no_suspicion() -> None:
    # 33 of 39 signs in common on both sides: 84.6 %, which a rounding would have let in.
    name = "".join(chr(0x4E00 + n) for n in range(39))
    other = name[:33] + "".join(chr(0x6000 + n) for n in range(6))
    assert not alike(name, other)


def test_investment_may_differ_by_exactly_10_percent_of_the_larger_one() -> None:
    assert (RULES.least(10 * YI), RULES.most(9 * YI)) == (9 * YI, 10 * YI)
    assert RULES.least(10 * YI + 1) == 9 * YI + 1
    assert RULES.most(9 * YI - 1) == 10 * YI - 2


@pytest.mark.parametrize("ours", [1, 9, 10, 11, 95, 999_999_999, 10 * YI])
def test_near_is_the_same_from_either_side(ours: int) -> None:
    for theirs in range(max(0, ours - 20), ours + 20):
        near = RULES.least(ours) <= theirs <= RULES.most(ours)
        assert near == (RULES.least(theirs) <= ours <= RULES.most(theirs))
        assert near == (10 * abs(ours - theirs) <= max(ours, theirs))


def test_a_form_without_county_or_money_is_not_compared() -> None:
    whole = facts()
    assert likeness_of("泽州县", whole) is not None
    assert likeness_of("泽州县", facts(total_investment=None)) is None
    nowhere = whole.location.model_copy(update={"region": None})
    assert likeness_of("泽州县", facts(location=nowhere)) is None
