"""The acts on an item: where each is asked for, its form, and whether it could be done now.

Whether it could is asked of the decider itself, with a form filled in for trial, so what is shown
as open and what is refused cannot come to differ.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.approval_tracking.approval_plan.catalogue import Catalogue
from services.approval_tracking.approval_plan.commands import Acted
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.refusals import NotCommittable, NotInThatState
from services.approval_tracking.approval_plan.states import Item, Plan
from services.approval_tracking.doors.acting import WHO, Asker
from services.approval_tracking.doors.item_forms import (
    AcceptForm,
    ActForm,
    AskCorrectionsForm,
    CheckCommitmentForm,
    CommitForm,
    CorrectForm,
    DeclineForm,
    ExtendForm,
    FollowUpForm,
    GrantForm,
    HandOverForm,
    PauseForm,
    ReceiveForm,
    RectifyForm,
    RefuseForm,
    ResumeForm,
    RevokeForm,
    TakeForm,
    TransferForm,
    WaiveForm,
    WithdrawForm,
)
from shared.refusals import Refusal

_WHY = {"reason": "—", "basis": "—"}


@dataclass(frozen=True)
class ItemAct:
    """An act: the last part of its address, its name on a button, its form, a form for trial."""

    path: str
    name: str
    form: type[ActForm]
    trial: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> tuple[str, ...]:
        """Give the fields that must be filled in."""
        fields = self.form.model_fields.items()
        return tuple(name for name, one in fields if one.is_required())


ACTS: tuple[ItemAct, ...] = (
    ItemAct("receive", "收件", ReceiveForm),
    ItemAct("commit", "登记承诺书", CommitForm),
    ItemAct("accept", "受理", AcceptForm),
    ItemAct("ask-corrections", "一次性告知补正", AskCorrectionsForm, {"corrections": ("—",)}),
    ItemAct("correct", "提交补正材料", CorrectForm),
    ItemAct("decline", "不予受理", DeclineForm, _WHY),
    ItemAct("grant", "办结", GrantForm),
    ItemAct("pause", "停表", PauseForm, {"reason": "—", "expected_days": 1}),
    ItemAct("resume", "复表", ResumeForm),
    ItemAct("extend", "延长", ExtendForm, {"length": 1, "approver": "—", "reason": "—"}),
    ItemAct("refuse", "不予许可", RefuseForm, _WHY),
    ItemAct("follow-up", "补齐容缺内容", FollowUpForm),
    ItemAct(
        "check-commitment", "核查承诺兑现", CheckCommitmentForm, {"kept": True, "findings": "—"}
    ),
    ItemAct("withdraw", "撤回申请", WithdrawForm, {"reason": "—"}),
    ItemAct("revoke", "撤销", RevokeForm, _WHY),
    ItemAct("rectify", "更正办结信息", RectifyForm, {"document_number": "—", "reason": "—"}),
    ItemAct("take", "领取", TakeForm),
    ItemAct("hand-over", "转办", HandOverForm, {"officer": "somebody", "reason": "—"}),
    ItemAct("waive", "免办", WaiveForm, _WHY),
    ItemAct("transfer", "划转", TransferForm, {"handling": "SOMEBODY", "reason": "—"}),
)


def open_to(
    asker: Asker, plan: Plan, item: Item, of: Mapping[str, Any], catalogue: Catalogue
) -> Iterator[dict[str, Any]]:
    """Give each act that an item is ready for and that is the asker's: open, or what it needs.

    What the item is not at, or has behind it, is left out: nobody looks for it there.
    """
    for act in ACTS:
        command = _trial(act, item, of, catalogue)
        if not any(stands(asker, plan, item) for stands in WHO[type(command)]):
            continue
        needs = None
        try:
            if not PLAN.decide(command, plan):
                continue
        except (NotInThatState, NotCommittable):
            continue
        except Refusal as refusal:
            needs = refusal.detail
        yield {
            "act": act.path,
            "name": act.name,
            "open": needs is None,
            "needs": needs,
            "required": list(act.required),
        }


def _trial(act: ItemAct, item: Item, of: Mapping[str, Any], catalogue: Catalogue) -> Acted:
    filled = dict(act.trial)
    if act.form is PauseForm:
        filled["procedure"] = next(iter(catalogue.procedures), "NONE")
    if act.form is RectifyForm:
        filled["granted_on"] = item.attempt.done_on or of["on"]
    return act.form.model_validate(filled).command(of)
