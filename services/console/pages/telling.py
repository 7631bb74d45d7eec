"""A project's history in words: who did what, when, what changed, and on which edition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from contracts.intake import (
    Level,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectFacts,
    ProjectPooled,
    ProjectRevised,
    Remark,
    ReviewApproved,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewWithdrawn,
)
from services.console.pages import names, words
from services.console.pages.difference import Change, compare
from services.console.pages.reading import Entry, editions

Mark = Literal["", "key", "back", "other"]


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


@dataclass
class _Clock:
    """Since when the dossier has lain with the reviewer who acts next."""

    since: datetime | None = None
    days: int = 0

    def lies_with(self, since: datetime, days: int) -> None:
        self.since, self.days = since, days

    def took(self, until: datetime) -> str:
        if self.since is None or not self.days:
            return ""
        stay = words.span(until - self.since)
        gap = " " if stay[0].isdecimal() else ""
        return f"用时{gap}{stay}，限 {self.days} 个工作日"


def tell(history: Sequence[Entry], on: date) -> tuple[Told, ...]:
    """Tell what happened, oldest first."""
    clock = _Clock()
    known = editions(history)
    return tuple(_told(entry, known, clock, on) for entry in history)


def last_return(history: Sequence[Entry]) -> ReviewReturned | None:
    """Give the last return with its remarks."""
    return next(
        (entry.event for entry in reversed(history) if isinstance(entry.event, ReviewReturned)),
        None,
    )


def _told(entry: Entry, known: Mapping[int, ProjectFacts], clock: _Clock, on: date) -> Told:
    who = f"{names.organisation(entry.org, on)} {names.role(entry.role)}"
    took = clock.took(entry.recorded)
    match entry.event:
        case ProjectDrafted(revision=revision):
            return Told(entry, "建立草稿", "", who, revision=revision)
        case ProjectRevised(revision=revision, facts=facts):
            changes = compare(known[revision - 1], facts, on) if revision - 1 in known else ()
            return Told(entry, "修改", "", who, changes=changes, revision=revision)
        case ProjectDiscarded():
            return Told(entry, "撤销草稿", "other", who)
        case ReviewSubmitted(revision=revision) as sent:
            clock.lies_with(entry.recorded, words.CITY_DAYS)
            title = "报送市级初审" if sent.round <= 1 else f"补正后重报（第 {sent.round} 次报送）"
            accepted = len(sent.hints_accepted)
            note = f"报送月份 {words.month(sent.report_month)}"
            if accepted:
                note += f"，确认提示 {accepted} 条"
            return Told(entry, title, "", who, revision=revision, note=note)
        case ReviewWithdrawn(revision=revision, reason=reason):
            clock.lies_with(entry.recorded, 0)
            return Told(entry, "撤回报送", "back", who, reason, revision=revision)
        case ReviewPassedFirst(revision=revision, opinion=opinion):
            clock.lies_with(entry.recorded, words.PROVINCE_DAYS)
            return Told(entry, "市级初审通过", "key", who, opinion, revision=revision, took=took)
        case ReviewReturned() as back:
            city = back.to == Level.CITY
            clock.lies_with(entry.recorded, words.CITY_DAYS if city else 0)
            return Told(
                entry,
                "退回市级" if city else "退回补正",
                "back",
                who,
                back.opinion,
                back.remarks,
                revision=back.revision,
                took=took,
                note=f"退回至{'市发改委' if city else '填报单位'}",
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
        case ProjectPooled(pool=pool, revision=revision):
            name = words.POOL_BY_CODE[pool].name
            return Told(entry, f"进入{name}", "key", who, revision=revision)
    return Told(entry, entry.kind, "other", who)
