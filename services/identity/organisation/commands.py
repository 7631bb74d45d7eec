"""What may be asked of a unit."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from contracts.identity import OrganisationKind, ReportingPath


@dataclass(frozen=True)
class EstablishOrganisation:
    """设立."""

    organisation_id: str
    name: str
    short_name: str
    organisation_kind: OrganisationKind
    path: ReportingPath
    valid_from: date
    aliases: tuple[str, ...] = ()
    region: str = ""
    zone_id: str = ""
    planning_body: bool = False
    basis: str = ""


@dataclass(frozen=True)
class RenameOrganisation:
    """更名."""

    organisation_id: str
    name: str
    short_name: str
    valid_from: date
    basis: str


@dataclass(frozen=True)
class EndOrganisation:
    """并入、拆分、撤销: a unit has a last day.

    ``into`` takes its work over: one unit is a merger, several are a split, none a closing.
    ``accounts`` is how many accounts have a post in it after its last day, ``standing`` names
    those of the other units that exist then.
    """

    organisation_id: str
    into: tuple[str, ...]
    accounts_to: str | None
    valid_to: date
    basis: str
    accounts: int
    standing: AbstractSet[str]


OrganisationCommand = EstablishOrganisation | RenameOrganisation | EndOrganisation
