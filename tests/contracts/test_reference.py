"""The reference data are complete, agree with one another and know their first day."""

from collections import Counter
from datetime import date

import pytest

from contracts import reference
from contracts.reference import organisations

PLAN_PUBLISHED = date(2019, 4, 22)
BEFORE_ANYTHING = date(2010, 1, 1)


def test_thirty_one_bodies_plan_projects() -> None:
    kinds = Counter(body.kind for body in organisations.planning_bodies(PLAN_PUBLISHED))
    assert kinds["county"] + kinds["zone"] == 7
    assert kinds["department"] == 18
    assert kinds["group"] == 6
    assert kinds.total() == 31


def test_counties_and_the_zone_report_through_the_county_level_and_all_others_directly() -> None:
    for unit in organisations.organisations(PLAN_PUBLISHED):
        assert unit.path == ("county" if unit.kind in {"county", "zone"} else "direct"), unit.id


def test_organisations_are_known_by_id_name_and_alias_without_ambiguity() -> None:
    units = organisations.organisations(PLAN_PUBLISHED)
    assert len({unit.id for unit in units}) == len(units)
    words = Counter(word for unit in units for word in {unit.name, unit.short_name, *unit.aliases})
    assert [word for word, count in words.items() if count > 1] == []


@pytest.mark.parametrize("other", ["D-STA", "D-ASP", "D-NRP", "D-SUP", "D-KEY", "D-LGO", "X-PRC"])
def test_units_that_review_approve_or_supervise_are_known_but_plan_nothing(other: str) -> None:
    unit = organisations.organisation(other, PLAN_PUBLISHED)
    assert unit is not None
    assert not unit.planning_body


def test_both_spellings_of_the_planning_bureau_mean_the_same_unit() -> None:
    unit = organisations.organisation("D-NRP", PLAN_PUBLISHED)
    assert unit is not None
    assert {"规划和自然资源局", "规划与自然资源局"} <= set(unit.aliases)


def test_regions_are_the_province_the_city_and_its_six_counties() -> None:
    assert {region.code: region.name for region in reference.regions(PLAN_PUBLISHED)} == {
        "140000": "山西省",
        "140500": "晋城市",
        "140502": "城区",
        "140521": "沁水县",
        "140522": "阳城县",
        "140524": "陵川县",
        "140525": "泽州县",
        "140581": "高平市",
    }


def test_the_code_of_the_former_gaoping_county_does_not_exist() -> None:
    assert "140523" not in {region.code for region in reference.regions(PLAN_PUBLISHED)}


def test_every_region_and_zone_that_a_row_names_exists() -> None:
    regions = {region.code for region in reference.regions(PLAN_PUBLISHED)}
    counties = {r.code for r in reference.regions(PLAN_PUBLISHED) if r.level == "county"}
    zones = {zone.id for zone in reference.zones(PLAN_PUBLISHED)}
    assert {r.parent for r in reference.regions(PLAN_PUBLISHED)} <= regions | {""}
    for unit in organisations.organisations(PLAN_PUBLISHED):
        assert unit.region in regions | {""}, unit.id
        assert unit.zone_id in zones | {""}, unit.id
        if unit.kind == "county":
            assert unit.region in counties
    for zone in reference.zones(PLAN_PUBLISHED):
        assert zone.regions, zone.id
        assert set(zone.regions) <= counties, zone.id


def test_the_zone_that_plans_is_the_national_one() -> None:
    national = [zone.id for zone in reference.zones(PLAN_PUBLISHED) if zone.level == "national"]
    planning = [
        b.zone_id for b in organisations.planning_bodies(PLAN_PUBLISHED) if b.kind == "zone"
    ]
    assert planning == national == ["Z-JC"]


def test_the_ninety_seven_divisions_follow_one_another_in_twenty_sections() -> None:
    divisions = reference.industries()
    assert [division.code for division in divisions] == [f"{n:02}" for n in range(1, 98)]
    assert [section.letter for section in reference.sections()] == list("ABCDEFGHIJKLMNOPQRST")
    assert sorted(divisions, key=lambda d: (d.section, d.code)) == list(divisions)
    assert all(division.section_name for division in divisions)


def test_services_to_farming_mining_and_manufacture_count_as_the_third_sector() -> None:
    by_sector = Counter(division.sector for division in reference.industries())
    assert by_sector == {"PRIMARY": 4, "SECONDARY": 6 + 30 + 3 + 4, "TERTIARY": 50}
    third = {d.code for d in reference.industries() if d.sector == "TERTIARY"}
    assert {"05", "11", "43"} <= third
    assert set(reference.SECTOR_NAMES) == set(by_sector)


def test_every_role_but_the_public_has_a_name_and_an_example_account() -> None:
    roles = reference.roles()
    assert [role.row for role in roles] == [
        "R1", "R2", "R3", "R4", "R4b", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R14",
    ]  # fmt: skip
    assert {a.role for a in reference.example_accounts()} == {role.code for role in roles}


def test_every_example_account_belongs_to_a_unit_that_exists() -> None:
    accounts = reference.example_accounts()
    assert len({account.username for account in accounts}) == len(accounts)
    for account in accounts:
        assert organisations.organisation(account.organisation, PLAN_PUBLISHED), account.username


def test_every_planning_body_has_an_account_that_may_report() -> None:
    reporting = {
        account.organisation: account.role
        for account in reference.example_accounts()
        if account.role in {"county_reporter", "dept_reporter", "enterprise"}
    }
    expected = {"county": "county_reporter", "zone": "county_reporter"}
    expected |= {"department": "dept_reporter", "group": "enterprise"}
    assert reporting == {
        body.id: expected[body.kind] for body in organisations.planning_bodies(PLAN_PUBLISHED)
    }


def test_nothing_is_known_before_its_first_day() -> None:
    first = organisations.organisations(PLAN_PUBLISHED)[0].valid_from
    eve = date.fromordinal(first.toordinal() - 1)
    assert organisations.organisation("JC-ZZ", first) is not None
    assert organisations.organisation("JC-ZZ", eve) is None
    assert organisations.organisations(BEFORE_ANYTHING) == ()
    assert reference.regions(BEFORE_ANYTHING) == ()
    assert reference.zones(BEFORE_ANYTHING) == ()


def test_an_unknown_organisation_is_none() -> None:
    assert organisations.organisation("D-NIX", PLAN_PUBLISHED) is None
