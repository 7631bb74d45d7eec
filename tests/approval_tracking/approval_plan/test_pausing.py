"""A pause stops both clocks and says why; the law lengthens a term once, while it runs."""

from datetime import date
from typing import Any

from contracts.approval_tracking import ClockSort, ItemExtended, ItemPaused, ItemResumed
from services.approval_tracking.approval_plan.commands import (
    Accept,
    Extend,
    Grant,
    Pause,
    Receive,
    Resume,
)
from services.approval_tracking.approval_plan.refusals import NotExtendable, NotInThatState
from shared.refusals import UnreadableInput
from tests.approval_tracking.plans import APRIL_22, APRIL_23, act, after, draw_up, due_of

ACCEPTED = (draw_up(), act(Grant, "A01"), act(Receive, "A10"), act(Accept, "A10"))
APRIL_25, APRIL_26 = date(2019, 4, 25), date(2019, 4, 26)
PAUSED = act(Pause, "A10", APRIL_23, procedure="EXPERTS", reason="专家评审", expected_days=3)
LONGER: dict[str, Any] = {"approver": "局长", "reason": "案情复杂"}


def test_a_pause_stops_both_clocks_from_its_first_day() -> None:
    (paused,) = after(*ACCEPTED).when(PAUSED).facts
    assert isinstance(paused, ItemPaused)
    assert paused.basis == "行政许可法第四十五条"
    assert [(one.sort, one.elapsed, one.due) for one in paused.clocks] == [
        (ClockSort.STATUTORY, 0, None),
        (ClockSort.PROMISED, 0, None),
    ]


def test_neither_the_first_nor_the_last_day_of_a_pause_counts() -> None:
    story = after(*ACCEPTED, PAUSED)
    (resumed,) = story.when(act(Resume, "A10", APRIL_25)).facts
    assert isinstance(resumed, ItemResumed)
    assert (resumed.first, resumed.last) == (APRIL_23, APRIL_25)
    # Three working days later than the 7th of May.
    assert resumed.clocks[1].due == date(2019, 5, 10)


def test_a_pause_needs_a_procedure_of_the_law_and_a_reason() -> None:
    story = after(*ACCEPTED)
    unknown: dict[str, Any] = {"procedure": "HOLIDAY", "reason": "放假", "expected_days": 3}
    refusal = story.when(act(Pause, "A10", **unknown)).then_refused(UnreadableInput)
    assert "专家评审" in refusal.errors[0].remedy
    silent: dict[str, Any] = {"procedure": "EXPERTS", "reason": " ", "expected_days": 3}
    story.when(act(Pause, "A10", **silent)).then_refused(UnreadableInput)
    endless: dict[str, Any] = {"procedure": "EXPERTS", "reason": "评审", "expected_days": 0}
    story.when(act(Pause, "A10", **endless)).then_refused(UnreadableInput)


def test_what_was_not_accepted_has_no_clock_to_stop() -> None:
    story = after(draw_up(), act(Grant, "A01"), act(Receive, "A10"))
    story.when(PAUSED).then_refused(NotInThatState)


def test_the_same_pause_and_its_end_told_again_are_no_new_facts() -> None:
    story = after(*ACCEPTED, PAUSED)
    story.when(PAUSED).then_nothing()
    resumed = after(*ACCEPTED, PAUSED, act(Resume, "A10", APRIL_25))
    resumed.when(act(Resume, "A10", APRIL_25)).then_nothing()
    resumed.when(PAUSED).then_nothing()
    resumed.when(act(Resume, "A10", APRIL_26)).then_refused(NotInThatState)


def test_a_pause_after_the_last_day_makes_nothing_less_late() -> None:
    late = act(Pause, "A10", date(2019, 5, 8), procedure="EXPERTS", reason="评审", expected_days=3)
    (paused,) = after(*ACCEPTED).when(late).facts
    assert isinstance(paused, ItemPaused)
    assert paused.clocks[1].due == date(2019, 5, 7)


def test_the_head_of_the_office_gives_days_more_once() -> None:
    story = after(*ACCEPTED)
    assert due_of(story, "A10", ClockSort.STATUTORY) == date(2019, 5, 21)
    (extended,) = story.when(act(Extend, "A10", length=10, **LONGER)).facts
    assert isinstance(extended, ItemExtended)
    assert [(one.sort, one.total, one.due) for one in extended.clocks] == [
        (ClockSort.STATUTORY, 30, date(2019, 6, 4))
    ]
    story.given(extended).when(act(Extend, "A10", length=5, **LONGER)).then_refused(NotExtendable)


def test_no_more_days_than_the_law_gives_and_none_after_the_last() -> None:
    story = after(*ACCEPTED)
    story.when(act(Extend, "A10", length=11, **LONGER)).then_refused(UnreadableInput)
    story.when(act(Extend, "A10", length=5, approver="", reason="复杂")).then_refused(
        UnreadableInput
    )
    over = act(Extend, "A10", date(2019, 5, 22), length=5, **LONGER)
    story.when(over).then_refused(NotExtendable)


def test_what_the_law_does_not_lengthen_is_not_lengthened() -> None:
    filed = (*ACCEPTED, act(Grant, "A10"), act(Receive, "C01"), act(Accept, "C01"))
    after(*filed).when(act(Extend, "C01", length=5, **LONGER)).then_refused(NotExtendable)


def test_an_extension_outlasts_a_pause() -> None:
    story = after(
        *ACCEPTED,
        act(Extend, "A10", APRIL_22, length=10, **LONGER),
        PAUSED,
        act(Resume, "A10", APRIL_23),
    )
    assert due_of(story, "A10", ClockSort.STATUTORY) == date(2019, 6, 5)
    assert due_of(story, "A10", ClockSort.PROMISED) == date(2019, 5, 8)
