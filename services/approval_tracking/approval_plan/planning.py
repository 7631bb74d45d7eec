"""A plan as a whole: drawn up, laid out anew around what has begun, closed, reopened; its agent."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.approval_tracking import (
    AgentAppointed,
    AgentReleased,
    Circumstances,
    PlanClosed,
    PlanDrawnUp,
    PlanEvent,
    PlannedItem,
    PlanReopened,
    PlanRevised,
)
from services.approval_tracking.approval_plan.commands import (
    AppointAgent,
    ClosePlan,
    DrawUpPlan,
    ReleaseAgent,
    ReopenPlan,
    RevisePlan,
    StateCircumstances,
)
from services.approval_tracking.approval_plan.drawing import Drawn
from services.approval_tracking.approval_plan.finding import any_plan, open_plan
from services.approval_tracking.approval_plan.refusals import demand
from services.approval_tracking.approval_plan.rules import Draw
from services.approval_tracking.approval_plan.states import Item, NotDrawn, Plan, PlanState


def draw_up(ask: DrawUpPlan, plan: PlanState) -> Sequence[PlanEvent]:
    """Lay out the plan of a project that has none."""
    if isinstance(plan, Plan):
        return []
    drawn = ask.draw(ask.circumstances)
    return [
        PlanDrawnUp(
            project_id=ask.project_id,
            owner_org=ask.owner_org,
            edition=1,
            project_revision=ask.project_revision,
            circumstances=ask.circumstances,
            flow_name=drawn.flow_name,
            catalogue=drawn.catalogue,
            items=drawn.items,
            stages=drawn.stages,
            total_limit=drawn.total_limit,
            drawn_up_on=ask.on,
        )
    ]


def revise(ask: RevisePlan, plan: PlanState) -> Sequence[PlanEvent]:
    """Lay the plan out anew for an edition of project or catalogue that it does not rest on yet.

    What somebody said decides it stays so, whatever the project's columns suggest now.
    """
    if isinstance(plan, NotDrawn) or plan.closed:
        return []
    circumstances = plan.circumstances if plan.stated else ask.suggested
    anew = _around_begun(plan, circumstances, ask.draw)
    if ask.project_revision <= plan.project_revision and anew.catalogue <= plan.catalogue:
        return []
    return [
        PlanRevised(
            project_id=ask.project_id,
            owner_org=ask.owner_org,
            edition=plan.edition + 1,
            project_revision=max(ask.project_revision, plan.project_revision),
            circumstances=circumstances,
            flow_name=anew.flow_name,
            catalogue=anew.catalogue,
            items=anew.items,
            stages=anew.stages,
            total_limit=anew.total_limit,
            reason=ask.reason,
            revised_on=ask.on,
        )
    ]


def state_circumstances(ask: StateCircumstances, plan: PlanState) -> Sequence[PlanEvent]:
    """Lay the plan out as somebody says that the project is."""
    known = open_plan(plan)
    answers = {**known.circumstances.answers, **ask.answers}
    circumstances = Circumstances(
        management=ask.management,
        flow=ask.flow,
        land_mode=ask.land_mode,
        answers={name: value for name, value in answers.items() if value is not None},
    )
    if circumstances == known.circumstances:
        return []
    anew = _around_begun(known, circumstances, ask.draw)
    return [
        PlanRevised(
            project_id=ask.project_id,
            owner_org=known.owner_org,
            edition=known.edition + 1,
            project_revision=known.project_revision,
            circumstances=circumstances,
            flow_name=anew.flow_name,
            catalogue=anew.catalogue,
            items=anew.items,
            stages=anew.stages,
            total_limit=anew.total_limit,
            stated=True,
            reason=demand("reason", ask.reason, "调整办理条件要写明理由。"),
            revised_on=ask.on,
        )
    ]


def _around_begun(plan: Plan, circumstances: Circumstances, draw: Draw) -> Drawn:
    """Draw anew around what has begun; what another office was given to do stays with it."""
    begun = [one for one in plan.items.values() if one.begun]
    drawn = draw(
        circumstances,
        begun=[one.planned for one in begun],
        accepted={one.planned.item for one in begun if one.settled},
    )
    return replace(drawn, items=tuple(_kept(one, plan.items.get(one.item)) for one in drawn.items))


def _kept(planned: PlannedItem, before: Item | None) -> PlannedItem:
    if before is None or not before.transferred:
        return planned
    return planned.model_copy(update={"handling": before.planned.handling})


def close(ask: ClosePlan, plan: PlanState) -> Sequence[PlanEvent]:
    """Close the plan of a project that is no longer to be approved."""
    if isinstance(plan, NotDrawn) or plan.closed:
        return []
    return [PlanClosed(project_id=ask.project_id, reason=ask.reason, closed_on=ask.on)]


def reopen(ask: ReopenPlan, plan: PlanState) -> Sequence[PlanEvent]:
    """Go on with a closed plan."""
    if isinstance(plan, NotDrawn) or not plan.closed:
        return []
    return [PlanReopened(project_id=ask.project_id, reopened_on=ask.on)]


def appoint(ask: AppointAgent, plan: PlanState) -> Sequence[PlanEvent]:
    """Name the project's agent in place of whoever was."""
    known = open_plan(plan)
    if known.agent == ask.agent:
        return []
    appointed = AgentAppointed(
        project_id=ask.project_id, agent=ask.agent, agent_org=ask.agent_org, appointed_on=ask.on
    )
    if not known.agent:
        return [appointed]
    return [_released(known, ask, "改派"), appointed]


def release(ask: ReleaseAgent, plan: PlanState) -> Sequence[PlanEvent]:
    """Name nobody any more."""
    known = any_plan(plan)
    if not known.agent:
        return []
    return [_released(known, ask, demand("reason", ask.reason, "解除代办要写明理由。"))]


def _released(plan: Plan, ask: AppointAgent | ReleaseAgent, reason: str) -> AgentReleased:
    return AgentReleased(
        project_id=ask.project_id, agent=plan.agent, reason=reason, released_on=ask.on
    )
