"""Whose item it is: the office that does it, the window, the unit, who steers the whole."""

from collections.abc import Mapping

import pytest

from contracts.approval_tracking import Stage
from services.approval_tracking.approval_plan import commands
from services.approval_tracking.approval_plan.commands import Acted
from services.approval_tracking.approval_plan.states import Item, Plan, begin
from services.approval_tracking.doors.acting import WHO, Asker
from shared.seeing import Reader
from shared.tokens import Actor
from tests.approval_tracking.plans import after, draw_up, plan_in, planned

ITEMS: Mapping[str, Item] = {
    "of the one window": begin(planned("A10", Stage.SITING, competent="D-DRC", handling="D-ASP")),
    "of an office": begin(planned("B05", Stage.DESIGN, competent="D-NRP", handling="D-NRP")),
    "of the unit itself": begin(
        planned("D06", Stage.ACCEPTANCE, competent="OWN", handling="JC-ZZ")
    ),
    "of the county": begin(planned("A06", Stage.SITING, competent="JC-ZZ", handling="JC-ZZ")),
}
OWN_OFFICE, COUNTER = {"of an office"}, set(ITEMS)


def plan(agent: str = "") -> Plan:
    found = plan_in(after(draw_up()))
    return Plan(**{**vars(found), "agent": agent})


def asker(role: str, org: str, account: str = "a", **more: object) -> Asker:
    return Asker(Actor(account, "某人", role, org, org, **more), Reader(role, org))  # type: ignore[arg-type]


def may_do(who: Asker, act: type[Acted], agent: str = "") -> set[str]:
    """Name the items of which somebody may do an act."""
    return {
        name
        for name, item in ITEMS.items()
        if any(stands(who, plan(agent), item) for stands in WHO[act])
    }


@pytest.mark.parametrize(
    ("who", "accepts", "grants", "receives", "withdraws", "waives"),
    [
        (
            asker("approver", "D-NRP"),
            {"of an office"},
            {"of an office"},
            {"of an office"},
            set(),
            set(),
        ),
        (
            asker("approver", "D-DRC"),
            {"of the one window"},
            {"of the one window"},
            {"of the one window"},
            set(),
            set(),
        ),
        (asker("approver", "D-EEB"), set(), set(), set(), set(), set()),
        (
            asker("agent", "D-ASP"),
            {"of the one window"},
            set(),
            set(ITEMS),
            set(),
            set(ITEMS),
        ),
        (
            asker("county_reporter", "JC-ZZ"),
            {"of the unit itself", "of the county"},
            {"of the unit itself", "of the county"},
            set(ITEMS),
            set(ITEMS),
            set(),
        ),
        (asker("county_reporter", "JC-GP"), set(), set(), set(), set(), set()),
        (asker("city_reviewer", "D-DRC"), set(), set(), set(), set(), set(ITEMS)),
        (asker("lead_office", "D-LGO"), set(), set(), set(), set(), set()),
        (asker("admin", "D-BDA"), set(), set(), set(), set(), set()),
    ],
    ids=lambda one: f"{one.actor.role}-{one.actor.org}" if isinstance(one, Asker) else "",
)
def test_an_item_is_done_by_whom_it_belongs_to(
    who: Asker,
    accepts: set[str],
    grants: set[str],
    receives: set[str],
    withdraws: set[str],
    waives: set[str],
) -> None:
    assert may_do(who, commands.Accept) == accepts
    assert may_do(who, commands.Grant) == grants
    assert may_do(who, commands.Receive) == receives
    assert may_do(who, commands.Withdraw) == withdraws
    assert may_do(who, commands.Waive) == waives


def test_the_appointed_agent_applies_for_the_unit_and_no_other_agent_does() -> None:
    appointed = asker("agent", "D-ASP", "a-1")
    assert may_do(appointed, commands.Withdraw, agent="a-1") == set(ITEMS)
    assert may_do(appointed, commands.Withdraw, agent="a-2") == set()
    standing_in = asker("agent", "D-ASP", "a-3", on_behalf_of="a-1")
    assert may_do(standing_in, commands.Withdraw, agent="a-1") == set(ITEMS)


def test_who_reports_for_a_department_does_not_approve_for_it() -> None:
    mine = begin(planned("B05", Stage.DESIGN, competent="D-EEB", handling="D-EEB"))
    own = Plan(**{**vars(plan()), "owner_org": "D-EEB"})
    who = asker("dept_reporter", "D-EEB")
    assert not any(stands(who, own, mine) for stands in WHO[commands.Grant])
    assert any(stands(who, own, mine) for stands in WHO[commands.Receive])


def test_a_machine_does_what_it_was_given_and_no_more() -> None:
    reads = asker("approver", "D-NRP", scopes=frozenset({"read"}))
    handles = asker("approver", "D-NRP", scopes=frozenset({"handle_items"}))
    assert may_do(reads, commands.Grant) == set()
    assert may_do(handles, commands.Grant) == {"of an office"}


def test_every_act_is_somebodys() -> None:
    assert set(WHO) == set(commands.Acted.__args__)
