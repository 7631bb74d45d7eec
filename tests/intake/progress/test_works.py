"""开工、停工、复工、未停工、竣工: told once, in order, on papers, and rectified by a new fact."""

from datetime import date

import pytest

from contracts.intake import (
    ConstructionFinished,
    ConstructionNeverStopped,
    ConstructionRectified,
    ConstructionResumed,
    ConstructionStopped,
    Evidence,
)
from services.intake.progress.reporting import NotUnderway
from services.intake.progress.works import EvidenceMissing, NothingToRectify, OutOfOrder
from shared.refusals import NotFound, UnreadableInput
from tests.intake.progress.builders import (
    JUNE_6,
    PHOTOGRAPH,
    PROJECT,
    by,
    progress,
    project,
    record,
    rectify,
    started,
)

MAY_2, MAY_20, MAY_30 = date(2019, 5, 2), date(2019, 5, 20), date(2019, 5, 30)
LAST_YEAR = date(2018, 9, 1)
ACCEPTANCE = Evidence(sort="acceptance", document_number="验收1号")


def stopped(on: date = MAY_20) -> ConstructionStopped:
    return ConstructionStopped(
        project_id=PROJECT,
        owner_org="JC-ZZ",
        stopped_on=on,
        reason="春节停工",
        evidence=(PHOTOGRAPH,),
    )


def resumed(on: date = MAY_30) -> ConstructionResumed:
    return ConstructionResumed(
        project_id=PROJECT, owner_org="JC-ZZ", resumed_on=on, evidence=(PHOTOGRAPH,)
    )


def never_stopped(on: date = MAY_2) -> ConstructionNeverStopped:
    return ConstructionNeverStopped(
        project_id=PROJECT, owner_org="JC-ZZ", year=on.year, said_on=on, evidence=(PHOTOGRAPH,)
    )


def finished(on: date = MAY_30) -> ConstructionFinished:
    return ConstructionFinished(
        project_id=PROJECT, owner_org="JC-ZZ", finished_on=on, evidence=(ACCEPTANCE,)
    )


def rectified(is_on: date | None, was_on: date = MAY_2) -> ConstructionRectified:
    return ConstructionRectified(
        project_id=PROJECT,
        owner_org="JC-ZZ",
        what="STARTED",
        was_on=was_on,
        is_on=is_on,
        reason="开工报告上的日期抄错",
        rectified_on=JUNE_6,
    )


def test_a_start_is_told_once_with_its_papers() -> None:
    progress.when(record("STARTED", MAY_2)).then(started(MAY_2))
    progress.given(started(MAY_2)).when(record("STARTED", MAY_2)).then_nothing()
    refused = progress.given(started(MAY_2)).when(record("STARTED", MAY_20))
    assert "更正" in refused.then_refused(OutOfOrder).detail


def test_a_start_without_any_of_its_papers_names_those_that_would_do() -> None:
    refused = progress.when(record("STARTED", MAY_2, evidence=())).then_refused(EvidenceMissing)
    assert "开工报告" in refused.detail
    wrong = (Evidence(sort="acceptance", document_number="1"),)
    progress.when(record("STARTED", MAY_2, evidence=wrong)).then_refused(EvidenceMissing)


def test_works_rest_and_go_on() -> None:
    progress.given(started()).when(record("STOPPED", MAY_20)).then(stopped())
    progress.given(started(), stopped()).when(record("RESUMED", MAY_30)).then(resumed())
    progress.given(started(), stopped()).when(record("STOPPED", MAY_30)).then_refused(OutOfOrder)
    progress.given(started(), stopped()).when(record("RESUMED", MAY_2)).then_refused(OutOfOrder)


def test_why_works_rest_is_said() -> None:
    refused = progress.given(started()).when(record("STOPPED", MAY_20, note=""))
    assert refused.then_refused(UnreadableInput).errors[0].field == "note"


