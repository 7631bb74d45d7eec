"""Which planning bodies have said that they have nothing new, for which month and when?"""

from datetime import date
from typing import NamedTuple

from contracts import intake
from contracts.intake import NothingNewReported, NothingNewWithdrawn, ReportMonthEvent
from shared.viewing import Owner, Told, View

NAME, VERSION = "nothing_new", 1


class NothingNewRow(NamedTuple):
    """One body's month without anything new."""

    org: str
    month: str
    reported_on: date


def fold(_: NothingNewRow | None, told: Told) -> NothingNewRow | None:
    """Write down what was said; what was taken back is not there."""
    event: ReportMonthEvent = told.fact  # type: ignore[assignment]
    match event:
        case NothingNewReported():
            return NothingNewRow(event.org, event.month, event.reported_on)
        case NothingNewWithdrawn():
            return None


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.REFERENCE_TOPIC,
            row=NothingNewRow,
            kinds=intake.REPORT_MONTH_KINDS,
            ignored={"intake.policy.published.v1": "rules are of no body and of no month"},
            fold=fold,
        ),
    ),
    indexes=("(month)",),
    history=True,
)
