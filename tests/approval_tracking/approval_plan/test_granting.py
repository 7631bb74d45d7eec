"""What an item comes to, and when: late or not it is a fact; what is missing is named."""

from datetime import date

from contracts.approval_tracking import (
    ClockSort,
    CommitmentChecked,
    FollowedUp,
    ItemCommitted,
    ItemGranted,
    ItemRectified,
    ItemRefused,
    ItemState,
    NoLongerReady,
)
from services.approval_tracking.approval_plan.commands import (
    Accept,
    CheckCommitment,
    Commit,
    FollowUp,
    Grant,
    Pause,
    Receive,
    Rectify,
    Refuse,
    Revoke,
    Waive,
    Withdraw,
)
from services.approval_tracking.approval_plan.refusals import (
    BeforeTheLastStep,
    NotCommittable,
    NotInThatState,
    PredecessorsOpen,
)
from shared.refusals import UnreadableInput
from tests.approval_tracking.plans import (
    APRIL_22,
    APRIL_23,
    act,
    after,
    draw_up,
    item_in,
    plan_in,
    state_of,
    tell_due,
)

CODED = (draw_up(), act(Grant, "A01"))
ACCEPTED = (*CODED, act(Receive, "A10"), act(Accept, "A10"))
FILED = (*ACCEPTED, act(Grant, "A10", document_number="备案1号"))
BEGUN = (*FILED, act(Receive, "C01"), act(Accept, "C01"))
# The promise of ten working days from the 22nd of April on ends on the 7th of May.
LAST, LATE = date(2019, 5, 7), date(2019, 5, 8)


def test_a_grant_within_its_days_is_not_late() -> None:
    (granted, *_) = after(*ACCEPTED).when(act(Grant, "A10", LAST)).facts
    assert isinstance(granted, ItemGranted)
    assert granted.late == ()
    assert [(one.sort, one.elapsed) for one in granted.clocks] == [
        (ClockSort.STATUTORY, 10),
        (ClockSort.PROMISED, 10),
    ]


def test_a_late_grant_is_a_fact_that_says_so() -> None:
    (granted, *_) = after(*ACCEPTED).when(act(Grant, "A10", LATE)).facts
    assert isinstance(granted, ItemGranted)
    assert granted.late == (ClockSort.PROMISED,)


def test_the_same_grant_told_again_is_no_new_fact() -> None:
    after(*FILED).when(act(Grant, "A10", document_number="备案1号")).then_nothing()


def test_what_was_only_received_is_not_granted() -> None:
    after(*CODED, act(Receive, "A10")).when(act(Grant, "A10")).then_refused(NotInThatState)


def test_what_silence_accepted_may_be_granted() -> None:
    story = after(*CODED, act(Receive, "A10"))
    facts = story.when(act(Grant, "A10", date(2019, 4, 29))).facts
    assert [fact.kind.split(".")[2] for fact in facts[:2]] == ["item_accepted", "item_granted"]


def test_what_stands_still_goes_on_before_it_is_granted() -> None:
    pause = act(Pause, "A10", APRIL_23, procedure="EXPERTS", reason="评审", expected_days=5)
    refusal = after(*ACCEPTED, pause).when(act(Grant, "A10", LAST)).then_refused(NotInThatState)
    assert "复表" in refusal.detail


def test_what_runs_beside_it_must_be_done_or_named_as_missing() -> None:
    refusal = after(*BEGUN).when(act(Grant, "C01")).then_refused(PredecessorsOpen)
    assert refusal.more["missing"] == ["B05"]
    (granted, *_) = after(*BEGUN).when(act(Grant, "C01", follow_up="方案审查意见")).facts
    assert isinstance(granted, ItemGranted)
    assert granted.follow_up == "方案审查意见"
    assert (granted.clocks[-1].sort, granted.clocks[-1].total) == (ClockSort.FOLLOW_UP, 10)


def test_what_was_missing_is_followed_up_once() -> None:
    story = after(*BEGUN, act(Grant, "C01", follow_up="方案审查意见"))
    assert [one.sort for one in item_in(story, "C01").running] == [ClockSort.FOLLOW_UP]
    (followed,) = story.when(act(FollowUp, "C01", APRIL_23)).facts
    assert isinstance(followed, FollowedUp)
    done = story.given(followed)
    assert item_in(done, "C01").running == ()
    done.when(act(FollowUp, "C01", APRIL_23)).then_nothing()
    after(*FILED).when(act(FollowUp, "A10")).then_refused(NotInThatState)


def test_a_permit_does_not_run_out_before_it_is_given() -> None:
    ask = act(Grant, "A10", APRIL_23, valid_until=APRIL_22)
    after(*ACCEPTED).when(ask).then_refused(UnreadableInput)


