"""The console's tables: which views it keeps, which of them follow projects. No logic."""

from services.console.views import four_pools, policies, project_history

VIEWS = (four_pools.VIEW, project_history.VIEW, policies.VIEW)
AWAITED = (four_pools.VIEW, project_history.VIEW)
