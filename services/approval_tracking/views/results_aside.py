"""Which results of other platforms has no plan taken, and what became of them?"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, assert_never
from uuid import UUID

import asyncpg

from contracts import approval_tracking
from contracts.approval_tracking import (
    ResultDismissed,
    ResultEvent,
    ResultMatched,
    ResultSetAside,
)
from shared.viewing import Owner, Told, View

NAME, VERSION = "results_aside", 1
WAITING, MATCHED, DISMISSED = "WAITING", "MATCHED", "DISMISSED"
STATES = (WAITING, MATCHED, DISMISSED)


class ResultAsideRow(NamedTuple):
    """One row of results: what it says, why no plan took it, how it was settled."""

    state: str
    platform: str
    project_code: str
    project_name: str | None
    item: str
    step: str
    happened_on: date
    document_number: str | None
    valid_until: date | None
    reason: str | None
    code: str
    why: str
    came_on: date
    settled_on: date | None
    settled_as: str | None
    project_id: str | None
    matched_item: str | None


def fold(row: ResultAsideRow | None, told: Told) -> ResultAsideRow | None:
    """Fold a fact of a row."""
    event: ResultEvent = told.fact  # type: ignore[assignment]
    match event:
        case ResultSetAside(row=said):
            return ResultAsideRow(
                state=WAITING,
                platform=said.platform,
                project_code=said.project_code,
                project_name=said.project_name,
                item=said.item,
                step=said.step.value,
                happened_on=said.happened_on,
                document_number=said.document_number,
                valid_until=said.valid_until,
                reason=said.reason,
                code=event.code,
                why=event.why,
                came_on=event.came_on,
                settled_on=None,
                settled_as=None,
                project_id=None,
                matched_item=None,
            )
        case ResultMatched():
            return row and row._replace(
                state=MATCHED,
                settled_on=event.matched_on,
                project_id=str(event.project_id),
                matched_item=event.item,
            )
        case ResultDismissed():
            return row and row._replace(
                state=DISMISSED, settled_on=event.dismissed_on, settled_as=event.reason
            )
        case _:
            assert_never(event)


class Aside(NamedTuple):
    """A row as it is listed."""

    result_id: UUID
    row: ResultAsideRow


async def listed(
    pool: asyncpg.Pool, state: str, after: tuple[date, str] | None, most: int
) -> Sequence[Aside]:
    """Give rows of a state, the latest first, from below a place in the list."""
    day, key = after or (date.max, "")
    rows = await pool.fetch(
        "select * from views.results_aside where state = $1"
        " and (came_on < $2 or came_on = $2 and key > $3) order by came_on desc, key limit $4",
        state,
        day,
        key,
        most,
    )
    return [_aside(row) for row in rows]


async def counted(pool: asyncpg.Pool) -> dict[str, int]:
    """Count the rows of each state."""
    rows = await pool.fetch("select state, count(*) as rows from views.results_aside group by 1")
    return dict.fromkeys(STATES, 0) | {row["state"]: row["rows"] for row in rows}


def _aside(found: asyncpg.Record) -> Aside:
    columns = (found[name] for name in ResultAsideRow._fields)
    return Aside(UUID(found["key"].removeprefix("result-")), ResultAsideRow._make(columns))


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=ResultAsideRow,
            kinds=approval_tracking.RESULT_KINDS,
            ignored=dict.fromkeys(approval_tracking.PLAN_KINDS, "tells nothing of a result"),
            fold=fold,
        ),
    ),
    indexes=("(state, came_on desc, key)",),
    gathers=True,
)
