"""The bodies that the doors of results accept, and how a row is answered."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, assert_never
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.approval_tracking.doors.result_rows import Row, Said
from services.approval_tracking.result.decider import (
    Dismissed,
    Matched,
    NotSetAside,
    Result,
    Waiting,
    absent,
)
from services.approval_tracking.result.rules import STEP_NAMES

MOST_ROWS = 2_000
"""Of one load."""


def _empty_for_null(value: object) -> object:
    """Other systems write null where they have nothing to tell."""
    return "" if value is None else value


Text = Annotated[str, StringConstraints(max_length=2_000), BeforeValidator(_empty_for_null)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ResultForm(_Body):
    """One row, as a platform tells it: what is wrong with it is said in its outcome.

    ``step`` is one of ``result.rules.STEPS`` (收件, 受理 … 撤销), or its code.
    """

    platform: Text = ""
    project_code: Text = ""
    project_name: Text = ""
    item: Text = ""
    step: Text = ""
    happened_on: Text = ""
    document_number: Text = ""
    valid_until: Text = ""
    reason: Text = ""
    basis: Text = ""
    procedure: Text = ""
    expected_days: Text | Annotated[int, Field(ge=0, le=10_000)] = ""


class ResultsForm(_Body):
    """A load of rows; each is answered by its place, counted from 1."""

    rows: Annotated[tuple[ResultForm, ...], Field(min_length=1, max_length=MOST_ROWS)]

    def said(self) -> list[Said]:
        """Give the rows as a sheet would have them."""
        return [
            (number, {name: str(value) for name, value in row.model_dump().items()})
            for number, row in enumerate(self.rows, start=1)
        ]


class MatchForm(_Body):
    """匹配: of which project, by its code, and which of its items the row is."""

    project_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)]
    item: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class DismissForm(_Body):
    """不采用, and why."""

    reason: Text


def outcome(rows: Sequence[Row]) -> dict[str, Any]:
    """Answer a load: how many rows came to what, and each of them."""
    counts = {
        verdict: sum(row.verdict == verdict for row in rows)
        for verdict in ("ACCEPTABLE", "APPLIED", "UNCHANGED", "SET_ASIDE", "WRONG", "LEFT")
    }
    names = {
        "ACCEPTABLE": "可导入",
        "APPLIED": "已导入",
        "UNCHANGED": "无变化",
        "SET_ASIDE": "待匹配",
        "WRONG": "有错",
        "LEFT": "请重新发送",
    }
    parts = [f"{names[verdict]} {count} 行" for verdict, count in counts.items() if count]
    return {
        **{verdict.lower(): count for verdict, count in counts.items()},
        "message": "，".join(parts) + "。" if parts else "没有可读的行。",
        "rows": [shown_row(row) for row in rows],
    }


def shown_row(row: Row) -> dict[str, Any]:
    """Answer one row."""
    waits = row.verdict == "SET_ASIDE" and row.result_id is not None
    return {
        "number": row.number,
        "result": row.verdict,
        "result_id": str(row.result_id) if waits else None,
        "project_code": row.said.get("project_code", ""),
        "project_id": str(row.project_id) if row.project_id else None,
        "item": row.item or row.said.get("item", ""),
        "step": row.said.get("step", ""),
        "happened_on": row.said.get("happened_on", ""),
        "code": row.code or None,
        "why": row.why,
        "errors": [asdict(problem) for problem in row.problems],
    }


def shown_result(result_id: UUID, version: int, result: Result) -> dict[str, Any]:
    """Answer a row that was set aside, as it stands.

    Raises:
        NotFound: there never was such a row.
    """
    if isinstance(result, NotSetAside):
        raise absent()
    about: dict[str, Any]
    match result:
        case Waiting():
            was, about = result, {"state": "WAITING"}
        case Matched(was=was):
            about = {
                "state": "MATCHED",
                "project_id": str(result.project_id),
                "matched_item": result.item,
                "settled_on": result.settled_on,
            }
        case Dismissed(was=was):
            about = {
                "state": "DISMISSED",
                "reason": result.reason,
                "settled_on": result.settled_on,
            }
        case _:
            assert_never(result)
    return {
        "result_id": str(result_id),
        "version": version,
        "row": {**was.row.model_dump(mode="json"), "step_name": STEP_NAMES[was.row.step]},
        "why": was.why,
        "came_on": was.came_on,
        **about,
    }
