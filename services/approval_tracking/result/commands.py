"""What may be asked of a result of another platform that no plan took."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.approval_tracking import ResultRow


class _OfAResult(BaseModel):
    """A command of this room. ``on`` is the business day."""

    model_config = ConfigDict(frozen=True)

    result_id: UUID
    on: date


class SetAside(_OfAResult):
    """Keep a row for a person: ``code`` and ``why`` say what stood in its way."""

    row: ResultRow
    code: str
    why: str


class MatchResult(_OfAResult):
    """Say of which project and item the row is; in the same append the plan takes it."""

    project_id: UUID
    item: str


class DismissResult(_OfAResult):
    """Say that the row is none of ours, or wrong."""

    reason: str


ResultCommand = SetAside | MatchResult | DismissResult
