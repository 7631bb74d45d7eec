"""A day brings silence, soon and over to items, once each; a revised calendar moves what runs."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from services.approval_tracking.approval_plan.commands import (
    Accept,
    Grant,
    ItemCommand,
    Pause,
    Receive,
)
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.sweeps import draw_up_plans, recount_clocks, tell_due
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.clock import Clock, advance
from shared.sweeping import Sweeping
from shared.viewing import reading
from tests.approval_tracking.plans import OFFICER
from tests.approval_tracking.sweeps.home import Home

APRIL_22 = date(2019, 4, 22)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is told while a test looks."""
    monkeypatch.setattr(reading.recorded_up_to, "__defaults__", (0.2,))


async def act(
    home: Home, project_id: UUID, kind: type[ItemCommand], item: str, day: date, **more: object
) -> Sequence[str]:
    make = partial(kind, project_id=project_id, on=day, by=OFFICER, item=item)
    days = await WORKING_DAYS.in_force(home.pool)
    facts = await home.ask(project_id, make(days=days, catalogue_of=catalogue_of, **more), day)  # type: ignore[arg-type]
    await home.hear()
    return [fact.kind.split(".")[2] for fact in facts]


async def plan_with(home: Home, sweeper: Sweeping, *done: str) -> UUID:
    project_id = await home.pooled()
    await sweeper.sweep(draw_up_plans.SWEEP)
    await home.hear()
    for item in done:
        await act(home, project_id, Grant, item, APRIL_22)
    return project_id


async def test_an_item_is_told_soon_then_over_each_once(
    home: Home, sweeper: Sweeping, clock: Clock, tmp_path: Path
) -> None:
    project_id = await plan_with(home, sweeper, "A01", "A10")
    await act(home, project_id, Receive, "A13", APRIL_22)
    told = []
    for _ in range(60):
        await sweeper.sweep(tell_due.SWEEP)
        await sweeper.sweep(tell_due.SWEEP)
        await home.hear()
        advance(tmp_path, timedelta(days=1))
    told = [
        (fact["kind"].split(".")[2], fact.get("clock"))
        for fact in await home.facts(project_id)
        if fact.get("item") == "A13"
    ]
    assert told == [
        ("item_received", None),
        ("item_soon_overdue", "RECEIPT"),
        ("item_accepted", None),
        ("item_overdue", "PROMISED"),
        ("item_soon_overdue", "STATUTORY"),
        ("item_overdue", "STATUTORY"),
    ]
    assert (await sweeper.sweep(tell_due.SWEEP)).found == 0


async def test_what_does_not_run_is_not_looked_at(home: Home, sweeper: Sweeping) -> None:
    await plan_with(home, sweeper, "A01", "A10")
    assert (await sweeper.sweep(tell_due.SWEEP)).found == 0


async def test_a_pause_that_lasts_too_long_is_told_once(
    home: Home, sweeper: Sweeping, clock: Clock, tmp_path: Path
) -> None:
    project_id = await plan_with(home, sweeper, "A01")
    await act(home, project_id, Receive, "B01", APRIL_22)
    await act(home, project_id, Accept, "B01", APRIL_22)
    procedure = next(iter(catalogue_of(APRIL_22).procedures))
    await act(
        home,
        project_id,
        Pause,
        "B01",
        APRIL_22,
        procedure=procedure,
        reason="技术评估",
        expected_days=3,
    )
    for _ in range(10):
        await sweeper.sweep(tell_due.SWEEP)
        await home.hear()
        advance(tmp_path, timedelta(days=1))
    facts = [f for f in await home.facts(project_id) if f["kind"].endswith("pause_overrun.v1")]
    assert [(f["expected_until"], f["told_on"]) for f in facts] == [("2019-04-24", "2019-04-25")]


async def test_a_revised_calendar_moves_the_clocks_that_run_once(
    home: Home, sweeper: Sweeping
) -> None:
    moved, quiet = await plan_with(home, sweeper, "A01"), await plan_with(home, sweeper, "A01")
    for kind in (Receive, Accept):
        await act(home, moved, kind, "B01", APRIL_22)
    await act(home, quiet, Receive, "B01", APRIL_22)
    await home.revise(date(2019, 4, 30), on=APRIL_22)
    first = await sweeper.sweep(recount_clocks.SWEEP)
    await home.hear()
    again = await sweeper.sweep(recount_clocks.SWEEP)
    assert (first.found, first.told, again.told) == (2, 1, 0)
    assert (await sweeper.sweep(recount_clocks.SWEEP)).found == 0
    assert (await home.kinds(moved))[-1] == "item_clocks_moved"
    assert "item_clocks_moved" not in await home.kinds(quiet)


async def test_what_a_revision_moves_is_not_told_over_on_its_old_day(
    home: Home, sweeper: Sweeping, clock: Clock, tmp_path: Path
) -> None:
    project_id = await plan_with(home, sweeper, "A01", "A10")
    await act(home, project_id, Receive, "A13", APRIL_22)
    await home.revise(date(2019, 4, 26), on=APRIL_22)
    advance(tmp_path, timedelta(days=7))
    # The 29th was the day after the last of five, and is the last now.
    await sweeper.sweep(tell_due.SWEEP)
    kinds = await home.kinds(project_id)
    assert "item_clocks_moved" in kinds
    assert kinds.count("item_accepted") == 2  # those of A01 and A10
