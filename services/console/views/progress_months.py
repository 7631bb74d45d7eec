"""What was reported of a project in a month, in the edition in force, or that nothing was?"""

from datetime import date
from typing import NamedTuple

from contracts import intake
from contracts.intake import ProgressMissed, ProgressOpened, ProgressReported
from shared.viewing import Owner, Told, View

NAME, VERSION = "progress_months", 1
OPENING = "0000-00"
"""The month under which stands what came before the first one."""


class MonthRow(NamedTuple):
    """A month of one project; money in yuan. ``edition`` is 0 while nothing was reported.

    Of what came before, ``invested`` is all of it, ``opened_this_year`` the part of the year
    ``opened_year``.
    """

    project_id: str
    owner_org: str
    month: str
    edition: int
    invested: int
    construction: int
    installation: int
    equipment: int
    other: int
    funds: int
    problems: int
    due: date | None
    first_reported_on: date | None
    reported_on: date | None
    late: bool
    missed_on: date | None
    opened_year: str
    opened_this_year: int


def fold(row: MonthRow | None, told: Told) -> MonthRow | None:
    """Write the newest edition down; that a month was missing stays when it is reported late."""
    match told.fact:
        case ProgressReported() as report:
            before = row or _nothing(str(report.project_id), report.owner_org, report.month)
            return before._replace(
                edition=report.edition,
                invested=report.invested.total,
                **report.invested.model_dump(),
                funds=sum(part.amount for part in report.funds),
                problems=len(report.problems),
                due=report.due,
                first_reported_on=before.first_reported_on or report.reported_on,
                reported_on=report.reported_on,
                late=report.late,
            )
        case ProgressMissed() as missed:
            before = row or _nothing(str(missed.project_id), missed.owner_org, missed.month)
            return before._replace(due=missed.due, missed_on=missed.told_on)
        case ProgressOpened() as opening:
            before = row or _nothing(str(opening.project_id), opening.owner_org, OPENING)
            return before._replace(
                invested=opening.invested_in_all,
                opened_year=f"{opening.as_of:%Y}",
                opened_this_year=opening.invested_this_year,
            )
        case _:
            return row


def _nothing(project_id: str, owner_org: str, month: str) -> MonthRow:
    return MonthRow(
        project_id=project_id,
        owner_org=owner_org,
        month=month,
        edition=0,
        invested=0,
        construction=0,
        installation=0,
        equipment=0,
        other=0,
        funds=0,
        problems=0,
        due=None,
        first_reported_on=None,
        reported_on=None,
        late=False,
        missed_on=None,
        opened_year="",
        opened_this_year=0,
    )


def _one_row_a_month(told: Told) -> str:
    match told.fact:
        case ProgressReported(month=month) | ProgressMissed(month=month):
            return f"{told.envelope.partitionkey}|{month}"
        case _:
            return f"{told.envelope.partitionkey}|{OPENING}"


_WORKS = {
    kind: "of the works: views/progress_facts.py"
    for kind in intake.PROGRESS_KINDS
    if "construction" in kind
}
VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=MonthRow,
            kinds={
                kind: fact for kind, fact in intake.PROGRESS_KINDS.items() if kind not in _WORKS
            },
            ignored={
                **_WORKS,
                **intake.not_of_a(
                    "months",
                    intake.DOSSIER_KINDS,
                    intake.SIGNING_KINDS,
                    intake.PROMOTION_KINDS,
                    intake.UPLOAD_KINDS,
                ),
            },
            fold=fold,
            key=_one_row_a_month,
        ),
    ),
    indexes=("(month, project_id)", "(project_id, month) include (invested)"),
    history=True,  # Told of every project, of interest to few: each batch costs a transaction.
    gathers=True,
)
