"""The invented projects: the numbers of April 2019, every row fit to be reported."""

from collections import Counter
from decimal import Decimal

from stdnum.cn import uscc

import examples
from contracts.reference import zones
from contracts.reference.organisations import planning_bodies
from examples.loading import Fate, fate_of
from examples.names import credit_code
from examples.plans import bodies
from examples.projects import ON
from services.intake.policies import form_of
from services.intake.project.rules import Contact, claimed_name, findings

PROJECTS = examples.projects()
YUAN = 100_000_000


def amounts_of(owner: str) -> list[Decimal]:
    """The investments of a body in 亿元."""
    return [
        Decimal(one.facts.total_investment) / YUAN
        for one in PROJECTS
        if one.owner == owner and one.facts.total_investment is not None
    ]


def test_there_are_as_many_as_the_city_had() -> None:
    assert len(PROJECTS) == 396
    assert sum(amount for one in bodies() for amount in amounts_of(one.id)) == 1397
    everything = sum(one.facts.total_investment or 0 for one in PROJECTS)
    assert everything == 139_700_000_000


def test_every_body_reports_what_its_plan_says() -> None:
    assert [one.id for one in planning_bodies(ON)] == [one.id for one in bodies()]
    for body in bodies():
        amounts = amounts_of(body.id)
        large = sum(amount >= 10 for amount in amounts)
        middle = sum(1 <= amount < 10 for amount in amounts)
        assert (large, middle, len(amounts) - large - middle) == body.sizes, body.id
        assert sum(amounts) == body.sum, body.id


def test_most_bodies_reach_their_targets_and_some_do_not() -> None:
    kinds = {one.id: one.kind for one in planning_bodies(ON)}
    least = {"county": (20, 5), "zone": (20, 5), "department": (2, 0), "group": (2, 0)}
    reached = Counter(
        sum(amount >= 1 for amount in amounts_of(owner)) >= least[kind][0]
        and sum(amount >= 10 for amount in amounts_of(owner)) >= least[kind][1]
        for owner, kind in kinds.items()
    )
    assert reached == {True: 28, False: 3}


def test_every_row_may_be_reported() -> None:
    hints: Counter[str] = Counter()
    for one in PROJECTS:
        form = form_of(ON, Contact(one.contact.name, one.contact.phone))
        found = findings(one.facts, form, complete=True)
        assert [item.problem for item in found if not item.hint] == [], one.facts.name
        hints.update(item.problem.rule for item in found)
    assert set(hints) == {"content_scale", "funding_sum", "start_within_years"}
    assert 5 <= hints.total() <= 20


def test_names_and_codes_are_unique() -> None:
    names = {claimed_name(one.facts.name) for one in PROJECTS}
    assert len(names) == len(PROJECTS)
    codes = [one.facts.project_code for one in PROJECTS if one.facts.project_code]
    assert len(set(codes)) == len(codes) > 20


def test_a_project_lies_where_its_body_may_build() -> None:
    grounds = {one.id: one for one in zones(ON)}
    units = {one.id: one for one in planning_bodies(ON)}
    for one in PROJECTS:
        place, unit = one.facts.location, units[one.owner]
        if place.zone_id:
            assert place.region in grounds[place.zone_id].regions
        if unit.kind == "county":
            assert place.region == unit.region
            assert place.zone_id != "Z-JC"
        if unit.kind == "zone":
            assert place.zone_id == unit.zone_id


def test_nobody_in_them_is_real() -> None:
    for one in PROJECTS:
        form, contact = one.facts, one.contact
        assert "示例" in (form.builder.name or "")
        assert "演示数据" in (form.remarks or "")
        assert contact.name.endswith("示例")
        assert contact.phone.startswith("0356-9")
        assert form.builder.uscc is None or form.builder.uscc[8:12] == "MA0T"


def test_credit_codes_have_both_check_characters() -> None:
    # Subjects whose own check characters the standard's weights give.
    assert credit_code("91", "140500", 1) == "91140500MA0T00011Y"
    assert credit_code("91", "140502", 2) == "91140502MA0T0002XK"
    assert all(uscc.is_valid(one.facts.builder.uscc) for one in PROJECTS if one.facts.builder.uscc)


def test_the_money_is_spread_over_its_sources() -> None:
    short = 0
    for one in PROJECTS:
        total = sum(part.amount for part in one.facts.funding)
        assert all(part.amount > 0 for part in one.facts.funding)
        short += total != one.facts.total_investment
    assert 1 <= short <= 10
    sources = Counter(part.source for one in PROJECTS for part in one.facts.funding)
    assert len(sources) == 6


def test_a_demonstration_leaves_something_for_everybody() -> None:
    fates = Counter(fate_of(number) for number in range(len(PROJECTS)))
    assert set(fates) == set(Fate)
    assert fates[Fate.POOLED] > 300
    assert fates[Fate.BACK_FROM_CITY] >= 5
    assert fates[Fate.BACK_FROM_PROVINCE] >= 5