def test_a_refusal_needs_its_reason_and_its_law() -> None:
    story = after(*ACCEPTED)
    story.when(act(Refuse, "A10", reason=" ", basis="条例")).then_refused(UnreadableInput)
    story.when(act(Refuse, "A10", reason="不符", basis="")).then_refused(UnreadableInput)
    (refused,) = story.when(act(Refuse, "A10", LATE, reason="不符", basis="条例七条")).facts
    assert isinstance(refused, ItemRefused)
    assert refused.late == (ClockSort.PROMISED,)


def test_only_what_is_under_way_is_withdrawn() -> None:
    ask = act(Withdraw, "A10", reason="材料重做")
    assert after(*ACCEPTED).when(ask).facts
    after(*FILED).when(ask).then_refused(NotInThatState)
    after(*CODED).when(ask).then_refused(NotInThatState)
    after(*ACCEPTED, ask).when(ask).then_nothing()


def test_a_grant_that_was_recorded_wrongly_is_put_right() -> None:
    ask = act(
        Rectify,
        "A10",
        LATE,
        granted_on=LATE,
        document_number="备案2号",
        valid_until=None,
        reason="录错",
    )
    (rectified,) = after(*FILED).when(ask).facts
    assert isinstance(rectified, ItemRectified)
    assert rectified.late == (ClockSort.PROMISED,)
    after(*FILED, ask).when(ask).then_nothing()


def test_no_grant_is_moved_before_its_acceptance() -> None:
    ask = act(
        Rectify,
        "A10",
        granted_on=date(2019, 4, 19),
        document_number=None,
        valid_until=None,
        reason="录错",
    )
    after(*FILED).when(ask).then_refused(BeforeTheLastStep)


def test_what_is_revoked_satisfies_nothing_any_more() -> None:
    story = after(*FILED, act(Revoke, "A10", APRIL_23, reason="欺骗取得", basis="69条"))
    assert state_of(story, "A10") is ItemState.REVOKED
    received = story.given(*story.when(act(Receive, "B05", APRIL_23)).facts)
    received.when(act(Accept, "B05", APRIL_23)).then_refused(PredecessorsOpen)


def test_a_waiver_needs_its_law_and_satisfies() -> None:
    story = after(*CODED)
    story.when(act(Waive, "A10", reason="不需", basis=" ")).then_refused(UnreadableInput)
    waived = story.given(*story.when(act(Waive, "A10", reason="不需", basis="名录")).facts)
    assert item_in(waived, "A10").done
    assert waived.given(*waived.when(act(Receive, "B05")).facts).when(act(Accept, "B05")).facts


def test_a_commitment_satisfies_from_its_signature_and_is_checked_by_its_day() -> None:
    (signed,) = after(*CODED).when(act(Commit, "A06")).facts
    assert isinstance(signed, ItemCommitted)
    assert [(one.sort, one.total) for one in signed.clocks] == [(ClockSort.COMMITMENT, 60)]
    story = after(*CODED, act(Commit, "A06"))
    assert item_in(story, "A06").done
    overdue = story.when(tell_due(date(2019, 12, 31))).facts
    assert [fact.kind.split(".")[2] for fact in overdue] == ["item_overdue"]


def test_only_what_the_rules_say_may_be_committed_to() -> None:
    after(*CODED).when(act(Commit, "A10")).then_refused(NotCommittable)
    after(draw_up()).when(act(Commit, "A06")).then_refused(PredecessorsOpen)


def test_a_commitment_that_was_not_kept_is_met_no_longer() -> None:
    story = after(*CODED, act(Commit, "A06"))
    kept = act(CheckCommitment, "A06", APRIL_23, kept=True, findings="已兑现")
    broken = act(CheckCommitment, "A06", APRIL_23, kept=False, findings="没有兑现")
    (checked,) = story.when(kept).facts
    assert isinstance(checked, CommitmentChecked)
    assert item_in(story.given(checked), "A06").done
    story.given(checked).when(kept).then_refused(NotInThatState)
    undone = story.given(*story.when(broken).facts)
    assert not item_in(undone, "A06").done
    assert not plan_in(undone).ready


def test_whoever_revokes_a_gate_item_closes_the_gate() -> None:
    done = [
        act(kind, item)
        for item in ("B05", "C01", "C03", "C06")
        for kind in (Receive, Accept, Grant)
    ]
    story = after(*FILED, act(Commit, "A06"), *done)
    assert plan_in(story).ready
    facts = story.when(act(Revoke, "C06", APRIL_23, reason="撤销", basis="69条")).facts
    shut = [fact for fact in facts if isinstance(fact, NoLongerReady)]
    assert [(one.missing, one.since) for one in shut] == [(("C06",), APRIL_23)]
