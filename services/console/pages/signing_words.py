"""The history of a signing or an event in words: who did what, when, and what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.intake import (
    ContractAmended,
    ContractSigned,
    Evidence,
    FrameworkSigned,
    IntakeEvent,
    LeadRegistered,
    NegotiationBegun,
    SigningEnded,
    SigningLinked,
    SigningLinkOverdue,
    SigningRectified,
    SigningTransferred,
    SigningUnlinked,
)
from services.console.pages import names, words
from services.console.pages.entry import Entry
from shared.units import Units

STAGES = {
    "LEAD": "线索",
    "NEGOTIATION": "洽谈",
    "FRAMEWORK": "框架协议",
    "CONTRACT": "正式签约",
}
SHOWS = {
    "LEAD": "线索",
    "NEGOTIATION": "洽谈",
    "FRAMEWORK": "框架协议",
    "SIGNED": "正式签约",
    "LINKED": "已关联项目",
    "STARTED": "已开工",
    "UNLINKED": "待关联项目",
    "OVERDUE": "逾期未关联",
    "ENDED": "已终止",
}
Mark = Literal["", "key", "back", "other"]


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    entry: Entry
    title: str
    mark: Mark
    who: str
    text: str
    reason: str
    evidence: tuple[Evidence, ...]
    placed: bool = False
    withheld: str = ""


def lines_of(
    history: Sequence[Entry], units: Units, today: date, *, papers: bool, placed: bool
) -> list[Line]:
    """Tell a history, oldest first.

    Whoever may not read the ``papers`` is not shown their names, in no raw record either;
    ``placed`` says who learns where a fact stands among all.
    """
    return [_line(entry, units, today, papers=papers, placed=placed) for entry in history]


def _line(entry: Entry, units: Units, today: date, *, papers: bool, placed: bool) -> Line:
    title, mark, text = _told(entry.event, units, today)
    by_clock = entry.role == "system"
    who = "到期自动" if by_clock else names.organisation(entry.org, units, today)
    reason = getattr(entry.event, "reason", "") or getattr(entry.event, "note", "") or ""
    evidence = tuple(getattr(entry.event, "evidence", ()))
    hidden = (
        "" if papers or not evidence else "附件由责任单位、市招商局、领导组办公室和督查室查看。"
    )
    return Line(entry, title, mark, who, text, reason, evidence, placed, hidden)


def _told(event: IntakeEvent | None, units: Units, today: date) -> tuple[str, Mark, str]:
    match event:
        case LeadRegistered():
            return "登记线索", "key", f"{event.investor}，{event.investor_place}"
        case SigningRectified():
            return "更正登记", "back", f"{event.title}，{event.investor}"
        case NegotiationBegun():
            return "洽谈", "", f"{words.day(event.begun_on, today)} 开始"
        case FrameworkSigned():
            return (
                "签订框架协议",
                "",
                f"{words.day(event.signed_on, today)}，意向投资 {_wan(event.intended_investment)}",
            )
        case ContractSigned():
            return (
                "正式签约",
                "key",
                f"{words.day(event.signed_on, today)}，合同投资 {_wan(event.contract_investment)}，"
                f"{words.day(event.link_due, today)} 前关联项目",
            )
        case ContractAmended():
            return (
                "合同变更",
                "key",
                f"{words.day(event.amended_on, today)} 起 {_wan(event.contract_investment)}",
            )
        case SigningLinked():
            return "关联项目", "key", event.project_name
        case SigningUnlinked():
            return "取消关联", "back", ""
        case SigningLinkOverdue():
            return "逾期未关联项目", "back", f"期限 {words.day(event.link_due, today)}"
        case SigningTransferred():
            before = names.organisation(event.from_org, units, today)
            return "变更责任单位", "other", f"{before} → {event.to_name}"
        case SigningEnded():
            return "终止", "back", words.day(event.ended_on, today)
        case _:
            return "另一种记录", "other", ""


def _wan(yuan: int) -> str:
    return f"{words.wan(yuan)} 万元"
