"""月报: a month is reported, corrected, taken back in a later one, and found missing."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import (
    FundingSource,
    FundsReceived,
    MilestoneReached,
    Pool,
    ProblemNamed,
    ProgressMissed,
    ProgressOpened,
    Standing,
)
from contracts.reference import calendar_years
from services.intake.policies import report_due, report_rules_of
from services.intake.progress.commands import MonthDue, OpenProgress, TellMissed
from services.intake.progress.measures import physical_percent
from services.intake.progress.reporting import (
    CorrectionWithoutReason,
    NotUnderway,
    OpeningSettled,
)
from services.intake.review.refusals import HintsToConfirm
from shared.deadline import Calendar
from shared.refusals import NotFound, UnreadableInput
from shared.working_days import InForce
from tests.intake.progress.builders import (
    JUNE_3,
    JUNE_6,
    PROJECT,
    WAN,
    by,
    invested,
    progress,
    project,
    report,
    reported,
    started,
)

CALENDAR = InForce(Calendar(calendar_years()), 0)


def rules_of(refusal: UnreadableInput | HintsToConfirm) -> set[str]:
    return {one.rule for one in refusal.errors}


def opened(wan: int = 8_000, **changes: Any) -> ProgressOpened:
    told: dict[str, Any] = {
        "project_id": PROJECT,
        "owner_org": "JC-ZZ",
        "as_of": date(2019, 3, 31),
        "invested_in_all": wan * WAN,
        "invested_this_year": 1_000 * WAN,
        **changes,
    }
    return ProgressOpened(**told)


def open_(**changes: Any) -> OpenProgress:
    asked: dict[str, Any] = {
        "project_id": PROJECT,
        "on": JUNE_3,
        "by": by(),
        "project": project(),
        "as_of": date(2019, 3, 31),
        "invested_in_all": 8_000 * WAN,
        "invested_this_year": 1_000 * WAN,
        "rules": report_rules_of(JUNE_3),
        **changes,
    }
    return OpenProgress(**asked)


def missed(month: str = "2019-05", on: date = JUNE_6) -> TellMissed:
    due = MonthDue(month=month, due=date(2019, 6, 5))
    return TellMissed(project_id=PROJECT, on=on, owner_org="JC-ZZ", months=(due,))


def test_a_month_is_reported_with_its_totals() -> None:
    april = reported("2019-04", 300)
    progress.given(april).when(report()).then(
        reported(invested_this_year=800 * WAN, invested_in_all=800 * WAN)
    )


def test_a_report_on_the_due_day_is_in_time_and_on_the_day_after_it_is_late() -> None:
    for on, late in ((date(2019, 6, 5), False), (JUNE_6, True)):
        (fact,) = progress.when(report(on=on)).facts
        assert (fact.late, fact.reported_on) == (late, on)  # type: ignore[union-attr]


def test_a_new_year_begins_at_nothing_and_the_whole_goes_on() -> None:
    december = reported("2019-12", 700)
    (fact,) = progress.given(december).when(report("2020-01", date(2020, 2, 3))).facts
    assert (fact.invested_this_year, fact.invested_in_all) == (  # type: ignore[union-attr]
        500 * WAN,
        1_200 * WAN,
    )


def test_the_same_report_again_is_nothing_new() -> None:
    progress.given(reported()).when(report()).then_nothing()


def test_a_reported_month_is_corrected_by_a_later_edition_with_a_reason() -> None:
    ask = report(on=JUNE_6, invested=invested(equipment=450))
    progress.given(reported()).when(ask).then_refused(CorrectionWithoutReason)
    ask = ask.model_copy(update={"reason": "发票重复计入"})
    progress.given(reported()).when(ask).then(
        reported(wan=450, edition=2, reported_on=JUNE_6, reason="发票重复计入")
    )


def test_whoever_corrects_in_june_was_not_late_for_may_and_whoever_was_late_stays_so() -> None:
    for late in (True, False):
        ask = report(on=JUNE_6, invested=invested(equipment=450), reason="重复计入")
        (fact,) = progress.given(reported(late=late)).when(ask).facts
        assert fact.late is late  # type: ignore[union-attr]


def test_an_earlier_month_that_is_corrected_counts_in_its_own_totals() -> None:
    ask = report("2019-04", invested=invested(equipment=100), reason="多报", on=JUNE_6)
    (fact,) = progress.given(reported("2019-04", 300), reported("2019-05", 500)).when(ask).facts
    assert fact.invested_in_all == 100 * WAN  # type: ignore[union-attr]


def test_a_later_month_takes_back_what_was_too_much_and_says_why() -> None:
    ask = report("2019-06", date(2019, 7, 3), invested=invested(equipment=-200))
    refused = progress.given(reported()).when(ask).then_refused(UnreadableInput)
    assert rules_of(refused) == {"negative_without_reason"}
    ask = ask.model_copy(update={"reason": "5 月多计设备款"})
    (fact,) = progress.given(reported()).when(ask).facts
    assert fact.invested_in_all == 300 * WAN  # type: ignore[union-attr]


@pytest.mark.parametrize(("wan", "refused"), [(-500, False), (-501, True)])
def test_what_was_invested_in_all_is_never_below_nothing(wan: int, refused: bool) -> None:
    ask = report("2019-06", date(2019, 7, 3), invested=invested(equipment=wan), reason="冲减")
    outcome = progress.given(reported()).when(ask)
    assert (outcome.refusal is not None) is refused
    if refused:
        assert rules_of(outcome.then_refused(UnreadableInput)) == {"below_nothing"}


def test_an_earlier_month_is_not_corrected_below_what_a_later_one_took_back() -> None:
    june = reported("2019-06", -400, reason="冲减", invested_in_all=100 * WAN)
    ask = report(on=date(2019, 7, 3), invested=invested(equipment=300), reason="多报")
    refused = progress.given(reported(), june).when(ask).then_refused(UnreadableInput)
    assert rules_of(refused) == {"below_nothing"}
    assert "2019-06" in refused.errors[0].message


def test_a_month_that_has_not_begun_is_not_reported() -> None:
    refused = progress.when(report("2019-07")).then_refused(UnreadableInput)
    assert rules_of(refused) == {"month_ahead"}


def test_a_month_before_the_project_came_here_is_told_as_what_came_before() -> None:
    refused = progress.when(report("2019-03")).then_refused(UnreadableInput)
    assert rules_of(refused) == {"before_pooled"}
    refused = progress.given(opened()).when(report("2019-03")).then_refused(UnreadableInput)
    assert rules_of(refused) == {"before_opening"}


def test_what_came_before_counts_in_the_totals_of_its_own_year() -> None:
    (fact,) = progress.given(opened()).when(report()).facts
    assert (fact.invested_this_year, fact.invested_in_all) == (  # type: ignore[union-attr]
        1_500 * WAN,
        8_500 * WAN,
    )
    (fact,) = progress.given(opened()).when(report("2020-01", date(2020, 2, 3))).facts
    assert fact.invested_this_year == 500 * WAN  # type: ignore[union-attr]


def test_what_came_before_is_told_once_and_not_changed_under_reported_months() -> None:
    progress.when(open_()).then(opened())
    progress.given(opened()).when(open_()).then_nothing()
    progress.given(opened()).when(open_(invested_in_all=9_000 * WAN)).then(opened(9_000))
    progress.given(opened(), reported()).when(open_(invested_in_all=9_000 * WAN)).then_refused(
        OpeningSettled
    )


def test_this_years_part_is_no_more_than_the_whole() -> None:
    refused = progress.when(open_(invested_this_year=9_000 * WAN)).then_refused(UnreadableInput)
    assert rules_of(refused) == {"more_than_all"}


@pytest.mark.parametrize(
    "state",
    [
        {"pool": None, "since": None},
        {"standing": Standing.ENDED},
        {"standing": Standing.OUT},
        {"standing": Standing.MERGED},
        {"standing": Standing.SPLIT},
    ],
)
def test_only_a_project_that_goes_on_in_a_pool_is_reported(state: dict[str, Any]) -> None:
    progress.when(report(project=project(**state))).then_refused(NotUnderway)


def test_a_project_that_waits_may_still_be_reported() -> None:
    assert progress.when(report(project=project(standing=Standing.HELD))).facts


def test_another_units_project_looks_absent() -> None:
    progress.when(report(by=by("JC-GP"))).then_refused(NotFound)


def test_milestones_come_from_the_list_and_have_a_day_when_they_are_reached() -> None:
    for one, rule in (
        (MilestoneReached(milestone="roof", percent=10), "unknown_milestone"),
        (MilestoneReached(milestone="foundation", percent=100), "day_missing"),
        (
            MilestoneReached(milestone="foundation", percent=90, reached_on=date(2019, 5, 1)),
            "not_reached",
        ),
        (
            MilestoneReached(milestone="foundation", percent=100, reached_on=date(2019, 6, 1)),
            "day_ahead",
        ),
    ):
        refused = progress.when(report(milestones=(one,))).then_refused(UnreadableInput)
        assert rules_of(refused) == {rule}


def test_the_nine_milestones_weigh_a_hundred_together() -> None:
    rules = report_rules_of(JUNE_3)
    assert len(rules.milestones) == 9
    assert sum(one.weight for one in rules.milestones) == 100
    assert physical_percent({one.code: 100 for one in rules.milestones}, rules) == 100
    assert physical_percent({"procedures": 100, "foundation": 50}, rules) == 12


def test_a_milestone_that_falls_back_is_confirmed() -> None:
    april = reported("2019-04", milestones=(MilestoneReached(milestone="structure", percent=40),))
    ask = report(milestones=(MilestoneReached(milestone="structure", percent=30),))
    refused = progress.given(april).when(ask).then_refused(HintsToConfirm)
    assert rules_of(refused) == {"fell_back"}
    assert (
        progress.given(april).when(ask.model_copy(update={"accepted_hints": ("fell_back",)})).facts
    )


@pytest.mark.parametrize(("wan", "hinted"), [(36_000, False), (36_001, True)])
def test_more_than_thirty_percent_in_a_month_is_confirmed(wan: int, hinted: bool) -> None:
    outcome = progress.when(report(invested=invested(equipment=wan)))
    assert (outcome.refusal is not None) is hinted
    if hinted:
        assert rules_of(outcome.then_refused(HintsToConfirm)) == {"large_month"}


@pytest.mark.parametrize(("wan", "hinted"), [(120_000, False), (120_001, True)])
def test_more_than_the_whole_project_costs_is_confirmed(wan: int, hinted: bool) -> None:
    rest = wan - 119_000
    ask = report(invested=invested(equipment=rest))
    outcome = progress.given(reported("2019-04", 119_000)).when(ask)
    assert (outcome.refusal is not None) is hinted
    if hinted:
        assert rules_of(outcome.then_refused(HintsToConfirm)) == {"more_than_total"}


def test_building_without_a_start_and_a_site_without_money_are_confirmed() -> None:
    refused = progress.when(report(invested=invested(100))).then_refused(HintsToConfirm)
    assert rules_of(refused) == {"not_started"}
    assert progress.given(started()).when(report(invested=invested(100))).facts
    refused = (
        progress.given(started()).when(report(invested=invested())).then_refused(HintsToConfirm)
    )
    assert rules_of(refused) == {"nothing_invested"}


def test_mostly_other_costs_are_confirmed() -> None:
    ask = report(invested=invested(equipment=100, other=100))
    assert progress.when(ask).facts
    refused = progress.when(report(invested=invested(equipment=99, other=100))).then_refused(
        HintsToConfirm
    )
    assert rules_of(refused) == {"mostly_other"}


def test_a_source_of_money_is_named_once_and_never_gives_less_than_nothing() -> None:
    loan = FundsReceived(source=FundingSource.LOAN, amount=100)
    refused = progress.when(report(funds=(loan, loan))).then_refused(UnreadableInput)
    assert rules_of(refused) == {"named_twice"}
    back = FundsReceived(source=FundingSource.LOAN, amount=-101)
    april = reported("2019-04", funds=(loan,))
    refused = (
        progress.given(april)
        .when(report(funds=(back,), reason="退回"))
        .then_refused(UnreadableInput)
    )
    assert rules_of(refused) == {"below_nothing"}


@pytest.mark.parametrize(
    "field", [{"text": "请拨 0356-2198345"}, {"problems": (ProblemNamed(text="拨 13903560088"),)}]
)
def test_no_text_holds_a_telephone(field: dict[str, Any]) -> None:
    refused = progress.when(report(**field)).then_refused(UnreadableInput)
    assert rules_of(refused) == {"personal_data"}


def test_a_month_that_nobody_reported_is_told_missing_once() -> None:
    told = ProgressMissed(
        project_id=PROJECT,
        owner_org="JC-ZZ",
        month="2019-05",
        due=date(2019, 6, 5),
        told_on=JUNE_6,
    )
    progress.when(missed()).then(told)
    progress.given(told).when(missed()).then_nothing()


def test_a_month_is_not_missing_on_its_last_day_nor_when_it_was_reported_or_came_before() -> None:
    progress.when(missed(on=date(2019, 6, 5))).then_nothing()
    progress.given(reported()).when(missed()).then_nothing()
    progress.given(opened()).when(missed("2019-03")).then_nothing()


def test_a_missing_month_is_reported_late() -> None:
    told = ProgressMissed(
        project_id=PROJECT,
        owner_org="JC-ZZ",
        month="2019-05",
        due=date(2019, 6, 5),
        told_on=JUNE_6,
    )
    (fact,) = progress.given(told).when(report(on=JUNE_6)).facts
    assert fact.late  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ("2019-01", date(2019, 2, 11)),
        ("2019-02", date(2019, 3, 5)),
        ("2019-04", date(2019, 5, 5)),
        ("2019-09", date(2019, 10, 8)),
        ("2019-12", date(2020, 1, 6)),
    ],
)
def test_a_month_is_due_on_the_fifth_of_the_next_or_the_working_day_after(
    month: str, due: date
) -> None:
    assert report_due(month, CALENDAR) == due


def test_a_project_in_preparation_is_reported_too() -> None:
    assert progress.when(report(project=project(pool=Pool.PREP))).facts
