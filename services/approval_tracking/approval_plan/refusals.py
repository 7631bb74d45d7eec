"""Why an act on a plan or an item is refused, and the words that every act needs."""

from shared.refusals import Problem, Refusal, UnreadableInput

LABELS = {
    "item": "事项",
    "happened_on": "办理日期",
    "corrections": "补正内容",
    "reason": "理由",
    "basis": "依据",
    "procedure": "停表程序",
    "expected_days": "预计天数",
    "length": "延长天数",
    "approver": "批准人",
    "granted_on": "办结日期",
    "valid_until": "有效期至",
    "findings": "核查结果",
    "follow_up": "容缺内容",
    "handling": "实施单位",
    "officer": "经办人",
    "agent": "代办员",
}


class PlanClosedNow(Refusal):
    """The project is no longer to be approved."""

    code = "plan_closed_now"
    title = "审批计划已关闭"


class PredecessorsOpen(Refusal):
    """Items that must be done before it are not."""

    code = "predecessors_open"
    title = "前置事项未办结"


class NotInThatState(Refusal):
    """The item is not where this act is possible."""

    code = "not_in_that_state"
    title = "事项现在不能这样办"


class ItemTakenByAnother(Refusal):
    """A colleague of the same office is at it."""

    code = "item_taken_by_another"
    title = "已由他人领取"


class InTheFuture(Refusal):
    """The act is said to happen on a day that has not come."""

    code = "in_the_future"
    status = 422
    title = "日期还没有到"


class BeforeTheLastStep(Refusal):
    """The act is said to have happened before what was done last about the item."""

    code = "before_the_last_step"
    status = 422
    title = "日期早于上一步"


class CorrectionsAskedBefore(Refusal):
    """What is missing is said once, and of everything (行政许可法 32)."""

    code = "corrections_asked_before"
    title = "已经一次性告知过"


class TooLateToAskCorrections(Refusal):
    """The days for it are over: by saying nothing the office has accepted (行政许可法 32)."""

    code = "too_late_to_ask_corrections"
    title = "已视为受理"


class NotExtendable(Refusal):
    """The law does not let the item be extended, not by so much, not again, or not any more."""

    code = "not_extendable"
    title = "不能延长"


class NotCommittable(Refusal):
    """The item is none that the enterprise may commit itself to."""

    code = "not_committable"
    title = "不是承诺事项"


def demand(field: str, text: str, message: str) -> str:
    """Give the text without blanks around it, or refuse an open column that this act needs."""
    if text.strip():
        return text.strip()
    raise unreadable(field, "required", message, f"请填写{LABELS[field]}。")


def unreadable(field: str, rule: str, message: str, remedy: str) -> UnreadableInput:
    """Word the refusal of one column."""
    return UnreadableInput(message, errors=[Problem(field, LABELS[field], rule, message, remedy)])
