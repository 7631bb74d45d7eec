"""Does the reader's own unit still owe this month's report, and is it due soon or overdue?"""

from datetime import date

from services.console.pages.due_days import Due, due_of
from services.console.pages.reading import Reading
from services.console.pages.rules import REPORT_MONTH
from shared.scope import may
from shared.tokens import Actor
from shared.units import Units


async def owed_by(actor: Actor, units: Units, reading: Reading, today: date) -> Due | None:
    """Give the due day, once it is near, of a report that has not been made; else None."""
    if not may(actor, "report"):
        return None
    rules, calendar = await reading.rules(REPORT_MONTH), (await reading.in_force()).calendar
    due = due_of(today.replace(day=1), rules, calendar, today)
    if due is None or not due.asked or today < due.yellow_from:
        return None
    if actor.org not in {body.id for body in units.planning_bodies(due.day)}:
        return None
    stood = await reading.stood(f"{today:%Y-%m}", [actor.org])
    has_reported = actor.org in stood and stood[actor.org].has_reported
    return None if has_reported else due
