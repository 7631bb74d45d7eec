"""Puts intake together: its doors, its topics, the policies that it tells at start."""

from pathlib import Path

from fastapi import FastAPI

from contracts import intake
from services.intake.adapters.erasing import erase_listed
from services.intake.doors.contacts import contact_routes
from services.intake.doors.corrections import correction_routes
from services.intake.doors.duplicates import duplicate_routes
from services.intake.doors.erasures import erasure_routes
from services.intake.doors.files import LARGEST as LARGEST_FILE
from services.intake.doors.files import file_routes
from services.intake.doors.http import routes
from services.intake.doors.moves import move_routes
from services.intake.doors.opening import opening_routes
from services.intake.doors.progress import progress_routes
from services.intake.doors.progress_sheets import progress_sheet_routes
from services.intake.doors.promotions import promotion_routes
from services.intake.doors.recounts import recount_routes
from services.intake.doors.report_months import report_month_routes
from services.intake.doors.signings import signing_routes
from services.intake.doors.tags import tag_routes
from services.intake.doors.taking_in import TakingIn
from services.intake.doors.workbooks import workbook_routes
from services.intake.policies import POLICY, ROOMS
from services.intake.progress import rules as progress_rules
from services.intake.project.rules import LABELS
from services.intake.signing.rules import LABELS as SIGNING_LABELS
from services.intake.views import comparable_projects, permits
from services.intake.views.units import UNITS
from services.intake.wiring import SWEEPS, TELLS, VIEWS
from shared.policies import publish
from shared.service import Runtime, Service
from shared.workbook.limits import LARGEST


async def _started(app: FastAPI, runtime: Runtime) -> None:
    await publish(runtime.journal, POLICY, ROOMS, runtime.clock.now())
    taking_in: TakingIn = app.state.taking_in
    await taking_in.resume()


def _routes(app: FastAPI, runtime: Runtime) -> None:
    routes(app, runtime)
    contact_routes(app, runtime)
    erasure_routes(app, runtime)
    correction_routes(app, runtime)
    duplicate_routes(app, runtime)
    report_month_routes(app, runtime)
    signing_routes(app, runtime)
    tag_routes(app, runtime)
    promotion_routes(app, runtime)
    file_routes(app, runtime)
    progress_routes(app, runtime)
    progress_sheet_routes(app, runtime)
    app.state.taking_in = workbook_routes(app, runtime)
    recount_routes(app, runtime)
    move_routes(app, runtime)
    opening_routes(app, runtime)


SERVICE = Service(
    name=intake.SERVICE,
    title="申报",
    http=_routes,
    tells=TELLS,
    views=VIEWS,
    stands_on=(UNITS.view, comparable_projects.VIEW, permits.VIEW),
    sweeps=SWEEPS,
    migrations=Path(__file__).parent / "adapters" / "migrations",
    started=_started,
    labels={**progress_rules.LABELS, **SIGNING_LABELS, **LABELS, "month": "报送月份"},
    largest_upload=max(LARGEST, LARGEST_FILE) + 1_000_000,
    keeps_files=True,
    limits={
        "POST /workbooks": 60,
        "POST /progress/{month}/workbook": 60,
        "POST /files": 120,
    },
    erase=erase_listed,
)
