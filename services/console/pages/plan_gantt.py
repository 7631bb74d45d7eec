"""The days of a plan as bars: each step to the right is a working day, other days have no width."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.console.pages.plan_reading import Item, Plan
from services.console.pages.plan_schedule import Bar, Schedule, working_day
from shared.deadline import Calendar

LEFT, ROW, TOP = 232, 26, 34
_ROOM, _WIDEST, _NARROWEST = 820, 16.0, 3.0
_MARKS = 10


@dataclass(frozen=True)
class Piece:
    """A part of a bar."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class Row:
    """One item: its bar in pieces, and what stands beside it."""

    item: Item
    bar: Bar
    y: int
    pieces: tuple[Piece, ...]
    ends_at: float
    critical: bool


@dataclass(frozen=True)
class Gantt:
    """The picture: rows in the order of the plan, days along the top, today."""

    rows: tuple[Row, ...]
    marks: tuple[tuple[float, date], ...]
    today: float
    width: int
    height: int


def lay_out(plan: Plan, planned: Schedule, calendar: Calendar, today: date) -> Gantt | None:
    """Place the bars of a plan; None where nothing has days yet."""
    bars = planned.bars
    if not bars:
        return None
    first = min([today, *(bar.begins for bar in bars.values())])
    last = max([today, *(bar.ends for bar in bars.values())])
    days = max(1, calendar.working_days_between(first, last) + 1)
    step = max(_NARROWEST, min(_WIDEST, _ROOM / days))
    axis = _Axis(calendar, first, step)
    items = [item for item in plan.items if item.id in bars]
    items.sort(key=lambda item: (bars[item.id].begins, bars[item.id].ends))
    on_path = set(planned.critical)
    rows = tuple(
        Row(
            item,
            bars[item.id],
            TOP + place * ROW,
            tuple(_pieces(bars[item.id], axis)),
            axis.after(bars[item.id].ends),
            item.id in on_path,
        )
        for place, item in enumerate(items)
    )
    return Gantt(
        rows=rows,
        marks=tuple(_marks(calendar, axis, first, days)),
        today=axis.after(today),
        width=int(axis.after(last)) + 130,
        height=TOP + len(rows) * ROW + 6,
    )


@dataclass(frozen=True)
class _Axis:
    """Where a day begins and ends on the picture."""

    calendar: Calendar
    first: date
    step: float

    def before(self, day: date) -> float:
        """Give where a day begins."""
        return self.after(day - timedelta(days=1))

    def after(self, day: date) -> float:
        """Give where a day ends; one that is not worked ends where it begins."""
        start = self.first - timedelta(days=1)
        return LEFT + self.calendar.working_days_between(start, day) * self.step


def _pieces(bar: Bar, axis: _Axis) -> Iterator[Piece]:
    begins, ends = axis.before(bar.begins), axis.after(bar.ends)
    yield Piece(bar.kind, begins, max(ends - begins, 3.0))
    if bar.over_from is not None:
        over = axis.before(bar.over_from)
        yield Piece("over", over, max(ends - over, 3.0))
    for first, last in bar.stopped:
        left, right = axis.before(first), axis.after(min(last, bar.ends))
        if right > left:
            yield Piece("stop", left, right - left)


def _marks(calendar: Calendar, axis: _Axis, first: date, days: int) -> Sequence[tuple[float, date]]:
    """Name a day every week, or as many as have room."""
    every = max(5, -(-days // _MARKS))
    start = first - timedelta(days=1)
    marked = [working_day(calendar, start, number) for number in range(1, days + 1, every)]
    return [(axis.before(day), day) for day in marked]
