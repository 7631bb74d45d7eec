"""What the levels may decide of whatever was handed in (晋市政办〔2019〕16号 十六条).

They do not care what it is about: the room of the matter says what an approval and a refusal
come to (``Ending``).
"""

from collections.abc import Collection, Sequence
from typing import Literal, Protocol, TypeVar, assert_never

from contracts.envelope import Fact
from contracts.intake import (
    CorrectionApproved,
    CorrectionEvent,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    DuplicateJudged,
    Holder,
    Level,
    Matter,
    MoveApplied,
    MoveApproved,
    MoveEvent,
    MoveRefused,
    MoveWithdrawn,
    ProjectAbsorbed,
    ProjectCorrected,
    ProjectEnded,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectSplit,
    ProjectTakenOut,
    ReviewApproved,
    ReviewEvent,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
)
from services.intake.project.commands import By
from services.intake.review.commands import ReviewFinally, ReviewFirst, Verdict
from services.intake.review.refusals import (
    DecidedOnOldRevision,
    NotUnderReview,
    ReviewedByItsReporter,
    ReviewedTwiceByOne,
    TakenByAnother,
)
from services.intake.review.states import (
    Application,
    Approved,
    InOwnHands,
    OpenTerm,
    Rejected,
    Review,
    SentBack,
    WithCity,
    WithProvince,
    application_of,
    taken,
)
from services.intake.review.texts import demand, demand_fit, demand_known
from services.intake.review.timekeeping import with_days, with_overdue_told

EventT_co = TypeVar("EventT_co", bound=Fact, covariant=True)


class Ending(Protocol[EventT_co]):
    """What an application comes to, as the room that it is about says."""

    @property
    def columns(self) -> Collection[str]:
        """What a reviewer's remark may point to."""

    def approved(self, ask: ReviewFinally) -> Sequence[EventT_co]:
        """Tell that the province approved, and what takes effect with it."""

    def refused(
        self, ask: ReviewFirst | ReviewFinally, by: Literal["CITY", "PROVINCE"]
    ) -> Sequence[EventT_co]:
        """Tell that a level refused."""


def review_first(
    ask: ReviewFirst, review: Review, ending: Ending[EventT_co]
) -> Sequence[ReviewEvent | EventT_co]:
    """Take the city's decision."""
    match review:
        case WithCity(asked=asked):
            if ask.by.answers_for(asked.submitted_by):
                raise ReviewedByItsReporter("你是这个项目的报送人，初审须由他人办理。")
            _refuse_taken(ask.by, review.taken_by)
            _demand_revision(ask.on_revision, asked.revision)
            demand_fit({"opinion": ask.opinion}, ask.remarks)
            return _first_outcome(ask, asked, ending)
        case InOwnHands() | WithProvince() | SentBack() | Approved() | Rejected():
            raise NotUnderReview("这个项目现在不在待初审之列，可能已由他人办理。")
        case _:
            assert_never(review)


def _first_outcome(
    ask: ReviewFirst, asked: Application, ending: Ending[EventT_co]
) -> Sequence[ReviewEvent | EventT_co]:
    match ask.verdict:
        case Verdict.PASS:
            return [
                ReviewPassedFirst(
                    project_id=ask.project_id,
                    revision=asked.revision,
                    reviewed_by=ask.by.account,
                    opinion=ask.opinion.strip(),
                    term=ask.terms.province,
                )
            ]
        case Verdict.RETURN:
            demand("opinion", ask.opinion, "退回要写明需要补正什么。")
            return [
                ReviewReturned(
                    project_id=ask.project_id,
                    revision=asked.revision,
                    returned_by="CITY",
                    to=Level.REPORTER,
                    opinion=ask.opinion.strip(),
                    remarks=demand_known(ask.remarks, ending.columns),
                    term=ask.terms.reporter,
                )
            ]
        case Verdict.REJECT:
            demand("opinion", ask.opinion, "不予通过要写明理由和依据。")
            return ending.refused(ask, "CITY")
        case _:
            assert_never(ask.verdict)


def review_finally(
    ask: ReviewFinally, review: Review, ending: Ending[EventT_co]
) -> Sequence[ReviewEvent | EventT_co]:
    """Take the province's decision; what an approval brings takes effect with it."""
    match review:
        case WithProvince(asked=asked):
            if ask.by.answers_for(asked.submitted_by):
                raise ReviewedByItsReporter("你是这个项目的报送人，审核须由他人办理。")
            if ask.by.answers_for(review.first_reviewed_by):
                raise ReviewedTwiceByOne("你是这个项目的初审人，审核须由他人办理。")
            _refuse_taken(ask.by, review.taken_by)
            _demand_revision(ask.on_revision, asked.revision)
            number = ask.document_number or ""
            demand_fit({"opinion": ask.opinion, "document_number": number}, ask.remarks)
            return _final_outcome(ask, asked, ending)
        case InOwnHands() | WithCity() | SentBack() | Approved() | Rejected():
            raise NotUnderReview("这个项目现在不在待审核之列，可能已由他人办理。")
        case _:
            assert_never(review)


