"""Puts approval_tracking together: its doors, its topic, the years that a home begins with."""

from fastapi import FastAPI

from contracts import approval_tracking
from contracts.reference import calendar_years, earlier_calendar_years
from services.approval_tracking.beginning import tell_known_years
from services.approval_tracking.calendar.rules import LABELS
from services.approval_tracking.doors.http import routes
from services.approval_tracking.wiring import TELLS
from shared.service import Runtime, Service


async def _begin(_: FastAPI, runtime: Runtime) -> None:
    await tell_known_years(
        runtime.journal, runtime.clock.now(), calendar_years(), earlier_calendar_years()
    )


SERVICE = Service(
    name=approval_tracking.SERVICE,
    title="审批",
    http=routes,
    tells=TELLS,
    started=_begin,
    labels=LABELS,
)
