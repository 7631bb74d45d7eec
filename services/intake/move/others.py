"""Projects beside the one that an application is about: as they stand, looked up."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.intake import Funding, FundingSource, Pool, ProjectFacts


class Other(BaseModel):
    """Another project; ``free`` says that it is in a pool, goes on, and nobody decides about it."""

    model_config = ConfigDict(frozen=True)

    project_id: UUID
    facts: ProjectFacts
    pool: Pool | None
    free: bool


def same_builder(one: ProjectFacts, other: ProjectFacts) -> bool:
    """Tell whether one unit builds both: by its code where both have one, else by its name."""
    if one.builder.uscc and other.builder.uscc:
        return one.builder.uscc == other.builder.uscc
    return bool(one.builder.name) and one.builder.name == other.builder.name


def same_place(one: ProjectFacts, other: ProjectFacts) -> bool:
    """Tell whether both lie in one county and, if any, one development zone."""
    here, there = one.location, other.location
    return bool(here.region) and (here.region, here.zone_id) == (there.region, there.zone_id)


def with_money_of(one: ProjectFacts, other: ProjectFacts) -> ProjectFacts:
    """Give the facts of one with the investment of both, and its sources of money added up."""
    sources: dict[FundingSource, int] = {}
    for part in (*one.funding, *other.funding):
        sources[part.source] = sources.get(part.source, 0) + part.amount
    return one.model_copy(
        update={
            "total_investment": (one.total_investment or 0) + (other.total_investment or 0),
            "funding": tuple(Funding(source=source, amount=sources[source]) for source in sources),
        }
    )
