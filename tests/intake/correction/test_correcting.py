"""更正: accepted facts hold until a correction was asked for, reviewed and approved."""

from typing import Any
from uuid import UUID

import pytest

from contracts.intake import (
    CorrectionApproved,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    Evidence,
    Holder,
    ProjectCorrected,
    ProjectFacts,
)
from services.intake.correction.commands import RequestCorrection
from services.intake.correction.decider import NotAcceptedYet, NothingToCorrect
from services.intake.dossier import DOSSIER, Dossier, DossierEvent
from services.intake.move.refusals import UnderApplication
from services.intake.policies import correction_rules_of, form_of
from services.intake.project import decider as project_room
from services.intake.project.decider import SecretProject
from services.intake.review.commands import Verdict
from services.intake.review.judging import DuplicateUndecided
from services.intake.review.likeness import Suspect
from services.intake.review.refusals import (
    HintsToConfirm,
    IncompleteFacts,
    ReviewedByItsReporter,
    TooLateToWithdraw,
)
from shared.journal import Claim
from shared.refusals import NotFound, UnreadableInput
from tests.intake.dossiers import (
    APRIL_25,
    CLERK,
    NEIGHBOUR,
    OFFICER,
    OTHER,
    OTHERS,
    PROJECT,
    TERMS,
    YI,
    approved,
    dossier,
    drafted,
    facts,
    passed_first,
    pooled,
    report,
    returned,
    review_finally,
    review_first,
    revise,
    submitted,
    withdraw,
)

APPLICATION = UUID("00000000-0000-7000-8000-0000000000a1")
PAPER = Evidence(sort="approval_document", document_number="晋市发改〔2019〕12号")
NEW = facts(content="新建标准厂房 15 万平方米及配套管网。")
IN_POOL = drafted(), submitted(), passed_first(), approved(), pooled()
accepted = dossier.given(*IN_POOL)


def request(columns: ProjectFacts = NEW, **changes: Any) -> RequestCorrection:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "by": CLERK,
        "application_id": APPLICATION,
        "on": APRIL_25,
        "facts": columns,
        "reason": "面积漏填了二期。",
        "evidence": (),
        "form": form_of(APRIL_25, OFFICER),
        "terms": TERMS,
        "rules": correction_rules_of(APRIL_25),
        "not_secret": True,
    }
    return RequestCorrection(**{**fields, **changes})


def requested(columns: ProjectFacts = NEW, **changes: Any) -> CorrectionRequested:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "application_id": APPLICATION,
        "owner_org": "JC-ZZ",
        "revision": 2,
        "round": 1,
        "facts": columns,
        "changed": ("content",),
        "reason": "面积漏填了二期。",
        "report_month": "2019-04",
        "requested_on": APRIL_25,
        "requested_by": CLERK.account,
        "term": TERMS.city,
    }
    return CorrectionRequested(**{**fields, **changes})


def corrected(columns: ProjectFacts = NEW, **changes: Any) -> ProjectCorrected:
    fields: dict[str, Any] = {
        "project_id": PROJECT,
        "application_id": APPLICATION,
        "revision": 3,
        "facts": columns,
        "changed": ("content",),
        "reason": "面积漏填了二期。",
        "corrected_on": APRIL_25,
    }
    return ProjectCorrected(**{**fields, **changes})


def correction_approved() -> CorrectionApproved:
    return CorrectionApproved(
        project_id=PROJECT, application_id=APPLICATION, revision=2, opinion="同意入库。"
    )


asked = accepted.given(requested())
passed = asked.given(passed_first(revision=2))


def facts_of(*past: DossierEvent) -> ProjectFacts:
    state: Dossier = dossier.given(*past).state
    assert isinstance(state.project, project_room.Dossier)
    return state.project.facts


def test_a_unit_asks_for_a_correction_with_its_reason() -> None:
    accepted.when([request()]).then(requested())


def test_what_was_accepted_holds_until_the_correction_is_approved() -> None:
    before = (*IN_POOL, requested())
    assert facts_of(*before) == facts()
    on = (*before, passed_first(revision=2), correction_approved(), corrected())
    assert facts_of(*on) == NEW


def test_it_passes_both_levels_and_takes_effect_with_the_provinces_approval() -> None:
    asked.when([review_first(on_revision=2)]).then(passed_first(revision=2))
    passed.when([review_finally(on_revision=2)]).then(correction_approved(), corrected())


def test_nobody_reviews_a_correction_that_he_asked_for() -> None:
    asked.when([review_first(by=CLERK, on_revision=2)]).then_refused(ReviewedByItsReporter)


@pytest.mark.parametrize("level", ["CITY", "PROVINCE"])
def test_a_refused_correction_changes_nothing_and_another_may_be_asked(level: str) -> None:
    refused = CorrectionRefused.model_validate(
        {
            "project_id": PROJECT,
            "application_id": APPLICATION,
            "revision": 2,
            "refused_by": level,
            "opinion": "依据不足。",
        }
    )
    if level == "CITY":
        verdict = review_first(Verdict.REJECT, on_revision=2, opinion="依据不足。")
        asked.when([verdict]).then(refused)
    else:
        final = review_finally(Verdict.REJECT, on_revision=2, opinion="依据不足。")
        passed.when([final]).then(refused)
    after = asked.given(refused)
    assert facts_of(*after.facts) == facts()
    after.when([request()]).then(requested(revision=3))


