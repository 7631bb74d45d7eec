"""Approval tracking's tables: what is told on which topic, who decides, what is read."""

from collections.abc import Mapping

from contracts.approval_tracking import REFERENCE_TOPIC, TOPIC
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.calendar.decider import YEAR
from services.approval_tracking.policies import POLICY
from services.approval_tracking.result.decider import RESULT
from services.approval_tracking.views import results_aside

TELLS: Mapping[str, str] = {
    "approval_plan": TOPIC,
    "result": TOPIC,
    "policy": REFERENCE_TOPIC,
    "calendar": REFERENCE_TOPIC,
}
DECISIONS = {"approval_plan": PLAN, "result": RESULT, "policy": POLICY, "calendar": YEAR}
VIEWS = (results_aside.VIEW,)
