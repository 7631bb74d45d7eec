"""Approval tracking's tables: what is told, who decides, what is read, what is swept. No logic."""

from collections.abc import Mapping

from contracts.approval_tracking import REFERENCE_TOPIC, TOPIC
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.calendar.decider import YEAR
from services.approval_tracking.policies import POLICY
from services.approval_tracking.result.decider import RESULT
from services.approval_tracking.sweeps import (
    close_plans,
    draw_up_plans,
    flag_starts,
    recount_clocks,
    reopen_plans,
    revise_plans,
    tell_due,
)
from services.approval_tracking.views import (
    open_items,
    planned_projects,
    results_aside,
    units,
    working_days,
)

TELLS: Mapping[str, str] = {
    "approval_plan": TOPIC,
    "result": TOPIC,
    "policy": REFERENCE_TOPIC,
    "calendar": REFERENCE_TOPIC,
}
DECISIONS = {"approval_plan": PLAN, "result": RESULT, "policy": POLICY, "calendar": YEAR}
VIEWS = (
    planned_projects.VIEW,
    open_items.VIEW,
    results_aside.VIEW,
    working_days.VIEW,
    units.VIEW,
)
# A plan that is to be closed is not drawn anew before; what a revision moves is told before it is.
SWEEPS = (
    draw_up_plans.SWEEP,
    close_plans.SWEEP,
    reopen_plans.SWEEP,
    revise_plans.SWEEP,
    flag_starts.SWEEP,
    recount_clocks.SWEEP,
    tell_due.SWEEP,
)
