"""A plan as a whole: what it reaches is told once, and laid out anew it loses nothing begun."""

from datetime import date
from typing import Any

from contracts.approval_tracking import (
    AgentAppointed,
    AgentReleased,
    Circumstances,
    ItemState,
    PlanRevised,
    ReadyToStart,
    Stage,
    StageCompleted,
    StageReopened,
    StartedWithoutPermit,
    StartFlagLifted,
)
from services.approval_tracking.approval_plan.commands import (
    Accept,
    AppointAgent,
    ClosePlan,
    Commit,
    FlagStart,
    Grant,
    HandOver,
    Pause,
    Receive,
    ReleaseAgent,
    ReopenPlan,
    Resume,
    RevisePlan,
    Revoke,
    StateCircumstances,
    Take,
    TransferHandling,
)
from services.approval_tracking.approval_plan.refusals import ItemTakenByAnother, PlanClosedNow
from shared.refusals import UnreadableInput
from tests.approval_tracking.plans import (
    APRIL_22,
    APRIL_23,
    CIRCUMSTANCES,
    CITY,
    COLLEAGUE,
    DAYS,
    PROJECT,
    UNIT,
    act,
    after,
    draw,
    draw_up,
    item_in,
    plan_in,
    state_of,
    tell_due,
)

CODED = (draw_up(), act(Grant, "A01"))
JUNE_3 = date(2019, 6, 3)


def done(item: str, first: date = APRIL_22, last: date = APRIL_22) -> list[Any]:
    return [act(Receive, item, first), act(Accept, item, first), act(Grant, item, last)]


SITED = (*CODED, *done("A10"), act(Commit, "A06"))
READY = (*SITED, *done("B05"), *done("C01"), act(Grant, "C03"), *done("C06", APRIL_22, APRIL_23))


def state(**more: Any) -> StateCircumstances:
    return StateCircumstances(
        **{
            "project_id": PROJECT,
            "on": APRIL_23,
            "by": UNIT,
            "management": CIRCUMSTANCES.management,
            "flow": CIRCUMSTANCES.flow,
            "land_mode": CIRCUMSTANCES.land_mode,
            "answers": {"energy": 0},
            "draw": draw,
            "days": DAYS,
            "reason": "能耗重新核定",
            **more,
        }
    )


def revise(revision: int = 2, suggested: Circumstances = CIRCUMSTANCES) -> RevisePlan:
    return RevisePlan(
        project_id=PROJECT,
        on=APRIL_23,
        owner_org="JC-ZZ",
        project_revision=revision,
        suggested=suggested,
        draw=draw,
        days=DAYS,
        reason="项目要素有变化",
    )


def start(on: date | None) -> FlagStart:
    return FlagStart(project_id=PROJECT, on=date(2019, 6, 28), started_on=on)


def test_a_project_gets_one_plan() -> None:
    assert after().when(draw_up()).facts
    after(draw_up()).when(draw_up(APRIL_23)).then_nothing()


def test_a_stage_is_told_complete_with_its_last_item_and_the_days_it_took() -> None:
    story = after(*CODED, act(Commit, "A06"), act(Receive, "A10"), act(Accept, "A10"))
    _, completed = story.when(act(Grant, "A10", date(2019, 4, 26))).facts
    assert isinstance(completed, StageCompleted)
    assert (completed.stage, completed.completed_on) == (Stage.SITING, date(2019, 4, 26))
    assert (completed.used, completed.limit) == (4, 15)


def test_what_a_pause_stops_takes_no_days_of_its_stage() -> None:
    story = after(
        *CODED,
        act(Commit, "A06"),
        act(Receive, "A10"),
        act(Accept, "A10"),
        act(Pause, "A10", date(2019, 4, 24), procedure="EXPERTS", reason="评审", expected_days=1),
        act(Resume, "A10", date(2019, 4, 25)),
    )
    _, completed = story.when(act(Grant, "A10", date(2019, 4, 26))).facts
    assert isinstance(completed, StageCompleted)
    assert completed.used == 2


def test_the_gate_opens_with_its_last_item_and_names_what_was_needed() -> None:
    (ready,) = [one for one in after(*READY).facts if isinstance(one, ReadyToStart)]
    assert (ready.items, ready.ready_on) == (("A06", "C06"), APRIL_23)


def test_less_needed_completes_a_stage_that_waited_for_it() -> None:
    waiting = after(*CODED, *done("A10"))
    assert Stage.SITING not in plan_in(waiting).completed
    revised, completed = waiting.when(state()).facts
    assert isinstance(revised, PlanRevised)
    assert isinstance(completed, StageCompleted)
    assert (revised.stated, revised.edition) == (True, 2)


def test_more_needed_opens_a_complete_stage_again() -> None:
    story = after(draw_up(), state(), act(Grant, "A01", APRIL_23), *done("A10", APRIL_23, APRIL_23))
    assert Stage.SITING in plan_in(story).completed
    facts = story.when(state(answers={"energy": 5000})).facts
    assert [type(one) for one in facts] == [PlanRevised, StageReopened]


