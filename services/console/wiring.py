"""The console's tables: which views it keeps, which hear of which stream, who else keeps some."""

from collections.abc import Mapping

from services.console.views import (
    approval_history,
    approval_items,
    approval_plans,
    approval_rules,
    construction,
    counted,
    four_pools,
    nothing_new,
    policies,
    progress_months,
    project_history,
    promotions,
    signing_projects,
    signings,
    tagged,
    units,
    working_days,
)
from shared.viewing import View

VIEWS = (
    four_pools.VIEW,
    counted.VIEW,
    construction.VIEW,
    project_history.VIEW,
    progress_months.VIEW,
    policies.VIEW,
    approval_rules.VIEW,
    nothing_new.VIEW,
    signings.VIEW,
    signing_projects.VIEW,
    promotions.VIEW,
    tagged.VIEW,
    approval_plans.VIEW,
    approval_items.VIEW,
    approval_history.VIEW,
    working_days.VIEW,
    units.VIEW,
)
AWAITED: Mapping[str, tuple[View, ...]] = {
    "project": (four_pools.VIEW, counted.VIEW, project_history.VIEW, tagged.VIEW),
    "progress": (project_history.VIEW, progress_months.VIEW, construction.VIEW),
    "month": (nothing_new.VIEW,),
    "signing": (signings.VIEW, signing_projects.VIEW, project_history.VIEW),
    "promotion": (promotions.VIEW, project_history.VIEW),
    "approval": (
        approval_plans.VIEW,
        approval_items.VIEW,
        approval_history.VIEW,
        four_pools.VIEW,
    ),
    "calendar": (working_days.VIEW,),
    "organisation": (units.VIEW,),
}
"""Who is asked whether a write has arrived, by the first word of its stream."""
KEEPERS = ("console", "intake", "approval_tracking")
"""The services that keep views: the operators' page asks each about what it has set aside."""
