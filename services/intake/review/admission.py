"""Admission to a pool (入库): how it is asked for, taken back, and what it comes to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from contracts.intake import (
    Holder,
    Matter,
    Pool,
    ProjectPooled,
    ReviewApproved,
    ReviewRejected,
    ReviewSubmitted,
    ReviewWithdrawn,
    Source,
)
from services.intake.move.rules import grounds_of, unknown_papers, unmet
from services.intake.project.decider import Dossier, Project, owned, refuse_ended, refuse_secret
from services.intake.project.rules import COLUMNS, findings
from services.intake.review.commands import (
    DirectEntry,
    ReportProject,
    ReviewFinally,
    ReviewFirst,
    WithdrawReport,
)
from services.intake.review.refusals import (
    AlreadyReported,
    HintsToConfirm,
    IncompleteFacts,
    TooLateToWithdraw,
)
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
from shared.refusals import Problem

PLANNED = "T01"
"""新增谋划: the way into a pool of what was planned here."""


def report(ask: ReportProject, project: Project, review: Review) -> Sequence[ReviewSubmitted]:
    """Report the newest edition; it must be complete, not secret, and its hints confirmed."""
    dossier = owned(project, ask.by)
    match review:
        case (
            InOwnHands(rounds=rounds)
            | SentBack(asked=Application(matter=Matter.ADMISSION, round=rounds))
        ):
            if not rounds:
                refuse_ended(ask.ended)
            to = next_level(review, straight=ask.terms.straight)
            return [_reported(ask, dossier, rounds + 1, to)]
        case WithCity(asked=Application(matter=Matter.ADMISSION, revision=revision)) if (
            revision == dossier.revision
        ):
            return []
        case SentBack() | WithCity() | WithProvince() | Approved() | Rejected():
            raise AlreadyReported("这个项目已经报送，正在审核或已有结论，不能再报。")
        case _:
            assert_never(review)


def _reported(ask: ReportProject, dossier: Dossier, round_: int, to: Holder) -> ReviewSubmitted:
    refuse_secret(ask.not_secret)
    results = findings(dossier.facts, ask.form, complete=True)
    errors = [f.problem for f in results if not f.hint]
    errors += _missing(ask.entry, dossier) if ask.entry else []
    if errors:
        raise IncompleteFacts(f"有 {len(errors)} 处未填或有误，改正后再报送。", errors=errors)
    open_hints = [f.problem for f in results if f.hint and f.problem.rule not in ask.accepted_hints]
    if open_hints:
        raise HintsToConfirm(
            f"有 {len(open_hints)} 处提示，请逐项核对；确认无误后勾选确认再报送。",
            errors=open_hints,
        )
    return ReviewSubmitted(
        project_id=ask.project_id,
        owner_org=dossier.owner_org,
        revision=dossier.revision,
        round=round_,
        report_month=f"{ask.on:%Y-%m}",
        submitted_on=ask.on,
        submitted_by=ask.by.account,
        hints_accepted=tuple(sorted({f.problem.rule for f in results if f.hint})),
        to=to,
        term=ask.terms.of(to),
        transition=ask.entry.way.code if ask.entry else PLANNED,
        pool=ask.entry.way.to if ask.entry else Pool.PLAN,
        reason=ask.entry.reason.strip() if ask.entry else "",
        evidence=ask.entry.evidence if ask.entry else (),
    )


def _missing(entry: DirectEntry, dossier: Dossier) -> list[Problem]:
    demand_fit({"reason": entry.reason})
    if wrong := unknown_papers(entry.evidence, entry.rules):
        return wrong
    grounds = grounds_of(dossier.facts, entry.works, entry.reason, entry.evidence)
    return unmet(entry.way.conditions, grounds)


def withdraw(ask: WithdrawReport, project: Project, review: Review) -> Sequence[ReviewWithdrawn]:
    """Take the report back, as long as the city has not reviewed it."""
    dossier = owned(project, ask.by)
    match review:
        case WithCity(returned=False):
            demand("reason", ask.reason, "撤回要写明理由。")
            demand_fit({"reason": ask.reason})
            return [
                ReviewWithdrawn(
                    project_id=ask.project_id, revision=dossier.revision, reason=ask.reason.strip()
                )
            ]
        case InOwnHands(rounds=rounds) if rounds:
            return []
        case InOwnHands() | WithCity() | WithProvince() | SentBack() | Approved() | Rejected():
            raise TooLateToWithdraw("市级已经初审，或没有在审的报送，不能撤回。")
        case _:
            assert_never(review)


@dataclass(frozen=True)
class Admission:
    """What the application of a dossier for a pool comes to."""

    dossier: Dossier
    asked: ReviewSubmitted

    @property
    def columns(self) -> Collection[str]:
        """What a remark may point to."""
        beside = {"reason", "evidence"} if self.asked.transition != PLANNED else set()
        return COLUMNS.keys() | beside

    def approved(self, ask: ReviewFinally) -> Sequence[ReviewApproved | ProjectPooled]:
        """Let the project in: into 谋划库 (T01), or straight into a later pool."""
        return [
            ReviewApproved(
                project_id=ask.project_id,
                revision=self.asked.revision,
                opinion=ask.opinion.strip(),
                document_number=ask.document_number,
            ),
            ProjectPooled(
                project_id=ask.project_id,
                owner_org=self.dossier.owner_org,
                owner_name=self.dossier.owner_name,
                revision=self.dossier.revision,
                facts=self.dossier.facts,
                pool=self.asked.pool,
                transition=self.asked.transition,
                report_month=self.asked.report_month,
                approved_on=ask.on,
                source=Source.PLANNED if self.asked.transition == PLANNED else Source.DIRECT,
            ),
        ]

    def refused(
        self, ask: ReviewFirst | ReviewFinally, by: Literal["CITY", "PROVINCE"]
    ) -> Sequence[ReviewRejected]:
        """Refuse admission for good."""
        return [
            ReviewRejected(
                project_id=ask.project_id,
                revision=self.asked.revision,
                rejected_by=by,
                opinion=ask.opinion.strip(),
            )
        ]
