"""The years of ``contracts/reference/calendar.toml`` as the package ``chinesecalendar`` has them.

``python -m tests.contracts.gazetted 2027`` prints a year's rows for the file; its notices are
added by hand.
"""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from chinese_calendar import holidays, workdays

FILE = Path(__file__).parents[2] / "contracts" / "reference" / "calendar.toml"
SOURCE = f"chinesecalendar {version('chinesecalendar')}"
YEARS = range(min(holidays).year, max(holidays).year + 1)

NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}

Span = tuple[str, date, date]


def days_off(year: int) -> Iterator[Span]:
    """Give the holidays of a year: name, first and last day."""
    days = sorted((day, name) for day, name in holidays.items() if day.year == year)
    numbered = [(day - timedelta(place), day, name) for place, (day, name) in enumerate(days)]
    for (_, name), run in groupby(numbered, key=lambda one: (one[0], one[2])):
        together = [day for _, day, _ in run]
        yield NAMES[name], together[0], together[-1]


def make_up_days(year: int) -> list[date]:
    """Give the weekend days of a year that are worked."""
    return sorted(day for day in workdays if day.year == year)


def rows(year: int) -> str:
    """Write a year as the file has it, without notices."""
    lines = ["[[year]]", f"year = {year}", "notices = []", f'source = "{SOURCE}"', "holidays = ["]
    lines += [
        f'  {{ name = "{name}", first = {first}, last = {last} }},'
        for name, first, last in days_off(year)
    ]
    lines += ["]", "make_up_days = ["]
    lines += [f"  {day}," for day in make_up_days(year)]
    return "\n".join([*lines, "]", ""])


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows(int(year)) for year in sys.argv[1:]))
