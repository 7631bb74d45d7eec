"""When is the monthly report due, why on that day, and how long is it until then?"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.console.pages.moment import Moment, end_of
from services.console.pages.rules import Rules, number
from shared.deadline import Calendar, Deadline, Policy, deadline, until_day_of_month
from shared.wording import weekday


@dataclass(frozen=True)
class Due:
    """The due day of a month: its reason in a sentence, and how it stands on the day of the page.

    ``named`` is the day of the month that the rules name. ``provisional`` says that the days off
    of the year were not published yet; ``sha256`` names the rules. ``asked`` is False for months
    that were over before the rules began: nobody was asked to report by then.
    """

    day: date
    named: int
    why: str
    yellow_from: date
    left: int
    over_for: int
    provisional: bool
    sha256: str
    asked: bool

    @property
    def over(self) -> bool:
        """True from the day after on: the due day lasts until 24:00."""
        return self.over_for > 0

    @property
    def moment(self) -> Moment:
        """24:00 of the due day."""
        return end_of(self.day)


def due_of(month: date, rules: Rules, calendar: Calendar, today: date) -> Due | None:
    """Count the due day of the month that begins on a day; None before the rules have arrived."""
    file = rules.file_on(month)
    day = number(file.values.get("day_of_month")) if file else None
    if file is None or day is None:
        return None
    policy = Policy(
        yellow_days=number(file.values.get("yellow_days")),
        roll_over=file.values.get("roll_over") is True,
    )
    stands = deadline(until_day_of_month(month, day, policy), calendar, today)
    due, yellow = _never_paused(stands)
    return Due(
        day=due,
        named=day,
        why=_why(month + timedelta(day - 1), due, calendar),
        yellow_from=yellow,
        left=stands.remaining,
        over_for=stands.overdue,
        provisional=stands.provisional,
        sha256=file.sha256,
        asked=due >= file.valid_from,
    )


def _never_paused(stands: Deadline) -> tuple[date, date]:
    if stands.due is None or stands.yellow_from is None:
        raise AssertionError("a month has no pauses")
    return stands.due, stands.yellow_from


def _why(named: date, due: date, calendar: Calendar) -> str:
    which = f"{named.day}日是{weekday(named)}"
    if named == due:
        if calendar.is_make_up_day(named):
            return f"{which}，按放假安排调休上班，是工作日，不顺延"
        if calendar.is_working_day(named):
            return f"{which}，是工作日，不顺延"
        return f"{which}，按规则不顺延"
    holiday = calendar.holiday(named)
    off = f"{named.day}日在{holiday}放假期间" if holiday else f"{which}，休息"
    return f"{off}，顺延到其后第一个工作日（{weekday(due)}）"
