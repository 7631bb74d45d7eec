"""How an item stands on a day: days left, days over, and what stands still."""

import json
from dataclasses import dataclass
from datetime import date

import pytest

from contracts.approval_tracking import Clock, ClockSort, ItemState, Unit
from contracts.reference import calendar_years
from services.console.pages.item_clocks import Stands, stands
from shared.deadline import Calendar

CALENDAR = Calendar(calendar_years())
PROMISED = Clock(
    sort=ClockSort.PROMISED,
    unit=Unit.WORKING_DAYS,
    start=date(2019, 5, 30),
    total=7,
    elapsed=0,
    due=date(2019, 6, 11),
    yellow_from=date(2019, 6, 5),
    red_from=date(2019, 6, 12),
    provisional=False,
    calendar=0,
)
STATUTORY = PROMISED.model_copy(
    update={
        "sort": ClockSort.STATUTORY,
        "unit": Unit.CALENDAR_DAYS,
        "total": 60,
        "due": date(2019, 7, 29),
        "yellow_from": date(2019, 6, 29),
        "red_from": date(2019, 7, 30),
    }
)
STOPPED = PROMISED.model_copy(
    update={"elapsed": 3, "due": None, "yellow_from": None, "red_from": None}
)


@dataclass(frozen=True)
class AnItem:
    state: str
    running: str | None
    clocks: str
    late: str = ""
    done_on: date | None = None


def item(state: ItemState, *clocks: Clock, running: ClockSort | None, **more: object) -> AnItem:
    text = json.dumps([clock.model_dump(mode="json") for clock in clocks])
    return AnItem(state.value, running and running.value, text, **more)  # type: ignore[arg-type]


ACCEPTED = item(ItemState.ACCEPTED, PROMISED, STATUTORY, running=ClockSort.PROMISED)


@pytest.mark.parametrize(
    ("today", "light", "left", "used", "over"),
    [
        (date(2019, 5, 31), "ok", "剩 6 个工作日", 1, 0),
        (date(2019, 6, 5), "near", "剩 3 个工作日", 4, 0),
        # 端午: the days off count for nobody.
        (date(2019, 6, 8), "near", "剩 2 个工作日", 5, 0),
        (date(2019, 6, 11), "near", "今日到期", 7, 0),
        (date(2019, 6, 12), "late", "超期 1 个工作日", 7, 1),
        (date(2019, 6, 14), "late", "超期 3 个工作日", 7, 3),
    ],
)
def test_a_running_clock_counts_to_the_day(
    today: date, light: str, left: str, used: int, over: int
) -> None:
    found = stands(ACCEPTED, CALENDAR, today)
    assert (found.light, found.left, found.used, found.over) == (light, left, used, over)
    assert (found.total, found.clock) == (7, "承诺时限")


def test_what_is_over_on_a_friday_is_over_before_a_working_day_has_passed() -> None:
    friday = PROMISED.model_copy(update={"due": date(2019, 6, 14), "red_from": date(2019, 6, 15)})
    one = item(ItemState.ACCEPTED, friday, running=ClockSort.PROMISED)
    assert stands(one, CALENDAR, date(2019, 6, 16)).left == "超期未满 1 个工作日"


def test_a_term_of_law_in_days_counts_every_day() -> None:
    one = item(ItemState.ACCEPTED, STATUTORY, running=ClockSort.STATUTORY)
    assert stands(one, CALENDAR, date(2019, 7, 27)).left == "剩 2 天"
    assert stands(one, CALENDAR, date(2019, 8, 1)).left == "超期 3 天"


def test_a_clock_that_stands_still_has_what_was_left_to_it_on_any_day() -> None:
    one = item(ItemState.PAUSED, STOPPED, running=None)
    for today in (date(2019, 6, 5), date(2019, 9, 5)):
        assert stands(one, CALENDAR, today) == Stands(
            "hold", "停表，剩 4 个工作日", 7, 3, clock="承诺时限"
        )


def test_what_was_over_before_its_pause_stays_over() -> None:
    one = item(ItemState.PAUSED, PROMISED, running=ClockSort.PROMISED)
    assert stands(one, CALENDAR, date(2019, 6, 13)).left == "停表，超期 2 个工作日"


def test_a_grant_says_how_far_it_was_over() -> None:
    used = PROMISED.model_copy(update={"elapsed": 5})
    in_time = item(ItemState.GRANTED, used, running=None, done_on=date(2019, 6, 6))
    assert stands(in_time, CALENDAR, date(2019, 7, 1)) == Stands(
        "done", "已办结", 7, 5, clock="承诺时限"
    )
    late = item(
        ItemState.GRANTED, PROMISED, running=None, late=",PROMISED,", done_on=date(2019, 6, 13)
    )
    assert stands(late, CALENDAR, date(2019, 7, 1)) == Stands(
        "done", "超期 2 个工作日办结", 7, 7, 2, "承诺时限"
    )


def test_what_waits_for_the_applicant_has_no_days() -> None:
    one = item(ItemState.CORRECTING, PROMISED, running=None)
    assert stands(one, CALENDAR, date(2019, 6, 5)) == Stands("near", "待补正")
    assert (
        stands(item(ItemState.NOT_BEGUN, running=None), CALENDAR, date(2019, 6, 5)).left == "未办"
    )


def test_what_was_granted_with_something_missing_counts_until_it_is_there() -> None:
    missing = PROMISED.model_copy(update={"sort": ClockSort.FOLLOW_UP})
    one = item(ItemState.GRANTED, missing, running=ClockSort.FOLLOW_UP, done_on=date(2019, 5, 30))
    found = stands(one, CALENDAR, date(2019, 6, 10))
    assert (found.clock, found.left) == ("容缺补齐", "剩 1 个工作日")
