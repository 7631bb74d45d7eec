"""月度排队: in which order units stand. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How many projects, how many of 亿元以上 and of 10 亿元以上, how much in yuan."""

    count: int = 0
    large: int = 0
    largest: int = 0
    money: int = 0

    @property
    def weight(self) -> tuple[int, int, int]:
        """What the order goes by: 亿元以上, then 10 亿元以上, then the amount."""
        return self.large, self.largest, self.money


@dataclass(frozen=True)
class Reported:
    """What a unit has reported, and what of it is in a pool: of a month, of the year up to it."""

    month: Size = Size()
    month_pooled: Size = Size()
    year: Size = Size()
    year_pooled: Size = Size()


@dataclass(frozen=True)
class Place:
    """A unit's place; units that are equal in everything share one."""

    number: int
    org: str
    found: Reported


def ranked(orgs: Sequence[str], found: Mapping[str, Reported]) -> tuple[Place, ...]:
    """Order units by what of the year is in a pool; equals keep the order of the plan."""
    nothing = Reported()
    lines = sorted(
        ((org, found.get(org, nothing)) for org in orgs),
        key=lambda line: line[1].year_pooled.weight,
        reverse=True,
    )
    places: list[Place] = []
    for position, (org, one) in enumerate(lines, start=1):
        equal = places and places[-1].found.year_pooled.weight == one.year_pooled.weight
        places.append(Place(places[-1].number if equal else position, org, one))
    return tuple(places)
