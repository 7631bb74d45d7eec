"""Drawing anew around what has begun: nothing begun is lost, and no order closes a circle."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contracts.approval_tracking import Circumstances, LandMode, Need
from services.approval_tracking.approval_plan.catalogue import Question
from services.approval_tracking.approval_plan.conditions import Answer
from services.approval_tracking.approval_plan.drawing import Drawn, draw_up
from services.approval_tracking.policies import catalogue_of
from shared.precedence import Task, place
from tests.approval_tracking.approval_plan.drawn import (
    FLOWS,
    MAY_2019,
    OFFICES,
    circumstances,
    drawn,
    items,
)
from tests.approval_tracking.approval_plan.test_catalogue import EDITIONS


def again(
    before: Drawn,
    now: Circumstances,
    *begun: str,
    accepted: tuple[str, ...] = (),
    on: date = MAY_2019,
) -> Drawn:
    held = [item for item in before.items if item.item in begun]
    return draw_up(now, catalogue_of(on), OFFICES, held, accepted)


def test_what_has_begun_stays_though_it_is_needed_no_more() -> None:
    before = drawn("SY")
    after = again(before, circumstances("SY", {"eia": "NONE"}), "B01")
    assert items(after)["B01"] == items(before)["B01"]
    assert "D10" in items(after)
    assert "B01" not in items(again(before, circumstances("SY", {"eia": "NONE"})))


def test_what_has_begun_keeps_its_terms_and_offices_under_another_edition() -> None:
    april, september = date(2019, 4, 22), date(2019, 9, 17)
    before = drawn("GF", on=april)
    after = again(before, circumstances("GF"), "A03", "C06", on=september)
    assert items(after)["A03"].name == "选址意见书"
    assert items(after)["C06"].statutory == items(before)["C06"].statutory
    assert "A03" in items(after)["A07"].after
    assert "A03" not in items(again(before, circumstances("GF"), on=september))


def test_what_is_accepted_keeps_its_place_when_the_land_is_supplied_another_way() -> None:
    before = drawn("GF")
    sold = circumstances("GF", land_mode=LandMode.GRANTED)
    after = again(before, sold, "A12", "A13", accepted=("A12", "A13"))
    assert items(after)["A12"].after == ("A13",)
    assert "A12" not in items(after)["A13"].after


def test_what_was_only_handed_in_takes_its_new_place() -> None:
    before = drawn("GF")
    after = again(before, circumstances("GF", land_mode=LandMode.GRANTED), "A12")
    assert "A13" not in items(after)["A12"].after
    assert "A12" in items(after)["A13"].after


def test_what_was_deemed_accepted_out_of_order_closes_no_circle() -> None:
    before = drawn("GF")
    after = again(before, circumstances("GF", land_mode=LandMode.GRANTED), "A12", accepted=("A12",))
    assert items(after)["A12"].after == ()
    assert "A12" in items(after)["A13"].after


def _answer(question: Question) -> st.SearchStrategy[Answer]:
    match question.kind:
        case "yes_no":
            return st.booleans()
        case "number":
            return st.sampled_from([0, 1000, 5000, 10**7])
        case _:
            return st.sampled_from(sorted(question.choices or {}))


@st.composite
def stated(draw: st.DrawFn) -> Circumstances:
    catalogue = catalogue_of(MAY_2019)
    flow = draw(st.sampled_from([*FLOWS, "ZD"]))
    keys = draw(st.sets(st.sampled_from(sorted(catalogue.questions)), max_size=12))
    return circumstances(
        flow,
        {key: draw(_answer(catalogue.questions[key])) for key in sorted(keys)},
        draw(st.sampled_from(list(LandMode))),
    )


@given(st.data())
def test_however_often_a_plan_is_drawn_anew_it_stays_whole(data: st.DataObject) -> None:
    plan = draw_up(data.draw(stated()), catalogue_of(EDITIONS[0]), OFFICES)
    begun: set[str] = set()
    accepted: set[str] = set()
    for on in data.draw(st.lists(st.sampled_from(EDITIONS), min_size=1, max_size=4)):
        standing = sorted(items(plan))
        begun |= data.draw(st.sets(st.sampled_from(standing), max_size=6))
        accepted |= (
            data.draw(st.sets(st.sampled_from(sorted(begun) or standing), max_size=3)) & begun
        )
        before = items(plan)
        held = [item for item in plan.items if item.item in begun]
        plan = draw_up(data.draw(stated()), catalogue_of(on), OFFICES, held, accepted)
        now = items(plan)
        assert begun <= now.keys()
        for item in begun:
            kept = {"after": now[item].after, "beside": now[item].beside}
            assert before[item].model_copy(update=kept) == now[item]
        for one in plan.items:
            assert {*one.after, *one.beside} <= now.keys()
        place([Task(one.item, 1, one.after, one.beside) for one in plan.items])
        assert all(one.after == () for one in plan.items if one.need is Need.SERVED)
