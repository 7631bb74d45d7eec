"""How a project comes from pool to pool: an application through the three levels (四库调库)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never
from uuid import UUID

from contracts.intake import (
    Matter,
    MoveApplied,
    MoveEffect,
    MoveWithdrawn,
    ProjectFacts,
    SplitPart,
    Standing,
)
from services.intake.move.commands import ApplyForMove
from services.intake.move.others import same_builder, same_place
from services.intake.move.refusals import (
    ConditionsMissing,
    MoveNotOpen,
    NoMoveToWithdraw,
    UnderApplication,
)
from services.intake.move.rules import Transition, grounds_of, unknown_papers, unmet
from services.intake.project.decider import Dossier, Project, owned
from services.intake.project.rules import LABELS, findings
from services.intake.review.commands import WithdrawReport
from services.intake.review.states import (
    Application,
    Approved,
    InOwnHands,
    Rejected,
    Review,
    SentBack,
    WithCity,
    WithProvince,
    next_level,
)
from services.intake.review.texts import demand, demand_fit
from shared.deadline import months_after
from shared.refusals import Problem, UnreadableInput

STANDINGS = {
    Standing.ACTIVE: "在库",
    Standing.HELD: "暂缓",
    Standing.ENDED: "已终止",
    Standing.OUT: "已调出",
    Standing.MERGED: "已并入另一个项目",
    Standing.SPLIT: "已拆分",
}

_STAY = {MoveEffect.HOLD, MoveEffect.RESUME, MoveEffect.MERGE}


def apply(
    ask: ApplyForMove, project: Project, review: Review, before: MoveApplied | None
) -> Sequence[MoveApplied]:
    """Apply for a move, or once more after a return; what it needs must be there.

    ``before`` is the application that was handed in last, if it was of this matter.
    """
    dossier = owned(project, ask.by)
    transition = ask.rules.transitions.get(ask.transition)
    if transition is None:
        message = f"没有“{ask.transition}”这种调库。"
        raise _unreadable([_problem("transition", "unknown_transition", message, "请选一种。")])
    if dossier.pool is None:
        raise MoveNotOpen("项目入库以后才能申请调库。")
    round_, application_id = _turn(ask, review, before)
    to = next_level(review, straight=ask.terms.straight)
    _demand_open(transition, dossier)
    _demand_fit_application(ask)
    missing = unmet(transition.conditions, grounds(ask, dossier))
    if missing:
        raise ConditionsMissing(
            f"“{transition.name}”还有 {len(missing)} 项条件不具备，补齐后再申请。", errors=missing
        )
    # What another move would need is no part of this one.
    holds = transition.effect is MoveEffect.HOLD
    merges = transition.effect is MoveEffect.MERGE
    return [
        MoveApplied(
            project_id=ask.project_id,
            application_id=application_id,
            owner_org=dossier.owner_org,
            revision=dossier.revision + 1,
            round=round_,
            transition=transition.code,
            effect=transition.effect,
            from_pool=dossier.pool,
            to_pool=dossier.pool if transition.effect in _STAY else transition.to,
            fast_track=transition.fast_track,
            reason=ask.reason.strip(),
            evidence=(*ask.evidence, *ask.permits.papers(transition.grounds)),
            hold_until=ask.hold_until if holds else None,
            resume_when=ask.resume_when.strip() if holds else None,
            absorbs=ask.absorbs.project_id if merges and ask.absorbs else None,
            duplicate=merges and ask.duplicate,
            parts=ask.parts if transition.effect is MoveEffect.SPLIT else (),
            report_month=f"{ask.on:%Y-%m}",
            applied_on=ask.on,
            applied_by=ask.by.account,
            to=to,
            term=ask.terms.of(to),
        )
    ]


def _turn(ask: ApplyForMove, review: Review, before: MoveApplied | None) -> tuple[int, UUID]:
    """Give which round this is, of which application."""
    match review:
        case Approved():
            return 1, ask.application_id
        case SentBack(asked=Application(matter=Matter.MOVE, round=rounds)) if before is not None:
            if before.transition != ask.transition:
                name = ask.rules.transitions[before.transition].name
                raise UnderApplication(f"退回的是“{name}”的申请。请补正后重报，或者先撤回它。")
            return rounds + 1, before.application_id
        case WithCity() | WithProvince() | SentBack():
            raise UnderApplication("这个项目已有申请在办，办结或者撤回以后再申请。")
        case InOwnHands() | Rejected():
            raise MoveNotOpen("项目没有入库，不能申请调库。")
        case _:
            assert_never(review)


def _demand_open(transition: Transition, dossier: Dossier) -> None:
    held = dossier.standing is Standing.HELD
    stands = dossier.standing in {Standing.ACTIVE, Standing.HELD}
    if not stands or (held and not transition.held) or (not held and not transition.active):
        raise MoveNotOpen(
            f"项目现在是“{STANDINGS[dossier.standing]}”，不能申请“{transition.name}”。"
        )
    if dossier.pool not in transition.origins:
        raise MoveNotOpen(f"从项目现在的库不能申请“{transition.name}”。")


def is_open(transition: Transition, dossier: Dossier, review: Review) -> bool:
    """Tell whether a move may be asked from where the project stands, whatever it needs."""
    try:
        _demand_open(transition, dossier)
    except MoveNotOpen:
        return False
    match review:
        case Approved() | SentBack(asked=Application(matter=Matter.MOVE)):
            return True
        case _:
            return False


def grounds(ask: ApplyForMove, dossier: Dossier) -> frozenset[str]:
    """Name what is there for the move that is asked."""
    own = frozenset(_grounds(ask, dossier.facts))
    there = grounds_of(
        dossier.facts,
        ask.works,
        ask.reason,
        ask.evidence,
        kept=dossier.papers,
        permits=ask.permits,
    )
    return there | own


def _grounds(ask: ApplyForMove, facts: ProjectFacts) -> Iterator[str]:
    latest = months_after(ask.on, ask.rules.longest_hold_months)
    if ask.hold_until is not None and ask.on < ask.hold_until <= latest:
        yield "hold.until"
    if ask.resume_when.strip():
        yield "hold.condition"
    if ask.absorbs is not None:
        if ask.absorbs.free and ask.absorbs.project_id != ask.project_id:
            yield "other.free"
        if same_builder(facts, ask.absorbs.facts):
            yield "other.same_builder"
        if same_place(facts, ask.absorbs.facts):
            yield "other.same_place"
    names = {part.facts.name for part in ask.parts}
    if len(ask.parts) > 1 and len(names) == len(ask.parts):
        yield "parts.several"
    if sum(part.facts.total_investment or 0 for part in ask.parts) == facts.total_investment:
        yield "parts.sum"


def _demand_fit_application(ask: ApplyForMove) -> None:
    """Refuse words with personal data, papers of no known sort, and parts whose form is wrong."""
    demand_fit({"reason": ask.reason, "resume_when": ask.resume_when})
    problems = unknown_papers(ask.evidence, ask.rules)
    for number, part in enumerate(ask.parts):
        problems += _wrong_columns(number, part, ask)
    if problems:
        raise _unreadable(problems)


def _wrong_columns(number: int, part: SplitPart, ask: ApplyForMove) -> Iterator[Problem]:
    for finding in findings(part.facts, ask.form, complete=True):
        if not finding.hint:
            found = finding.problem
            yield replace(found, field=f"parts.{number}.{found.field}")


def withdraw(
    ask: WithdrawReport, project: Project, review: Review, before: MoveApplied | None
) -> Sequence[MoveWithdrawn]:
    """Take the application back; the project stays where it is."""
    owned(project, ask.by)
    match review:
        case WithCity(returned=False) | SentBack() if before is not None:
            demand("reason", ask.reason, "撤回要写明理由。")
            demand_fit({"reason": ask.reason})
            return [
                MoveWithdrawn(
                    project_id=ask.project_id,
                    application_id=before.application_id,
                    reason=ask.reason.strip(),
                )
            ]
        case _:
            raise NoMoveToWithdraw("市级已经初审，或没有在办的调库申请，不能撤回。")


def _unreadable(problems: Sequence[Problem]) -> UnreadableInput:
    return UnreadableInput(f"有 {len(problems)} 处填写有误，请按提示修改。", errors=problems)


def _problem(field: str, rule: str, message: str, remedy: str) -> Problem:
    return Problem(field, LABELS[field], rule, message, remedy)
