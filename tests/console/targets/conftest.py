"""The console's rows on a database of their own, and what figures come to on them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest

from services.console.main import SERVICE
from services.console.pages.counting import Counting, Members, by_place
from services.console.pages.moment import end_of
from services.console.pages.whose import Whose, whose
from services.console.targets.figures import Figure, figure
from services.console.targets.parts import total
from services.console.targets.plan import Target, targets_on
from services.console.wiring import VIEWS
from shared.journal import open_pool
from shared.seeing import Reader
from shared.viewing import ViewStore
from tests.conftest import VIEWING, NewDatabase
from tests.console.targets.lives import Life, hear
from tests.shared.told_units import units

LEAD = Reader("lead_office", "D-LGO")


class Figures:
    """A console that has heard some lives, asked on a day."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Stand on a database."""
        self.pool = pool
        self.counting = Counting(lambda: pool, asyncio.Semaphore(2))

    async def hear(self, *lives: Life) -> None:
        """Hear more."""
        await hear(self.pool, *lives)

    async def forget(self) -> None:
        """Begin anew, as if nothing had been heard."""
        for view in VIEWS:
            await self.pool.execute(f"truncate {', '.join(view.tables)}")
        await self.pool.execute("delete from viewing.offsets")
        self.counting = Counting(lambda: self.pool, asyncio.Semaphore(2))

    async def figure(
        self, code: str, on: date, unit: str = "", *, reader: Reader = LEAD, past: bool = False
    ) -> Figure:
        """Reckon a figure; of the past as it was recorded by the end of the day."""
        plan = targets_on(on)
        assert plan is not None
        cells = await self._at(on, past=past).cells(reader, plan.parts, on.year)
        target, one = self._whose(code, on, unit)
        return figure(target, by_place(cells).get(one.place, ()), on)

    async def members(
        self, code: str, part: str, on: date, unit: str = "", *, reader: Reader = LEAD
    ) -> Members:
        """Give the list behind a part of a figure."""
        target, one = self._whose(code, on, unit)
        (found,) = [each for each in target.parts if each.what.value == part]
        return await self.counting.members(reader, found, one.place, on.year, 1)

    async def of_year(self, code: str, on: date) -> dict[str, int]:
        """Count the parts of a target in another year than its own, by their names."""
        target, _ = self._whose(code, date(2019, 12, 31), "")
        cells = await self.counting.cells(LEAD, target.parts, on.year)
        return {
            part.what.value: total(cells, part).count
            for _, part in target.signed((*target.counts, *target.of))
        }

    def _at(self, on: date, *, past: bool) -> Counting:
        return self.counting.before(end_of(on).now, settled=True) if past else self.counting

    def _whose(self, code: str, on: date, unit: str) -> tuple[Target, Whose]:
        plan = targets_on(on)
        assert plan is not None
        (found,) = [
            (target, one)
            for target in plan.of_code(code)
            for one in whose(target, units(), LEAD, on)
            if one.id == unit
        ]
        return found


@pytest.fixture
async def city(new_database: NewDatabase) -> AsyncIterator[Figures]:
    """A console that has heard nothing yet."""
    assert SERVICE.migrations is not None
    pool = await open_pool(await new_database(VIEWING, ("console", SERVICE.migrations)))
    for view in VIEWS:
        await ViewStore(pool, view).open()
    yield Figures(pool)
    await pool.close()
