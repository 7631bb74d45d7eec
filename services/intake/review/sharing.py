"""分办: colleagues of one level share its queue. One takes a dossier, or it goes on to another."""

from collections.abc import Sequence
from typing import assert_never

from contracts.intake import Holder, ReviewHandedOver, ReviewTaken
from services.intake.review.commands import HandOver, TakeReview
from services.intake.review.refusals import (
    HandedToItsReporter,
    NotUnderReview,
    ReviewedByItsReporter,
    ReviewedTwiceByOne,
    TakenByAnother,
)
from services.intake.review.states import (
    Approved,
    InOwnHands,
    Rejected,
    Review,
    SentBack,
    WithCity,
    WithProvince,
)
from services.intake.review.texts import demand, demand_fit


def take(ask: TakeReview, review: Review) -> Sequence[ReviewTaken]:
    """Take a dossier from the queue, so that the others leave it; taken already, it is no fact."""
    lying = _lying_with(ask.level, review)
    if ask.by.answers_for(lying.asked.submitted_by):
        raise ReviewedByItsReporter("这件由你报送，不能由你审核，也就不能领取。")
    if isinstance(lying, WithProvince) and ask.by.answers_for(lying.first_reviewed_by):
        raise ReviewedTwiceByOne("这件由你初审，不能由你审核，也就不能领取。")
    if ask.by.answers_for(lying.taken_by):
        return []
    if lying.taken_by:
        raise TakenByAnother("这件已由同级的另一位审核人领取。需要接办的，请用“转办”并写明理由。")
    return [ReviewTaken(project_id=ask.project_id, level=ask.level, taken_by=ask.by.account)]


def hand_over(ask: HandOver, review: Review) -> Sequence[ReviewHandedOver]:
    """Give a dossier to a colleague of the level, or back to the queue; any of them may."""
    lying = _lying_with(ask.level, review)
    to = ask.handed_to or ""
    if to == lying.taken_by:
        return []
    involved = {lying.asked.submitted_by}
    if isinstance(lying, WithProvince):
        involved.add(lying.first_reviewed_by)
    if to in involved:
        raise HandedToItsReporter("报送人或初审人不能审核同一件，请转给别人。")
    demand("reason", ask.reason, "转办要写明理由。")
    demand_fit({"reason": ask.reason})
    return [
        ReviewHandedOver(
            project_id=ask.project_id,
            level=ask.level,
            handed_to=ask.handed_to,
            reason=ask.reason.strip(),
        )
    ]


def _lying_with(level: Holder, review: Review) -> WithCity | WithProvince:
    match review:
        case WithCity() if level is Holder.CITY:
            return review
        case WithProvince() if level is Holder.PROVINCE:
            return review
        case InOwnHands() | WithCity() | WithProvince() | SentBack() | Approved() | Rejected():
            raise NotUnderReview("这件现在不在你这一级待审，可能已由他人办理。")
        case _:
            assert_never(review)
