"""What of a project's own stream counts for its months: whose it is, in which pool, how large."""

from datetime import date

from contracts.examples import PROJECT
from contracts.intake import DossierEvent, Pool, ProjectEnded, ProjectHeld, ProjectMoved, Standing
from services.intake.progress.underway import underway
from tests.intake.dossiers import approved, discarded, drafted, pooled, submitted

DAY = date(2019, 6, 3)


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


def admitted() -> tuple[DossierEvent, ...]:
    return (drafted(), submitted(), approved(), pooled())


def test_a_project_is_underway_from_its_admission_on() -> None:
    draft = underway([drafted()])
    assert draft is not None
    assert not draft.goes_on
    project = underway(admitted())
    assert project is not None
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
        project = underway([*admitted(), fact])
        assert project is not None
        assert (project.standing, project.goes_on) == (standing, goes_on)


def test_a_project_stands_where_it_was_moved_to() -> None:
    project = underway([*admitted(), moved(Pool.PREP), moved(Pool.BUILD)])
    assert project is not None
    assert project.pool is Pool.BUILD


def test_what_was_given_up_is_not_there() -> None:
    assert underway([drafted(), discarded()]) is None
