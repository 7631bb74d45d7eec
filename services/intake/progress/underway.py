"""What of a project counts for its months and works: whose it is, where it stands, how large."""

from dataclasses import dataclass
from datetime import date

from contracts.intake import Pool, Standing
from services.intake.project.decider import Dossier


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


def underway(dossier: Dossier) -> Underway:
    """Take out of a dossier what counts here."""
    return Underway(
        owner_org=dossier.owner_org,
        owner_name=dossier.owner_name,
        name=dossier.facts.name,
        total_investment=dossier.facts.total_investment,
        pool=dossier.pool,
        since=dossier.entered_on,
        standing=dossier.standing,
    )
