"""Terms on the calendar: when they end, how far they are, what a pause and an extension do."""

from dataclasses import replace
from datetime import date

import pytest

from shared.deadline import (
    Extension,
    OutsideTheCalendar,
    Pause,
    Period,
    Policy,
    Term,
    deadline,
    until_day_of_month,
)
from shared.deadline.terms import Unit
from tests.shared.deadline.periods import (
    CALENDAR,
    LIGHTS,
    PLAIN,
    calendar,
    day,
    months,
    paused,
    working,
)


@pytest.mark.parametrize(
    ("accepted", "length", "due"),
    [
        ("2019-04-26", 5, "2019-05-06"),
        ("2019-04-30", 3, "2019-05-07"),
        ("2019-01-31", 3, "2019-02-03"),
        ("2019-09-27", 5, "2019-10-10"),
        ("2019-04-22", 7, "2019-04-30"),
        ("2019-01-02", 120, "2019-06-27"),
        ("2026-02-13", 5, "2026-02-27"),
    ],
)
def test_working_days_are_counted_from_the_day_after(accepted: str, length: int, due: str) -> None:
    assert deadline(working(accepted, length), CALENDAR, day(accepted)).due == day(due)


@pytest.mark.parametrize(
    ("month", "due"), list(enumerate((7, 11, 5, 8, 5, 5, 5, 5, 5, 8, 5, 5), start=1))
)
def test_the_fifth_of_a_month_moves_to_the_next_day_that_is_worked(month: int, due: int) -> None:
    first = date(2019, month, 1)
    fifth = until_day_of_month(first, 5, Policy(roll_over=True))
    assert deadline(fifth, CALENDAR, first).due == date(2019, month, due)


def test_every_day_up_to_a_day_of_the_month_counts() -> None:
    fifth = until_day_of_month(day("2019-06-01"), 5, PLAIN)
    assert fifth == calendar("2019-05-31", 5, policy=PLAIN)
    assert deadline(fifth, CALENDAR, day("2019-06-01"))[:3] == (5, 1, 4)


def test_a_last_day_moves_only_where_the_policy_says_so() -> None:
    found = deadline(calendar("2019-04-30", 4), CALENDAR, day("2019-04-30"))
    assert found.due == day("2019-05-04")


def test_days_that_a_last_day_moves_over_belong_to_the_term() -> None:
    moved = calendar("2019-09-30", 5, policy=Policy(roll_over=True))
    found = deadline(moved, CALENDAR, day("2019-10-06"))
    assert (found.due, found.total, found.elapsed, found.remaining) == (day("2019-10-08"), 8, 6, 2)


def test_a_last_day_moves_past_a_pause() -> None:
    moved = calendar("2019-09-30", 5, paused("2019-10-08", "2019-10-11"))
    moved = replace(moved, policy=Policy(roll_over=True))
    assert deadline(moved, CALENDAR, day("2019-10-01")).due == day("2019-10-12")


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2019-04-22", 1, "2019-05-22"),
        ("2019-01-31", 1, "2019-02-28"),
        ("2020-01-31", 1, "2020-02-29"),
        ("2019-10-31", 13, "2020-11-30"),
        ("2019-12-15", 1, "2020-01-15"),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_its_last(start: str, length: int, due: str) -> None:
    assert deadline(months(start, length), CALENDAR, day(start)).due == day(due)


def test_a_month_that_is_extended_ends_on_the_same_day_of_the_later_month() -> None:
    longer = replace(months("2019-01-31", 1), extensions=[Extension(1, "督查室")])
    assert deadline(longer, CALENDAR, day("2019-01-31")).due == day("2019-03-31")


def test_a_month_that_is_paused_ends_as_many_days_later() -> None:
    stopped = replace(months("2019-04-22", 1), pauses=[paused("2019-04-30", "2019-05-02")])
    assert deadline(stopped, CALENDAR, day("2019-04-22")).due == day("2019-05-25")


def test_the_day_itself_is_used_if_it_counts() -> None:
    term = working("2019-04-22", 5)
    assert [deadline(term, CALENDAR, day(f"2019-04-{n}")).elapsed for n in range(21, 29)] == [
        0, 0, 1, 2, 3, 4, 4, 5,
    ]  # fmt: skip


def test_a_day_before_the_start_uses_nothing() -> None:
    found = deadline(working("2019-04-22", 5), CALENDAR, day("2019-04-01"))
    assert (found.elapsed, found.remaining, found.overdue) == (0, 5, 0)


def test_a_term_of_no_days_ends_on_the_day_that_starts_it() -> None:
    found = deadline(calendar("2019-04-22", 0, policy=PLAIN), CALENDAR, day("2019-04-23"))
    assert (found.due, found.red_from, found.overdue) == (day("2019-04-22"), day("2019-04-23"), 1)


