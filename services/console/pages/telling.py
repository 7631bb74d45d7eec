"""A project's history in words: who did what, when, what changed, and on which edition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, assert_never

from contracts.intake import (
    CorrectionApproved,
    CorrectionEvent,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    DuplicateJudged,
    Holder,
    Level,
    MoveApplied,
    MoveApproved,
    MoveEvent,
    MoveRefused,
    MoveWithdrawn,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectFacts,
    ProjectPooled,
    ProjectRevised,
    ProjectTagged,
    ProjectUntagged,
    Remark,
    ReviewApproved,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
    Source,
    Term,
)
from services.console.pages import moving, names, tag_words, words
from services.console.pages.difference import Change, compare
from services.console.pages.entry import Entry
from services.console.pages.reading import editions
from services.console.pages.rules import Rules, Terms
from shared.units import Units

Mark = Literal["", "key", "back", "other"]

_WAYS_IN = {Source.DIRECT: "直接入库，不计转化"}
_WHOSE = {Holder.CITY: "市级初审", Holder.PROVINCE: "省级审核", Holder.REPORTER: "补正重报"}


@dataclass(frozen=True)
class Told:
    """One line of the history."""

    entry: Entry
    title: str
    mark: Mark
    who: str
    opinion: str = ""
    remarks: tuple[Remark, ...] = ()
    changes: tuple[Change, ...] = ()
    revision: int | None = None
    took: str = ""
    note: str = ""
    withheld: str = ""
    placed: bool = True

    def for_reader(self, *, comments: bool, placed: bool, duplicates: bool) -> "Told":
        """Give what is for a reader, who may not read what reviewers wrote or where it stands.

        With what a project was compared is not for everybody who sees the project.
        """
        if isinstance(self.entry.event, DuplicateJudged):
            if duplicates:
                return replace(self, placed=placed)
            hidden = "与哪一件比对、理由是什么，由市级初审员查看。"
            return replace(self, opinion="", note="", withheld=hidden, placed=placed)
        if comments or not (self.opinion or self.remarks):
            return replace(self, placed=placed)
        hidden = "意见内容由填报单位、审核单位、领导组办公室和督查室查看。"
        return replace(self, opinion="", remarks=(), withheld=hidden, placed=placed)


@dataclass
class _Clock:
    """Since when the dossier has lain with the reviewer who acts next, and his term."""

    rules: Rules
    since: datetime | None = None
    term: str = ""

    def terms(self, entry: Entry) -> Terms:
        return self.rules.on(words.local_day(entry.recorded))

    def lies_with(self, since: datetime, term: str = "") -> None:
        self.since, self.term = since, term

    def took(self, until: datetime) -> str:
        if self.since is None or not self.term:
            return ""
        stay = words.span(until - self.since)
        gap = " " if stay[0].isdecimal() else ""
        return f"用时{gap}{stay}，{self.term}"


def tell(history: Sequence[Entry], units: Units, on: date, rules: Rules) -> tuple[Told, ...]:
    """Tell what happened, oldest first; each step with the term that its day knew."""
    clock = _Clock(rules)
    known = editions(history)
    return tuple(
        _told(entry, known, clock, names.organisation(entry.org, units, on), on)
        for entry in history
    )


def last_return(history: Sequence[Entry]) -> ReviewReturned | None:
    """Give the last return with its remarks."""
    return next(
        (entry.event for entry in reversed(history) if isinstance(entry.event, ReviewReturned)),
        None,
    )


def _told(
    entry: Entry, known: Mapping[int, ProjectFacts], clock: _Clock, unit: str, on: date
) -> Told:
    by_clock = entry.account == "system"
    who = "系统按时记录" if by_clock else f"{unit} {names.role(entry.role)}"
    if isinstance(entry.event, MoveEvent):
        return _of_move(entry, entry.event, clock, who, on)
    if isinstance(entry.event, CorrectionEvent):
        return _of_correction(entry, entry.event, known, clock, who, on)
    return _of_admission(entry, known, clock, who, on)


def _of_admission(
    entry: Entry, known: Mapping[int, ProjectFacts], clock: _Clock, who: str, on: date
) -> Told:
    took = clock.took(entry.recorded)
    match entry.event:
        case ProjectDrafted(revision=revision):
            return Told(entry, "建立草稿", "", who, revision=revision)
        case ProjectRevised(revision=revision, facts=facts):
            changes = compare(known[revision - 1], facts, on) if revision - 1 in known else ()
            return Told(entry, "修改", "", who, changes=changes, revision=revision)
        case ProjectDiscarded():
            return Told(entry, "撤销草稿", "other", who)
        case (
            ProjectContactNamed()
            | ProjectContactErased()
            | DuplicateJudged()
            | ReviewTaken()
            | ReviewHandedOver()
            | ProjectTagged()
            | ProjectUntagged()
        ) as beside:
            return _beside(entry, beside, who, on)
        case ReviewSubmitted(revision=revision) as sent:
            straight = sent.to is Holder.PROVINCE
            terms = clock.terms(entry)
            days = terms.final_review if straight else terms.first_review
            clock.lies_with(entry.recorded, words.limit(days))
            again = "补正后直接重报省级" if straight else "补正后重报"
            title = "报送市级初审" if sent.round <= 1 else f"{again}（第 {sent.round} 次报送）"
            accepted = len(sent.hints_accepted)
            due = _due(sent.term, "审核" if straight else "初审", on)
            note = f"报送月份 {words.month(sent.report_month)}{due}"
            if accepted:
                note += f"，确认提示 {accepted} 条"
            return Told(entry, title, "", who, revision=revision, note=note)
        case ReviewWithdrawn(revision=revision, reason=reason):
            clock.lies_with(entry.recorded)
            return Told(entry, "撤回报送", "back", who, reason, revision=revision)
        case ReviewPassedFirst(revision=revision, opinion=opinion) as passed:
            clock.lies_with(entry.recorded, words.limit(clock.terms(entry).final_review))
            note = f"报省发改委{_due(passed.term, '审核', on)}"
            return Told(
                entry, "市级初审通过", "key", who, opinion, revision=revision, took=took, note=note
            )
        case ReviewReturned() as back:
            city = back.to == Level.CITY
            term = words.limit(clock.terms(entry).first_review) if city else ""
            clock.lies_with(entry.recorded, term)
            return Told(
                entry,
                "退回市级" if city else "退回补正",
                "back",
                who,
                back.opinion,
                back.remarks,
                revision=back.revision,
                took=took,
                note=f"退回至{'市发改委' if city else '填报单位'}"
                f"{_due(back.term, '重新初审' if city else '重报', on)}",
            )
        case ReviewRejected(revision=revision, opinion=opinion):
            return Told(entry, "不予入库", "back", who, opinion, revision=revision, took=took)
        case ReviewApproved() as approved:
            note = f"文号 {approved.document_number}" if approved.document_number else ""
            return Told(
                entry,
                "省级审核通过",
                "key",
                who,
                approved.opinion,
                revision=approved.revision,
                took=took,
                note=note,
            )
        case ReviewOverdue(level=level, due=due):
            note = f"{_WHOSE[level]} {words.day(due, on)} 到期，当日没有办结"
            return Told(entry, "超期", "other", who, note=note)
        case ReviewTermMoved(level=level, old=old, new=new):
            note = (
                f"{_WHOSE[level]}原 {words.day(old.due, on)} 到期，现 {words.day(new.due, on)} 到期"
            )
            return Told(entry, "期限重算（工作日历有调整）", "other", who, note=note)
        case ProjectPooled() as entered:
            clock.lies_with(entry.recorded)
            return _of_entry(entry, entered, who)
    return Told(entry, entry.kind, "other", who)


def _of_move(entry: Entry, event: MoveEvent, clock: _Clock, who: str, on: date) -> Told:
    took = clock.took(entry.recorded)
    match event:
        case MoveApplied():
            clock.lies_with(entry.recorded, words.limit(clock.terms(entry).first_review))
            again = f"（第 {event.round} 次报送）" if event.round > 1 else ""
            note = f"材料 {len(event.evidence)} 份{_due(event.term, '初审', on)}"
            title = f"申请{moving.title_of(event)}{again}"
            return Told(entry, title, "", who, event.reason, revision=event.revision, note=note)
        case MoveWithdrawn():
            clock.lies_with(entry.recorded)
            return Told(entry, "撤回调库申请", "back", who, event.reason)
        case MoveRefused(opinion=said, revision=revision):
            note = "项目仍在原库"
            return Told(
                entry, "不予调库", "back", who, said, revision=revision, took=took, note=note
            )
        case MoveApproved(opinion=said, revision=revision):
            note = f"文号 {event.document_number}" if event.document_number else ""
            return Told(
                entry, "省级审核通过", "key", who, said, revision=revision, took=took, note=note
            )
        case _:
            title, note = moving.came_to(event, on)
            return Told(entry, title, "key", who, note=note)


def _of_correction(
    entry: Entry,
    event: CorrectionEvent,
    known: Mapping[int, ProjectFacts],
    clock: _Clock,
    who: str,
    on: date,
) -> Told:
    """Tell of a correction: what it was, what it is, why, and who asked and allowed it."""
    took = clock.took(entry.recorded)
    match event:
        case CorrectionRequested():
            straight = event.to is Holder.PROVINCE
            terms = clock.terms(entry)
            limit = terms.final_review if straight else terms.first_review
            clock.lies_with(entry.recorded, words.limit(limit))
            title = "申请更正" if event.round <= 1 else f"申请更正（第 {event.round} 次报送）"
            before = known.get(event.revision)
            return Told(
                entry,
                title,
                "",
                who,
                event.reason,
                changes=compare(before, event.facts, on) if before else (),
                revision=event.revision,
                note=f"材料 {len(event.evidence)} 份{_due(event.term, '审核', on)}，批准前不变",
            )
        case CorrectionWithdrawn():
            clock.lies_with(entry.recorded)
            return Told(entry, "撤回更正申请", "back", who, event.reason)
        case CorrectionRefused(opinion=said, revision=revision):
            note = "原内容不变"
            return Told(
                entry, "不予更正", "back", who, said, revision=revision, took=took, note=note
            )
        case CorrectionApproved(opinion=said, revision=revision):
            note = f"文号 {event.document_number}" if event.document_number else ""
            return Told(
                entry, "省级审核通过", "key", who, said, revision=revision, took=took, note=note
            )
        case ProjectCorrected():
            clock.lies_with(entry.recorded)
            before = known.get(event.revision - 1)
            return Told(
                entry,
                "更正生效",
                "key",
                who,
                changes=compare(before, event.facts, on) if before else (),
                revision=event.revision,
                note=f"理由：{event.reason}",
            )
        case _:
            assert_never(event)


def _of_tag(entry: Entry, about: ProjectTagged | ProjectUntagged, who: str, on: date) -> Told:
    if isinstance(about, ProjectTagged):
        note = f"{tag_words.name_of(about.tag, about.item)}，{words.day(about.from_on, on)} 起"
        return Told(entry, "加标签", "", who, note=note)
    note = f"{tag_words.name_of(about.tag)}，到 {words.day(about.until_on, on)}"
    return Told(entry, "取消标签", "back", who, about.reason, note=note)


def _of_entry(entry: Entry, entered: ProjectPooled, who: str) -> Told:
    """Tell of the first pool; of stock since when it stood there, and by what."""
    name = words.POOL_BY_CODE[entered.pool].name
    if entered.source is not Source.OPENING:
        note = _WAYS_IN.get(entered.source, "")
        return Told(entry, f"进入{name}", "key", who, revision=entered.revision, note=note)
    told = [f"{entered.entered_on} 入库"]
    if entered.pool_since:
        told.append(f"{entered.pool_since} 进入本库")
    for paper in entered.evidence:
        word = "来源文件" if paper.sort == "source_document" else "已取得"
        told.append(f"{word} {paper.document_number or '见附件'}")
    note = "，".join(told)
    return Told(entry, f"期初存量，在{name}", "key", who, revision=entered.revision, note=note)


def _beside(
    entry: Entry,
    about: ProjectContactNamed
    | ProjectContactErased
    | DuplicateJudged
    | ReviewTaken
    | ReviewHandedOver
    | ProjectTagged
    | ProjectUntagged,
    who: str,
    on: date,
) -> Told:
    """Tell what happened beside the way through the levels."""
    match about:
        case DuplicateJudged():
            return _of_duplicate(entry, about, who)
        case ProjectTagged() | ProjectUntagged():
            return _of_tag(entry, about, who, on)
        case ReviewTaken():
            return Told(entry, "领取", "other", who)
        case ReviewHandedOver(handed_to=to, reason=reason):
            return Told(entry, "转办给同级审核人" if to else "放回待办", "other", who, reason)
        case ProjectContactErased(reason=why):
            note = words.ERASURE_REASONS[why]
            return Told(entry, "联系人信息已按个人要求删除", "other", who, note=note)
        case ProjectContactNamed():
            return Told(entry, "更换联系人", "", who, note="内容不在此显示，版本不变")
        case _:
            assert_never(about)


def _of_duplicate(entry: Entry, judged: DuplicateJudged, who: str) -> Told:
    other = judged.other
    title = "查重裁定：不重复"
    if judged.verdict == "DUPLICATE":
        kept = "保留这件" if judged.keeps == judged.project_id else "保留另一件"
        title = f"查重裁定：重复，{kept}"
    note = f"与{other.owner_name}“{other.name}”比对，名称相似 {judged.similarity}%"
    return Told(entry, title, "key", who, judged.reason, note=note)


def _due(term: Term | None, what: str, on: date) -> str:
    return f"，{what} {words.day(term.due, on)} 到期" if term else ""
