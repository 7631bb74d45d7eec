"""Which plan of approvals has each project: on what grounds, how far, what holds up the start?"""

import json
from datetime import date, datetime
from typing import Any, NamedTuple, assert_never

from contracts import approval_tracking
from contracts.approval_tracking import (
    AcceptanceCompleted,
    AgentAppointed,
    AgentReleased,
    NoLongerReady,
    PlanClosed,
    PlanDrawnUp,
    PlanReopened,
    PlanRevised,
    ReadyToStart,
    StageCompleted,
    StageReopened,
    StartedWithoutPermit,
    StartFlagLifted,
    WholePlanEvent,
)
from contracts.envelope import Fact
from services.console.views.approval_items import NO_RESULTS, canonical, listed
from shared.viewing import Owner, Told, View

NAME, VERSION = "approval_plans", 1


class PlanRow(NamedTuple):
    """One plan; ``circumstances``, ``items``, ``stages`` and ``completed`` are canonical text.

    ``completed`` holds by stage the day, the days used and their limit. ``not_ready`` are the
    items that a start is missing after it had been ready for one.
    """

    owner_org: str
    edition: int
    project_revision: int
    management: str
    flow: str
    flow_name: str
    land_mode: str
    circumstances: str
    items: str
    stages: str
    total_limit: int | None
    drawn_up_on: date
    revised_on: date | None
    revised_why: str | None
    agent: str | None
    agent_org: str | None
    agent_since: date | None
    completed: str
    ready_on: date | None
    not_ready: str
    flagged_start: date | None
    flagged_on: date | None
    flagged_missing: str
    accepted_on: date | None
    closed_on: date | None
    closed_why: str | None
    version: int
    updated_at: datetime


def fold(row: PlanRow | None, told: Told) -> PlanRow | None:
    """Fold a fact of a plan as a whole into its row."""
    event: WholePlanEvent = told.fact  # type: ignore[assignment]
    version, at = told.envelope.version, told.envelope.recorded
    if row is None:
        if not isinstance(event, PlanDrawnUp):
            return None
        return PlanRow(**_laid_out(event), **_BLANK, version=version, updated_at=at)
    return row._replace(version=version, updated_at=at, **_changes(row, event))


def _changes(row: PlanRow, event: WholePlanEvent) -> dict[str, Any]:
    match event:
        case PlanDrawnUp() | PlanRevised():
            return _laid_out(event)
        case PlanClosed():
            return {"closed_on": event.closed_on, "closed_why": event.reason}
        case PlanReopened():
            return {"closed_on": None, "closed_why": None}
        case AgentAppointed():
            return {
                "agent": event.agent,
                "agent_org": event.agent_org,
                "agent_since": event.appointed_on,
            }
        case AgentReleased():
            return {"agent": None, "agent_org": None, "agent_since": None}
        case StageCompleted():
            done = {
                "on": event.completed_on.isoformat(),
                "used": event.used,
                "limit": event.limit,
            }
            return {"completed": canonical({**json.loads(row.completed), event.stage.value: done})}
        case StageReopened():
            stood = json.loads(row.completed)
            stood.pop(event.stage.value, None)
            return {"completed": canonical(stood)}
        case ReadyToStart():
            return {"ready_on": event.ready_on, "not_ready": ""}
        case NoLongerReady():
            return {"ready_on": None, "not_ready": listed(event.missing)}
        case StartedWithoutPermit():
            return {
                "flagged_start": event.started_on,
                "flagged_on": event.told_on,
                "flagged_missing": listed(event.missing),
            }
        case StartFlagLifted():
            return {"flagged_start": None, "flagged_on": None, "flagged_missing": ""}
        case AcceptanceCompleted():
            return {"accepted_on": event.completed_on}
        case _:
            assert_never(event)


def _laid_out(event: PlanDrawnUp | PlanRevised) -> dict[str, Any]:
    days: dict[str, Any] = (
        {"drawn_up_on": event.drawn_up_on, "revised_on": None, "revised_why": None}
        if isinstance(event, PlanDrawnUp)
        else {"revised_on": event.revised_on, "revised_why": event.reason}
    )
    return {
        "owner_org": event.owner_org,
        "edition": event.edition,
        "project_revision": event.project_revision,
        "management": event.circumstances.management.value,
        "flow": event.circumstances.flow,
        "flow_name": event.flow_name,
        "land_mode": event.circumstances.land_mode.value,
        "circumstances": canonical(event.circumstances),
        "items": canonical(event.items),
        "stages": canonical(event.stages),
        "total_limit": event.total_limit,
        **days,
    }


_BLANK: dict[str, Any] = {
    **dict.fromkeys(PlanRow._fields[PlanRow._fields.index("agent") : -2]),
    "completed": "{}",
    "not_ready": "",
    "flagged_missing": "",
}
_KINDS: dict[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact
    for fact in (
        PlanDrawnUp,
        PlanRevised,
        PlanClosed,
        PlanReopened,
        AgentAppointed,
        AgentReleased,
        StageCompleted,
        StageReopened,
        ReadyToStart,
        NoLongerReady,
        StartedWithoutPermit,
        StartFlagLifted,
        AcceptanceCompleted,
    )
}

VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=PlanRow,
            kinds=_KINDS,
            ignored={
                **{
                    kind: "is about one item of a plan"
                    for kind in approval_tracking.PLAN_KINDS
                    if kind not in _KINDS
                },
                **NO_RESULTS,
            },
            fold=fold,
        ),
    ),
    indexes=("(agent) where agent is not null", "(ready_on)", "(flagged_on)"),
    history=True,
)
