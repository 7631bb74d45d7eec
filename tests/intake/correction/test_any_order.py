"""Whatever is asked of a project in a pool, in any order: facts change by a correction alone."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.intake import CorrectionApproved, Holder, Level, ProjectCorrected
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent
from services.intake.project import decider as project_room
from services.intake.project.commands import By
from services.intake.review.commands import HandOver, TakeReview, Verdict
from shared.journal import canonical
from shared.refusals import Refusal
from tests.intake.correction.test_correcting import IN_POOL, request
from tests.intake.dossiers import (
    CITY,
    CLERK,
    PROJECT,
    PROVINCE,
    dossier,
    facts,
    report,
    review_finally,
    review_first,
    revise,
    tell_overdue,
    withdraw,
)

SECOND = By(account="second", org="D-DRC")
people = st.sampled_from([CLERK, CITY, SECOND, PROVINCE])
forms = st.builds(
    facts, remarks=st.sampled_from([None, "甲", "乙"]), needs=st.sampled_from([None, "用地"])
)
revisions = st.integers(1, 5)
words = st.sampled_from(["同意。", "请改。", ""])


def asked(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"by": people, **fields})


commands: st.SearchStrategy[DossierCommand] = st.one_of(
    st.tuples(forms, people).map(lambda c: request(c[0], by=c[1])),
    forms.map(revise),
    people.map(lambda by: report(by=by)),
    st.tuples(words, people).map(lambda c: withdraw(*c)),
    asked(verdict=st.sampled_from(Verdict), on_revision=revisions, opinion=words).map(
        lambda c: review_first(**c)
    ),
    asked(
        verdict=st.sampled_from(Verdict),
        on_revision=revisions,
        opinion=words,
        to=st.sampled_from(Level),
    ).map(lambda c: review_finally(**c)),
    st.tuples(people, st.sampled_from(Holder)).map(
        lambda c: TakeReview(project_id=PROJECT, by=c[0], level=c[1])
    ),
    st.tuples(people, st.sampled_from(Holder), people, words).map(
        lambda c: HandOver(
            project_id=PROJECT, by=c[0], level=c[1], handed_to=c[2].account, reason=c[3]
        )
    ),
    st.tuples(st.dates(date(2019, 4, 22), date(2019, 6, 1)), st.sampled_from(Holder)).map(
        lambda c: tell_overdue(*c)
    ),
)
# Half of what is asked is the usual way, or chance would rarely come to an approval.
usual_way: tuple[DossierCommand, ...] = (
    request(facts(remarks="甲")),
    review_first(on_revision=2),
    review_finally(on_revision=2),
)
ways = st.lists(
    st.one_of(
        st.integers(1, len(usual_way)).map(lambda steps: list(usual_way[:steps])),
        st.lists(commands, max_size=5),
    ),
    max_size=6,
).map(lambda parts: [command for part in parts for command in part])


def carried_out(way: list[DossierCommand]) -> tuple[Dossier, list[DossierEvent]]:
    state: Dossier = dossier.given(*IN_POOL).state
    happened: list[DossierEvent] = []
    for command in way:
        try:
            new = DOSSIER.decide([command], state)
        except Refusal:
            continue
        for fact in new:
            state = DOSSIER.evolve(state, fact)
        happened += new
    return state, happened


@given(ways)
@settings(max_examples=200, deadline=None)
def test_facts_in_a_pool_are_those_of_the_last_approved_correction(
    way: list[DossierCommand],
) -> None:
    state, happened = carried_out(way)
    assert isinstance(state.project, project_room.Dossier)
    corrections = [fact for fact in happened if isinstance(fact, ProjectCorrected)]
    assert state.project.facts == (corrections[-1].facts if corrections else facts())
    assert state.project.pool is not None
    for fact in corrections:
        before = happened[happened.index(fact) - 1]
        assert isinstance(before, CorrectionApproved)
        assert before.application_id == fact.application_id


@given(ways)
@settings(max_examples=200, deadline=None)
def test_the_stored_facts_give_the_same_project_again(way: list[DossierCommand]) -> None:
    state, happened = carried_out(way)
    stored = [canonical(fact.model_dump(mode="json")) for fact in (*IN_POOL, *happened)]
    assert DOSSIER.fold(stored) == state


@given(ways, commands)
@settings(max_examples=200, deadline=None)
def test_asking_the_same_twice_in_a_row_never_does_it_twice(
    way: list[DossierCommand], again: DossierCommand
) -> None:
    once = carried_out([*way, again])[1]
    twice = carried_out([*way, again, again])[1]
    assert once == twice
