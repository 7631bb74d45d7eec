"""Accepted facts are corrected by request, through the three levels; until then they hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never
from uuid import UUID

from contracts.intake import (
    CorrectionApproved,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    Evidence,
    Matter,
    ProjectCorrected,
    ProjectFacts,
    Standing,
)
from services.intake.correction.commands import CorrectionRules, RequestCorrection
from services.intake.move.refusals import UnderApplication
from services.intake.project.decider import Dossier, Project, owned, refuse_secret
from services.intake.project.rules import COLUMNS, LABELS, findings
from services.intake.review.commands import ReviewFinally, ReviewFirst, WithdrawReport
from services.intake.review.refusals import HintsToConfirm, IncompleteFacts, TooLateToWithdraw
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
from shared.refusals import Problem, Refusal

# Whom to call is named at any time and no part of what is reviewed.
_COLUMNS = tuple(name for name in ProjectFacts.model_fields if name != "contact_id")


class NothingToCorrect(Refusal):
    """What is asked for is what was accepted."""

    code = "nothing_to_correct"
    title = "没有要更正的内容"


class NotAcceptedYet(Refusal):
    """Before a project is in a pool its facts are edited, after it has left they stay."""

    code = "not_accepted_yet"
    title = "不能申请更正"


def changed_columns(old: ProjectFacts, new: ProjectFacts) -> tuple[str, ...]:
    """Name the columns that differ, in the order of the form."""
    return tuple(name for name in _COLUMNS if getattr(old, name) != getattr(new, name))


def request(
    ask: RequestCorrection, project: Project, review: Review, before: CorrectionRequested | None
) -> Sequence[CorrectionRequested]:
    """Ask that accepted facts be corrected, or once more after a return.

    ``before`` is the request that was handed in last, if it was of this matter.
    """
    dossier = owned(project, ask.by)
    refuse_secret(ask.not_secret)
    if dossier.pool is None:
        raise NotAcceptedYet("项目还没有入库。草稿和退回件可以直接修改，不用申请更正。")
    if dossier.standing not in {Standing.ACTIVE, Standing.HELD}:
        raise NotAcceptedYet("项目已终止、调出、合并或拆分，内容不再更正。")
    round_, application_id = _turn(ask, review, before)
    facts = _laid_out_as(dossier.facts, ask.facts)
    changed = changed_columns(dossier.facts, facts)
    if not changed:
        raise NothingToCorrect("填的和已入库的内容一样。请先改好要更正的栏目。")
    _demand_sound(ask, facts, changed)
    to = next_level(review, straight=ask.terms.straight)
    return [
        CorrectionRequested(
            project_id=ask.project_id,
            application_id=application_id,
            owner_org=dossier.owner_org,
            revision=dossier.revision + 1,
            round=round_,
            facts=facts,
            changed=changed,
            reason=ask.reason.strip(),
            evidence=ask.evidence,
            report_month=f"{ask.on:%Y-%m}",
            requested_on=ask.on,
            requested_by=ask.by.account,
            to=to,
            term=ask.terms.of(to),
        )
    ]


def _laid_out_as(accepted: ProjectFacts, asked: ProjectFacts) -> ProjectFacts:
    """Give what is asked with whom to call, and in which order sources stand, as was accepted."""
    kept: dict[str, object] = {"contact_id": accepted.contact_id}
    if {*asked.funding} == {*accepted.funding} and len(asked.funding) == len(accepted.funding):
        kept["funding"] = accepted.funding
    return asked.model_copy(update=kept)


def _turn(
    ask: RequestCorrection, review: Review, before: CorrectionRequested | None
) -> tuple[int, UUID]:
    """Give which round this is, of which application."""
    match review:
        case Approved():
            return 1, ask.application_id
        case SentBack(asked=Application(matter=Matter.CORRECTION, round=rounds)) if before:
            return rounds + 1, before.application_id
        case WithCity() | WithProvince() | SentBack():
            raise UnderApplication("这个项目已有申请在办，办结或者撤回以后再申请更正。")
        case InOwnHands() | Rejected():
            raise NotAcceptedYet("项目没有入库，不能申请更正。")
        case _:
            assert_never(review)


def _demand_sound(ask: RequestCorrection, facts: ProjectFacts, changed: Sequence[str]) -> None:
    """Refuse columns against their rules, words unfit to be kept, and missing papers."""
    demand("reason", ask.reason, "更正要写明理由。")
    demand_fit({"reason": ask.reason})
    results = findings(facts, ask.form, complete=True)
    errors = [finding.problem for finding in results if not finding.hint]
    errors += _wrong_papers(ask.evidence, changed, ask.rules)
    if errors:
        raise IncompleteFacts(f"有 {len(errors)} 处未填或有误，改正后再申请。", errors=errors)
    hints = [finding.problem for finding in results if finding.hint]
    open_hints = [hint for hint in hints if hint.rule not in ask.accepted_hints]
    if open_hints:
        raise HintsToConfirm(
            f"有 {len(open_hints)} 处提示，请逐项核对；确认无误后勾选确认再申请。",
            errors=open_hints,
        )


def _wrong_papers(
    evidence: Sequence[Evidence], changed: Sequence[str], rules: CorrectionRules
) -> list[Problem]:
    label = LABELS["evidence"]
    found = [
        Problem(
            f"evidence.{number}.sort",
            label,
            "unknown_evidence",
            f"没有“{sort}”这种佐证材料。",
            "请从列出的材料种类中选。",
        )
        for number, sort in enumerate(paper.sort for paper in evidence)
        if sort not in rules.evidence
    ]
    on_papers = [LABELS[name] for name in changed if name in rules.columns_on_papers]
    if on_papers and not evidence:
        message = f"更正{'、'.join(on_papers)}要附佐证材料。"
        found.append(
            Problem("evidence", label, "evidence_required", message, "请上传批复或证明文件。")
        )
    return found


def withdraw(
    ask: WithdrawReport, project: Project, review: Review, before: CorrectionRequested | None
) -> Sequence[CorrectionWithdrawn]:
    """Take the request back; what was accepted holds."""
    owned(project, ask.by)
    match review:
        case WithCity(returned=False) | SentBack() if before is not None:
            demand("reason", ask.reason, "撤回要写明理由。")
            demand_fit({"reason": ask.reason})
            return [
                CorrectionWithdrawn(
                    project_id=ask.project_id,
                    application_id=before.application_id,
                    reason=ask.reason.strip(),
                )
            ]
        case _:
            raise TooLateToWithdraw("市级已经初审，或没有在办的更正申请，不能撤回。")


@dataclass(frozen=True)
class Correction:
    """What a request for a correction comes to."""

    dossier: Dossier
    asked: CorrectionRequested

    @property
    def columns(self) -> Collection[str]:
        """What a remark may point to."""
        return COLUMNS.keys() | {"reason", "evidence"}

    def approved(self, ask: ReviewFinally) -> Sequence[CorrectionApproved | ProjectCorrected]:
        """Approve, and let the corrected facts hold from now on; whom to call stays as it is."""
        return [
            CorrectionApproved(
                project_id=ask.project_id,
                application_id=self.asked.application_id,
                revision=self.asked.revision,
                opinion=ask.opinion.strip(),
                document_number=ask.document_number,
            ),
            ProjectCorrected(
                project_id=ask.project_id,
                application_id=self.asked.application_id,
                revision=self.asked.revision + 1,
                facts=self.asked.facts.model_copy(
                    update={"contact_id": self.dossier.facts.contact_id}
                ),
                changed=self.asked.changed,
                reason=self.asked.reason,
                corrected_on=ask.on,
            ),
        ]

    def refused(
        self, ask: ReviewFirst | ReviewFinally, by: Literal["CITY", "PROVINCE"]
    ) -> Sequence[CorrectionRefused]:
        """Refuse the correction; what was accepted holds."""
        return [
            CorrectionRefused(
                project_id=ask.project_id,
                application_id=self.asked.application_id,
                revision=self.asked.revision,
                refused_by=by,
                opinion=ask.opinion.strip(),
            )
        ]