def test_neither_end_of_a_pause_counts() -> None:
    term = working("2019-04-22", 5, paused("2019-04-23", "2019-04-24"))
    found = deadline(term, CALENDAR, day("2019-04-25"))
    assert (found.elapsed, found.due) == (1, day("2019-04-30"))


def test_pauses_that_overlap_stop_the_clock_once() -> None:
    several = [
        paused("2019-05-20", "2019-05-24"),
        paused("2019-05-08", "2019-05-10"),
        paused("2019-05-22", "2019-05-28"),
        paused("2019-05-23", "2019-05-23"),
    ]
    one_by_one = [paused("2019-05-08", "2019-05-10"), paused("2019-05-20", "2019-05-28")]
    for on in (day("2019-05-09"), day("2019-05-23"), day("2019-06-30")):
        assert deadline(working("2019-05-06", 20, *several), CALENDAR, on) == deadline(
            working("2019-05-06", 20, *one_by_one), CALENDAR, on
        )


def test_a_pause_from_before_the_start_stops_only_what_comes_after() -> None:
    term = working("2019-04-22", 5, paused("2019-04-01", "2019-04-24"))
    assert deadline(term, CALENDAR, day("2019-04-22")).due == day("2019-04-30")


def test_a_pause_before_the_start_does_nothing() -> None:
    term = working("2019-04-22", 5, paused("2019-04-01", "2019-04-22"))
    assert deadline(term, CALENDAR, day("2019-04-23")) == deadline(
        working("2019-04-22", 5), CALENDAR, day("2019-04-23")
    )


def test_while_paused_what_is_left_is_frozen_and_there_is_no_last_day() -> None:
    term = working("2019-04-22", 20, paused("2019-04-25", None))
    for on in ("2019-04-25", "2019-04-30", "2020-04-30"):
        found = deadline(term, CALENDAR, day(on))
        assert (found.paused, found.elapsed, found.remaining) == (True, 2, 18)
        assert (found.due, found.yellow_from, found.red_from) == (None, None, None)


def test_a_light_that_was_yellow_stays_so_while_paused() -> None:
    before = deadline(working("2019-04-22", 5), CALENDAR, day("2019-04-24"))
    assert before.yellow_from == day("2019-04-24")
    on_the_eve = working("2019-04-22", 5, paused("2019-04-24", None))
    a_day_later = working("2019-04-22", 5, paused("2019-04-25", None))
    assert deadline(on_the_eve, CALENDAR, day("2019-06-01")).yellow_from is None
    assert deadline(a_day_later, CALENDAR, day("2019-06-01")).yellow_from == day("2019-04-24")


def test_a_pause_says_so_on_its_own_days_only() -> None:
    term = working("2019-04-22", 20, paused("2019-04-25", "2019-04-26"))
    states = [deadline(term, CALENDAR, day(f"2019-04-{n}")).paused for n in range(24, 28)]
    assert states == [False, True, True, False]


@pytest.mark.parametrize("last", ["2019-05-31", None])
def test_a_pause_after_the_last_day_takes_no_overdue_day_away(last: str | None) -> None:
    late = working("2019-04-22", 5, paused("2019-04-29", last))
    found = deadline(late, CALENDAR, day("2019-05-06"))
    assert (found.due, found.red_from) == (day("2019-04-28"), day("2019-04-29"))
    assert (found.overdue, found.remaining, found.paused) == (4, 0, False)


def test_a_pause_on_the_last_day_keeps_the_term_open() -> None:
    late = working("2019-04-22", 5, paused("2019-04-28", "2019-04-28"))
    assert deadline(late, CALENDAR, day("2019-05-06")).due == day("2019-04-29")


def test_an_extension_is_more_of_the_same() -> None:
    longer = replace(working("2019-04-22", 20), extensions=[Extension(10, "负责人")])
    found = deadline(longer, CALENDAR, day("2019-04-23"))
    assert (found.total, found.remaining) == (30, 29)
    assert found.due == deadline(working("2019-04-22", 30), CALENDAR, day("2019-04-23")).due


def test_a_term_is_red_only_when_its_last_day_is_over_worked_or_not() -> None:
    friday = deadline(working("2019-05-10", 5), CALENDAR, day("2019-05-17"))
    assert (friday.due, friday.overdue) == (day("2019-05-17"), 0)
    assert friday.red_from == day("2019-05-18")


def test_half_of_the_term_left_is_yellow() -> None:
    found = deadline(working("2019-05-05", 20), CALENDAR, day("2019-05-05"))
    assert found.yellow_from == day("2019-05-17")
    assert deadline(working("2019-05-05", 20), CALENDAR, day("2019-05-17")).remaining == 10


def test_half_of_an_odd_term_is_yellow_when_less_than_half_is_left() -> None:
    found = deadline(working("2019-05-05", 21), CALENDAR, day("2019-05-20"))
    assert (found.yellow_from, found.remaining) == (day("2019-05-20"), 10)


