"""Which terms of review are running: a row begins with a step and goes when the step is done."""

from datetime import date

from contracts.envelope import Fact
from contracts.intake import Level
from services.intake.views.open_terms import TermRow, fold
from shared.viewing import Told
from tests.intake.dossiers import (
    APRIL_25,
    approved,
    discarded,
    drafted,
    facts,
    passed_first,
    pooled,
    rejected,
    returned,
    revised,
    submitted,
    withdrawn,
)
from tests.shared.writing import surrounded

APRIL_22 = date(2019, 4, 22)
"""The business day on which the envelopes say that it happened."""


def row_after(*happened: Fact) -> TermRow | None:
    """Fold facts of one dossier; the position of each is a hundred and its version."""
    row: TermRow | None = None
    for envelope, fact in surrounded("project-1", 1, *happened):
        row = fold(row, Told(envelope, fact, 100 + envelope.version, "", b""))
    return row


def test_a_draft_has_no_term() -> None:
    assert row_after(drafted(), revised(facts())) is None


def test_the_citys_term_runs_from_the_report() -> None:
    assert row_after(drafted(), submitted()) == TermRow("CITY", APRIL_25, 102, 2)


def test_the_provinces_term_runs_from_the_first_review() -> None:
    assert row_after(drafted(), submitted(), passed_first()) == TermRow(
        "PROVINCE", APRIL_22, 103, 3
    )


def test_a_return_starts_the_term_of_whoever_it_goes_to() -> None:
    begun = drafted(), submitted()
    assert row_after(*begun, returned()) == TermRow("REPORTER", APRIL_22, 103, 3)
    back = returned(returned_by="PROVINCE", to=Level.CITY)
    assert row_after(*begun, passed_first(), back) == TermRow("CITY", APRIL_22, 104, 4)


def test_completing_a_dossier_does_not_start_its_term_again() -> None:
    sent_back = drafted(), submitted(), returned()
    assert row_after(*sent_back, revised(facts())) == TermRow("REPORTER", APRIL_22, 103, 4)


def test_the_row_goes_when_the_step_is_done() -> None:
    begun = drafted(), submitted()
    for ending in (
        (withdrawn(),),
        (rejected(),),
        (passed_first(), rejected(rejected_by="PROVINCE")),
        (passed_first(), approved(), pooled()),
        (returned(), discarded()),
    ):
        assert row_after(*begun, *ending) is None
