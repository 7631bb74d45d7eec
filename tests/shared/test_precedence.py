"""Earliest days, slack and the longest way through work that has an order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.precedence import CircularOrder, Placed, Task, longest_path, place


def test_work_begins_when_all_that_comes_before_is_over() -> None:
    placed = place([Task("walls", 5), Task("door", 2), Task("paint", 1, after=("walls", "door"))])
    assert placed == {
        "walls": Placed(0, 5, 0),
        "door": Placed(0, 2, 3),
        "paint": Placed(5, 6, 0),
    }


def test_what_ends_with_another_begins_late_enough() -> None:
    placed = place([Task("survey", 7), Task("report", 3, beside=("survey",))])
    assert placed["report"] == Placed(4, 7, 0)
    longer = place([Task("survey", 7), Task("report", 9, beside=("survey",))])
    assert longer == {"survey": Placed(0, 7, 2), "report": Placed(0, 9, 0)}


def test_nothing_begins_before_its_day() -> None:
    placed = place([Task("walls", 5), Task("paint", 1, after=("walls",), not_before=8)])
    assert placed["paint"] == Placed(8, 9, 0)
    assert placed["walls"].slack == 3


def test_names_of_what_is_not_there_are_passed_over() -> None:
    assert place([Task("paint", 1, after=("walls",), beside=("door",))])["paint"].begins == 0


def test_who_waits_in_a_circle_is_named() -> None:
    tasks = [Task("first", 1), Task("egg", 1, after=("hen",)), Task("hen", 1, beside=("egg",))]
    with pytest.raises(CircularOrder) as caught:
        place(tasks)
    assert caught.value.keys == ("egg", "hen")


def test_the_longest_way_goes_through_what_was_waited_for() -> None:
    tasks = [
        Task("code", 1),
        Task("survey", 9, after=("code",)),
        Task("walls", 5, after=("code",)),
        Task("report", 2, after=("walls",), beside=("survey",)),
        Task("paint", 1, after=("report",)),
    ]
    assert longest_path(tasks, place(tasks)) == ("code", "survey", "report", "paint")
    assert longest_path([], {}) == ()


@st.composite
def orders(draw: st.DrawFn) -> list[Task]:
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 9))):
        earlier = st.sampled_from(range(number)) if number else st.nothing()
        others = draw(st.lists(earlier, unique=True, max_size=4)) if number else []
        split = draw(st.integers(0, len(others)))
        keys = [f"t{one}" for one in others]
        tasks.append(
            Task(
                f"t{number}",
                draw(st.integers(0, 6)),
                tuple(keys[:split]),
                tuple(keys[split:]),
                draw(st.sampled_from([0, 0, 3])),
            )
        )
    return draw(st.permutations(tasks))


@given(orders())
def test_the_order_holds_and_slack_never_delays_the_end(tasks: list[Task]) -> None:
    placed = place(tasks)
    last = max(one.ends for one in placed.values())
    for task in tasks:
        here = placed[task.key]
        assert here.begins >= max([task.not_before, *(placed[one].ends for one in task.after)])
        assert here.ends >= max(
            [here.begins + task.days, *(placed[one].ends for one in task.beside)]
        )
        assert here.slack >= 0
        later = [
            Task(one.key, one.days + (here.slack if one is task else 0), one.after, one.beside,
                 one.not_before)
            for one in tasks
        ]  # fmt: skip
        assert max(one.ends for one in place(later).values()) == last


@given(orders())
def test_the_longest_way_ends_last_and_has_no_slack(tasks: list[Task]) -> None:
    placed = place(tasks)
    path = longest_path(tasks, placed)
    by_key = {task.key: task for task in tasks}
    assert placed[path[-1]].ends == max(one.ends for one in placed.values())
    assert all(placed[key].slack == 0 for key in path)
    for earlier, later in pairwise(path):
        assert earlier in by_key[later].after + by_key[later].beside
