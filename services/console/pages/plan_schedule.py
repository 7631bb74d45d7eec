"""When was, is and will each item be done? Facts as they were, the rest at its earliest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from contracts.approval_tracking import (
    Clock,
    ClockSort,
    ItemState,
    ItemTerm,
    Stage,
    Unit,
)
from services.console.pages.item_clocks import clocks_of
from services.console.pages.plan_reading import Item, Plan
from shared import deadline as counting
from shared.deadline import Calendar, Period, Policy, Term, deadline
from shared.precedence import Placed, Task, longest_path, place

UNDER_WAY = frozenset({ItemState.ACCEPTED, ItemState.PAUSED})
_AS_PROMISED = (ClockSort.PROMISED, ClockSort.STATUTORY)


@dataclass(frozen=True)
class Bar:
    """The days of an item: ``done`` by facts, ``running`` until it is due, ``planned`` ahead."""

    kind: Literal["done", "running", "planned"]
    begins: date
    ends: date
    stopped: tuple[tuple[date, date], ...] = ()
    over_from: date | None = None

    @property
    def named(self) -> date:
        """The day that is written beside it: its end, or when what is over was due."""
        return self.over_from - timedelta(days=1) if self.over_from else self.ends


@dataclass(frozen=True)
class StageStands:
    """A stage: the working days that it has used, will use at the earliest, and may use."""

    stage: Stage
    name: str
    limit: int | None
    used: int
    ahead: int
    done: int
    count: int
    completed_on: date | None

    @property
    def whole(self) -> int:
        """What it comes to as things stand."""
        return self.used + self.ahead

    @property
    def over(self) -> int:
        """By how many days it is, or will be, longer than it may be."""
        return max(0, self.whole - self.limit) if self.limit is not None else 0


@dataclass(frozen=True)
class Schedule:
    """A plan in days. ``critical`` are the open items that decide when all is over, in order."""

    bars: Mapping[str, Bar]
    critical: tuple[str, ...]
    ends: date | None
    stages: tuple[StageStands, ...]

    @property
    def used(self) -> int:
        """The working days that the stages have used."""
        return sum(stage.used for stage in self.stages)

    @property
    def whole(self) -> int:
        """What the stages come to as things stand."""
        return sum(stage.whole for stage in self.stages)


def schedule(plan: Plan, calendar: Calendar, today: date) -> Schedule:
    """Lay a plan out in days: of what is open, each at its earliest in the order of the plan."""
    open_items = [item for item in plan.items if not item.done]
    tasks = [
        Task(item.id, days_ahead(item, calendar, today), item.planned.after, item.planned.beside)
        for item in open_items
    ]
    placed = place(tasks)
    bars = {}
    for item in plan.items:
        if item.done:
            bar = _done(item)
        elif item.row.accepted_on is not None and item.state in UNDER_WAY:
            bar = _running(item, calendar, today, placed[item.id].ends)
        else:
            bar = _planned(placed[item.id], calendar, today)
        if bar is not None:
            bars[item.id] = bar
    last = max((one.ends for one in placed.values()), default=None)
    return Schedule(
        bars=bars,
        critical=longest_path(tasks, placed),
        ends=None if last is None else working_day(calendar, today, last),
        stages=tuple(_stages(plan, tasks, calendar, today)),
    )


def _done(item: Item) -> Bar | None:
    ends = item.row.done_on
    if ends is None:
        return None
    begins = min(item.row.accepted_on or item.row.received_on or ends, ends)
    return Bar("done", begins, ends, _stopped(item, ends))


def _running(item: Item, calendar: Calendar, today: date, days: int) -> Bar:
    clock = leading(item)
    expected = working_day(calendar, today, days)
    due = clock.due if clock else None
    over = due + timedelta(days=1) if due is not None and due < today else None
    begins = item.row.accepted_on or today
    return Bar("running", begins, max(due or expected, today), _stopped(item, today), over)


def _planned(placed: Placed, calendar: Calendar, today: date) -> Bar:
    # The day on which what came before is done does not count; what takes no days is done on it.
    first = min(placed.begins + 1, placed.ends)
    begins = working_day(calendar, today, first)
    return Bar("planned", begins, working_day(calendar, today, placed.ends))


def _stopped(item: Item, until: date) -> tuple[tuple[date, date], ...]:
    return tuple((one.first, one.last or until) for one in item.pauses if one.first <= until)


def leading(item: Item) -> Clock | None:
    """Give the clock that an item is held to: the promised one, else that of the law."""
    clocks = clocks_of(item.row.clocks)
    return next((clocks[sort] for sort in _AS_PROMISED if sort in clocks), None)


def days_ahead(item: Item, calendar: Calendar, today: date) -> int:
    """Give the working days that an open item takes from now on, or from when it can begin."""
    clock = leading(item)
    if item.state not in UNDER_WAY or clock is None:
        return _working(item.planned.promised or item.planned.statutory)
    if clock.due is None:
        return _working_of(clock.unit, clock.total - clock.elapsed)
    # What is over can be done tomorrow at the earliest, as far as anybody knows.
    return max(1, calendar.working_days_between(today, clock.due))


def _working(term: ItemTerm | None) -> int:
    return 0 if term is None else _working_of(term.unit, term.length)


def _working_of(unit: Unit, length: int) -> int:
    """Count days of the calendar as working days, five in a week."""
    return length if unit is Unit.WORKING_DAYS else -(-length * 5 // 7)


def working_day(calendar: Calendar, day: date, number: int) -> date:
    """Give the working day so many after a day; none after it is the day itself."""
    period = Period(day, Term(number, counting.Unit.WORKING_DAYS), Policy())
    due = deadline(period, calendar, day).due
    if due is None:
        raise AssertionError("nothing stops this term")
    return due


def _stages(
    plan: Plan, tasks: Sequence[Task], calendar: Calendar, today: date
) -> Sequence[StageStands]:
    completed = plan.completed
    stands = []
    for stage in plan.stages:
        main = plan.main_of(stage.stage)
        done = completed.get(stage.stage)
        names = {item.id for item in main if not item.done}
        # What waits for another stage is not the stage's own: within it items wait for each other.
        within = place([task for task in tasks if task.key in names])
        ahead = max((one.ends for one in within.values()), default=0)
        stands.append(
            StageStands(
                stage=stage.stage,
                name=stage.name,
                limit=stage.limit,
                used=done.used if done else days_used(main, calendar, today),
                ahead=ahead,
                done=sum(item.done for item in main),
                count=len(main),
                completed_on=done.on if done else None,
            )
        )
    return stands


def days_used(items: Sequence[Item], calendar: Calendar, until: date) -> int:
    """Count the working days on which at least one item was with its office and not stopped."""
    spans = []
    for item in items:
        first = item.row.accepted_on
        if first is None:
            continue
        last = min(item.row.done_on or item.row.ended_on or until, until)
        for pause in item.pauses:
            spans.append((first, min(pause.first - timedelta(days=1), last)))
            first = pause.last if pause.last is not None else last
        spans.append((first, last))
    used, counted_until = 0, date.min
    for first, last in sorted(spans):
        begins = max(first, counted_until)
        if last > begins:
            used += calendar.working_days_between(begins, last)
            counted_until = last
    return used
