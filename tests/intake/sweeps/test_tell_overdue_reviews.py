"""A term that is over is told overdue, once, whatever the view has heard meanwhile."""

from datetime import date, timedelta
from pathlib import Path

from services.intake.sweeps.tell_overdue_reviews import SWEEP
from shared.clock import Clock, advance
from shared.sweeping import Sweeping, failing
from tests.intake.dossiers import (
    TERMS,
    approved,
    drafted,
    passed_first,
    pooled,
    returned,
    submitted,
    withdrawn,
)
from tests.intake.sweeps.own_facts import OwnFacts

REPORTED = drafted(), submitted()
OVERDUE = "intake.review.overdue.v1"


def until(day: date, clock: Clock, home: Path) -> None:
    """Let the demonstration go on to a day."""
    advance(home, timedelta(days=(day - clock.today()).days))
    assert clock.today() == day


async def test_what_is_late_with_whomever_is_told_once(
    facts_of_intake: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    city = await facts_of_intake.happen(*REPORTED)
    with_province = await facts_of_intake.happen(*REPORTED, passed_first(term=TERMS.city))
    reporter = await facts_of_intake.happen(*REPORTED, returned(term=TERMS.city))
    await facts_of_intake.happen(*REPORTED, passed_first(), approved(), pooled())
    await facts_of_intake.happen(*REPORTED, withdrawn())
    await facts_of_intake.happen(drafted())
    await facts_of_intake.hear()
    sweeper = Sweeping("intake", (), facts_of_intake.pool, clock)
    assert (await sweeper.sweep(SWEEP)).found == 0
    until(TERMS.city.red_from, clock, tmp_path)
    assert (await sweeper.sweep(SWEEP)).told == 3
    # The view has not heard it yet, then it has: neither lets it be told again.
    assert (await sweeper.sweep(SWEEP)).told == 0
    await facts_of_intake.hear()
    assert (await sweeper.sweep(SWEEP)).found == 0
    told = await facts_of_intake.told(OVERDUE)
    assert {(one["project_id"], one["level"]) for one in told} == {
        (str(city), "CITY"),
        (str(with_province), "PROVINCE"),
        (str(reporter), "REPORTER"),
    }
    assert {one["told_on"] for one in told} == {TERMS.city.red_from.isoformat()}
    assert len(told) == 3


async def test_on_the_last_day_of_its_term_nothing_is_late(
    facts_of_intake: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    until(TERMS.city.due, clock, tmp_path)
    swept = await Sweeping("intake", (), facts_of_intake.pool, clock).sweep(SWEEP)
    assert (swept.found, swept.told) == (0, 0)


async def test_a_step_that_was_done_meanwhile_is_not_late_though_the_view_is_behind(
    facts_of_intake: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    project = await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    await facts_of_intake.go_on(project, passed_first())
    until(TERMS.city.red_from, clock, tmp_path)
    swept = await Sweeping("intake", (), facts_of_intake.pool, clock).sweep(SWEEP)
    assert (swept.found, swept.told, swept.errors) == (1, 0, {})


async def test_a_step_that_began_before_terms_were_counted_is_late_too(
    facts_of_intake: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    project = await facts_of_intake.happen(drafted(), submitted(term=None))
    await facts_of_intake.hear()
    sweeper = Sweeping("intake", (), facts_of_intake.pool, clock)
    until(TERMS.city.start, clock, tmp_path)
    early = await sweeper.sweep(SWEEP)
    assert (early.found, early.told) == (1, 0)
    until(TERMS.city.red_from, clock, tmp_path)
    assert (await sweeper.sweep(SWEEP)).told == 1
    (told,) = await facts_of_intake.told(OVERDUE)
    assert (told["project_id"], told["due"]) == (str(project), TERMS.city.due.isoformat())


async def test_days_counted_for_a_step_that_is_over_are_held_against_no_later_one(
    facts_of_intake: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    project = await facts_of_intake.happen(drafted(), submitted(term=None))
    await facts_of_intake.hear()
    until(TERMS.city.red_from, clock, tmp_path)
    again = submitted(term=None, round=2, submitted_on=clock.today())
    await facts_of_intake.go_on(project, withdrawn(), again)
    sweeper = Sweeping("intake", (), facts_of_intake.pool, clock)
    swept = await sweeper.sweep(SWEEP)
    assert (swept.told, [text.partition(":")[0] for text in swept.errors.values()]) == (
        0,
        ["stale_version"],
    )
    await facts_of_intake.hear()
    assert (await sweeper.sweep(SWEEP, at_once=True)).errors == {}
    assert await failing(facts_of_intake.pool, SWEEP.name) == {}
    assert await facts_of_intake.told(OVERDUE) == []


async def test_more_than_a_page_is_told_page_by_page(
    facts_of_intake: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    await facts_of_intake.happen_often(REPORTED, 1203)
    await facts_of_intake.hear()
    until(TERMS.city.red_from, clock, tmp_path)
    swept = await Sweeping("intake", (), facts_of_intake.pool, clock).sweep(SWEEP)
    assert (swept.found, swept.told) == (1203, 1203)
