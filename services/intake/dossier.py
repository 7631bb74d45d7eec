"""One project, one stream: its facts and its review are decided on together.

Both rooms share the stream, because what is true of one (locked, in own hands, pooled) limits
the other, and only one stream can promise that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts.intake import (
    DuplicateJudged,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEvent,
    ProjectPooled,
    ProjectRevised,
    ProjectTagged,
    ProjectUntagged,
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
from services.intake.project import decider as project_room
from services.intake.project.commands import (
    DiscardProject,
    DraftProject,
    EraseContact,
    NameContact,
    ReviseProject,
)
from services.intake.review import decider as review_room
from services.intake.review import states, timekeeping
from services.intake.review.commands import (
    RecountTerm,
    ReportProject,
    ReviewFinally,
    ReviewFirst,
    TellOverdue,
    WithdrawReport,
)
from services.intake.review.states import InOwnHands, Rejected, SentBack
from shared.deciding import Decider
from shared.journal import Claim
from shared.refusals import AlreadyClaimed, Refusal
from shared.seeing import Row

DossierEvent = ProjectEvent | ReviewEvent
DossierCommand = (
    DraftProject
    | ReviseProject
    | DiscardProject
    | NameContact
    | EraseContact
    | ReportProject
    | WithdrawReport
    | ReviewFirst
    | ReviewFinally
    | TellOverdue
    | RecountTerm
)


@dataclass(frozen=True)
class Dossier:
    """The facts of a project and where it is on its way."""

    project: project_room.Project = project_room.INITIAL
    review: states.Review = states.INITIAL

    @property
    def in_own_hands(self) -> bool:
        """True while its unit may change it."""
        return isinstance(self.review, InOwnHands | SentBack)


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
            }
        case project_room.Discarded(owner_org=org):
            # Its unit may give it up twice; to everybody else it was never there.
            nowhere = dict.fromkeys(("region", "zone_id", "pool", "stage"))
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
    project, review = dossier.project, dossier.review
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
        case ReportProject():
            return review_room.report(command, project, review)
        case WithdrawReport():
            return review_room.withdraw(command, project, review)
        case ReviewFirst():
            return review_room.review_first(command, project, review)
        case ReviewFinally():
            return review_room.review_finally(command, project, review)
        case TellOverdue():
            return timekeeping.tell_overdue(command, project, review)
        case RecountTerm():
            return timekeeping.recount_term(command, project, review)
        case _:
            assert_never(command)


def evolve(dossier: Dossier, event: DossierEvent) -> Dossier:
    """Take in a fact of either room."""
    match event:
        case (
            ProjectDrafted()
            | ProjectRevised()
            | ProjectDiscarded()
            | ProjectPooled()
            | ProjectContactNamed()
            | ProjectContactErased()
            | ProjectTagged()
            | ProjectUntagged()
        ):
            return replace(dossier, project=project_room.evolve(dossier.project, event))
        case (
            ReviewSubmitted()
            | ReviewWithdrawn()
            | ReviewPassedFirst()
            | ReviewReturned()
            | ReviewRejected()
            | ReviewApproved()
            | ReviewOverdue()
            | ReviewTermMoved()
            | ReviewTaken()
            | ReviewHandedOver()
            | DuplicateJudged()
        ):
            return replace(dossier, review=review_room.evolve(dossier.review, event))
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
