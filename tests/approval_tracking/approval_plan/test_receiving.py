"""From receipt to acceptance: once and of everything, in time, else it is accepted by silence."""

from datetime import date

from contracts.approval_tracking import (
    ClockSort,
    CorrectionsAsked,
    ItemAccepted,
    ItemGranted,
    ItemReceived,
    ItemState,
)
from services.approval_tracking.approval_plan.commands import (
    Accept,
    AskCorrections,
    Correct,
    DeclineAcceptance,
    Grant,
    Receive,
    Take,
    Withdraw,
)
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.refusals import (
    BeforeTheLastStep,
    CorrectionsAskedBefore,
    InTheFuture,
    ItemTakenByAnother,
    NotInThatState,
    PredecessorsOpen,
    TooLateToAskCorrections,
)
from shared.refusals import NotFound, UnreadableInput
from shared.testing import Story
from tests.approval_tracking.plans import (
    APRIL_22,
    APRIL_23,
    COLLEAGUE,
    act,
    after,
    draw_up,
    due_of,
    item_in,
    state_of,
    tell_due,
)

CODED = (draw_up(), act(Grant, "A01"))
RECEIVED = (*CODED, act(Receive, "A10"))
MISSING = ("土地权属证明没有盖章",)


def test_what_is_handed_in_is_received_and_its_five_days_run() -> None:
    (received,) = after(*CODED).when(act(Receive, "A10")).facts
    assert isinstance(received, ItemReceived)
    assert received.attempt == 1
    assert [(one.sort, one.due) for one in received.clocks] == [
        (ClockSort.RECEIPT, date(2019, 4, 28))  # a Sunday that is worked
    ]


def test_the_same_receipt_told_again_is_no_new_fact() -> None:
    after(*RECEIVED).when(act(Receive, "A10")).then_nothing()


def test_nothing_is_done_about_a_project_without_a_plan() -> None:
    Story(PLAN).when(act(Receive, "A10")).then_refused(NotFound)


def test_an_item_that_is_not_in_the_plan_is_refused() -> None:
    after(*CODED).when(act(Receive, "B99")).then_refused(NotFound)


def test_what_has_not_come_yet_has_not_happened() -> None:
    ask = act(Receive, "A10", APRIL_23, on=APRIL_22)
    after(*CODED).when(ask).then_refused(InTheFuture)


def test_an_item_is_accepted_once_what_comes_before_it_is_done() -> None:
    story = after(draw_up(), act(Receive, "A10"))
    refusal = story.when(act(Accept, "A10")).then_refused(PredecessorsOpen)
    assert "A01" in refusal.detail
    assert refusal.more["missing"] == ["A01"]
    (accepted,) = after(*RECEIVED).when(act(Accept, "A10", APRIL_23)).facts
    assert isinstance(accepted, ItemAccepted)
    assert not accepted.deemed
    assert [(one.sort, one.total) for one in accepted.clocks] == [
        (ClockSort.STATUTORY, 20),
        (ClockSort.PROMISED, 10),
    ]


def test_what_may_run_beside_it_is_named_as_lacking() -> None:
    story = after(*RECEIVED, act(Accept, "A10"), act(Grant, "A10"), act(Receive, "C01"))
    (accepted,) = story.when(act(Accept, "C01")).facts
    assert isinstance(accepted, ItemAccepted)
    assert accepted.lacking == ("B05",)


def test_nothing_is_accepted_before_it_was_received() -> None:
    after(*CODED).when(act(Accept, "A10")).then_refused(NotInThatState)
    ask = act(Accept, "A10", date(2019, 4, 19), on=APRIL_22)
    after(*RECEIVED).when(ask).then_refused(BeforeTheLastStep)


def test_the_term_is_that_of_the_day_of_acceptance() -> None:
    before = after(
        *RECEIVED,
        act(Accept, "A10"),
        act(Grant, "A10"),
        *(act(kind, "B05") for kind in (Receive, Accept, Grant)),
        *(act(kind, "C01") for kind in (Receive, Accept, Grant)),
        act(Grant, "C03"),
        act(Receive, "C06"),
    )
    (old,) = before.when(act(Accept, "C06", APRIL_22)).facts
    (new,) = before.when(act(Accept, "C06", APRIL_23)).facts
    assert isinstance(old, ItemAccepted)
    assert isinstance(new, ItemAccepted)
    assert (old.catalogue, old.clocks[0].total) == (date(2019, 1, 1), 15)
    assert (new.catalogue, new.clocks[0].total) == (APRIL_23, 7)
    assert new.clocks[0].due == date(2019, 4, 30)


