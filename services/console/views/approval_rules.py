"""Which rules of approvals are in force, by room and day? The catalogue of items is one of them."""

from contracts import approval_tracking
from services.console.views import policies
from services.console.views.policies import PolicyRow, rules_view
from shared.viewing import Told

NAME, VERSION = "approval_rules", 1


def fold(row: PolicyRow | None, told: Told) -> PolicyRow:
    """Write the file down as those of intake are."""
    return policies.fold(row, told)


VIEW = rules_view(
    NAME,
    VERSION,
    approval_tracking.SERVICE,
    approval_tracking.REFERENCE_TOPIC,
    approval_tracking.POLICY_KINDS,
    dict.fromkeys(approval_tracking.YEAR_KINDS, "a year's working days are no rule"),
    fold,
)
