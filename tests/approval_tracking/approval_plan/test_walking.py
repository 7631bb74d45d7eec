"""As fast as was promised, a plan takes the days of its longest way; its gate opens in time."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import pytest

from contracts.approval_tracking import (
    ClockSort,
    ItemAccepted,
    ItemCommitted,
    ItemGranted,
    Need,
    PlanEvent,
    ReadyToStart,
    StageCompleted,
)
from services.approval_tracking.approval_plan.commands import (
    Accept,
    Command,
    Commit,
    Grant,
    ItemCommand,
    Receive,
)
from services.approval_tracking.approval_plan.conditions import Answer
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.drawing import draw_up as drawn_from
from services.approval_tracking.approval_plan.states import Plan, PlanState
from services.approval_tracking.policies import catalogue_of
from shared.precedence import Task, place
from tests.approval_tracking.approval_plan.drawn import (
    FLOWS,
    OFFICES,
    all_answered,
    circumstances,
)
from tests.approval_tracking.plans import DAYS, act, draw_up

MARCH_1, APRIL_1 = date(2019, 3, 1), date(2019, 4, 1)


class Walk:
    """A plan whose items are begun as early as their order lets them, and take what was promised.

    Days are counted in working days from the day on which the plan was drawn up.
    """

    def __init__(self, flow: str, answers: Mapping[str, Answer], first: date) -> None:
        self.facts: list[PlanEvent] = []
        self._state: PlanState = PLAN.initial
        draw = partial(drawn_from, catalogue=catalogue_of(first), offices=OFFICES)
        self._ask(draw_up(first, circumstances=circumstances(flow, answers), draw=draw))
        self._days = [
            day
            for day in (first + timedelta(days=n) for n in range(400))
            if day == first or DAYS.calendar.is_working_day(day)
        ]
        planned = [item.planned for item in self.plan.items.values()]
        self.placed = place(
            [Task(one.item, one.counted_days, one.after, one.beside) for one in planned]
        )
        self._walk()

    @property
    def plan(self) -> Plan:
        assert isinstance(self._state, Plan)
        return self._state

    def day_of(self, number: int) -> date:
        return self._days[number]

    def _walk(self) -> None:
        for name, here in sorted(self.placed.items(), key=lambda one: one[1].ends):
            item = self.plan.items[name].planned
            begins, ends = self.day_of(here.begins), self.day_of(here.ends)
            if item.need is Need.COMMITTED:
                self._ask(self._act(Commit, name, ends))
            elif item.need is not Need.SERVED:
                if item.statutory is None or item.statutory.length > 0:
                    self._ask(self._act(Receive, name, begins))
                    self._ask(self._act(Accept, name, begins))
                self._ask(self._act(Grant, name, ends))

    def _act(self, kind: type[ItemCommand], name: str, day: date) -> Command:
        command: Command = act(kind, name, day, on=self._days[-1], catalogue_of=catalogue_of)
        return command

    def _ask(self, command: Command) -> None:
        for fact in PLAN.decide(command, self._state):
            self._state = PLAN.evolve(self._state, fact)
            self.facts.append(fact)


@pytest.mark.parametrize("met", [False, True], ids=["R", "R+C"])
@pytest.mark.parametrize("flow", [*FLOWS, "ZD"])
def test_a_plan_is_walked_to_its_end_in_the_days_of_its_longest_way(flow: str, met: bool) -> None:
    walk = Walk(flow, all_answered(met=met), MARCH_1)
    for name, item in walk.plan.items.items():
        if item.planned.need is not Need.SERVED:
            assert item.attempt.done_on == walk.day_of(walk.placed[name].ends)
    late = {fact.item: fact.late for fact in walk.facts if isinstance(fact, ItemGranted)}
    # Five working days over the holiday of May are more than the seven days of the law.
    permit = {ClockSort.STATUTORY} if (flow, met) == ("HZ", False) else set()
    assert {*late.pop("C06", ())} == permit
    assert set(late.values()) == {()}


@pytest.mark.parametrize("flow", FLOWS)
def test_the_gate_opens_with_its_last_item_and_not_before(flow: str) -> None:
    walk = Walk(flow, all_answered(met=True), MARCH_1)
    gate = {item.planned.item for item in walk.plan.gate}
    opened = next(n for n, fact in enumerate(walk.facts) if isinstance(fact, ReadyToStart))
    done = [
        (n, fact.item)
        for n, fact in enumerate(walk.facts)
        if isinstance(fact, ItemGranted | ItemCommitted) and fact.item in gate
    ]
    assert {item for _, item in done} == gate
    last, _ = max(done)
    between = walk.facts[last + 1 : opened]
    assert last < opened
    assert all(isinstance(fact, StageCompleted) for fact in between)


def test_a_permit_accepted_on_either_side_of_a_change_of_law_has_its_own_term() -> None:
    walk = Walk("SX", all_answered(met=False), MARCH_1)
    (permit,) = [
        fact for fact in walk.facts if isinstance(fact, ItemAccepted) and fact.item == "C06"
    ]
    later = Walk("SX", all_answered(met=False), APRIL_1)
    (after,) = [
        fact for fact in later.facts if isinstance(fact, ItemAccepted) and fact.item == "C06"
    ]
    assert (permit.accepted_on, permit.catalogue) < (date(2019, 4, 23), date(2019, 4, 23))
    assert permit.clocks[0].total == 15
    assert after.accepted_on >= date(2019, 4, 23)
    assert after.clocks[0].total == 7
