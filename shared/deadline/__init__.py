"""Until when? Terms of law and of promise, counted day by day on a calendar that is handed in.

Pure: no clock, no chance, no reading or writing. Each rule stands where it is applied, with its
article; what no law settles is handed in as ``Policy``. 民法总则 201 to 203 are the same articles
of 民法典 since 2021; its 205 is there 1259.
"""

from shared.deadline.calendars import Calendar, Holiday, OutsideTheCalendar, Year
from shared.deadline.counting import Deadline, deadline
from shared.deadline.explaining import Day, DayKind, explain
from shared.deadline.terms import (
    Extension,
    Pause,
    Period,
    Policy,
    Term,
    Unit,
    months_after,
    until_day_of_month,
)
from shared.deadline.years import Change, YearDay, changes, days_of

__all__ = [
    "Calendar",
    "Change",
    "Day",
    "DayKind",
    "Deadline",
    "Extension",
    "Holiday",
    "OutsideTheCalendar",
    "Pause",
    "Period",
    "Policy",
    "Term",
    "Unit",
    "Year",
    "YearDay",
    "changes",
    "days_of",
    "deadline",
    "explain",
    "months_after",
    "until_day_of_month",
]
