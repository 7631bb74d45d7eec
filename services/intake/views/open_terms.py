"""Which terms of review are running, with whom, until when?"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple, assert_never
from uuid import UUID

import asyncpg

from contracts import intake
from contracts.intake import (
    CorrectionApproved,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    DossierEvent,
    DuplicateJudged,
    Holder,
    Level,
    MoveApplied,
    MoveApproved,
    MoveRefused,
    MoveWithdrawn,
    ProjectAbsorbed,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectRevised,
    ProjectSplit,
    ProjectTagged,
    ProjectTakenOut,
    ProjectUntagged,
    ReviewApproved,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
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

    @property
    def term(self) -> Term | None:
        """The term as the facts say it."""
        if self.due is None or self.yellow_from is None or self.red_from is None:
            return None
        return Term(
            start=self.start,
            due=self.due,
            yellow_from=self.yellow_from,
            red_from=self.red_from,
            provisional=bool(self.provisional),
            calendar=self.calendar or 0,
        )


class OpenTerm(NamedTuple):
    """A project with its open term."""

    project_id: UUID
    row: TermRow


def fold(row: TermRow | None, told: Told) -> TermRow | None:
    """Fold a fact of intake into the row of the project's open term."""
    after = _folded(row, told)
    return after and after._replace(version=told.envelope.version)


def _folded(row: TermRow | None, told: Told) -> TermRow | None:
    event: DossierEvent = told.fact  # type: ignore[assignment]
    match event:
        case (
            ProjectDrafted()
            | ProjectRevised()
            | ProjectContactNamed()
            | ProjectContactErased()
            | ProjectTagged()
            | ProjectUntagged()
            | ReviewTaken()
            | ReviewHandedOver()
            | DuplicateJudged()
            | ProjectMoved()
            | ProjectHeld()
            | ProjectResumed()
            | ProjectEnded()
            | ProjectTakenOut()
            | ProjectAbsorbed()
            | ProjectMerged()
            | ProjectSplit()
            | ProjectCorrected()
        ):
            return row
        case ReviewSubmitted():
            return _open(told, event.to, event.term, event.submitted_on)
        case MoveApplied():
            return _open(told, event.to, event.term, event.applied_on)
        case CorrectionRequested():
            return _open(told, event.to, event.term, event.requested_on)
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
            | MoveWithdrawn()
            | MoveRefused()
            | MoveApproved()
            | CorrectionWithdrawn()
            | CorrectionRefused()
            | CorrectionApproved()
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


async def past_due(pool: asyncpg.Pool, today: date, most: int) -> AsyncIterator[Sequence[OpenTerm]]:
    """Give the terms that are over and were not told so, the oldest first, some at a time.

    Those whose days nobody has counted yet are among them.
    """
    after: tuple[date, str] = (date.min, "")
    while True:
        rows = await pool.fetch(
            "select * from views.open_terms where not overdue_told "
            "and coalesce(red_from, start) <= $1 and (coalesce(red_from, start), key) > ($2, $3) "
            "order by coalesce(red_from, start), key limit $4",
            today,
            *after,
            most,
        )
        if not rows:
            return
        yield _open_terms(rows)
        after = rows[-1]["red_from"] or rows[-1]["start"], rows[-1]["key"]


async def counted_before(
    pool: asyncpg.Pool, edition: int, day: date, after: int, until: int, most: int
) -> Sequence[OpenTerm]:
    """Give terms that ran on a day and were counted on an earlier edition of the calendar.

    They come in the order of the facts that set them, behind ``after`` and up to ``until``.
    """
    rows = await pool.fetch(
        "select * from views.open_terms where not overdue_told and position > $1 "
        "and position <= $2 and calendar < $3 and red_from > $4 order by position limit $5",
        after,
        until,
        edition,
        day,
        most,
    )
    return _open_terms(rows)


async def of_projects(pool: asyncpg.Pool, project_ids: Sequence[UUID]) -> Sequence[OpenTerm]:
    """Give the open terms of projects, so far as they have one that was not told overdue."""
    rows = await pool.fetch(
        "select * from views.open_terms where key = any($1::text[]) and not overdue_told "
        "order by key",
        [str(project_id) for project_id in project_ids],
    )
    return _open_terms(rows)


def _open_terms(rows: Sequence[asyncpg.Record]) -> Sequence[OpenTerm]:
    return [OpenTerm(UUID(row["key"]), TermRow._make(tuple(row)[1:])) for row in rows]


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=TermRow,
            kinds=intake.DOSSIER_KINDS,
            ignored=intake.OF_NO_DOSSIER,
            fold=fold,
        ),
    ),
    indexes=(
        # Whoever has no days yet is asked from his first day on.
        "((coalesce(red_from, start)), key) where not overdue_told",
        "(position) where not overdue_told",
    ),
    gathers=True,
)
