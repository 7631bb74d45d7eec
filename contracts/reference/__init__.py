"""Regions, zones, industries, roles, working days: data with a first and a last day.

Another city, or next year, is another set of TOML rows; no code names an organisation. Rows come
in the order of their file, which is the order that people are used to.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import ConfigDict, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass

Text = Annotated[str, StringConstraints(min_length=1)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Sector = Literal["PRIMARY", "SECONDARY", "TERTIARY"]

SECTOR_NAMES: dict[Sector, str] = {
    "PRIMARY": "第一产业",
    "SECONDARY": "第二产业",
    "TERTIARY": "第三产业",
}

_FOLDER = Path(__file__).parent
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Region:
    """An administrative region with its GB/T 2260 code; projects lie in county-level ones."""

    code: RegionCode
    name: Text
    id: Text
    level: Literal["province", "city", "county"]
    parent: RegionCode | Literal[""]
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Zone:
    """A development zone and the county-level regions that it lies in."""

    id: Text
    name: Text
    short_name: Text
    level: Literal["national", "provincial"]
    regions: tuple[RegionCode, ...]
    note: str = ""
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Section:
    """An industry section (门类)."""

    letter: Text
    name: Text
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Industry:
    """An industry division (大类) and the sector (三次产业) that it counts towards."""

    code: Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
    name: Text
    section: Text
    sector: Sector
    valid_from: date
    valid_to: date | None = None
    section_name: str = ""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Role:
    """What an account may be; ``row`` is its line in the table of roles.

    ``side`` says whether it fills in or approves: within a unit nobody does both.
    """

    code: Text
    row: Text
    name: Text
    duty: Text
    side: Literal["fills", "approves", ""] = ""
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KnownAccount:
    """An account that a home begins with; its password is not reference data."""

    username: Text
    name: Text
    role: Text
    organisation: Text
    uscc: str | None = None
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Holiday:
    """Days off in a row, weekends among them."""

    name: Text
    first: date
    last: date


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CalendarYear:
    """The days off of a year, and the weekend days that are worked in their place (调休).

    ``notices`` are the documents that published it, a later one changing an earlier; ``source``
    says where the row was taken from. A provisional year has no notice yet. ``reason`` says what
    the last notice changed in a running year, whose row before it is kept as an earlier one.
    """

    year: int
    notices: tuple[Text, ...]
    source: Text
    reason: str = ""
    provisional: bool = False
    holidays: tuple[Holiday, ...]
    make_up_days: tuple[date, ...]


class Dated(Protocol):
    """A row with a first and a last day."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


DatedT = TypeVar("DatedT", bound=Dated)


def regions(on: date) -> tuple[Region, ...]:
    """Give the administrative regions of a day: the province, the city, its counties."""
    return rows_on(_regions(), on)


def zones(on: date) -> tuple[Zone, ...]:
    """Give the development zones of a day."""
    return rows_on(_zones(), on)


@cache
def sections() -> tuple[Section, ...]:
    """Give the industry sections A to T."""
    return TypeAdapter(tuple[Section, ...]).validate_python(read_rows("industries", "section"))


@cache
def industries() -> tuple[Industry, ...]:
    """Give the industry divisions 01 to 97, each with the name of its section."""
    names = {section.letter: section.name for section in sections()}
    rows = read_rows("industries", "division")
    return TypeAdapter(tuple[Industry, ...]).validate_python(
        [{**row, "section_name": names[str(row["section"])]} for row in rows]
    )


@cache
def calendar_years() -> tuple[CalendarYear, ...]:
    """Give the years whose working days are known, the provisional ones last."""
    return TypeAdapter(tuple[CalendarYear, ...]).validate_python(read_rows("calendar", "year"))


@cache
def earlier_calendar_years() -> tuple[CalendarYear, ...]:
    """Give those years that a notice changed while they ran, as they stood before it."""
    return TypeAdapter(tuple[CalendarYear, ...]).validate_python(read_rows("calendar", "earlier"))


@cache
def roles() -> tuple[Role, ...]:
    """Give the roles that an account can have."""
    return TypeAdapter(tuple[Role, ...]).validate_python(read_rows("roles", "role"))


@cache
def example_accounts() -> tuple[KnownAccount, ...]:
    """Give the accounts of a demonstration home."""
    return TypeAdapter(tuple[KnownAccount, ...]).validate_python(read_rows("accounts", "account"))


@cache
def first_admin() -> KnownAccount:
    """Give the one account that a real home begins with."""
    return TypeAdapter(KnownAccount).validate_python(read_rows("accounts", "first_admin")[0])


@cache
def _regions() -> tuple[Region, ...]:
    return TypeAdapter(tuple[Region, ...]).validate_python(read_rows("regions", "region"))


@cache
def _zones() -> tuple[Zone, ...]:
    return TypeAdapter(tuple[Zone, ...]).validate_python(read_rows("zones", "zone"))


def rows_on(rows: tuple[DatedT, ...], on: date) -> tuple[DatedT, ...]:
    """Give the rows that hold on a day."""
    # The last day still counts, as in every Chinese "至".
    return tuple(
        row for row in rows if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
    )


def read_rows(file: str, table: str) -> list[dict[str, object]]:
    """Read a table of a file beside this one."""
    rows: list[dict[str, object]] = tomllib.loads(
        (_FOLDER / f"{file}.toml").read_text(encoding="utf-8")
    )[table]
    return rows
