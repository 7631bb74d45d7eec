"""Tags and the projects that the plan names: under which programme, with what was promised."""

from datetime import date
from functools import cache
from typing import Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from contracts.reference import STRICT, Text, read_rows, rows_on

Promise = Literal["PLAN", "PREPARE", "BUILD", "START", "OPEN"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Item:
    """One of a tag's list, such as an industry's kind."""

    code: Text
    name: Text
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Named(Item):
    """A project that the plan names, with what it promises of it and by when."""

    field: Text
    promised: Text
    promise: Promise
    by: date | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Tag(Item):
    """A programme that projects are marked with; ``items`` names the list that it is one of."""

    basis: Text
    lead: Text
    items: Literal["", "transformation", "named"] = ""


def tags(on: date) -> tuple[Tag, ...]:
    """Give the tags of a day."""
    return rows_on(_tags(), on)


def named_projects() -> tuple[Named, ...]:
    """Give the projects that the plan names, in its order."""
    return _named()


def items_of(tag: Tag) -> tuple[Item, ...]:
    """Give the list that a project of the tag is one of; empty where it has none."""
    return {"": (), "transformation": _transformation(), "named": _named()}[tag.items]


def known_tags() -> dict[str, Tag]:
    """Give every tag that there ever was, by its code."""
    return {tag.code: tag for tag in _tags()}


@cache
def _tags() -> tuple[Tag, ...]:
    return TypeAdapter(tuple[Tag, ...]).validate_python(read_rows("tags", "tag"))


@cache
def _named() -> tuple[Named, ...]:
    return TypeAdapter(tuple[Named, ...]).validate_python(read_rows("tags", "named"))


@cache
def _transformation() -> tuple[Item, ...]:
    return TypeAdapter(tuple[Item, ...]).validate_python(read_rows("tags", "transformation"))
