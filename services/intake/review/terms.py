"""Until when? How long whoever has a dossier may take, counted on a calendar that is handed in."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, assert_never

from contracts.intake import Holder, Term
from shared import deadline as counting
from shared.deadline import Calendar, Period, Policy, Unit, deadline


@dataclass(frozen=True)
class TermRules:
    """What the rules of a day say: working days of each step, and when a term turns yellow."""

    first_review_days: int
    final_review_days: int
    resubmission_days: int
    straight: bool
    yellow: Policy


class Terms(NamedTuple):
    """The terms that begin on a day, by who has the dossier next."""

    city: Term
    province: Term
    reporter: Term
    straight: bool = True
    """What the province sent back goes straight to it again."""

    def of(self, holder: Holder) -> Term:
        """Give the term of whoever has the dossier."""
        match holder:
            case Holder.CITY:
                return self.city
            case Holder.PROVINCE:
                return self.province
            case Holder.REPORTER:
                return self.reporter
            case _:
                assert_never(holder)


def period_of(holder: Holder, start: date, rules: TermRules) -> Period:
    """Give how long a step that begins on a day may take."""
    match holder:
        case Holder.CITY:
            days = rules.first_review_days
        case Holder.PROVINCE:
            days = rules.final_review_days
        case Holder.REPORTER:
            days = rules.resubmission_days
        case _:
            assert_never(holder)
    return Period(start, counting.Term(days, Unit.WORKING_DAYS), rules.yellow)


def counted(period: Period, calendar: Calendar, edition: int) -> Term:
    """Count a period on an edition of the calendar; without a pause every day of it is known."""
    found = deadline(period, calendar, period.start)
    if found.due is None or found.yellow_from is None or found.red_from is None:
        raise AssertionError("review has no pauses")
    return Term(
        start=period.start,
        due=found.due,
        yellow_from=found.yellow_from,
        red_from=found.red_from,
        provisional=found.provisional,
        calendar=edition,
    )


def terms_from(start: date, rules: TermRules, calendar: Calendar, edition: int) -> Terms:
    """Count every term that may begin on a day."""
    return Terms(
        **{
            holder.name.lower(): counted(period_of(holder, start, rules), calendar, edition)
            for holder in Holder
        },
        straight=rules.straight,
    )
