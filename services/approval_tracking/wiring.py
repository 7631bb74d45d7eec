"""Approval tracking's tables: which room tells on which topic, and who decides. No logic."""

from collections.abc import Mapping

from contracts.approval_tracking import REFERENCE_TOPIC, TOPIC
from services.approval_tracking.calendar.decider import YEAR
from services.approval_tracking.policies import POLICY

TELLS: Mapping[str, str] = {
    "approval_plan": TOPIC,
    "result": TOPIC,
    "policy": REFERENCE_TOPIC,
    "calendar": REFERENCE_TOPIC,
}
DECISIONS = {"policy": POLICY, "calendar": YEAR}
