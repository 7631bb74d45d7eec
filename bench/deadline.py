"""How many deadlines a second does one process count: 20 working days, two pauses?

Dates and counts on the real calendar, each period with another start; the strip of days, made on
demand, is a row of its own.
"""

import asyncio
import statistics
import time
from datetime import date, timedelta

from bench.rounds import note
from contracts.reference import calendar_years
from shared.deadline import Calendar, Pause, Period, Policy, Term, Unit, deadline, explain

PERIODS, ROUNDS = 50_000, 5
FIRST = date(2004, 1, 1)
POLICY = Policy(yellow_percent=50, yellow_working_days=3)


def period(number: int) -> Period:
    """Give a term of twenty working days that begins on one of 8,000 days."""
    start = FIRST + timedelta(number % 8_000)
    pauses = [
        Pause(start + timedelta(5), start + timedelta(9 + number % 7), "专家评审", "行政许可法45"),
        Pause(start + timedelta(20), start + timedelta(24), "公示", "行政许可法45"),
    ]
    return Period(start, Term(20, Unit.WORKING_DAYS), POLICY, pauses)


async def main() -> None:
    """Measure both in some rounds and note the medians."""
    calendar = Calendar(calendar_years())
    asked = [(one, one.start + timedelta(25)) for one in map(period, range(PERIODS))]
    for name, count, answer in (
        ("deadline", PERIODS, deadline),
        ("deadline explained", PERIODS // 50, explain),
    ):
        rates = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for one, as_of in asked[:count]:
                answer(one, calendar, as_of)
            rates.append(count / (time.perf_counter() - began))
        note(name, statistics.median(rates), "terms/s", None, None)


if __name__ == "__main__":
    asyncio.run(main())
