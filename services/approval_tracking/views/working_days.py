"""Which days are worked, year by year and edition by edition?"""

from contracts import approval_tracking
from contracts.reference import calendar_years
from shared.working_days import working_days

WORKING_DAYS = working_days(
    approval_tracking.SERVICE,
    approval_tracking.REFERENCE_TOPIC,
    approval_tracking.YEAR_KINDS,
    calendar_years(),
    dict.fromkeys(approval_tracking.POLICY_KINDS, "rules are no working days"),
)
VIEW = WORKING_DAYS.view
