"""The console's tables: which views it keeps. No logic."""

from services.console.views import four_pools, project_history

VIEWS = (four_pools.VIEW, project_history.VIEW)
