"""What happened to a project's approvals, step by step: who, when, what exactly was recorded?"""

from contracts import approval_tracking
from services.console.views import project_history
from services.console.views.approval_items import NO_RESULTS
from services.console.views.project_history import HistoryRow
from shared.viewing import Owner, Told, View

NAME, VERSION = "approval_history", 1


def fold(row: HistoryRow | None, told: Told) -> HistoryRow:
    """Write the fact down, as those of intake are."""
    return project_history.fold(row, told)


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=HistoryRow,
            kinds=approval_tracking.PLAN_KINDS,
            ignored=NO_RESULTS,
            fold=fold,
            key=project_history.one_row_a_fact,
        ),
    ),
    indexes=("(project_id, version)", "(actoraccount, recorded)"),
)
