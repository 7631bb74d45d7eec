"""Rows of results, as other platforms tell them."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.approval_tracking import (
    ResultDismissed,
    ResultMatched,
    ResultRow,
    ResultSetAside,
    ResultStep,
)

R = UUID("00000000-0000-7000-8000-0000000000d1")
P = UUID("00000000-0000-7000-8000-0000000000a1")
APRIL_22 = date(2019, 4, 22)


def row(**changes: Any) -> ResultRow:
    fields: dict[str, Any] = {
        "project_code": "2019-140525-34-03-002187",
        "item": "A13",
        "step": ResultStep.GRANTED,
        "happened_on": date(2019, 4, 19),
        "document_number": "地字第140525201900012号",
        "platform": "省在线平台",
    }
    return ResultRow(**{**fields, **changes})


def set_aside(**changes: Any) -> ResultSetAside:
    fields: dict[str, Any] = {
        "result_id": R,
        "row": row(),
        "code": "unknown_code",
        "why": "没有项目用这个代码。",
        "came_on": APRIL_22,
    }
    return ResultSetAside(**{**fields, **changes})


def matched(**changes: Any) -> ResultMatched:
    fields = {"result_id": R, "project_id": P, "item": "A13", "matched_on": APRIL_22}
    return ResultMatched(**{**fields, **changes})


def dismissed(**changes: Any) -> ResultDismissed:
    fields = {"result_id": R, "reason": "不是本市项目。", "dismissed_on": APRIL_22}
    return ResultDismissed(**{**fields, **changes})
