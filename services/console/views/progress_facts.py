"""What was told of a project's months and works, step by step: who, when, on which papers?"""

from contracts import intake
from services.console.views.project_history import HistoryRow, fold
from shared.viewing import Owner, Told, View

NAME, VERSION = "progress_facts", 1


def _one_row_a_fact(told: Told) -> str:
    return f"{told.envelope.subject}@{told.envelope.streamversion}"


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=HistoryRow,
            kinds=intake.PROGRESS_KINDS,
            ignored=intake.not_of_a(
                "months and works",
                intake.DOSSIER_KINDS,
                intake.SIGNING_KINDS,
                intake.PROMOTION_KINDS,
                intake.UPLOAD_KINDS,
            ),
            fold=fold,
            key=_one_row_a_fact,
        ),
    ),
    indexes=("(project_id, version)",),
)
