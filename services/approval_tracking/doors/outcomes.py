"""What a command came to, in the words of its reply: what was done, to whom it goes, until when."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.approval_tracking import (
    AcceptanceCompleted,
    AgentAppointed,
    AgentReleased,
    Clock,
    ClockSort,
    CommitmentChecked,
    CorrectionsAsked,
    FollowedUp,
    HandlingTransferred,
    ItemAccepted,
    ItemCommitted,
    ItemCorrected,
    ItemExtended,
    ItemGranted,
    ItemHandedOver,
    ItemNotAccepted,
    ItemPaused,
    ItemReceived,
    ItemRectified,
    ItemRefused,
    ItemResumed,
    ItemRevoked,
    ItemTaken,
    ItemWaived,
    ItemWithdrawn,
    NoLongerReady,
    PlanEvent,
    PlanRevised,
    ReadyToStart,
    StageCompleted,
    StageReopened,
    Unit,
)
from contracts.approval_tracking.item import ItemFact
from services.approval_tracking.approval_plan.states import Plan, PlanState
from shared.deciding import Wrote
from shared.units import Units
from shared.wording import spoken_day

UNITS = {Unit.WORKING_DAYS: "个工作日", Unit.CALENDAR_DAYS: "日"}
_FIRST_TOLD = (
    *(ClockSort.PROMISED, ClockSort.STATUTORY, ClockSort.RECEIPT),
    *(ClockSort.COMMITMENT, ClockSort.FOLLOW_UP),
)

_PLAINLY: Mapping[type[ItemFact], str] = {
    ItemNotAccepted: "已作出不予受理的决定，项目单位能看到理由和依据。",
    FollowedUp: "的容缺内容已补齐。",
    ItemRefused: "已作出不予许可的决定，项目单位能看到理由和依据。",
    ItemWithdrawn: "的申请已撤回，需要时可以重新申报。",
    ItemRevoked: "已撤销，原来的办结留在记录里。",
    ItemWaived: "已免办，后续事项不再等它。",
    ItemRectified: "的办结信息已更正，原来的留在记录里。",
    ItemTaken: "已领取，由你办理。",
}


class Telling:
    """Says what became of a plan, with the names that its units have on a day."""

    def __init__(self, units: Units, today: date) -> None:
        """Bind to the units and the day."""
        self._units = units
        self._today = today

    def reply(
        self, project_id: UUID, wrote: Wrote[PlanState, PlanEvent], item: str = ""
    ) -> dict[str, Any]:
        """Give the body of a reply."""
        plan, version = wrote.state, wrote.version
        known = plan if isinstance(plan, Plan) else None
        at = known.items.get(item) if known else None
        return {
            "project_id": str(project_id),
            "version": version,
            "edition": known.edition if known else 0,
            "item": item or None,
            "state": at.state if at else None,
            "officer": (at.officer or None) if at else None,
            "term": term_of(at.running) if at else None,
            "receipt": f"SP-{self._today:%Y%m}-{project_id.hex[:8].upper()}-{version}",
            "message": self.message(wrote.facts, known, item),
        }

    def message(self, facts: Sequence[PlanEvent], plan: Plan | None, item: str) -> str:
        """Say what was done, and what it has brought about."""
        # What is done at once is received and accepted by the same command: the last step counts.
        steps = [fact for fact in facts if isinstance(fact, ItemFact)]
        name = plan.items[item].planned.name if plan and item in plan.items else ""
        done = [f"{item} {name}{self._of_item(steps[-1], plan)}"] if steps else []
        brought = [_of_plan(fact, plan) for fact in facts if not isinstance(fact, ItemFact)]
        return "".join([*done, *brought]) or "没有变化：这一步已经办过。"

    def _of_item(self, fact: ItemFact, plan: Plan | None) -> str:
        match fact:
            case ItemReceived(handling=office, clocks=clocks):
                until = self._until(clocks)
                return f"已收件，由{self._office(office)}受理或一次性告知补正{until}。"
            case CorrectionsAsked(corrections=corrections):
                return f"已一次性告知项目单位补正 {len(corrections)} 项，补正前不计时。"
            case ItemCorrected(clocks=clocks):
                return f"的补正材料已收到，等待受理{self._until(clocks)}。"
            case ItemAccepted():
                return self._accepted(fact, plan)
            case ItemPaused(expected_days=days, first=first):
                begun = spoken_day(first, self._today)
                return f"已停表，自{begun}起不计时，预计 {days} 个工作日；到期日复表后定。"
            case ItemResumed(clocks=clocks):
                return f"已复表，继续计时{self._until(clocks)}。"
            case ItemExtended(length=length, clocks=clocks):
                return f"已延长 {length} 日{self._until(clocks)}。"
            case ItemGranted():
                return self._granted(fact)
            case ItemCommitted(clocks=clocks):
                return f"已记承诺书，视同办结，等待核查兑现{self._until(clocks)}。"
            case CommitmentChecked(kept=kept):
                return "的承诺已核查兑现。" if kept else "的承诺没有兑现，不再视同办结。"
            case ItemHandedOver(officer=officer):
                return "已转办给同事。" if officer else "已放回本单位待办。"
            case HandlingTransferred(handling=office):
                return f"已划转{self._office(office)}办理，主管单位不变。"
            case _:
                return _PLAINLY[type(fact)]

    def _accepted(self, fact: ItemAccepted, plan: Plan | None) -> str:
        until = self._until(fact.clocks)
        said = f"已受理，等待办结{until}。" if until else "已受理，没有规定办理时限。"
        if fact.deemed:
            day = spoken_day(fact.accepted_on, self._today)
            said = f"逾期没有告知补正，自{day}收件之日起视为受理{until}。"
        if fact.lacking and plan:
            names = "、".join(plan.items[one].planned.name for one in fact.lacking)
            said += f"容缺受理，办结前须补齐：{names}。"
        return said

    def _granted(self, fact: ItemGranted) -> str:
        number = f"，文号 {fact.document_number}" if fact.document_number else ""
        late = "，已超过时限，如实记录" if fact.late else ""
        said = f"已办结{number}{late}。"
        if fact.follow_up:
            left = [one for one in fact.clocks if one.sort is ClockSort.FOLLOW_UP]
            said += f"容缺办结，待补：{fact.follow_up}{self._until(left)}。"
        return said

    def _office(self, office: str) -> str:
        unit = self._units.known(office, self._today)
        return unit.short_name if unit else office

    def _until(self, clocks: Sequence[Clock]) -> str:
        clock = first_due(clocks)
        if clock is None or clock.due is None:
            return ""
        guess = "（暂定）" if clock.provisional else ""
        return (
            f"，限 {clock.total} {UNITS[clock.unit]}，至{spoken_day(clock.due, self._today)}{guess}"
        )


def first_due(clocks: Sequence[Clock]) -> Clock | None:
    """Give the clock that people look at: what was promised before what the law allows."""
    found = sorted(clocks, key=lambda clock: _FIRST_TOLD.index(clock.sort))
    return found[0] if found else None


def term_of(clocks: Sequence[Clock]) -> dict[str, Any] | None:
    """Give the days of a term as a reply names them."""
    clock = first_due(clocks)
    if clock is None:
        return None
    return {"clock": clock.sort, "due": clock.due, "provisional": clock.provisional}


def _of_plan(fact: PlanEvent, plan: Plan | None) -> str:
    match fact:
        case PlanRevised(items=items):
            return f"审批计划已按新的情况调整，现有 {len(items)} 项。"
        case AgentAppointed():
            return "已确定代办员，项目的申报和补正由他代办。"
        case AgentReleased():
            return "已解除代办，项目单位自己申报。"
        case StageCompleted(stage=stage):
            name = next((one.name for one in plan.stages if one.stage is stage), "") if plan else ""
            return f"{name or stage}阶段已全部办结。"
        case StageReopened():
            return "所在阶段不再是全部办结。"
        case ReadyToStart():
            return "项目已具备开工条件。"
        case NoLongerReady():
            return "项目不再具备开工条件。"
        case AcceptanceCompleted():
            return "竣工验收已全部办结。"
        case _:
            return ""
