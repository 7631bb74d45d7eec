"""Which projects owe monthly reports, and of which months nothing was reported nor told missing?"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from contracts import intake
from contracts.intake import (
    Pool,
    ProgressMissed,
    ProgressOpened,
    ProgressReported,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectSplit,
    ProjectTakenOut,
    not_of_a,
)
from shared.deadline.terms import months_after
from shared.viewing import Owner, Told, View

NAME, VERSION = "progress_owed", 1


class OwedRow(NamedTuple):
    """A project's pool while it goes on there, and what was told of its months.

    The first three columns come of the project's own stream, the next of that of its months, and
    ``open_month`` of both: what is heard first changes nothing. ``settled`` are the months that
    were reported or told missing, ``opened_until`` the last that came before.
    """

    owner_org: str | None = None
    pool: str | None = None
    since: date | None = None
    settled: str = ""
    opened_until: str = ""
    open_month: date | None = None


class Owed(NamedTuple):
    """A project with the months that it owes, up to a month."""

    project_id: UUID
    owner_org: str
    months: tuple[str, ...]


def fold(row: OwedRow | None, told: Told) -> OwedRow | None:
    """Fold a fact of either stream into the project's row."""
    after = _folded(row or OwedRow(), told)
    return after and after._replace(open_month=_first_open(after))


def _folded(row: OwedRow, told: Told) -> OwedRow | None:
    fact = told.fact
    # The day on which it was told: what was loaded as stock owes nothing of its past.
    day = date.fromisoformat(told.envelope.occurred)
    match fact:
        case ProjectDrafted(owner_org=org):
            return row._replace(owner_org=org)
        case ProjectPooled(owner_org=org, pool=pool):
            return row._replace(owner_org=org, pool=pool.value, since=day)
        case ProjectMoved(to_pool=pool) | ProjectResumed(pool=pool):
            return row._replace(pool=pool.value, since=day)
        case ProjectHeld() | ProjectEnded() | ProjectTakenOut() | ProjectMerged() | ProjectSplit():
            return row._replace(pool=None, since=None)
        case ProjectDiscarded():
            # What was told of its months came by another stream, maybe not yet.
            left = row._replace(owner_org=None, pool=None, since=None)
            return left if left.settled or left.opened_until else None
        case ProgressReported(month=month) | ProgressMissed(month=month):
            months = {*row.settled.split(), month}
            return row._replace(settled=" ".join(sorted(months)))
        case ProgressOpened(as_of=as_of):
            return row._replace(opened_until=f"{as_of:%Y-%m}")
        case _:
            return row


def _first_open(row: OwedRow) -> date | None:
    if row.since is None:
        return None
    settled, month = set(row.settled.split()), row.since.replace(day=1)
    while f"{month:%Y-%m}" in settled or f"{month:%Y-%m}" <= row.opened_until:
        month = months_after(month, 1)
    return month


async def owing(
    pool: asyncpg.Pool, pools: Sequence[Pool], until: date, most: int
) -> AsyncIterator[Sequence[Owed]]:
    """Give the projects in these pools that owe months up to one, some at a time."""
    after = ""
    while True:
        rows = await pool.fetch(
            "select * from views.progress_owed where pool = any($1) and open_month <= $2 "
            "and key > $3 order by key limit $4",
            [one.value for one in pools],
            until,
            after,
            most,
        )
        if not rows:
            return
        yield [_owed(row, until) for row in rows]
        after = rows[-1]["key"]


async def of_projects(
    pool: asyncpg.Pool, pools: Sequence[Pool], until: date, project_ids: Sequence[UUID]
) -> Sequence[Owed]:
    """Give what these projects owe, so far as they owe anything."""
    rows = await pool.fetch(
        "select * from views.progress_owed where pool = any($1) and open_month <= $2 "
        "and key = any($3::text[]) order by key",
        [one.value for one in pools],
        until,
        [str(project_id) for project_id in project_ids],
    )
    return [_owed(row, until) for row in rows]


def _owed(row: asyncpg.Record, until: date) -> Owed:
    settled, month, months = set(row["settled"].split()), row["open_month"], []
    while month <= until:
        if (name := f"{month:%Y-%m}") not in settled and name > row["opened_until"]:
            months.append(name)
        month = months_after(month, 1)
    return Owed(UUID(row["key"]), row["owner_org"], tuple(months))


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=OwedRow,
            kinds={**intake.DOSSIER_KINDS, **intake.PROGRESS_KINDS},
            ignored=not_of_a(
                "a project's months",
                intake.SIGNING_KINDS,
                intake.PROMOTION_KINDS,
                intake.UPLOAD_KINDS,
            ),
            fold=fold,
        ),
    ),
    indexes=("(open_month, pool)",),
    gathers=True,
)
