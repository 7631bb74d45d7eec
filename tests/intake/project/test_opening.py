"""期初存量 in the project's own stream: entered once, on its own days, with the papers it had."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import Pool, ProjectPooled, Source
from services.intake.move.refusals import ConditionsMissing
from services.intake.move.rules import Works
from services.intake.project.commands import By, Ended, EnterStock
from services.intake.project.decider import UnitEnded
from services.intake.project.opening import AlreadyHere
from shared.refusals import UnreadableInput
from tests.intake.dossiers import PROJECT, dossier, draft, drafted, facts
from tests.intake.move.moves import FOR_BUILD, apply, coded, papers

LONG_AGO, LATER, TODAY = date(2017, 6, 5), date(2018, 3, 20), date(2019, 4, 22)
BY = By(account="account-admin", org="JC-ZZ")


def enter(**changes: Any) -> EnterStock:
    """The load asks that a project in preparation be entered."""
    asked: dict[str, Any] = {
        "project_id": PROJECT,
        "by": BY,
        "owner_name": "泽州县",
        "facts": coded,
        "form": draft(coded).form,
        "pool": Pool.PREP,
        "entered_on": LONG_AGO,
        "pool_since": LATER,
        "papers": papers("source_document"),
        "on": TODAY,
    }
    return EnterStock(**{**asked, **changes})


def entered(**changes: Any) -> ProjectPooled:
    """It was entered."""
    told: dict[str, Any] = {
        "project_id": PROJECT,
        "owner_org": "JC-ZZ",
        "owner_name": "泽州县",
        "revision": 1,
        "facts": coded,
        "pool": Pool.PREP,
        "transition": "T00",
        "report_month": "2017-06",
        "approved_on": TODAY,
        "source": Source.OPENING,
        "entered_on": LONG_AGO,
        "pool_since": LATER,
        "evidence": papers("source_document"),
    }
    return ProjectPooled(**{**told, **changes})


def test_stock_enters_its_pool_on_its_own_days() -> None:
    dossier.when([enter()]).then(entered())


def test_it_enters_once() -> None:
    dossier.given(entered()).when([enter(on=date(2019, 5, 6))]).then_nothing()


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": facts(name="另一个名称")},
        {"pool": Pool.BUILD},
        {"entered_on": date(2017, 6, 6)},
        {"by": By(account="account-admin", org="JC-GP")},
    ],
    ids=["other columns", "another pool", "another day", "another unit"],
)
def test_what_is_here_is_not_entered_otherwise(changes: dict[str, Any]) -> None:
    dossier.given(entered()).when([enter(**changes)]).then_refused(AlreadyHere)


def test_what_was_drafted_here_is_no_stock() -> None:
    dossier.given(drafted(coded)).when([enter()]).then_refused(AlreadyHere)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"entered_on": date(2019, 4, 23), "pool_since": None}, "entered_on"),
        ({"pool_since": date(2017, 6, 4)}, "pool_since"),
        ({"pool_since": date(2019, 4, 23)}, "pool_since"),
        ({"papers": papers("land_permit")}, "evidence"),
        ({"facts": coded.model_copy(update={"total_investment": None})}, "total_investment"),
    ],
)
def test_days_papers_and_money_must_hold(changes: dict[str, Any], field: str) -> None:
    refusal = dossier.when([enter(**changes)]).then_refused(UnreadableInput)
    assert [problem.field for problem in refusal.errors] == [field]


def test_it_may_enter_its_pool_today_and_have_been_in_no_other() -> None:
    today = {"entered_on": TODAY, "pool_since": None}
    dossier.when([enter(**today)]).then(entered(**today, report_month="2019-04"))
    same = {"entered_on": LONG_AGO, "pool_since": LONG_AGO}
    dossier.when([enter(**same)]).then(entered(**same))


def test_nothing_enters_for_a_unit_that_has_ended() -> None:
    gone = Ended(name="泽州县", last_day=date(2019, 4, 1), successors=())
    dossier.when([enter(ended=gone)]).then_refused(UnitEnded)


def test_the_permits_that_it_came_with_count_when_it_moves_on() -> None:
    *had, last = FOR_BUILD
    stock = dossier.given(entered(evidence=papers("source_document", *had)))
    asked = apply("T23", evidence=papers(last), works=Works(started=True))
    assert stock.when([asked]).refusal is None
    without = dossier.given(entered()).when([asked])
    missing = without.then_refused(ConditionsMissing)
    assert len(missing.errors) == len(had)


def test_the_papers_that_it_came_with_are_no_reason_to_end_it() -> None:
    ended = dossier.given(entered()).when([apply("TX4", reason="不再实施。")])
    refusal = ended.then_refused(ConditionsMissing)
    assert [problem.rule for problem in refusal.errors] == ["paper_end"]
