"""The units that a home begins with; once identity has told them, its facts are the truth.

Nobody but identity's beginning and the example city reads this file.
"""

from datetime import date
from functools import cache, lru_cache
from typing import Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from contracts.identity import OrganisationKind, ReportingPath
from contracts.reference import STRICT, RegionCode, Text, read_rows, rows_on


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Organisation:
    """A unit that reports, reviews, approves, counts or supervises.

    ``path`` says whether it reports through the county level or straight to the city. ``region``
    is empty where no administrative code fits (a zone across two counties, a company).
    """

    id: Text
    name: Text
    short_name: Text
    aliases: tuple[Text, ...] = ()
    kind: OrganisationKind
    region: RegionCode | Literal[""]
    zone_id: str
    planning_body: bool
    path: ReportingPath
    note: str = ""
    valid_from: date
    valid_to: date | None = None


def organisations(on: date) -> tuple[Organisation, ...]:
    """Give the organisations that exist on a day."""
    return rows_on(known_organisations(), on)


@cache
def known_organisations() -> tuple[Organisation, ...]:
    """Give the rows of all organisations, of whatever day."""
    return TypeAdapter(tuple[Organisation, ...]).validate_python(
        read_rows("organisations", "organisation")
    )


def organisation(organisation_id: str, on: date) -> Organisation | None:
    """Give one organisation as it is on a day, or None where there is none by that id."""
    return _by_id(on).get(organisation_id)


def planning_bodies(on: date) -> tuple[Organisation, ...]:
    """Give the bodies that plan projects (谋划主体)."""
    return tuple(row for row in organisations(on) if row.planning_body)


@lru_cache(maxsize=512)
def _by_id(on: date) -> dict[str, Organisation]:
    return {row.id: row for row in organisations(on)}
