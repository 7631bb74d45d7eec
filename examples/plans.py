"""The plan of the example data: what there is to build, and how much of it every body reports."""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from contracts.intake import Category, LeadSide, Track

Layout = Literal["template", "hundred_millions", "titled", "typed", "reordered"]

_FOLDER = Path(__file__).parent
_STRICT = ConfigDict(extra="forbid")
_SETS_OF_A_COUNTY = (
    "new_industry",
    "old_industry",
    "farming",
    "travel",
    "trade",
    "roads_and_pipes",
    "life",
    "science",
)


@dataclass(frozen=True, config=_STRICT)
class ThemeSet:
    """Things to build that share 产业类别, 谋划方向 and 主导方."""

    id: str
    category: Category
    track: Track
    lead_side: LeadSide
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class Theme:
    """A thing to build; ``sizes`` are the letters s, m, b of the sizes that fit it."""

    name: str
    industry: str
    sizes: str
    content: str
    category: Category
    track: Track
    lead_side: LeadSide


@dataclass(frozen=True, config=_STRICT)
class Body:
    """What a planning body reports: how many of each size (b, m, s) and 亿元 in all."""

    id: str
    sizes: tuple[int, int, int]
    sum: Decimal
    own: str
    only: tuple[str, ...] = _SETS_OF_A_COUNTY
    layout: Layout = "template"

    def themes(self) -> tuple[Theme, ...]:
        """Give what it may build, its own specialities first."""
        sets = _sets()
        return tuple(
            Theme(name, industry, sizes, content, row.category, row.track, row.lead_side)
            for row in (sets[name] for name in (self.own, *self.only))
            for name, industry, sizes, content in row.rows
        )


@cache
def bodies() -> tuple[Body, ...]:
    """Give the plan of every body."""
    return TypeAdapter(tuple[Body, ...]).validate_python(_rows("bodies", "body"))


@cache
def _sets() -> dict[str, ThemeSet]:
    rows = TypeAdapter(tuple[ThemeSet, ...]).validate_python(_rows("themes", "set"))
    return {row.id: row for row in rows}


def _rows(file: str, table: str) -> object:
    return tomllib.loads((_FOLDER / f"{file}.toml").read_text(encoding="utf-8"))[table]
