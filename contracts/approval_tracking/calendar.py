"""What is told of the working days of each year, as the notices say.

Sources: the yearly 国务院办公厅关于…部分节假日安排的通知, and what a later notice changes in a year
that runs. Each fact holds its year anew and whole, so a listener needs the last one only. A day
lies in the fact of its own year, also where a holiday crosses New Year.
"""

from datetime import date
from typing import Literal

from contracts.envelope import Fact, Part

CALENDAR = "calendar"
"""The partition key of all years together: whoever has heard a fact has heard all before it."""


class Holiday(Part):
    """Days off in a row, weekends among them (放假调休)."""

    name: str
    first: date
    last: date


class YearPublished(Fact):
    """The working days of a year were published (放假安排公布).

    ``notices`` are the documents that the year rests on, empty where the number is not known
    (before 2008); ``source`` says from where it was entered; ``make_up_days`` are the weekend days
    that are worked (调休上班).
    """

    kind: Literal["approval_tracking.calendar.year_published.v1"] = (
        "approval_tracking.calendar.year_published.v1"
    )
    year: int
    notices: tuple[str, ...]
    source: str
    holidays: tuple[Holiday, ...]
    make_up_days: tuple[date, ...]

    @property
    def provisional(self) -> bool:
        """False: there is a notice."""
        return False


class YearRevised(Fact):
    """A later notice, the last of ``notices``, changed a published year (放假安排调整)."""

    kind: Literal["approval_tracking.calendar.year_revised.v1"] = (
        "approval_tracking.calendar.year_revised.v1"
    )
    year: int
    notices: tuple[str, ...]
    reason: str
    source: str
    holidays: tuple[Holiday, ...]
    make_up_days: tuple[date, ...]

    @property
    def provisional(self) -> bool:
        """False: there is a notice."""
        return False


class YearEstimated(Fact):
    """A year without a notice was laid out as the law fixes it (暂定); the notice may change it."""

    kind: Literal["approval_tracking.calendar.year_estimated.v1"] = (
        "approval_tracking.calendar.year_estimated.v1"
    )
    year: int
    source: str
    holidays: tuple[Holiday, ...]
    make_up_days: tuple[date, ...]

    @property
    def notices(self) -> tuple[str, ...]:
        """None yet."""
        return ()

    @property
    def provisional(self) -> bool:
        """True: a notice is still to come."""
        return True


YearEvent = YearPublished | YearRevised | YearEstimated
