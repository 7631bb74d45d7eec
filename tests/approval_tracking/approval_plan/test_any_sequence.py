"""Whatever is asked of a plan, and whenever: what was begun stays, and no clock loses a day."""

from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.approval_tracking import (
    ItemAccepted,
    ItemGranted,
    ItemReceived,
    ItemState,
    Need,
    PlanEvent,
    Stage,
    StageCompleted,
    StageReopened,
)
from services.approval_tracking.approval_plan import commands as asks
from services.approval_tracking.approval_plan.clocks import late, period_of
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.milestones import main_track
from services.approval_tracking.approval_plan.states import DONE, Plan, PlanState
from shared.deadline import deadline
from shared.refusals import Refusal
from tests.approval_tracking.plans import (
    APRIL_22,
    CITY,
    COLLEAGUE,
    DAYS,
    ITEMS,
    OFFICER,
    UNIT,
    YELLOW,
    act,
    draw,
    draw_up,
    tell_due,
)

NAMES = st.sampled_from([one.item for one in ITEMS])
BACK = st.sampled_from([0, 0, 0, 1, 3, 20])
WHO = st.sampled_from([OFFICER, OFFICER, COLLEAGUE, UNIT, CITY])
REASONED: dict[str, Any] = {"reason": "理由", "basis": "依据"}
STEPS: tuple[tuple[type[asks.ItemCommand], dict[str, Any]], ...] = (
    (asks.Receive, {}),
    (asks.Receive, {}),
    (asks.Accept, {}),
    (asks.Accept, {}),
    (asks.Grant, {}),
    (asks.Grant, {"document_number": "地字第1号"}),
    (asks.Grant, {"follow_up": "还差一份"}),
    (asks.AskCorrections, {"corrections": ("缺证明",)}),
    (asks.Correct, {}),
    (asks.DeclineAcceptance, REASONED),
    (asks.Pause, {"procedure": "EXPERTS", "reason": "评审", "expected_days": 3}),
    (asks.Resume, {}),
    (asks.Extend, {"length": 5, "approver": "局长", "reason": "复杂"}),
    (asks.FollowUp, {}),
    (asks.Refuse, REASONED),
    (asks.Withdraw, {"reason": "理由"}),
    (asks.Revoke, REASONED),
    (asks.Commit, {}),
    (asks.CheckCommitment, {"kept": True, "findings": "已兑现"}),
    (asks.CheckCommitment, {"kept": False, "findings": "没有兑现"}),
    (asks.Waive, REASONED),
    (asks.Take, {}),
    (asks.HandOver, {"officer": None, "reason": "理由"}),
    (asks.TransferHandling, {"handling": "D-ASP", "reason": "划转"}),
)
OFF_THE_WAY = [
    one
    for one in STEPS
    if one[0] in {asks.Pause, asks.AskCorrections, asks.Extend, asks.Refuse, asks.Revoke}
]
ORDERLY: dict[ItemState, tuple[type[asks.ItemCommand], dict[str, Any]]] = {
    ItemState.RECEIVED: (asks.Accept, {}),
    ItemState.CORRECTING: (asks.Correct, {}),
    ItemState.ACCEPTED: (asks.Grant, {"follow_up": "还差一份"}),
    ItemState.PAUSED: (asks.Resume, {}),
}


