"""The years that a home begins with: told once from the reference data, then left to people.

A year that a later notice changed is told as it was first published and then revised, so that its
history is there to be read. What people have entered stays: a row of the file is told once, a
published year is never published over, and a provisional one enters only where nothing is known.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import structlog
from pydantic import TypeAdapter

from contracts.approval_tracking import CALENDAR, Holiday, YearEvent
from contracts.reference import CalendarYear
from services.approval_tracking.calendar.commands import (
    CalendarCommand,
    Days,
    EstimateYear,
    PublishYear,
    ReviseYear,
)
from services.approval_tracking.calendar.decider import YEAR, Year, stream_of
from shared.deciding import Ask, Cause, Command, handle_many
from shared.journal import Journal
from shared.refusals import Refusal

log = structlog.get_logger()
_ROW: TypeAdapter[CalendarYear] = TypeAdapter(CalendarYear)


async def tell_known_years(
    journal: Journal,
    now: datetime,
    years: Sequence[CalendarYear],
    before: Sequence[CalendarYear],
) -> None:
    """Tell years that were not told before, those with a row in ``before`` beginning with it."""
    earlier = {row.year: row for row in before}
    await _tell(journal, now, [earlier.get(row.year, row) for row in years])
    await _tell(journal, now, [row for row in years if row.year in earlier])


async def _tell(journal: Journal, now: datetime, rows: Sequence[CalendarYear]) -> None:
    asks = [_ask(row) for row in rows]
    cause = Cause(
        account="system",
        role="system",
        org="system",
        now=now,
        correlation_id="calendar:reference",
        causation_id="calendar:reference",
    )
    for row, outcome in zip(rows, await handle_many(journal, YEAR, asks, cause), strict=True):
        if isinstance(outcome, Refusal):
            log.info("calendar_year_kept", year=row.year, why=outcome.code)


def _ask(row: CalendarYear) -> Ask[CalendarCommand, Year, YearEvent]:
    digest = hashlib.sha256(_ROW.dump_json(row)).digest()
    return Ask(
        stream_of(row.year),
        CALENDAR,
        command_of(row),
        lambda wrote: wrote.token.encode(),
        identity=Command(f"calendar:{row.year}:{digest.hex()}", digest),
        if_match=0 if row.provisional else None,
    )


def command_of(row: CalendarYear) -> CalendarCommand:
    """Give what a row of the reference data asks for."""
    days = Days(
        tuple(Holiday(name=one.name, first=one.first, last=one.last) for one in row.holidays),
        row.make_up_days,
    )
    if row.provisional:
        return EstimateYear(row.year, row.source, days)
    if row.reason:
        return ReviseYear(row.year, row.notices[-1], row.reason, row.source, days)
    return PublishYear(row.year, row.notices, row.source, days)
