"""Names behind codes: organisations, regions, zones, industries and roles, as dated data says."""

from datetime import date

from contracts import reference


def organisation(org: str, on: date) -> str:
    """Give the short name of an organisation; an unknown one is shown by its id."""
    found = reference.organisation(org, on)
    return (found.short_name or found.name) if found else org


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


def industry(code: str | None) -> str:
    """Give an industry code with the name of its division."""
    if not code:
        return ""
    name = next((row.name for row in reference.industries() if row.code == code[:2]), "")
    return f"{code} {name}".strip()


def role(code: str) -> str:
    """Give the name of a role."""
    return next((row.name for row in reference.roles() if row.code == code), code)
