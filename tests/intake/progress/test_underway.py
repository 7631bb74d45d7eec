"""What of a project's own stream counts for its months: whose it is, in which pool, how large."""

from datetime import date

from contracts.examples import PROJECT
from contracts.intake import Pool, ProjectEnded, ProjectHeld, ProjectMoved, Standing
from services.intake.dossier import Dossier, DossierEvent, evolve
from services.intake.progress.underway import Underway, underway
from services.intake.project.decider import owned_by_anybody
from tests.intake.dossiers import approved, drafted, pooled, submitted

DAY = date(2019, 6, 3)
ADMITTED = drafted(), submitted(), approved(), pooled()


def after(*facts: DossierEvent) -> Underway:
    """Give a project as these facts leave it."""
    dossier = Dossier()
    for fact in facts:
        dossier = evolve(dossier, fact)
    return underway(owned_by_anybody(dossier.project))


def moved(to: Pool) -> ProjectMoved:
    return ProjectMoved(
        project_id=PROJECT,
        transition="T12",
        from_pool=Pool.PLAN,
        to_pool=to,
        total_investment=1,
        reason="手续齐备",
        moved_on=DAY,
    )


def test_a_project_is_underway_from_its_admission_on() -> None:
    assert not after(drafted()).goes_on
    project = after(*ADMITTED)
    assert (project.goes_on, project.pool) == (True, Pool.PLAN)


def test_a_project_that_waits_goes_on_and_one_that_ended_does_not() -> None:
    held = ProjectHeld(
        project_id=PROJECT,
        pool=Pool.PLAN,
        reason="资金",
        resume_when="资金到位",
        hold_until=date(2020, 6, 3),
        held_on=DAY,
    )
    ended = ProjectEnded(project_id=PROJECT, pool=Pool.PLAN, reason="不再实施", ended_on=DAY)
    for fact, standing, goes_on in ((held, Standing.HELD, True), (ended, Standing.ENDED, False)):
        project = after(*ADMITTED, fact)
        assert (project.standing, project.goes_on) == (standing, goes_on)


def test_a_project_stands_where_it_was_moved_to_and_has_been_here_since_it_came() -> None:
    project = after(*ADMITTED, moved(Pool.PREP), moved(Pool.BUILD))
    assert (project.pool, project.since) == (Pool.BUILD, after(*ADMITTED).since)
