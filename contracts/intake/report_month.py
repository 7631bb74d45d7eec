"""What is told of a planning body's month."""

from datetime import date
from typing import Literal

from contracts.envelope import Fact
from contracts.intake.words import Month


class NothingNewReported(Fact):
    """A planning body has no new project this month and says so (零报告); it has reported.

    A body that was silent said nothing: that is not the same.
    """

    kind: Literal["intake.report_month.nothing_new_reported.v1"] = (
        "intake.report_month.nothing_new_reported.v1"
    )
    org: str
    org_name: str
    month: Month
    reported_on: date


class NothingNewWithdrawn(Fact):
    """The body takes back, in the same month, that it had nothing new (撤回零报告)."""

    kind: Literal["intake.report_month.nothing_new_withdrawn.v1"] = (
        "intake.report_month.nothing_new_withdrawn.v1"
    )
    org: str
    month: Month
    withdrawn_on: date
