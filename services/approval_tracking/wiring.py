"""Approval tracking's tables: which room tells on which topic, and who decides. No logic."""

from collections.abc import Mapping

from contracts.approval_tracking import REFERENCE_TOPIC
from services.approval_tracking.calendar.decider import YEAR

TELLS: Mapping[str, str] = {"calendar": REFERENCE_TOPIC}
DECISIONS = {"calendar": YEAR}
