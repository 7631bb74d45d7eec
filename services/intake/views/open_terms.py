"""Which terms of review are running, with whom, until when?"""

from datetime import date
from typing import NamedTuple, assert_never

from contracts import intake
from contracts.intake import (
    Holder,
    Level,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEvent,
    ProjectPooled,
    ProjectRevised,
    ReviewApproved,
    ReviewEvent,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTermMoved,
    ReviewWithdrawn,
    Term,
)
from shared.viewing import Owner, Told, View

NAME, VERSION = "open_terms", 1


class TermRow(NamedTuple):
    """The term of whoever has the dossier now; a dossier without one has no row.

    A fact from before terms were counted gives its ``start`` only, and no days. ``position`` is
    that of the fact that set the term; ``version`` is the dossier's.
    """

    level: str
    start: date
    due: date | None
    yellow_from: date | None
    red_from: date | None
    provisional: bool | None
    calendar: int | None
    overdue_told: bool
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
            return _open(told, Holder.CITY, event.term, event.submitted_on)
        case ReviewPassedFirst():
            return _open(told, Holder.PROVINCE, event.term, _business_day(told))
        case ReviewReturned(to=Level.CITY):
            return _open(told, Holder.CITY, event.term, _business_day(told))
        case ReviewReturned():
            return _open(told, Holder.REPORTER, event.term, _business_day(told))
        case ReviewOverdue():
            return row and row._replace(overdue_told=True)
        case ReviewTermMoved():
            return row and _open(told, event.level, event.new, event.new.start)
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


def _open(told: Told, level: Holder, term: Term | None, start: date) -> TermRow:
    return TermRow(
        level=level.value,
        start=term.start if term else start,
        due=term.due if term else None,
        yellow_from=term.yellow_from if term else None,
        red_from=term.red_from if term else None,
        provisional=term.provisional if term else None,
        calendar=term.calendar if term else None,
        overdue_told=False,
        position=told.position,
        version=told.envelope.version,
    )


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
    indexes=(
        # Whoever has no days yet is asked from his first day on.
        "((coalesce(red_from, start)), key) where not overdue_told",
        "(position) where not overdue_told",
    ),
)
