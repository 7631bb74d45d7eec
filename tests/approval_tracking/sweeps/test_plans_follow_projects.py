"""A plan begins, changes, rests and goes on as its project does: each is told once."""

from datetime import date, timedelta
from pathlib import Path

from contracts.intake import (
    ConstructionRectified,
    ConstructionStarted,
    LeadSide,
    Pool,
    ProjectEnded,
    ProjectHeld,
    ProjectMoved,
)
from services.approval_tracking.sweeps import (
    close_plans,
    draw_up_plans,
    flag_starts,
    reopen_plans,
    revise_plans,
)
from shared.clock import Clock, advance
from shared.sweeping import Sweeping
from tests.approval_tracking.sweeps.home import Home

APRIL_22, MAY_31 = date(2019, 4, 22), date(2019, 5, 31)


async def test_a_project_that_enters_preparation_gets_its_plan_once(
    home: Home, sweeper: Sweeping
) -> None:
    project_id = await home.pooled()
    await home.pooled(Pool.PLAN)
    first = await sweeper.sweep(draw_up_plans.SWEEP)
    again = await sweeper.sweep(draw_up_plans.SWEEP)
    await home.hear()
    heard = await sweeper.sweep(draw_up_plans.SWEEP)
    assert [(one.found, one.told) for one in (first, again, heard)] == [(1, 1), (1, 0), (0, 0)]
    (plan,) = await home.facts(project_id)
    assert plan["owner_org"] == "JC-ZZ"
    assert plan["items"][0]["item"] == "A01"
    assert {"D06"} <= {one["item"] for one in plan["items"] if one["handling"] == "JC-ZZ"}


async def test_a_project_that_moves_into_preparation_gets_one_too(
    home: Home, sweeper: Sweeping
) -> None:
    project_id = await home.pooled(Pool.PLAN)
    moved = ProjectMoved(
        project_id=project_id,
        transition="T12",
        from_pool=Pool.PLAN,
        to_pool=Pool.PREP,
        total_investment=1,
        reason="条件具备",
        moved_on=APRIL_22,
    )
    await home.happen(project_id, moved)
    assert (await sweeper.sweep(draw_up_plans.SWEEP)).told == 1


async def test_corrected_columns_lay_the_plan_out_anew(home: Home, sweeper: Sweeping) -> None:
    project_id = await home.pooled()
    await sweeper.sweep(draw_up_plans.SWEEP)
    await home.hear()
    await home.corrected(project_id, lead_side=LeadSide.GOVERNMENT)
    assert (await sweeper.sweep(revise_plans.SWEEP)).told == 1
    await home.hear()
    assert (await sweeper.sweep(revise_plans.SWEEP)).found == 0
    first, anew = await home.facts(project_id)
    assert (anew["edition"], anew["project_revision"], anew["stated"]) == (2, 3, False)
    assert first["circumstances"]["flow"] != anew["circumstances"]["flow"]


async def test_a_new_edition_of_the_catalogue_lays_every_plan_out_anew(
    home: Home, sweeper: Sweeping, clock: Clock, tmp_path: Path
) -> None:
    project_id = await home.pooled()
    await sweeper.sweep(draw_up_plans.SWEEP)
    await home.hear()
    assert (await sweeper.sweep(revise_plans.SWEEP)).found == 0
    advance(tmp_path, timedelta(days=(MAY_31 - clock.today()).days))
    assert (await sweeper.sweep(revise_plans.SWEEP)).told == 1
    _, anew = await home.facts(project_id)
    assert anew["reason"] == "审批事项目录有新版"


async def test_the_plan_of_a_project_that_ended_is_closed_and_that_of_one_held_is_not(
    home: Home, sweeper: Sweeping
) -> None:
    ends, waits = await home.pooled(), await home.pooled()
    await sweeper.sweep(draw_up_plans.SWEEP)
    await home.hear()
    await home.happen(
        waits,
        ProjectHeld(
            project_id=waits,
            pool=Pool.PREP,
            reason="等土地",
            resume_when="土地落实",
            hold_until=date(2019, 12, 31),
            held_on=APRIL_22,
        ),
    )
    await home.happen(
        ends,
        ProjectEnded(project_id=ends, pool=Pool.PREP, reason="不再实施", ended_on=APRIL_22),
    )
    assert (await sweeper.sweep(close_plans.SWEEP)).told == 1
    assert await home.kinds(waits) == ["drawn_up"]
    _, closed = await home.facts(ends)
    assert closed["reason"] == "项目已终止"
    await home.hear()
    assert (await sweeper.sweep(close_plans.SWEEP)).found == 0


async def test_a_project_that_went_back_and_comes_again_finds_its_plan(
    home: Home, sweeper: Sweeping
) -> None:
    project_id = await home.pooled()
    await sweeper.sweep(draw_up_plans.SWEEP)
    await home.hear()
    for there, back in ((Pool.PLAN, Pool.PREP), (Pool.PREP, Pool.PLAN)):
        await home.happen(
            project_id,
            ProjectMoved(
                project_id=project_id,
                transition="T21",
                from_pool=back,
                to_pool=there,
                total_investment=1,
                reason="误转",
                moved_on=APRIL_22,
            ),
        )
        await sweeper.sweep(close_plans.SWEEP)
        await home.hear()
        await sweeper.sweep(reopen_plans.SWEEP)
        await home.hear()
    assert await home.kinds(project_id) == ["drawn_up", "closed", "reopened"]


async def test_a_start_without_permits_is_flagged_and_the_flag_follows_what_is_told(
    home: Home, sweeper: Sweeping
) -> None:
    project_id = await home.pooled()
    await sweeper.sweep(draw_up_plans.SWEEP)
    await home.hear()
    started = ConstructionStarted(project_id=project_id, owner_org="JC-ZZ", started_on=APRIL_22)
    await home.happen(project_id, started, "progress")
    assert (await sweeper.sweep(flag_starts.SWEEP)).told == 1
    await home.hear()
    assert (await sweeper.sweep(flag_starts.SWEEP)).found == 0
    wrong = ConstructionRectified(
        project_id=project_id,
        owner_org="JC-ZZ",
        what="STARTED",
        was_on=APRIL_22,
        is_on=None,
        reason="误报",
        rectified_on=APRIL_22,
    )
    await home.happen(project_id, wrong, "progress")
    assert (await sweeper.sweep(flag_starts.SWEEP)).told == 1
    _, flagged, lifted = await home.facts(project_id)
    assert "C06" in flagged["missing"]
    assert lifted["reason"] == "没有开工记录"
