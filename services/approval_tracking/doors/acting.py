"""Who may do what to a plan and its items: the office that does an item, the window, the unit.

What a role may do at all stands in ``shared.scope``; here it is held against the item at hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from services.approval_tracking.approval_plan.commands import (
    Accept,
    Acted,
    AskCorrections,
    By,
    CheckCommitment,
    Commit,
    Correct,
    DeclineAcceptance,
    Extend,
    FollowUp,
    Grant,
    HandOver,
    Pause,
    Receive,
    Rectify,
    Refuse,
    Resume,
    Revoke,
    Take,
    TransferHandling,
    Waive,
    Withdraw,
)
from services.approval_tracking.approval_plan.states import Item, Plan
from shared.refusals import NotAllowed
from shared.scope import Act, may
from shared.seeing import Reader
from shared.tokens import Actor
from shared.units import Units

SELF = "OWN"
"""Whose matter an item is that the project's own unit does (建设单位自主)."""


@dataclass(frozen=True)
class Asker:
    """Who asks, with the organisations whose business is his."""

    actor: Actor
    reader: Reader

    def is_his(self, *organisations: str) -> bool:
        """Tell whether one of these is his own, or one that his took over."""
        return not set(self.reader.own("org")).isdisjoint(organisations)

    def is_he(self, account: str) -> bool:
        """Tell whether an account is his, or that of whom he stands in for."""
        return bool(account) and account in {self.actor.account, self.actor.on_behalf_of}


Standing = Callable[[Asker, Plan, Item], bool]


def handles(asker: Asker, _: Plan, item: Item) -> bool:
    """His office does the item, or it is its matter."""
    planned = item.planned
    return may(asker.actor, "handle_items") and asker.is_his(planned.handling, planned.competent)


def does_himself(asker: Asker, _: Plan, item: Item) -> bool:
    """It is the project's own unit, or the government of its place, that does the item.

    What a department approves is not done by whoever reports for it, not even for its own project.
    """
    planned = item.planned
    on_site = planned.competent == SELF or asker.actor.role == "county_reporter"
    return may(asker.actor, "apply_for_items") and on_site and asker.is_his(planned.handling)


def sits_at_its_window(asker: Asker, _: Plan, item: Item) -> bool:
    """The one window takes on what the office behind it does (一窗受理)."""
    return may(asker.actor, "receive_items") and asker.is_his(item.planned.handling)


def sits_at_the_window(asker: Asker, _: Plan, __: Item) -> bool:
    """The one window takes in whatever office it is for."""
    return asker.actor.role == "agent" and may(asker.actor, "receive_items")


def applies(asker: Asker, plan: Plan, _: Item) -> bool:
    """The project is his unit's, or he was appointed to go from office to office for it."""
    his = asker.is_his(plan.owner_org) or asker.is_he(plan.agent)
    return may(asker.actor, "apply_for_items") and his


def may_state(asker: Asker, plan: Plan) -> bool:
    """Say what is so of a project: whoever applies for it, and who steers."""
    his = asker.is_his(plan.owner_org) or asker.is_he(plan.agent)
    applying = may(asker.actor, "apply_for_items") and his
    return applying or may(asker.actor, "steer_approvals")


def steers(asker: Asker, _: Plan, __: Item) -> bool:
    """He looks after the approvals of the whole city."""
    return may(asker.actor, "steer_approvals")


_OFFICE = (handles, does_himself)
_WINDOW = (*_OFFICE, sits_at_its_window)
_COUNTER = (*_WINDOW, sits_at_the_window, applies)
WHO: Mapping[type[Acted], tuple[Standing, ...]] = {
    **dict.fromkeys((Receive, Correct, Commit), _COUNTER),
    **dict.fromkeys((AskCorrections, Accept, DeclineAcceptance), _WINDOW),
    **dict.fromkeys(
        (Pause, Resume, Extend, Grant, FollowUp, Refuse, Revoke, CheckCommitment, Rectify), _OFFICE
    ),
    **dict.fromkeys((Take, HandOver), _OFFICE),
    Withdraw: (applies,),
    **dict.fromkeys((Waive, TransferHandling), (steers,)),
}
"""Who may do an act: any of these is enough."""

_RIGHTS: Mapping[Standing, Act] = {
    handles: "handle_items",
    does_himself: "apply_for_items",
    sits_at_its_window: "receive_items",
    sits_at_the_window: "receive_items",
    applies: "apply_for_items",
    steers: "steer_approvals",
}
_DUTIES: Mapping[Act, str] = {
    "handle_items": "办理审批事项",
    "receive_items": "收件",
    "apply_for_items": "申报审批事项",
    "steer_approvals": "统筹审批",
}


def demand_role(actor: Actor, act: type[Acted]) -> None:
    """Refuse who does such a thing to no item at all.

    Raises:
        NotAllowed: his role, or what a machine account was given, is none of those.
    """
    demand_any(actor, *(_RIGHTS[standing] for standing in WHO[act]))


def demand_any(actor: Actor, *acts: Act) -> None:
    """Refuse who may do none of some acts."""
    if not any(may(actor, act) for act in acts):
        raise NotAllowed(f"你的角色不能{_DUTIES[acts[0]]}。请用有这项职责的账号登录。")


def demand_standing(
    act: type[Acted], asker: Asker, plan: Plan, item: Item, units: Units, on: date
) -> None:
    """Refuse who may do such a thing, but not to this item.

    Raises:
        NotAllowed: the item is another office's, the project another unit's.
    """
    if any(stands(asker, plan, item) for stands in WHO[act]):
        return
    if applies in WHO[act] and handles not in WHO[act]:
        raise NotAllowed("只有项目单位和它的代办员能这样办。")
    office = units.known(item.planned.handling, on)
    name = office.short_name if office is not None else item.planned.handling
    raise NotAllowed(f"“{item.planned.name}”由{name}办理，不在你单位的职责内。")


def by(actor: Actor, units: Units, on: date) -> By:
    """Give who asks, with the ended units whose business is his to go on with."""
    return By(
        account=actor.account,
        role=actor.role,
        org=actor.org,
        heir_of=units.heir_of(actor.org, on),
        acting_for=actor.on_behalf_of,
    )
