"""开工、停工、复工、未停工、竣工: facts in the order of their days, each rectified by a new one."""

from collections.abc import Sequence
from typing import assert_never

from contracts.intake import (
    ConstructionFinished,
    ConstructionNeverStopped,
    ConstructionRectified,
    ConstructionResumed,
    ConstructionStarted,
    ConstructionStopped,
    ProgressEvent,
)
from services.intake.progress.commands import RecordWork, RectifyWork
from services.intake.progress.order import NAMES, out_of_order, placed, rectified
from services.intake.progress.reporting import demand_own_and_underway, refuse
from services.intake.progress.rules import found, unfit_at
from services.intake.progress.states import Progress, Work
from shared.refusals import Refusal


class EvidenceMissing(Refusal):
    """A fact about the works rests on a paper, and none of those that would do is there."""

    code = "evidence_missing"
    title = "缺佐证材料"


class OutOfOrder(Refusal):
    """Works begin, rest, go on and end in this order; what was recorded would not fit together."""

    code = "out_of_order"
    title = "与已登记的不符"


class NothingToRectify(Refusal):
    """No such thing was recorded of that day."""

    code = "nothing_to_rectify"
    title = "没有这条记录"


def record(ask: RecordWork, progress: Progress) -> Sequence[ProgressEvent]:
    """Record what happened to the works; told again it is nothing new."""
    demand_own_and_underway(ask)
    work = Work(ask.what, ask.happened_on)
    if work in progress.works:
        return []
    refuse([*unfit_at("note", ask.note)])
    if ask.happened_on > ask.on:
        refuse(
            [found("happened_on", "day_ahead", f" {ask.happened_on} 还没有到。", "请核对日期。")]
        )
    if ask.what == "STOPPED" and not ask.note.strip():
        refuse([found("note", "required", "没有填。", "停工要写明原因。")])
    if trouble := out_of_order(placed(progress.works, work)):
        raise OutOfOrder(trouble)
    _demand_papers(ask)
    return [_told(ask)]


def rectify(ask: RectifyWork, progress: Progress) -> Sequence[ProgressEvent]:
    """Put another day in the place of a wrong one, or take back what did not happen."""
    demand_own_and_underway(ask)
    refuse([*unfit_at("reason", ask.reason)])
    was = Work(ask.what, ask.was_on)
    named = NAMES[ask.what]
    if was not in progress.works:
        if ask.is_on and Work(ask.what, ask.is_on) in progress.works:
            return []
        raise NothingToRectify(f"没有登记过 {ask.was_on} {named}，不用更正。请核对原记日期。")
    if ask.is_on == ask.was_on:
        return []
    if not ask.reason.strip():
        refuse([found("reason", "required", "没有填。", "更正要写明原因和依据。")])
    if ask.is_on and ask.is_on > ask.on:
        refuse([found("is_on", "day_ahead", f" {ask.is_on} 还没有到。", "请核对日期。")])
    if trouble := out_of_order(rectified(progress.works, ask.what, ask.was_on, ask.is_on)):
        raise OutOfOrder(f"更正后{trouble}")
    return [
        ConstructionRectified(
            project_id=ask.project_id,
            owner_org=ask.project.owner_org,
            what=ask.what,
            was_on=ask.was_on,
            is_on=ask.is_on,
            reason=ask.reason.strip(),
            rectified_on=ask.on,
        )
    ]


def _demand_papers(ask: RecordWork) -> None:
    """Demand one of the papers that would do; whether it proves anything people judge."""
    wanted = ask.rules.papers.get(ask.what, ())
    if wanted and not any(paper.sort in wanted for paper in ask.evidence):
        named = "、".join(ask.rules.names.get(sort, sort) for sort in wanted)
        raise EvidenceMissing(
            f"登记{NAMES[ask.what]}要有佐证材料，至少一种：{named}。请上传后再提交。",
            wanted=list(wanted),
        )


def _told(ask: RecordWork) -> ProgressEvent:
    project_id, org, day = ask.project_id, ask.project.owner_org, ask.happened_on
    match ask.what:
        case "STARTED":
            return ConstructionStarted(
                project_id=project_id,
                owner_org=org,
                started_on=day,
                evidence=ask.evidence,
                note=ask.note.strip() or None,
            )
        case "STOPPED":
            return ConstructionStopped(
                project_id=project_id,
                owner_org=org,
                stopped_on=day,
                reason=ask.note.strip(),
                evidence=ask.evidence,
            )
        case "RESUMED":
            return ConstructionResumed(
                project_id=project_id, owner_org=org, resumed_on=day, evidence=ask.evidence
            )
        case "NEVER_STOPPED":
            return ConstructionNeverStopped(
                project_id=project_id,
                owner_org=org,
                year=day.year,
                said_on=day,
                evidence=ask.evidence,
            )
        case "FINISHED":
            return ConstructionFinished(
                project_id=project_id, owner_org=org, finished_on=day, evidence=ask.evidence
            )
        case _:
            assert_never(ask.what)
