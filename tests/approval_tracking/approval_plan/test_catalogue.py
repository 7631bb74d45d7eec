"""The catalogue of a day: complete, with its sources, and in the edition of the day."""

from datetime import date
from itertools import product

import pytest

from contracts.approval_tracking import ItemTerm, LandMode, Management, Unit
from contracts.reference import industries
from contracts.reference.organisations import organisations
from services.approval_tracking.approval_plan.catalogue import Catalogue, read_catalogue
from services.approval_tracking.approval_plan.network import written
from services.approval_tracking.policies import ROOMS, catalogue_of
from shared.policies import policies

EDITIONS = tuple(one.valid_from for one in policies(ROOMS) if one.room == "approval_plan")


@pytest.fixture(params=EDITIONS, ids=str)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return catalogue_of(request.param)


def working(days: int) -> ItemTerm:
    return ItemTerm(length=days, unit=Unit.WORKING_DAYS)


def calendar(days: int) -> ItemTerm:
    return ItemTerm(length=days, unit=Unit.CALENDAR_DAYS)


def test_everything_comes_after_the_project_code(catalogue: Catalogue) -> None:
    for management, land_mode in product(Management, LandMode):
        order = written(catalogue, management, land_mode)
        done = {"A01"}
        while more := {one for one, after in order.after.items() if done & {*after}} - done:
            done |= more
        assert done == catalogue.items.keys()


def test_every_row_says_where_it_is_from(catalogue: Catalogue) -> None:
    assert all(row.source for row in catalogue.items.values())
    assert all(question.source for question in catalogue.questions.values())
    assert all(procedure.basis for procedure in catalogue.procedures.values())


def test_every_office_is_one_of_the_units(catalogue: Catalogue) -> None:
    units = {unit.id for unit in organisations(catalogue.valid_from)} | {"ground", "unit", "OWN"}
    offices = {*catalogue.offices.values(), *catalogue.transferred.values()}
    assert offices | {row.handling for row in catalogue.items.values() if row.handling} <= units
    assert {row.competent for row in catalogue.items.values()} <= catalogue.offices.keys()
    assert catalogue.transferred.keys() <= catalogue.offices.keys()


def test_conditions_ask_questions_that_can_be_answered(catalogue: Catalogue) -> None:
    said = catalogue.questions.keys() | {"management", "land_mode"}
    for row in catalogue.items.values():
        for condition in (row.when, *(variant.when for variant in row.variants)):
            assert set(condition.questions) <= said
            for test in (test for tests in condition.rows for test in tests):
                question = catalogue.questions.get(test.question)
                if question is not None and test.compare is None:
                    assert all(map(question.takes, test.values))
                if question is not None and test.compare is not None:
                    assert question.kind == "number"


def test_every_edge_leads_to_another_item(catalogue: Catalogue) -> None:
    for row in catalogue.items.values():
        assert {edge.item for edge in (*row.after, *row.beside)} <= catalogue.items.keys() - {
            row.id
        }


def test_defaults_name_industries_that_exist_and_the_last_takes_all(catalogue: Catalogue) -> None:
    divisions = {one.code for one in industries()}
    named = {
        value
        for row in catalogue.defaults
        for tests in row.when.rows
        for test in tests
        if test.question == "industry"
        for value in test.values
    }
    assert named <= divisions
    assert catalogue.defaults[-1].when.holds({}) is True


@pytest.mark.parametrize(
    ("on", "item", "statutory"),
    [
        (date(2019, 4, 22), "C06", calendar(15)),
        (date(2019, 4, 23), "C06", calendar(7)),
        (date(2020, 5, 31), "C02", working(20)),
        (date(2020, 6, 1), "C02", working(15)),
        (date(2020, 6, 1), "D02", working(15)),
        (date(2019, 1, 1), "B01", calendar(60)),
        (date(2019, 1, 1), "B04", calendar(45)),
        (date(2018, 12, 31), "A01", working(0)),
    ],
)
def test_a_term_changes_on_the_first_day_of_its_edition(
    on: date, item: str, statutory: ItemTerm
) -> None:
    assert catalogue_of(on).items[item].terms.statutory == statutory


def test_the_site_opinion_goes_into_the_land_pre_examination() -> None:
    before, after = catalogue_of(date(2019, 9, 16)), catalogue_of(date(2019, 9, 17))
    assert (before.items["A03"].needs != {}, after.items["A03"].needs) == (True, {})
    assert before.items["A04"].name == "用地预审"
    assert after.items["A04"].name == "用地预审与选址意见书"
    assert after.items["A13"].name.endswith("（含建设用地批准书）")


def test_what_an_edition_does_not_speak_of_stays() -> None:
    first, last = catalogue_of(EDITIONS[0]), catalogue_of(EDITIONS[-1])
    assert last.items.keys() == first.items.keys()
    assert last.items["C06"].after == first.items["C06"].after
    assert (last.valid_from, last.flows.keys()) == (EDITIONS[-1], first.flows.keys())


def test_only_what_the_law_gives_more_days_can_be_extended(catalogue: Catalogue) -> None:
    assert (catalogue.extension("A13"), catalogue.extension("A09")) == (10, 40)
    assert (catalogue.extension("B01"), catalogue.extension("C05")) == (0, 0)


def test_a_term_that_cannot_be_read_stops_the_start() -> None:
    file = policies(ROOMS)[0]
    broken = {**file.values, "receipt": "5 days"}
    with pytest.raises(ValueError, match="5 days"):
        read_catalogue([(broken, file.sha256)])
