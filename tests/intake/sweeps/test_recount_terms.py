"""A revised calendar moves terms that run: each that moves is told once, all others are quiet."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest

from contracts.intake import Term
from services.intake.adapters import recounts
from services.intake.adapters.recounts import Recount
from services.intake.policies import terms_on
from services.intake.sweeps import recount_terms_when_calendar_revised as recounting
from services.intake.sweeps.recount_terms_when_calendar_revised import SWEEP
from services.intake.sweeps.tell_overdue_reviews import SWEEP as OVERDUE
from services.intake.wiring import SWEEPS
from shared.clock import Clock, advance
from shared.sweeping import Sweeping
from shared.viewing import reading
from tests.intake.dossiers import (
    APRIL_25,
    DAYS,
    TERMS,
    approved,
    drafted,
    overdue,
    passed_first,
    pooled,
    returned,
    submitted,
)
from tests.intake.sweeps.own_facts import OwnFacts

REPORTED = drafted(), submitted()
MOVED = "intake.review.term_moved.v1"
DAY = timedelta(days=1)
# Reported on Thursday the 25th: Friday, Sunday the 28th (worked), Monday the 29th.
LAST_DAY = TERMS.city.due
MUCH_LATER = date(2019, 6, 12)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody enters another year here, and nothing is told while a test looks."""
    monkeypatch.setattr(recounting, "SETTLES", 0.05)
    monkeypatch.setattr(reading.recorded_up_to, "__defaults__", (0.2,))


@pytest.fixture
def sweeper(facts_of_intake: OwnFacts, clock: Clock) -> Sweeping:
    return Sweeping("intake", (), facts_of_intake.pool, clock)


async def last_recount(pool: asyncpg.Pool) -> Recount:
    return (await recounts.recounts(pool))[0]


def test_the_day_that_the_stories_take_off_is_the_last_of_the_term() -> None:
    assert date(2019, 4, 29) == LAST_DAY


