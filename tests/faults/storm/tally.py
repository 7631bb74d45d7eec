"""How often was each project told of, and how much money was named? Counts what an upsert hides.

The views of the console overwrite, so a fact that is applied twice leaves no trace in them. This
one adds up: its sums differ from the journal's for good when a fact is missing or doubled.
"""

from typing import NamedTuple

from contracts import intake
from contracts.intake import ProjectDrafted, ProjectPooled, ProjectRevised
from shared.viewing import Owner, Told, View


class Tally(NamedTuple):
    """One project: facts applied, yuan named by all editions together, version."""

    owner_org: str
    applied: int
    turnover: int
    version: int


def fold(row: Tally | None, told: Told) -> Tally:
    """Add one fact."""
    event = told.fact
    named = (
        event.facts.total_investment or 0
        if isinstance(event, ProjectDrafted | ProjectRevised | ProjectPooled)
        else 0
    )
    if row is None:
        if not isinstance(event, ProjectDrafted):
            raise ValueError(f"a dossier begins with {event.kind}")
        return Tally(event.owner_org, 1, named, told.envelope.version)
    return Tally(row.owner_org, row.applied + 1, row.turnover + named, told.envelope.version)


VIEW = View(
    name="tally",
    version=1,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=Tally,
            kinds=intake.DOSSIER_KINDS,
            ignored=intake.OF_NO_DOSSIER,
            fold=fold,
        ),
    ),
)
