"""Does a project stand reported for a month? What was sent back does not, until reported again."""

from collections.abc import Iterable

from contracts.intake import (
    Level,
    ProjectDiscarded,
    ProjectEvent,
    ReviewEvent,
    ReviewReturned,
    ReviewSubmitted,
    ReviewWithdrawn,
)


def stands_reported(facts: Iterable[ProjectEvent | ReviewEvent], month: str) -> bool:
    """Tell whether the last report of a project is for the month and was not undone."""
    reported_for = ""
    for fact in facts:
        match fact:
            case ReviewSubmitted(report_month=of):
                reported_for = of
            case ReviewReturned(to=Level.REPORTER) | ReviewWithdrawn() | ProjectDiscarded():
                reported_for = ""
    return reported_for == month
