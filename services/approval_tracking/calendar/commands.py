"""What may be asked about the working days of a year."""

from dataclasses import dataclass
from datetime import date

from contracts.approval_tracking import Holiday


@dataclass(frozen=True)
class Days:
    """The days off of a year and the weekend days that are worked, both in order."""

    holidays: tuple[Holiday, ...]
    make_up_days: tuple[date, ...]


@dataclass(frozen=True)
class PublishYear:
    """Enter the year that a notice published; known before 2008 without its number."""

    year: int
    notices: tuple[str, ...]
    source: str
    days: Days


@dataclass(frozen=True)
class ReviseYear:
    """Change a published year as a later notice says."""

    year: int
    notice: str
    reason: str
    source: str
    days: Days


@dataclass(frozen=True)
class EstimateYear:
    """Lay out a year for which no notice was published yet."""

    year: int
    source: str
    days: Days


CalendarCommand = PublishYear | ReviseYear | EstimateYear