def test_what_is_missing_is_said_once() -> None:
    story = after(*RECEIVED)
    (asked,) = story.when(act(AskCorrections, "A10", corrections=MISSING)).facts
    assert isinstance(asked, CorrectionsAsked)
    again = after(
        *RECEIVED,
        act(AskCorrections, "A10", corrections=MISSING),
        act(Correct, "A10", APRIL_23),
    )
    again.when(act(AskCorrections, "A10", date(2019, 4, 24), corrections=MISSING)).then_refused(
        CorrectionsAskedBefore
    )


def test_corrections_must_say_what_is_missing() -> None:
    after(*RECEIVED).when(act(AskCorrections, "A10", corrections=(" ",))).then_refused(
        UnreadableInput
    )


def test_after_five_working_days_it_is_too_late_to_ask_for_corrections() -> None:
    story = after(*RECEIVED)
    last, late = date(2019, 4, 28), date(2019, 4, 29)
    assert story.when(act(AskCorrections, "A10", last, corrections=MISSING)).facts
    story.when(act(AskCorrections, "A10", late, corrections=MISSING)).then_refused(
        TooLateToAskCorrections
    )
    story.when(act(DeclineAcceptance, "A10", late, reason="不符", basis="条例")).then_refused(
        TooLateToAskCorrections
    )


def test_silence_is_acceptance_on_the_day_of_receipt() -> None:
    story = after(*RECEIVED)
    story.when(tell_due(date(2019, 4, 28)))
    facts = story.when(tell_due(date(2019, 4, 29))).facts
    accepted = facts[0]
    assert isinstance(accepted, ItemAccepted)
    assert accepted.deemed
    assert accepted.accepted_on == APRIL_22
    assert accepted.clocks[1].elapsed == 6


def test_a_late_acceptance_tells_that_silence_had_accepted() -> None:
    (accepted,) = after(*RECEIVED).when(act(Accept, "A10", date(2019, 5, 6))).facts
    assert isinstance(accepted, ItemAccepted)
    assert (accepted.deemed, accepted.accepted_on) == (True, APRIL_22)


def test_after_corrections_the_five_days_run_anew() -> None:
    story = after(
        *RECEIVED, act(AskCorrections, "A10", corrections=MISSING), act(Correct, "A10", APRIL_23)
    )
    assert due_of(story, "A10", ClockSort.RECEIPT) == date(2019, 4, 29)
    (accepted,) = story.when(act(Accept, "A10", date(2019, 5, 6))).facts
    assert isinstance(accepted, ItemAccepted)
    assert accepted.accepted_on == APRIL_23


def test_while_corrections_are_awaited_no_clock_runs() -> None:
    story = after(*RECEIVED, act(AskCorrections, "A10", corrections=MISSING))
    assert item_in(story, "A10").running == ()
    story.when(tell_due(date(2019, 6, 28))).then_nothing()


def test_what_came_to_nothing_may_be_begun_once_more() -> None:
    story = after(*RECEIVED, act(Withdraw, "A10", reason="材料要重做"))
    assert state_of(story, "A10") is ItemState.WITHDRAWN
    (received,) = story.when(act(Receive, "A10", APRIL_23)).facts
    assert isinstance(received, ItemReceived)
    assert received.attempt == 2


def test_what_a_colleague_took_is_his() -> None:
    story = after(*RECEIVED, act(Take, "A10"))
    story.when(act(Accept, "A10", by=COLLEAGUE)).then_refused(ItemTakenByAnother)
    assert story.when(act(Accept, "A10")).facts


def test_what_is_done_at_once_is_received_accepted_and_granted_in_one() -> None:
    facts = after(draw_up()).when(act(Grant, "A01", document_number="2019-140525-30-03-000001"))
    assert [type(one) for one in facts.facts] == [ItemReceived, ItemAccepted, ItemGranted]
    after(draw_up()).when(act(Grant, "A10")).then_refused(NotInThatState)
