"""Where a project's plan of approvals is, and each of its items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.approval_tracking import (
    Circumstances,
    Clock,
    ClockSort,
    ItemState,
    Need,
    PlannedItem,
    Stage,
    StageLimit,
)
from shared.deadline import Pause

DONE = frozenset(
    {ItemState.GRANTED, ItemState.COMMITTED, ItemState.WAIVED, ItemState.SERVED},
)
"""What satisfies the items that come after."""
UNDER_WAY = frozenset(
    {ItemState.RECEIVED, ItemState.CORRECTING, ItemState.ACCEPTED, ItemState.PAUSED},
)
"""What lies with an office, or with the applicant who is to put something right."""
OVER = frozenset({ItemState.REFUSED, ItemState.WITHDRAWN, ItemState.REVOKED})
"""What came to nothing and may be begun once more."""


@dataclass(frozen=True)
class Attempt:
    """One way of an item from its receipt to its end, on business days.

    ``last_day`` is that of its last step. ``clocks`` stand as they were told last; ``told`` are
    the clocks that were told to be yellow or over. ``expected_days`` are those of the last pause.
    """

    number: int = 0
    last_day: date | None = None
    received_on: date | None = None
    asked_on: date | None = None
    corrected_on: date | None = None
    accepted_on: date | None = None
    done_on: date | None = None
    document_number: str | None = None
    valid_until: date | None = None
    follow_up: str | None = None
    followed_up_on: date | None = None
    checked_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    expected_days: int = 0
    overrun_told: bool = False
    extended_by: int = 0
    clocks: Mapping[ClockSort, Clock] = field(default_factory=dict)
    told: frozenset[tuple[ClockSort, str]] = frozenset()


@dataclass(frozen=True)
class Item:
    """An item of a plan: what was planned of it, where it is, who is at it.

    ``transferred``: another office does it than the rules would have (划转). ``settled``: it was
    accepted, committed to or waived at some time, and so its place in the order is. ``held`` are
    the days from which it was done, each with that on which it was not any more.
    """

    planned: PlannedItem
    state: ItemState
    attempt: Attempt = Attempt()
    officer: str = ""
    transferred: bool = False
    settled: bool = False
    held: tuple[tuple[date, date | None], ...] = ()

    @property
    def done(self) -> bool:
        """Tell whether it satisfies what comes after it."""
        return self.state in DONE

    def was_done_on(self, day: date) -> bool:
        """Tell whether it satisfied on a day, whatever became of it later."""
        return self.state is ItemState.SERVED or any(
            first <= day and (until is None or day < until) for first, until in self.held
        )

    @property
    def begun(self) -> bool:
        """Tell whether anything was ever done about it."""
        return self.state not in {ItemState.NOT_BEGUN, ItemState.SERVED}

    @property
    def running(self) -> tuple[Clock, ...]:
        """Give the clocks that run, or stand still and will go on."""
        sorts = _RUN_IN.get(self.state, ())
        if self.state is ItemState.GRANTED and self.attempt.follow_up is None:
            return ()
        if self.state is ItemState.COMMITTED and self.attempt.checked_on is not None:
            return ()
        return tuple(self.attempt.clocks[sort] for sort in sorts if sort in self.attempt.clocks)


_RUN_IN: Mapping[ItemState, tuple[ClockSort, ...]] = {
    ItemState.RECEIVED: (ClockSort.RECEIPT,),
    ItemState.ACCEPTED: (ClockSort.STATUTORY, ClockSort.PROMISED),
    ItemState.PAUSED: (ClockSort.STATUTORY, ClockSort.PROMISED),
    ItemState.GRANTED: (ClockSort.FOLLOW_UP,),
    ItemState.COMMITTED: (ClockSort.COMMITMENT,),
}


def begin(planned: PlannedItem) -> Item:
    """Give an item as it stands in a new plan."""
    served = planned.need is Need.SERVED
    return Item(planned, ItemState.SERVED if served else ItemState.NOT_BEGUN)


@dataclass(frozen=True)
class NotDrawn:
    """No plan was drawn up for the project."""


@dataclass(frozen=True)
class Plan:
    """A project's approvals. ``completed``, ``ready`` and ``accepted`` are what was told of it.

    ``flagged`` is the start that was told to have happened without everything that it needs.
    ``stated``: somebody said what decides the plan; until then the project's columns suggest it.
    """

    owner_org: str
    edition: int
    project_revision: int
    circumstances: Circumstances
    flow_name: str
    catalogue: date
    items: Mapping[str, Item]
    stages: tuple[StageLimit, ...]
    total_limit: int | None
    agent: str = ""
    agent_org: str = ""
    completed: frozenset[Stage] = frozenset()
    ready: bool = False
    accepted: bool = False
    flagged: date | None = None
    closed: bool = False
    stated: bool = False

    @property
    def gate(self) -> tuple[Item, ...]:
        """Give the items that must be done before building may start."""
        return tuple(one for one in self.items.values() if one.planned.gate)

    def open_of(self, items: Iterable[str]) -> tuple[str, ...]:
        """Give those of some items that are not done."""
        return tuple(name for name in items if name in self.items and not self.items[name].done)

    def limit_of(self, stage: Stage) -> int | None:
        """Give the working days of a stage."""
        return next((one.limit for one in self.stages if one.stage is stage), None)


PlanState = NotDrawn | Plan
INITIAL: PlanState = NotDrawn()
