"""The bodies of what is asked about a plan as a whole, and about an officer's desk."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from contracts.approval_tracking import LandMode, Management
from services.approval_tracking.doors.item_forms import (
    AccountId,
    Body,
    Code,
    Line,
    blank_is_open,
)

MOST_ANSWERS, MOST_ITEMS = 60, 500
QuestionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Choice = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Amount = Annotated[int, Field(ge=0, le=10**15)]

LABELS: Mapping[str, str] = {
    "management": "管理方式",
    "flow": "审批流程",
    "land_mode": "供地方式",
    "answers": "项目情况",
    "agent": "代办员账号",
    "agent_org": "代办员单位",
    "items": "事项",
    "item": "事项",
    "day": "日期",
}


class CircumstancesForm(Body):
    """项目情况: how it is managed, its flow, how the land comes, and answers to questions.

    Only what is answered changes; an answer that is null is taken back.
    """

    management: Management
    flow: Code
    land_mode: LandMode
    answers: Annotated[
        dict[QuestionName, bool | Amount | Choice | None],
        Field(default_factory=dict, max_length=MOST_ANSWERS),
    ]
    reason: Line


class AgentForm(Body):
    """代办员: an account, and the unit that it belongs to."""

    agent: AccountId
    agent_org: Code


class ReleaseForm(Body):
    """Nobody does that any more."""

    reason: Line


class DeskItem(Body):
    """One item on an officer's desk."""

    project_id: UUID
    item: Code


class DeskForm(Body):
    """工作交接: items of an officer go to a colleague, or back to the office's desk."""

    items: Annotated[tuple[DeskItem, ...], Field(min_length=1, max_length=MOST_ITEMS)]
    officer: Annotated[AccountId | None, BeforeValidator(blank_is_open)] = None
    reason: Line
