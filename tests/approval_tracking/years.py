"""The year 2019 as it was published, and as 国办发明电〔2019〕3号 revised it."""

from dataclasses import replace
from datetime import date

from contracts.approval_tracking import Holiday, YearEstimated, YearPublished, YearRevised
from contracts.reference import CalendarYear, calendar_years, earlier_calendar_years
from services.approval_tracking.calendar.commands import (
    Days,
    EstimateYear,
    PublishYear,
    ReviseYear,
)
from services.approval_tracking.calendar.decider import YEAR
from shared.testing import Story

FIRST_NOTICE, SECOND_NOTICE = "国办发明电〔2018〕15号", "国办发明电〔2019〕3号"
REASON = "劳动节假期调整为5月1日至4日，4月28日、5月5日上班"
SOURCE = "按通知录入"

year = Story(YEAR)


def days_of(row: CalendarYear) -> Days:
    """The days of a row of the reference data."""
    holidays = [Holiday(name=one.name, first=one.first, last=one.last) for one in row.holidays]
    return Days(tuple(holidays), row.make_up_days)


AS_PUBLISHED = days_of(next(row for row in earlier_calendar_years() if row.year == 2019))
AS_REVISED = days_of(next(row for row in calendar_years() if row.year == 2019))
GUESSED = replace(AS_PUBLISHED, make_up_days=())


def publish(days: Days = AS_PUBLISHED, *, notice: str = FIRST_NOTICE) -> PublishYear:
    return PublishYear(2019, (notice,) if notice else (), SOURCE, days)


def revise(
    days: Days = AS_REVISED, *, notice: str = SECOND_NOTICE, reason: str = REASON
) -> ReviseYear:
    return ReviseYear(2019, notice, reason, SOURCE, days)


def estimate(days: Days = GUESSED) -> EstimateYear:
    return EstimateYear(2019, "全国年节及纪念日放假办法", days)


def published(days: Days = AS_PUBLISHED) -> YearPublished:
    return YearPublished(
        year=2019,
        notices=(FIRST_NOTICE,),
        source=SOURCE,
        holidays=days.holidays,
        make_up_days=days.make_up_days,
    )


def revised(days: Days = AS_REVISED) -> YearRevised:
    return YearRevised(
        year=2019,
        notices=(FIRST_NOTICE, SECOND_NOTICE),
        reason=REASON,
        source=SOURCE,
        holidays=days.holidays,
        make_up_days=days.make_up_days,
    )


def estimated(days: Days = GUESSED) -> YearEstimated:
    return YearEstimated(
        year=2019,
        source="全国年节及纪念日放假办法",
        holidays=days.holidays,
        make_up_days=days.make_up_days,
    )


def off(name: str, first: date, last: date | None = None) -> Days:
    """AS_PUBLISHED with one holiday more, in its place."""
    more = Holiday(name=name, first=first, last=last or first)
    return replace(AS_PUBLISHED, holidays=(*AS_PUBLISHED.holidays, more))


def worked(*days: date) -> Days:
    """AS_PUBLISHED with more make-up days."""
    return replace(AS_PUBLISHED, make_up_days=(*AS_PUBLISHED.make_up_days, *days))
