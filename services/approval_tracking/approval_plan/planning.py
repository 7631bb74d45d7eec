"""A plan as a whole: drawn up, laid out anew around what has begun, closed, reopened; its agent."""

from collections.abc import Mapping, Sequence
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
from services.approval_tracking.approval_plan.finding import any_plan, open_plan
from services.approval_tracking.approval_plan.refusals import demand
from services.approval_tracking.approval_plan.rules import Drawn
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
            items=drawn.items,
            stages=drawn.stages,
            total_limit=drawn.total_limit,
            drawn_up_on=ask.on,
        )
    ]


def revise(ask: RevisePlan, plan: PlanState) -> Sequence[PlanEvent]:
    """Lay the plan out anew for an edition of the project that it does not rest on yet.

    What the project's columns say counts before what somebody had answered.
    """
    if isinstance(plan, NotDrawn) or plan.closed or plan.project_revision >= ask.project_revision:
        return []
    of = plan.circumstances
    circumstances = of.model_copy(update={"answers": {**of.answers, **ask.answers}})
    anew = _around_begun(plan, ask.draw(circumstances))
    return [
        PlanRevised(
            project_id=ask.project_id,
            owner_org=ask.owner_org,
            edition=plan.edition + 1,
            project_revision=ask.project_revision,
            circumstances=circumstances,
            flow_name=anew.flow_name,
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
    anew = _around_begun(known, ask.draw(circumstances))
    return [
        PlanRevised(
            project_id=ask.project_id,
            owner_org=known.owner_org,
            edition=known.edition + 1,
            project_revision=known.project_revision,
            circumstances=circumstances,
            flow_name=anew.flow_name,
            items=anew.items,
            stages=anew.stages,
            total_limit=anew.total_limit,
            reason=demand("reason", ask.reason, "调整办理条件要写明理由。"),
            revised_on=ask.on,
        )
    ]


def _around_begun(plan: Plan, drawn: Drawn) -> Drawn:
    """Put what has begun into a plan that was drawn anew, also what would not be planned now."""
    fresh = {one.item: one for one in drawn.items}
    begun = {name: one for name, one in plan.items.items() if one.begun}
    items = {**{name: one.planned for name, one in begun.items()}, **fresh}
    order = [*fresh, *(name for name in begun if name not in fresh)]
    merged = tuple(_merged(items[name], begun.get(name), items) for name in order)
    return replace(drawn, items=merged)


def _merged(
    planned: PlannedItem, begun: Item | None, items: Mapping[str, PlannedItem]
) -> PlannedItem:
    """Give an item as it stands in the new plan; who does what has begun goes on doing it."""
    was = planned if begun is None else begun.planned
    return planned.model_copy(
        update={
            "after": _those_in(items, planned.after),
            "beside": _those_in(items, planned.beside),
            "handling": was.handling,
            "need": was.need,
        }
    )


def _those_in(items: Mapping[str, PlannedItem], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in items)


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
