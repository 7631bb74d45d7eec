"""What the three levels may decide: 县级报送, 市级初审, 省级审核 (晋市政办〔2019〕16号 十六条)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from contracts.intake import (
    DuplicateJudged,
    Holder,
    Level,
    Pool,
    ProjectEvent,
    ProjectPooled,
    Remark,
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
from services.intake.project.decider import (
    Dossier,
    Project,
    owned,
    refuse_ended,
    refuse_secret,
)
from services.intake.project.rules import COLUMNS, LABELS, findings, unfit_text
from services.intake.review.commands import (
    ReportProject,
    ReviewFinally,
    ReviewFirst,
    Verdict,
    WithdrawReport,
)
from services.intake.review.states import (
    Approved,
    InOwnHands,
    OpenTerm,
    Rejected,
    Review,
    SentBack,
    WithCity,
    WithProvince,
)
from services.intake.review.timekeeping import with_days, with_overdue_told
from shared.refusals import NotFound, Problem, Refusal, UnreadableInput


class IncompleteFacts(Refusal):
    """The form lacks a column, or one breaks its rule."""

    code = "incomplete_facts"
    status = 422
    title = "要素不齐或有误"


class HintsToConfirm(Refusal):
    """The form may be reported once the clerk has confirmed what looks unusual."""

    code = "hints_to_confirm"
    title = "有提示待确认"


class AlreadyReported(Refusal):
    """The dossier is under review or decided."""

    code = "already_reported"
    title = "已经报送"


class NotUnderReview(Refusal):
    """The dossier is not where this decision would be taken."""

    code = "not_under_review"
    title = "不在待审之列"


class DecidedOnOldRevision(Refusal):
    """The reviewer looked at another edition than the one that lies there now."""

    code = "decided_on_old_revision"
    title = "所依据的版本已变"


class ReviewedByItsReporter(Refusal):
    """Who reported a project does not review it (报送≠初审≠审核)."""

    code = "reviewed_by_its_reporter"
    title = "不能审核自己报送的项目"


class ReviewedTwiceByOne(Refusal):
    """Who made the first review does not make the final one."""

    code = "reviewed_twice_by_one"
    title = "初审与审核不能是同一人"


class TooLateToWithdraw(Refusal):
    """The city has already looked at it."""

    code = "too_late_to_withdraw"
    title = "不能撤回"


def report(ask: ReportProject, project: Project, review: Review) -> Sequence[ReviewEvent]:
    """Report the newest edition; it must be complete, not secret, and its hints confirmed."""
    dossier = owned(project, ask.by)
    match review:
        case InOwnHands(rounds=rounds) | SentBack(rounds=rounds):
            if not rounds:
                refuse_ended(ask.ended)
            return [_reported(ask, dossier, rounds + 1)]
        case WithCity(revision=revision) if revision == dossier.revision:
            return []
        case WithCity() | WithProvince() | Approved() | Rejected():
            raise AlreadyReported("这个项目已经报送，正在审核或已有结论，不能再报。")
        case _:
            assert_never(review)


def _reported(ask: ReportProject, dossier: Dossier, round_: int) -> ReviewSubmitted:
    refuse_secret(ask.not_secret)
    results = findings(dossier.facts, ask.form, complete=True)
    errors = [f.problem for f in results if not f.hint]
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
        term=ask.terms.city,
    )


def withdraw(ask: WithdrawReport, project: Project, review: Review) -> Sequence[ReviewEvent]:
    """Take the report back, as long as the city has not reviewed it."""
    dossier = owned(project, ask.by)
    match review:
        case WithCity(returned=False):
            _demand("reason", ask.reason, "撤回要写明理由。")
            _demand_fit_texts({"reason": ask.reason})
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


def review_first(ask: ReviewFirst, project: Project, review: Review) -> Sequence[ReviewEvent]:
    """Take the city's decision."""
    _reported_dossier(project, review)
    match review:
        case WithCity():
            if ask.by.answers_for(review.submitted_by):
                raise ReviewedByItsReporter("你是这个项目的报送人，初审须由他人办理。")
            _demand_revision(ask.on_revision, review.revision)
            _demand_fit_texts({"opinion": ask.opinion}, ask.remarks)
            return [_first_outcome(ask, review)]
        case InOwnHands() | WithProvince() | SentBack() | Approved() | Rejected():
            raise NotUnderReview("这个项目现在不在待初审之列，可能已由他人办理。")
        case _:
            assert_never(review)


