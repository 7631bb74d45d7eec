"""Which items of plans have days still to come, and when is the next of them?"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, assert_never
from uuid import UUID

import asyncpg

from contracts import approval_tracking
from contracts.approval_tracking import (
    Clock,
    ClockSort,
    CommitmentChecked,
    CorrectionsAsked,
    FollowedUp,
    HandlingTransferred,
    ItemAccepted,
    ItemClocksMoved,
    ItemCommitted,
    ItemCorrected,
    ItemEvent,
    ItemExtended,
    ItemGranted,
    ItemHandedOver,
    ItemNotAccepted,
    ItemOverdue,
    ItemPaused,
    ItemReceived,
    ItemRectified,
    ItemRefused,
    ItemResumed,
    ItemRevoked,
    ItemSoonOverdue,
    ItemTaken,
    ItemWaived,
    ItemWithdrawn,
    PauseOverrun,
)
from contracts.approval_tracking.item import ItemFact
from shared.viewing import Owner, Told, View

NAME, VERSION = "open_items", 1


class OpenRow(NamedTuple):
    """An item with running clocks: of each the days of which nothing was told yet.

    ``other`` is the clock of receipt, commitment or follow-up, of which one runs at a time.
    ``told`` names what was told of which clock, ``pause_until`` the earliest day on which a pause
    can be longer than expected, ``next_on`` the first of all days. ``calendar`` is the oldest
    edition that a clock was counted on; ``position`` that of the fact that counted last.
    """

    project_id: str
    told: str = ""
    statutory_yellow: date | None = None
    statutory_red: date | None = None
    promised_yellow: date | None = None
    promised_red: date | None = None
    other_yellow: date | None = None
    other_red: date | None = None
    pause_until: date | None = None
    next_on: date | None = None
    calendar: int | None = None
    position: int = 0


_SLOTS = {ClockSort.STATUTORY: "statutory", ClockSort.PROMISED: "promised"}


def fold(row: OpenRow | None, told: Told) -> OpenRow | None:
    """Fold a fact of an item."""
    after = _folded(row, told)
    if after is None:
        return None
    days = (
        after.statutory_yellow,
        after.statutory_red,
        after.promised_yellow,
        after.promised_red,
        after.other_yellow,
        after.other_red,
        after.pause_until,
    )
    return after._replace(next_on=min((day for day in days if day), default=None))


def _folded(row: OpenRow | None, told: Told) -> OpenRow | None:
    event: ItemEvent = told.fact  # type: ignore[assignment]
    new = OpenRow(str(event.project_id))
    match event:
        case ItemReceived() | ItemCorrected():
            return _counted(new, event.clocks, told)
        case ItemAccepted() | ItemCommitted():
            return _counted(new, event.clocks, told)
        case ItemGranted():
            left = [one for one in event.clocks if one.sort is ClockSort.FOLLOW_UP]
            return _counted(new, left, told) if left else None
        case (
            CorrectionsAsked()
            | ItemNotAccepted()
            | FollowedUp()
            | ItemRefused()
            | ItemWithdrawn()
            | ItemRevoked()
            | CommitmentChecked()
            | ItemWaived()
        ):
            return None
        case _ if row is None:
            return None
        case ItemPaused():
            # It lasts so many working days, and so at least as many days.
            until = event.first + timedelta(days=event.expected_days)
            return _counted(row, event.clocks, told)._replace(pause_until=until)
        case ItemResumed():
            return _counted(row, event.clocks, told)._replace(pause_until=None)
        case ItemExtended() | ItemClocksMoved():
            return _counted(row, event.clocks, told)
        case PauseOverrun():
            return row._replace(pause_until=None)
        case ItemSoonOverdue():
            return _told(row, event.clock, "soon")
        case ItemOverdue():
            return _told(_told(row, event.clock, "soon"), event.clock, "overdue")
        case ItemRectified() | ItemTaken() | ItemHandedOver() | HandlingTransferred():
            return row
        case _:
            assert_never(event)


def _counted(row: OpenRow, clocks: Iterable[Clock], told: Told) -> OpenRow:
    days: dict[str, Any] = {}
    editions = []
    known = row.told.split()
    for clock in clocks:
        slot = _SLOTS.get(clock.sort, "other")
        days[f"{slot}_yellow"] = None if f"{slot}:soon" in known else clock.yellow_from
        days[f"{slot}_red"] = None if f"{slot}:overdue" in known else clock.red_from
        editions.append(clock.calendar)
    return row._replace(
        **days, calendar=min(editions, default=row.calendar), position=told.position
    )


def _told(row: OpenRow, clock: ClockSort, what: str) -> OpenRow:
    slot = _SLOTS.get(clock, "other")
    day = "yellow" if what == "soon" else "red"
    heard: dict[str, Any] = {f"{slot}_{day}": None, "told": f"{row.told} {slot}:{what}".strip()}
    return row._replace(**heard)


async def due(pool: asyncpg.Pool, today: date, most: int) -> AsyncIterator[Sequence[UUID]]:
    """Give the projects of which an item may have something to tell, some at a time."""
    after = ""
    while True:
        rows = await pool.fetch(
            "select distinct project_id from views.open_items where next_on <= $1 "
            "and project_id > $2 order by project_id limit $3",
            today,
            after,
            most,
        )
        if not rows:
            return
        yield [UUID(row["project_id"]) for row in rows]
        after = rows[-1]["project_id"]


async def counted_before(
    pool: asyncpg.Pool, edition: int, after: int, until: int, most: int
) -> Sequence[tuple[UUID, int]]:
    """Give projects with items that were counted on an earlier edition of the calendar.

    They come in the order of the facts that counted them, behind ``after`` and up to ``until``,
    each with the position of that fact.
    """
    rows = await pool.fetch(
        "select project_id, position from views.open_items where calendar < $1 "
        "and position > $2 and position <= $3 order by position limit $4",
        edition,
        after,
        until,
        most,
    )
    return [(UUID(row["project_id"]), row["position"]) for row in rows]


def _key(told: Told) -> str:
    fact = told.fact
    if not isinstance(fact, ItemFact):
        raise TypeError(fact.kind)
    return f"{fact.project_id}|{fact.item}"


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=approval_tracking.SERVICE,
            topic=approval_tracking.TOPIC,
            row=OpenRow,
            kinds=approval_tracking.ITEM_KINDS,
            ignored={
                kind: "tells of no item"
                for kinds in (approval_tracking.PLAN_KINDS, approval_tracking.RESULT_KINDS)
                for kind in kinds
                if kind not in approval_tracking.ITEM_KINDS
            },
            fold=fold,
            key=_key,
        ),
    ),
    indexes=("(project_id, next_on)", "(position)"),
    gathers=True,
)
