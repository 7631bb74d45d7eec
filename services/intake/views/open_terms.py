"""Which terms of review are running, with whom, since when?"""

from datetime import date
from typing import NamedTuple, assert_never

from contracts import intake
from contracts.intake import (
    Level,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEvent,
    ProjectPooled,
    ProjectRevised,
    ReviewApproved,
    ReviewEvent,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewWithdrawn,
)
from shared.viewing import Owner, Told, View

NAME, VERSION = "open_terms", 1


class TermRow(NamedTuple):
    """The term of whoever has the dossier now; a dossier without one has no row.

    ``position`` is that of the fact that set the term; ``version`` is the dossier's.
    """

    level: str
    start: date
    position: int
    version: int


def fold(row: TermRow | None, told: Told) -> TermRow | None:
    """Fold a fact of intake into the row of the project's open term."""
    after = _folded(row, told)
    return after and after._replace(version=told.envelope.version)


def _folded(row: TermRow | None, told: Told) -> TermRow | None:
    event: ProjectEvent | ReviewEvent = told.fact  # type: ignore[assignment]
    match event:
        case ProjectDrafted() | ProjectRevised():
            return row
        case ReviewSubmitted():
            return _open(told, "CITY", event.submitted_on)
        case ReviewPassedFirst():
            return _open(told, "PROVINCE", _business_day(told))
        case ReviewReturned(to=Level.CITY):
            return _open(told, "CITY", _business_day(told))
        case ReviewReturned():
            return _open(told, "REPORTER", _business_day(told))
        case (
            ReviewWithdrawn()
            | ReviewRejected()
            | ReviewApproved()
            | ProjectPooled()
            | ProjectDiscarded()
        ):
            return None
        case _:
            assert_never(event)


def _open(told: Told, level: str, start: date) -> TermRow:
    return TermRow(level, start, told.position, told.envelope.version)


def _business_day(told: Told) -> date:
    return date.fromisoformat(told.envelope.occurred)


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=TermRow,
            kinds=intake.DOSSIER_KINDS,
            ignored=intake.UPLOAD_KINDS,
            fold=fold,
        ),
    ),
    indexes=("(start)", "(position)"),
)
