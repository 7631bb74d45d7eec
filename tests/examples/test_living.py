"""Stock, signings and moves of the example city: invented, and in the terms of the doors."""

from datetime import date

from contracts.reference.organisations import planning_bodies
from examples.living import PAPERS, movable
from examples.loading import Fate, fate_of
from examples.projects import ON, projects
from examples.signings import promotions, signings
from examples.stock import stock
from services.intake.doors.opening import OpeningRow
from services.intake.policies import alike_on, form_of, move_rules_of
from services.intake.project.rules import findings
from services.intake.review.likeness import percent_alike

POOLED = [place for place in range(len(projects())) if fate_of(place) is Fate.POOLED]


def test_every_planning_body_has_stock_that_the_door_takes_without_an_error() -> None:
    rows = [OpeningRow.model_validate(row) for row in stock()]
    assert {row.owner for row in rows} == {body.id for body in planning_bodies(ON)}
    for row in rows:
        found = findings(row.facts(None), form_of(ON, row.contact_as_typed()), complete=False)
        assert [finding for finding in found if not finding.hint] == []


def test_no_stock_is_suspected_of_being_a_planned_project() -> None:
    rules = alike_on(ON)
    planned = [one.facts for one in projects()]
    for row in stock():
        for facts in planned:
            least, most = sorted((row["total_investment"], (facts.total_investment or 0) // 10_000))
            near = (most - least) * 100 <= most * rules.investment_percent
            if facts.location.region == row["location"]["region"] and near:
                assert percent_alike(row["name"], facts.name, rules) < rules.name_percent


def test_stock_stands_in_three_pools_and_was_there_before_the_year() -> None:
    assert {row["pool"] for row in stock()} == {"PREP", "BUILD", "PROD"}
    assert all(row["entered_on"] < row["pool_since"] < "2019" for row in stock())


def test_signings_stand_at_every_stage_and_nothing_lies_in_the_future() -> None:
    everything = signings()
    assert any(one.contract for one in everything)
    assert any(one.framework_on and not one.contract for one in everything)
    assert any(one.negotiated_on and not one.framework_on for one in everything)
    assert any(not one.negotiated_on for one in everything)
    days = [one.contract[1] for one in everything if one.contract]
    days += [date.fromisoformat(one.form["held_on"]) for one in promotions()]
    assert max(days) <= ON


def test_a_signing_becomes_a_project_of_its_own_unit() -> None:
    linked = [one for one in signings() if one.project is not None]
    assert linked
    assert all(projects()[one.project or 0].owner == one.owner for one in linked)


def test_moves_name_the_papers_that_their_conditions_ask_for() -> None:
    rules = move_rules_of(ON)
    moves = movable(POOLED)
    assert set(moves["T23"]) <= set(moves["T12"])
    for transition in moves:
        for papers in PAPERS[transition]:
            assert papers in rules.evidence
