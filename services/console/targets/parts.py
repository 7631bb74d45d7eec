"""What figures are made of: named sets of projects, signings, events and months."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class What(StrEnum):
    """A set that is counted; which rows are in it is said once, where rows are counted."""

    PLANNED = "planned"
    NEW = "new"
    STOCK = "stock"
    CARRIED = "carried"
    CONVERTED = "converted"
    CARRIED_CONVERTED = "carried_converted"
    NEW_CONVERTED = "new_converted"
    TAKEN_BACK = "taken_back"
    STARTED = "started"
    TAGGED = "tagged"
    TAGGED_STARTED = "tagged_started"
    NEGOTIATED = "negotiated"
    SIGNED = "signed"
    SIGNED_STARTED = "signed_started"
    PROMOTED_BY_CITY = "promoted_by_city"
    PROMOTED_BY_COUNTY = "promoted_by_county"
    MONTHS_ON_TIME = "months_on_time"
    MONTHS_DUE = "months_due"


WORDS: Mapping[What, str] = {
    What.PLANNED: "当年新增谋划项目（计额）",
    What.NEW: "当年新增谋划项目",
    What.STOCK: "年初在谋划库、前期库的项目",
    What.CARRIED: "并入在计项目的（计额不计数）",
    What.CONVERTED: "当年转入建设库的项目",
    What.CARRIED_CONVERTED: "并入前已转化的（计额不计数）",
    What.NEW_CONVERTED: "当年新增且当年转化的项目",
    What.TAKEN_BACK: "年初已在建设库、当年退回的项目",
    What.STARTED: "当年开工的项目",
    What.TAGGED: "带标签的在库项目",
    What.TAGGED_STARTED: "带标签且当年开工的项目",
    What.NEGOTIATED: "当年新增且有招商关联的项目",
    What.SIGNED: "当年正式签约",
    What.SIGNED_STARTED: "当年正式签约且当年开工",
    What.PROMOTED_BY_CITY: "市级市外招商活动",
    What.PROMOTED_BY_COUNTY: "县级市外招商活动",
    What.MONTHS_ON_TIME: "按时报送的月份",
    What.MONTHS_DUE: "已到期的月份",
}


class Part(NamedTuple):
    """A set, narrowed to what is at least or over an amount, or carries a tag."""

    what: What
    least: int = 0
    over: int = 0
    tag: str = ""

    @property
    def words(self) -> str:
        """Say what it counts."""
        return WORDS[self.what]


@dataclass(frozen=True)
class Sum:
    """How many, and how much in yuan."""

    count: int = 0
    money: int = 0


@dataclass(frozen=True)
class Cell:
    """What of one kind belongs to one unit on one ground: the sums of parts that have any there."""

    kind: str
    org: str
    region: str | None
    zone_id: str | None
    sums: Mapping[Part, Sum]


def total(cells: Iterable[Cell], part: Part) -> Sum:
    """Add a part up over cells."""
    found = [one for cell in cells if (one := cell.sums.get(part)) is not None]
    return Sum(sum(one.count for one in found), sum(one.money for one in found))
