"""Puts approval_tracking together: its doors and topics, the years and rules told at start."""

from pathlib import Path

from fastapi import FastAPI

from contracts import approval_tracking
from contracts.reference import calendar_years, earlier_calendar_years
from services.approval_tracking.approval_plan.refusals import LABELS as ITEM_LABELS
from services.approval_tracking.beginning import tell_known_years
from services.approval_tracking.calendar.rules import LABELS
from services.approval_tracking.doors.calendar import calendar_routes
from services.approval_tracking.doors.catalogue import catalogue_routes
from services.approval_tracking.doors.desk import desk_routes
from services.approval_tracking.doors.items import item_routes
from services.approval_tracking.doors.listing import listing_routes
from services.approval_tracking.doors.plan_forms import LABELS as PLAN_LABELS
from services.approval_tracking.doors.plans import plan_routes
from services.approval_tracking.doors.results import result_routes
from services.approval_tracking.policies import POLICY, ROOMS
from services.approval_tracking.result.rules import LABELS as RESULT_LABELS
from services.approval_tracking.views import planned_projects, results_aside
from services.approval_tracking.views.units import UNITS
from services.approval_tracking.wiring import SWEEPS, TELLS, VIEWS
from shared.policies import publish
from shared.service import Runtime, Service
from shared.workbook.limits import LARGEST


def _routes(app: FastAPI, runtime: Runtime) -> None:
    calendar_routes(app, runtime)
    catalogue_routes(app, runtime)
    listing_routes(app, runtime)
    plan_routes(app, runtime)
    item_routes(app, runtime)
    desk_routes(app, runtime)
    result_routes(app, runtime)


async def _begin(_: FastAPI, runtime: Runtime) -> None:
    now = runtime.clock.now()
    await tell_known_years(runtime.journal, now, calendar_years(), earlier_calendar_years())
    await publish(runtime.journal, POLICY, ROOMS, now)


SERVICE = Service(
    name=approval_tracking.SERVICE,
    title="审批",
    http=_routes,
    tells=TELLS,
    views=VIEWS,
    # Without what was heard of projects every plan would look absent.
    stands_on=(UNITS.view, planned_projects.VIEW, results_aside.VIEW),
    sweeps=SWEEPS,
    migrations=Path(__file__).parent / "adapters" / "migrations",
    started=_begin,
    labels={**RESULT_LABELS, **PLAN_LABELS, **ITEM_LABELS, **LABELS},
    largest_upload=LARGEST + 1_000_000,
    limits={"POST /results/workbook": 60, "POST /results/workbook/marked": 60},
)
