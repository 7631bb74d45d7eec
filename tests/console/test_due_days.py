"""The monthly due day: the 5th, rolled over, with its reason and how it stands on a day."""

from datetime import date

import pytest

from contracts.reference import calendar_years
from services.console.pages.due_days import Due, due_of
from services.console.pages.rules import Rules, RulesFile
from shared.deadline import Calendar
from tests.console.builders import BEGINNING, MONTH_RULES

BEGAN = date(2019, 4, 22)
CALENDAR = Calendar(calendar_years())


def rules(text: str = MONTH_RULES) -> Rules:
    """Give the rules as the console keeps them."""
    return Rules({BEGAN: RulesFile("report_month", BEGAN, "abc", text, BEGINNING)})


def due(month: date, today: date | None = None, text: str = MONTH_RULES) -> Due:
    """Give a month's due day."""
    found = due_of(month, rules(text), CALENDAR, today or month)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("month", "day"), list(enumerate((7, 11, 5, 8, 5, 5, 5, 5, 5, 8, 5, 5), start=1))
)
def test_the_twelve_due_days_of_2019(month: int, day: int) -> None:
    assert due(date(2019, month, 1)).day == date(2019, month, day)


@pytest.mark.parametrize(
    ("month", "why"),
    [
        (1, "5日是周六，休息，顺延到其后第一个工作日（周一）"),
        (2, "5日在春节放假期间，顺延到其后第一个工作日（周一）"),
        (3, "5日是周二，是工作日，不顺延"),
        (5, "5日是周日，按放假安排调休上班，是工作日，不顺延"),
        (10, "5日在国庆节放假期间，顺延到其后第一个工作日（周二）"),
    ],
)
def test_the_day_says_why_it_is_that_one(month: int, why: str) -> None:
    assert due(date(2019, month, 1)).why == why


def test_without_rolling_over_the_day_stays_and_says_so() -> None:
    stays = due(date(2019, 10, 1), text=MONTH_RULES.replace("true", "false"))
    assert (stays.day, stays.why) == (date(2019, 10, 5), "5日是周六，按规则不顺延")


def test_another_day_of_the_month_is_another_rule() -> None:
    tenth = due(date(2019, 6, 1), text=MONTH_RULES.replace("= 5", "= 10"))
    assert (tenth.day, tenth.named) == (date(2019, 6, 10), 10)
    assert tenth.why == "10日是周一，是工作日，不顺延"


@pytest.mark.parametrize(
    ("today", "left", "over_for", "over"),
    [
        (date(2019, 5, 1), 4, 0, False),
        (date(2019, 5, 4), 1, 0, False),
        (date(2019, 5, 5), 0, 0, False),
        (date(2019, 5, 6), 0, 1, True),
        (date(2019, 5, 31), 0, 26, True),
    ],
)
def test_the_due_day_lasts_until_midnight(
    today: date, left: int, over_for: int, *, over: bool
) -> None:
    found = due(date(2019, 5, 1), today)
    assert (found.left, found.over_for, found.over) == (left, over_for, over)


def test_it_warns_while_as_many_days_are_left_as_the_rules_say() -> None:
    assert due(date(2019, 5, 1)).yellow_from == date(2019, 5, 2)
    assert due(date(2019, 10, 1)).yellow_from == date(2019, 10, 5)


def test_nobody_was_asked_to_report_by_a_day_before_the_rules_began() -> None:
    assert not due(date(2019, 4, 1)).asked
    assert due(date(2019, 5, 1)).asked


def test_a_year_without_a_notice_is_provisional() -> None:
    assert not due(date(2019, 5, 1)).provisional
    assert due(date(2027, 5, 1)).provisional


@pytest.mark.parametrize("text", ["", "day_of_month = true", "day_of_month = '5'", "not toml"])
def test_rules_that_name_no_day_give_no_due_day(text: str) -> None:
    assert due_of(date(2019, 5, 1), rules(text), CALENDAR, BEGAN) is None


def test_before_the_rules_have_arrived_there_is_no_due_day() -> None:
    assert due_of(date(2019, 5, 1), Rules({}), CALENDAR, BEGAN) is None