def test_nothing_rests_or_ends_that_has_not_begun() -> None:
    for what in ("STOPPED", "RESUMED", "NEVER_STOPPED", "FINISHED"):
        evidence = (PHOTOGRAPH, ACCEPTANCE)
        progress.when(record(what, MAY_20, evidence=evidence)).then_refused(OutOfOrder)


def test_a_project_of_last_year_goes_on_or_never_stopped_once_a_year() -> None:
    carried_over = progress.given(started(LAST_YEAR))
    carried_over.when(record("RESUMED", MAY_2)).then(resumed(MAY_2))
    carried_over.when(record("NEVER_STOPPED", MAY_2)).then(never_stopped())
    for told in (resumed(MAY_2), never_stopped()):
        for what in ("RESUMED", "NEVER_STOPPED"):
            carried_over.given(told).when(record(what, MAY_20)).then_refused(OutOfOrder)


def test_a_project_of_this_year_has_no_winter_behind_it() -> None:
    for what in ("RESUMED", "NEVER_STOPPED"):
        progress.given(started()).when(record(what, MAY_20)).then_refused(OutOfOrder)


def test_what_rests_has_not_gone_on_all_the_time_and_does_not_end() -> None:
    resting = progress.given(started(LAST_YEAR), stopped(date(2018, 12, 20)))
    resting.when(record("NEVER_STOPPED", MAY_2)).then_refused(OutOfOrder)
    resting.when(record("FINISHED", MAY_2, evidence=(ACCEPTANCE,))).then_refused(OutOfOrder)


def test_works_end_with_their_acceptance_and_nothing_follows() -> None:
    ended = record("FINISHED", MAY_30, evidence=(ACCEPTANCE,))
    progress.given(started()).when(ended).then(finished())
    progress.given(started(), finished()).when(record("STOPPED", JUNE_6)).then_refused(OutOfOrder)
    progress.given(started()).when(record("FINISHED", MAY_30)).then_refused(EvidenceMissing)


def test_no_day_lies_ahead() -> None:
    refused = progress.when(record("STARTED", date(2019, 6, 7))).then_refused(UnreadableInput)
    assert refused.errors[0].rule == "day_ahead"


def test_a_wrong_day_is_rectified_by_a_new_fact() -> None:
    begun = progress.given(started(MAY_2))
    begun.when(rectify("STARTED", MAY_2, MAY_20)).then(rectified(MAY_20))
    after = begun.given(rectified(MAY_20))
    assert after.state.started_on == MAY_20
    after.when(rectify("STARTED", MAY_2, MAY_20)).then_nothing()


def test_what_never_happened_is_taken_back_and_can_be_told_again() -> None:
    begun = progress.given(started(MAY_2))
    begun.when(rectify("STARTED", MAY_2, None)).then(rectified(None))
    begun.given(rectified(None)).when(record("STARTED", MAY_20)).then(started(MAY_20))


def test_a_rectified_day_fits_the_others() -> None:
    begun = progress.given(started(MAY_2), stopped(MAY_20))
    for is_on in (MAY_30, None):
        begun.when(rectify("STARTED", MAY_2, is_on)).then_refused(OutOfOrder)


def test_only_what_was_told_is_rectified_and_with_a_reason() -> None:
    begun = progress.given(started(MAY_2))
    begun.when(rectify("STARTED", MAY_20, MAY_2)).then_nothing()
    begun.when(rectify("STOPPED", MAY_20, MAY_2)).then_refused(NothingToRectify)
    refused = begun.when(rectify("STARTED", MAY_2, MAY_20, reason=" "))
    assert refused.then_refused(UnreadableInput).errors[0].field == "reason"


@pytest.mark.parametrize("what", ["STARTED", "FINISHED"])
def test_works_are_recorded_by_their_own_unit_of_a_project_in_a_pool(what: str) -> None:
    progress.when(record(what, MAY_2, by=by("JC-GP"))).then_refused(NotFound)
    outside = project(pool=None, since=None)
    progress.when(record(what, MAY_2, project=outside)).then_refused(NotUnderway)