def _first_outcome(ask: ReviewFirst, review: WithCity) -> ReviewEvent:
    match ask.verdict:
        case Verdict.PASS:
            return ReviewPassedFirst(
                project_id=ask.project_id,
                revision=review.revision,
                reviewed_by=ask.by.account,
                opinion=ask.opinion.strip(),
                term=ask.terms.province,
            )
        case Verdict.RETURN:
            _demand("opinion", ask.opinion, "退回要写明需要补正什么。")
            return ReviewReturned(
                project_id=ask.project_id,
                revision=review.revision,
                returned_by="CITY",
                to=Level.REPORTER,
                opinion=ask.opinion.strip(),
                remarks=_known_columns(ask.remarks),
                term=ask.terms.reporter,
            )
        case Verdict.REJECT:
            _demand("opinion", ask.opinion, "不予入库要写明理由和依据。")
            return ReviewRejected(
                project_id=ask.project_id,
                revision=review.revision,
                rejected_by="CITY",
                opinion=ask.opinion.strip(),
            )
        case _:
            assert_never(ask.verdict)


def review_finally(
    ask: ReviewFinally, project: Project, review: Review
) -> Sequence[ReviewEvent | ProjectEvent]:
    """Take the province's decision; an approval lets the project into 谋划库 (T01)."""
    dossier = _reported_dossier(project, review)
    match review:
        case WithProvince():
            if ask.by.answers_for(review.submitted_by):
                raise ReviewedByItsReporter("你是这个项目的报送人，审核须由他人办理。")
            if ask.by.answers_for(review.first_reviewed_by):
                raise ReviewedTwiceByOne("你是这个项目的初审人，审核须由他人办理。")
            _demand_revision(ask.on_revision, review.revision)
            number = ask.document_number or ""
            _demand_fit_texts({"opinion": ask.opinion, "document_number": number}, ask.remarks)
            return _final_outcome(ask, dossier, review)
        case InOwnHands() | WithCity() | SentBack() | Approved() | Rejected():
            raise NotUnderReview("这个项目现在不在待审核之列，可能已由他人办理。")
        case _:
            assert_never(review)


def _final_outcome(
    ask: ReviewFinally, dossier: Dossier, review: WithProvince
) -> Sequence[ReviewEvent | ProjectEvent]:
    match ask.verdict:
        case Verdict.PASS:
            return [
                ReviewApproved(
                    project_id=ask.project_id,
                    revision=review.revision,
                    opinion=ask.opinion.strip(),
                    document_number=ask.document_number,
                ),
                ProjectPooled(
                    project_id=ask.project_id,
                    owner_org=dossier.owner_org,
                    owner_name=dossier.owner_name,
                    revision=dossier.revision,
                    facts=dossier.facts,
                    pool=Pool.PLAN,
                    transition="T01",
                    report_month=review.report_month,
                    approved_on=ask.on,
                ),
            ]
        case Verdict.RETURN:
            _demand("opinion", ask.opinion, "退回要写明需要补正什么。")
            return [
                ReviewReturned(
                    project_id=ask.project_id,
                    revision=review.revision,
                    returned_by="PROVINCE",
                    to=ask.to,
                    opinion=ask.opinion.strip(),
                    remarks=_known_columns(ask.remarks),
                    term=ask.terms.city if ask.to is Level.CITY else ask.terms.reporter,
                )
            ]
        case Verdict.REJECT:
            _demand("opinion", ask.opinion, "不予入库要写明理由和依据。")
            return [
                ReviewRejected(
                    project_id=ask.project_id,
                    revision=review.revision,
                    rejected_by="PROVINCE",
                    opinion=ask.opinion.strip(),
                )
            ]
        case _:
            assert_never(ask.verdict)


