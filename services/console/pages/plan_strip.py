"""为什么是这个日期: each day of an item's term, with what stopped it, and the sum in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.approval_tracking import Clock, ClockSort, Unit
from services.console.pages.item_clocks import CLOCKS, UNITS
from services.console.pages.plan_reading import Item
from services.console.pages.strip import (
    MOST_OVER,
    Box,
    box,
    calendars_of,
    days_not_counted,
)
from shared import deadline as counting
from shared.deadline import Calendar, Day, DayKind, Extension, Period, Policy, deadline, explain
from shared.wording import spoken_day

_STARTS = {
    ClockSort.PROMISED: "受理",
    ClockSort.STATUTORY: "受理",
    ClockSort.RECEIPT: "收件",
    ClockSort.COMMITMENT: "签承诺书",
    ClockSort.FOLLOW_UP: "容缺办结",
}
_STOPPED = frozenset({ClockSort.PROMISED, ClockSort.STATUTORY})


@dataclass(frozen=True)
class ClockStrip:
    """A clock laid out; ``differs`` is the day that the calendar of today comes to, if another."""

    clock: Clock
    name: str
    boxes: tuple[Box, ...]
    sums: tuple[str, ...]
    calendars: tuple[str, ...]
    differs: date | None


def lay_out(
    item: Item, clock: Clock, calendar: Calendar, today: date, notices: Mapping[int, Sequence[str]]
) -> ClockStrip:
    """Lay a clock out day by day: to its last day, or to today where it stands still or is over."""
    period = period_of(item, clock)
    until = min(today, item.row.done_on or item.row.ended_on or today)
    due = deadline(period, calendar, max(until, clock.start)).due
    last = max(until, clock.start)
    days = explain(period, calendar, min(last, (due or last) + MOST_OVER))
    start = _STARTS[clock.sort]
    return ClockStrip(
        clock=clock,
        name=CLOCKS[clock.sort],
        boxes=tuple(box(day, due, today, start) for day in days),
        sums=tuple(_sums(item, days, period, clock, due, today)),
        calendars=tuple(calendars_of(days, notices)),
        differs=due if due is not None and clock.due is not None and due != clock.due else None,
    )


def period_of(item: Item, clock: Clock) -> Period:
    """Give what a clock counts. What the law lets an office take longer is not promised longer."""
    more = item.extended_by if clock.sort is ClockSort.STATUTORY else 0
    return Period(
        clock.start,
        counting.Term(clock.total - more, counting.Unit(clock.unit.value)),
        Policy(),
        item.pauses if clock.sort in _STOPPED else (),
        (Extension(more, ""),) if more else (),
    )


def _sums(
    item: Item, days: Sequence[Day], period: Period, clock: Clock, due: date | None, today: date
) -> Iterator[str]:
    unit = UNITS[clock.unit]
    began = spoken_day(clock.start, today)
    term = f"{period.term.length} {unit}"
    if period.extensions:
        term += f"，延长 {item.extended_by} {unit}"
    ends = f"至{spoken_day(due, today)} 24:00 到期" if due else "现在停表，复表后定到期日"
    yield f"{began}{_STARTS[clock.sort]}，当日不计，次日起算 {term}，{ends}。"
    for pause in period.pauses:
        until = f"至{spoken_day(pause.last, today)}" if pause.last else "起"
        yield f"停表：{spoken_day(pause.first, today)}{until}，{pause.reason}（{pause.basis}）。"
    if clock.unit is Unit.WORKING_DAYS:
        yield from days_not_counted(days, due, today)
    over = [day for day in days if day.kind is DayKind.OVERDUE]
    if over:
        cut = "以上" if days[-1].day < min(today, item.row.done_on or today) else ""
        yield f"超期 {over[-1].number} {unit}{cut}。"
