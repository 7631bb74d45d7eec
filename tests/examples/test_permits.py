"""The story of a project's permits: who does what on which day, the same in every run."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.reference import example_accounts
from examples.permits import Story, answers_of, due_steps, is_worked, story_of, worked_between
from examples.projects import ON
from services.approval_tracking.policies import catalogue_of

HURRIED = Story("甲", 0, hurries=True)


def item(code: str = "A10", **changes: Any) -> dict[str, Any]:
    return {
        "item": code,
        "name": "项目备案",
        "handling": "D-ASP",
        "competent": "D-DRC",
        "need": "REQUIRED",
        "state": "NOT_BEGUN",
        "statutory": {"length": 20, "unit": "WORKING_DAYS"},
        "promised": {"length": 5, "unit": "WORKING_DAYS"},
        "after": [],
        "waits_for": [],
        "lacking": [],
        "clocks": [],
        "pauses": [],
        "received_on": None,
        "corrections_asked_on": None,
        "accepted_on": None,
        "done_on": None,
        "follow_up": None,
        "checked_on": None,
        **changes,
    }


def plan(*items: dict[str, Any]) -> dict[str, Any]:
    return {"owner_org": "JC-ZZ", "closed": False, "items": list(items)}


def acts(on: date, *items: dict[str, Any], story: Story = HURRIED) -> list[tuple[str, str]]:
    return [(step.item, step.act) for step in due_steps(plan(*items), story, on)]


def days_after(number: int) -> date:
    """Give the working day so many after the first."""
    day = ON
    while worked_between(ON, day) < number or not is_worked(day):
        day += timedelta(days=1)
    return day


def test_the_days_off_of_may_are_no_working_days() -> None:
    assert not is_worked(date(2019, 5, 1))
    assert is_worked(date(2019, 5, 5))
    assert worked_between(date(2019, 4, 30), date(2019, 5, 6)) == 2


def test_an_item_is_handed_in_by_its_unit_and_not_before_what_it_waits_for() -> None:
    (step,) = due_steps(plan(item()), HURRIED, days_after(3))
    assert (step.act, step.by_unit) == ("receive", True)
    assert acts(days_after(3), item(waits_for=["A01"])) == []


def test_what_has_no_days_is_granted_in_one_act_by_its_office() -> None:
    at_once = item(statutory={"length": 0, "unit": "WORKING_DAYS"})
    (step,) = due_steps(plan(at_once), HURRIED, days_after(3))
    assert (step.act, step.by_unit) == ("grant", False)


def test_what_an_enterprise_commits_itself_to_is_signed_by_it() -> None:
    (step,) = due_steps(plan(item(need="COMMITTED")), HURRIED, days_after(3))
    assert (step.act, step.by_unit) == ("commit", True)


def test_what_was_handed_in_is_taken_on_the_next_working_day() -> None:
    received = item(state="RECEIVED", received_on=ON.isoformat())
    assert acts(ON, received) == []
    assert [act for _, act in acts(days_after(1), received)] in (["accept"], ["ask-corrections"])


def test_what_was_asked_for_once_is_not_asked_for_again() -> None:
    asked = item(state="RECEIVED", received_on=ON.isoformat(), corrections_asked_on=ON.isoformat())
    assert acts(days_after(1), asked) == [("A10", "accept")]


def test_an_accepted_item_is_granted_some_days_later() -> None:
    accepted = item(state="ACCEPTED", accepted_on=ON.isoformat())
    assert acts(ON, accepted) == []
    assert acts(days_after(20), accepted) == [("A10", "grant")]


def test_what_still_lacks_something_is_granted_with_what_is_to_follow() -> None:
    accepted = item(state="ACCEPTED", accepted_on=ON.isoformat(), lacking=["B01"])
    (step,) = due_steps(plan(accepted), HURRIED, days_after(20))
    assert step.body["follow_up"] == "缺B01"


def test_a_commitment_is_looked_at_once_some_weeks_later() -> None:
    committed = item(state="COMMITTED", done_on=ON.isoformat())
    assert acts(days_after(5), committed) == []
    assert acts(days_after(60), committed) == [("A10", "check-commitment")]
    assert acts(days_after(60), {**committed, "checked_on": "2019-06-01"}) == []


def test_nothing_is_done_on_a_day_off_nor_in_a_closed_plan() -> None:
    assert acts(date(2019, 5, 1), item()) == []
    closed = {**plan(item()), "closed": True}
    assert list(due_steps(closed, HURRIED, days_after(9))) == []


def test_some_hurry_some_rest_and_some_never_begin() -> None:
    stories = [story_of(f"项目{place}", place) for place in range(24)]
    assert {one.hurries for one in stories} == {True, False}
    never = [one for one in stories if worked_between(ON, date(2020, 1, 1)) < one.rests]
    assert len(never) == 2


def test_the_same_names_tell_the_same_story() -> None:
    assert story_of("甲", 3).course("A10") == story_of("甲", 3).course("A10")


@pytest.mark.parametrize("name", ["甲", "乙", "丙"])
def test_every_question_of_the_catalogue_is_answered_as_it_can_be(name: str) -> None:
    questions = catalogue_of(ON).questions
    answers = answers_of(name, list(questions))
    asked = {key: one for key, one in questions.items() if not key.startswith("include_")}
    assert [key for key, one in asked.items() if not one.takes(answers[key])] == []


def test_every_office_behind_an_item_has_an_example_account() -> None:
    catalogue = catalogue_of(ON)
    offices = {*catalogue.offices.values(), *catalogue.transferred.values()}
    approvers = {one.organisation for one in example_accounts() if one.role == "approver"}
    assert offices - approvers == {"OWN", "X-PRC", "ground", "unit"}
