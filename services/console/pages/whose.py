"""Whose a target is, and of whom a reader is shown how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contracts import reference
from services.console.pages.counting import EVERYWHERE, Place
from services.console.targets.plan import Each, Target
from shared.scope import MONTH_SCOPES
from shared.seeing import EVERYTHING, Reader
from shared.units import Units

_KINDS: Mapping[Each, tuple[str, ...]] = {
    "county": ("county", "zone"),
    "department": ("department",),
    "group": ("group",),
    "body": ("county", "zone", "department", "group"),
}


@dataclass(frozen=True)
class Whose:
    """One holder of a target: the city, a unit, a zone, or a county's ground outside zones."""

    id: str
    name: str
    place: Place


CITY = Whose("", "全市", EVERYWHERE)


def sees_the_city(reader: Reader) -> bool:
    """Tell whether the reader is shown everybody's figures, and so the city's."""
    return MONTH_SCOPES.seen_by(reader).condition == EVERYTHING


def whose(target: Target, units: Units, reader: Reader, today: date) -> tuple[Whose, ...]:
    """Give the holders of a target that the reader is shown, in the order of the plan."""
    everybody = sees_the_city(reader)
    match target.each:
        case "":
            return (CITY,) if everybody else ()
        case "zone":
            return tuple(
                Whose(zone.id, zone.short_name, Place(zone=zone.id))
                for zone in reference.zones(today)
                if (not target.only or zone.id in target.only)
                and zone.id not in target.without
                and (everybody or zone.id == reader.zone_id)
            )
        case "region":
            return tuple(
                Whose(region.code, region.name, Place(region=region.code))
                for region in reference.regions(today)
                if region.level == "county" and (everybody or region.code == reader.region)
            )
        case _:
            seen = MONTH_SCOPES.seen_by(reader)
            return tuple(
                Whose(unit.id, unit.short_name, Place(org=unit.id))
                for unit in units.planning_bodies(today)
                if unit.kind in _KINDS[target.each] and seen.holds({"org": unit.id})
            )
