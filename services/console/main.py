"""总览: composition root."""

from pathlib import Path

from services.console.doors.http import add_pages
from services.console.views.units import UNITS
from services.console.wiring import VIEWS
from shared.service import Service

SERVICE = Service(
    name="console",
    title="总览",
    http=add_pages,
    views=VIEWS,
    stands_on=(UNITS.view,),
    # Forms bring evidence and workbooks along; intake says of each file what is too large.
    largest_upload=25 * 1024 * 1024,
    limits={"GET /signed-in": 60},
    migrations=Path(__file__).parent / "adapters" / "migrations",
)