def test_a_correction_that_was_sent_back_is_asked_once_more_straight_to_the_province() -> None:
    back = passed.given(returned(revision=2, returned_by="PROVINCE"))
    again = request(application_id=UUID(int=9), reason="已补充说明。")
    back.when([again]).then(
        requested(
            revision=3,
            round=2,
            reason="已补充说明。",
            to=Holder.PROVINCE,
            term=TERMS.province,
        )
    )


def test_a_request_is_taken_back_before_the_city_has_looked_at_it() -> None:
    taken_back = CorrectionWithdrawn(
        project_id=PROJECT, application_id=APPLICATION, reason="不更正了。"
    )
    asked.when([withdraw("不更正了。")]).then(taken_back)
    passed.when([withdraw("不更正了。")]).then_refused(TooLateToWithdraw)
    assert facts_of(*asked.given(taken_back).facts) == facts()


def test_what_is_asked_for_differs_from_what_was_accepted() -> None:
    accepted.when([request(facts())]).then_refused(NothingToCorrect, code="nothing_to_correct")
    other_contact = facts(contact_id=UUID(int=7))
    accepted.when([request(other_contact)]).then_refused(NothingToCorrect)


def test_in_which_order_sources_stand_is_nothing_to_correct() -> None:
    turned = facts(funding=facts().funding[::-1])
    accepted.when([request(turned)]).then_refused(NothingToCorrect)
    columns = facts(funding=facts().funding[::-1], remarks="按概算。")
    accepted.when([request(columns)]).then(
        requested(facts(remarks="按概算。"), changed=("remarks",))
    )


def test_every_column_that_differs_is_named() -> None:
    columns = facts(total_investment=13 * YI, remarks="按概算。", funding=())
    refusal = accepted.when([request(columns)]).then_refused(IncompleteFacts)
    assert "funding" in {problem.field for problem in refusal.errors}
    several = facts(remarks="按概算。", needs="用地指标。")
    accepted.when([request(several)]).then(requested(several, changed=("needs", "remarks")))


@pytest.mark.parametrize("column", ["name", "total_investment", "industry"])
def test_a_column_that_figures_rest_on_is_corrected_on_papers_only(column: str) -> None:
    new = {"name": "巴公装备制造产业园（二期）", "total_investment": 13 * YI, "industry": "35"}
    columns = facts(**{column: new[column]})
    accepts = {"accepted_hints": ("funding_sum",)}
    refusal = accepted.when([request(columns, **accepts)]).then_refused(IncompleteFacts)
    assert [(p.field, p.rule) for p in refusal.errors] == [("evidence", "evidence_required")]
    on_papers = request(columns, evidence=(PAPER,), **accepts)
    accepted.when([on_papers]).then(requested(columns, changed=(column,), evidence=(PAPER,)))


def test_papers_are_of_a_sort_that_the_rules_know() -> None:
    unknown = request(evidence=(Evidence(sort="letter", document_number="1"),))
    refusal = accepted.when([unknown]).then_refused(IncompleteFacts)
    assert [(p.field, p.rule) for p in refusal.errors] == [("evidence.0.sort", "unknown_evidence")]


def test_what_looks_unusual_is_confirmed() -> None:
    columns = facts(total_investment=13 * YI)
    refusal = accepted.when([request(columns, evidence=(PAPER,))]).then_refused(HintsToConfirm)
    assert [problem.field for problem in refusal.errors] == ["funding"]


def test_a_correction_gives_its_reason_and_holds_no_personal_data() -> None:
    for reason, rule in ((" ", "required"), ("问13835601234", "personal_data")):
        refusal = accepted.when([request(reason=reason)]).then_refused(UnreadableInput)
        assert [(p.field, p.rule) for p in refusal.errors] == [("reason", rule)]


def test_nothing_secret_is_kept() -> None:
    accepted.when([request(not_secret=False)]).then_refused(SecretProject)


def test_only_its_unit_asks() -> None:
    accepted.when([request(by=NEIGHBOUR)]).then_refused(NotFound)


def test_before_a_pool_facts_are_edited_and_in_it_they_are_corrected() -> None:
    for past in ((drafted(),), (drafted(), submitted()), (drafted(), submitted(), returned())):
        dossier.given(*past).when([request()]).then_refused(NotAcceptedYet)
    assert accepted.when([revise(NEW)]).refusal is not None
    assert accepted.when([report()]).refusal is not None


def test_one_application_at_a_time() -> None:
    asked.when([request(facts(remarks="又一处。"))]).then_refused(UnderApplication)
    passed.when([request(facts(remarks="又一处。"))]).then_refused(UnderApplication)


def test_a_corrected_name_is_compared_with_other_projects() -> None:
    columns = facts(name=OTHERS.name)
    renamed = accepted.given(requested(columns, changed=("name",), evidence=(PAPER,)))
    suspect = Suspect(OTHER, OTHERS, 100)
    passing = review_first(on_revision=2, suspects=(suspect,))
    renamed.when([passing]).then_refused(DuplicateUndecided)


def test_a_corrected_name_is_claimed_and_the_old_one_free() -> None:
    columns = facts(name="丹河新材料产业园")
    new = (requested(columns), passed_first(revision=2), correction_approved(), corrected(columns))
    state: Dossier = accepted.given(*new).state
    assert DOSSIER.holds(state) == {Claim("name:JC-ZZ", "丹河新材料产业园")}
