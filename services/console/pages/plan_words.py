"""The history of a project's approvals in words: who did what, to which item, what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.approval_tracking import (
    AcceptanceCompleted,
    AgentAppointed,
    AgentReleased,
    CommitmentChecked,
    CorrectionsAsked,
    FollowedUp,
    HandlingTransferred,
    ItemAccepted,
    ItemClocksMoved,
    ItemCommitted,
    ItemCorrected,
    ItemExtended,
    ItemGranted,
    ItemHandedOver,
    ItemNotAccepted,
    ItemOverdue,
    ItemPaused,
    ItemReceived,
    ItemRectified,
    ItemRefused,
    ItemResumed,
    ItemRevoked,
    ItemSoonOverdue,
    ItemTaken,
    ItemWaived,
    ItemWithdrawn,
    LandMode,
    Management,
    NoLongerReady,
    PauseOverrun,
    PlanClosed,
    PlanDrawnUp,
    PlanEvent,
    PlanReopened,
    PlanRevised,
    ReadyToStart,
    Stage,
    StageCompleted,
    StageReopened,
    StartedWithoutPermit,
    StartFlagLifted,
)
from contracts.approval_tracking.item import ItemFact
from contracts.envelope import Fact
from services.console.pages import names, words
from services.console.pages.entry import Entry
from services.console.pages.item_clocks import CLOCKS
from services.console.pages.plan_reading import Told
from shared.units import Units

MANAGEMENTS = {
    Management.APPROVAL: "审批制",
    Management.VERIFY: "核准制",
    Management.FILING: "备案制",
}
LAND_MODES = {LandMode.ALLOCATED: "划拨供地", LandMode.GRANTED: "出让供地"}
STAGES = {
    Stage.SITING: "立项用地规划许可",
    Stage.DESIGN: "工程建设许可",
    Stage.PERMIT: "施工许可",
    Stage.ACCEPTANCE: "竣工验收",
}
Mark = Literal["", "key", "back", "other"]

_TITLES: Mapping[type[Fact], tuple[str, Mark]] = {
    PlanDrawnUp: ("制定审批计划", "key"),
    PlanRevised: ("调整审批计划", "other"),
    PlanClosed: ("停止审批", "back"),
    PlanReopened: ("恢复审批", "other"),
    AgentAppointed: ("确定代办员", "other"),
    AgentReleased: ("解除代办", "other"),
    StageCompleted: ("阶段办结", "key"),
    StageReopened: ("阶段不再办结", "back"),
    ReadyToStart: ("具备开工条件", "key"),
    NoLongerReady: ("不再具备开工条件", "back"),
    StartedWithoutPermit: ("未批先建线索", "back"),
    StartFlagLifted: ("未批先建线索消除", "other"),
    AcceptanceCompleted: ("竣工验收办结", "key"),
    ItemReceived: ("收件", ""),
    CorrectionsAsked: ("一次性告知补正", "back"),
    ItemCorrected: ("补正材料", ""),
    ItemAccepted: ("受理", "key"),
    ItemNotAccepted: ("不予受理", "back"),
    ItemPaused: ("停表", "other"),
    ItemResumed: ("复表", "other"),
    PauseOverrun: ("停表超过预计", "back"),
    ItemExtended: ("延长", "other"),
    ItemGranted: ("办结", "key"),
    FollowedUp: ("补齐容缺内容", ""),
    ItemRefused: ("不予许可", "back"),
    ItemWithdrawn: ("撤回申请", "back"),
    ItemRevoked: ("撤销", "back"),
    ItemCommitted: ("签承诺书", "key"),
    CommitmentChecked: ("核查承诺兑现", ""),
    ItemWaived: ("免办", "other"),
    ItemRectified: ("更正办结信息", "other"),
    ItemTaken: ("领取", ""),
    ItemHandedOver: ("转办", ""),
    HandlingTransferred: ("划转", "other"),
    ItemSoonOverdue: ("即将到期", ""),
    ItemOverdue: ("超期", "back"),
    ItemClocksMoved: ("日历修订，期限变动", "other"),
}


@dataclass(frozen=True)
class Line:
    """One line of the history; ``item`` is empty where it is about the plan as a whole."""

    entry: Entry
    item: str
    title: str
    mark: Mark
    who: str
    text: str
    reason: str
    placed: bool = False
    withheld: str = ""


def lines_of(
    history: Sequence[Told],
    named: Mapping[str, str],
    units: Units,
    today: date,
    *,
    placed: bool,
) -> list[Line]:
    """Tell a history, oldest first; ``named`` are the items, ``placed`` who learns a fact's place.

    What is no more of the plan is called by its row of the catalogue.
    """
    return [_line(told, named, units, today, placed=placed) for told in history]


def _line(told: Told, named: Mapping[str, str], units: Units, today: date, *, placed: bool) -> Line:
    entry, event = told.entry, told.event
    item = str(getattr(event, "item", ""))
    title, mark = _TITLES.get(type(event), ("另一种记录", "other")) if event else ("另一种记录", "")
    by_clock = entry.role == "system"
    who = "系统自动" if by_clock else names.organisation(entry.org, units, today)
    name = f"{item} {named.get(item, '')}".strip()
    return Line(
        entry,
        item,
        f"{title}：{name}" if item else title,
        mark,
        who,
        _Words(units, today).text(event) if event else "",
        _reason(event) if event else "",
        placed,
    )


def _reason(event: PlanEvent) -> str:
    reason = getattr(event, "reason", "") or getattr(event, "findings", "") or ""
    basis = getattr(event, "basis", "")
    return f"{reason}（依据：{basis}）" if basis else str(reason)


class _Words:
    """Says what a fact came to, with the names and the days of a page."""

    def __init__(self, units: Units, today: date) -> None:
        self._units = units
        self._today = today

    def text(self, event: PlanEvent) -> str:
        """Say it; nothing where the title says all."""
        if isinstance(event, ItemFact):
            return self._of_item(event) or self._of_course(event)
        return self._of_plan(event)

    def _of_plan(self, event: PlanEvent) -> str:
        match event:
            case PlanDrawnUp() | PlanRevised():
                return f"{event.flow_name}，共 {len(event.items)} 项"
            case StageCompleted():
                limit = f"，限 {event.limit} 个工作日" if event.limit is not None else ""
                return f"{STAGES[event.stage]}，用时 {event.used} 个工作日{limit}"
            case StageReopened():
                return STAGES[event.stage]
            case ReadyToStart():
                return f"{self._day(event.ready_on)} 起，{len(event.items)} 项全部办结"
            case NoLongerReady():
                return f"缺 {'、'.join(event.missing)}"
            case StartedWithoutPermit():
                return f"{self._day(event.started_on)} 开工，当时缺 {'、'.join(event.missing)}"
            case AgentAppointed():
                return self._office(event.agent_org)
            case _:
                return ""

    def _of_item(self, event: ItemFact) -> str:
        """Say what an act on an item came to."""
        match event:
            case ItemReceived():
                return f"{self._day(event.received_on)}，{self._office(event.handling)}"
            case CorrectionsAsked():
                asked = "；".join(event.corrections)
                return f"{self._day(event.asked_on)}，{len(event.corrections)} 项：{asked}"
            case ItemCorrected():
                return self._day(event.corrected_on)
            case ItemAccepted():
                said = "，逾期未告知，视为受理" if event.deemed else ""
                lacking = f"，容缺 {'、'.join(event.lacking)}" if event.lacking else ""
                return f"{self._day(event.accepted_on)}{said}{lacking}"
            case ItemGranted():
                return self._granted(event)
            case ItemRectified():
                number = event.document_number or "没有文号"
                return f"办结日期 {self._day(event.granted_on)}，{number}"
            case ItemCommitted():
                return f"{self._day(event.signed_on)} 签订"
            case CommitmentChecked():
                return "已兑现" if event.kept else "没有兑现"
            case _:
                return ""

    def _of_course(self, event: ItemFact) -> str:
        """Say how the days of an item, or the hands that it lies in, have changed."""
        match event:
            case ItemPaused():
                notice = f"，{event.notice}" if event.notice else ""
                days = f"预计 {event.expected_days} 个工作日"
                return f"{self._day(event.first)} 起，{days}{notice}"
            case ItemResumed():
                return f"停表 {self._day(event.first)} 至 {self._day(event.last)}"
            case PauseOverrun():
                return f"预计到 {self._day(event.expected_until)}"
            case ItemExtended():
                return f"{event.length} 日，{event.approver}批准"
            case HandlingTransferred():
                return f"由{self._office(event.handling)}办理"
            case ItemHandedOver():
                return "转给同事" if event.officer else "放回本单位待办"
            case ItemSoonOverdue() | ItemOverdue():
                return f"{CLOCKS[event.clock]} {self._day(event.due)} 到期"
            case _:
                return ""

    def _granted(self, event: ItemGranted) -> str:
        parts = [self._day(event.granted_on)]
        if event.document_number:
            parts.append(event.document_number)
        if event.valid_until:
            parts.append(f"有效期至 {event.valid_until}")
        if event.late:
            parts.append(f"超过{'、'.join(CLOCKS[sort] for sort in event.late)}")
        if event.follow_up:
            parts.append(f"容缺：{event.follow_up}")
        return "，".join(parts)

    def _day(self, value: date) -> str:
        return words.day(value, self._today)

    def _office(self, org: str) -> str:
        return names.organisation(org, self._units, self._today)
