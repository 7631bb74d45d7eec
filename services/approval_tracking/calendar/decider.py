"""What may happen to the working days of a year, and what they are afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from contracts.approval_tracking import (
    YearEstimated,
    YearEvent,
    YearPublished,
    YearRevised,
    read_year_event,
)
from services.approval_tracking.calendar.commands import (
    CalendarCommand,
    Days,
    EstimateYear,
    PublishYear,
    ReviseYear,
)
from services.approval_tracking.calendar.rules import findings
from shared.deciding import Decider
from shared.refusals import Refusal, UnreadableInput


@dataclass(frozen=True)
class NotEntered:
    """Nobody has entered this year; terms are counted Monday to Friday, provisionally."""


@dataclass(frozen=True)
class Estimated:
    """A year without a notice."""

    days: Days
    source: str


@dataclass(frozen=True)
class Published:
    """A year with the notices that it rests on, the latest last."""

    days: Days
    source: str
    notices: tuple[str, ...]


Year = NotEntered | Estimated | Published
INITIAL: Year = NotEntered()


class MustBeRevised(Refusal):
    """The year was published with other days; only a later notice may change them."""

    code = "must_be_revised"
    title = "这一年已经公布"


class AlreadyPublished(Refusal):
    """What a notice has settled is not guessed again."""

    code = "already_published"
    title = "这一年已经公布"


class NotYetPublished(Refusal):
    """Only what was published can be revised."""

    code = "not_yet_published"
    title = "这一年还没有公布"


class ChangesNothing(Refusal):
    """A revision that leaves every day as it was."""

    code = "changes_nothing"
    title = "没有改动任何一天"


def decide(command: CalendarCommand, year: Year) -> Sequence[YearEvent]:
    """Answer a command."""
    if problems := findings(command):
        raise UnreadableInput(f"有 {len(problems)} 处填写有误，请按提示修改。", errors=problems)
    match command:
        case PublishYear():
            return publish(command, year)
        case ReviseYear():
            return revise(command, year)
        case EstimateYear():
            return estimate(command, year)
        case _:
            assert_never(command)


def publish(ask: PublishYear, year: Year) -> Sequence[YearEvent]:
    """Enter a year with its notice; the same days again are nothing new."""
    match year:
        case NotEntered() | Estimated():
            return [
                YearPublished(
                    year=ask.year,
                    notices=ask.notices,
                    source=ask.source,
                    holidays=ask.days.holidays,
                    make_up_days=ask.days.make_up_days,
                )
            ]
        case Published(days=same) if same == ask.days:
            return []
        case Published(notices=notices):
            raise MustBeRevised(
                f"{ask.year} 年已按{_named(notices)}公布，内容与这一次不同。"
                "有新通知改变安排的，请用“修订”并写明那份通知的文号。"
            )
        case _:
            assert_never(year)


def revise(ask: ReviseYear, year: Year) -> Sequence[YearEvent]:
    """Change a published year; the same notice with the same days again is nothing new."""
    match year:
        case Published(days=days, notices=notices) if days == ask.days:
            if ask.notice in notices:
                return []
            raise ChangesNothing(
                f"修订后 {ask.year} 年的每一天都和现在一样。请核对是否改了应改的日子。"
            )
        case Published(notices=notices):
            return [
                YearRevised(
                    year=ask.year,
                    notices=(*(one for one in notices if one != ask.notice), ask.notice),
                    reason=ask.reason,
                    source=ask.source,
                    holidays=ask.days.holidays,
                    make_up_days=ask.days.make_up_days,
                )
            ]
        case NotEntered() | Estimated():
            raise NotYetPublished(f"{ask.year} 年还没有公布，谈不上修订。请用“公布”。")
        case _:
            assert_never(year)


def estimate(ask: EstimateYear, year: Year) -> Sequence[YearEvent]:
    """Lay out a year provisionally; a notice is never set aside for a guess."""
    match year:
        case Estimated(days=same) if same == ask.days:
            return []
        case NotEntered() | Estimated():
            return [
                YearEstimated(
                    year=ask.year,
                    source=ask.source,
                    holidays=ask.days.holidays,
                    make_up_days=ask.days.make_up_days,
                )
            ]
        case Published(notices=notices):
            raise AlreadyPublished(
                f"{ask.year} 年已按{_named(notices)}公布，不能改回暂定。有新通知的，请用“修订”。"
            )
        case _:
            assert_never(year)


def evolve(_: Year, event: YearEvent) -> Year:
    """Take in a fact, which holds its year whole."""
    days = Days(event.holidays, event.make_up_days)
    match event:
        case YearPublished() | YearRevised():
            return Published(days, event.source, event.notices)
        case YearEstimated():
            return Estimated(days, event.source)
        case _:
            assert_never(event)


def _named(notices: Sequence[str]) -> str:
    return "、".join(notices) or "资料"


def stream_of(year: int) -> str:
    """Give the stream of a year."""
    return f"calendar-{year}"


YEAR: Decider[CalendarCommand, Year, YearEvent] = Decider(
    initial=INITIAL,
    decide=decide,
    evolve=evolve,
    read=read_year_event,
)
