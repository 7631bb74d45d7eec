"""A contract that has no project in time is told overdue, once, whatever the view has heard."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.intake.sweeps.tell_overdue_links import SWEEP
from services.intake.views import open_contracts
from shared.clock import Clock, advance
from shared.journal import open_pool
from shared.migrating import trees_of
from shared.sweeping import Sweeping
from tests.conftest import NewDatabase
from tests.intake.signings import MAY_25, contract, ended, linked, registered, unlinked
from tests.intake.sweeps.own_facts import OwnFacts, own_facts

OVERDUE = "intake.signing.link_overdue.v1"


@pytest.fixture
async def signings(new_database: NewDatabase) -> AsyncIterator[OwnFacts]:
    pool = await open_pool(await new_database(*trees_of("intake")))
    yield await own_facts(pool, open_contracts.VIEW)
    await pool.close()


def until(day: date, clock: Clock, home: Path) -> None:
    """Let the demonstration go on to a day."""
    advance(home, timedelta(days=(day - clock.today()).days))


async def test_what_is_late_is_told_once(signings: OwnFacts, clock: Clock, tmp_path: Path) -> None:
    late = await signings.sign(registered(), contract())
    again = await signings.sign(registered(), contract(), linked(), unlinked())
    await signings.sign(registered(), contract(), linked())
    await signings.sign(registered(), linked(), contract())
    await signings.sign(registered(), contract(), ended())
    await signings.sign(registered())
    await signings.hear()
    sweeper = Sweeping("intake", (), signings.pool, clock)
    until(MAY_25, clock, tmp_path)
    assert (await sweeper.sweep(SWEEP)).found == 0, "its last day still counts"
    until(MAY_25 + timedelta(days=1), clock, tmp_path)
    assert (await sweeper.sweep(SWEEP)).told == 2
    # The view has not heard it yet, then it has: neither lets it be told again.
    assert (await sweeper.sweep(SWEEP)).told == 0
    await signings.hear()
    assert (await sweeper.sweep(SWEEP)).found == 0
    told = await signings.told(OVERDUE)
    assert {one["signing_id"] for one in told} == {str(late), str(again)}
    assert {one["told_on"] for one in told} == {"2019-05-26"}


async def test_a_contract_that_was_linked_meanwhile_is_not_late_though_the_view_is_behind(
    signings: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    signing = await signings.sign(registered(), contract())
    await signings.hear()
    await signings.sign(linked(), signing_id=signing)
    until(MAY_25 + timedelta(days=1), clock, tmp_path)
    swept = await Sweeping("intake", (), signings.pool, clock).sweep(SWEEP)
    assert (swept.found, swept.told, swept.errors) == (1, 0, {})
