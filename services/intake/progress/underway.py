"""What of a project's own stream counts for its months and works: whose, where, how large."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from pydantic import Field, TypeAdapter

from contracts.intake import (
    DossierEvent,
    Pool,
    ProjectAbsorbed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectFacts,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectRevised,
    ProjectSplit,
    ProjectTakenOut,
    Standing,
)

read_dossier: TypeAdapter[DossierEvent] = TypeAdapter(
    Annotated[DossierEvent, Field(discriminator="kind")]
)


@dataclass(frozen=True)
class Underway:
    """A project as it stands; ``pool`` is None until it was admitted, ``since`` is its first day.

    ``since`` is the business day of its entry: opening stock entered long before it was loaded.
    """

    owner_org: str
    owner_name: str
    name: str
    total_investment: int | None
    pool: Pool | None = None
    since: date | None = None
    standing: Standing = Standing.ACTIVE

    @property
    def goes_on(self) -> bool:
        """Whether it is in a pool and has come to no end."""
        return self.pool is not None and self.standing in {Standing.ACTIVE, Standing.HELD}


_ENDS = {
    ProjectEnded: Standing.ENDED,
    ProjectTakenOut: Standing.OUT,
    ProjectMerged: Standing.MERGED,
    ProjectSplit: Standing.SPLIT,
    ProjectHeld: Standing.HELD,
    ProjectResumed: Standing.ACTIVE,
}


def underway(facts: Iterable[DossierEvent]) -> Underway | None:
    """Fold a project's facts; None where there is no project. Reviews change nothing here."""
    found: Underway | None = None
    for fact in facts:
        match fact:
            case ProjectDrafted():
                found = _of(fact.owner_org, fact.owner_name, fact.facts)
            case ProjectPooled():
                found = replace(
                    _of(fact.owner_org, fact.owner_name, fact.facts),
                    pool=fact.pool,
                    since=fact.entered_on or fact.approved_on,
                )
            case ProjectDiscarded():
                found = None
            case _ if found is not None:
                found = _changed(found, fact)
            case _:
                continue
    return found


def _of(owner_org: str, owner_name: str, facts: ProjectFacts) -> Underway:
    return Underway(owner_org, owner_name, facts.name, facts.total_investment)


def _changed(project: Underway, fact: DossierEvent) -> Underway:
    match fact:
        case (
            ProjectRevised(facts=facts)
            | ProjectCorrected(facts=facts)
            | ProjectAbsorbed(facts=facts)
        ):
            return replace(project, name=facts.name, total_investment=facts.total_investment)
        case ProjectMoved():
            return replace(project, pool=fact.to_pool)
        case _:
            return replace(project, standing=_ENDS.get(type(fact), project.standing))
