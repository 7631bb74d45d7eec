"""Why this date? Every day from the start says what it is."""

from shared.deadline import Day, DayKind, explain
from tests.shared.deadline.periods import CALENDAR, calendar, day, paused, working

BEFORE, COUNTED, MAKE_UP, HOLIDAY, WEEKEND, PAUSED, OVERDUE = (
    DayKind.BEFORE,
    DayKind.COUNTED,
    DayKind.MAKE_UP,
    DayKind.HOLIDAY,
    DayKind.WEEKEND,
    DayKind.PAUSED,
    DayKind.OVERDUE,
)


def kinds(strip: tuple[Day, ...]) -> dict[str, DayKind]:
    return {f"{one.day:%m-%d}": one.kind for one in strip}


def test_a_term_over_the_national_holiday_says_what_each_day_is() -> None:
    strip = explain(working("2019-09-27", 7), CALENDAR, day("2019-09-27"))
    assert kinds(strip) == {
        "09-27": BEFORE,
        "09-28": WEEKEND,
        "09-29": MAKE_UP,
        "09-30": COUNTED,
        **{f"10-0{number}": HOLIDAY for number in range(1, 8)},
        "10-08": COUNTED,
        "10-09": COUNTED,
        "10-10": COUNTED,
        "10-11": COUNTED,
        "10-12": MAKE_UP,
    }
    assert [one.number for one in strip] == [0, 0, 1, 2, *[2] * 7, 3, 4, 5, 6, 7]
    assert {one.holiday for one in strip if one.kind is HOLIDAY} == {"国庆节"}


def test_a_paused_day_says_what_stopped_it() -> None:
    first, second = paused("2019-05-09", "2019-05-12"), paused("2019-05-10", "2019-05-13")
    strip = explain(working("2019-05-08", 3, second, first), CALENDAR, day("2019-05-08"))
    assert [one.kind for one in strip] == [BEFORE, *[PAUSED] * 5, COUNTED, COUNTED, COUNTED]
    assert [one.pause for one in strip] == [None, *[first] * 4, second, None, None, None]


def test_a_term_that_is_still_paused_is_explained_up_to_the_day_asked_for() -> None:
    strip = explain(
        working("2019-05-08", 3, paused("2019-05-10", None)), CALENDAR, day("2019-05-14")
    )
    assert [one.kind for one in strip] == [BEFORE, COUNTED, *[PAUSED] * 5]


def test_overdue_days_are_counted_anew_and_a_pause_does_not_stop_them() -> None:
    late = working("2019-05-08", 1, paused("2019-05-13", None))
    strip = explain(late, CALENDAR, day("2019-05-14"))
    assert [(one.kind, one.number) for one in strip] == [
        (BEFORE, 0), (COUNTED, 1), (OVERDUE, 1), (WEEKEND, 1), (WEEKEND, 1), (OVERDUE, 2),
        (OVERDUE, 3),
    ]  # fmt: skip
    assert not any(one.pause for one in strip)


def test_in_calendar_days_a_holiday_counts_and_keeps_its_name() -> None:
    strip = explain(calendar("2019-04-30", 2), CALENDAR, day("2019-04-30"))
    assert [(one.kind, one.holiday) for one in strip] == [
        (BEFORE, None), (COUNTED, "劳动节"), (COUNTED, "劳动节"),
    ]  # fmt: skip


def test_days_of_a_year_without_a_notice_say_so() -> None:
    strip = explain(working("2026-12-30", 2), CALENDAR, day("2026-12-30"))
    assert [(f"{one.day}", one.provisional) for one in strip][1:3] == [
        ("2026-12-31", False),
        ("2027-01-01", True),
    ]


def test_before_its_start_a_term_is_explained_from_its_start() -> None:
    strip = explain(working("2019-05-08", 3), CALENDAR, day("2019-04-01"))
    assert [one.kind for one in strip] == [BEFORE, COUNTED, COUNTED, WEEKEND, WEEKEND, COUNTED]
