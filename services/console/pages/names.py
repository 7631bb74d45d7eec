"""Names behind codes: organisations, regions, zones, industries and roles, as dated data says."""

from datetime import date

from contracts import reference
from shared.units import Units


def organisation(org: str, units: Units, on: date) -> str:
    """Give the short name of an organisation, of one that has ended its last.

    What was told of it and has not arrived yet has no name here: that is said, nothing guessed.
    """
    found = units.known(org, on)
    if found is not None:
        return found.short_name
    return org if org in units else f"{org}（名称处理中）"


def owner(org: str, told: str, units: Units, on: date) -> str:
    """Give the short name of a project's unit; until it is heard of, the one that it told."""
    found = units.known(org, on)
    return found.short_name if found is not None else told


def region(code: str | None, on: date) -> str:
    """Give the name of a county-level region."""
    if not code:
        return ""
    return next((row.name for row in reference.regions(on) if row.code == code), code)


def zone(zone_id: str | None, on: date) -> str:
    """Give the short name of a development zone."""
    if not zone_id:
        return ""
    return next((row.short_name for row in reference.zones(on) if row.id == zone_id), zone_id)


def county_regions(on: date) -> tuple[tuple[str, str], ...]:
    """Give the county-level regions, code and name, for a drop-down."""
    return tuple((row.code, row.name) for row in reference.regions(on) if row.level == "county")


def zones(on: date) -> tuple[tuple[str, str], ...]:
    """Give the development zones, id and name, for a drop-down."""
    return tuple((row.id, row.short_name) for row in reference.zones(on))


def industry(code: str | None) -> str:
    """Give an industry code with the name of its division."""
    if not code:
        return ""
    name = next((row.name for row in reference.industries() if row.code == code[:2]), "")
    return f"{code} {name}".strip()


def role(code: str) -> str:
    """Give the name of a role."""
    return next((row.name for row in reference.roles() if row.code == code), code)
