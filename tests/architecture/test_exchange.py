"""The table of the national exchange speaks of every fact, state and step of an item."""

from contracts.approval_tracking import PLAN_KINDS, ItemState, ResultStep
from contracts.approval_tracking.item import ItemFact
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs" / "approval-exchange.md").read_text("utf-8")


def test_every_fact_of_an_item_is_sent_or_said_not_to_be() -> None:
    for kind, fact in PLAN_KINDS.items():
        if issubclass(fact, ItemFact):
            assert f"`{kind.removeprefix('approval_tracking.approval_plan.')}`" in PAGE


def test_every_state_has_its_row_and_every_step_its_number() -> None:
    for state in ItemState:
        assert f"\n| `{state}` |" in PAGE
    for step in ResultStep:
        assert f"| `{step}` |" in PAGE
