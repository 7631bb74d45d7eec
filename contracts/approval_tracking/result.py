"""What is told of results of other platforms that no plan takes: a person settles them."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.approval_tracking.words import ResultRow
from contracts.envelope import Fact


class ResultSetAside(Fact):
    """A row of results found no plan, no item, or an item that does not take it (待匹配).

    ``why`` says so in words for who settles it.
    """

    kind: Literal["approval_tracking.result.set_aside.v1"] = "approval_tracking.result.set_aside.v1"
    result_id: UUID
    row: ResultRow
    code: str
    why: str
    came_on: date


class ResultMatched(Fact):
    """Somebody said of which project and item the row is; the plan has taken it."""

    kind: Literal["approval_tracking.result.matched.v1"] = "approval_tracking.result.matched.v1"
    result_id: UUID
    project_id: UUID
    item: str
    matched_on: date


class ResultDismissed(Fact):
    """Somebody said that the row is none of ours, or wrong."""

    kind: Literal["approval_tracking.result.dismissed.v1"] = "approval_tracking.result.dismissed.v1"
    result_id: UUID
    reason: str
    dismissed_on: date
