"""Drawing up: which items, in which order, by whom, within how many days."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import pytest

from contracts.approval_tracking import (
    Circumstances,
    ItemTerm,
    LandMode,
    Management,
    Need,
    Stage,
    Track,
    Unit,
)
from services.approval_tracking.approval_plan.conditions import Answer
from services.approval_tracking.approval_plan.drawing import Drawn, draw_up
from services.approval_tracking.policies import catalogue_of
from shared.precedence import Task, place
from tests.approval_tracking.approval_plan.drawn import (
    FLOWS,
    MAY_2019,
    OFFICES,
    all_answered,
    drawn,
    items,
)
from tests.approval_tracking.approval_plan.test_catalogue import EDITIONS

WAYS = [(flow, land_mode) for flow in (*FLOWS, "ZD") for land_mode in LandMode]


def tasks(plan: Drawn) -> list[Task]:
    return [
        Task(item.item, item.counted_days, item.after, item.beside)
        for item in plan.items
        if item.track is not Track.PARALLEL
    ]


@pytest.mark.parametrize(("flow", "land_mode"), WAYS)
@pytest.mark.parametrize("on", EDITIONS, ids=str)
def test_no_plan_goes_in_a_circle_and_all_comes_after_the_code(
    flow: str, land_mode: LandMode, on: date
) -> None:
    for answers in ({}, all_answered(met=True), all_answered(met=False)):
        plan = items(drawn(flow, answers, land_mode, on))
        place([Task(one.item, 1, one.after, one.beside) for one in plan.values()])
        for item in plan.values():
            assert {*item.after, *item.beside} <= plan.keys()
            before = {item.item}
            while more := {one for key in before for one in plan[key].after} - before:
                before |= more
            assert "A01" in before or item.need is Need.SERVED


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("met", [False, True], ids=["R", "R+C"])
@pytest.mark.parametrize("on", EDITIONS, ids=str)
def test_the_critical_path_keeps_within_the_limits_of_the_stages(
    flow: str, met: bool, on: date
) -> None:
    plan = drawn(flow, all_answered(met=met), on=on)
    for limit in plan.stages:
        here = {one.item for one in plan.items if one.stage is limit.stage}
        placed = place([task for task in tasks(plan) if task.key in here])
        assert limit.limit is not None
        assert max(one.ends for one in placed.values()) <= limit.limit
    whole = place(tasks(plan))
    assert max(one.ends for one in whole.values()) <= sum(one.limit or 0 for one in plan.stages)
    assert plan.total_limit == 120


@pytest.mark.parametrize(
    ("flow", "limits"),
    [
        ("GF", (40, 20, 20, 15)),
        ("GX", (40, 20, 15, 15)),
        ("HZ", (35, 20, 20, 15)),
        ("SY", (15, 20, 20, 15)),
        ("SX", (10, 10, 20, 15)),
        ("SD", (10, 30, 15)),
        ("CN", (8, 10, 10, 15)),
        ("ZD", (None, None, None, None)),
    ],
)
def test_each_flow_has_its_own_limits(flow: str, limits: tuple[int | None, ...]) -> None:
    assert tuple(one.limit for one in drawn(flow).stages) == limits


def test_land_sold_with_a_design_has_design_and_permit_in_one_stage() -> None:
    plan = drawn("SD")
    assert [one.name for one in plan.stages] == [
        "立项用地规划许可",
        "工程建设许可、施工许可",
        "竣工验收",
    ]
    assert items(plan)["C06"].stage is Stage.DESIGN
    assert all(one.stage is not Stage.PERMIT for one in plan.items)


def test_land_allocated_comes_after_its_planning_permit_land_sold_before_it() -> None:
    allocated, sold = drawn("GF"), drawn("GF", land_mode=LandMode.GRANTED)
    assert "A13" in items(allocated)["A12"].after
    assert "A12" not in items(allocated)["A13"].after
    assert items(sold)["A13"].after == ("A07", "A12")
    assert "A13" not in items(sold)["A12"].after
    assert items(allocated)["A12"].track is Track.MAIN
    assert items(sold)["A12"].track is Track.OUTSIDE


def test_another_way_of_supplying_land_may_take_longer_and_is_drawn_all_the_same() -> None:
    plan = drawn("SX", all_answered(met=True), LandMode.ALLOCATED)
    here = {one.item for one in plan.items if one.stage is Stage.SITING}
    placed = place([task for task in tasks(plan) if task.key in here])
    assert (max(one.ends for one in placed.values()), plan.stages[0].limit) == (17, 10)


def test_what_does_not_apply_is_bridged() -> None:
    assert items(drawn("SX"))["C01"].after == ("A13",)
    assert items(drawn("HZ"))["C01"].after == ("B05",)
    sold = drawn("GF", all_answered(met=False), LandMode.GRANTED)
    assert items(sold)["A07"].after == ("A02",)
    heard = items(drawn("HZ", {**all_answered(met=False), "affects_people": True}))
    assert heard["A09"].after == ("A01", "A03", "A05")
    assert items(drawn("HZ", all_answered(met=False), LandMode.GRANTED))["A09"].after == ("A01",)


def test_what_may_run_beside_is_not_inherited() -> None:
    assert items(drawn("HZ"))["A08"].beside == ("A09",)
    assert items(drawn("GF"))["C01"].beside == ("B07",)
    denied = items(drawn("GF", all_answered(met=False)))
    assert denied["C03"].after == ("B06",)


def test_energy_of_an_enterprise_holds_up_nothing_but_the_start() -> None:
    for flow in ("HZ", "SY", "SX", "SD"):
        plan = items(drawn(flow))
        assert plan["A06"].gate
        assert all("A06" not in (*one.after, *one.beside) for one in plan.values())
    assert "A06" in items(drawn("GF"))["A07"].after


def test_the_gate_has_the_permit_and_what_was_triggered_of_the_others() -> None:
    def gate(answers: Mapping[str, Answer] = MappingProxyType({})) -> set[str]:
        return {one.item for one in drawn("GF", answers).items if one.gate}

    assert gate() == {"A06", "B01", "B02", "B08", "C06"}
    assert gate(all_answered(met=False)) == {"C06"}
    assert {one.item for one in drawn("ZD").items if one.gate} == {"A06", "B01", "B02", "C09"}


@pytest.mark.parametrize(
    ("item", "flow", "answers", "stands"),
    [
        ("A03", "GF", {}, True),
        ("A03", "SY", {}, False),
        ("A04", "GF", {"land": "NEW"}, True),
        ("A04", "GF", {"land": "EXAMINED"}, True),
        ("A04", "GF", {"land": "STOCK"}, False),
        ("A11", "GF", {"land": "EXAMINED"}, False),
        ("A06", "SY", {"energy_tce": 999, "electricity_kwh": 4_999_999}, False),
        ("A06", "SY", {"energy_tce": 1000, "electricity_kwh": 0}, True),
        ("A06", "SY", {"energy_tce": 0, "electricity_kwh": 5_000_000}, True),
        ("A08", "GF", {"works_yuan": 3_999_999, "goods_yuan": 0, "services_yuan": 0}, False),
        ("A08", "GF", {"works_yuan": 4_000_000}, True),
        ("A08", "GF", {"works_yuan": 0, "goods_yuan": 2_000_000}, True),
        ("A08", "GF", {"works_yuan": 0, "goods_yuan": 1_999_999, "services_yuan": 0}, False),
        ("A08", "GF", {"works_yuan": 0, "goods_yuan": 0, "services_yuan": 1_000_000}, True),
        ("A08", "HZ", {"state_funds": False, "works_yuan": 4_000_000}, False),
        ("A08", "HZ", {"state_funds": True, "works_yuan": 4_000_000}, True),
        ("B01", "SY", {"eia": "REGISTER"}, True),
        ("B01", "SY", {"eia": "NONE"}, False),
        ("D06", "SY", {"eia": "REGISTER"}, False),
        ("D06", "SY", {"eia": "TABLE"}, True),
        ("B02", "SY", {"land_sqm": 4_999, "earthworks_m3": 999}, False),
        ("B02", "SY", {"land_sqm": 5_000, "earthworks_m3": 0}, True),
        ("B02", "SY", {"land_sqm": 0, "earthworks_m3": 1_000}, True),
        ("C02", "SY", {"special_works": False}, False),
        ("D02", "SY", {"special_works": False}, True),
        ("B08", "SY", {"civil_building": False}, False),
        ("D03", "SY", {"civil_building": False}, False),
    ],
)
def test_a_condition_decides_at_its_boundary(
    item: str, flow: str, answers: dict[str, Answer], stands: bool
) -> None:
    assert (item in items(drawn(flow, answers))) is stands


def test_what_nobody_answered_stands_and_says_what_is_open() -> None:
    plan = items(drawn("SY"))
    assert plan["A06"].unanswered == ("energy_tce", "electricity_kwh")
    assert plan["B08"].unanswered == ("civil_building",)
    assert plan["C06"].unanswered == ()
    half = items(drawn("SY", {"energy_tce": 999}))
    assert half["A06"].unanswered == ("electricity_kwh",)
    assert items(drawn("SY", {"energy_tce": 1000}))["A06"].unanswered == ()


def test_the_first_four_of_a_commitment_flow_are_served_and_five_are_committed_to() -> None:
    plan = drawn("CN", all_answered(met=True))
    needs = {need: {one.item for one in plan.items if one.need is need} for need in Need}
    assert needs[Need.COMMITTED] == {"A06", "B02", "B08", "C01", "C04"}
    assert needs[Need.SERVED] == {"A11", "A14", "A15", "A16", "A17", "B03", "B09", "C08"}
    served = [one for one in plan.items if one.need is Need.SERVED]
    assert all((one.after, one.statutory, one.promised) == ((), None, None) for one in served)
    waiting = {other for one in plan.items for other in (*one.after, *one.beside)}
    assert waiting.isdisjoint(needs[Need.SERVED])


@pytest.mark.parametrize(
    ("item", "answers", "statutory", "promised"),
    [
        ("B01", {}, (60, Unit.CALENDAR_DAYS), 15),
        ("B01", {"eia": "TABLE"}, (30, Unit.CALENDAR_DAYS), 15),
        ("B01", {"eia": "REGISTER"}, (0, Unit.WORKING_DAYS), 0),
        ("C01", {}, (15, Unit.WORKING_DAYS), 10),
        ("C01", {"works_size": "MEDIUM"}, (10, Unit.WORKING_DAYS), 10),
        ("B02", {"land_sqm": 49_999, "earthworks_m3": 49_999}, (10, Unit.WORKING_DAYS), 10),
    ],
)
def test_a_term_follows_the_answers(
    item: str, answers: dict[str, Answer], statutory: tuple[int, Unit], promised: int
) -> None:
    planned = items(drawn("GF", answers))[item]
    assert planned.statutory == ItemTerm(length=statutory[0], unit=statutory[1])
    assert planned.promised == ItemTerm(length=promised, unit=Unit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("land_sqm", "earthworks_m3", "length"),
    [(49_999, 49_999, 0), (50_000, 0, 10), (0, 50_000, 10), (5_000, 0, 0)],
)
def test_a_small_soil_and_water_table_is_done_on_the_day_from_the_31st_of_may(
    land_sqm: int, earthworks_m3: int, length: int
) -> None:
    plan = drawn("GF", {"land_sqm": land_sqm, "earthworks_m3": earthworks_m3}, on=EDITIONS[2])
    assert items(plan)["B02"].statutory == ItemTerm(length=length, unit=Unit.WORKING_DAYS)


def test_each_item_names_whose_matter_it_is_and_who_does_it() -> None:
    plan = items(drawn("GF"))

    def offices(item: str) -> tuple[str, str]:
        return plan[item].competent, plan[item].handling

    assert offices("A01") == ("D-DRC", "D-ASP")
    assert offices("A13") == ("D-NRP", "D-NRP")
    assert offices("A05") == ("JC-ZZ", "JC-ZZ")
    assert offices("A11") == ("X-PRC", "D-NRP")
    assert offices("D06") == ("OWN", "D-EDU")
    assert catalogue_of(MAY_2019).on_site == {"A05", "D06", "D07"}


def test_energy_from_five_thousand_tons_is_the_provinces_matter() -> None:
    below, at = drawn("SY", {"energy_tce": 4_999}), drawn("SY", {"energy_tce": 5_000})
    assert items(below)["A06"].competent == "D-DRC"
    assert (items(at)["A06"].competent, items(at)["A06"].handling) == ("X-PRC", "D-ASP")


def test_a_free_list_is_what_its_unit_makes_of_it() -> None:
    plan = drawn("ZD")
    assert {one.need for one in plan.items} == {Need.REQUIRED, Need.FREE}
    assert (plan.total_limit, "A09" in items(plan)) == (None, False)
    shorter = items(drawn("ZD", {"include_A14": False, "include_A13": False}))
    assert "A14" not in shorter
    assert shorter["A12"].after == ("A07", "A11")
    assert items(drawn("ZD", {"include_C06": True}))["C06"].need is Need.FREE
    verified = Circumstances(
        management=Management.VERIFY, flow="ZD", land_mode=LandMode.ALLOCATED, answers={}
    )
    one = items(draw_up(verified, catalogue_of(MAY_2019), OFFICES))
    assert ("A07" in one, "A09" in one, one["B10"].after) == (False, True, ("A09",))
