"""What a planning body may ask of its month."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class MonthCommand(BaseModel):
    """A command of this room. ``on`` is the business day."""

    model_config = ConfigDict(frozen=True)

    org: str
    month: str
    on: date


class ReportNothingNew(MonthCommand):
    """本月无新增.

    ``planning_body`` says whether the unit is one on that day, ``projects`` how many of its
    projects stand reported for the month.
    """

    org_name: str
    planning_body: bool
    projects: int


class WithdrawNothingNew(MonthCommand):
    """Take back that there was nothing new."""