def _reported_dossier(project: Project, review: Review) -> Dossier:
    drafting = isinstance(review, InOwnHands)
    if not isinstance(project, Dossier) or drafting:
        raise NotFound("没有这个项目，或它不在你单位的范围内。")
    return project


def _demand(field: str, text: str, message: str) -> None:
    if not text.strip():
        label = LABELS[field]
        raise UnreadableInput(
            message, errors=[Problem(field, label, "required", message, f"请填写{label}。")]
        )


def _demand_fit_texts(texts: Mapping[str, str], remarks: Sequence[Remark] = ()) -> None:
    found = [f.problem for field, text in texts.items() for f in unfit_text(field, text)]
    for number, remark in enumerate(remarks):
        found += [
            replace(f.problem, field=f"remarks.{number}.text")
            for f in unfit_text("remarks.text", remark.text)
        ]
    if found:
        raise UnreadableInput(f"有 {len(found)} 处填写有误，请按提示修改。", errors=found)


def _demand_revision(seen: int, present: int) -> None:
    if seen != present:
        raise DecidedOnOldRevision(
            f"你看的是第 {seen} 版，现在是第 {present} 版。请看过变化后再提交，你写的意见仍在。",
            present_revision=present,
        )


def _known_columns(remarks: tuple[Remark, ...]) -> tuple[Remark, ...]:
    unknown = sorted({remark.field for remark in remarks} - COLUMNS.keys())
    if unknown:
        message = f"意见指向的栏目不存在：{'、'.join(unknown)}。"
        raise UnreadableInput(
            message,
            errors=[Problem("remarks", "分栏意见", "unknown_field", message, "请选表中的栏目。")],
        )
    return remarks


def evolve(review: Review, event: ReviewEvent) -> Review:
    """Take in a fact."""
    match event:
        case ReviewSubmitted():
            return WithCity(
                event.revision,
                event.round,
                event.report_month,
                event.submitted_by,
                OpenTerm(Holder.CITY, event.term),
            )
        case ReviewWithdrawn():
            return InOwnHands(_rounds(review))
        case ReviewPassedFirst():
            return WithProvince(
                event.revision,
                _rounds(review),
                _report_month(review),
                _submitted_by(review),
                event.reviewed_by,
                OpenTerm(Holder.PROVINCE, event.term),
            )
        case ReviewReturned(to=Level.CITY):
            return WithCity(
                event.revision,
                _rounds(review),
                _report_month(review),
                _submitted_by(review),
                OpenTerm(Holder.CITY, event.term),
                returned=True,
            )
        case ReviewReturned():
            return SentBack(_rounds(review), OpenTerm(Holder.REPORTER, event.term))
        case ReviewRejected():
            return Rejected()
        case ReviewApproved():
            return Approved()
        case ReviewOverdue():
            return with_overdue_told(review)
        case ReviewTermMoved(new=term):
            return with_days(review, term)
        case ReviewTaken() | ReviewHandedOver() | DuplicateJudged():
            return review
        case _:
            assert_never(event)


def _rounds(review: Review) -> int:
    match review:
        case InOwnHands() | WithCity() | WithProvince() | SentBack():
            return review.rounds
        case Approved() | Rejected():
            return 0
        case _:
            assert_never(review)


def _report_month(review: Review) -> str:
    return review.report_month if isinstance(review, WithCity | WithProvince) else ""


def _submitted_by(review: Review) -> str:
    return review.submitted_by if isinstance(review, WithCity | WithProvince) else ""
