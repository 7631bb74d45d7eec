"""A console on sample rows, its own database for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest

from contracts.identity import OrganisationEvent
from services.console.main import SERVICE
from services.console.views.units import UNITS
from services.console.wiring import VIEWS
from shared.journal import open_pool
from shared.viewing import ViewStore
from tests.conftest import VIEWING, NewDatabase
from tests.console.builders import (
    MONTH_RULES,
    REVIEW_RULES,
    Dossier,
    keep,
    published,
    put_in_force,
    read_to_the_end,
)
from tests.console.city import NOON, City, sit_down, stand
from tests.shared.told_units import SEEDS, hear_units

StandCity = Callable[..., Awaitable[City]]


@pytest.fixture
async def stand_city(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[StandCity]:
    """Puts up a console that shows the given dossiers."""
    assert SERVICE.migrations is not None
    pool = await open_pool(await new_database(VIEWING, ("console", SERVICE.migrations)))

    async def put_up(
        *dossiers: Dossier,
        rules: bool = True,
        demonstration: bool = True,
        now: datetime = NOON,
        real_identity: httpx.AsyncClient | None = None,
        units: Sequence[OrganisationEvent] = (),
    ) -> City:
        for view in VIEWS:
            await ViewStore(pool, view).open()
        await hear_units(pool, UNITS.view, *SEEDS, *units, after=())
        if rules:
            began = date(2019, 4, 22)
            await put_in_force(
                pool,
                published(REVIEW_RULES, began),
                published(MONTH_RULES, began, room="report_month"),
            )
        await keep(pool, dossiers)
        await read_to_the_end(pool)
        await sit_down(pool)
        return stand(pool, tmp_path, now, demonstration=demonstration, real_identity=real_identity)

    yield put_up
    await pool.close()
