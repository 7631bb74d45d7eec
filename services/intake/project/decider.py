"""What may happen to the facts of a project, and what they are afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.intake import (
    CorrectionRequested,
    Evidence,
    MoveApplied,
    Pool,
    ProjectAbsorbed,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectEvent,
    ProjectFacts,
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
    Source,
    Standing,
)
from services.intake.project.commands import (
    By,
    DiscardProject,
    DraftProject,
    Ended,
    EraseContact,
    NameContact,
    ReviseProject,
)
from services.intake.project.rules import (
    LABELS,
    Form,
    claimed_name,
    contact_findings,
    findings,
)
from shared.journal import Claim
from shared.refusals import NotFound, Problem, Refusal, UnreadableInput


@dataclass(frozen=True)
class NotBegun:
    """Nobody has begun this dossier."""


@dataclass(frozen=True)
class Tagged:
    """A tag that a project carries: which of its list, since when."""

    item: str | None
    from_on: date


@dataclass(frozen=True)
class Dossier:
    """A dossier with its newest facts; ``pool`` is None until a review has let it in.

    ``pool`` is the last one of a project that has left. ``papers`` are those that opening stock
    came with. ``erased`` are the contacts of all its editions that are gone; with
    ``contact_erased`` the present one is among them and nobody has been named since.
    """

    owner_org: str
    owner_name: str
    revision: int
    facts: ProjectFacts
    pool: Pool | None = None
    standing: Standing = Standing.ACTIVE
    source: Source = Source.PLANNED
    entered_on: date | None = None
    pool_since: date | None = None
    hold_until: date | None = None
    papers: tuple[Evidence, ...] = ()
    erased: frozenset[UUID] = frozenset()
    contact_erased: bool = False
    tags: Mapping[str, Tagged] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Discarded:
    """A draft that its unit gave up."""

    owner_org: str
    erased: frozenset[UUID] = frozenset()


Project = NotBegun | Dossier | Discarded
INITIAL: Project = NotBegun()


class AlreadyBegun(Refusal):
    """A dossier with this id exists."""

    code = "already_begun"


class UnitEnded(Refusal):
    """Nothing new is reported for a unit after its last day."""

    code = "unit_ended"
    title = "单位已撤并"


class SecretProject(Refusal):
    """Secret projects are reported elsewhere; not a word of them is kept here."""

    code = "secret_project"
    title = "没有保存"


class InReview(Refusal):
    """What is under review or in a pool is not edited."""

    code = "in_review"
    title = "现在不能修改"


def begin(ask: DraftProject, project: Project) -> Sequence[ProjectEvent]:
    """Begin a dossier with whatever columns are filled."""
    match project:
        case NotBegun():
            refuse_secret(ask.not_secret)
            refuse_ended(ask.ended)
            refuse_wrong_columns(ask.facts, ask.form)
            return [
                ProjectDrafted(
                    project_id=ask.project_id,
                    owner_org=ask.by.org,
                    owner_name=ask.owner_name,
                    revision=1,
                    facts=ask.facts,
                )
            ]
        case Dossier() | Discarded():
            raise AlreadyBegun("这个编号的项目已经建档。")
        case _:
            assert_never(project)


def revise(ask: ReviseProject, project: Project, *, in_own_hands: bool) -> Sequence[ProjectEvent]:
    """Replace the facts; the same facts again are no new edition."""
    dossier = owned(project, ask.by)
    if not in_own_hands:
        raise InReview("已报送的内容不能直接修改。请先撤回，或等退回后再改；入库后请走更正。")
    if ask.facts == dossier.facts:
        return []
    refuse_secret(ask.not_secret)
    refuse_wrong_columns(ask.facts, ask.form)
    return [
        ProjectRevised(project_id=ask.project_id, revision=dossier.revision + 1, facts=ask.facts)
    ]


def discard(ask: DiscardProject, project: Project, *, in_own_hands: bool) -> Sequence[ProjectEvent]:
    """Give up a dossier that lies with its unit and never entered a pool."""
    if isinstance(project, Discarded) and ask.by.works_for(project.owner_org):
        return []
    dossier = owned(project, ask.by)
    if not in_own_hands or dossier.pool is not None:
        raise InReview("只有草稿或退回的项目可以撤销。")
    return [ProjectDiscarded(project_id=ask.project_id)]


def name_contact(ask: NameContact, project: Project) -> Sequence[ProjectEvent]:
    """Name another responsible officer, whatever the dossier waits for; the same is nothing new."""
    dossier = owned(project, ask.by)
    if ask.contact_id == dossier.facts.contact_id:
        return []
    if errors := [finding.problem for finding in contact_findings(ask.form)]:
        raise UnreadableInput(f"有 {len(errors)} 处填写有误，请按提示修改。", errors=errors)
    return [ProjectContactNamed(project_id=ask.project_id, contact_id=ask.contact_id)]


def erase_contact(ask: EraseContact, project: Project) -> Sequence[ProjectEvent]:
    """Tell once that a contact of any edition is gone.

    Of a dossier that is not there (any more, or yet again: an older backup) nothing is told.
    """
    match project:
        case Dossier(erased=erased) | Discarded(erased=erased):
            if ask.contact_id in erased:
                return []
            return [
                ProjectContactErased(
                    project_id=ask.project_id, contact_id=ask.contact_id, reason=ask.reason
                )
            ]
        case NotBegun():
            return []
        case _:
            assert_never(project)


def owned(project: Project, by: By) -> Dossier:
    """Give the dossier if it is the asker's own; another's looks as if it were absent."""
    if isinstance(project, Dossier) and by.works_for(project.owner_org):
        return project
    raise NotFound("没有这个项目，或它不在你单位的范围内。")


def owned_by_anybody(project: Project) -> Dossier:
    """Give the dossier of any unit; what was given up looks as if it were absent."""
    if isinstance(project, Dossier):
        return project
    raise NotFound("没有这个项目，或它不在你单位的范围内。")


def refuse_ended(unit: Ended | None) -> None:
    """Refuse something new of a unit that has ended."""
    if unit is not None:
        heirs = (
            f"请由承接的{'、'.join(unit.successors)}" if unit.successors else "请由现在的主管单位"
        )
        raise UnitEnded(
            f"{unit.name}的最后一日是 {unit.last_day}，不能再以它的名义申报新项目。"
            f"{heirs}以自己的名义建档报送；{unit.name}以前报送的仍记在它名下，照常办理。"
        )


def refuse_secret(not_secret: bool) -> None:
    """Refuse words that nobody has declared not to be secret, before any of them is kept."""
    if not not_secret:
        sentence = "还没有确认本项目不涉密。"
        remedy = "涉密项目请按保密规定另行报送；不涉密的请勾选确认。"
        raise SecretProject(
            f"本系统不处理涉密项目，没有保存任何内容。{remedy}",
            errors=[
                Problem("not_secret", LABELS["not_secret"], "secret_project", sentence, remedy)
            ],
        )


def refuse_wrong_columns(facts: ProjectFacts, form: Form) -> None:
    """Refuse columns that break their rule, whether the form is complete or not."""
    errors = [f.problem for f in findings(facts, form, complete=False) if not f.hint]
    if errors:
        raise UnreadableInput(f"有 {len(errors)} 处填写有误，请按提示修改。", errors=errors)


Application = MoveApplied | CorrectionRequested
"""What asks something of a project in a pool: each is an edition of its own."""

Effect = (
    ProjectMoved
    | ProjectHeld
    | ProjectResumed
    | ProjectEnded
    | ProjectTakenOut
    | ProjectAbsorbed
    | ProjectMerged
    | ProjectSplit
    | ProjectCorrected
)
"""What takes effect on a project with the approval of an application."""


def evolve(project: Project, event: ProjectEvent | Effect | Application) -> Project:
    """Take in a fact of this room, or what an application made of the project."""
    match event:
        case ProjectDrafted():
            return Dossier(event.owner_org, event.owner_name, event.revision, event.facts)
        case ProjectPooled():
            return _pooled(project, event)
        case ProjectDiscarded() if isinstance(project, Dossier):
            return Discarded(project.owner_org, project.erased)
        case ProjectContactErased() if isinstance(project, Discarded):
            return replace(project, erased=project.erased | {event.contact_id})
        case _:
            return _changed(project, event) if isinstance(project, Dossier) else project


def _pooled(project: Project, event: ProjectPooled) -> Dossier:
    known = (
        project
        if isinstance(project, Dossier)
        else Dossier(event.owner_org, event.owner_name, event.revision, event.facts)
    )
    return replace(
        _with(known, event.facts, revision=event.revision),
        pool=event.pool,
        papers=event.evidence,
        source=event.source,
        entered_on=event.entered_on or event.approved_on,
        pool_since=event.pool_since or event.entered_on or event.approved_on,
    )


def _changed(
    dossier: Dossier,
    event: ProjectRevised
    | ProjectDiscarded
    | ProjectContactNamed
    | ProjectContactErased
    | ProjectTagged
    | ProjectUntagged
    | Effect
    | Application,
) -> Dossier:
    match event:
        case ProjectRevised() | ProjectAbsorbed() | ProjectCorrected():
            return _with(dossier, event.facts, revision=event.revision)
        case MoveApplied() | CorrectionRequested():
            return replace(dossier, revision=event.revision)
        case ProjectContactNamed():
            return _with(dossier, _calling(dossier.facts, event.contact_id))
        case ProjectContactErased():
            return _with(replace(dossier, erased=dossier.erased | {event.contact_id}))
        case ProjectMoved():
            return replace(dossier, pool=event.to_pool, pool_since=event.moved_on)
        case ProjectHeld():
            return replace(dossier, standing=Standing.HELD, hold_until=event.hold_until)
        case ProjectResumed():
            return replace(dossier, standing=Standing.ACTIVE, hold_until=None)
        case ProjectEnded():
            return replace(dossier, standing=Standing.ENDED, hold_until=None)
        case ProjectTakenOut():
            return replace(dossier, standing=Standing.OUT, hold_until=None)
        case ProjectMerged():
            return replace(dossier, standing=Standing.MERGED)
        case ProjectSplit():
            return replace(dossier, standing=Standing.SPLIT)
        case ProjectTagged():
            tags = {**dossier.tags, event.tag: Tagged(event.item, event.from_on)}
            return replace(dossier, tags=tags)
        case ProjectUntagged():
            left = {tag: held for tag, held in dossier.tags.items() if tag != event.tag}
            return replace(dossier, tags=left)
        case ProjectDiscarded():
            return dossier
        case _:
            assert_never(event)


def _with(
    dossier: Dossier,
    facts: ProjectFacts | None = None,
    *,
    revision: int | None = None,
) -> Dossier:
    """Give the dossier with other facts; an edition may still name a contact that is gone."""
    facts = facts or dossier.facts
    gone = facts.contact_id in dossier.erased
    return replace(
        dossier,
        revision=revision or dossier.revision,
        facts=_calling(facts, None) if gone else facts,
        contact_erased=gone or (dossier.contact_erased and facts.contact_id is None),
    )


def _calling(facts: ProjectFacts, contact_id: UUID | None) -> ProjectFacts:
    return facts.model_copy(update={"contact_id": contact_id})


def holds(project: Project) -> frozenset[Claim]:
    """Give what a dossier keeps for itself: its name within the unit, and its project code."""
    match project:
        case Dossier(standing=Standing.OUT | Standing.MERGED | Standing.SPLIT):
            return frozenset()
        case Dossier(owner_org=org, facts=facts):
            claims = {Claim(f"name:{org}", claimed_name(facts.name))}
            if facts.project_code is not None:
                claims.add(Claim("project_code", facts.project_code))
            return frozenset(claims)
        case NotBegun() | Discarded():
            return frozenset()
        case _:
            assert_never(project)
