"""The bodies that the calendar's doors accept, and how a year is answered."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Literal, assert_never

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from contracts.approval_tracking import Holiday
from services.approval_tracking.calendar.commands import (
    CalendarCommand,
    Days,
    EstimateYear,
    PublishYear,
    ReviseYear,
)
from services.approval_tracking.calendar.decider import Estimated, NotEntered, Published, Year

MOST_HOLIDAYS, MOST_MAKE_UP_DAYS = 20, 30
_BRACKETS = re.compile(r"[\[【〔(](\d{4})[\]】〕)]")


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _as_printed(value: object) -> object:
    """Take a number of a notice as people type it: half width, odd brackets, with blanks."""
    if not isinstance(value, str):
        return value
    plain = "".join(unicodedata.normalize("NFKC", value).split())
    return _BRACKETS.sub(r"〔\1〕", plain)


Line = Annotated[str, StringConstraints(max_length=500), BeforeValidator(_trimmed)]
Notice = Annotated[str, StringConstraints(max_length=100), BeforeValidator(_as_printed)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HolidayForm(_Body):
    """放假: the name of the holiday, its first and its last day."""

    name: Line
    first: date
    last: date


class DaysForm(_Body):
    """放假 and 调休上班日, in any order."""

    holidays: Annotated[list[HolidayForm], Field(max_length=MOST_HOLIDAYS)]
    make_up_days: Annotated[list[date], Field(max_length=MOST_MAKE_UP_DAYS)] = []

    def days(self) -> Days:
        """Give the days in their order."""
        return Days(
            tuple(
                Holiday(name=one.name, first=one.first, last=one.last)
                for one in sorted(self.holidays, key=lambda one: (one.first, one.last))
            ),
            tuple(sorted(self.make_up_days)),
        )


class PublishForm(DaysForm):
    """公布: the year that a notice published."""

    notice: Notice = ""
    source: Line = "按通知录入"

    def command(self, year: int) -> PublishYear:
        """Ask to publish."""
        notices = (self.notice,) if self.notice else ()
        return PublishYear(year, notices, self.source, self.days())


class ReviseForm(DaysForm):
    """修订: the year as a later notice changes it."""

    notice: Notice = ""
    reason: Line = ""
    source: Line = "按通知录入"

    def command(self, year: int) -> ReviseYear:
        """Ask to revise."""
        return ReviseYear(year, self.notice, self.reason, self.source, self.days())


class EstimateForm(DaysForm):
    """暂定: the year as the law fixes it, without a notice."""

    source: Line = "全国年节及纪念日放假办法"

    def command(self, year: int) -> EstimateYear:
        """Ask to estimate."""
        return EstimateYear(year, self.source, self.days())


class CheckForm(DaysForm):
    """Any of the three, to be judged without writing."""

    act: Literal["publish", "revise", "estimate"]
    notice: Notice = ""
    reason: Line = ""
    source: Line = ""

    def command(self, year: int) -> CalendarCommand:
        """Ask for what is to be judged."""
        match self.act:
            case "publish":
                notices = (self.notice,) if self.notice else ()
                return PublishYear(year, notices, self.source, self.days())
            case "revise":
                return ReviseYear(year, self.notice, self.reason, self.source, self.days())
            case "estimate":
                return EstimateYear(year, self.source, self.days())
            case _:
                assert_never(self.act)


def shown(number: int, version: int, year: Year) -> dict[str, Any]:
    """Write a year as the door answers it."""
    return {"year": number, "version": version, **_state(year)}


def _state(year: Year) -> dict[str, Any]:
    match year:
        case Published():
            return {"state": "PUBLISHED", "notices": list(year.notices), **_entered(year)}
        case Estimated():
            return {"state": "ESTIMATED", "notices": [], **_entered(year)}
        case NotEntered():
            return {"state": "NOT_ENTERED", "notices": []}
        case _:
            assert_never(year)


def _entered(year: Published | Estimated) -> dict[str, Any]:
    return {"source": year.source, **written(year.days)}


def written(days: Days) -> dict[str, Any]:
    """Write days as the doors take and give them."""
    return {
        "holidays": [one.model_dump(mode="json") for one in days.holidays],
        "make_up_days": [day.isoformat() for day in days.make_up_days],
    }
