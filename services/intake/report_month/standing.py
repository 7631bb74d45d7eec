"""Does a project stand reported for a month? What was sent back does not, until reported again."""

from collections.abc import Iterable

from contracts.intake import (
    DossierEvent,
    Level,
    ProjectDiscarded,
    ProjectPooled,
    ReviewReturned,
    ReviewSubmitted,
    ReviewWithdrawn,
)


def stands_reported(facts: Iterable[DossierEvent], month: str) -> bool:
    """Tell whether the last report of a project is for the month and was not undone.

    What is sent back after the admission is another matter than the report.
    """
    reported_for, pooled = "", False
    for fact in facts:
        match fact:
            case ReviewSubmitted(report_month=of):
                reported_for = of
            case ProjectPooled():
                pooled = True
            case ReviewReturned(to=Level.REPORTER) | ReviewWithdrawn() | ProjectDiscarded():
                reported_for = reported_for if pooled else ""
    return reported_for == month
