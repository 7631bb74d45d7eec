"""One project, one stream: its facts and its review are decided on together.

Both rooms share the stream, because what is true of one (locked, in own hands, pooled) limits
the other, and only one stream can promise that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts import intake
from contracts.intake import (
    CorrectionApproved,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    DuplicateJudged,
    Likeness,
    Matter,
    MoveApplied,
    MoveApproved,
    MoveRefused,
    MoveWithdrawn,
    ProjectAbsorbed,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectRevised,
    ProjectSplit,
    ProjectTagged,
    ProjectTakenOut,
    ProjectUntagged,
    ReviewApproved,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
    Standing,
)
from services.intake.correction import decider as correction_room
from services.intake.correction.commands import RequestCorrection
from services.intake.move import decider as move_room
from services.intake.move import effects
from services.intake.move.commands import ApplyForMove, EnterAsPart, MergeInto
from services.intake.project import decider as project_room
from services.intake.project.commands import (
    DiscardProject,
    DraftProject,
    EnterStock,
    EraseContact,
    NameContact,
    ReviseProject,
    TagProject,
    UntagProject,
)
from services.intake.project.opening import enter_stock
from services.intake.project.tagging import tag, untag
from services.intake.review import admission, judging, sharing, states, timekeeping
from services.intake.review import decider as review_room
from services.intake.review.commands import (
    HandOver,
    JudgeDuplicate,
    RecountTerm,
    ReportProject,
    ReviewFinally,
    ReviewFirst,
    TakeReview,
    TellOverdue,
    WithdrawReport,
)
from services.intake.review.likeness import Judged, Suspect, likeness_of
from services.intake.review.states import Application, Approved, InOwnHands, Rejected, SentBack
from shared.deciding import Decider
from shared.journal import Claim
from shared.refusals import AlreadyClaimed, NotFound, Refusal
from shared.seeing import Row

DossierEvent = intake.DossierEvent
Asked = ReviewSubmitted | MoveApplied | CorrectionRequested
"""What an application was handed in with."""

DossierCommand = (
    DraftProject
    | ReviseProject
    | DiscardProject
    | NameContact
    | EraseContact
    | EnterStock
    | TagProject
    | UntagProject
    | ReportProject
    | RequestCorrection
    | WithdrawReport
    | ReviewFirst
    | ReviewFinally
    | TakeReview
    | HandOver
    | JudgeDuplicate
    | ApplyForMove
    | MergeInto
    | EnterAsPart
    | TellOverdue
    | RecountTerm
)


@dataclass(frozen=True)
class Dossier:
    """The facts of a project, where its application is, and what was handed in last."""

    project: project_room.Project = project_room.INITIAL
    review: states.Review = states.INITIAL
    asked: Asked | None = None
    judged: Judged = field(default_factory=dict)

    @property
    def in_own_hands(self) -> bool:
        """True while its unit may change it."""
        match self.review:
            case InOwnHands() | SentBack(asked=Application(matter=Matter.ADMISSION)):
                return True
            case _:
                return False

    @property
    def is_free(self) -> bool:
        """True of a project that goes on in its pool with nothing decided about it."""
        return (
            isinstance(self.project, project_room.Dossier)
            and self.project.pool is not None
            and self.project.standing is Standing.ACTIVE
            and isinstance(self.review, Approved)
        )


def row_of(dossier: Dossier) -> Row | None:
    """Give what counts for who sees a dossier; None where there never was one."""
    match dossier.project:
        case project_room.Dossier(owner_org=org, facts=facts, pool=pool):
            return {
                "owner_org": org,
                "region": facts.location.region,
                "zone_id": facts.location.zone_id,
                "pool": pool,
                "stage": states.stage_of(dossier.review),
                # Which offices have an item of it is not ours to know: an approver's door is
                # that of approval_tracking.
                "approving": None,
            }
        case project_room.Discarded(owner_org=org):
            # Its unit may give it up twice; to everybody else it was never there.
            nowhere = dict.fromkeys(("region", "zone_id", "pool", "stage", "approving"))
            return {"owner_org": org, **nowhere}
        case project_room.NotBegun():
            return None
        case _:
            assert_never(dossier.project)


def decide(commands: Sequence[DossierCommand], dossier: Dossier) -> Sequence[DossierEvent]:
    """Answer commands that belong together, each on what the ones before it made of the dossier."""
    facts: list[DossierEvent] = []
    for command in commands:
        for fact in _decide(command, dossier):
            facts.append(fact)
            dossier = evolve(dossier, fact)
    return facts


def _decide(command: DossierCommand, dossier: Dossier) -> Sequence[DossierEvent]:
    match command:
        case (
            DraftProject()
            | ReviseProject()
            | DiscardProject()
            | NameContact()
            | EraseContact()
            | EnterStock()
            | TagProject()
            | UntagProject()
        ):
            return _of_facts(command, dossier)
        case (
            ReportProject()
            | RequestCorrection()
            | WithdrawReport()
            | ApplyForMove()
            | MergeInto()
            | EnterAsPart()
        ):
            return _of_application(command, dossier)
        case (
            ReviewFirst()
            | ReviewFinally()
            | TakeReview()
            | HandOver()
            | JudgeDuplicate()
            | TellOverdue()
            | RecountTerm()
        ):
            return _of_review(command, dossier)
        case _:
            assert_never(command)


def _of_facts(
    command: DraftProject
    | ReviseProject
    | DiscardProject
    | NameContact
    | EraseContact
    | EnterStock
    | TagProject
    | UntagProject,
    dossier: Dossier,
) -> Sequence[DossierEvent]:
    project = dossier.project
    match command:
        case DraftProject():
            return project_room.begin(command, project)
        case ReviseProject():
            return project_room.revise(command, project, in_own_hands=dossier.in_own_hands)
        case DiscardProject():
            return project_room.discard(command, project, in_own_hands=dossier.in_own_hands)
        case NameContact():
            return project_room.name_contact(command, project)
        case EraseContact():
            return project_room.erase_contact(command, project)
        case EnterStock():
            return enter_stock(command, project)
        case TagProject():
            return tag(command, project)
        case UntagProject():
            return untag(command, project)
        case _:
            assert_never(command)


def _of_application(
    command: ReportProject
    | RequestCorrection
    | WithdrawReport
    | ApplyForMove
    | MergeInto
    | EnterAsPart,
    dossier: Dossier,
) -> Sequence[DossierEvent]:
    project, review = dossier.project, dossier.review
    match command:
        case ReportProject():
            return admission.report(command, project, review)
        case RequestCorrection():
            return correction_room.request(command, project, review, _correcting(dossier))
        case WithdrawReport():
            return _withdraw(command, dossier)
        case ApplyForMove():
            return move_room.apply(command, project, review, _moving(dossier))
        case MergeInto():
            return effects.merge(command, project, free=dossier.is_free)
        case EnterAsPart():
            return effects.enter_as_part(command, project)
        case _:
            assert_never(command)


def _of_review(
    command: ReviewFirst
    | ReviewFinally
    | TakeReview
    | HandOver
    | JudgeDuplicate
    | TellOverdue
    | RecountTerm,
    dossier: Dossier,
) -> Sequence[DossierEvent]:
    project, review = dossier.project, dossier.review
    match command:
        case ReviewFirst():
            passed = review_room.review_first(command, review, _ending(dossier))
            return _once(command.suspects, passed, dossier)
        case ReviewFinally():
            approved = review_room.review_finally(command, review, _ending(dossier))
            return _once(command.suspects, approved, dossier)
        case TakeReview():
            return sharing.take(command, review)
        case HandOver():
            return sharing.hand_over(command, review)
        case JudgeDuplicate():
            return judging.judge(command, project, review, compared(dossier), dossier.judged)
        case TellOverdue():
            return timekeeping.tell_overdue(command, project, review)
        case RecountTerm():
            return timekeeping.recount_term(command, project, review)
        case _:
            assert_never(command)


def _once(
    suspects: Sequence[Suspect], facts: Sequence[DossierEvent], dossier: Dossier
) -> Sequence[DossierEvent]:
    """Give the facts of a review, unless they let in what another project may be."""
    passed = ReviewPassedFirst | ReviewApproved | CorrectionApproved
    passes = any(isinstance(fact, passed) for fact in facts)
    own = compared(dossier)
    if passes and own is not None:
        judging.refuse_duplicates(facts[0].project_id, own, suspects, dossier.judged)
    return facts


def compared(dossier: Dossier) -> Likeness | None:
    """Give what of a project is compared with others: as it is, or as it is asked to become."""
    project, application = dossier.project, states.application_of(dossier.review)
    if not isinstance(project, project_room.Dossier):
        return None
    correcting = application is not None and application.matter is Matter.CORRECTION
    asked = _correcting(dossier) if correcting else None
    return likeness_of(project.owner_name, asked.facts if asked else project.facts)


def lets_in(dossier: Dossier) -> bool:
    """Tell whether an approval would let in a project, or a project under another likeness."""
    project = dossier.project
    if not isinstance(project, project_room.Dossier):
        return False
    accepted = likeness_of(project.owner_name, project.facts)
    return project.pool is None or compared(dossier) != accepted


def _correcting(dossier: Dossier) -> CorrectionRequested | None:
    return dossier.asked if isinstance(dossier.asked, CorrectionRequested) else None


def _moving(dossier: Dossier) -> MoveApplied | None:
    return dossier.asked if isinstance(dossier.asked, MoveApplied) else None


def _withdraw(ask: WithdrawReport, dossier: Dossier) -> Sequence[DossierEvent]:
    application = states.application_of(dossier.review)
    if application is not None and application.matter is Matter.MOVE:
        return move_room.withdraw(ask, dossier.project, dossier.review, _moving(dossier))
    if application is not None and application.matter is Matter.CORRECTION:
        before = _correcting(dossier)
        return correction_room.withdraw(ask, dossier.project, dossier.review, before)
    return admission.withdraw(ask, dossier.project, dossier.review)


def _ending(dossier: Dossier) -> review_room.Ending[DossierEvent]:
    """Give what an approval or a refusal comes to; a draft looks as if it were absent."""
    project = dossier.project
    drafting = isinstance(dossier.review, InOwnHands)
    if not isinstance(project, project_room.Dossier) or drafting or dossier.asked is None:
        raise NotFound("没有这个项目，或它不在你单位的范围内。")
    match dossier.asked:
        case ReviewSubmitted() as asked:
            return admission.Admission(project, asked)
        case MoveApplied() as asked:
            return effects.Move(project, asked)
        case CorrectionRequested() as asked:
            return correction_room.Correction(project, asked)
        case _:
            assert_never(dossier.asked)


def evolve(dossier: Dossier, event: DossierEvent) -> Dossier:
    """Take in a fact of any room: each says what it makes of the project and of the review."""
    match event:
        case (
            ProjectDrafted()
            | ProjectRevised()
            | ProjectDiscarded()
            | ProjectContactNamed()
            | ProjectContactErased()
            | ProjectTagged()
            | ProjectUntagged()
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
            return replace(dossier, project=project_room.evolve(dossier.project, event))
        case ProjectPooled():
            return replace(
                dossier,
                project=project_room.evolve(dossier.project, event),
                review=review_room.evolve(dossier.review, event),
            )
        case MoveApplied() | CorrectionRequested():
            return replace(
                dossier,
                project=project_room.evolve(dossier.project, event),
                review=review_room.evolve(dossier.review, event),
                asked=event,
            )
        case ReviewSubmitted():
            return replace(dossier, review=review_room.evolve(dossier.review, event), asked=event)
        case (
            ReviewWithdrawn()
            | ReviewPassedFirst()
            | ReviewReturned()
            | ReviewRejected()
            | ReviewApproved()
            | ReviewOverdue()
            | ReviewTermMoved()
            | ReviewTaken()
            | ReviewHandedOver()
            | MoveWithdrawn()
            | MoveRefused()
            | MoveApproved()
            | CorrectionWithdrawn()
            | CorrectionRefused()
            | CorrectionApproved()
        ):
            return replace(dossier, review=review_room.evolve(dossier.review, event))
        case DuplicateJudged():
            return replace(dossier, judged=judging.remembered(dossier.judged, event))
        case _:
            assert_never(event)


def holds(dossier: Dossier) -> frozenset[Claim]:
    """Give the claims of a dossier; one that was rejected for good holds none."""
    if isinstance(dossier.review, Rejected):
        return frozenset()
    return project_room.holds(dossier.project)


def claimed(claim: Claim) -> Refusal:
    """Word the refusal when another dossier holds a name or a code."""
    if claim.scope == "project_code":
        return AlreadyClaimed(
            f"项目代码 {claim.value} 已用于另一个项目。代码终身唯一，请核对；"
            "同一项目请勿重复申报。",
            scope="project_code",
        )
    return AlreadyClaimed(
        "你单位已有同名项目（不计空格、全半角和大小写）。请在原项目上修改，或改用能区分的名称。",
        scope="name",
    )


def by_clock(event: DossierEvent) -> bool:
    """Tell the facts that nobody did: they refuse nobody who has the dossier open."""
    return isinstance(event, ReviewOverdue | ReviewTermMoved)


def stream_of(project_id: UUID) -> str:
    """Give the stream of a project."""
    return f"project-{project_id}"


def project_of(stream: str) -> UUID:
    """Give the project of a stream."""
    return UUID(stream.removeprefix("project-"))


DOSSIER: Decider[Sequence[DossierCommand], Dossier, DossierEvent] = Decider(
    initial=Dossier(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[DossierEvent, Field(discriminator="kind")]),
    holds=holds,
    claimed=claimed,
    by_clock=by_clock,
)
