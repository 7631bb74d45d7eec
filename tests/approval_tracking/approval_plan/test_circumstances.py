"""Which flow a project is taken to follow, and what its unit may answer."""

import pytest

from contracts.approval_tracking import Circumstances, LandMode, Management
from services.approval_tracking.approval_plan.circumstances import (
    Traits,
    problems_in,
    questions_of,
    suggested,
)
from services.approval_tracking.policies import catalogue_of
from tests.approval_tracking.approval_plan.drawn import MAY_2019, circumstances

CATALOGUE = catalogue_of(MAY_2019)
BILLION = 1_000_000_000


@pytest.mark.parametrize(
    ("traits", "flow", "management"),
    [
        (Traits("GOVERNMENT", "INFRASTRUCTURE", "5412", None, BILLION), "ZD", "APPROVAL"),
        (Traits("GOVERNMENT", "INFRASTRUCTURE", "5412", None, BILLION - 1), "GX", "APPROVAL"),
        (Traits("MARKET", "INFRASTRUCTURE", "4415", None, BILLION), "ZD", "VERIFY"),
        (Traits("MARKET", "EMERGING", "4415", None, BILLION - 1), "HZ", "VERIFY"),
        (Traits("GOVERNMENT", "WELFARE", "8411", "Z-JC", 5_000_000), "GF", "APPROVAL"),
        (Traits("GOVERNMENT", "WELFARE", "7810", None, None), "GX", "APPROVAL"),
        (Traits("MARKET", "EMERGING", "3985", "Z-JC", 5 * BILLION), "CN", "FILING"),
        (Traits("MARKET", "EMERGING", "3985", None, 5 * BILLION), "SY", "FILING"),
        (Traits("MARKET", "SERVICES", "6110", None, 10_000_000), "SX", "FILING"),
        (Traits("MARKET", "SERVICES", "6110", None, 10_000_001), "SY", "FILING"),
        (Traits(), "SY", "FILING"),
    ],
)
def test_the_first_row_that_holds_suggests_the_flow(
    traits: Traits, flow: str, management: str
) -> None:
    found = suggested(traits, CATALOGUE)
    assert (found.flow, found.management) == (flow, management)
    assert found.land_mode is CATALOGUE.flows[flow].land_mode


def test_a_flow_asks_what_decides_in_it_and_no_more() -> None:
    asked = questions_of(CATALOGUE.flows["SX"], CATALOGUE)
    assert "eia" in asked
    assert {"land", "state_funds", "sector", "include_A02"}.isdisjoint(asked)
    assert {"include_A02", "sector"} <= set(questions_of(CATALOGUE.flows["ZD"], CATALOGUE))


def test_what_the_catalogue_knows_is_taken() -> None:
    stated = circumstances("GF", {"eia": "TABLE", "land_sqm": 0, "takes_water": False})
    assert list(problems_in(stated, CATALOGUE)) == []


@pytest.mark.parametrize(
    ("stated", "field", "rule"),
    [
        (circumstances("GF", {"moon_phase": 3}), "answers.moon_phase", "known_question"),
        (circumstances("GF", {"eia": "NOVEL"}), "answers.eia", "readable_answer"),
        (circumstances("GF", {"land_sqm": -1}), "answers.land_sqm", "readable_answer"),
        (circumstances("GF", {"land_sqm": True}), "answers.land_sqm", "readable_answer"),
        (circumstances("GF", {"takes_water": 1}), "answers.takes_water", "readable_answer"),
        (
            Circumstances(management=Management.FILING, flow="GF", land_mode=LandMode.ALLOCATED),
            "management",
            "management_of_flow",
        ),
        (
            Circumstances(management=Management.FILING, flow="XX", land_mode=LandMode.ALLOCATED),
            "flow",
            "known_flow",
        ),
    ],
)
def test_what_it_does_not_know_is_named_with_a_way_out(
    stated: Circumstances, field: str, rule: str
) -> None:
    (problem,) = problems_in(stated, CATALOGUE)
    assert (problem.field, problem.rule) == (field, rule)
    assert problem.remedy
