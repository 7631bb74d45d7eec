"""月报: a month is reported, corrected, opened with what came before, or told missing."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.intake import ProgressMissed, ProgressOpened, ProgressReported
from services.intake.progress.commands import (
    OpenProgress,
    OwnCommand,
    ReportProgress,
    TellMissed,
)
from services.intake.progress.rules import LABELS, REPORT_RULES, found
from services.intake.progress.states import Progress
from services.intake.project.rules import Finding
from services.intake.review.refusals import HintsToConfirm
from shared.refusals import NotFound, Refusal, UnreadableInput


class NotUnderway(Refusal):
    """Months and works are those of a project that is in a pool and has come to no end."""

    code = "not_underway"
    title = "不在库"


class CorrectionWithoutReason(Refusal):
    """A month that was reported is changed by a later edition, which says why."""

    code = "correction_without_reason"
    title = "更正要写原因"


class OpeningSettled(Refusal):
    """What came before was told, and months rest on it."""

    code = "opening_settled"
    title = "期初累计已定"


def report(ask: ReportProgress, progress: Progress) -> Sequence[ProgressReported]:
    """Report a month, or correct it; late or not, that is a fact."""
    demand_own_and_underway(ask)
    earlier = progress.months.get(ask.month)
    fact = _reported(ask, earlier)
    if earlier is not None:
        if _says_the_same(fact, earlier):
            return []
        if not ask.reason.strip():
            raise CorrectionWithoutReason(
                f"{ask.month} 已经报过（{earlier.reported_on}）。"
                f"要更正的，请在“{LABELS['reason']}”里写明。"
            )
    after = replace(progress, months={**progress.months, ask.month: fact})
    _refuse_what_is_wrong([one for rule in REPORT_RULES for one in rule(ask, after)], ask)
    return [
        fact.model_copy(
            update={
                "invested_this_year": after.invested_in_year(ask.month),
                "invested_in_all": after.invested_until(ask.month),
            }
        )
    ]


def open_progress(ask: OpenProgress, progress: Progress) -> Sequence[ProgressOpened]:
    """Tell what had been done before; it may be told anew until a month rests on it."""
    demand_own_and_underway(ask)
    fact = ProgressOpened(
        project_id=ask.project_id,
        owner_org=ask.project.owner_org,
        as_of=ask.as_of,
        invested_in_all=ask.invested_in_all,
        invested_this_year=ask.invested_this_year,
        milestones=ask.milestones,
        evidence=ask.evidence,
    )
    if fact == progress.opening:
        return []
    if progress.months:
        raise OpeningSettled(
            "已经报过月报，期初累计不能再改。数字有误的，请在有关月份的月报里更正或冲减。"
        )
    wrong = []
    if ask.as_of > ask.on:
        wrong.append(
            found("as_of", "day_ahead", f" {ask.as_of} 还没有到。", "请填今天以前的日期。")
        )
    if ask.invested_this_year > ask.invested_in_all:
        wrong.append(
            found("invested_this_year", "more_than_all", "超过自开工累计。", "请核对两个数。")
        )
    known = {one.code for one in ask.rules.milestones}
    wrong += [
        found(f"milestones.{n}.milestone", "unknown_milestone", "不在清单里。", "请从清单中选。")
        for n, one in enumerate(ask.milestones)
        if one.milestone not in known
    ]
    refuse(wrong)
    return [fact]


def tell_missed(ask: TellMissed, progress: Progress) -> Sequence[ProgressMissed]:
    """Tell once of each month that it was not reported although its day is over."""
    settled = progress.months.keys() | progress.missed
    opened = f"{progress.opening.as_of:%Y-%m}" if progress.opening else ""
    return [
        ProgressMissed(
            project_id=ask.project_id,
            owner_org=ask.owner_org,
            month=one.month,
            due=one.due,
            told_on=ask.on,
        )
        for one in ask.months
        if one.month not in settled and one.month > opened and ask.on > one.due
    ]


def demand_own_and_underway(ask: OwnCommand) -> None:
    """Refuse whoever's project it is not, and what is in no pool or has come to an end."""
    if not ask.by.works_for(ask.project.owner_org):
        raise NotFound("没有这个项目，或它不在你单位的范围内。")
    if not ask.project.goes_on:
        where = "还没有入库" if ask.project.pool is None else "已经终止、调出、合并或拆分"
        raise NotUnderway(f"项目{where}，不报月报，也不登记开工、停工、竣工。")


def refuse(found_wrong: Sequence[Finding]) -> None:
    """Refuse with everything that is wrong, if anything is."""
    errors = [one.problem for one in found_wrong if not one.hint]
    if errors:
        raise UnreadableInput(f"有 {len(errors)} 处填写有误，请按提示修改。", errors=errors)


def _refuse_what_is_wrong(results: Sequence[Finding], ask: ReportProgress) -> None:
    refuse(results)
    open_hints = [
        one.problem for one in results if one.hint and one.problem.rule not in ask.accepted_hints
    ]
    if open_hints:
        raise HintsToConfirm(
            f"有 {len(open_hints)} 处提示，请逐项核对；确认无误后勾选确认再报。", errors=open_hints
        )


def _reported(ask: ReportProgress, earlier: ProgressReported | None) -> ProgressReported:
    """Write the report down; its totals are counted once it is among the months."""
    return ProgressReported(
        project_id=ask.project_id,
        owner_org=ask.project.owner_org,
        month=ask.month,
        edition=earlier.edition + 1 if earlier else 1,
        invested=ask.invested,
        funds=tuple(part for part in ask.funds if part.amount),
        invested_this_year=0,
        invested_in_all=0,
        milestones=ask.milestones,
        problems=ask.problems,
        text=ask.text.strip(),
        evidence=ask.evidence,
        due=ask.due,
        reported_on=ask.on,
        # Who corrects has reported before: that he was late, or not, stands in the first edition.
        late=earlier.late if earlier else ask.on > ask.due,
        reason=ask.reason.strip() or None,
    )


_OF_THE_MONTH = ("invested", "funds", "milestones", "problems", "text", "evidence")


def _says_the_same(fact: ProgressReported, earlier: ProgressReported) -> bool:
    return all(getattr(fact, name) == getattr(earlier, name) for name in _OF_THE_MONTH)