def _final_outcome(
    ask: ReviewFinally, asked: Application, ending: Ending[EventT_co]
) -> Sequence[ReviewEvent | EventT_co]:
    match ask.verdict:
        case Verdict.PASS:
            return ending.approved(ask)
        case Verdict.RETURN:
            demand("opinion", ask.opinion, "退回要写明需要补正什么。")
            return [
                ReviewReturned(
                    project_id=ask.project_id,
                    revision=asked.revision,
                    returned_by="PROVINCE",
                    to=ask.to,
                    opinion=ask.opinion.strip(),
                    remarks=demand_known(ask.remarks, ending.columns),
                    term=ask.terms.city if ask.to is Level.CITY else ask.terms.reporter,
                )
            ]
        case Verdict.REJECT:
            demand("opinion", ask.opinion, "不予通过要写明理由和依据。")
            return ending.refused(ask, "PROVINCE")
        case _:
            assert_never(ask.verdict)


def _demand_revision(seen: int, present: int) -> None:
    if seen != present:
        raise DecidedOnOldRevision(
            f"你看的是第 {seen} 版，现在是第 {present} 版。请看过变化后再提交，你写的意见仍在。",
            present_revision=present,
        )


def evolve(
    review: Review, event: ReviewEvent | ProjectPooled | MoveEvent | CorrectionEvent
) -> Review:
    """Take in a fact: what begins an application, what the levels say of it, what ends it."""
    match event:
        case ReviewSubmitted() | MoveApplied() | CorrectionRequested():
            return _handed_in(review, event)
        case ReviewPassedFirst():
            return WithProvince(
                _asked(review), event.reviewed_by, OpenTerm(Holder.PROVINCE, event.term)
            )
        case ReviewReturned(to=Level.CITY):
            return WithCity(_asked(review), OpenTerm(Holder.CITY, event.term), returned=True)
        case ReviewReturned():
            first = review.first_reviewed_by if isinstance(review, WithProvince) else ""
            return SentBack(_asked(review), OpenTerm(Holder.REPORTER, event.term), first)
        case ReviewOverdue():
            return with_overdue_told(review)
        case ReviewTermMoved(new=term):
            return with_days(review, term)
        case ReviewTaken(taken_by=taken_by):
            return taken(review, taken_by)
        case ReviewHandedOver(handed_to=handed_to):
            return taken(review, handed_to or "")
        case ReviewWithdrawn():
            return InOwnHands(_asked(review).round)
        case ReviewRejected():
            return Rejected()
        case (
            ReviewApproved()
            | ProjectPooled()
            | MoveApproved()
            | MoveRefused()
            | MoveWithdrawn()
            | CorrectionApproved()
            | CorrectionRefused()
            | CorrectionWithdrawn()
        ):
            return Approved()
        case (
            DuplicateJudged()
            | ProjectMoved()
            | ProjectHeld()
            | ProjectResumed()
            | ProjectEnded()
            | ProjectTakenOut()
            | ProjectAbsorbed()
            | ProjectMerged()
            | ProjectSplit()
            | ProjectCorrected()
        ):
            return review
        case _:
            assert_never(event)


def _handed_in(
    review: Review, event: ReviewSubmitted | MoveApplied | CorrectionRequested
) -> Review:
    match event:
        case ReviewSubmitted(submitted_by=account):
            matter = Matter.ADMISSION
        case MoveApplied(applied_by=account):
            matter = Matter.MOVE
        case CorrectionRequested(requested_by=account):
            matter = Matter.CORRECTION
        case _:
            assert_never(event)
    asked = Application(matter, event.revision, event.round, account)
    if event.to is Holder.PROVINCE and isinstance(review, SentBack):
        return WithProvince(asked, review.first_reviewed_by, OpenTerm(event.to, event.term))
    return WithCity(asked, OpenTerm(Holder.CITY, event.term))


def _refuse_taken(by: By, taken_by: str) -> None:
    if taken_by and not by.answers_for(taken_by):
        raise TakenByAnother("这件已由同级的另一位审核人领取。需要接办的，请先“转办”给自己。")


def _asked(review: Review) -> Application:
    """Give what is under review; a stored fact is true even where nothing was."""
    return application_of(review) or Application(Matter.ADMISSION, 0, 0, "")
