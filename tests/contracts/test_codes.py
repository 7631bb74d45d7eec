"""National codes: what is spelt like one, what it says, and what only looks like one."""

import pytest

from contracts.reference.codes import ProjectCode, is_credit_code, read_project_code

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [3**n % 31 for n in range(17)]


def test_a_code_of_the_first_generation_says_year_region_industry_and_way_of_approval() -> None:
    assert read_project_code("2020-141129-77-03-006679") == ProjectCode(
        generation=1, year=2020, region="141129", division="77", type="03", checksum="none"
    )


def test_a_code_of_the_second_generation_has_a_check_digit_that_nobody_outside_can_verify() -> None:
    assert read_project_code("2101-140502-04-01-123456") == ProjectCode(
        generation=2, year=2021, region="140502", division=None, type="01", checksum="unverified"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020-141129-00-03-006679",
        "2020-141129-98-03-006679",
        "2020-141129-77-04-006679",
        "1920-141129-77-03-006679",
        "2113-140502-04-01-123456",
        "2101-140502-04-01-12345",
        "2101-140502-04-01-12345A",
        "2101-140502-04-01-１23456",
        " 2101-140502-04-01-123456",
    ],
)
def test_anything_else_is_no_project_code(text: str) -> None:
    assert read_project_code(text) is None


STANDARD = "91350100M000100Y43"
SOUND = [
    STANDARD,
    "91140500MA0T00011Y",
    "91140502MA0T0002XK",
    "11140500000000019R",
    "12140581000000027U",
]


@pytest.mark.parametrize("code", SOUND)
def test_the_check_character_is_the_one_that_the_standard_reckons(code: str) -> None:
    total = sum(CHARACTERS.index(c) * w for c, w in zip(code, WEIGHTS, strict=False))
    assert code[17] == CHARACTERS[(31 - total % 31) % 31]
    assert is_credit_code(code)


def test_the_example_of_the_standard_reckons_as_printed() -> None:
    assert WEIGHTS == [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    total = sum(CHARACTERS.index(c) * w for c, w in zip(STANDARD, WEIGHTS, strict=False))
    assert (total, total % 31) == (1640, 28)


@pytest.mark.parametrize("code", SOUND)
def test_any_other_check_character_is_refused(code: str) -> None:
    others = [code[:17] + other for other in CHARACTERS if other != code[17]]
    assert [other for other in others if is_credit_code(other)] == []


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_look_like_others_are_in_no_code(letter: str) -> None:
    assert not is_credit_code(f"91140500MA0T{letter}0011Y")


@pytest.mark.parametrize(
    "text", ["", "91140500MA0T0001Y", "91140500MA0T00011Y0", "91140500ma0t00011y", " " + STANDARD]
)
def test_what_is_longer_shorter_or_spelt_otherwise_is_no_credit_code(text: str) -> None:
    assert not is_credit_code(text)
