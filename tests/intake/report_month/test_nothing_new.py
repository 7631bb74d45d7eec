"""本月无新增: a planning body says of its own month that it has no new project."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import Level, NothingNewReported, NothingNewWithdrawn, ReportMonthEvent
from services.intake.dossier import DossierEvent
from services.intake.report_month.commands import ReportNothingNew, WithdrawNothingNew
from services.intake.report_month.decider import (
    REPORT_MONTH,
    NotAPlanningBody,
    NothingToTakeBack,
    NotThisMonth,
    ProjectsReported,
    ReportMonth,
    stream_of,
)
from services.intake.report_month.standing import stands_reported
from shared.testing import Story
from tests.intake.dossiers import (
    approved,
    discarded,
    drafted,
    passed_first,
    pooled,
    rejected,
    returned,
    submitted,
    withdrawn,
)

month: Story[ReportNothingNew | WithdrawNothingNew, ReportMonth, ReportMonthEvent] = Story(
    REPORT_MONTH
)
MAY_4, MAY_20, JUNE_1 = date(2019, 5, 4), date(2019, 5, 20), date(2019, 6, 1)


def say(**changes: Any) -> ReportNothingNew:
    asked: dict[str, Any] = {
        "org": "JC-ZZ",
        "org_name": "泽州县",
        "month": "2019-05",
        "on": MAY_4,
        "planning_body": True,
        "projects": 0,
        **changes,
    }
    return ReportNothingNew(**asked)


def take_back(on: date = MAY_20) -> WithdrawNothingNew:
    return WithdrawNothingNew(org="JC-ZZ", month="2019-05", on=on)


def said(on: date = MAY_4) -> NothingNewReported:
    return NothingNewReported(org="JC-ZZ", org_name="泽州县", month="2019-05", reported_on=on)


def taken_back(on: date = MAY_20) -> NothingNewWithdrawn:
    return NothingNewWithdrawn(org="JC-ZZ", month="2019-05", withdrawn_on=on)


def test_a_body_says_that_it_has_nothing_new() -> None:
    month.when(say()).then(said())


def test_said_again_it_is_no_new_fact() -> None:
    month.given(said()).when(say(on=MAY_20)).then_nothing()


def test_after_the_due_day_it_may_still_be_said() -> None:
    month.when(say(on=MAY_20)).then(said(on=MAY_20))


@pytest.mark.parametrize("on", [date(2019, 4, 30), JUNE_1, date(2020, 5, 4)])
def test_it_is_said_of_the_month_that_runs_and_of_no_other(on: date) -> None:
    refusal = month.when(say(on=on)).then_refused(NotThisMonth, code="not_this_month")
    assert f"只能办 {on.month} 月的" in refusal.detail


@pytest.mark.parametrize("on", [date(2019, 5, 1), date(2019, 5, 31)])
def test_the_month_runs_from_its_first_day_to_its_last(on: date) -> None:
    month.when(say(on=on)).then(said(on=on))


def test_only_a_planning_body_says_it() -> None:
    month.when(say(planning_body=False)).then_refused(NotAPlanningBody, code="not_a_planning_body")


def test_who_has_reported_projects_has_something_new() -> None:
    refusal = month.when(say(projects=3)).then_refused(ProjectsReported, code="projects_reported")
    assert "已报送 3 个项目" in refusal.detail


def test_it_is_taken_back_while_the_month_runs() -> None:
    month.given(said()).when(take_back()).then(taken_back())


def test_taken_back_twice_happens_once() -> None:
    month.given(said(), taken_back()).when(take_back()).then_nothing()


def test_when_the_month_is_over_it_stays_as_it_was_said() -> None:
    month.given(said()).when(take_back(on=JUNE_1)).then_refused(NotThisMonth)


def test_what_was_not_said_is_not_taken_back() -> None:
    month.when(take_back()).then_refused(NothingToTakeBack, code="nothing_to_take_back")


def test_after_it_was_taken_back_it_may_be_said_again() -> None:
    month.given(said(), taken_back()).when(say(on=MAY_20)).then(said(on=MAY_20))


def test_each_body_has_a_stream_for_each_month() -> None:
    assert stream_of("JC-ZZ", "2019-05") == "month-JC-ZZ-2019-05"


MAY = {"report_month": "2019-05"}


@pytest.mark.parametrize(
    ("facts", "stands"),
    [
        ([drafted()], False),
        ([drafted(), submitted(**MAY)], True),
        ([drafted(), submitted(report_month="2019-04")], False),
        ([drafted(), submitted(**MAY), withdrawn()], False),
        ([drafted(), submitted(**MAY), returned()], False),
        ([drafted(), submitted(**MAY), returned(), submitted(**MAY)], True),
        ([drafted(), submitted(**MAY), returned(), submitted(report_month="2019-06")], False),
        ([drafted(), submitted(**MAY), passed_first(), returned(to=Level.CITY)], True),
        ([drafted(), submitted(**MAY), passed_first(), approved(), pooled()], True),
        ([drafted(), submitted(**MAY), rejected()], True),
        ([drafted(), submitted(**MAY), returned(), discarded()], False),
    ],
)
def test_a_project_stands_reported_until_it_is_taken_back_or_sent_back(
    facts: list[DossierEvent], *, stands: bool
) -> None:
    assert stands_reported(facts, "2019-05") is stands