def test_half_is_half_of_the_extended_term() -> None:
    longer = replace(working("2019-05-05", 20), extensions=[Extension(10, "负责人")])
    assert deadline(longer, CALENDAR, day("2019-05-05")).yellow_from == day("2019-05-24")


@pytest.mark.parametrize(("length", "yellow"), [(4, "2019-05-13"), (5, "2019-05-14")])
def test_three_working_days_left_are_yellow(length: int, yellow: str) -> None:
    found = deadline(working("2019-05-10", length), CALENDAR, day(yellow))
    assert (found.yellow_from, found.remaining) == (day(yellow), 3)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_term_of_three_working_days_is_yellow_on_its_last_day_only(length: int) -> None:
    found = deadline(working("2019-05-10", length), CALENDAR, day("2019-05-10"))
    assert found.yellow_from == found.due


def test_a_short_term_that_was_extended_is_still_yellow_on_its_last_day_only() -> None:
    longer = replace(working("2019-05-10", 3), extensions=[Extension(5, "负责人")])
    found = deadline(longer, CALENDAR, day("2019-05-10"))
    assert found.yellow_from == found.due == day("2019-05-22")


def test_a_term_in_calendar_days_looks_at_the_working_days_left_too() -> None:
    # Nine days, of which 25, 26, 28, 29 and 30 April are worked.
    found = deadline(calendar("2019-04-24", 9), CALENDAR, day("2019-04-24"))
    assert (found.due, found.yellow_from) == (day("2019-05-03"), day("2019-04-26"))


def test_a_term_in_calendar_days_with_three_working_days_is_yellow_on_its_last_day_only() -> None:
    found = deadline(calendar("2019-04-27", 7), CALENDAR, day("2019-04-27"))
    assert found.yellow_from == found.due == day("2019-05-04")


def test_a_threshold_in_the_terms_own_days_counts_holidays_with_the_rest() -> None:
    soon = Policy(yellow_days=1)
    found = deadline(calendar("2019-04-28", 7, policy=soon), CALENDAR, day("2019-04-28"))
    assert (found.yellow_from, found.due) == (day("2019-05-04"), day("2019-05-05"))


def test_without_a_threshold_a_term_goes_from_green_to_red() -> None:
    found = deadline(working("2019-05-10", 5, policy=PLAIN), CALENDAR, day("2019-05-10"))
    assert found.yellow_from == found.red_from


def test_a_term_that_runs_into_a_year_without_a_notice_is_provisional() -> None:
    found = deadline(working("2026-12-10", 20), CALENDAR, day("2026-12-11"))
    assert (found.due, found.provisional) == (day("2027-01-08"), True)


def test_a_term_that_ends_within_published_years_is_not_provisional() -> None:
    assert not deadline(working("2026-12-01", 20), CALENDAR, day("2026-12-31")).provisional


def test_what_is_overdue_in_a_year_without_a_notice_is_provisional() -> None:
    assert deadline(working("2026-12-01", 20), CALENDAR, day("2027-01-04")).provisional


def test_a_year_that_nobody_entered_is_counted_monday_to_friday_and_provisional() -> None:
    found = deadline(working("2040-01-02", 5), CALENDAR, day("2040-01-02"))
    assert (found.due, found.provisional) == (day("2040-01-09"), True)


@pytest.mark.parametrize(
    ("policy", "provisional"),
    [
        (PLAIN, False),
        (Policy(yellow_days=1), False),
        (LIGHTS, True),
        (Policy(roll_over=True), True),
    ],
)
def test_a_term_in_calendar_days_is_provisional_only_if_working_days_matter(
    policy: Policy, provisional: bool
) -> None:
    found = deadline(calendar("2027-02-01", 30, policy=policy), CALENDAR, day("2027-02-02"))
    assert found.provisional == provisional


@pytest.mark.parametrize(
    ("start", "length"), [("1989-12-31", 5), ("2101-01-01", 5), ("2100-12-01", 60)]
)
@pytest.mark.parametrize("unit", Unit)
def test_a_term_outside_of_the_calendar_is_refused_by_name(
    start: str, length: int, unit: Unit
) -> None:
    with pytest.raises(OutsideTheCalendar):
        deadline(Period(day(start), Term(length, unit), LIGHTS), CALENDAR, day("2019-04-22"))


def test_nothing_runs_backwards() -> None:
    with pytest.raises(ValueError, match="-1"):
        Term(-1, Unit.MONTHS)
    with pytest.raises(ValueError, match="0 long"):
        Extension(0, "负责人")
    with pytest.raises(ValueError, match="cannot end"):
        Pause(date(2019, 5, 2), date(2019, 5, 1), "公示", "行政许可法 45")
