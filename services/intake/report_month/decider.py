"""What may happen to a body's month: 本月无新增 is said, and taken back while the month runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, assert_never

from pydantic import Field, TypeAdapter

from contracts.intake import NothingNewReported, NothingNewWithdrawn, ReportMonthEvent
from services.intake.report_month.commands import (
    MonthCommand,
    ReportNothingNew,
    WithdrawNothingNew,
)
from shared.deciding import Decider
from shared.refusals import Refusal


@dataclass(frozen=True)
class Unsaid:
    """The body has not said that it has nothing new."""


@dataclass(frozen=True)
class NothingNew:
    """The body has said so."""


@dataclass(frozen=True)
class TakenBack:
    """The body has said so and taken it back."""


ReportMonth = Unsaid | NothingNew | TakenBack


class NotAPlanningBody(Refusal):
    """Only the bodies that must plan projects report every month."""

    code = "not_a_planning_body"
    title = "不是谋划主体"


class NotThisMonth(Refusal):
    """A month is reported in itself: not before it begins, and not when it is over."""

    code = "not_this_month"
    title = "不是本月"


class ProjectsReported(Refusal):
    """The body has reported projects for the month, so something is new."""

    code = "projects_reported"
    title = "本月已有报送"


class NothingToTakeBack(Refusal):
    """The body has not said that it has nothing new."""

    code = "nothing_to_take_back"
    title = "没有可撤回的零报告"


def decide(
    command: ReportNothingNew | WithdrawNothingNew, month: ReportMonth
) -> Sequence[ReportMonthEvent]:
    """Answer a command."""
    match command:
        case ReportNothingNew():
            return report(command, month)
        case WithdrawNothingNew():
            return withdraw(command, month)
        case _:
            assert_never(command)


def report(ask: ReportNothingNew, month: ReportMonth) -> Sequence[ReportMonthEvent]:
    """Say that there is nothing new; late or not, that is a fact."""
    match month:
        case NothingNew():
            return []
        case Unsaid() | TakenBack():
            if not ask.planning_body:
                raise NotAPlanningBody("你单位不是谋划主体，没有每月报送的任务，不用报本月无新增。")
            _demand_this_month(ask)
            if ask.projects:
                raise ProjectsReported(
                    f"你单位本月已报送 {ask.projects} 个项目，已经计为已报送，不能再报本月无新增。"
                    "项目报错了的，请到项目页撤回。"
                )
            return [
                NothingNewReported(
                    org=ask.org, org_name=ask.org_name, month=ask.month, reported_on=ask.on
                )
            ]
        case _:
            assert_never(month)


def withdraw(ask: WithdrawNothingNew, month: ReportMonth) -> Sequence[ReportMonthEvent]:
    """Take it back while the month runs; afterwards it stays as it was said."""
    match month:
        case NothingNew():
            _demand_this_month(ask)
            return [NothingNewWithdrawn(org=ask.org, month=ask.month, withdrawn_on=ask.on)]
        case TakenBack():
            return []
        case Unsaid():
            raise NothingToTakeBack("你单位没有报过这个月的本月无新增，不用撤回。")
        case _:
            assert_never(month)


def _demand_this_month(ask: MonthCommand) -> None:
    if ask.month != f"{ask.on:%Y-%m}":
        raise NotThisMonth(
            f"今天是 {ask.on.year}年{ask.on.month}月{ask.on.day}日，只能办 {ask.on.month} 月的，"
            f"不能办 {ask.month} 的。请打开本月再办。"
        )


def evolve(_: ReportMonth, event: ReportMonthEvent) -> ReportMonth:
    """Take in a fact."""
    match event:
        case NothingNewReported():
            return NothingNew()
        case NothingNewWithdrawn():
            return TakenBack()
        case _:
            assert_never(event)


def stream_of(org: str, month: str) -> str:
    """Give the stream of a body's month."""
    return f"month-{org}-{month}"


REPORT_MONTH: Decider[ReportNothingNew | WithdrawNothingNew, ReportMonth, ReportMonthEvent] = (
    Decider(
        initial=Unsaid(),
        decide=decide,
        evolve=evolve,
        read=TypeAdapter(Annotated[ReportMonthEvent, Field(discriminator="kind")]),
    )
)
