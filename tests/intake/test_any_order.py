"""Whatever is asked, by whomever, in whatever order: a dossier stays a dossier."""

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.intake import (
    DOSSIER_KINDS,
    Holder,
    Level,
    Pool,
    ProjectDrafted,
    ProjectPooled,
    ProjectRevised,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTermMoved,
)
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent
from services.intake.project import decider as project_room
from services.intake.project.commands import By
from services.intake.review.commands import Verdict
from services.intake.review.states import Approved, InOwnHands, Rejected, SentBack
from shared.journal import canonical
from shared.refusals import NotFound, Refusal
from tests.intake.dossiers import (
    CITY,
    CLERK,
    COLLEAGUE,
    NEIGHBOUR,
    PROVINCE,
    TERMS,
    discard,
    draft,
    facts,
    recount_term,
    report,
    review_finally,
    review_first,
    revise,
    tell_overdue,
    withdraw,
)

CODE = "2019-140525-30-03-002187"

people = st.sampled_from([CLERK, COLLEAGUE, NEIGHBOUR, CITY, PROVINCE])
days = st.dates(date(2019, 4, 22), date(2019, 6, 30))
forms = st.builds(
    facts,
    name=st.sampled_from(["产业园", "产业 园", "水系治理"]),
    project_code=st.sampled_from([None, CODE]),
    industry=st.sampled_from(["34", "00", None]),
    planned_start=st.sampled_from(["2020-03", "2022-06"]),
)
words = st.sampled_from(["", "同意。", "请改。", "13835601234"])
revisions = st.integers(1, 4)
holders = st.sampled_from(Holder)
moved = st.builds(
    lambda days, calendar: TERMS.city.model_copy(
        update={
            "due": TERMS.city.due + timedelta(days),
            "red_from": TERMS.city.red_from + timedelta(days),
            "calendar": calendar,
        }
    ),
    st.integers(-2, 2),
    st.integers(0, 2),
)


def asked(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"by": people, **fields})


commands: st.SearchStrategy[DossierCommand] = st.one_of(
    st.tuples(forms, asked()).map(lambda c: draft(c[0], **c[1])),
    st.tuples(forms, asked()).map(lambda c: revise(c[0], **c[1])),
    people.map(discard),
    asked(on=days, not_secret=st.booleans()).map(lambda c: report(**c)),
    st.tuples(words, people).map(lambda c: withdraw(*c)),
    asked(verdict=st.sampled_from(Verdict), on_revision=revisions, opinion=words).map(
        lambda c: review_first(**c)
    ),
    asked(
        verdict=st.sampled_from(Verdict),
        on_revision=revisions,
        opinion=words,
        to=st.sampled_from(Level),
        on=days,
    ).map(lambda c: review_finally(**c)),
    st.tuples(days, holders).map(lambda c: tell_overdue(*c)),
    st.tuples(moved, holders).map(lambda c: recount_term(*c)),
)

# Chance alone rarely walks a dossier to the province, so half of what is asked is the next step.
usual_way: tuple[DossierCommand, ...] = (
    draft(),
    report(),
    review_first(),
    review_finally(Verdict.RETURN, opinion="请改。"),
    revise(facts(remarks="已补正")),
    report(),
    review_first(on_revision=2),
    review_finally(on_revision=2),
)
ways = st.lists(
    st.one_of(
        st.integers(1, len(usual_way)).map(lambda steps: list(usual_way[:steps])),
        st.lists(commands, max_size=4),
    ),
    max_size=5,
).map(lambda parts: [command for part in parts for command in part])


def carried_out(way: list[DossierCommand]) -> tuple[Dossier, list[DossierEvent]]:
    dossier = DOSSIER.initial
    happened: list[DossierEvent] = []
    for command in way:
        try:
            new = DOSSIER.decide([command], dossier)
        except Refusal:
            continue
        for fact in new:
            dossier = DOSSIER.evolve(dossier, fact)
        happened += new
    return dossier, happened


@given(ways)
@settings(max_examples=300, deadline=None)
def test_only_what_the_province_approved_is_in_a_pool(way: list[DossierCommand]) -> None:
    dossier, happened = carried_out(way)
    pool = getattr(dossier.project, "pool", None)
    assert (pool is Pool.PLAN) == isinstance(dossier.review, Approved)
    admissions = [fact for fact in happened if isinstance(fact, ProjectPooled)]
    assert len(admissions) <= 1
    for fact in admissions:
        assert happened[happened.index(fact) - 1].kind == "intake.review.approved.v1"


@given(ways)
@settings(max_examples=300, deadline=None)
def test_the_stored_facts_give_the_same_dossier_again(way: list[DossierCommand]) -> None:
    dossier, happened = carried_out(way)
    stored = [canonical(fact.model_dump(mode="json")) for fact in happened]
    assert DOSSIER.fold(stored) == dossier


@given(ways)
@settings(max_examples=300, deadline=None)
def test_editions_and_rounds_count_up_and_claims_follow_the_state(
    way: list[DossierCommand],
) -> None:
    dossier, happened = carried_out(way)
    rounds = [fact.round for fact in happened if isinstance(fact, ReviewSubmitted)]
    assert rounds == list(range(1, len(rounds) + 1))
    editions = [
        fact.revision for fact in happened if isinstance(fact, ProjectDrafted | ProjectRevised)
    ]
    assert editions == list(range(1, len(editions) + 1))
    gone = isinstance(dossier.review, Rejected) or not isinstance(
        dossier.project, project_room.Dossier
    )
    assert bool(DOSSIER.holds(dossier)) != gone
    if isinstance(dossier.project, project_room.Discarded):
        assert isinstance(dossier.review, InOwnHands | SentBack)


@given(ways, commands)
@settings(max_examples=300, deadline=None)
def test_asking_the_same_twice_in_a_row_never_does_it_twice(
    way: list[DossierCommand], again: DossierCommand
) -> None:
    once = carried_out([*way, again])[1]
    twice = carried_out([*way, again, again])[1]
    assert once == twice


@given(ways)
@settings(max_examples=300, deadline=None)
def test_of_each_term_it_is_told_once_that_it_was_over(way: list[DossierCommand]) -> None:
    _, happened = carried_out(way)
    told = 0
    for fact in happened:
        match fact:
            case ReviewSubmitted() | ReviewPassedFirst() | ReviewReturned():
                told = 0
            case ReviewOverdue():
                told += 1
            case ReviewTermMoved():
                assert not told, "what is over stays over"
            case _:
                pass
        assert told <= 1


@given(ways)
@settings(max_examples=200, deadline=None)
def test_strangers_never_change_a_units_dossier(way: list[DossierCommand]) -> None:
    dossier, _ = carried_out([draft(), *way])
    stranger = By(account="stranger", org="JC-GP")
    for command in (
        revise(facts(remarks="改"), by=stranger),
        discard(stranger),
        report(by=stranger),
        withdraw(by=stranger),
    ):
        with pytest.raises(NotFound):
            DOSSIER.decide([command], dossier)


def test_all_rooms_of_a_project_share_one_union() -> None:
    assert set(get_args(DossierEvent)) == set(DOSSIER_KINDS.values())
