"""The console's tables: which views it keeps, which follow projects, who else keeps some."""

from services.console.views import four_pools, policies, project_history, working_days

VIEWS = (four_pools.VIEW, project_history.VIEW, policies.VIEW, working_days.VIEW)
AWAITED = (four_pools.VIEW, project_history.VIEW)
KEEPERS = ("console", "intake")
"""The services that keep views: the operators' page asks each about what it has set aside."""
