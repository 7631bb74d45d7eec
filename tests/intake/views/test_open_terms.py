"""Which terms of review are running: a row begins with a step and goes when the step is done."""

from datetime import date, timedelta

from contracts.envelope import Fact
from contracts.intake import Level
from services.intake.views.open_terms import TermRow, fold
from shared.viewing import Told
from tests.intake.dossiers import (
    APRIL_25,
    TERMS,
    approved,
    discarded,
    drafted,
    facts,
    overdue,
    passed_first,
    pooled,
    rejected,
    returned,
    revised,
    submitted,
    term_moved,
    withdrawn,
)
from tests.shared.writing import surrounded

APRIL_22 = date(2019, 4, 22)
"""The business day on which the envelopes say that it happened."""

REPORTED = drafted(), submitted()


def row_after(*happened: Fact) -> TermRow:
    """Fold facts of one dossier that leave a row."""
    row = folded(*happened)
    assert row is not None
    return row


def folded(*happened: Fact) -> TermRow | None:
    """Fold facts of one dossier; the position of each is a hundred and its version."""
    row: TermRow | None = None
    for envelope, fact in surrounded("project-1", 1, *happened):
        row = fold(row, Told(envelope, fact, 100 + envelope.version, "", b""))
    return row


def test_a_draft_has_no_term() -> None:
    assert folded(drafted(), revised(facts())) is None


def test_the_citys_term_runs_from_the_report() -> None:
    term = TERMS.city
    assert row_after(*REPORTED) == TermRow(
        level="CITY",
        start=APRIL_25,
        due=term.due,
        yellow_from=term.yellow_from,
        red_from=term.red_from,
        provisional=False,
        calendar=0,
        overdue_told=False,
        position=102,
        version=2,
    )


def test_each_step_begins_the_term_of_whoever_it_goes_to() -> None:
    passed = row_after(*REPORTED, passed_first())
    assert (passed.level, passed.due, passed.position) == ("PROVINCE", TERMS.province.due, 103)
    sent_back = row_after(*REPORTED, returned())
    assert (sent_back.level, sent_back.due) == ("REPORTER", TERMS.reporter.due)
    again = row_after(*REPORTED, passed_first(), returned(returned_by="PROVINCE", to=Level.CITY))
    assert (again.level, again.due, again.position) == ("CITY", TERMS.city.due, 104)


def test_a_fact_from_before_terms_were_counted_gives_only_the_day_it_began() -> None:
    reported = row_after(drafted(), submitted(term=None))
    assert (reported.start, reported.due, reported.calendar) == (APRIL_25, None, None)
    passed = row_after(*REPORTED, passed_first(term=None))
    assert (passed.level, passed.start, passed.red_from) == ("PROVINCE", APRIL_22, None)


def test_completing_a_dossier_does_not_begin_its_term_again() -> None:
    sent_back = row_after(*REPORTED, returned())
    assert row_after(*REPORTED, returned(), revised(facts())) == sent_back._replace(version=4)


def test_what_was_told_overdue_is_noted_and_forgotten_with_the_term() -> None:
    late = row_after(*REPORTED, overdue())
    assert late == row_after(*REPORTED)._replace(overdue_told=True, version=3)
    assert not row_after(*REPORTED, overdue(), passed_first()).overdue_told


def test_a_moved_term_has_its_new_days() -> None:
    new = TERMS.city.model_copy(update={"due": TERMS.city.due + timedelta(days=1), "calendar": 7})
    row = row_after(*REPORTED, term_moved(new))
    assert (row.due, row.calendar, row.position, row.version) == (new.due, 7, 103, 3)


def test_the_row_goes_when_the_step_is_done() -> None:
    for ending in (
        (withdrawn(),),
        (rejected(),),
        (passed_first(), rejected(rejected_by="PROVINCE")),
        (passed_first(), approved(), pooled()),
        (returned(), discarded()),
        (overdue(), rejected()),
    ):
        assert folded(*REPORTED, *ending) is None
