"""A plan as the door answers it: its items, their clocks, what each waits for and who has it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.approval_tracking import Clock, ItemState
from services.approval_tracking.approval_plan.catalogue import Catalogue
from services.approval_tracking.approval_plan.states import UNDER_WAY, Item, Plan
from services.approval_tracking.doors.acting import Asker
from services.approval_tracking.doors.acts import open_to


def shown(
    project_id: UUID,
    name: str,
    version: int,
    plan: Plan,
    asker: Asker,
    of: Mapping[str, Any],
    catalogue: Catalogue,
) -> dict[str, Any]:
    """Write a plan; ``of`` is what every act of the asker begins with but its item."""
    return {
        "project_id": str(project_id),
        "name": name,
        "version": version,
        "owner_org": plan.owner_org,
        "edition": plan.edition,
        "project_revision": plan.project_revision,
        "closed": plan.closed,
        **plan.circumstances.model_dump(mode="json"),
        "flow_name": plan.flow_name,
        "agent": plan.agent or None,
        "agent_org": plan.agent_org or None,
        "stages": [
            {**stage.model_dump(mode="json"), "completed": stage.stage in plan.completed}
            for stage in plan.stages
        ],
        "total_limit": plan.total_limit,
        "ready": plan.ready,
        "missing_for_start": [item.planned.item for item in plan.gate if not item.done],
        "flagged_start": plan.flagged,
        "acceptance_completed": plan.accepted,
        "items": [
            {
                **_item(item, plan),
                "acts": list(open_to(asker, plan, item, {**of, "item": code}, catalogue)),
            }
            for code, item in plan.items.items()
        ],
    }


def _item(item: Item, plan: Plan) -> dict[str, Any]:
    attempt = item.attempt
    return {
        **item.planned.model_dump(mode="json"),
        "state": item.state,
        "done": item.done,
        "attempt": attempt.number,
        "officer": item.officer or None,
        "received_on": attempt.received_on,
        "corrections_asked_on": attempt.asked_on,
        "accepted_on": attempt.accepted_on,
        "done_on": attempt.done_on,
        "document_number": attempt.document_number,
        "valid_until": attempt.valid_until,
        "follow_up": attempt.follow_up,
        "checked_on": attempt.checked_on,
        "extended_by": attempt.extended_by,
        "pauses": [
            {"first": one.first, "last": one.last, "reason": one.reason, "basis": one.basis}
            for one in attempt.pauses
        ],
        "clocks": [_clock(clock) for clock in attempt.clocks.values()],
        "waits_for": list(plan.open_of(item.planned.after)),
        "lacking": list(plan.open_of(item.planned.beside)),
        "with": _holder(item, plan),
        "since": attempt.last_day if item.state in UNDER_WAY else None,
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {**clock.model_dump(mode="json"), "stands_still": clock.due is None}


def _holder(item: Item, plan: Plan) -> str | None:
    """Name who has to do the next step: the office, or the applicant."""
    match item.state:
        case ItemState.CORRECTING | ItemState.REFUSED | ItemState.WITHDRAWN | ItemState.REVOKED:
            return plan.owner_org
        case ItemState.NOT_BEGUN:
            # Nobody has to do anything about what still waits for another item.
            return None if plan.open_of(item.planned.after) else plan.owner_org
        case _:
            return None if item.done and not item.running else item.planned.handling
