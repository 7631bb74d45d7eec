"""A month that a project owes and nobody reported is told missing, once, when its day is over."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from contracts.examples import PROJECT
from contracts.intake import Pool, ProjectHeld, ProjectMoved
from services.intake.sweeps.tell_missed_progress import SWEEP
from services.intake.views.progress_owed import VIEW
from shared.clock import Clock, advance
from shared.journal import open_pool
from shared.migrating import trees_of
from shared.sweeping import Sweeping
from tests.conftest import NewDatabase
from tests.intake.dossiers import approved, drafted, pooled, submitted
from tests.intake.progress.builders import reported
from tests.intake.sweeps.own_facts import OwnFacts, own_facts

MISSED = "intake.progress.missed.v1"
PLANNED = drafted(), submitted(), approved(), pooled()
# April is due on Sunday 5 May, a make-up working day, and May on 5 June.
MAY_5, MAY_6, JUNE_6 = date(2019, 5, 5), date(2019, 5, 6), date(2019, 6, 6)


def moved(to: Pool) -> ProjectMoved:
    return ProjectMoved(
        project_id=PROJECT,
        transition="T13",
        from_pool=Pool.PLAN,
        to_pool=to,
        total_investment=1,
        reason="手续齐备",
        moved_on=date(2019, 4, 25),
    )


BUILT = *PLANNED, moved(Pool.BUILD)


@pytest.fixture
async def own(new_database: NewDatabase) -> AsyncIterator[OwnFacts]:
    pool = await open_pool(await new_database(*trees_of("intake")))
    yield await own_facts(pool, VIEW)
    await pool.close()


def until(day: date, clock: Clock, home: Path) -> None:
    advance(home, timedelta(days=(day - clock.today()).days))


async def test_only_a_project_that_is_being_built_owes_a_report_and_is_told_once(
    own: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    silent = await own.happen(*BUILT)
    await own.happen(*PLANNED)
    has_reported = await own.happen(*BUILT)
    await own.work(has_reported, reported("2019-04"))
    await own.hear()
    sweeper = Sweeping("intake", (), own.pool, clock)
    until(MAY_5, clock, tmp_path)
    assert (await sweeper.sweep(SWEEP)).found == 0
    until(MAY_6, clock, tmp_path)
    assert (await sweeper.sweep(SWEEP)).told == 1
    # The view has not heard it yet, then it has: neither lets it be told again.
    assert (await sweeper.sweep(SWEEP)).told == 0
    await own.hear()
    assert (await sweeper.sweep(SWEEP)).found == 0
    (told,) = await own.told(MISSED)
    assert (told["project_id"], told["month"], told["due"]) == (
        str(silent),
        "2019-04",
        "2019-05-05",
    )


async def test_every_month_that_nobody_reported_is_told(
    own: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    project = await own.happen(*BUILT)
    await own.work(project, reported("2019-05"))
    await own.hear()
    until(date(2019, 8, 6), clock, tmp_path)
    assert (await Sweeping("intake", (), own.pool, clock).sweep(SWEEP)).told == 3
    assert [one["month"] for one in await own.told(MISSED)] == ["2019-04", "2019-06", "2019-07"]


async def test_a_project_that_waits_owes_nothing_though_the_view_has_not_heard_it(
    own: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    project = await own.happen(*BUILT)
    await own.hear()
    held = ProjectHeld(
        project_id=PROJECT,
        pool=Pool.BUILD,
        reason="资金",
        resume_when="资金到位",
        hold_until=date(2020, 4, 1),
        held_on=date(2019, 5, 5),
    )
    await own.go_on(project, held)
    until(JUNE_6, clock, tmp_path)
    assert (await Sweeping("intake", (), own.pool, clock).sweep(SWEEP)).told == 0
    await own.hear()
    assert (await Sweeping("intake", (), own.pool, clock).sweep(SWEEP)).found == 0


async def test_a_month_reported_meanwhile_is_not_missing_though_the_view_is_behind(
    own: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    project = await own.happen(*BUILT)
    await own.hear()
    await own.work(project, reported("2019-04"))
    until(MAY_6, clock, tmp_path)
    swept = await Sweeping("intake", (), own.pool, clock).sweep(SWEEP)
    assert (swept.found, swept.told, swept.errors) == (1, 0, {})