class AnyPlan(RuleBasedStateMachine):
    """One plan, and everything that was ever told of it."""

    def __init__(self) -> None:
        super().__init__()
        self.today = APRIL_22
        self.plan: PlanState = PLAN.initial
        self.facts: list[PlanEvent] = []
        self.revision = 1

    def ask(self, command: asks.Command) -> None:
        try:
            decided = list(PLAN.decide(command, self.plan))
        except Refusal:
            return
        for fact in decided:
            self.plan = PLAN.evolve(self.plan, fact)
        self.facts += decided

    @property
    def known(self) -> Plan:
        assert isinstance(self.plan, Plan)
        return self.plan

    @initialize()
    def drawn(self) -> None:
        self.ask(draw_up())

    @rule(
        which=st.integers(0, 8),
        steps=st.sampled_from([1, 1, 2, 40]),
        days=st.sampled_from([0, 1, 3, 9]),
    )
    def go_on(self, which: int, steps: int, days: int) -> None:
        """Take some items on as they should be: what comes before is done first."""
        for _ in range(steps):
            ready = [
                one.planned.item
                for one in self.known.items.values()
                if not one.done and not self.known.open_of(one.planned.after)
            ]
            if not ready:
                return
            item = ready[which % len(ready)]
            kind, more = ORDERLY.get(self.known.items[item].state, (asks.Receive, {}))
            self.ask(act(kind, item, self.today, by=CITY, **more))
            self.today += timedelta(days=days)

    @rule(which=st.integers(0, 8), step=st.sampled_from(OFF_THE_WAY))
    def leave_the_way(
        self, which: int, step: tuple[type[asks.ItemCommand], dict[str, Any]]
    ) -> None:
        """Let happen on the way what may: a pause, corrections, an end."""
        on_the_way = [name for name, one in self.known.items.items() if one.begun or one.running]
        for name in on_the_way[which:] + on_the_way[:which]:
            kind, more = step
            before = len(self.facts)
            self.ask(act(kind, name, self.today, by=CITY, **more))
            if len(self.facts) > before:
                return

    @rule(item=NAMES, step=st.sampled_from(STEPS), back=BACK, by=WHO)
    def step(
        self,
        item: str,
        step: tuple[type[asks.ItemCommand], dict[str, Any]],
        back: int,
        by: asks.By,
    ) -> None:
        kind, more = step
        day = self.today - timedelta(days=back)
        self.ask(act(kind, item, day, on=self.today, by=by, **more))

    @rule(item=NAMES, back=BACK)
    def rectify(self, item: str, back: int) -> None:
        day = self.today - timedelta(days=back)
        more = {"granted_on": day, "document_number": "改", "valid_until": None, "reason": "错了"}
        self.ask(act(asks.Rectify, item, self.today, **more))

    @rule(days=st.sampled_from([1, 1, 2, 5, 9, 30]))
    def days_pass(self, days: int) -> None:
        if self.today < date(2020, 6, 1):
            self.today += timedelta(days=days)

    @rule()
    def the_clock_tells(self) -> None:
        self.ask(tell_due(self.today))
        assert PLAN.decide(tell_due(self.today), self.plan) == []

    @rule(energy=st.sampled_from([0, 2000]))
    def circumstances(self, energy: int) -> None:
        of = self.known.circumstances
        begun = {name for name, one in self.known.items.items() if one.begun}
        self.ask(
            asks.StateCircumstances(
                project_id=draw_up().project_id,
                on=self.today,
                by=UNIT,
                management=of.management,
                flow=of.flow,
                land_mode=of.land_mode,
                answers={"energy": energy},
                draw=draw,
                days=DAYS,
                reason="重新核定",
            )
        )
        assert begun <= set(self.known.items)

    @rule(started=st.sampled_from([None, APRIL_22, date(2019, 6, 3), date(2019, 12, 2)]))
    def start(self, started: date | None) -> None:
        self.ask(asks.FlagStart(project_id=draw_up().project_id, on=self.today, started_on=started))

    @precondition(lambda self: self.today > date(2019, 9, 1))
    @rule()
    def close_and_reopen(self) -> None:
        project_id = draw_up().project_id
        self.ask(asks.ClosePlan(project_id=project_id, on=self.today, reason="终止"))
        self.ask(asks.ReopenPlan(project_id=project_id, on=self.today))

    @invariant()
    def nothing_is_granted_before_it_was_accepted(self) -> None:
        accepted: dict[tuple[str, int], date] = {}
        for fact in self.facts:
            match fact:
                case ItemAccepted():
                    assert (fact.item, fact.attempt) not in accepted
                    accepted[fact.item, fact.attempt] = fact.accepted_on
                case ItemGranted():
                    assert accepted[fact.item, fact.attempt] <= fact.granted_on
                case _:
                    pass

    @invariant()
    def an_attempt_is_begun_once(self) -> None:
        begun = [(one.item, one.attempt) for one in self.facts if isinstance(one, ItemReceived)]
        assert len(begun) == len(set(begun))

    @invariant()
    def what_is_used_and_what_is_left_make_the_whole_term(self) -> None:
        for item in self.known.items.values() if isinstance(self.plan, Plan) else ():
            for clock in item.running:
                found = deadline(period_of(clock, item.attempt, YELLOW), DAYS.calendar, self.today)
                assert found.elapsed + found.remaining == found.total == clock.total
                assert found.due == clock.due
                assert found.red_from == clock.red_from

    @invariant()
    def late_is_who_was_granted_after_his_day(self) -> None:
        for fact in self.facts:
            if isinstance(fact, ItemGranted):
                assert fact.late == late(fact.clocks, fact.granted_on)

    @invariant()
    def the_gate_is_open_exactly_when_its_items_are_done(self) -> None:
        if isinstance(self.plan, Plan):
            assert self.plan.ready == all(one.state in DONE for one in self.plan.gate)

    @invariant()
    def a_stage_is_complete_exactly_when_its_items_are_done(self) -> None:
        if not isinstance(self.plan, Plan):
            return
        told = set()
        for fact in self.facts:
            match fact:
                case StageCompleted(stage=stage):
                    assert stage not in told
                    told.add(stage)
                case StageReopened(stage=stage):
                    told.remove(stage)
                case _:
                    pass
        done = {
            stage
            for stage in Stage
            if (items := main_track(self.plan, stage)) and all(one.done for one in items)
        }
        assert told == self.plan.completed == done

    def teardown(self) -> None:
        """What was stored gives the same plan again."""
        state = PLAN.initial
        for fact in self.facts:
            state = PLAN.evolve(state, PLAN.read.validate_json(fact.model_dump_json()))
        assert state == self.plan

    @invariant()
    def only_what_may_be_committed_to_was(self) -> None:
        if isinstance(self.plan, Plan):
            for one in self.plan.items.values():
                assert one.state is not ItemState.COMMITTED or one.planned.need is Need.COMMITTED


TestAnyPlan = AnyPlan.TestCase
TestAnyPlan.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
