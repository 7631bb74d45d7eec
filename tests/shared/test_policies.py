"""Dated rules: which file holds on a day, and that each is told when it reads anew."""

from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import TypeAdapter

from contracts.envelope import Fact
from shared.policies import Policy, in_force, policies, policy_decider
from shared.testing import Story


class RulesPublished(Fact):
    kind: Literal["toy.policy.published.v1"] = "toy.policy.published.v1"
    room: str
    text: str


def _published(policy: Policy) -> RulesPublished:
    return RulesPublished(room=policy.room, text=policy.text)


stream = Story(policy_decider(_published, TypeAdapter(RulesPublished)))


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    for room, day in (
        ("baking", "2019-05-01"),
        ("baking", "2019-09-17"),
        ("serving", "2019-04-22"),
    ):
        file = tmp_path / room / "policy" / f"{day}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"valid_from = {day}\n", encoding="utf-8")
    return tmp_path


def test_the_files_of_all_rooms_come_oldest_first(rooms: Path) -> None:
    assert [(one.room, one.valid_from.month) for one in policies(rooms)] == [
        ("serving", 4),
        ("baking", 5),
        ("baking", 9),
    ]


@pytest.mark.parametrize(
    ("on", "first"),
    [
        (date(2019, 9, 16), date(2019, 5, 1)),
        (date(2019, 9, 17), date(2019, 9, 17)),
        (date(2019, 1, 1), date(2019, 5, 1)),
    ],
)
def test_a_file_holds_from_its_own_day_and_the_first_before_that_too(
    rooms: Path, on: date, first: date
) -> None:
    assert in_force(rooms, "baking", on).valid_from == first


def test_a_room_without_rules_is_no_silent_answer(rooms: Path) -> None:
    with pytest.raises(LookupError):
        in_force(rooms, "sweeping", date(2019, 5, 1))


def test_a_file_is_told_once_and_again_when_it_reads_otherwise(rooms: Path) -> None:
    serving = policies(rooms)[0]
    told = _published(serving)
    stream.given().when(serving).then(told)
    stream.given(told).when(serving).then_nothing()
    longer = Policy(serving.room, serving.valid_from, "another", serving.text + "tip = 10\n")
    stream.given(told).when(longer).then(_published(longer))
