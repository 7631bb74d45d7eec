"""报送: a unit reports its dossier, takes it back, reports again."""

from datetime import date

import pytest

from services.intake.dossier import DossierEvent
from services.intake.policies import form_of
from services.intake.project.decider import SecretProject
from services.intake.project.rules import Contact
from services.intake.review.refusals import (
    AlreadyReported,
    HintsToConfirm,
    IncompleteFacts,
    TooLateToWithdraw,
)
from shared.refusals import UnreadableInput
from tests.intake.dossiers import (
    APRIL_25,
    COLLEAGUE,
    OFFICER,
    TERMS,
    approved,
    dossier,
    draft,
    drafted,
    facts,
    passed_first,
    pooled,
    rejected,
    report,
    returned,
    revised,
    submitted,
    withdraw,
    withdrawn,
)

NO_SCALE = facts(content="新建标准厂房及配套管网设施")


def test_a_unit_reports_its_newest_edition() -> None:
    changed = facts(remarks="补充说明")
    (
        dossier.given(drafted(), revised(changed))
        .when([report(by=COLLEAGUE)])
        .then(submitted(revision=2, submitted_by=COLLEAGUE.account))
    )


def test_the_report_counts_for_the_month_of_its_day() -> None:
    (
        dossier.given(drafted())
        .when([report(on=date(2019, 5, 1))])
        .then(submitted(report_month="2019-05", submitted_on=date(2019, 5, 1)))
    )


def test_nothing_secret_is_reported() -> None:
    dossier.given(drafted()).when([report(not_secret=False)]).then_refused(
        SecretProject, code="secret_project"
    )


def test_an_incomplete_form_is_not_reported() -> None:
    refusal = (
        dossier.given(drafted(facts(industry=None, funding=())))
        .when([report()])
        .then_refused(IncompleteFacts, code="incomplete_facts")
    )
    assert refusal.status == 422
    assert {problem.field for problem in refusal.errors} == {"industry", "funding"}


def test_nothing_is_reported_without_somebody_to_call() -> None:
    for contact in (None, Contact("", ""), Contact("张三", "")):
        asked = report(form=form_of(APRIL_25, contact))
        dossier.given(drafted()).when([asked]).then_refused(IncompleteFacts)


def test_a_rule_that_has_become_stricter_since_the_draft_is_held_to() -> None:
    late = facts(planned_start="2022-05")
    dossier.given(drafted(late)).when([report()]).then_refused(IncompleteFacts)
    dossier.given(drafted(late)).when([report(on=date(2019, 5, 6))]).then(
        submitted(report_month="2019-05", submitted_on=date(2019, 5, 6))
    )


def test_hints_must_be_confirmed_one_by_one() -> None:
    doubtful = facts(content="新建标准厂房及配套管网设施", total_investment=1)
    story = dossier.given(drafted(doubtful))
    refusal = story.when([report(accepted_hints=("content_scale",))]).then_refused(
        HintsToConfirm, code="hints_to_confirm"
    )
    assert [problem.rule for problem in refusal.errors] == ["funding_sum"]
    story.when([report(accepted_hints=("content_scale", "funding_sum"))]).then(
        submitted(hints_accepted=("content_scale", "funding_sum"))
    )


def test_only_hints_that_were_there_are_written_down() -> None:
    asked = report(accepted_hints=("content_scale", "funding_sum", "anything"))
    dossier.given(drafted(NO_SCALE)).when([asked]).then(
        submitted(hints_accepted=("content_scale",))
    )


def test_errors_come_before_hints() -> None:
    both = facts(content="新建标准厂房及配套管网设施", industry=None)
    dossier.given(drafted(both)).when([report()]).then_refused(IncompleteFacts)


def test_reporting_the_same_edition_twice_happens_once() -> None:
    dossier.given(drafted(), submitted()).when([report()]).then_nothing()


@pytest.mark.parametrize(
    "past",
    [
        (passed_first(),),
        (passed_first(), approved(), pooled()),
        (rejected(),),
    ],
    ids=["passed first", "pooled", "rejected"],
)
def test_what_the_city_has_decided_on_is_not_reported_again(past: tuple[DossierEvent, ...]) -> None:
    story = dossier.given(drafted(), submitted(), *past)
    story.when([report()]).then_refused(AlreadyReported, code="already_reported")


def test_after_a_return_it_is_reported_in_the_next_round() -> None:
    past = (drafted(), submitted(), returned(), revised(facts(remarks="已补正")))
    dossier.given(*past).when([report()]).then(submitted(revision=2, round=2))


def test_rounds_are_counted_through_withdrawals_and_returns_of_either_level() -> None:
    past = (
        drafted(),
        submitted(),
        withdrawn(),
        submitted(round=2),
        returned(),
        submitted(round=3),
        passed_first(),
        returned(returned_by="PROVINCE"),
    )
    through = TERMS._replace(straight=False)
    dossier.given(*past).when([report(terms=through)]).then(submitted(round=4))


# 撤回


def test_a_report_is_taken_back_before_the_first_review() -> None:
    dossier.given(drafted(), submitted()).when([withdraw()]).then(withdrawn())


def test_a_withdrawal_gives_its_reason() -> None:
    refusal = (
        dossier.given(drafted(), submitted()).when([withdraw("  ")]).then_refused(UnreadableInput)
    )
    assert [(p.field, p.message) for p in refusal.errors] == [("reason", "撤回要写明理由。")]


def test_the_reason_holds_no_telephone_number() -> None:
    refusal = (
        dossier.given(drafted(), submitted())
        .when([withdraw("投资有变，详询13835601234")])
        .then_refused(UnreadableInput)
    )
    assert [(p.field, p.rule) for p in refusal.errors] == [("reason", "personal_data")]


def test_withdrawing_twice_happens_once() -> None:
    dossier.given(drafted(), submitted(), withdrawn()).when([withdraw()]).then_nothing()


@pytest.mark.parametrize(
    "past",
    [
        (),
        (submitted(), passed_first()),
        (submitted(), passed_first(), returned(returned_by="PROVINCE", to="CITY")),
        (submitted(), returned()),
        (submitted(), passed_first(), approved(), pooled()),
        (submitted(), rejected()),
    ],
    ids=["draft", "passed first", "returned to the city", "returned", "pooled", "rejected"],
)
def test_what_the_city_has_looked_at_is_not_taken_back(past: tuple[DossierEvent, ...]) -> None:
    story = dossier.given(drafted(), *past)
    story.when([withdraw()]).then_refused(TooLateToWithdraw, code="too_late_to_withdraw")


def test_drafting_and_reporting_at_once_is_held_to_all_rules() -> None:
    form = form_of(APRIL_25, OFFICER)
    dossier.when([draft(NO_SCALE, form=form), report()]).then_refused(HintsToConfirm)