def test_what_has_begun_stays_though_it_would_not_be_planned_now() -> None:
    story = after(*SITED, state())
    assert state_of(story, "A06") is ItemState.COMMITTED


def test_the_same_circumstances_again_are_no_new_plan() -> None:
    after(*CODED).when(state(answers={"energy": 2000})).then_nothing()
    after(*CODED).when(state(reason=" ")).then_refused(UnreadableInput)


def test_an_answer_may_be_taken_back() -> None:
    (revised,) = after(*CODED).when(state(answers={"energy": None})).facts
    assert isinstance(revised, PlanRevised)
    assert revised.circumstances.answers == {}


def test_columns_suggest_until_somebody_has_said_how_it_is() -> None:
    less = CIRCUMSTANCES.model_copy(update={"answers": {}})
    (revised,) = after(*CODED).when(revise(suggested=less)).facts
    assert isinstance(revised, PlanRevised)
    assert revised.circumstances == less
    stated = after(*CODED, state(answers={"energy": 3000}))
    (kept,) = stated.when(revise(suggested=less)).facts
    assert isinstance(kept, PlanRevised)
    assert kept.circumstances.answers == {"energy": 3000}
    assert (kept.project_revision, kept.stated) == (2, False)


def test_an_edition_that_the_plan_rests_on_already_changes_nothing() -> None:
    after(*CODED).when(revise(1)).then_nothing()


def test_another_office_keeps_what_it_was_given_to_do() -> None:
    given = after(*CODED, act(TransferHandling, "B05", handling="D-ASP", reason="划转"), revise())
    assert item_in(given, "B05").planned.handling == "D-ASP"


def test_a_closed_plan_takes_no_acts_and_tells_nothing_until_it_goes_on() -> None:
    close = ClosePlan(project_id=PROJECT, on=APRIL_23, reason="项目已终止")
    story = after(*CODED, act(Receive, "A10"), close)
    story.when(act(Accept, "A10", APRIL_23)).then_refused(PlanClosedNow)
    story.when(tell_due(JUNE_3)).then_nothing()
    story.when(close).then_nothing()
    reopen = ReopenPlan(project_id=PROJECT, on=APRIL_23)
    again = story.given(*story.when(reopen).facts)
    assert again.when(act(Accept, "A10", APRIL_23)).facts


def test_a_start_before_everything_is_there_is_flagged_once() -> None:
    story = after(*SITED)
    (flagged,) = story.when(start(JUNE_3)).facts
    assert isinstance(flagged, StartedWithoutPermit)
    assert flagged.missing == ("C06",)
    story.given(flagged).when(start(JUNE_3)).then_nothing()
    (lifted,) = story.given(flagged).when(start(None)).facts
    assert isinstance(lifted, StartFlagLifted)


def test_a_start_is_in_order_from_the_day_on_which_the_gate_opened() -> None:
    story = after(*READY)
    story.when(start(APRIL_23)).then_nothing()
    (flagged,) = story.when(start(APRIL_22)).facts
    assert isinstance(flagged, StartedWithoutPermit)
    assert flagged.missing == ("C06",)


def test_what_is_revoked_afterwards_makes_no_start_unlawful() -> None:
    revoked = act(Revoke, "C06", JUNE_3, reason="撤销", basis="69条")
    story = after(*READY, revoked, *done("C06", JUNE_3, date(2019, 6, 10)))
    story.when(start(APRIL_23)).then_nothing()
    (flagged,) = story.when(start(date(2019, 6, 4))).facts
    assert isinstance(flagged, StartedWithoutPermit)
    story.when(start(date(2019, 6, 10))).then_nothing()


def test_an_agent_is_appointed_in_place_of_the_last() -> None:
    appoint = AppointAgent(project_id=PROJECT, on=APRIL_22, by=CITY, agent="a-1", agent_org="D-ASP")
    story = after(draw_up(), appoint)
    story.when(appoint).then_nothing()
    other = appoint.model_copy(update={"agent": "a-2"})
    assert [type(one) for one in story.when(other).facts] == [AgentReleased, AgentAppointed]
    release = ReleaseAgent(project_id=PROJECT, on=APRIL_22, by=CITY, reason="")
    story.when(release).then_refused(UnreadableInput)


def test_an_item_is_taken_by_one_and_handed_over_by_any() -> None:
    story = after(*CODED, act(Receive, "A10"), act(Take, "A10"))
    story.when(act(Take, "A10")).then_nothing()
    story.when(act(Take, "A10", by=COLLEAGUE)).then_refused(ItemTakenByAnother)
    hand_over = act(HandOver, "A10", by=COLLEAGUE, officer=COLLEAGUE.account, reason="原经办人病假")
    handed = story.given(*story.when(hand_over).facts)
    handed.when(act(Accept, "A10")).then_refused(ItemTakenByAnother)
    assert handed.when(act(Accept, "A10", by=COLLEAGUE)).facts
    handed.when(hand_over).then_nothing()
