"""What an approved application does to the project, and to others that it concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, assert_never

from contracts.intake import (
    MoveApplied,
    MoveApproved,
    MoveEffect,
    MoveEvent,
    MoveRefused,
    ProjectAbsorbed,
    ProjectEnded,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectSplit,
    ProjectTakenOut,
)
from services.intake.move.commands import EnterAsPart, MergeInto
from services.intake.move.others import Other, with_money_of
from services.intake.move.refusals import JudgedWithOthers, OtherNotFree
from services.intake.project.decider import Dossier, NotBegun, Project, owned_by_anybody
from services.intake.project.rules import COLUMNS
from services.intake.review.commands import ReviewFinally, ReviewFirst

Value = TypeVar("Value")

COLUMNS_OF_MOVES = frozenset(
    {"reason", "evidence", "hold_until", "resume_when", "absorbs", "parts"}
)


@dataclass(frozen=True)
class Move:
    """What an application for a move comes to."""

    dossier: Dossier
    asked: MoveApplied

    @property
    def columns(self) -> Collection[str]:
        """What a remark may point to."""
        return COLUMNS.keys() | COLUMNS_OF_MOVES

    def refused(
        self, ask: ReviewFirst | ReviewFinally, by: Literal["CITY", "PROVINCE"]
    ) -> Sequence[MoveEvent]:
        """Refuse the move; the project stays where it is."""
        return [
            MoveRefused(
                project_id=ask.project_id,
                application_id=self.asked.application_id,
                revision=self.asked.revision,
                refused_by=by,
                opinion=ask.opinion.strip(),
            )
        ]

    def approved(self, ask: ReviewFinally) -> Sequence[MoveEvent]:
        """Approve the move, and tell what takes effect with it."""
        approved = MoveApproved(
            project_id=ask.project_id,
            application_id=self.asked.application_id,
            revision=self.asked.revision,
            opinion=ask.opinion.strip(),
            document_number=ask.document_number,
        )
        return [approved, self._effect(ask)]

    def _effect(self, ask: ReviewFinally) -> MoveEvent:
        project_id, reason, pool = ask.project_id, self.asked.reason, self.asked.from_pool
        match self.asked.effect:
            case MoveEffect.MOVE:
                return ProjectMoved(
                    project_id=project_id,
                    transition=self.asked.transition,
                    from_pool=pool,
                    to_pool=_given(self.asked.to_pool),
                    fast_track=self.asked.fast_track,
                    total_investment=self._money,
                    reason=reason,
                    moved_on=ask.on,
                )
            case MoveEffect.HOLD:
                return ProjectHeld(
                    project_id=project_id,
                    pool=pool,
                    reason=reason,
                    resume_when=self.asked.resume_when or "",
                    hold_until=_given(self.asked.hold_until),
                    held_on=ask.on,
                )
            case MoveEffect.RESUME:
                return ProjectResumed(
                    project_id=project_id, pool=pool, reason=reason, resumed_on=ask.on
                )
            case MoveEffect.END:
                return ProjectEnded(
                    project_id=project_id, pool=pool, reason=reason, ended_on=ask.on
                )
            case MoveEffect.TAKE_OUT:
                return ProjectTakenOut(
                    project_id=project_id,
                    pool=pool,
                    total_investment=self._money,
                    reason=reason,
                    taken_out_on=ask.on,
                )
            case MoveEffect.MERGE:
                return self._absorb(ask)
            case MoveEffect.SPLIT:
                _demand_others(ask)
                return ProjectSplit(
                    project_id=project_id,
                    parts=tuple(part.project_id for part in self.asked.parts),
                    pool=pool,
                    total_investment=self._money,
                    split_on=ask.on,
                )
            case _:
                assert_never(self.asked.effect)

    @property
    def _money(self) -> int:
        return self.dossier.facts.total_investment or 0

    def _absorb(self, ask: ReviewFinally) -> ProjectAbsorbed:
        (other,) = _demand_others(ask)
        demand_free(other)
        facts = self.dossier.facts
        joined = facts if self.asked.duplicate else with_money_of(facts, other.facts)
        return ProjectAbsorbed(
            project_id=ask.project_id,
            absorbed_id=other.project_id,
            absorbed_name=other.facts.name,
            duplicate=self.asked.duplicate,
            added_investment=(joined.total_investment or 0) - self._money,
            revision=self.asked.revision + 1,
            facts=joined,
            pool=self.asked.from_pool,
            absorbed_on=ask.on,
        )


def _demand_others(ask: ReviewFinally) -> tuple[Other, ...]:
    if ask.beside is None:
        raise JudgedWithOthers("合并、拆分涉及别的项目，请打开这一件单独审核，不能批量通过。")
    return ask.beside


def demand_free(other: Other) -> None:
    """Refuse a merger with a project that cannot be merged as it stands now."""
    if not other.free:
        raise OtherNotFree(
            f"“{other.facts.name}”已不在库、暂缓，或有申请在办，现在不能合并。可以退回申请单位。"
        )


def merge(ask: MergeInto, project: Project, *, free: bool) -> Sequence[ProjectMerged]:
    """End a project because another took it in."""
    dossier = owned_by_anybody(project)
    demand_free(Other(project_id=ask.project_id, facts=dossier.facts, pool=dossier.pool, free=free))
    return [
        ProjectMerged(
            project_id=ask.project_id,
            merged_into=ask.into,
            merged_into_name=ask.into_name,
            duplicate=ask.duplicate,
            pool=_given(dossier.pool),
            total_investment=dossier.facts.total_investment or 0,
            merged_on=ask.on,
        )
    ]


def enter_as_part(ask: EnterAsPart, project: Project) -> Sequence[ProjectPooled]:
    """Begin a project that comes out of a split, in the pool and with the day of its parent."""
    if project != NotBegun():
        raise AssertionError("a part has an id of its own")
    return [
        ProjectPooled(
            project_id=ask.project_id,
            owner_org=ask.owner_org,
            owner_name=ask.owner_name,
            revision=1,
            facts=ask.facts,
            pool=ask.pool,
            transition="TX6",
            report_month=ask.report_month,
            approved_on=ask.on,
            source=ask.source,
            entered_on=ask.entered_on,
            pool_since=ask.pool_since,
            parent_id=ask.parent_id,
        )
    ]


def _given(value: Value | None) -> Value:
    if value is None:
        raise AssertionError("an application of this kind names it")
    return value
