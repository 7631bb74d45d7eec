"""Which days are worked: what was published year by year, laid out for counting."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple, Protocol, runtime_checkable

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)
# The day before the first has an index too, so that "up to the day before" needs no exception.
_BASE = FIRST.toordinal() - 1
_DAYS = LAST.toordinal() - _BASE + 1


class OutsideTheCalendar(ValueError):
    """A day before 1990 or after 2100: nobody counts a term there."""


class Holiday(Protocol):
    """Days off in a row, weekends among them."""

    @property
    def name(self) -> str: ...
    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...


@runtime_checkable
class Year(Protocol):
    """What is known of a year: days off, weekend days that are worked instead (调休).

    ``provisional`` says that no notice was published yet: the days off are those that the law
    fixes, and more may follow.
    """

    @property
    def year(self) -> int: ...
    @property
    def provisional(self) -> bool: ...
    @property
    def holidays(self) -> Sequence[Holiday]: ...
    @property
    def make_up_days(self) -> Sequence[date]: ...


class Counting(NamedTuple):
    """Counted days by index: how many up to each day, and which day is the n-th."""

    up_to: Sequence[int]
    nth: Sequence[int]


EVERY_DAY = Counting(list(range(1, _DAYS + 1)), list(range(-1, _DAYS)))


class Calendar:
    """An immutable calendar. Years that it does not hold run Monday to Friday, provisionally.

    A working day is Monday to Friday without the published days off, and a weekend day that the
    same notice puts in their place. Making one takes some milliseconds; it is meant to be kept.

    Attributes:
        working: working days, laid out for counting.
        unpublished: how many days up to each index lie in years without a notice.
    """

    def __init__(self, years: Iterable[Year]) -> None:
        """Lay out the years for counting; of a year given twice the later one holds.

        Raises:
            OutsideTheCalendar: a year before 1990 or after 2100.
        """
        known = {year.year: year for year in years}
        self._holidays: dict[int, str] = {}
        make_up: set[int] = set()
        for year in known.values():
            for holiday in year.holidays:
                for index in range(index_of(holiday.first), index_of(holiday.last) + 1):
                    self._holidays[index] = holiday.name
            make_up.update(map(index_of, year.make_up_days))
        self._make_up = frozenset(make_up)
        worked = [self._is_worked(index) for index in range(_DAYS)]
        self.working = Counting(
            list(accumulate(worked)), [-1, *(index for index, is_so in enumerate(worked) if is_so)]
        )
        published = {year.year for year in known.values() if not year.provisional}
        self.unpublished = list(
            accumulate(day_of(index).year not in published for index in range(_DAYS))
        )

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is worked.

        Raises:
            OutsideTheCalendar: the day is before 1990 or after 2100.
        """
        return self._is_worked(index_of(day))

    def working_days_between(self, day: date, until: date) -> int:
        """Count the working days after one day and up to another; below zero going back.

        Raises:
            OutsideTheCalendar: a day is before 1990 or after 2100.
        """
        up_to = self.working.up_to
        return up_to[index_of(until)] - up_to[index_of(day)]

    def is_make_up_day(self, day: date) -> bool:
        """Tell whether a day of a weekend is worked."""
        return index_of(day) in self._make_up

    def is_provisional(self, day: date) -> bool:
        """Tell whether the year of a day was not published yet."""
        index = index_of(day)
        return self.unpublished[index] > self.unpublished[index - 1]

    def holiday(self, day: date) -> str | None:
        """Give the name of the holiday that a day belongs to."""
        return self._holidays.get(index_of(day))

    def _is_worked(self, index: int) -> bool:
        if index in self._make_up:
            return True
        return day_of(index).weekday() < 5 and index not in self._holidays


def index_of(day: date) -> int:
    """Give the place of a day in every counting.

    Raises:
        OutsideTheCalendar: the day is before 1990 or after 2100.
    """
    index = day.toordinal() - _BASE
    if 0 < index < _DAYS:
        return index
    raise OutsideTheCalendar(f"{day} is not between {FIRST} and {LAST}")


def day_of(index: int) -> date:
    """Give the day of a place."""
    return date.fromordinal(_BASE + index)
