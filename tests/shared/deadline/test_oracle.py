"""Whatever happens to a term, walking from day to day gives the same answer."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.deadline import (
    DayKind,
    Extension,
    Pause,
    Period,
    Policy,
    Term,
    Unit,
    deadline,
    explain,
)
from tests.shared.deadline.oracle import walked, worked
from tests.shared.deadline.periods import CALENDAR

FIRST, LAST = date(2004, 1, 1), date(2027, 12, 31)
SLOW = [HealthCheck.too_slow]
LENGTHS = {Unit.WORKING_DAYS: 60, Unit.CALENDAR_DAYS: 90, Unit.MONTHS: 4}


def period(
    day: int,
    unit: Unit,
    length: int,
    policy: Policy,
    pauses: list[tuple[int, int]],
    extensions: list[int],
) -> Period:
    """Make a period of plain numbers, quick to draw; a pause of less than no days never ends."""
    start, longest = FIRST + timedelta(day), LENGTHS[unit]
    stopped = [
        Pause(first, None if days < 0 else first + timedelta(days), "专家评审", "行政许可法 45")
        for first, days in ((start + timedelta(place), days) for place, days in pauses)
    ]
    longer = [Extension(1 + days % (longest // 2), "负责人") for days in extensions]
    return Period(start, Term(length % (longest + 1), unit), policy, stopped, longer)


PERIODS = st.builds(
    period,
    st.integers(0, (LAST - FIRST).days),
    st.sampled_from(Unit),
    st.integers(0, 90),
    st.builds(
        Policy,
        st.sampled_from([None, 0, 20, 50, 100]),
        st.sampled_from([None, 0, 1, 2, 5]),
        st.sampled_from([None, 0, 1, 3]),
        st.booleans(),
    ),
    st.lists(st.tuples(st.integers(-10, 80), st.integers(-3, 25)), max_size=4),
    st.lists(st.integers(0, 19), max_size=2),
)


@settings(max_examples=20_000, deadline=None, suppress_health_check=SLOW, print_blob=True)
@given(period=PERIODS, after=st.integers(-10, 200))
def test_a_period_is_counted_as_by_walking_from_day_to_day(period: Period, after: int) -> None:
    as_of = period.start + timedelta(after)
    assert deadline(period, CALENDAR, as_of) == walked(period, as_of)


@settings(max_examples=1_000, deadline=None, suppress_health_check=SLOW, print_blob=True)
@given(period=PERIODS, after=st.integers(-10, 200))
def test_the_strip_of_days_adds_up_to_the_counts(period: Period, after: int) -> None:
    as_of = period.start + timedelta(after)
    found, strip = deadline(period, CALENDAR, as_of), explain(period, CALENDAR, as_of)
    until = max(period.start, as_of, found.due or period.start)
    assert [one.day for one in strip] == [
        period.start + timedelta(n) for n in range((until - period.start).days + 1)
    ]
    assert [one.day for one in strip if one.kind is DayKind.BEFORE] == [period.start]
    counting = {DayKind.COUNTED, DayKind.MAKE_UP}
    used = [one.day for one in strip if one.kind in counting]
    assert sum(day <= as_of for day in used) == found.elapsed
    assert found.due is None or len(used) == found.total
    assert sum(one.kind is DayKind.OVERDUE for one in strip) == found.overdue
    for one in strip:
        assert (one.pause is not None) == (one.kind is DayKind.PAUSED)
        if one.kind is DayKind.MAKE_UP:
            assert worked(one.day)
            assert one.day.weekday() >= 5
        if one.kind in {DayKind.HOLIDAY, DayKind.WEEKEND}:
            assert not worked(one.day)
