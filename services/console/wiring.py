"""The console's tables: which views it keeps, which hear of which stream, who else keeps some."""

from collections.abc import Mapping

from services.console.views import (
    construction,
    counted,
    four_pools,
    nothing_new,
    policies,
    progress_facts,
    progress_months,
    project_history,
    units,
    working_days,
)
from shared.viewing import View

VIEWS = (
    four_pools.VIEW,
    counted.VIEW,
    construction.VIEW,
    project_history.VIEW,
    progress_facts.VIEW,
    progress_months.VIEW,
    policies.VIEW,
    nothing_new.VIEW,
    working_days.VIEW,
    units.VIEW,
)
AWAITED: Mapping[str, tuple[View, ...]] = {
    "progress": (progress_facts.VIEW, progress_months.VIEW, construction.VIEW),
    "project": (four_pools.VIEW, counted.VIEW, project_history.VIEW),
    "month": (nothing_new.VIEW,),
    "calendar": (working_days.VIEW,),
    "organisation": (units.VIEW,),
}
"""Who is asked whether a write has arrived, by the first word of its stream."""
KEEPERS = ("console", "intake")
"""The services that keep views: the operators' page asks each about what it has set aside."""
