"""查重裁定: the city judges whether two projects are one; what it judged bars or frees the way."""

from collections.abc import Sequence
from uuid import UUID

from contracts.intake import DuplicateJudged, Likeness
from services.intake.project.decider import Dossier, Project
from services.intake.project.rules import LABELS, unfit_text
from services.intake.review.commands import JudgeDuplicate
from services.intake.review.likeness import Judged, Suspect, is_judged
from services.intake.review.states import Review, application_of, has_been_reported
from shared.refusals import NotFound, Problem, Refusal, UnreadableInput


class DuplicateUndecided(Refusal):
    """Another project looks like the same one, and the city has not judged it yet."""

    code = "duplicate_undecided"
    title = "有疑似重复待裁定"


class DuplicateOfAnother(Refusal):
    """The city judged this one to be a duplicate, and that the other one stays."""

    code = "duplicate_of_another"
    title = "已裁定为重复"


class CountyComesFirst(Refusal):
    """Of a county's project and a bureau's that are one, the county's stays."""

    code = "county_comes_first"
    title = "归县区"


class ComparedOldEdition(Refusal):
    """One of the two was changed since they were looked at side by side."""

    code = "compared_old_edition"
    title = "所比的版本已变"


class JudgedByItsReporter(Refusal):
    """Who reported a project does not judge whether it is another's."""

    code = "judged_by_its_reporter"
    title = "不能裁定自己报送的项目"


def judge(
    ask: JudgeDuplicate,
    project: Project,
    review: Review,
    own: Likeness | None,
    judged: Judged,
) -> Sequence[DuplicateJudged]:
    """Judge whether this project and another are one; the same verdict again is none.

    ``own`` is what of this one is compared; None as long as a column of it is open.
    """
    if not isinstance(project, Dossier) or not has_been_reported(review):
        raise NotFound("没有这个项目，或它不在你单位的范围内。")
    application = application_of(review)
    if application is not None and ask.by.answers_for(application.submitted_by):
        raise JudgedByItsReporter("两件中有一件由你报送，是否重复须由他人裁定。")
    if own is None or project.revision != ask.on_revision:
        raise ComparedOldEdition(
            f"“{project.facts.name}”已到第 {project.revision} 版，与所比的不同，请重新比对再裁定。"
        )
    reason = _reason(ask.reason)
    keeps = _kept(ask) if ask.same else None
    verdict = DuplicateJudged(
        project_id=ask.project_id,
        other_id=ask.other_id,
        verdict="DUPLICATE" if ask.same else "DISTINCT",
        keeps=keeps,
        own=own,
        other=ask.other,
        similarity=ask.similarity,
        reason=reason,
        judged_on=ask.on,
        judged_by=ask.by.account,
    )
    before = judged.get(ask.other_id)
    return [] if before is not None and _same(before, verdict) else [verdict]


def _same(before: DuplicateJudged, verdict: DuplicateJudged) -> bool:
    """Tell whether it was judged so already, whoever said it and in whatever words."""
    said = {"reason", "judged_on", "judged_by", "similarity"}
    return before.model_dump(exclude=said) == verdict.model_dump(exclude=said)


def _kept(ask: JudgeDuplicate) -> UUID:
    """Give which of two that are one stays: a county's before a bureau's (市直与县区不可重复)."""
    if ask.own_of_county != ask.other_of_county:
        of_county = ask.project_id if ask.own_of_county else ask.other_id
        if ask.keeps not in {None, of_county}:
            raise CountyComesFirst(
                "市直或企业与县区（开发区）重复的，归县区。请保留县区报送的一件。"
            )
        return of_county
    if ask.keeps not in {ask.project_id, ask.other_id}:
        message = "两件都不是（或都是）县区报送的，要选定保留哪一件。"
        raise UnreadableInput(
            message, errors=[Problem("keeps", "保留的一件", "required", message, "请选一件。")]
        )
    return ask.keeps


def _reason(text: str) -> str:
    problems = [finding.problem for finding in unfit_text("reason", text)]
    if not text.strip():
        message = "裁定要写明理由，留作依据。"
        problems = [
            Problem("reason", LABELS["reason"], "required", message, "例：建设地块和主体都不同。")
        ]
    if problems:
        raise UnreadableInput("裁定理由填写有误，请按提示修改。", errors=problems)
    return text.strip()


def refuse_duplicates(
    project_id: UUID, own: Likeness, suspects: Sequence[Suspect], judged: Judged
) -> None:
    """Let nothing pass that may be, or was judged to be, another project told twice."""
    open_ones = [one for one in suspects if not is_judged(one, own, judged)]
    if open_ones:
        raise DuplicateUndecided(
            f"有 {len(open_ones)} 件疑似重复（名称相近、同一县区、总投资相差不大）还没有裁定。"
            "请市级初审员在“查重”中逐件比对裁定后再办；省级可先退回市级。"
        )
    for one in suspects:
        verdict = judged[one.project_id]
        if verdict.keeps not in {None, project_id}:
            raise DuplicateOfAnother(
                f"{verdict.judged_on} 已裁定与另一件重复、保留另一件，这件不能通过。"
                "请退回补正或不予入库；裁定有误的，先在“查重”中重新裁定。"
            )


def remembered(judged: Judged, event: DuplicateJudged) -> Judged:
    """Take in a verdict; of the same two the last one counts."""
    return {**judged, event.other_id: event}