async def test_a_term_that_moves_is_told_once_with_its_old_and_new_days(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    project = await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    edition = await facts_of_intake.revise(LAST_DAY)
    assert (await sweeper.sweep(SWEEP)).told == 1
    (told,) = await facts_of_intake.told(MOVED)
    assert told["project_id"] == str(project)
    assert told["level"] == "CITY"
    assert Term.model_validate(told["old"]) == TERMS.city
    new = Term.model_validate(told["new"])
    assert (new.start, new.due, new.red_from) == (APRIL_25, LAST_DAY + DAY, LAST_DAY + 2 * DAY)
    assert new.calendar == edition
    # Again, before the view has heard it and after.
    assert (await sweeper.sweep(SWEEP)).told == 0
    await facts_of_intake.hear()
    assert (await sweeper.sweep(SWEEP)).found == 0
    recount = await last_recount(facts_of_intake.pool)
    assert (recount.open, recount.done, recount.moved) == (1, 1, 1)
    assert recount.finished is not None


async def test_terms_with_the_same_days_tell_nothing_and_are_looked_at_once(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    await facts_of_intake.happen_often(REPORTED, 7)
    await facts_of_intake.hear()
    await facts_of_intake.revise(MUCH_LATER)
    first = await sweeper.sweep(SWEEP)
    assert (first.found, first.told) == (0, 0)
    recount = await last_recount(facts_of_intake.pool)
    assert (recount.open, recount.done, recount.moved) == (7, 7, 0)
    position = await facts_of_intake.pool.fetchval("select max(position) from journal.told")
    assert recount.upto == position
    assert await facts_of_intake.told(MOVED) == []


async def test_what_is_over_stays_as_it_was(
    facts_of_intake: OwnFacts, sweeper: Sweeping, clock: Clock
) -> None:
    await facts_of_intake.happen(*REPORTED, passed_first(), approved(), pooled())
    await facts_of_intake.happen(*REPORTED, overdue())
    late = terms_on(date(2019, 4, 15), DAYS).city
    await facts_of_intake.happen(drafted(), submitted(term=late))
    before = await facts_of_intake.pool.fetchval("select count(*) from journal.events")
    await facts_of_intake.hear()
    await facts_of_intake.revise(late.due, LAST_DAY, on=late.red_from)
    assert clock.today() > late.due
    assert (await sweeper.sweep(SWEEP)).told == 0
    assert await facts_of_intake.pool.fetchval("select count(*) from journal.events") == before


async def test_a_clock_that_jumps_makes_no_term_late_that_a_revision_has_moved(
    facts_of_intake: OwnFacts, clock: Clock, tmp_path: Path
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY, LAST_DAY + DAY, on=LAST_DAY)
    advance(tmp_path, timedelta(days=(TERMS.city.red_from - clock.today()).days))
    sweeper = Sweeping("intake", SWEEPS, facts_of_intake.pool, clock)
    # Nothing is told overdue on days that do not hold any more, not even before the recount.
    assert (await sweeper.sweep(OVERDUE)).told == 0
    done = await sweeper.round()
    assert {name: one.told for name, one in done.items()} == {SWEEP.name: 1, OVERDUE.name: 0}
    await facts_of_intake.hear()
    new = Term.model_validate((await facts_of_intake.told(MOVED))[0]["new"])
    advance(tmp_path, timedelta(days=(new.red_from - clock.today()).days))
    assert (await sweeper.sweep(OVERDUE)).told == 1


async def test_without_a_revision_there_is_nothing_to_count_anew(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    assert (await sweeper.sweep(SWEEP)).found == 0
    assert await recounts.recounts(facts_of_intake.pool) == []


async def test_a_recount_is_not_finished_before_the_view_has_heard_what_was_told(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.tell()
    await facts_of_intake.revise(LAST_DAY)
    assert (await sweeper.sweep(SWEEP)).told == 1
    recount = await last_recount(facts_of_intake.pool)
    assert (recount.open, recount.done, recount.finished) == (1, 0, None)
    await facts_of_intake.hear()
    assert (await sweeper.sweep(SWEEP)).told == 1
    assert (await last_recount(facts_of_intake.pool)).finished is not None


async def test_a_term_counted_on_the_old_calendar_that_comes_late_is_moved_too(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY)
    assert (await sweeper.sweep(SWEEP)).told == 1
    finished = await last_recount(facts_of_intake.pool)
    late = await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    assert (await sweeper.sweep(SWEEP)).told == 1
    told = await facts_of_intake.told(MOVED)
    assert str(late) in {one["project_id"] for one in told}
    recount = await last_recount(facts_of_intake.pool)
    assert (recount.moved, recount.finished) == (2, finished.finished)


async def test_a_fact_that_is_set_aside_keeps_the_recount_open_and_holds_up_no_other(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY)
    await facts_of_intake.pool.execute(
        "insert into viewing.waiting (view, stream, version, reason, error, topic, partition, "
        '"offset", headers, body) values '
        "('open_terms', 'project-x', 2, 'failed', 'broken', 't', 0, 7, '', '')"
    )
    assert (await sweeper.sweep(SWEEP)).told == 1
    assert (await last_recount(facts_of_intake.pool)).finished is None
    late = await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    assert (await sweeper.sweep(SWEEP)).told == 1
    assert (await facts_of_intake.told(MOVED))[-1]["project_id"] == str(late)
    await facts_of_intake.pool.execute("delete from viewing.waiting")
    assert (await sweeper.sweep(SWEEP)).told == 0
    assert (await last_recount(facts_of_intake.pool)).finished is not None


async def test_a_recount_that_is_cut_off_goes_on_and_counts_what_it_moved(
    facts_of_intake: OwnFacts, sweeper: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await facts_of_intake.happen_often(REPORTED, 1234)
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY)

    class CutOff(Exception):
        """As a kill between an append and the note of it."""

    async def cut_off(*_: object) -> None:
        raise CutOff

    with monkeypatch.context() as patched:
        patched.setattr(recounts, "reach", cut_off)
        with pytest.raises(CutOff):
            await sweeper.sweep(SWEEP)
    recount = await last_recount(facts_of_intake.pool)
    assert (recount.open, recount.moved, recount.upto, recount.finished) == (1234, 500, 0, None)
    # The view has not heard yet what was moved: it is asked again and stays quiet.
    assert (await sweeper.sweep(SWEEP)).told == 734
    recount = await last_recount(facts_of_intake.pool)
    assert (recount.done, recount.moved) == (1234, 1234)
    told = await facts_of_intake.told(MOVED)
    assert len({one["project_id"] for one in told}) == len(told) == 1234
    appends = await facts_of_intake.pool.fetchval(
        "select count(distinct xmin::text) from journal.events where kind = $1", MOVED
    )
    assert appends == 3


async def test_years_entered_in_a_row_are_one_revision(
    facts_of_intake: OwnFacts, sweeper: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY)
    left = [(), (LAST_DAY, LAST_DAY + DAY)]

    async def another_is_entered(_: float) -> None:
        if left:
            await facts_of_intake.revise(*left.pop())

    monkeypatch.setattr(recounting, "sleep", another_is_entered)
    assert (await sweeper.sweep(SWEEP)).told == 0
    assert [one.edition for one in await recounts.recounts(facts_of_intake.pool)] == [3]


async def test_what_the_next_revision_takes_back_moves_back(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY)
    await sweeper.sweep(SWEEP)
    await facts_of_intake.hear()
    second = await facts_of_intake.revise()
    assert (await sweeper.sweep(SWEEP)).told == 1
    back = Term.model_validate((await facts_of_intake.told(MOVED))[-1]["new"])
    assert back == TERMS.city.model_copy(update={"calendar": second})
    assert [one.moved for one in await recounts.recounts(facts_of_intake.pool)] == [1, 1]


async def test_every_level_is_counted_by_its_own_term(
    facts_of_intake: OwnFacts, sweeper: Sweeping
) -> None:
    await facts_of_intake.happen(*REPORTED)
    await facts_of_intake.happen(*REPORTED, passed_first())
    await facts_of_intake.happen(*REPORTED, returned())
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY)
    assert (await sweeper.sweep(SWEEP)).told == 3
    moved = {one["level"]: one for one in await facts_of_intake.told(MOVED)}
    terms = (TERMS.city, TERMS.province, TERMS.reporter)
    for level, old in zip(("CITY", "PROVINCE", "REPORTER"), terms, strict=True):
        assert Term.model_validate(moved[level]["old"]) == old
        assert Term.model_validate(moved[level]["new"]).due > old.due


async def test_two_that_recount_at_once_move_each_term_once(
    facts_of_intake: OwnFacts, sweeper: Sweeping, clock: Clock
) -> None:
    await facts_of_intake.happen_often(REPORTED, 600)
    await facts_of_intake.hear()
    await facts_of_intake.revise(LAST_DAY)
    other = Sweeping("intake", (), facts_of_intake.pool, clock)
    both = await asyncio.gather(sweeper.sweep(SWEEP), other.sweep(SWEEP))
    assert sum(one.told for one in both) == 600
    assert (await last_recount(facts_of_intake.pool)).moved == 600
    told = await facts_of_intake.told(MOVED)
    assert len({one["project_id"] for one in told}) == len(told) == 600
