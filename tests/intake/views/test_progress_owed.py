"""Which months a project owes: what of its two streams is heard first changes nothing."""

from datetime import date
from itertools import permutations

from contracts.envelope import Fact
from contracts.intake import Pool, ProgressOpened
from services.intake.views.progress_owed import OwedRow, fold
from shared.viewing import Told
from tests.intake.dossiers import approved, drafted, pooled, submitted
from tests.intake.progress.builders import PROJECT, reported
from tests.intake.sweeps.test_tell_missed_progress import moved
from tests.shared.writing import surrounded

DOSSIER = drafted(), submitted(), approved(), pooled(), moved(Pool.BUILD)
OPENED = ProgressOpened(
    project_id=PROJECT,
    owner_org="JC-ZZ",
    as_of=date(2019, 4, 30),
    invested_in_all=1,
    invested_this_year=1,
)


def told(stream: str, *facts: Fact) -> list[Told]:
    return [Told(one, fact, 1, "", b"") for one, fact in surrounded(stream, 1, *facts)]


def folded(heard: list[Told]) -> OwedRow | None:
    row: OwedRow | None = None
    for one in heard:
        row = fold(row, one)
    return row


def test_the_two_streams_may_be_heard_in_any_order() -> None:
    dossier, months = told("project-1", *DOSSIER), told("progress-1", OPENED, reported("2019-05"))
    rows = set()
    for order in set(permutations("ddddd" + "mm")):
        streams = {"d": iter(dossier), "m": iter(months)}
        rows.add(folded([next(streams[one]) for one in order]))
    assert len(rows) == 1
    (row,) = rows
    assert row is not None
    assert row.open_month == date(2019, 6, 1)


def test_a_project_owes_from_the_month_in_which_it_came_to_be_built() -> None:
    row = folded(told("project-1", *DOSSIER))
    assert row is not None
    # Envelopes of tests say that it happened in April.
    assert (row.pool, row.open_month) == ("BUILD", date(2019, 4, 1))
