"""Each flow walked from its first item to the filing of the finished works, item after item."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import pytest

from contracts.approval_tracking import (
    AcceptanceCompleted,
    Circumstances,
    ClockSort,
    ItemGranted,
    ItemState,
    LandMode,
    Need,
    PlanEvent,
    ReadyToStart,
    Stage,
    StageCompleted,
    Track,
)
from services.approval_tracking.approval_plan import commands as asks
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.drawing import draw_up
from services.approval_tracking.approval_plan.milestones import main_track
from services.approval_tracking.approval_plan.states import Item, Plan, PlanState
from services.approval_tracking.policies import catalogue_of
from shared.deadline import Period, Policy, Term, Unit, deadline
from tests.approval_tracking.approval_plan.drawn import FLOWS, OFFICES, all_answered, circumstances
from tests.approval_tracking.plans import CITY, DAYS, PROJECT, act

MAY_6 = date(2019, 5, 6)


class Walk:
    """A plan whose items are handed in stage by stage and take the days that were promised."""

    def __init__(self, of: Circumstances) -> None:
        self.facts: list[PlanEvent] = []
        self.state: PlanState = PLAN.initial
        self.today = MAY_6
        self.ask(
            asks.DrawUpPlan(
                project_id=PROJECT,
                on=MAY_6,
                owner_org="D-EDU",
                project_revision=1,
                circumstances=of,
                draw=partial(draw_up, catalogue=catalogue_of(MAY_6), offices=OFFICES),
                days=DAYS,
            )
        )

    @property
    def plan(self) -> Plan:
        assert isinstance(self.state, Plan)
        return self.state

    def ask(self, command: asks.Command) -> None:
        for fact in PLAN.decide(command, self.state):
            self.state = PLAN.evolve(self.state, fact)
            self.facts.append(fact)

    def act(self, kind: type[asks.ItemCommand], item: str) -> None:
        self.ask(act(kind, item, self.today, by=CITY, catalogue_of=catalogue_of))

    def to_the_end(self) -> None:
        """Go on day by day until nothing is left."""
        for _ in range(1000):
            if all(one.done for one in self.plan.items.values()):
                return
            while item := next(self._possible(), None):
                self._take_on(item)
            self.today += timedelta(days=1)
        raise AssertionError([n for n, one in self.plan.items.items() if not one.done])

    def _possible(self) -> Iterator[Item]:
        for one in self.plan.items.values():
            if one.state is ItemState.NOT_BEGUN and self._may_be_handed_in(one):
                yield one
            if one.state is ItemState.ACCEPTED and self._has_had_its_days(one):
                yield one

    def _may_be_handed_in(self, item: Item) -> bool:
        """Tell whether nothing is lacking, and the stages before have come to their end."""
        stages = list(Stage)
        before = stages[: stages.index(item.planned.stage)]
        return not self.plan.open_of((*item.planned.after, *item.planned.beside)) and all(
            one.done for stage in before for one in main_track(self.plan, stage)
        )

    def _has_had_its_days(self, item: Item) -> bool:
        accepted = item.attempt.accepted_on or self.today
        promised, statutory = item.planned.counted_days, item.planned.statutory
        at_once = statutory is not None and statutory.length == 0
        days = Term(0 if at_once else promised, Unit.WORKING_DAYS)
        due = deadline(Period(accepted, days, Policy()), DAYS.calendar, accepted).due
        return due is not None and due <= self.today

    def _take_on(self, item: Item) -> None:
        name = item.planned.item
        if item.planned.need is Need.COMMITTED:
            self.act(asks.Commit, name)
        elif item.state is ItemState.ACCEPTED:
            self.act(asks.Grant, name)
        else:
            self.act(asks.Receive, name)
            self.act(asks.Accept, name)

    def told(self, kind: type[PlanEvent]) -> list[PlanEvent]:
        return [fact for fact in self.facts if type(fact) is kind]


def walked(flow: str, *, met: bool, land_mode: LandMode | None = None) -> Walk:
    walk = Walk(circumstances(flow, all_answered(met=met), land_mode))
    walk.to_the_end()
    return walk


@pytest.mark.parametrize("met", [False, True], ids=["only what must be", "all that may be"])
@pytest.mark.parametrize("flow", FLOWS)
def test_every_flow_comes_to_its_end(flow: str, met: bool) -> None:
    walk = walked(flow, met=met)
    stages = [fact.stage for fact in walk.facts if isinstance(fact, StageCompleted)]
    assert stages == [one for one in Stage if main_track(walk.plan, one)]
    (ready,) = walk.told(ReadyToStart)
    (completed,) = walk.told(AcceptanceCompleted)
    assert isinstance(ready, ReadyToStart)
    assert isinstance(completed, AcceptanceCompleted)
    assert ready.ready_on < completed.completed_on
    assert "C06" in ready.items


@pytest.mark.parametrize("met", [False, True], ids=["only what must be", "all that may be"])
@pytest.mark.parametrize("flow", FLOWS)
def test_kept_promises_keep_every_stage_within_its_limit(flow: str, met: bool) -> None:
    walk = walked(flow, met=met)
    used = [fact for fact in walk.facts if isinstance(fact, StageCompleted)]
    assert all(one.limit is not None and one.used <= one.limit for one in used)
    assert sum(one.used for one in used) <= (walk.plan.total_limit or 0)
    late = [clock for f in walk.facts if isinstance(f, ItemGranted) for clock in f.late]
    # Five working days with a holiday among them are more than seven days in a row.
    assert ClockSort.PROMISED not in late


@pytest.mark.parametrize("flow", FLOWS)
def test_the_other_way_of_supplying_land_comes_to_an_end_too(flow: str) -> None:
    usual = circumstances(flow).land_mode
    other = next(one for one in LandMode if one is not usual)
    walk = walked(flow, met=True, land_mode=other)
    assert walk.told(AcceptanceCompleted)


@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_runs_before_the_project_has_its_code(flow: str) -> None:
    walk = walked(flow, met=True)
    first = walk.plan.items["A01"].attempt.done_on
    assert first is not None
    for one in walk.plan.items.values():
        if one.state is not ItemState.SERVED:
            begun = one.attempt.accepted_on or one.attempt.done_on
            assert begun is not None
            assert begun >= first


def test_what_the_clock_leaves_out_takes_no_days_of_a_stage() -> None:
    walk = walked("GF", met=True)
    outside = [n for n, one in walk.plan.items.items() if one.planned.track is not Track.MAIN]
    assert {"B01", "C03"} <= set(outside)
