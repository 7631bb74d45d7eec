"""省库表式: projects in the columns of the provincial pool library, as its dated layout says."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from contracts.intake import FundingSource, ProjectFacts
from services.console.pages import names, words
from services.console.pages.reading import Project
from services.console.pages.sheet_file import Cell, Column
from shared.refusals import UnreadableInput
from shared.units import Units

NAME = "省项目管理库表式"
LAYOUTS = Path(__file__).parent.parent / "layouts" / "provincial_pool_library.toml"


class NoLayout(UnreadableInput):
    """No layout is in force on the day of the list."""

    code = "no_layout"
    title = "没有导出"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Strict):
    """One column of the layout."""

    title: str
    key: str


class Layout(_Strict):
    """The columns that hold from a day on, until another layout replaces them."""

    valid_from: date
    valid_to: date | None = None
    source: str
    columns: tuple[Place, ...]


class _Layouts(_Strict):
    layout: tuple[Layout, ...]


@dataclass(frozen=True)
class Line:
    """One project with all that its newest edition says."""

    number: int
    project: Project
    facts: ProjectFacts


@cache
def layouts() -> tuple[Layout, ...]:
    """Give every layout there is or was."""
    return _Layouts.model_validate(tomllib.loads(LAYOUTS.read_text("utf-8"))).layout


def layout_on(day: date) -> Layout:
    """Give the layout in force on a day.

    Raises:
        NoLayout: none is.
    """
    for layout in layouts():
        if layout.valid_from <= day and (layout.valid_to is None or day <= layout.valid_to):
            return layout
    raise NoLayout(
        f"{day.isoformat()}没有省库表式，最早的从 {layouts()[0].valid_from} 起用。"
        "请把截至改到那天以后，或导出 Excel。"
    )


def columns(layout: Layout, units: Units, on: date) -> tuple[Column[Line], ...]:
    """Give the columns of a layout."""

    def of(key: str) -> Callable[[Line], Cell]:
        return lambda line: cell(key, line, units, on)

    return tuple(Column(place.title, of(place.key)) for place in layout.columns)


def cell(key: str, line: Line, units: Units, on: date) -> Cell:
    """Give what a project has in a column.

    Raises:
        KeyError: there is no such column.
    """
    if key.startswith("funding."):
        source = FundingSource(key.removeprefix("funding."))
        return words.in_wan(sum(row.amount for row in line.facts.funding if row.source == source))
    if key in _TEXTS:
        return _TEXTS[key](line.facts)
    if key in _PLACED:
        return _PLACED[key](line, on)
    if key == "owner":
        return names.owner(line.project.owner_org, line.project.owner_name, units, on)
    raise KeyError(key)


_TEXTS: Mapping[str, Callable[[ProjectFacts], Cell]] = {
    **{
        key: attrgetter(key)
        for key in (
            *("project_code", "name", "content", "planned_start", "build_from", "build_until"),
            *("preparation", "annual_plan", "needs", "remarks", "industry"),
        )
    },
    "builder_name": lambda facts: facts.builder.name,
    "builder_uscc": lambda facts: facts.builder.uscc,
    "region_code": lambda facts: facts.location.region,
    "address": lambda facts: facts.location.address,
    "category": lambda facts: words.category(facts.category),
    "track": lambda facts: words.TRACKS[facts.track] if facts.track else "",
    "lead_side": lambda facts: words.LEAD_SIDES[facts.lead_side] if facts.lead_side else "",
    "total_investment": lambda facts: words.in_wan(facts.total_investment),
    # Whom to call is kept by the owner alone and leaves by no list.
    "left_open": lambda _: "",
}
_PLACED: Mapping[str, Callable[[Line, date], Cell]] = {
    "number": lambda line, _: line.number,
    "pool": lambda line, _: (
        words.POOL_BY_CODE[line.project.pool].name if line.project.pool else "未入库"
    ),
    "entered_on": lambda line, _: line.project.entered_on,
    "report_month": lambda line, _: line.project.report_month,
    "region": lambda line, on: names.region(line.facts.location.region, on),
    "zone": lambda line, on: names.zone(line.facts.location.zone_id, on),
}
